//! What it means when a call to Stripe does not answer with the object asked for.
//!
//! The text of a failure names status, type, code and parameter, and never what else Stripe sent: an
//! error carries whole objects, client secret included.

use app::ports::PortError;
use stripe::{ApiErrors, ApiErrorsCode, ApiErrorsType, StripeError};
use stripe_core::PaymentIntent;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The card was refused. The intent as Stripe sent it along, and its code for the reason.
    Declined {
        intent: Option<Box<PaymentIntent>>,
        code: Option<String>,
    },
    /// The intent is no longer (or not yet) in a state in which this can be done to it.
    State,
    Port(PortError),
}

impl Failure {
    /// For calls in which there is no card and no state to be wrong about.
    pub fn into_port(self) -> PortError {
        match self {
            Self::Declined { code, .. } => PortError::Refused(format!(
                "stripe: declined: {}",
                code.as_deref().unwrap_or("no code")
            )),
            Self::State => PortError::Refused("stripe: not in this state".to_owned()),
            Self::Port(error) => error,
        }
    }
}

pub fn of(error: StripeError) -> Failure {
    match error {
        StripeError::Stripe(said, status) => said_no(*said, status),
        StripeError::Timeout => unavailable("no answer in time".to_owned()),
        StripeError::ClientError(why) => unavailable(why),
        // The call may well have worked; a proxy's page in between looks like this too.
        StripeError::JSONDeserialize(why) => unavailable(why),
        StripeError::ConfigError(why) => Failure::Port(PortError::Refused(format!("stripe: {why}"))),
    }
}

fn unavailable(why: String) -> Failure {
    Failure::Port(PortError::Unavailable(format!("stripe: {why}")))
}

fn said_no(said: ApiErrors, status: u16) -> Failure {
    let about_the_card =
        said.type_ == ApiErrorsType::CardError || said.param.as_deref() == Some("payment_method");
    if about_the_card && matches!(status, 400 | 402) {
        let code = said
            .decline_code
            .or_else(|| said.code.map(|code| code.as_str().to_owned()));
        return Failure::Declined {
            intent: said.payment_intent.map(Box::new),
            code,
        };
    }
    if said.code == Some(ApiErrorsCode::PaymentIntentUnexpectedState) {
        return Failure::State;
    }
    let text = describe(&said, status);
    match status {
        404 => Failure::Port(PortError::Gone),
        // 401 and 403 are about our key, 409 and 424 about another call, 429 about the rate: none is about
        // what was asked, and all pass.
        401 | 403 | 409 | 424 | 429 | 500..=599 => unavailable(text),
        _ => Failure::Port(PortError::Refused(format!("stripe: {text}"))),
    }
}

fn describe(said: &ApiErrors, status: u16) -> String {
    let mut text = format!("{status} {}", said.type_.as_str());
    for part in [
        said.code.as_ref().map(ApiErrorsCode::as_str),
        said.param.as_deref(),
    ]
    .into_iter()
    .flatten()
    {
        text.push(' ');
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Box<ApiErrors> {
        serde_json::from_str(json).unwrap()
    }

    fn port(json: &str, status: u16) -> PortError {
        match of(StripeError::Stripe(said(json), status)) {
            Failure::Port(error) => error,
            other @ (Failure::Declined { .. } | Failure::State) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_declined_card_is_told_with_the_banks_reason() {
        let json = r#"{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}"#;
        let Failure::Declined { intent: None, code } = of(StripeError::Stripe(said(json), 402)) else {
            panic!("not a decline");
        };
        assert_eq!(code.as_deref(), Some("insufficient_funds"));
    }

    #[test]
    fn a_card_that_stripe_does_not_know_is_a_declined_one() {
        let json = r#"{"type":"invalid_request_error","code":"resource_missing","param":"payment_method"}"#;
        let Failure::Declined { code, .. } = of(StripeError::Stripe(said(json), 400)) else {
            panic!("not a decline");
        };
        assert_eq!(code.as_deref(), Some("resource_missing"));
    }

    #[test]
    fn an_intent_in_another_state_is_no_refusal() {
        let json = r#"{"type":"invalid_request_error","code":"payment_intent_unexpected_state"}"#;
        assert!(matches!(of(StripeError::Stripe(said(json), 400)), Failure::State));
    }

    #[test]
    fn what_stripe_does_not_have_is_gone() {
        let json = r#"{"type":"invalid_request_error","code":"resource_missing","param":"intent"}"#;
        assert_eq!(port(json, 404), PortError::Gone);
    }

    #[test]
    fn what_is_not_about_the_request_may_work_later() {
        let json = r#"{"type":"api_error"}"#;
        for status in [401, 403, 409, 424, 429, 500, 502, 503, 504] {
            assert!(
                matches!(port(json, status), PortError::Unavailable(_)),
                "{status}"
            );
        }
        for error in [
            StripeError::Timeout,
            StripeError::ClientError("reset".into()),
            StripeError::JSONDeserialize("page".into()),
        ] {
            assert!(matches!(of(error), Failure::Port(PortError::Unavailable(_))));
        }
    }

    #[test]
    fn what_is_about_the_request_would_be_refused_again() {
        let json = r#"{"type":"invalid_request_error","code":"amount_too_small","param":"amount"}"#;
        assert_eq!(
            port(json, 400),
            PortError::Refused("stripe: 400 invalid_request_error amount_too_small amount".into())
        );
        let reused = r#"{"type":"idempotency_error"}"#;
        assert!(matches!(port(reused, 400), PortError::Refused(_)));
    }

    #[test]
    fn the_text_of_a_failure_does_not_repeat_what_stripe_wrote() {
        let json = r#"{"type":"api_error","message":"of ada@example.com","charge":"ch_1"}"#;
        assert_eq!(
            port(json, 500),
            PortError::Unavailable("stripe: 500 api_error".into())
        );
    }
}
