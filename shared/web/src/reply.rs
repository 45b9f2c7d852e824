//! Answers that are a success: a view as JSON with its status, its version as an `ETag`, and whether
//! it is that of an earlier request with the same key.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described};
use app::once::Outcome;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::condition::{self, PartlyTagged};
use crate::openapi::describe;
use crate::problem::Problem;

pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A view with a status. Made by [`ok`], [`created`] and [`accepted`].
#[derive(Debug, Clone)]
pub struct Reply<T, const STATUS: u16 = 200> {
    view: T,
    tag: Option<String>,
    partly_tagged: bool,
    replayed: bool,
    cache_seconds: Option<u32>,
}

/// A view, or where it is to be asked for instead.
#[derive(Debug, Clone)]
pub enum Located<T> {
    Here(Reply<T>),
    /// `308 Permanent Redirect` to an address that is relative to the one asked for. It is asked about each time, as
    /// the way back may be right later on.
    There(String),
}

/// `204 No Content`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoContent {
    replayed: bool,
}

/// `200 OK`.
pub const fn ok<T>(view: T) -> Reply<T> {
    Reply::new(view)
}

/// `201 Created`.
pub const fn created<T>(view: T) -> Reply<T, 201> {
    Reply::new(view)
}

/// `202 Accepted`: it will be done.
pub const fn accepted<T>(view: T) -> Reply<T, 202> {
    Reply::new(view)
}

#[must_use]
pub const fn no_content() -> NoContent {
    NoContent { replayed: false }
}

impl<T, const STATUS: u16> Reply<T, STATUS> {
    const fn new(view: T) -> Self {
        Self {
            view,
            tag: None,
            partly_tagged: false,
            replayed: false,
            cache_seconds: None,
        }
    }

    /// The view of an outcome, marked when it was replayed.
    pub fn of<V>(outcome: Outcome<V>, view: impl FnOnce(V) -> T) -> Self {
        Self {
            replayed: outcome.replayed,
            ..Self::new(view(outcome.value))
        }
    }

    /// The version that a later `If-Match` has to name.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.tag = Some(condition::tag(version));
        self
    }

    /// A fingerprint of that part of the view which a change replaces, for a later `If-Match` to name. The rest may
    /// differ under the same tag, so an asker who has it is still told all.
    #[must_use]
    pub fn replaceable(mut self, fingerprint: u64) -> Self {
        self.tag = Some(condition::tag(fingerprint));
        self.partly_tagged = true;
        self
    }

    /// A number that moves whenever the view says anything else (RFC 9110, 8.8.1: a weak validator). For what has no
    /// version of its own.
    #[must_use]
    pub fn fingerprint(mut self, fingerprint: u64) -> Self {
        self.tag = Some(condition::weak_tag(fingerprint));
        self
    }

    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// Anybody may keep it for a while. Only for what everybody may see.
    #[must_use]
    pub fn cached(mut self, seconds: u32) -> Self {
        self.cache_seconds = Some(seconds);
        self
    }
}

impl NoContent {
    #[must_use]
    pub const fn replayed(self, replayed: bool) -> Self {
        Self { replayed }
    }
}

impl<T: Serialize, const STATUS: u16> IntoResponse for Reply<T, STATUS> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&self.view) {
            Ok(body) => body,
            Err(error) => {
                return Problem::internal(format!("a view does not serialise: {error}")).into_response();
            }
        };
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(tag) = self.tag.and_then(|tag| tag.parse().ok()) {
            headers.insert(ETAG, tag);
        }
        if let Some(value) = self
            .cache_seconds
            .and_then(|s| format!("public, max-age={s}").parse().ok())
        {
            headers.insert(CACHE_CONTROL, value);
        }
        mark(headers, self.replayed);
        if self.partly_tagged {
            response.extensions_mut().insert(PartlyTagged);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for Located<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Here(reply) => reply.into_response(),
            Self::There(address) => {
                let headers = [(LOCATION, address), (CACHE_CONTROL, "no-cache".to_owned())];
                (StatusCode::PERMANENT_REDIRECT, headers).into_response()
            }
        }
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        mark(response.headers_mut(), self.replayed);
        response
    }
}

fn mark(headers: &mut http::HeaderMap, replayed: bool) {
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
}

impl<T: Serialize + JsonSchema, const STATUS: u16> aide::OperationOutput for Reply<T, STATUS> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        vec![(Some(STATUS), describe::json_answer::<T>(ctx))]
    }
}

impl<T: Serialize + JsonSchema> aide::OperationOutput for Located<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Described)> {
        let mut responses = Reply::<T>::inferred_responses(ctx, operation);
        responses.push((Some(308), describe::redirect()));
        responses
    }
}

impl aide::OperationOutput for NoContent {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        vec![(
            Some(204),
            Described {
                description: "Done.".to_owned(),
                ..Described::default()
            },
        )]
    }
}

impl aide::OperationOutput for Problem {
    type Inner = ();

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        vec![(None, describe::problem(ctx))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::text_of;
    use std::collections::BTreeMap;

    #[tokio::test]
    async fn a_view_is_answered_as_json() {
        let response = created("it").version(3).into_response();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[ETAG], "\"v3\"");
        assert!(!response.headers().contains_key(REPLAYED));
        assert_eq!(text_of(response).await, "\"it\"");
    }

    #[test]
    fn what_has_no_version_is_tagged_weakly() {
        let response = ok("it").fingerprint(255).into_response();
        assert_eq!(response.headers()[ETAG], "W/\"00000000000000ff\"");
    }

    #[test]
    fn an_answer_that_was_given_before_says_so() {
        let again = Reply::<_, 201>::of(
            Outcome {
                value: 7,
                replayed: true,
            },
            |n| n + 1,
        )
        .into_response();
        assert_eq!(again.headers()[REPLAYED], "true");
        assert_eq!(
            no_content().replayed(true).into_response().headers()[REPLAYED],
            "true"
        );
        let fresh = Reply::<_, 201>::of(Outcome::fresh(7), |n| n + 1).into_response();
        assert!(!fresh.headers().contains_key(REPLAYED));
        assert!(!no_content().into_response().headers().contains_key(REPLAYED));
    }

    #[test]
    fn what_everybody_may_see_may_be_kept() {
        assert_eq!(
            ok(1).cached(60).into_response().headers()[CACHE_CONTROL],
            "public, max-age=60"
        );
    }

    #[test]
    fn a_view_that_cannot_be_written_is_a_fault_of_ours() {
        let odd = BTreeMap::from([(vec![1], 1)]);
        assert_eq!(ok(odd).into_response().status(), 500);
    }
}
