//! Versions of things in headers: `ETag` out, `If-Match` and `If-None-Match` in.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use app::App;
use axum::extract::FromRequestParts;
use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::codes;
use crate::openapi::describe;
use crate::problem::Problem;

/// The version that the caller has seen, from `If-Match: "v7"`. Without the header 428; with one that
/// cannot be the version of anything 412.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub u64);

/// The same where a change may also be made without having looked: then there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaybeIfMatch(pub Option<u64>);

/// Marks an answer of which the tag says only a part, so that it is never known by its tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartlyTagged;

/// The tag of a version, or of the content of what has no version of its own.
#[must_use]
pub fn tag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// The tag of what is the same to whoever asks, though perhaps not byte by byte.
#[must_use]
pub fn weak_tag(fingerprint: u64) -> String {
    format!("W/\"{fingerprint:016x}\"")
}

fn version_of(tag: &str) -> Option<u64> {
    let digits = tag.trim().strip_prefix("\"v")?.strip_suffix('"')?;
    let version: u64 = digits.parse().ok()?;
    // One version has one tag: no leading zero, no sign.
    (version.to_string() == digits).then_some(version)
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        match seen(&parts.headers)? {
            Some(version) => Ok(Self(version)),
            None => {
                let how = "Send If-Match with the ETag of what you want to change.";
                Err(Problem::new(codes::PRECONDITION_REQUIRED).detailed(how))
            }
        }
    }
}

impl FromRequestParts<App> for MaybeIfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        seen(&parts.headers).map(Self)
    }
}

/// The version that the caller has seen, if they say so.
fn seen(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let version = value
        .to_str()
        .ok()
        .and_then(version_of)
        .filter(|_| values.next().is_none());
    version.map(Some).ok_or_else(|| {
        Problem::new(codes::PRECONDITION_FAILED).detailed("If-Match takes one ETag as it was given.")
    })
}

impl aide::OperationInput for IfMatch {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::if_match(operation, true);
    }

    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        describe::problems(ctx, &[codes::PRECONDITION_REQUIRED, codes::PRECONDITION_FAILED])
    }
}

impl aide::OperationInput for MaybeIfMatch {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::if_match(operation, false);
    }

    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        describe::problems(ctx, &[codes::PRECONDITION_FAILED])
    }
}

/// Whether the asker has what is about to be answered, by `If-None-Match` (RFC 9110, 13.1.2: weak
/// comparison).
pub(crate) fn is_known(asked: &HeaderMap, status: StatusCode, answered: &HeaderMap) -> bool {
    let Some(tag) = answered.get(ETAG).and_then(|tag| tag.to_str().ok()) else {
        return false;
    };
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let is_it = |value: &HeaderValue| {
        value.to_str().is_ok_and(|tags| {
            tags.split(',')
                .any(|t| t.trim() == "*" || strong(t) == strong(tag))
        })
    };
    status == StatusCode::OK && asked.get_all(IF_NONE_MATCH).iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{app, get, json_of, request, text_of};
    use axum::Router;
    use axum::routing;

    fn router() -> Router {
        let app = app();
        let routes = Router::new()
            .route(
                "/change",
                routing::get(async |IfMatch(version): IfMatch| version.to_string()),
            )
            .route(
                "/perhaps",
                routing::get(async |MaybeIfMatch(version): MaybeIfMatch| format!("{version:?}")),
            )
            .route("/thing", routing::get(async || crate::ok("thing").version(7)))
            .route(
                "/partly",
                routing::get(async || crate::ok("partly").replaceable(7)),
            )
            .with_state(app.clone());
        crate::finish(routes, &app)
    }

    async fn change(value: &str) -> axum::response::Response {
        let mut asked = get("/change");
        asked.headers_mut().insert(IF_MATCH, value.parse().unwrap());
        request(router(), asked).await
    }

    #[tokio::test]
    async fn a_change_has_to_say_what_it_has_seen() {
        let response = request(router(), get("/change")).await;
        assert_eq!(response.status(), 428);
        assert_eq!(json_of(response).await["code"], "precondition_required");
        assert_eq!(text_of(change("\"v7\"").await).await, "7");
        assert_eq!(text_of(change(&tag(u64::MAX)).await).await, u64::MAX.to_string());
    }

    #[tokio::test]
    async fn a_tag_that_is_not_one_of_ours_fits_nothing() {
        for value in [
            "*",
            "7",
            "v7",
            "\"7\"",
            "W/\"v7\"",
            "\"v07\"",
            "\"v+7\"",
            "\"v-1\"",
            "\"v1\", \"v2\"",
            "\"v99999999999999999999\"",
        ] {
            assert_eq!(change(value).await.status(), 412, "{value}");
        }
    }

    #[tokio::test]
    async fn where_nothing_has_to_be_seen_a_wrong_tag_is_still_wrong() {
        assert_eq!(text_of(request(router(), get("/perhaps")).await).await, "None");
        let perhaps = async |value: &str| {
            let mut asked = get("/perhaps");
            asked.headers_mut().insert(IF_MATCH, value.parse().unwrap());
            request(router(), asked).await
        };
        assert_eq!(text_of(perhaps("\"v7\"").await).await, "Some(7)");
        assert_eq!(perhaps("7").await.status(), 412);
    }

    #[tokio::test]
    async fn what_a_tag_says_only_in_part_is_sent_again() {
        let mut asked = get("/partly");
        asked
            .headers_mut()
            .insert(IF_NONE_MATCH, "\"v7\"".parse().unwrap());
        let response = request(router(), asked).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[ETAG], "\"v7\"");
        assert_eq!(text_of(response).await, "\"partly\"");
    }

    #[tokio::test]
    async fn what_is_known_is_not_sent_again() {
        for known in ["\"v7\"", "W/\"v7\"", "\"v6\", \"v7\"", "*"] {
            let mut asked = get("/thing");
            asked.headers_mut().insert(IF_NONE_MATCH, known.parse().unwrap());
            let response = request(router(), asked).await;
            assert_eq!(response.status(), 304, "{known}");
            assert_eq!(response.headers()[ETAG], "\"v7\"");
            assert_eq!(text_of(response).await, "");
        }
        for unknown in ["\"v6\"", "v7"] {
            let mut asked = get("/thing");
            asked
                .headers_mut()
                .insert(IF_NONE_MATCH, unknown.parse().unwrap());
            assert_eq!(request(router(), asked).await.status(), 200, "{unknown}");
        }
    }
}
