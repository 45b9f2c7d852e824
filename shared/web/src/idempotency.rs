//! `Idempotency-Key`: what makes a request that is sent again the same request.
//!
//! A layer reads the body once and keeps it beside the request; the extractors take the digest over
//! method, path and body from it. The record of what was answered belongs to `app::once`.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use app::App;
use app::once::Once;
use aws_lc_rs::digest;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;

use crate::caller::signed_in;
use crate::codes;
use crate::openapi::describe::{self, Access};
use crate::problem::Problem;

pub const HEADER: &str = "idempotency-key";
/// Stripe's limit too.
pub const KEY_LENGTH_MAX: usize = 255;

/// A request that has to carry a key: 400 without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotent(pub Once);

/// A request that may carry a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaybeIdempotent(pub Option<Once>);

/// The body of this request, for whoever reads it beside the handler.
#[derive(Clone)]
struct Kept(Bytes);

/// Reads the body, up to its limit, before anything else does.
pub(crate) async fn keep_body(request: Request, next: Next) -> axum::response::Response {
    let (mut parts, body) = request.into_parts();
    match crate::body::collect(body).await {
        Ok(bytes) => {
            parts.extensions.insert(Kept(bytes.clone()));
            next.run(Request::from_parts(parts, bytes.into())).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let bad = || {
        Problem::new(codes::IDEMPOTENCY_KEY_INVALID).detailed(format!(
            "Send one key of 1 to {KEY_LENGTH_MAX} visible ASCII characters."
        ))
    };
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let usable =
        (1..=KEY_LENGTH_MAX).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if usable && values.next().is_none() => Ok(Some(key)),
        _ => Err(bad()),
    }
}

/// What was asked. Neither a method nor a path has a line break, so nothing else gives the same text.
fn fingerprint(parts: &Parts) -> Result<[u8; 32], Problem> {
    let kept = parts
        .extensions
        .get::<Kept>()
        .ok_or_else(|| Problem::internal("the layer that keeps bodies is missing"))?;
    let mut context = digest::Context::new(&digest::SHA256);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    context.update(format!("{}\n{path}\n", parts.method).as_bytes());
    context.update(&kept.0);
    context
        .finish()
        .as_ref()
        .try_into()
        .map_err(|_| Problem::internal("a digest of another length"))
}

async fn once(parts: &mut Parts, app: &App) -> Result<Option<Once>, Problem> {
    let owner = signed_in(parts, app).await?.user;
    let Some(key) = key(&parts.headers)? else {
        return Ok(None);
    };
    Ok(Some(Once::new(owner, key, &fingerprint(parts)?)))
}

impl FromRequestParts<App> for Idempotent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let missing = || {
            Problem::new(codes::IDEMPOTENCY_KEY_MISSING)
                .detailed("Send an Idempotency-Key that is new for each thing you want done.")
        };
        once(parts, app).await?.map(Self).ok_or_else(missing)
    }
}

impl FromRequestParts<App> for MaybeIdempotent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        once(parts, app).await.map(Self)
    }
}

const CODES: &[codes::Code] = &[
    codes::IDEMPOTENCY_KEY_INVALID,
    codes::UNAUTHENTICATED,
    codes::IN_PROGRESS,
    codes::IDEMPOTENCY_KEY_REUSED,
];

impl aide::OperationInput for Idempotent {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::access(operation, Access::Required);
        describe::idempotency_key(operation, true);
    }

    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        describe::problems(ctx, &[&[codes::IDEMPOTENCY_KEY_MISSING], CODES].concat())
    }
}

