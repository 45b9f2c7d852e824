//! JSON bodies: from bytes over a raw value to one of the domain, or all that is wrong with it.

use app::{App, FieldError};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::codes;
use crate::openapi::describe;
use crate::problem::Problem;
use crate::problems::Problems;
use crate::shape;

/// The largest body that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// A raw input, as it is written in JSON or a query, that can become a value of the domain.
///
/// The raw type has `#[serde(deny_unknown_fields)]`; [`crate::openapi::document`] refuses one without.
pub trait Parse: DeserializeOwned + JsonSchema + 'static {
    type Into: Send;

    /// The value, or every field that is not right. `None` only with at least one problem.
    fn parse(self, problems: &mut Problems) -> Option<Self::Into>;
}

/// Extracts a JSON body. 415 unless it says that it is JSON, 413 above [`BODY_BYTES_MAX`], 422 with a
/// pointer for each wrong field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body<R: Parse>(pub R::Into);

impl<R: Parse> FromRequest<App> for Body<R> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(codes::UNSUPPORTED_MEDIA_TYPE).detailed("Send application/json."));
        }
        let bytes = collect(request.into_body()).await?;
        let raw = read::<R>(&bytes).map_err(Problem::invalid)?;
        parse(raw).map(Self)
    }
}

/// All of a body, if it is not too large.
pub(crate) async fn collect(body: axum::body::Body) -> Result<Bytes, Problem> {
    use std::error::Error;
    axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|error| {
        let too_large = error
            .source()
            .is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        match too_large {
            true => Problem::new(codes::TOO_LARGE).detailed(format!("At most {BODY_BYTES_MAX} bytes.")),
            false => Problem::new(codes::MALFORMED).detailed("The body ended early."),
        }
    })
}

