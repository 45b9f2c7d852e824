//! What the rules refuse, each with a stable code that clients can act on.

use jiff::Timestamp;

use crate::money::Money;
use crate::pricing::PromoObstacle;
use crate::text::Label;
use crate::time::Interval;

/// A rule said no. It is never retried: asking again gives the same answer until something changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    // availability
    #[error(
        "bookings start every {every_minutes} minutes, {offset_minutes} past midnight first, by the venue's clock, and last a multiple of {step_minutes} minutes"
    )]
    Alignment {
        step_minutes: u32,
        every_minutes: u32,
        offset_minutes: u32,
    },
    #[error("only the venue's packages can be booked")]
    PackagesOnly,
    #[error("the shortest booking is {min_minutes} minutes")]
    MinDuration { min_minutes: u32 },
    #[error("the longest booking is {max_minutes} minutes")]
    MaxDuration { max_minutes: u32 },
    #[error("the start is in the past")]
    Past,
    #[error("bookings have to be made at least {lead_minutes} minutes ahead")]
    LeadTime { lead_minutes: u32 },
    #[error("bookings can be made at most {horizon_days} days ahead")]
    Horizon { horizon_days: u32 },
    #[error("the space is closed for all or part of that time")]
    Closed,
    #[error("the space is closed for all or part of that time by the hours of the season")]
    Season,
    #[error("the space is closed for all or part of that time by special hours of the day")]
    SpecialHours,
    #[error("the space is blocked for all or part of that time")]
    Blocked,
    #[error("the time is taken")]
    SlotTaken,
    #[error("a space that goes with this one is taken for all or part of that time")]
    LinkedSpace,
    #[error("the time needed to set up or clear between two bookings is taken")]
    Buffer,
    #[error("the space cannot be booked at present")]
    NotBookable,
    #[error("there are too many bookings on that day")]
    DayFull,
    #[error("the space holds at most {guests_max} guests")]
    Capacity { guests_max: u32 },
    #[error("the space has no such layout")]
    Layout,
    #[error("bookings are in the way")]
    BookingsInTheWay,
    // quote and price
    #[error("the quote has expired")]
    QuoteExpired { expired_at: Timestamp },
    #[error("another business runs the venue since the quote was given; ask for a new one")]
    QuoteOutdated,
    #[error("the space has no price yet")]
    NoPrice,
    #[error("the amount is too large")]
    Amount,
    #[error("at least {least} has to be charged")]
    AmountTooSmall { least: Money },
    #[error("what an hour costs changes too often in that time; book less at once")]
    TooManyRates,
    #[error("of the add-on {name} at most {quantity_max} can be had")]
    AddOn { name: Label, quantity_max: u32 },
    #[error("the promo code does not help: {}", obstacle.as_str())]
    Promo { obstacle: PromoObstacle },
    #[error("at most {most} is left of the time to take off")]
    SpecialOffer { most: Money },
    #[error("the price for a first booking can be had once")]
    NotTheFirst,
    // booking, vendor, venue
    #[error("that is not possible in state {from}")]
    InvalidTransition {
        from: &'static str,
        allowed: Vec<&'static str>,
    },
    #[error("the time is no longer kept")]
    HoldLapsed,
    #[error("the preview is too old; ask for a new one")]
    PreviewOutdated,
    #[error("at most {limit} times can be held at once; pay for one or cancel it first")]
    TooManyHolds { limit: usize },
    #[error("that is not the revision that waits; look at it again")]
    RevisionOutdated,
    #[error("the venue is not complete: {}", missing.join(", "))]
    Incomplete { missing: Vec<&'static str> },
    // payment
    #[error("there is nothing left to pay")]
    NothingToPay,
    #[error("more than was captured cannot be refunded")]
    RefundTooLarge,
    // account
    #[error("verify your e-mail address first")]
    Unverified,
    #[error("you work for a business already, or applied for one")]
    AlreadyApplied,
    #[error("the owner of a business stays with it")]
    OwnerStays,
    #[error("at most {limit} of these are possible")]
    LimitReached { limit: usize },
}

