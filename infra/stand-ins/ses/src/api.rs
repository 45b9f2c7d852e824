//! The API: `SendRawEmail` and `SendEmail` of the query protocol, and the fault switch beside them.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::compose::{Composed, compose};
use crate::error::{REQUEST_ID, SesError, XML_NAMESPACE};
use crate::faults::{Fault, When};
use crate::form::Parameters;
use crate::limits::{MESSAGE_BYTES_MAX, RECIPIENTS_MAX, REQUEST_BYTES_MAX};
use crate::store::Accepted;
use crate::{Inner, address, mail};

type Submitted = Result<Form<Vec<(String, String)>>, FormRejection>;

/// How an operation's parameters become a message with its envelope.
type Read = fn(&Parameters) -> Result<Composed, SesError>;

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/", post(call))
        .route(
            "/_stand_in/faults",
            get(armed_faults).post(arm_fault).delete(clear_faults),
        )
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(inner)
}

async fn call(State(inner): State<Arc<Inner>>, form: Submitted) -> Response {
    match answer(&inner, form) {
        Ok((action, message_id)) => {
            let request_id = uuid::Uuid::new_v4().to_string();
            let body = format!(
                "<{action}Response xmlns=\"{XML_NAMESPACE}\"><{action}Result><MessageId>{message_id}</MessageId>\
                 </{action}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
                 </{action}Response>"
            );
            (
                [
                    (header::CONTENT_TYPE, "text/xml".to_owned()),
                    (REQUEST_ID, request_id),
                ],
                body,
            )
                .into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn answer(inner: &Inner, form: Submitted) -> Result<(&'static str, String), SesError> {
    let Form(pairs) = form.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => SesError::RequestEntityTooLarge,
        _ => SesError::MalformedQueryString,
    })?;
    let parameters = Parameters::new(pairs);
    let (action, read): (_, Read) = match parameters.get("Action").ok_or(SesError::MissingAction)? {
        "SendEmail" => ("SendEmail", compose),
        "SendRawEmail" => ("SendRawEmail", read_raw),
        other => return Err(SesError::InvalidAction(other.to_owned())),
    };
    let fault = inner.faults.take();
    if let Some((When::Before, error)) = fault {
        return Err(error);
    }
    let message_id = accept(inner, &read(&parameters)?)?;
    match fault {
        Some((_, error)) => Err(error),
        None => Ok((action, message_id)),
    }
}

/// The message of `SendRawEmail` and whom its envelope names.
fn read_raw(parameters: &Parameters) -> Result<Composed, SesError> {
    let data = parameters.required("RawMessage.Data", "rawMessage.data")?;
    let raw = BASE64.decode(data).map_err(|_| SesError::NotAMessage)?;
    let message = mail::parse(&raw).ok_or(SesError::NotAMessage)?;
    let from = address::all(message.from())
        .into_iter()
        .next()
        .ok_or(SesError::MissingHeader("From"))?;
    let sender = match parameters.get("Source") {
        Some(source) => address::one(source)?.email,
        None => from.email,
    };
    address::check(&sender)?;
    let destinations = parameters.list("Destinations");
    let recipients = if destinations.is_empty() {
        let headers = [message.to(), message.cc(), message.bcc()];
        headers
            .into_iter()
            .flat_map(address::all)
            .map(|address| address.email)
            .collect()
    } else {
        destinations
            .into_iter()
            .map(|text| address::one(text).map(|address| address.email))
            .collect::<Result<_, _>>()?
    };
    Ok(Composed {
        sender,
        recipients,
        raw,
    })
}

/// The rules that both operations share, then the mail box.
fn accept(inner: &Inner, composed: &Composed) -> Result<String, SesError> {
    if composed.raw.len() > MESSAGE_BYTES_MAX {
        return Err(SesError::MessageTooLong(composed.raw.len()));
    }
    if composed.recipients.is_empty() {
        return Err(SesError::MissingHeader("To"));
    }
    if composed.recipients.len() > RECIPIENTS_MAX {
        return Err(SesError::TooManyRecipients);
    }
    composed
        .recipients
        .iter()
        .try_for_each(|recipient| address::check(recipient))?;
    if !inner.is_verified(&composed.sender) {
        return Err(SesError::NotVerified(composed.sender.clone()));
    }
    let received_ms = jiff::Timestamp::now().as_millisecond();
    // The shape of the ids of SES: a time, a random part, a counter.
    let message_id = format!("0107{received_ms:012x}-{}-000000", uuid::Uuid::new_v4());
    let id = inner.store.add(&Accepted {
        message_id: &message_id,
        received_ms,
        sender: &composed.sender,
        recipients: &composed.recipients,
        raw: &composed.raw,
    })?;
    inner.newest.send_replace(id);
    Ok(message_id)
}

async fn armed_faults(State(inner): State<Arc<Inner>>) -> Json<Vec<Fault>> {
    Json(inner.faults.armed())
}

async fn arm_fault(State(inner): State<Arc<Inner>>, Json(fault): Json<Fault>) -> StatusCode {
    inner.faults.arm(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(inner): State<Arc<Inner>>) -> StatusCode {
    inner.faults.clear();
    StatusCode::NO_CONTENT
}
