//! A booking as its customer, its vendor and admins see it.

use domain::booking::{
    Booking, BookingCode, BookingState, Cancellation, Guest, PaymentState, Proposal, Report,
};
use domain::id::{BookingId, ProposalId, SpaceId, UserId, VenueId};
use domain::money::Money;
use domain::pricing::QuoteId;
use domain::role::Actor;
use domain::text::{Label, PersonName, Reason, VenueName};
use jiff::Timestamp;
use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AddressView, MoneyView, PolicyView, PriceView};

/// A time at a venue, with price and terms as they were when it was booked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Booking")]
pub struct BookingView {
    #[schemars(with = "String")]
    pub booking_id: BookingId,
    /// What people tell each other; opens nothing by itself.
    #[schemars(with = "String")]
    pub code: BookingCode,
    #[schemars(with = "String")]
    pub venue_id: VenueId,
    #[schemars(with = "String")]
    pub venue_name: VenueName,
    #[schemars(with = "String")]
    pub space_id: SpaceId,
    #[schemars(with = "String")]
    pub space_name: VenueName,
    /// All that nobody else can book meanwhile: the space, and what is linked to it.
    #[schemars(with = "Vec<String>")]
    pub space_ids: Vec<SpaceId>,
    /// Null where the vendor entered it.
    #[schemars(with = "Option<String>")]
    pub customer_id: Option<UserId>,
    /// Who made it: the customer, or one of the vendor's people.
    #[schemars(with = "String")]
    pub booked_by: UserId,
    /// Whom it is for, where its vendor entered it.
    pub guest: Option<GuestView>,
    pub guests: u32,
    /// How the space is to be furnished, where that was said.
    #[schemars(with = "Option<String>")]
    pub layout: Option<Label>,
    pub start: Timestamp,
    /// Not part of it any more.
    pub end: Timestamp,
    /// From start to end, whatever the clocks do meanwhile.
    pub minutes: i64,
    /// The venue's IANA time zone.
    pub zone: String,
    /// What the venue's clocks were to show at the start when the time was agreed on.
    pub local_start: DateTime,
    /// At the end.
    pub local_end: DateTime,
    /// Whether they will show another time, since the country has changed them. `start` and `end` hold, until both sides
    /// agree on others.
    pub clocks_changed: bool,
    /// Where exactly the venue is; null until the booking was confirmed.
    pub place: Option<PlaceView>,
    /// `held`, `payment_pending`, `requested`, `confirmed`, `checked_in`, `completed`, `closed`, `hold_expired`,
    /// `declined`, `request_expired`, `withdrawn`, `cancelled_by_customer`, `cancelled_by_vendor`,
    /// `cancelled_by_admin`, `no_show_customer` or `no_show_vendor`.
    #[schemars(with = "String")]
    pub state: BookingState,
    /// `unpaid`, `pending`, `paid`, `refund_pending`, `refunded`, `refund_failed` or `off_platform`.
    #[schemars(with = "String")]
    pub payment_state: PaymentState,
    /// Until when the time is kept for a customer who has not paid, or for a vendor who has not answered; null once
    /// that is over.
    pub hold_until: Option<Timestamp>,
    /// From then on to the start, whoever booked can no longer cancel the booking. Another time can be asked for up to
    /// then, and up to an hour before the start.
    pub locked_from: Timestamp,
    /// What it was made from; null where the vendor entered it. Its price is another one once another time was agreed on.
    #[schemars(with = "Option<String>")]
    pub quote_id: Option<QuoteId>,
    pub price: PriceView,
    /// Of what was or will be paid, what the vendor gets; null for anybody but vendors and admins.
    pub payout: Option<MoneyView>,
    pub cancellation_policy: PolicyView,
    /// Also of a request that was declined or taken back.
    pub cancellation: Option<CancellationView>,
    pub confirmed_at: Option<Timestamp>,
    pub checked_in_at: Option<Timestamp>,
    /// Another time, as long as one side asks the other for it.
    pub proposal: Option<ProposalView>,
    /// Whether a difference in price is still on its way, back or forth.
    pub unsettled: bool,
    /// Who said, when and why, that the other side was not there.
    pub no_show: Option<ReportView>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
}

/// Where a venue is, for those who have a booking there.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "BookedPlace")]
pub struct PlaceView {
    pub address: AddressView,
    /// Degrees, WGS 84.
    pub lat: f64,
    /// Degrees, WGS 84.
    pub lng: f64,
}