impl aide::OperationInput for MaybeIdempotent {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::access(operation, Access::Required);
        describe::idempotency_key(operation, false);
    }

    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        describe::problems(ctx, CODES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, app, json_of, request};
    use axum::Router;
    use axum::routing::{post, put};
    use domain::id::UserId;
    use http::HeaderValue;

    fn router() -> Router {
        let app = app();
        let shown = async |Idempotent(once): Idempotent, body: Bytes| format!("{once:?} {}", body.len());
        let routes = Router::new()
            .route("/pay", post(shown).put(shown))
            .route("/hold", post(shown))
            .route(
                "/note",
                put(async |MaybeIdempotent(once): MaybeIdempotent| once.is_some().to_string()),
            )
            .with_state(app.clone());
        crate::finish(routes, &app)
    }

    fn asked(method: &str, path: &str, key: Option<&[u8]>, body: &'static str) -> Request {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(body.into())
            .unwrap();
        request.extensions_mut().insert(testing::customer());
        if let Some(key) = key {
            request
                .headers_mut()
                .insert(HEADER, HeaderValue::from_bytes(key).unwrap());
        }
        request
    }

    async fn shown(asked: Request) -> String {
        let response = request(router(), asked).await;
        assert_eq!(response.status(), 200);
        testing::text_of(response).await
    }

    #[tokio::test]
    async fn a_key_is_required_where_money_moves() {
        let response = request(router(), asked("POST", "/pay", None, "{}")).await;
        assert_eq!(response.status(), 400);
        assert_eq!(json_of(response).await["code"], "idempotency_key_missing");
        assert_eq!(shown(asked("PUT", "/note", None, "")).await, "false");
        assert_eq!(shown(asked("PUT", "/note", Some(b"k"), "")).await, "true");
    }

    #[tokio::test]
    async fn a_key_is_255_visible_ascii_characters_at_most() {
        assert_eq!(KEY_LENGTH_MAX, 255);
        let longest = [b'k'; KEY_LENGTH_MAX];
        assert!(
            shown(asked("POST", "/pay", Some(&longest), "{}"))
                .await
                .ends_with(" 2")
        );
        for key in [
            &[b'k'; KEY_LENGTH_MAX + 1][..],
            b"",
            b"a b",
            b"\xc3\xa4",
            b"tab\t",
        ] {
            for (method, path) in [("POST", "/pay"), ("PUT", "/note")] {
                let response = request(router(), asked(method, path, Some(key), "{}")).await;
                assert_eq!(response.status(), 400, "{key:?}");
                assert_eq!(json_of(response).await["code"], "idempotency_key_invalid");
            }
        }
        let mut twice = asked("POST", "/pay", Some(b"k"), "{}");
        twice.headers_mut().append(HEADER, HeaderValue::from_static("l"));
        assert_eq!(request(router(), twice).await.status(), 400);
    }

    #[tokio::test]
    async fn nobody_has_no_keys() {
        let mut nobody = asked("POST", "/pay", Some(b"k"), "{}");
        nobody.extensions_mut().clear();
        assert_eq!(request(router(), nobody).await.status(), 401);
    }

    #[tokio::test]
    async fn the_same_request_is_the_same_and_any_other_is_another() {
        let first = shown(asked("POST", "/pay", Some(b"k"), "{}")).await;
        assert_eq!(first, shown(asked("POST", "/pay", Some(b"k"), "{}")).await);
        let others = [
            asked("POST", "/pay", Some(b"k"), "[]"),
            asked("POST", "/hold", Some(b"k"), "{}"),
            asked("PUT", "/pay", Some(b"k"), "{}"),
            asked("POST", "/pay?x=1", Some(b"k"), "{}"),
            asked("POST", "/pay", Some(b"l"), "{}"),
        ];
        for other in others {
            let line = format!("{} {}", other.method(), other.uri());
            assert_ne!(first, shown(other).await, "{line}");
        }
        let mut stranger = asked("POST", "/pay", Some(b"k"), "{}");
        let mut caller = testing::customer();
        caller.user = UserId::from_uuid(uuid::Uuid::from_u128(99));
        stranger.extensions_mut().insert(caller);
        assert_ne!(first, shown(stranger).await);
    }
}
