//! PaymentIntents and the states they pass through.
//!
//! Absent: `confirmation_method=manual` flows that return to the server, multicapture, incremental
//! authorisation, and payment methods other than cards.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shown;
use crate::api_error::ApiError;
use crate::params::Metadata;
use crate::store::{Kind, Links, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub amount_capturable: i64,
    pub amount_received: i64,
    pub automatic_payment_methods: Option<AutomaticPaymentMethods>,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<CancellationReason>,
    pub capture_method: CaptureMethod,
    pub client_secret: String,
    pub confirmation_method: ConfirmationMethod,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub last_payment_error: Option<Value>,
    pub latest_charge: Option<String>,
    pub metadata: Metadata,
    pub next_action: Option<Value>,
    pub payment_method: Option<String>,
    pub payment_method_types: Vec<String>,
    pub receipt_email: Option<String>,
    pub setup_future_usage: Option<SetupFutureUsage>,
    pub shipping: Option<Value>,
    pub statement_descriptor: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub status: Status,
    pub transfer_group: Option<String>,
    pub hidden: Hidden,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Hidden {
    pub return_url: Option<String>,
    pub request_three_d_secure: RequestThreeDSecure,
    /// The customer passed a challenge for the present payment method.
    pub authenticated: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AutomaticPaymentMethods {
    pub allow_redirects: AllowRedirects,
    pub enabled: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowRedirects {
    #[default]
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationReason {
    Abandoned,
    Automatic,
    Duplicate,
    Fraudulent,
    RequestedByCustomer,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMethod {
    Automatic,
    /// The default of current API versions: the balance transaction arrives after the answer.
    #[default]
    AutomaticAsync,
    Manual,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationMethod {
    #[default]
    Automatic,
    Manual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupFutureUsage {
    OffSession,
    OnSession,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestThreeDSecure {
    Any,
    #[default]
    Automatic,
    Challenge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

/// What is asked of a PaymentIntent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Update,
    Confirm,
    Capture,
    Cancel,
    /// The customer passes or fails the challenge.
    Authenticate,
    /// A payment that takes days comes to its end.
    Settle,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::RequiresPaymentMethod => "requires_payment_method",
            Status::RequiresConfirmation => "requires_confirmation",
            Status::RequiresAction => "requires_action",
            Status::Processing => "processing",
            Status::RequiresCapture => "requires_capture",
            Status::Canceled => "canceled",
            Status::Succeeded => "succeeded",
        }
    }

    /// The state machine: which step is open in which state.
    pub fn allows(self, step: Step) -> bool {
        match (self, step) {
            (Self::RequiresPaymentMethod, Step::Update | Step::Confirm | Step::Cancel) => true,
            (Self::RequiresPaymentMethod, Step::Capture | Step::Authenticate | Step::Settle) => false,
            (Self::RequiresConfirmation, Step::Update | Step::Confirm | Step::Cancel) => true,
            (Self::RequiresConfirmation, Step::Capture | Step::Authenticate | Step::Settle) => false,
            (Self::RequiresAction, Step::Update | Step::Confirm | Step::Cancel | Step::Authenticate) => true,
            (Self::RequiresAction, Step::Capture | Step::Settle) => false,
            (Self::Processing, Step::Cancel | Step::Settle) => true,
            (Self::Processing, Step::Update | Step::Confirm | Step::Capture | Step::Authenticate) => false,
            (Self::RequiresCapture, Step::Update | Step::Capture | Step::Cancel) => true,
            (Self::RequiresCapture, Step::Confirm | Step::Authenticate | Step::Settle) => false,
            (Self::Succeeded, Step::Update) => true,
            (
                Self::Succeeded,
                Step::Confirm | Step::Capture | Step::Cancel | Step::Authenticate | Step::Settle,
            ) => false,
            (
                Self::Canceled,
                Step::Update
                | Step::Confirm
                | Step::Capture
                | Step::Cancel
                | Step::Authenticate
                | Step::Settle,
            ) => false,
        }
    }
}

impl PaymentIntent {
    /// Refuses a step that the present state does not allow, in Stripe's words.
    pub fn check(&self, step: Step, now: i64) -> Result<(), ApiError> {
        if self.status.allows(step) {
            return Ok(());
        }
        let status = self.status.name();
        let message = match step {
            Step::Confirm if self.status == Status::Succeeded => {
                "You cannot confirm this PaymentIntent because it has already succeeded after being previously \
                 confirmed."
                    .to_owned()
            }
            Step::Cancel => format!(
                "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent \
                 with one of the following statuses may be canceled: requires_payment_method, \
                 requires_capture, requires_confirmation, requires_action, processing."
            ),
            Step::Capture => format!(
                "This PaymentIntent could not be captured because it has a status of {status}. Only a \
                 PaymentIntent with one of the following statuses may be captured: requires_capture."
            ),
            Step::Confirm => format!(
                "You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent \
                 with one of the following statuses may be confirmed: requires_confirmation, requires_action."
            ),
            Step::Update => {
                format!("This PaymentIntent could not be updated because it has a status of {status}.")
            }
            Step::Authenticate => {
                format!("This PaymentIntent has no challenge: it has a status of {status}.")
            }
            Step::Settle => format!("This PaymentIntent is not processing: it has a status of {status}."),
        };
        Err(ApiError::refused(message)
            .code("payment_intent_unexpected_state")
            .with("payment_intent", self.render(now)))
    }
}

impl Record for PaymentIntent {
    const KIND: Kind = Kind::PaymentIntent;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            customer: self.customer.as_deref(),
            ..Links::default()
        }
    }

    fn render(&self, _now: i64) -> Value {
        let request_three_d_secure = self.hidden.request_three_d_secure;
        let constants = json!({
            "amount_details": null,
            "application": null,
            "application_fee_amount": null,
            "on_behalf_of": null,
            "payment_method_configuration_details": null,
            "payment_method_options": {
                "card": {
                    "installments": null,
                    "mandate_options": null,
                    "network": null,
                    "request_three_d_secure": request_three_d_secure,
                }
            },
            "processing": null,
            "review": null,
            "source": null,
            "transfer_data": null,
        });
        shown(self, constants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_an_update_leaves_succeeded_and_nothing_leaves_canceled() {
        for step in [
            Step::Confirm,
            Step::Capture,
            Step::Cancel,
            Step::Authenticate,
            Step::Settle,
        ] {
            assert!(!Status::Succeeded.allows(step));
            assert!(!Status::Canceled.allows(step));
        }
        assert!(!Status::Canceled.allows(Step::Update));
    }

    #[test]
    fn only_an_authorised_intent_is_captured() {
        let all = [
            Status::RequiresPaymentMethod,
            Status::RequiresConfirmation,
            Status::RequiresAction,
            Status::Processing,
            Status::RequiresCapture,
            Status::Canceled,
            Status::Succeeded,
        ];
        for status in all {
            assert_eq!(status.allows(Step::Capture), status == Status::RequiresCapture);
        }
    }
}