/// Another time for a booking. It is kept beside the time that the booking has, until it lapses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Proposal")]
pub struct ProposalView {
    /// Null in a preview.
    #[schemars(with = "Option<String>")]
    pub proposal_id: Option<ProposalId>,
    /// Who asks: `customer` or `vendor`.
    #[schemars(with = "String")]
    pub by: Actor,
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    pub start: Timestamp,
    pub end: Timestamp,
    /// What all of the booking costs then.
    pub price: PriceView,
    /// What the customer pays for it besides what was paid; all of it in place of a request.
    pub to_pay: MoneyView,
    /// What goes back to the customer.
    pub to_return: MoneyView,
    /// Whether the other side has agreed, so that only the difference is to be paid.
    pub accepted: bool,
    /// When it lapses: unanswered, or accepted and not paid for.
    pub until: Timestamp,
}

impl ProposalView {
    /// Of a booking for which so much was charged.
    #[must_use]
    pub fn new(proposal: Proposal, charged: Money) -> Self {
        let zero = Money::zero(charged.currency());
        let more = |a: Money, b: Money| a.minus(b).ok().filter(|more| more.amount() > 0).unwrap_or(zero);
        let then = proposal.price.total;
        Self {
            proposal_id: Some(proposal.id),
            by: proposal.by,
            reason: proposal.reason,
            start: proposal.place.interval.start(),
            end: proposal.place.interval.end(),
            price: (&proposal.price).into(),
            to_pay: more(then, charged).into(),
            to_return: more(charged, then).into(),
            accepted: proposal.accepted_at.is_some(),
            until: proposal.until,
        }
    }
}

/// Who cancelled a booking, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Cancellation")]
pub struct CancellationView {
    pub at: Timestamp,
    /// `customer`, `vendor`, `admin` or `system`.
    #[schemars(with = "String")]
    pub by: Actor,
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    /// What goes back.
    pub refund: MoneyView,
}

/// Somebody who booked by telephone, or walked in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Guest")]
pub struct GuestView {
    #[schemars(with = "String")]
    pub name: PersonName,
    #[schemars(with = "Option<String>")]
    pub contact: Option<Label>,
}

impl From<Guest> for GuestView {
    fn from(guest: Guest) -> Self {
        Self {
            name: guest.name,
            contact: guest.contact,
        }
    }
}

/// What one side said about the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Report")]
pub struct ReportView {
    pub at: Timestamp,
    /// `customer` or `vendor`.
    #[schemars(with = "String")]
    pub by: Actor,
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        Self {
            at: report.at,
            by: report.by,
            reason: report.reason,
        }
    }
}

impl BookingView {
    /// For its vendor and for admins.
    #[must_use]
    pub fn with_payout(booking: Booking) -> Self {
        let payout = match &booking.cancellation {
            Some(cancellation) => cancellation.shares.payout,
            None => booking.price.payout,
        };
        Self {
            payout: Some(payout.into()),
            ..Self::from(booking)
        }
    }
}

impl From<Booking> for BookingView {
    fn from(booking: Booking) -> Self {
        let (clocks_changed, tells_place) = (booking.has_other_clocks(), booking.tells_place());
        let (locked_from, charged) = (booking.locked_from(), booking.charged());
        Self {
            booking_id: booking.id,
            code: booking.code,
            venue_id: booking.venue,
            venue_name: booking.venue_name,
            space_id: booking.space,
            space_name: booking.space_name,
            space_ids: booking.spaces,
            customer_id: booking.customer,
            booked_by: booking.booked_by,
            guest: booking.guest.map(GuestView::from),
            guests: booking.guests,
            layout: booking.layout,
            start: booking.interval.start(),
            end: booking.interval.end(),
            minutes: booking.interval.minutes(),
            zone: booking.zone.name().to_owned(),
            local_start: booking.clocks.start,
            local_end: booking.clocks.end,
            clocks_changed,
            place: tells_place.then(|| PlaceView {
                address: booking.address.into(),
                lat: booking.point.lat(),
                lng: booking.point.lng(),
            }),
            state: booking.state,
            payment_state: booking.payment,
            hold_until: booking.hold_until,
            locked_from,
            quote_id: booking.quote,
            price: (&booking.price).into(),
            payout: None,
            cancellation_policy: PolicyView::with_lock(
                &booking.policy,
                booking.lock_minutes,
                Some(booking.interval.start()),
            ),
            cancellation: booking.cancellation.map(CancellationView::from),
            confirmed_at: booking.confirmed_at,
            checked_in_at: booking.checked_in_at,
            proposal: booking
                .proposal
                .map(|proposal| ProposalView::new(proposal, charged)),
            unsettled: booking.unsettled,
            no_show: booking.no_show.map(ReportView::from),
            created_at: booking.created_at,
            updated_at: booking.updated_at,
            version: booking.version,
        }
    }
}

impl From<Cancellation> for CancellationView {
    fn from(cancellation: Cancellation) -> Self {
        Self {
            at: cancellation.at,
            by: cancellation.by,
            reason: cancellation.reason,
            refund: cancellation.shares.refund.into(),
        }
    }
}
