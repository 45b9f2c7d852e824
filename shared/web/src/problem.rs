//! What goes wrong, told as RFC 9457 wants it: `application/problem+json` with a stable code.
//!
//! [`Problem`] is the only error of a handler and has one `From`, for the error of the use cases. The
//! text of a fault of ours stays in the log.

use app::{Conflict, Error, FieldError};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use domain::id::{BookingId, SpaceId};
use domain::time::Interval;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::codes::{self, CATALOGUE, Code};
use crate::views::IntervalView;

/// How long a client should wait before it asks again when we say "temporarily".
pub const RETRY_AFTER_SECONDS: u16 = 1;

pub const MEDIA_TYPE: &str = "application/problem+json";

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Box<Told>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    alternatives: Vec<Interval>,
    conflicts: Vec<Conflict>,
    allowed_transitions: Vec<&'static str>,
    missing: Vec<&'static str>,
    /// Seconds until it may be asked again.
    wait: Option<u32>,
    /// For the log; never for the client.
    cause: Option<String>,
}

/// The body of an answer that is not a success, `application/problem+json` of RFC 9457.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct View<'a> {
    /// A URI reference that names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is, for people.
    title: &'static str,
    /// The HTTP status again.
    status: u16,
    /// What kind of problem it is, for programs. Stable.
    #[schemars(schema_with = "any_code")]
    code: &'static str,
    /// What is the matter this time, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// Every field that is not right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldView<'a>>,
    /// Up to three other times that could be had a moment ago, nearest first: as long as what was asked for, or as near
    /// to that as is allowed, or packages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<IntervalView>,
    /// The bookings that are in the way, by their start; the first fifty of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictView>,
    /// What is possible in the present state.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allowed_transitions: &'a [&'static str],
    /// What has to be there first.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'a [&'static str],
    /// Names this request in our logs; quote it when you ask for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// One field that is not right.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FieldProblem")]
struct FieldView<'a> {
    /// RFC 6901, into the body or, for a request without one, the query. Empty for the whole.
    pointer: &'a str,
    detail: &'a str,
}

/// A booking that is in the way.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Conflict")]
pub struct ConflictView {
    #[schemars(with = "String")]
    pub booking_id: BookingId,
    /// The space that is booked.
    #[schemars(with = "String")]
    pub space_id: SpaceId,
    #[serde(flatten)]
    pub time: IntervalView,
}

impl From<Conflict> for ConflictView {
    fn from(conflict: Conflict) -> Self {
        Self {
            booking_id: conflict.booking,
            space_id: conflict.space,
            time: conflict.interval.into(),
        }
    }
}

fn any_code(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = CATALOGUE.iter().map(|code| code.name).collect();
    json_schema!({"type": "string", "enum": names})
}

/// The schema of the body of every problem.
pub(crate) fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<View<'static>>()
}

