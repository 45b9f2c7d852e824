//! `/v1/payment_intents`.
//!
//! Refused as unknown, so that no one relies on what is not here: `application_fee_amount`, `on_behalf_of`,
//! `transfer_data`, `confirmation_token`, incremental authorisation, search.

pub(crate) mod attempt;
pub(crate) mod authorization;
mod reading;

use super::{Outcome, Route, lists};
use crate::api_error::ApiError;
use crate::http::reply::Reply;
use crate::ids;
use crate::objects::payment_intent::{
    AllowRedirects, AutomaticPaymentMethods, CaptureMethod, ConfirmationMethod, Hidden, PaymentIntent,
    Status, Step,
};
use crate::params::{Metadata, Params};
use crate::store::{Column, Filter, Kind};
use crate::work::Work;
use attempt::Attempt;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("POST", []) => Route::new("payment_intents.create", create, ""),
        ("GET", []) => Route::new("payment_intents.list", list, ""),
        ("GET", [id]) => Route::new("payment_intents.retrieve", retrieve, id),
        ("POST", [id]) => Route::new("payment_intents.update", update, id),
        ("POST", [id, "confirm"]) => Route::new("payment_intents.confirm", confirm, id),
        ("POST", [id, "capture"]) => Route::new("payment_intents.capture", authorization::capture, id),
        ("POST", [id, "cancel"]) => Route::new("payment_intents.cancel", authorization::cancel, id),
        _ => None,
    }
}

/// The PaymentIntent that the path names.
pub(crate) fn find(work: &Work<'_>, id: &str) -> Result<PaymentIntent, ApiError> {
    work.find(id, "intent")
}

fn create(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let (amount, currency) = reading::amount(&mut params)?;
    let id = work.new_id(Kind::PaymentIntent);
    let mut intent = PaymentIntent {
        client_secret: format!("{id}_secret_{}", ids::random(24)),
        id,
        created: work.now(),
        amount,
        amount_capturable: 0,
        amount_received: 0,
        automatic_payment_methods: None,
        canceled_at: None,
        cancellation_reason: None,
        capture_method: CaptureMethod::default(),
        confirmation_method: ConfirmationMethod::default(),
        currency: currency.code().to_owned(),
        customer: None,
        description: None,
        last_payment_error: None,
        latest_charge: None,
        metadata: Metadata::new(),
        next_action: None,
        payment_method: None,
        payment_method_types: vec!["card".into()],
        receipt_email: None,
        setup_future_usage: None,
        shipping: None,
        statement_descriptor: None,
        statement_descriptor_suffix: None,
        status: Status::RequiresPaymentMethod,
        transfer_group: None,
        hidden: Hidden::default(),
    };
    let confirm = params.boolean("confirm")?.unwrap_or(false);
    read_methods_of_payment(&mut params, &mut intent)?;
    let changes = reading::changes(work, &mut params)?;
    let attempt = reading::attempt(&mut params, confirm)?;
    params.finish()?;

    let payment_method = changes.apply(work, &mut intent)?;
    work.put(&intent)?;
    work.emit("payment_intent.created", &intent)?;
    if confirm {
        return attempt::confirm(work, intent, payment_method, &attempt);
    }
    Ok(Reply::ok(work.render(&intent)))
}

/// Without `payment_method_types`, current API versions offer what the account has enabled.
fn read_methods_of_payment(params: &mut Params, intent: &mut PaymentIntent) -> Result<(), ApiError> {
    let types = params.list("payment_method_types")?;
    let automatic = params.nested("automatic_payment_methods")?;
    if let Some(kind) = types.iter().flatten().find(|kind| *kind != "card") {
        let message =
            format!("The payment method type \"{kind}\" is invalid: this stand-in knows only card.");
        return Err(ApiError::invalid(message).param("payment_method_types"));
    }
    let mut enabled = types.is_none();
    let mut allow_redirects = AllowRedirects::default();
    if let Some(mut automatic) = automatic {
        enabled = automatic
            .boolean("enabled")?
            .ok_or_else(|| ApiError::missing_parameter("automatic_payment_methods[enabled]"))?;
        allow_redirects = automatic
            .choice("allow_redirects", &["always", "never"])?
            .unwrap_or_default();
        automatic.finish()?;
        if enabled && types.is_some() {
            let message = "You may only specify one of these parameters: automatic_payment_methods, \
                           payment_method_types.";
            return Err(ApiError::invalid(message).code("parameters_exclusive"));
        }
    }
    if enabled {
        intent.automatic_payment_methods = Some(AutomaticPaymentMethods {
            allow_redirects,
            enabled: true,
        });
    }
    if let Some(method) = params.choice("confirmation_method", &["automatic", "manual"])? {
        intent.confirmation_method = method;
    }
    Ok(())
}

fn confirm(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let changes = reading::changes_on_confirm(work, &mut params)?;
    let attempt: Attempt = reading::attempt(&mut params, true)?;
    params.finish()?;

    let mut intent = find(work, id)?;
    intent.check(Step::Confirm, work.now())?;
    let payment_method = changes.apply(work, &mut intent)?;
    attempt::confirm(work, intent, payment_method, &attempt)
}

fn update(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let mut changes = reading::changes(work, &mut params)?;
    changes.amount = params.integer("amount")?;
    changes.currency = params.text("currency")?;
    params.finish()?;

    let mut intent = find(work, id)?;
    intent.check(Step::Update, work.now())?;
    if changes.concern_payment() && matches!(intent.status, Status::RequiresCapture | Status::Succeeded) {
        let message = format!(
            "This PaymentIntent's amount could not be updated because it has a status of {}. You may only \
             update the amount of a PaymentIntent with one of the following statuses: requires_payment_method, \
             requires_confirmation, requires_action.",
            intent.status.name()
        );
        return Err(ApiError::refused(message)
            .code("payment_intent_unexpected_state")
            .with("payment_intent", work.render(&intent)));
    }
    let drops_challenge = changes.concern_payment() && intent.status == Status::RequiresAction;
    changes.apply(work, &mut intent)?;
    if drops_challenge {
        intent.status = Status::RequiresConfirmation;
        intent.next_action = None;
    }
    work.put(&intent)?;
    Ok(Reply::ok(work.render(&intent)))
}

fn retrieve(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let client_secret = params.text("client_secret")?;
    params.finish()?;
    let intent = find(work, id)?;
    if client_secret.is_some_and(|given| given != intent.client_secret) {
        let message = "The client_secret provided does not match the client_secret associated with the \
                       PaymentIntent.";
        return Err(ApiError::refused(message).param("client_secret"));
    }
    Ok(Reply::ok(work.render(&intent)))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    let mut filter = Filter::default();
    lists::created(&mut params, &mut filter)?;
    if let Some(customer) = params.text("customer")? {
        filter.columns.push((Column::Customer, vec![customer]));
    }
    params.finish()?;
    let list = lists::list(
        work,
        &filter,
        &page,
        "/v1/payment_intents",
        |intent: &PaymentIntent| Ok(work.render(intent)),
    )?;
    Ok(Reply::ok(list))
}
