//! One booking as it is now, with its history.

use app::App;
use app::bookings::{self, Status};
use axum::extract::State;
use domain::booking::{Allowed, BookingHandle, BookingState, PaymentState};
use domain::event::{BookingEvent, EventKind};
use domain::role::Actor;
use domain::text::HouseRules;
use domain::venue::Terms;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use web::views::{BookingView, MoneyView};
use web::{Answer, Participant, PathId, Reply, needs, ok};

/// A booking as it is now, with what the caller may do and what happened to it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BookingStatus")]
pub struct StatusView {
    #[serde(flatten)]
    booking: BookingView,
    /// What the caller is to it: `customer`, `vendor` or `admin`.
    #[schemars(with = "String")]
    role: Actor,
    /// What the caller may do now.
    allowed: Vec<AllowedView>,
    /// What would go back to the customer if the caller cancelled now; null where they cannot.
    refund_if_cancelled: Option<MoneyView>,
    terms: TermsView,
    /// Oldest first.
    timeline: Vec<EventView>,
}

/// What the venue asked of its guests when the price was given, whatever it asks of others since.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BookingTerms")]
pub struct TermsView {
    version: u64,
    /// When the venue began to ask for it.
    since: Timestamp,
    #[schemars(with = "Option<String>")]
    house_rules: Option<HouseRules>,
}

impl From<Terms> for TermsView {
    fn from(terms: Terms) -> Self {
        Self {
            version: terms.version,
            since: terms.since,
            house_rules: terms.house_rules,
        }
    }
}

/// Something that the caller may do now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Allowed")]
pub struct AllowedView {
    /// `extend_hold`, `pay`, `cancel`, `accept`, `decline`, `withdraw`, `check_in`, `report_no_show`,
    /// `propose`, `accept_proposal`, `decline_proposal` or `withdraw_proposal`.
    action: &'static str,
    /// Until when, where the clock ends it.
    until: Option<Timestamp>,
}

impl From<Allowed> for AllowedView {
    fn from(allowed: Allowed) -> Self {
        Self {
            action: allowed.action.as_str(),
            until: allowed.until,
        }
    }
}

/// Something that happened to a booking.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BookingEvent")]
pub struct EventView {
    /// 1 for the first, without gaps.
    number: u64,
    #[schemars(with = "String")]
    kind: EventKind,
    at: Timestamp,
    /// `customer`, `vendor`, `admin` or `system`.
    #[schemars(with = "String")]
    actor: Actor,
    /// The booking's after it.
    #[schemars(with = "String")]
    state: BookingState,
    /// The booking's after it.
    #[schemars(with = "String")]
    payment_state: PaymentState,
    /// Money that goes back because of it.
    refund: Option<MoneyView>,
    /// The other time that it is about: the one that is proposed, or that a moved booking had.
    other: Option<OtherTimeView>,
}

/// A time, and what all of the booking costs or cost then.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OtherTime")]
pub struct OtherTimeView {
    start: Timestamp,
    end: Timestamp,
    total: MoneyView,
}

impl From<Status> for StatusView {
    fn from(status: Status) -> Self {
        Self {
            booking: match status.actor {
                Actor::Customer => status.booking.into(),
                Actor::Vendor | Actor::Admin | Actor::System => BookingView::with_payout(status.booking),
            },
            role: status.actor,
            allowed: status.allowed.into_iter().map(AllowedView::from).collect(),
            refund_if_cancelled: status.refund_if_cancelled.map(MoneyView::from),
            terms: status.terms.into(),
            timeline: status.events.into_iter().map(EventView::from).collect(),
        }
    }
}

impl From<BookingEvent> for EventView {
    fn from(event: BookingEvent) -> Self {
        Self {
            number: event.number,
            kind: event.kind,
            at: event.at,
            actor: event.actor,
            state: event.state,
            payment_state: event.payment,
            other: event.other.map(|other| OtherTimeView {
                start: other.interval.start(),
                end: other.interval.end(),
                total: other.total.into(),
            }),
            refund: event.refund().map(MoneyView::from),
        }
    }
}

pub async fn show(
    State(app): State<App>,
    Participant(me): Participant<needs::SeeBookings>,
    PathId(handle): PathId<BookingHandle>,
) -> Answer<Reply<StatusView>> {
    Ok(ok(bookings::status(&app, &me, &handle).await?.into()))
}
