//! What holds for all names that leave this crate.

use std::fmt::Debug;

use serde::Serialize;

use crate::booking::{Action, BookingState, PaymentState};
use crate::cancellation::Because;
use crate::event::EventKind;
use crate::payment::PaymentStatus;
use crate::pricing::DiscountKind;
use crate::refund::RefundStatus;
use crate::vendor::VendorState;
use crate::venue::VenueState;

fn check<T: Copy + Debug + Serialize>(all: &[T], name: fn(T) -> &'static str) {
    for one in all {
        assert_eq!(serde_json::to_value(one).unwrap(), name(*one), "{one:?}");
    }
}

/// Conditions in the store compare the one with the other.
#[test]
fn a_state_has_the_name_under_which_it_is_stored() {
    check(&BookingState::ALL, BookingState::as_str);
    check(
        &[
            PaymentState::Unpaid,
            PaymentState::Pending,
            PaymentState::Paid,
            PaymentState::RefundPending,
            PaymentState::Refunded,
            PaymentState::RefundFailed,
            PaymentState::OffPlatform,
        ],
        PaymentState::as_str,
    );
    check(
        &[
            PaymentStatus::Created,
            PaymentStatus::RequiresMethod,
            PaymentStatus::RequiresAction,
            PaymentStatus::Processing,
            PaymentStatus::Declined,
            PaymentStatus::Succeeded,
            PaymentStatus::Cancelled,
        ],
        PaymentStatus::as_str,
    );
    check(
        &[
            RefundStatus::Requested,
            RefundStatus::Pending,
            RefundStatus::Succeeded,
            RefundStatus::Failed,
        ],
        RefundStatus::as_str,
    );
    check(
        &[VendorState::Applied, VendorState::Approved, VendorState::Rejected],
        VendorState::as_str,
    );
    check(
        &[
            VenueState::Draft,
            VenueState::Submitted,
            VenueState::Live,
            VenueState::Paused,
            VenueState::Archived,
        ],
        VenueState::as_str,
    );
}

#[test]
fn an_event_and_a_reason_have_the_names_under_which_they_are_stored() {
    check(
        &[
            EventKind::BookingHeld,
            EventKind::BookingChangeLapsed,
            EventKind::BookingMoved,
        ],
        EventKind::as_str,
    );
    check(
        &[Because::Grace, Because::Tier, Because::TooLate, Because::LetDown],
        Because::as_str,
    );
    assert_eq!(
        serde_json::to_value(DiscountKind::FirstBooking).unwrap(),
        DiscountKind::FirstBooking.as_str()
    );
    for kind in [
        DiscountKind::LongDuration { minutes_min: 60 },
        DiscountKind::EarlyBird { lead_minutes_min: 60 },
        DiscountKind::LastMinute { lead_minutes_max: 60 },
    ] {
        let stored = serde_json::to_value(kind).unwrap();
        assert!(
            stored.as_object().unwrap().contains_key(kind.as_str()),
            "{stored}"
        );
    }
}

/// Clients tell them apart by these.
#[test]
fn no_two_actions_have_the_same_name() {
    for (i, action) in Action::ALL.iter().enumerate() {
        let is_taken = |other: &Action| other.as_str() == action.as_str();
        assert!(!Action::ALL[..i].iter().any(is_taken), "{action:?}");
        assert!(action.as_str().len() > 2, "{action:?}");
    }
}
