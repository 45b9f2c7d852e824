//! An attempt to pay: the challenge, the charge, and what they make of the PaymentIntent.

use serde_json::{Value, json};

use super::authorization;
use crate::api::{Outcome, payment_methods};
use crate::api_error::ApiError;
use crate::cards::{self, AUTHENTICATION_REQUIRED, Behaviour, ChallengeWhen, Decline, GENERIC, TestCard};
use crate::http::reply::Reply;
use crate::objects::charge::{self, Charge, Outcome as ChargeOutcome};
use crate::objects::payment_intent::{
    AllowRedirects, CaptureMethod, PaymentIntent, RequestThreeDSecure, SetupFutureUsage, Status, Step,
};
use crate::objects::payment_method::PaymentMethod;
use crate::store::Kind;
use crate::work::Work;

/// How a confirmation is to go.
pub struct Attempt {
    /// The customer is not there to pass a challenge.
    pub off_session: bool,
    pub error_on_requires_action: bool,
    pub return_url: Option<String>,
    pub use_stripe_sdk: bool,
}

/// Confirms the intent with the given payment method or the one it has.
pub fn confirm(
    work: &mut Work<'_>,
    mut intent: PaymentIntent,
    given: Option<PaymentMethod>,
    attempt: &Attempt,
) -> Outcome {
    intent.check(Step::Confirm, work.now())?;
    let payment_method: PaymentMethod = match (given, &intent.payment_method) {
        (Some(given), _) => given,
        (None, Some(id)) => work.linked(id)?,
        (None, None) => return Err(no_payment_method(work, &intent)),
    };
    payment_methods::refuse_spent(&payment_method)?;
    check_return_url(&intent, attempt)?;
    if attempt.return_url.is_some() {
        intent.hidden.return_url.clone_from(&attempt.return_url);
    }
    intent.last_payment_error = None;
    intent.next_action = None;
    intent.hidden.authenticated = false;

    let card = cards::named(&payment_method.hidden.card);
    if needs_challenge(card, &payment_method, &intent, attempt.off_session) {
        if attempt.off_session || attempt.error_on_requires_action {
            return decline(work, intent, payment_method, AUTHENTICATION_REQUIRED);
        }
        return challenge(work, intent, attempt);
    }
    if card.behaviour == Behaviour::Processes {
        intent.status = Status::Processing;
        work.put(&intent)?;
        work.emit("payment_intent.processing", &intent)?;
        return Ok(Reply::ok(work.render(&intent)));
    }
    match decline_of(card) {
        Some(reason) => decline(work, intent, payment_method, reason),
        None => pay(work, intent, payment_method),
    }
}

/// The customer passed or failed the challenge.
pub fn authenticate(work: &mut Work<'_>, mut intent: PaymentIntent, passed: bool) -> Outcome {
    intent.check(Step::Authenticate, work.now())?;
    let payment_method: PaymentMethod = match &intent.payment_method {
        Some(id) => work.linked(id)?,
        None => return Err(no_payment_method(work, &intent)),
    };
    intent.next_action = None;
    if !passed {
        return fail_authentication(work, intent, &payment_method);
    }
    intent.hidden.authenticated = true;
    match decline_of(cards::named(&payment_method.hidden.card)) {
        Some(reason) => decline(work, intent, payment_method, reason),
        None => pay(work, intent, payment_method),
    }
}

/// A payment in `processing` comes to its end.
pub fn settle(work: &mut Work<'_>, intent: PaymentIntent, succeeds: bool) -> Outcome {
    intent.check(Step::Settle, work.now())?;
    let payment_method: PaymentMethod = match &intent.payment_method {
        Some(id) => work.linked(id)?,
        None => return Err(no_payment_method(work, &intent)),
    };
    if succeeds {
        pay(work, intent, payment_method)
    } else {
        decline(work, intent, payment_method, GENERIC)
    }
}

fn decline_of(card: &TestCard) -> Option<Decline> {
    match card.behaviour {
        Behaviour::Declines(decline) | Behaviour::AttachesThenDeclines(decline) => Some(decline),
        Behaviour::Challenges { then, .. } => then,
        Behaviour::Pays
        | Behaviour::RefundPends
        | Behaviour::RefundFails
        | Behaviour::AvailableAtOnce
        | Behaviour::Processes => None,
    }
}