impl Refusal {
    /// The code that clients see. Once given to a rule it stays.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Alignment { .. } => "alignment",
            Self::MinDuration { .. } => "min_duration",
            Self::MaxDuration { .. } => "max_duration",
            Self::Past => "past",
            Self::LeadTime { .. } => "lead_time",
            Self::Horizon { .. } => "horizon",
            Self::PackagesOnly => "packages_only",
            Self::Closed => "closed",
            Self::Season => "season",
            Self::SpecialHours => "special_hours",
            Self::Blocked => "blocked",
            Self::LinkedSpace => "linked_space",
            Self::SlotTaken => "slot_taken",
            Self::Buffer => "buffer",
            Self::NotBookable => "not_bookable",
            Self::DayFull => "day_full",
            Self::Capacity { .. } => "capacity",
            Self::Layout => "layout",
            Self::BookingsInTheWay => "bookings_in_the_way",
            Self::QuoteExpired { .. } => "quote_expired",
            Self::QuoteOutdated => "quote_outdated",
            Self::NoPrice => "no_price",
            Self::Amount => "amount",
            Self::AmountTooSmall { .. } => "amount_too_small",
            Self::TooManyRates => "too_many_rates",
            Self::AddOn { .. } => "add_on",
            Self::Promo { .. } => "promo_code",
            Self::SpecialOffer { .. } => "special_offer",
            Self::NotTheFirst => "not_the_first",
            Self::InvalidTransition { .. } => "invalid_transition",
            Self::HoldLapsed => "hold_lapsed",
            Self::TooManyHolds { .. } => "too_many_holds",
            Self::PreviewOutdated => "preview_outdated",
            Self::RevisionOutdated => "revision_outdated",
            Self::Incomplete { .. } => "incomplete",
            Self::NothingToPay => "nothing_to_pay",
            Self::RefundTooLarge => "refund_too_large",
            Self::Unverified => "unverified",
            Self::AlreadyApplied => "already_applied",
            Self::OwnerStays => "owner_stays",
            Self::LimitReached { .. } => "limit_reached",
        }
    }

    /// Whether another time might be free where this one was refused, so that it is worth looking.
    #[must_use]
    pub const fn has_alternatives(&self) -> bool {
        match self {
            Self::Alignment { .. }
            | Self::MinDuration { .. }
            | Self::MaxDuration { .. }
            | Self::PackagesOnly
            | Self::Past
            | Self::LeadTime { .. }
            | Self::Horizon { .. }
            | Self::Closed
            | Self::Season
            | Self::SpecialHours
            | Self::Blocked
            | Self::LinkedSpace
            | Self::SlotTaken
            | Self::Buffer
            | Self::DayFull
            | Self::LimitReached { .. }
            | Self::Amount
            | Self::AmountTooSmall { .. }
            | Self::TooManyRates => true,
            Self::NotBookable
            | Self::Capacity { .. }
            | Self::Layout
            | Self::BookingsInTheWay
            | Self::QuoteExpired { .. }
            | Self::QuoteOutdated
            | Self::NoPrice
            | Self::AddOn { .. }
            | Self::Promo { .. }
            | Self::SpecialOffer { .. }
            | Self::NotTheFirst
            | Self::InvalidTransition { .. }
            | Self::HoldLapsed
            | Self::TooManyHolds { .. }
            | Self::PreviewOutdated
            | Self::RevisionOutdated
            | Self::Incomplete { .. }
            | Self::NothingToPay
            | Self::RefundTooLarge
            | Self::Unverified
            | Self::AlreadyApplied
            | Self::OwnerStays => false,
        }
    }
}

impl From<crate::money::MoneyError> for Refusal {
    /// Amounts are bounded when they are parsed, so what is left is a sum that grew too large.
    fn from(_: crate::money::MoneyError) -> Self {
        Self::Amount
    }
}

/// A refused time, with others that are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedTime {
    pub refusal: Refusal,
    /// Nearest first; each was free by the same rules when it was looked up.
    pub alternatives: Vec<Interval>,
}
