//! Who asks. The extractor in a handler's signature is the permission: [`Anyone`], [`SignedIn`],
//! [`Customer`], [`Vendor`], [`Admin`].
//!
//! A token that is sent has to be good, even where none is needed: an expired one is a 401 and never
//! taken for nobody. What a caller may do with one particular thing is decided by the use case.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use app::App;
use app::access::Caller;
use axum::extract::FromRequestParts;
use domain::id::VendorId;
use domain::role::Role;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::codes;
use crate::openapi::describe::{self, Access};
use crate::problem::Problem;

/// Somebody or nobody.
#[derive(Debug, Clone)]
pub struct Anyone(pub Option<Caller>);

/// Whoever has signed in.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Caller);

/// Somebody who has verified their e-mail address.
#[derive(Debug, Clone)]
pub struct Customer(pub Caller);

/// Somebody of an approved vendor.
#[derive(Debug, Clone)]
pub struct Vendor(pub VendorCaller);

/// Somebody who runs the platform.
#[derive(Debug, Clone)]
pub struct Admin(pub Caller);

/// A caller and the business that they act for.
#[derive(Debug, Clone)]
pub struct VendorCaller {
    pub caller: Caller,
    pub vendor: VendorId,
}

/// Whoever sent this request. Looked up once a request.
pub(crate) async fn caller(parts: &mut Parts, app: &App) -> Result<Option<Caller>, Problem> {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(Some(caller.clone()));
    }
    let Some(token) = bearer(&parts.headers)? else {
        return Ok(None);
    };
    let caller = app.authenticate(token).await?;
    parts.extensions.insert(caller.clone());
    Ok(Some(caller))
}

pub(crate) async fn signed_in(parts: &mut Parts, app: &App) -> Result<Caller, Problem> {
    caller(parts, app)
        .await?
        .ok_or_else(|| Problem::new(codes::UNAUTHENTICATED))
}

/// A caller who fulfils the condition. One who does not is looked up anew first, for they may have
/// been given the role a moment ago.
async fn who(
    parts: &mut Parts,
    app: &App,
    fulfils: impl Fn(&Caller) -> bool + Send,
    otherwise: codes::Code,
) -> Result<Caller, Problem> {
    let caller = signed_in(parts, app).await?;
    if fulfils(&caller) {
        return Ok(caller);
    }
    let caller = app.authenticate_anew(&caller).await?;
    if !fulfils(&caller) {
        return Err(Problem::new(otherwise));
    }
    parts.extensions.insert(caller.clone());
    Ok(caller)
}

/// The token of `Authorization: Bearer …` (RFC 6750). Nothing when the header is absent.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let bad =
        || Problem::new(codes::UNAUTHENTICATED).detailed("Send Authorization: Bearer and the access token.");
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(bad());
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .ok_or_else(bad)?;
    let token = token.trim();
    match scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        true => Ok(Some(token)),
        false => Err(bad()),
    }
}

impl FromRequestParts<App> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        caller(parts, app).await.map(Self)
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        signed_in(parts, app).await.map(Self)
    }
}

impl FromRequestParts<App> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        who(parts, app, |caller| caller.verified, codes::UNVERIFIED)
            .await
            .map(Self)
    }
}

impl FromRequestParts<App> for Vendor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let is_vendor = |caller: &Caller| caller.is(Role::Vendor) && caller.vendor.is_some();
        let caller = who(parts, app, is_vendor, codes::FORBIDDEN).await?;
        let vendor = caller.vendor.ok_or_else(|| Problem::new(codes::FORBIDDEN))?;
        Ok(Self(VendorCaller { caller, vendor }))
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        who(parts, app, |caller| caller.is(Role::Admin), codes::FORBIDDEN)
            .await
            .map(Self)
    }
}

macro_rules! described {
    ($($extractor:ident $access:ident $codes:expr;)*) => {$(
        impl aide::OperationInput for $extractor {
            fn operation_input(_: &mut GenContext, operation: &mut Operation) {
                describe::access(operation, Access::$access);
            }

            fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
                describe::problems(ctx, $codes)
            }
        }
    )*};
}

described! {
    Anyone Optional &[codes::UNAUTHENTICATED];
    SignedIn Required &[codes::UNAUTHENTICATED];
    Customer Required &[codes::UNAUTHENTICATED, codes::UNVERIFIED];
    Vendor Required &[codes::UNAUTHENTICATED, codes::FORBIDDEN];
    Admin Required &[codes::UNAUTHENTICATED, codes::FORBIDDEN];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{app, caller_with, get, json_of, request};
    use axum::Router;
    use axum::routing;
    use http::header::WWW_AUTHENTICATE;

    /// A router with one route for each extractor.
    fn router() -> Router {
        let app = app();
        let routes = Router::new()
            .route(
                "/anyone",
                routing::get(async |Anyone(who): Anyone| who.is_some().to_string()),
            )
            .route("/signed-in", routing::get(async |_: SignedIn| "in"))
            .route("/customer", routing::get(async |_: Customer| "in"))
            .route("/vendor", routing::get(async |_: Vendor| "in"))
            .route("/admin", routing::get(async |_: Admin| "in"))
            .with_state(app.clone());
        crate::finish(routes, &app)
    }

    #[tokio::test]
    async fn nobody_gets_in_where_somebody_is_needed() {
        for path in ["/signed-in", "/customer", "/vendor", "/admin"] {
            let response = request(router(), get(path)).await;
            assert_eq!(response.status(), 401, "{path}");
            assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
            assert_eq!(json_of(response).await["code"], "unauthenticated");
        }
        assert_eq!(request(router(), get("/anyone")).await.status(), 200);
    }

    #[tokio::test]
    async fn a_token_that_is_no_good_is_not_taken_for_nobody() {
        let cases = [
            "Bearer x.y.z",
            "Bearer",
            "Bearer ",
            "Basic YTpi",
            "x",
            "bearer \u{7f}",
        ];
        for path in ["/anyone", "/signed-in", "/admin"] {
            for value in cases {
                let mut asked = get(path);
                asked.headers_mut().insert(
                    AUTHORIZATION,
                    http::HeaderValue::from_bytes(value.as_bytes())
                        .unwrap_or(http::HeaderValue::from_static("y")),
                );
                let response = request(router(), asked).await;
                assert_eq!(response.status(), 401, "{path} {value}");
                assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
            }
        }
    }

    #[tokio::test]
    async fn two_tokens_are_no_token() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, "Bearer a".parse().unwrap());
        assert_eq!(bearer(&headers), Ok(Some("a")));
        headers.append(AUTHORIZATION, "Bearer b".parse().unwrap());
        assert_eq!(bearer(&headers).unwrap_err().code(), codes::UNAUTHENTICATED);
    }

    #[tokio::test]
    async fn a_caller_gets_in_where_their_role_is_the_one() {
        let cases = [
            (
                caller_with(false, &[], false),
                ["/anyone", "/signed-in"].as_slice(),
            ),
            (
                caller_with(true, &[Role::Customer], false),
                &["/anyone", "/signed-in", "/customer"],
            ),
            (
                caller_with(true, &[Role::Vendor], true),
                &["/anyone", "/signed-in", "/customer", "/vendor"],
            ),
            (
                caller_with(true, &[Role::Admin], false),
                &["/anyone", "/signed-in", "/customer", "/admin"],
            ),
        ];
        for (caller, open) in cases {
            for path in open {
                let mut asked = get(path);
                asked.extensions_mut().insert(caller.clone());
                assert_eq!(request(router(), asked).await.status(), 200, "{path} {caller:?}");
            }
        }
    }
}