fn needs_challenge(
    card: &TestCard,
    payment_method: &PaymentMethod,
    intent: &PaymentIntent,
    off_session: bool,
) -> bool {
    let asked = intent.hidden.request_three_d_secure != RequestThreeDSecure::Automatic;
    match card.behaviour {
        Behaviour::Challenges {
            when: ChallengeWhen::Always,
            ..
        } => true,
        Behaviour::Challenges {
            when: ChallengeWhen::UnlessSetUp,
            ..
        } => !(off_session && payment_method.hidden.set_up),
        Behaviour::Challenges {
            when: ChallengeWhen::OnSession,
            ..
        } => !off_session,
        Behaviour::Challenges {
            when: ChallengeWhen::Requested,
            ..
        } => asked,
        Behaviour::Pays
        | Behaviour::Declines(_)
        | Behaviour::AttachesThenDeclines(_)
        | Behaviour::RefundPends
        | Behaviour::RefundFails
        | Behaviour::AvailableAtOnce
        | Behaviour::Processes => false,
    }
}

fn challenge(work: &mut Work<'_>, mut intent: PaymentIntent, attempt: &Attempt) -> Outcome {
    let page = format!("{}/_stand_in/3ds/{}", work.origin.base_url, intent.id);
    let action = match (&intent.hidden.return_url, attempt.use_stripe_sdk) {
        (Some(return_url), false) => json!({
            "type": "redirect_to_url",
            "redirect_to_url": { "return_url": return_url, "url": page },
        }),
        (Some(_) | None, _) => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": page, "source": intent.id },
        }),
    };
    intent.status = Status::RequiresAction;
    intent.next_action = Some(action);
    work.put(&intent)?;
    work.emit("payment_intent.requires_action", &intent)?;
    Ok(Reply::ok(work.render(&intent)))
}

/// The charge succeeds: captured, or held until it is captured.
fn pay(work: &mut Work<'_>, mut intent: PaymentIntent, mut payment_method: PaymentMethod) -> Outcome {
    keep_or_spend(work, &intent, &mut payment_method)?;
    let mut charge = new_charge(work, &intent, &payment_method, None);
    intent.latest_charge = Some(charge.id.clone());
    let event = match intent.capture_method {
        CaptureMethod::Manual => {
            authorization::hold(work, &mut intent, &mut charge)?;
            "payment_intent.amount_capturable_updated"
        }
        method @ (CaptureMethod::Automatic | CaptureMethod::AutomaticAsync) => {
            let asynchronous = method == CaptureMethod::AutomaticAsync;
            let amount = intent.amount;
            authorization::take(work, &mut intent, &mut charge, amount, asynchronous)?;
            "payment_intent.succeeded"
        }
    };
    work.put(&charge)?;
    work.put(&intent)?;
    work.emit("charge.succeeded", &charge)?;
    work.emit(event, &intent)?;
    Ok(Reply::ok(work.render(&intent)))
}

/// The charge fails: an effect of its own, so the answer is a 402 and yet everything is kept.
fn decline(
    work: &mut Work<'_>,
    mut intent: PaymentIntent,
    payment_method: PaymentMethod,
    reason: Decline,
) -> Outcome {
    let charge = new_charge(work, &intent, &payment_method, Some(reason));
    let mut error = ApiError::card(reason.code, reason.message).with("charge", charge.id.as_str());
    if let Some(decline_code) = reason.decline_code {
        error = error.with("decline_code", decline_code);
    }
    if reason.code == "incorrect_cvc" {
        error = error.param("cvc");
    }
    error = error.with("payment_method", work.render(&payment_method));
    intent.latest_charge = Some(charge.id.clone());
    work.put(&charge)?;
    work.emit("charge.failed", &charge)?;
    fail(work, intent, error)
}

fn fail_authentication(
    work: &mut Work<'_>,
    intent: PaymentIntent,
    payment_method: &PaymentMethod,
) -> Outcome {
    let message = "We are unable to authenticate your payment method. Please choose a different payment method \
                   and try again.";
    let error = ApiError::invalid(message)
        .code("payment_intent_authentication_failure")
        .with("payment_method", work.render(payment_method));
    fail(work, intent, ApiError { status: 402, ..error })
}

/// Back to `requires_payment_method`, with the reason; the answer carries the intent in its error.
fn fail(work: &mut Work<'_>, mut intent: PaymentIntent, error: ApiError) -> Outcome {
    intent.status = Status::RequiresPaymentMethod;
    intent.payment_method = None;
    intent.next_action = None;
    intent.last_payment_error = Some(Value::Object(error.error.clone()));
    work.put(&intent)?;
    work.emit("payment_intent.payment_failed", &intent)?;
    let error = error.with("payment_intent", work.render(&intent));
    Ok(Reply {
        status: error.status,
        body: error.body(),
    })
}

