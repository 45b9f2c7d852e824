//! The catalogue of problem codes: all that a client can meet, with status and title. A code that was
//! given once keeps its meaning; clients act on codes, people read titles.

use domain::Refusal;

/// One kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    /// The HTTP status that always goes with it.
    pub status: u16,
    pub title: &'static str,
}

macro_rules! codes {
    ($($constant:ident $name:literal $status:literal $title:literal)*) => {
        $(pub const $constant: Code = Code { name: $name, status: $status, title: $title };)*

        /// All of them.
        pub const CATALOGUE: &[Code] = &[$($constant),*];
    };
}

codes! {
    // the request
    MALFORMED "malformed" 400 "The request cannot be read"
    IDEMPOTENCY_KEY_MISSING "idempotency_key_missing" 400 "The Idempotency-Key header is missing"
    IDEMPOTENCY_KEY_INVALID "idempotency_key_invalid" 400 "The Idempotency-Key header is not usable"
    WEBHOOK_REFUSED "webhook_refused" 400 "The webhook is not believed"
    UNAUTHENTICATED "unauthenticated" 401 "Sign in first"
    FORBIDDEN "forbidden" 403 "Not allowed"
    SUSPENDED "suspended" 403 "The account is suspended"
    UNVERIFIED "unverified" 403 "Verify the e-mail address first"
    NOT_FOUND "not_found" 404 "Not found"
    METHOD_NOT_ALLOWED "method_not_allowed" 405 "The method is not possible here"
    IN_PROGRESS "in_progress" 409 "The first request with this key is still in progress"
    PRECONDITION_FAILED "precondition_failed" 412 "It was changed meanwhile"
    TOO_LARGE "too_large" 413 "The body is too large"
    UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" 415 "The body is not of a type that is read here"
    INVALID "invalid" 422 "Some fields are not right"
    IDEMPOTENCY_KEY_REUSED "idempotency_key_reused" 422 "The key was used for another request"
    PRECONDITION_REQUIRED "precondition_required" 428 "The If-Match header is missing"
    TOO_MANY_REQUESTS "too_many_requests" 429 "Too many requests"
    // the rules: availability
    ALIGNMENT "alignment" 409 "The times are not on the venue's grid"
    MIN_DURATION "min_duration" 409 "Shorter than the shortest booking"
    MAX_DURATION "max_duration" 409 "Longer than the longest booking"
    PAST "past" 409 "The start is in the past"
    LEAD_TIME "lead_time" 409 "Too short notice"
    HORIZON "horizon" 409 "Too far ahead"
    PACKAGES_ONLY "packages_only" 409 "Only packages can be booked"
    CLOSED "closed" 409 "Closed at that time"
    SEASON "season" 409 "Closed by the hours of the season"
    SPECIAL_HOURS "special_hours" 409 "Closed by special hours of the day"
    BLOCKED "blocked" 409 "Blocked at that time"
    LINKED_SPACE "linked_space" 409 "A space that goes with it is taken"
    SLOT_TAKEN "slot_taken" 409 "The time is taken"
    BUFFER "buffer" 409 "The time to set up or clear is taken"
    NOT_BOOKABLE "not_bookable" 409 "Not bookable at present"
    DAY_FULL "day_full" 409 "Too many bookings on that day"
    CAPACITY "capacity" 409 "Too many guests"
    LAYOUT "layout" 409 "No such layout"
    BOOKINGS_IN_THE_WAY "bookings_in_the_way" 409 "Bookings are in the way"
    // the rules: price, booking, vendor, venue, payment, account
    QUOTE_EXPIRED "quote_expired" 409 "The quote has expired"
    QUOTE_OUTDATED "quote_outdated" 409 "The quote is another business's"
    NO_PRICE "no_price" 409 "No price yet"
    AMOUNT "amount" 409 "The amount is too large"
    AMOUNT_TOO_SMALL "amount_too_small" 409 "Less than can be charged"
    TOO_MANY_RATES "too_many_rates" 409 "Too many different prices in that time"
    ADD_ON "add_on" 409 "The add-on cannot be had, or not so often"
    PROMO_CODE "promo_code" 409 "The promo code does not help"
    SPECIAL_OFFER "special_offer" 409 "More than is left to take off"
    NOT_THE_FIRST "not_the_first" 409 "Not a first booking any more"
    INVALID_TRANSITION "invalid_transition" 409 "Not possible in the present state"
    HOLD_LAPSED "hold_lapsed" 409 "The hold has lapsed"
    TOO_MANY_HOLDS "too_many_holds" 409 "Too many times are held already"
    PREVIEW_OUTDATED "preview_outdated" 409 "The preview is too old"
    REVISION_OUTDATED "revision_outdated" 409 "Not the revision that waits"
    INCOMPLETE "incomplete" 409 "Something is missing"
    NOTHING_TO_PAY "nothing_to_pay" 409 "Nothing left to pay"
    REFUND_TOO_LARGE "refund_too_large" 409 "More than can be refunded"
    ALREADY_APPLIED "already_applied" 409 "Applied already"
    OWNER_STAYS "owner_stays" 409 "The owner of a business stays with it"
    LIMIT_REACHED "limit_reached" 409 "No more of these are possible"
    // us
    INTERNAL "internal" 500 "Something went wrong here"
    UNAVAILABLE "unavailable" 503 "Temporarily unavailable"
}

