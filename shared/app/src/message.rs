//! What goes over the queues. A message names things and never carries a secret or personal data
//! beyond what its event tells.

use domain::event::BookingEvent;
use domain::id::{BookingId, InvitationId, RefundId, UserId, VendorId, VenueId};
use domain::text::{Reason, VenueName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::WebhookSubject;

/// Moves when a message changes so that an older worker could not read it.
pub const MESSAGE_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Payment(PaymentMessage),
    Refund(RefundMessage),
    Notification(NotificationMessage),
}

/// For `worker-payments`: the provider told of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentMessage {
    pub v: u32,
    /// The provider's id of the event.
    pub event_id: String,
    pub subject: WebhookSubject,
}

/// For `worker-refunds`: a refund was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundMessage {
    pub v: u32,
    pub refund: RefundId,
    pub booking: BookingId,
}

/// For `worker-notifications`: somebody has to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationMessage {
    pub v: u32,
    pub about: About,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum About {
    /// Somebody registered and has to prove that the address is theirs.
    VerifyEmail {
        user: UserId,
    },
    /// Somebody asked for a new password; perhaps nobody has this id.
    ResetPassword {
        user: UserId,
    },
    /// Somebody's password is another now.
    PasswordChanged {
        user: UserId,
        at: Timestamp,
    },
    /// Somebody wants another address, and knows the password.
    AddressWanted {
        user: UserId,
        at: Timestamp,
    },
    /// Somebody's address is another since this version of theirs.
    AddressChanged {
        user: UserId,
        version: u64,
        at: Timestamp,
    },
    /// Somebody registered with an address that has an account.
    AlreadyRegistered {
        user: UserId,
    },
    /// Somebody is invited to work for a business.
    Invited {
        vendor: VendorId,
        invitation: InvitationId,
    },
    /// An admin decided about an application.
    VendorDecided {
        vendor: VendorId,
        at: Timestamp,
    },
    /// An admin decided about a venue.
    VenueDecided {
        venue: VenueId,
        version: u64,
        at: Timestamp,
    },
    /// An admin decided about a revision of a venue. All that is told is here, since its vendor may have replaced the
    /// revision before anybody reads this.
    RevisionDecided {
        venue: VenueId,
        version: u64,
        name: VenueName,
        /// Why it was refused; none when it was approved.
        refused: Option<Reason>,
        at: Timestamp,
    },
    /// An admin handed a venue over to another business. Whose it is may have changed again before anybody reads this.
    VenueTransferred {
        venue: VenueId,
        version: u64,
        name: VenueName,
        from: VendorId,
        to: VendorId,
        at: Timestamp,
    },
    Booking {
        event: Box<BookingEvent>,
    },
}

impl Message {
    #[must_use]
    pub const fn payment(event_id: String, subject: WebhookSubject) -> Self {
        Self::Payment(PaymentMessage {
            v: MESSAGE_VERSION,
            event_id,
            subject,
        })
    }

    #[must_use]
    pub const fn refund(refund: RefundId, booking: BookingId) -> Self {
        Self::Refund(RefundMessage {
            v: MESSAGE_VERSION,
            refund,
            booking,
        })
    }

    #[must_use]
    pub const fn notification(about: About) -> Self {
        Self::Notification(NotificationMessage {
            v: MESSAGE_VERSION,
            about,
        })
    }
}
