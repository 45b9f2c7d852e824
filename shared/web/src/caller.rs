//! Who asks. The extractor in a handler's signature is the permission: [`Anyone`], [`SignedIn`], [`Customer`], and with
//! a row of the table of permissions ([`needs`]) [`Participant`], [`Vendor`], [`Admin`].
//!
//! A token that is sent has to be good, even where none is needed: an expired one is a 401 and never
//! taken for nobody. What a caller may do with one particular thing is decided by the use case.
//!
//! Whoever is suspended may look, and do what [`EvenSuspended`] lets them: the other extractors refuse them when they
//! ask for more than to read, and where one acts for a business or the platform always.

use std::marker::PhantomData;
use std::ops::Deref;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use app::App;
use app::access::Caller;
use axum::extract::FromRequestParts;
use domain::membership::Membership;
use domain::permission::{Permission, Scope};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::codes;
use crate::needs::Needs;
use crate::openapi::describe::{self, Access};
use crate::problem::Problem;

/// Somebody or nobody.
#[derive(Debug, Clone)]
pub struct Anyone(pub Option<Caller>);

/// Whoever has signed in.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Caller);

/// Whoever has signed in, suspended or not: to leave, and to take back what is one's own.
#[derive(Debug, Clone)]
pub struct EvenSuspended(pub Caller);

/// Somebody who has verified their e-mail address.
#[derive(Debug, Clone)]
pub struct Customer(pub Caller);

/// Whoever has signed in, about something with several sides: its customer, or whoever has the permission there. Which
/// side they are on, and whether they may, is decided by the use case, for whom it does not exist when they are on none.
#[derive(Debug, Clone)]
pub struct Participant<P>(pub Permitted<P>);

/// The same, suspended or not: to take back what is one's own.
#[derive(Debug, Clone)]
pub struct EvenSuspendedParticipant<P>(pub Permitted<P>);

/// Somebody of an approved vendor who has the permission, at some of its venues at least.
#[derive(Debug, Clone)]
pub struct Vendor<P>(pub VendorCaller<P>);

/// Somebody who runs the platform and has the permission.
#[derive(Debug, Clone)]
pub struct Admin<P>(pub Permitted<P>);

/// A caller, and which permission they were let in by.
#[derive(Debug, Clone)]
pub struct Permitted<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Deref for Permitted<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// A caller and whom they act for.
#[derive(Debug, Clone)]
pub struct VendorCaller<P> {
    pub caller: Caller,
    pub member: Membership,
    permission: PhantomData<P>,
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
        let code = if caller.suspended {
            codes::SUSPENDED
        } else {
            otherwise
        };
        return Err(Problem::new(code));
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

impl FromRequestParts<App> for EvenSuspended {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        signed_in(parts, app).await.map(Self)
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = signed_in(parts, app).await?;
        not_suspended_unless_reading(parts, app, caller).await.map(Self)
    }
}

impl FromRequestParts<App> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = who(parts, app, |caller| caller.verified, codes::UNVERIFIED).await?;
        not_suspended_unless_reading(parts, app, caller).await.map(Self)
    }
}

impl<P: Needs> FromRequestParts<App> for Participant<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, app).await?;
        Ok(Self(permitted(caller)))
    }
}

impl<P: Needs> FromRequestParts<App> for EvenSuspendedParticipant<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        signed_in(parts, app).await.map(permitted).map(Self)
    }
}

impl<P: Needs> FromRequestParts<App> for Vendor<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        const {
            assert!(
                !matches!(P::PERMISSION.policy().scope, Scope::Platform),
                "no member of a vendor has this permission"
            );
        }
        let may = |caller: &Caller| caller.member().is_some_and(|member| member.may(P::PERMISSION));
        let caller = who(parts, app, may, codes::FORBIDDEN).await?;
        let member = caller.member().cloned();
        Ok(Self(VendorCaller {
            member: member.ok_or_else(|| Problem::new(codes::FORBIDDEN))?,
            caller,
            permission: PhantomData,
        }))
    }
}

impl<P: Needs> FromRequestParts<App> for Admin<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        const {
            assert!(
                matches!(P::PERMISSION.policy().scope, Scope::Platform),
                "a permission of vendors, which admins have for single things alone"
            );
        }
        let may = |caller: &Caller| caller.admin().is_some_and(|admin| admin.may(P::PERMISSION));
        let caller = who(parts, app, may, codes::FORBIDDEN).await?;
        Ok(Self(permitted(caller)))
    }
}

const fn permitted<P>(caller: Caller) -> Permitted<P> {
    Permitted {
        caller,
        permission: PhantomData,
    }
}

/// Whoever looks suspended is looked up anew, for they may have been let off a moment ago.
async fn not_suspended_unless_reading(
    parts: &mut Parts,
    app: &App,
    caller: Caller,
) -> Result<Caller, Problem> {
    if !caller.suspended || parts.method.is_safe() {
        return Ok(caller);
    }
    who(parts, app, |caller| !caller.suspended, codes::SUSPENDED).await
}

