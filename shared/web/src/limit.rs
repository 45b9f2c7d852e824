//! How often one caller may ask: each route is of a class ([`app::limits`]), and each of its answers says where the
//! caller stands (draft-ietf-httpapi-ratelimit-headers-10).

use std::convert::Infallible;

use aide::OperationInput;
use app::limits::{self, Class, Per};
use app::{App, Error};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::rate::Standing;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::request::RequestContext;

use crate::caller;
use crate::problem::Problem;

pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The network that a request comes from, as API Gateway saw it. What a client says of that in a header is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network(pub String);

impl Network {
    fn of(parts: &Parts) -> Self {
        let address = match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
            Some(_) | None => None,
        };
        Self(limits::network(address.unwrap_or_default()))
    }
}

impl FromRequestParts<App> for Network {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl OperationInput for Network {}

/// Lets so many requests of a class through, and tells everybody where they stand.
pub(crate) async fn enforce(
    State((app, class)): State<(App, &'static Class)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let who = match class.per {
        Per::Network => None,
        // Whoever has no good token is told so by the route, if it matters there.
        Per::Caller => caller::caller(&mut parts, &app).await.ok().flatten(),
    };
    let who = who.map_or_else(|| Network::of(&parts).0, |caller| caller.user.to_string());
    let standing = match app.admit(class, &who).await {
        Ok(standing) => standing,
        Err(error) => return Problem::from(error).into_response(),
    };
    let mut response = match standing.admitted {
        true => next.run(Request::from_parts(parts, body)).await,
        false => Problem::from(Error::wait(standing.wait_ms)).into_response(),
    };
    tell(response.headers_mut(), class, &standing);
    response
}

/// `q` requests in a window of `w` seconds; `r` of them left, and all again in `t` seconds.
fn tell(headers: &mut HeaderMap, class: &Class, standing: &Standing) {
    let seconds = |milliseconds: i64| milliseconds.saturating_add(999) / 1_000;
    let (name, rate) = (class.name, class.rate);
    let window = seconds(rate.burst.saturating_mul(rate.interval_ms));
    let told = [
        (
            RATE_LIMIT_POLICY,
            format!("\"{name}\";q={};w={window}", rate.burst),
        ),
        (
            RATE_LIMIT,
            format!(
                "\"{name}\";r={};t={}",
                standing.left,
                seconds(standing.full_in_ms)
            ),
        ),
    ];
    for (header, value) in told {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header, value);
        }
    }
}
