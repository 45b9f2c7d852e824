//! API Gateway's HTTP API on this machine: each path goes to the function that has it, by the same
//! prefixes as in the template, with the address of whoever asks.

use std::net::SocketAddr;

use aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use lambda_http::request::RequestContext;
use tower::ServiceExt;

/// Path prefixes, each with the function that answers. Everything else is `platform`'s, also what does
/// not exist.
pub const ROUTES: [(&str, &str); 10] = [
    ("/api/v1/auth", "auth"),
    ("/.well-known/jwks.json", "auth"),
    ("/api/v1/users", "users"),
    ("/api/v1/venues", "venues"),
    ("/api/v1/bookings", "bookings"),
    ("/api/v1/payments", "payments"),
    ("/api/v1/vendor", "vendor"),
    ("/api/v1/admin", "admin"),
    ("/api/v1/realtime", "realtime"),
    ("/", "platform"),
];

/// The function for a path.
#[must_use]
pub fn function_for(path: &str) -> &'static str {
    let has = |prefix: &str| {
        path == prefix
            || path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    ROUTES
        .iter()
        .find(|(prefix, _)| has(prefix))
        .map_or("platform", |(_, function)| function)
}

#[derive(Clone)]
struct Functions(std::sync::Arc<Vec<(&'static str, Router)>>);

/// A router before all of them.
pub fn router(functions: Vec<(&'static str, Router)>) -> Router {
    Router::new()
        .fallback(dispatch)
        .with_state(Functions(std::sync::Arc::new(functions)))
}

async fn dispatch(State(functions): State<Functions>, mut request: Request) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.http.source_ip = Some(peer.ip().to_string());
        request
            .extensions_mut()
            .insert(RequestContext::ApiGatewayV2(context));
    }
    let name = function_for(request.uri().path());
    let found = functions.0.iter().find(|(function, _)| *function == name);
    match found {
        Some((_, router)) => {
            let answered: Result<Response, std::convert::Infallible> = router.clone().oneshot(request).await;
            match answered {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        None => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = axum::http::StatusCode::NOT_FOUND;
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_to_the_function_with_its_prefix() {
        assert_eq!(function_for("/api/v1/venues"), "venues");
        assert_eq!(function_for("/api/v1/venues/search"), "venues");
        assert_eq!(function_for("/api/v1/vendor/venues/manage"), "vendor");
        assert_eq!(function_for("/api/v1/vendors"), "platform");
        assert_eq!(function_for("/api/v1/health"), "platform");
        assert_eq!(function_for("/.well-known/jwks.json"), "auth");
    }
}