macro_rules! described {
    ($([$($generics:tt)*] $extractor:ty, $access:ident, $permission:expr, $codes:expr;)*) => {$(
        impl<$($generics)*> aide::OperationInput for $extractor {
            fn operation_input(_: &mut GenContext, operation: &mut Operation) {
                describe::access(operation, Access::$access);
                let permission: Option<Permission> = $permission;
                if let Some(permission) = permission {
                    describe::permission(operation, permission);
                }
            }

            fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
                describe::problems(ctx, $codes)
            }
        }
    )*};
}

described! {
    [] Anyone, Optional, None, &[codes::UNAUTHENTICATED];
    [] EvenSuspended, Required, None, &[codes::UNAUTHENTICATED];
    [] SignedIn, Required, None, &[codes::UNAUTHENTICATED, codes::SUSPENDED];
    [] Customer, Required, None, &[codes::UNAUTHENTICATED, codes::UNVERIFIED, codes::SUSPENDED];
    [P: Needs] Participant<P>, Required, Some(P::PERMISSION),
        &[codes::UNAUTHENTICATED, codes::FORBIDDEN, codes::SUSPENDED];
    [P: Needs] EvenSuspendedParticipant<P>, Required, Some(P::PERMISSION),
        &[codes::UNAUTHENTICATED, codes::FORBIDDEN];
    [P: Needs] Vendor<P>, Required, Some(P::PERMISSION), &[codes::UNAUTHENTICATED, codes::FORBIDDEN, codes::SUSPENDED];
    [P: Needs] Admin<P>, Required, Some(P::PERMISSION), &[codes::UNAUTHENTICATED, codes::FORBIDDEN, codes::SUSPENDED];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs;
    use crate::testing::{app, caller, customer, get, json_of, post_json, request};
    use axum::extract::Request;
    use axum::{Router, routing};
    use domain::id::VendorId;
    use domain::role::{AdminRole, MemberRole};
    use domain::text::Reason;
    use domain::user::{Restriction, RestrictionKind};
    use http::header::WWW_AUTHENTICATE;
    use uuid::Uuid;

    /// A router with one route for each extractor.
    fn router() -> Router {
        let app = app();
        let routes = Router::new()
            .route(
                "/anyone",
                routing::get(async |Anyone(who): Anyone| who.is_some().to_string()),
            )
            .route(
                "/signed-in",
                routing::get(async |_: SignedIn| "in").post(async |_: SignedIn| "in"),
            )
            .route(
                "/leave",
                routing::get(async |_: EvenSuspended| "in").post(async |_: EvenSuspended| "in"),
            )
            .route("/customer", routing::get(async |_: Customer| "in"))
            .route(
                "/vendor",
                routing::get(async |_: Vendor<needs::ManageVenues>| "in"),
            )
            .route(
                "/admin",
                routing::get(async |_: Admin<needs::DecideAboutVenues>| "in"),
            )
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

    fn member(role: MemberRole) -> Caller {
        let membership = Membership {
            role,
            ..Membership::applicant(VendorId::from_uuid(Uuid::from_u128(3))).approved()
        };
        caller(|user| {
            user.email_verified_at = Some(user.created_at);
            user.membership = Some(membership);
        })
    }

    fn admin(role: AdminRole) -> Caller {
        caller(|user| {
            user.email_verified_at = Some(user.created_at);
            user.admin = Some(role);
        })
    }

    async fn status(caller: &Caller, mut asked: Request) -> u16 {
        asked.extensions_mut().insert(caller.clone());
        request(router(), asked).await.status().as_u16()
    }

    #[tokio::test]
    async fn a_caller_gets_in_where_the_table_lets_their_role_in() {
        let nobodys = ["/anyone", "/signed-in"];
        let customers = ["/anyone", "/signed-in", "/customer"];
        let cases = [
            (caller(|_| ()), nobodys.as_slice()),
            (customer(), &customers),
            (member(MemberRole::Finance), &customers),
            (
                member(MemberRole::Manager),
                &["/anyone", "/signed-in", "/customer", "/vendor"],
            ),
            (admin(AdminRole::Finance), &customers),
            (
                admin(AdminRole::Moderation),
                &["/anyone", "/signed-in", "/customer", "/admin"],
            ),
        ];
        for (caller, open) in cases {
            for path in open {
                assert_eq!(status(&caller, get(path)).await, 200, "{path} {caller:?}");
            }
        }
    }

    #[tokio::test]
    async fn whoever_is_suspended_may_look_and_leave() {
        let suspended = caller(|user| {
            user.email_verified_at = Some(user.created_at);
            user.restriction = Some(Restriction {
                kind: RestrictionKind::Suspended,
                reason: Reason::parse("Spam").unwrap(),
                by: user.id,
                at: user.created_at,
            });
        });
        for path in ["/anyone", "/signed-in", "/customer", "/leave"] {
            assert_eq!(status(&suspended, get(path)).await, 200, "{path}");
        }
        assert_eq!(status(&suspended, post_json("/leave", "")).await, 200);
        assert_eq!(status(&customer(), post_json("/signed-in", "")).await, 200);
    }
}