fn keep_or_spend(
    work: &mut Work<'_>,
    intent: &PaymentIntent,
    payment_method: &mut PaymentMethod,
) -> Result<(), ApiError> {
    match (&intent.customer, intent.setup_future_usage) {
        (Some(customer), Some(usage)) => {
            if usage == SetupFutureUsage::OffSession {
                payment_method.hidden.set_up = true;
            }
            if payment_method.customer.is_none() {
                payment_method.customer = Some(customer.clone());
                work.emit("payment_method.attached", payment_method)?;
            }
        }
        (Some(_), None) | (None, _) => {
            payment_method.hidden.spent = payment_method.customer.is_none();
        }
    }
    work.put(payment_method)
}

fn new_charge(
    work: &Work<'_>,
    intent: &PaymentIntent,
    payment_method: &PaymentMethod,
    failure: Option<Decline>,
) -> Charge {
    Charge {
        id: work.new_id(Kind::Charge),
        created: work.now(),
        amount: intent.amount,
        amount_captured: 0,
        amount_refunded: 0,
        balance_transaction: None,
        billing_details: payment_method.billing_details.clone(),
        captured: false,
        currency: intent.currency.clone(),
        customer: intent.customer.clone(),
        description: intent.description.clone(),
        failure_code: failure.map(|decline| decline.code.to_owned()),
        failure_message: failure.map(|decline| decline.message.to_owned()),
        metadata: intent.metadata.clone(),
        outcome: outcome(failure),
        paid: failure.is_none(),
        payment_intent: intent.id.clone(),
        payment_method: payment_method.id.clone(),
        receipt_email: intent.receipt_email.clone(),
        refunded: false,
        shipping: intent.shipping.clone(),
        statement_descriptor: intent.statement_descriptor.clone(),
        statement_descriptor_suffix: intent.statement_descriptor_suffix.clone(),
        status: if failure.is_none() {
            charge::Status::Succeeded
        } else {
            charge::Status::Failed
        },
        transfer_group: intent.transfer_group.clone(),
        hidden: charge::Hidden {
            card_name: payment_method.hidden.card.clone(),
            card: payment_method.card(),
            capture_before: None,
            authenticated: intent.hidden.authenticated,
        },
    }
}

fn outcome(failure: Option<Decline>) -> ChargeOutcome {
    let (network_status, seller_message, kind) = match failure {
        None => ("approved_by_network", "Payment complete.", "authorized"),
        Some(Decline { blocked: true, .. }) => (
            "not_sent_to_network",
            "Stripe blocked this payment as too risky.",
            "blocked",
        ),
        Some(Decline { blocked: false, .. }) => (
            "declined_by_network",
            "The bank did not return any further details with this decline.",
            "issuer_declined",
        ),
    };
    ChargeOutcome {
        advice_code: None,
        network_advice_code: None,
        network_decline_code: None,
        network_status: network_status.into(),
        reason: failure.map(|decline| decline.decline_code.unwrap_or(decline.code).to_owned()),
        risk_level: if failure.is_some_and(|decline| decline.blocked) {
            "highest"
        } else {
            "normal"
        }
        .into(),
        risk_score: 20,
        seller_message: seller_message.into(),
        r#type: kind.into(),
    }
}

fn no_payment_method(work: &Work<'_>, intent: &PaymentIntent) -> ApiError {
    ApiError::refused(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
         PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a \
         payment method or ConfirmationToken.",
    )
    .code("payment_intent_unexpected_state")
    .with("payment_intent", work.render(intent))
}

/// Where redirecting methods of payment are possible, a confirmation must say where to return.
fn check_return_url(intent: &PaymentIntent, attempt: &Attempt) -> Result<(), ApiError> {
    let may_redirect = intent
        .automatic_payment_methods
        .as_ref()
        .is_some_and(|methods| methods.allow_redirects == AllowRedirects::Always);
    let returns = attempt.return_url.is_some() || intent.hidden.return_url.is_some();
    if !may_redirect || returns || attempt.use_stripe_sdk {
        return Ok(());
    }
    Err(ApiError::invalid(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of \
         these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
         If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` \
         to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
         Payment Intents.",
    )
    .param("return_url"))
}
