//! The page of a 3-D Secure challenge, which a person or a test passes or fails.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode, header};
use axum::response::{Html, IntoResponse};
use url::Url;

use crate::StripeStandIn;
use crate::api::payment_intents::{self, attempt};
use crate::api_error::ApiError;
use crate::objects::payment_intent::PaymentIntent;
use crate::work::Origin;

/// `GET /_stand_in/3ds/{intent}`
pub(crate) async fn page(State(stand_in): State<StripeStandIn>, Path(id): Path<String>) -> Response<Body> {
    let origin = Origin::default();
    match stand_in
        .shared
        .transact(&origin, |work| payment_intents::find(work, &id))
    {
        Ok(intent) => Html(html(&intent)).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, Html(error.body().to_string())).into_response(),
    }
}

/// `POST /_stand_in/3ds/{intent}/complete` or `/fail`, by the page's buttons: back to the shop.
pub(crate) async fn decide(
    State(stand_in): State<StripeStandIn>,
    Path((id, verdict)): Path<(String, String)>,
) -> Response<Body> {
    let passed = match verdict.as_str() {
        "complete" => true,
        "fail" => false,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match conclude(&stand_in, &id, passed) {
        Ok(intent) => back(&intent),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            (
                status,
                [(header::CONTENT_TYPE, "application/json")],
                error.body().to_string(),
            )
                .into_response()
        }
    }
}

/// Ends the challenge. A card that then declines is no error: the intent tells.
pub(crate) fn conclude(stand_in: &StripeStandIn, id: &str, passed: bool) -> Result<PaymentIntent, ApiError> {
    stand_in.shared.transact(&Origin::default(), |work| {
        let intent = payment_intents::find(work, id)?;
        attempt::authenticate(work, intent, passed)?;
        payment_intents::find(work, id)
    })
}

/// To the `return_url`, with the parameters that Stripe adds; otherwise the intent as JSON.
fn back(intent: &PaymentIntent) -> Response<Body> {
    let target = intent
        .hidden
        .return_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok());
    let Some(mut target) = target else {
        let body = crate::store::Record::render(intent, intent.created).to_string();
        return ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    };
    let verdict = if intent.last_payment_error.is_none() {
        "succeeded"
    } else {
        "failed"
    };
    target
        .query_pairs_mut()
        .append_pair("payment_intent", &intent.id)
        .append_pair("payment_intent_client_secret", &intent.client_secret)
        .append_pair("redirect_status", verdict);
    (StatusCode::SEE_OTHER, [(header::LOCATION, target.to_string())]).into_response()
}

fn html(intent: &PaymentIntent) -> String {
    // Ids and currencies are of our own making: letters, digits and underscores.
    let (id, amount, currency) = (&intent.id, intent.amount, &intent.currency);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>3-D Secure (stand-in)</title>\
         <style>body{{font:16px system-ui;margin:4rem auto;max-width:28rem}}\
         button{{font:inherit;padding:.6rem 1.2rem;margin-right:1rem}}</style></head><body>\
         <h1>Confirm your payment</h1><p>{amount} {currency} (in the smallest unit)<br>{id}</p>\
         <form method=\"post\" action=\"/_stand_in/3ds/{id}/complete\" style=\"display:inline\">\
         <button>Complete authentication</button></form>\
         <form method=\"post\" action=\"/_stand_in/3ds/{id}/fail\" style=\"display:inline\">\
         <button>Fail authentication</button></form></body></html>"
    )
}