/// What the rules say of a time that cannot be had.
pub const OF_TIME: &[Code] = &[
    PACKAGES_ONLY,
    MAX_DURATION,
    MIN_DURATION,
    ALIGNMENT,
    PAST,
    LEAD_TIME,
    HORIZON,
    LIMIT_REACHED,
    BLOCKED,
    SPECIAL_HOURS,
    SEASON,
    CLOSED,
    SLOT_TAKEN,
    LINKED_SPACE,
    BUFFER,
    DAY_FULL,
];

/// The code of a refusal. A rule is 409; not having verified is a matter of who asks, so 403.
#[must_use]
pub const fn of_refusal(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::Alignment { .. } => ALIGNMENT,
        Refusal::MinDuration { .. } => MIN_DURATION,
        Refusal::MaxDuration { .. } => MAX_DURATION,
        Refusal::Past => PAST,
        Refusal::LeadTime { .. } => LEAD_TIME,
        Refusal::Horizon { .. } => HORIZON,
        Refusal::PackagesOnly => PACKAGES_ONLY,
        Refusal::Closed => CLOSED,
        Refusal::Season => SEASON,
        Refusal::SpecialHours => SPECIAL_HOURS,
        Refusal::Blocked => BLOCKED,
        Refusal::LinkedSpace => LINKED_SPACE,
        Refusal::SlotTaken => SLOT_TAKEN,
        Refusal::Buffer => BUFFER,
        Refusal::NotBookable => NOT_BOOKABLE,
        Refusal::DayFull => DAY_FULL,
        Refusal::Capacity { .. } => CAPACITY,
        Refusal::Layout => LAYOUT,
        Refusal::BookingsInTheWay => BOOKINGS_IN_THE_WAY,
        Refusal::QuoteExpired { .. } => QUOTE_EXPIRED,
        Refusal::QuoteOutdated => QUOTE_OUTDATED,
        Refusal::NoPrice => NO_PRICE,
        Refusal::Amount => AMOUNT,
        Refusal::AmountTooSmall { .. } => AMOUNT_TOO_SMALL,
        Refusal::TooManyRates => TOO_MANY_RATES,
        Refusal::AddOn { .. } => ADD_ON,
        Refusal::Promo { .. } => PROMO_CODE,
        Refusal::SpecialOffer { .. } => SPECIAL_OFFER,
        Refusal::NotTheFirst => NOT_THE_FIRST,
        Refusal::InvalidTransition { .. } => INVALID_TRANSITION,
        Refusal::HoldLapsed => HOLD_LAPSED,
        Refusal::TooManyHolds { .. } => TOO_MANY_HOLDS,
        Refusal::PreviewOutdated => PREVIEW_OUTDATED,
        Refusal::RevisionOutdated => REVISION_OUTDATED,
        Refusal::Incomplete { .. } => INCOMPLETE,
        Refusal::NothingToPay => NOTHING_TO_PAY,
        Refusal::RefundTooLarge => REFUND_TOO_LARGE,
        Refusal::Unverified => UNVERIFIED,
        Refusal::AlreadyApplied => ALREADY_APPLIED,
        Refusal::OwnerStays => OWNER_STAYS,
        Refusal::LimitReached { .. } => LIMIT_REACHED,
    }
}