/// From raw to domain, all problems at once.
pub(crate) fn parse<R: Parse>(raw: R) -> Result<R::Into, Problem> {
    let mut problems = Problems::new();
    match raw.parse(&mut problems) {
        Some(value) if problems.is_empty() => Ok(value),
        Some(_) => Err(Problem::invalid(problems.into_errors())),
        None => {
            if problems.is_empty() {
                problems.here("is not right");
            }
            Err(Problem::invalid(problems.into_errors()))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The quick way first; only what fails is looked at closely.
fn read<R: Parse>(bytes: &[u8]) -> Result<R, Vec<FieldError>> {
    let error = match serde_json::from_slice::<R>(bytes) {
        Ok(raw) => return Ok(raw),
        Err(error) => error,
    };
    match error.classify() {
        Category::Data => {}
        Category::Io | Category::Syntax | Category::Eof => {
            let place = format!("is not JSON at line {} column {}", error.line(), error.column());
            return Err(vec![FieldError::new("", place)]);
        }
    }
    let value = serde_json::from_slice(bytes).map_err(|e| vec![FieldError::new("", e.to_string())])?;
    match shape::read::<R>(value) {
        Err(errors) => Err(errors),
        // A field that was given twice is gone in the value; the first error still knows it.
        Ok(_) => Err(vec![first_error::<R>(bytes)]),
    }
}

fn first_error<R: Parse>(bytes: &[u8]) -> FieldError {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, R>(&mut json) {
        Ok(_) => FieldError::new("", "is not right"),
        Err(error) => FieldError::new(shape::pointer(error.path()), error.inner().to_string()),
    }
}

impl<R: Parse> aide::OperationInput for Body<R> {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        describe::json_body::<R>(ctx, operation);
    }

    fn inferred_early_responses(
        ctx: &mut aide::generate::GenContext,
        _: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        describe::problems(
            ctx,
            &[codes::TOO_LARGE, codes::UNSUPPORTED_MEDIA_TYPE, codes::INVALID],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NewGuest, app, json_of, post_json, request};
    use axum::Router;
    use axum::routing::post;
    use http::StatusCode;
    use serde_json::json;

    async fn greet(Body(guest): Body<NewGuest>) -> String {
        format!("{} {}", guest.name, guest.age)
    }

    fn router() -> Router {
        let app = app();
        crate::finish(
            Router::new()
                .route("/guests", post(greet))
                .with_state(app.clone()),
            &app,
        )
    }

    async fn problem(body: impl Into<axum::body::Body>) -> (StatusCode, serde_json::Value) {
        let response = request(router(), post_json("/guests", body)).await;
        (response.status(), json_of(response).await)
    }

    #[tokio::test]
    async fn a_good_body_becomes_a_value() {
        let response = request(router(), post_json("/guests", r#"{"name":"Ada","age":36}"#)).await;
        assert_eq!(response.status(), 200);
    }

    #[tokio::test]
    async fn wrong_shapes_are_told_all_at_once() {
        let (status, body) = problem(r#"{"age":"36","nickname":"x"}"#).await;
        assert_eq!((status.as_u16(), &body["code"]), (422, &json!("invalid")));
        let pointers: Vec<_> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| &e["pointer"])
            .collect();
        assert_eq!(pointers, ["/name", "/age", "/nickname"]);
    }

    #[tokio::test]
    async fn wrong_values_are_told_all_at_once() {
        let (status, body) = problem(r#"{"name":"","age":200}"#).await;
        assert_eq!(status, 422);
        let expected = json!([
            {"pointer": "/name", "detail": "is empty"},
            {"pointer": "/age", "detail": "nobody is that old"},
        ]);
        assert_eq!(body["errors"], expected);
    }

    #[tokio::test]
    async fn no_bytes_whatever_make_a_fault_of_ours() {
        let deep = "[".repeat(100_000);
        let cases: Vec<Vec<u8>> = vec![
            b"".to_vec(),
            b"{".to_vec(),
            b"null".to_vec(),
            b"[]".to_vec(),
            b"\xff\xfe".to_vec(),
            b"{\"name\":\"\xc3\x28\",\"age\":1}".to_vec(),
            br#"{"name":"\ud800","age":1}"#.to_vec(),
            br#"{"name":"a","age":1e999}"#.to_vec(),
            br#"{"name":"a","age":1,"age":2}"#.to_vec(),
            br#"{"name":"a","age":99999999999999999999}"#.to_vec(),
            "\u{feff}{}".as_bytes().to_vec(),
            deep.into_bytes(),
        ];
        for case in cases {
            let shown = String::from_utf8_lossy(&case)
                .chars()
                .take(40)
                .collect::<String>();
            let (status, body) = problem(case).await;
            assert_eq!(status, 422, "{shown}");
            assert!(body["errors"][0]["pointer"].is_string(), "{shown}: {body}");
        }
    }

    #[tokio::test]
    async fn a_field_that_is_given_twice_is_refused() {
        let (_, body) = problem(r#"{"name":"a","age":1,"age":2}"#).await;
        assert!(
            body["errors"][0]["detail"]
                .as_str()
                .unwrap()
                .contains("duplicate field"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn only_json_is_read() {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("json"),
        ] {
            let mut asked = post_json("/guests", r#"{"name":"Ada","age":36}"#);
            asked.headers_mut().remove(CONTENT_TYPE);
            if let Some(content_type) = content_type {
                asked
                    .headers_mut()
                    .insert(CONTENT_TYPE, content_type.parse().unwrap());
            }
            let response = request(router(), asked).await;
            assert_eq!(response.status(), 415, "{content_type:?}");
            assert_eq!(json_of(response).await["code"], "unsupported_media_type");
        }
        for content_type in [
            "application/json; charset=utf-8",
            "Application/JSON",
            "application/ld+json",
        ] {
            let mut asked = post_json("/guests", r#"{"name":"Ada","age":36}"#);
            asked
                .headers_mut()
                .insert(CONTENT_TYPE, content_type.parse().unwrap());
            assert_eq!(request(router(), asked).await.status(), 200, "{content_type}");
        }
    }

    #[tokio::test]
    async fn a_body_may_be_so_large_and_no_larger() {
        let guest = r#"{"name":"Ada","age":36}"#;
        let padded = |length: usize| format!("{guest}{}", " ".repeat(length - guest.len()));
        let largest = request(router(), post_json("/guests", padded(BODY_BYTES_MAX))).await;
        assert_eq!(largest.status(), 200);
        let (status, body) = problem(padded(BODY_BYTES_MAX + 1)).await;
        assert_eq!((status.as_u16(), &body["code"]), (413, &json!("too_large")));
    }
}