impl Problem {
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self(Box::new(Told {
            code,
            detail: None,
            errors: Vec::new(),
            alternatives: Vec::new(),
            conflicts: Vec::new(),
            allowed_transitions: Vec::new(),
            missing: Vec::new(),
            wait: None,
            cause: None,
        }))
    }

    /// Input that is not right, each field with a JSON pointer.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(codes::INVALID).with(|told| told.errors = errors)
    }

    /// A fault of ours. The text is for the log.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::new(codes::INTERNAL).caused_by(cause)
    }

    #[must_use]
    pub fn detailed(self, detail: impl Into<String>) -> Self {
        self.with(|told| told.detail = Some(detail.into()))
    }

    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What the log should know of it and the client should not.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    fn caused_by(self, cause: impl Into<String>) -> Self {
        self.with(|told| told.cause = Some(cause.into()))
    }

    fn with(mut self, tell: impl FnOnce(&mut Told)) -> Self {
        tell(&mut self.0);
        self
    }

    fn refused(refusal: Refusal) -> Self {
        let problem = Self::new(codes::of_refusal(&refusal)).detailed(refusal.to_string());
        if let Refusal::InvalidTransition { allowed, .. } = refusal {
            problem.with(|told| told.allowed_transitions = allowed)
        } else if let Refusal::Incomplete { missing } = refusal {
            problem.with(|told| told.missing = missing)
        } else {
            problem
        }
    }

    /// The answer, with the request's id when it is known. [`crate::layers`] calls this a second time,
    /// for a handler does not know the id.
    pub(crate) fn render(&self, request_id: Option<&str>) -> Response {
        let told = &self.0;
        let view = View {
            kind: format!("/problems/{}", told.code.name),
            title: told.code.title,
            status: told.code.status,
            code: told.code.name,
            detail: told.detail.as_deref(),
            errors: told
                .errors
                .iter()
                .map(|e| FieldView {
                    pointer: &e.pointer,
                    detail: &e.message,
                })
                .collect(),
            alternatives: told
                .alternatives
                .iter()
                .copied()
                .map(IntervalView::from)
                .collect(),
            conflicts: told.conflicts.iter().cloned().map(ConflictView::from).collect(),
            allowed_transitions: &told.allowed_transitions,
            missing: &told.missing,
            request_id,
        };
        // Strings and numbers always serialise; an empty body would still carry the right status.
        let body = serde_json::to_vec(&view).unwrap_or_default();
        let mut response = Response::new(body.into());
        *response.status_mut() =
            StatusCode::from_u16(told.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match told.code.status {
            401 => _ = headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            503 => _ = headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)),
            _ => {}
        }
        if let Some(seconds) = told.wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => Self::new(codes::UNAUTHENTICATED),
            Error::Forbidden => Self::new(codes::FORBIDDEN),
            Error::NotFound => Self::new(codes::NOT_FOUND),
            Error::Refused(refusal) => Self::refused(refusal),
            Error::RefusedTime(refusal, alternatives) => {
                Self::refused(refusal).with(|told| told.alternatives = alternatives)
            }
            Error::BookingsInTheWay(conflicts) => {
                Self::refused(Refusal::BookingsInTheWay).with(|told| told.conflicts = conflicts)
            }
            Error::Invalid(errors) => Self::invalid(errors),
            Error::TooManyRequests(seconds) => Self::new(codes::TOO_MANY_REQUESTS)
                .detailed(format!("Try again in {seconds} seconds."))
                .with(|told| told.wait = Some(seconds)),
            Error::PreconditionFailed => Self::new(codes::PRECONDITION_FAILED),
            Error::KeyReused => Self::new(codes::IDEMPOTENCY_KEY_REUSED),
            Error::InProgress => Self::new(codes::IN_PROGRESS),
            Error::Webhook(why) => Self::new(codes::WEBHOOK_REFUSED).detailed(why.to_string()),
            Error::Unavailable(cause) => Self::new(codes::UNAVAILABLE)
                .caused_by(cause)
                .detailed("Try again in a moment."),
            Error::Internal(cause) => Self::internal(cause),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.render(None);
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns an answer into a problem with the request's id. Whatever is not a success becomes one: those
/// that the router makes itself, such as 404 and 405, have no JSON.
pub(crate) fn settle(response: Response, request_id: &str) -> (Response, Option<Problem>) {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return (response, None);
    }
    let (mut parts, _) = response.into_parts();
    let problem = parts
        .extensions
        .remove::<Problem>()
        .unwrap_or_else(|| Problem::new(codes::of_status(status.as_u16())));
    let mut rendered = problem.render(Some(request_id));
    // What else the answer carried stays: `Allow` of a 405, the headers of CORS.
    for name in rendered.headers().keys() {
        parts.headers.remove(name);
    }
    parts.headers.remove(CONTENT_LENGTH);
    rendered.headers_mut().extend(parts.headers);
    (rendered, Some(problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::ports::BadWebhook;
    use http_body_util::BodyExt;
    use serde_json::{Value, json};

    async fn body(response: Response) -> Value {
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn a_taken_time_comes_with_times_that_are_free() {
        let at = |text: &str| text.parse().unwrap();
        let free = Interval::new(at("2027-03-01T10:00:00Z"), at("2027-03-01T12:00:00Z")).unwrap();
        let response = Problem::from(Error::RefusedTime(Refusal::SlotTaken, vec![free])).render(Some("r-1"));
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[CONTENT_TYPE], MEDIA_TYPE);
        assert_eq!(
            body(response).await,
            json!({
                "type": "/problems/slot_taken",
                "title": "The time is taken",
                "status": 409,
                "code": "slot_taken",
                "detail": "the time is taken",
                "alternatives": [{"start": "2027-03-01T10:00:00Z", "end": "2027-03-01T12:00:00Z"}],
                "request_id": "r-1",
            })
        );
    }

    #[tokio::test]
    async fn a_refused_transition_says_what_is_possible() {
        let refusal = Refusal::InvalidTransition {
            from: "cancelled",
            allowed: vec!["live"],
        };
        let body = body(Problem::from(Error::Refused(refusal)).render(None)).await;
        assert_eq!(body["allowed_transitions"], json!(["live"]));
    }

    #[tokio::test]
    async fn what_is_missing_is_listed() {
        let refusal = Refusal::Incomplete {
            missing: vec!["address", "price"],
        };
        let body = body(Problem::from(Error::Refused(refusal)).render(None)).await;
        assert_eq!(body["missing"], json!(["address", "price"]));
    }

    #[tokio::test]
    async fn the_text_of_a_fault_of_ours_stays_here() {
        let secret = "table bookings-prod: ResourceNotFoundException";
        for error in [Error::Internal(secret.into()), Error::Unavailable(secret.into())] {
            let problem = Problem::from(error);
            assert_eq!(problem.cause(), Some(secret));
            let body = body(problem.render(Some("r-1"))).await.to_string();
            assert!(!body.contains("bookings-prod"), "{body}");
            assert!(body.contains("r-1"));
        }
    }

    #[test]
    fn every_error_of_the_use_cases_has_its_status() {
        let cases = [
            (Error::Unauthenticated, 401, "unauthenticated"),
            (Error::Forbidden, 403, "forbidden"),
            (Error::NotFound, 404, "not_found"),
            (Error::Refused(Refusal::SlotTaken), 409, "slot_taken"),
            (Error::Refused(Refusal::Unverified), 403, "unverified"),
            (Error::Invalid(Vec::new()), 422, "invalid"),
            (Error::PreconditionFailed, 412, "precondition_failed"),
            (Error::TooManyRequests(7), 429, "too_many_requests"),
            (Error::KeyReused, 422, "idempotency_key_reused"),
            (Error::InProgress, 409, "in_progress"),
            (Error::Webhook(BadWebhook::Signature), 400, "webhook_refused"),
            (Error::Unavailable(String::new()), 503, "unavailable"),
            (Error::Internal(String::new()), 500, "internal"),
        ];
        for (error, status, code) in cases {
            let response = Problem::from(error.clone()).into_response();
            assert_eq!(response.status(), status, "{error:?}");
            assert_eq!(Problem::from(error).code().name, code);
        }
    }

    #[test]
    fn every_refusal_is_answered_with_the_status_of_its_code() {
        for refusal in codes::tests::every_refusal() {
            let code = codes::of_refusal(&refusal);
            let response = Problem::from(Error::Refused(refusal)).into_response();
            assert_eq!(response.status(), code.status);
        }
    }

    #[test]
    fn who_has_to_sign_in_or_to_wait_is_told_how() {
        let unauthenticated = Problem::from(Error::Unauthenticated).into_response();
        assert_eq!(unauthenticated.headers()[WWW_AUTHENTICATE], "Bearer");
        let unavailable = Problem::from(Error::Unavailable(String::new())).into_response();
        assert_eq!(unavailable.headers()[RETRY_AFTER], "1");
        let too_many = Problem::from(Error::TooManyRequests(42)).into_response();
        assert_eq!(too_many.headers()[RETRY_AFTER], "42");
    }
}