/// The code for an answer that only has a status, such as the router's own 404 and 405.
#[must_use]
pub const fn of_status(status: u16) -> Code {
    match status {
        401 => UNAUTHENTICATED,
        403 => FORBIDDEN,
        404 => NOT_FOUND,
        405 => METHOD_NOT_ALLOWED,
        412 => PRECONDITION_FAILED,
        413 => TOO_LARGE,
        415 => UNSUPPORTED_MEDIA_TYPE,
        422 => INVALID,
        428 => PRECONDITION_REQUIRED,
        429 => TOO_MANY_REQUESTS,
        503 => UNAVAILABLE,
        400..=499 => MALFORMED,
        _ => INTERNAL,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Each refusal names the next one, so that a new one does not compile until it is in the chain.
    fn next(refusal: &Refusal) -> Option<Refusal> {
        Some(match refusal {
            Refusal::Alignment { .. } => Refusal::MinDuration { min_minutes: 60 },
            Refusal::MinDuration { .. } => Refusal::MaxDuration { max_minutes: 60 },
            Refusal::MaxDuration { .. } => Refusal::Past,
            Refusal::Past => Refusal::LeadTime { lead_minutes: 60 },
            Refusal::LeadTime { .. } => Refusal::Horizon { horizon_days: 9 },
            Refusal::Horizon { .. } => Refusal::PackagesOnly,
            Refusal::PackagesOnly => Refusal::Closed,
            Refusal::Closed => Refusal::Season,
            Refusal::Season => Refusal::SpecialHours,
            Refusal::SpecialHours => Refusal::Blocked,
            Refusal::Blocked => Refusal::LinkedSpace,
            Refusal::LinkedSpace => Refusal::SlotTaken,
            Refusal::SlotTaken => Refusal::Buffer,
            Refusal::Buffer => Refusal::NotBookable,
            Refusal::NotBookable => Refusal::DayFull,
            Refusal::DayFull => Refusal::Capacity { guests_max: 9 },
            Refusal::Capacity { .. } => Refusal::Layout,
            Refusal::Layout => Refusal::BookingsInTheWay,
            Refusal::BookingsInTheWay => Refusal::QuoteExpired {
                expired_at: jiff::Timestamp::UNIX_EPOCH,
            },
            Refusal::QuoteExpired { .. } => Refusal::QuoteOutdated,
            Refusal::QuoteOutdated => Refusal::NoPrice,
            Refusal::NoPrice => Refusal::Amount,
            Refusal::Amount => Refusal::AmountTooSmall {
                least: domain::money::Money::zero("EUR".parse().unwrap()),
            },
            Refusal::AmountTooSmall { .. } => Refusal::TooManyRates,
            Refusal::TooManyRates => Refusal::AddOn {
                name: domain::text::Label::parse("Chairs").unwrap(),
                quantity_max: 9,
            },
            Refusal::AddOn { .. } => Refusal::Promo {
                obstacle: domain::pricing::PromoObstacle::UsedUp,
            },
            Refusal::Promo { .. } => Refusal::SpecialOffer {
                most: domain::money::Money::zero("EUR".parse().unwrap()),
            },
            Refusal::SpecialOffer { .. } => Refusal::NotTheFirst,
            Refusal::NotTheFirst => Refusal::InvalidTransition {
                from: "cancelled",
                allowed: vec!["draft", "live"],
            },
            Refusal::InvalidTransition { .. } => Refusal::HoldLapsed,
            Refusal::HoldLapsed => Refusal::TooManyHolds { limit: 9 },
            Refusal::TooManyHolds { .. } => Refusal::PreviewOutdated,
            Refusal::PreviewOutdated => Refusal::RevisionOutdated,
            Refusal::RevisionOutdated => Refusal::Incomplete {
                missing: vec!["address"],
            },
            Refusal::Incomplete { .. } => Refusal::NothingToPay,
            Refusal::NothingToPay => Refusal::RefundTooLarge,
            Refusal::RefundTooLarge => Refusal::Unverified,
            Refusal::Unverified => Refusal::AlreadyApplied,
            Refusal::AlreadyApplied => Refusal::OwnerStays,
            Refusal::OwnerStays => Refusal::LimitReached { limit: 9 },
            Refusal::LimitReached { .. } => return None,
        })
    }

    pub(crate) fn every_refusal() -> Vec<Refusal> {
        std::iter::successors(
            Some(Refusal::Alignment {
                step_minutes: 30,
                every_minutes: 60,
                offset_minutes: 0,
            }),
            next,
        )
        .collect()
    }

    #[test]
    fn every_refusal_is_in_the_catalogue_under_its_own_code() {
        for refusal in every_refusal() {
            let code = of_refusal(&refusal);
            assert_eq!(code.name, refusal.code());
            assert!(CATALOGUE.contains(&code), "{} is not in the catalogue", code.name);
        }
    }

    #[test]
    fn a_code_means_one_thing() {
        let names: BTreeSet<_> = CATALOGUE.iter().map(|code| code.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
    }

    #[test]
    fn a_status_gets_a_code_of_that_status_or_of_its_class() {
        for status in 400..600 {
            let code = of_status(status);
            assert_eq!(code.status / 100, status / 100, "{status} became {}", code.status);
        }
    }
}
