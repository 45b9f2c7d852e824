//! What every answer goes through: one id, one log line, problems as JSON, headers that protect, CORS,
//! and a panic that stays one request's misfortune.
//!
//! A failure is logged here and nowhere else. No header, query, body or address is logged: the route
//! is, with its placeholders.

use std::any::Any;
use std::time::{Duration, Instant};

use app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_MATCH,
    IF_NONE_MATCH, LOCATION, REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::condition::{self, PartlyTagged};
use crate::idempotency::{self, keep_body};
use crate::limit::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::problem::{self, Problem};
use crate::reply::REPLAYED;

/// How long a browser may remember what a preflight said.
pub const PREFLIGHT_SECONDS: u64 = 7_200;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Two years, as the preload lists of browsers want it.
const STRICT_TRANSPORT: &str = "max-age=63072000; includeSubDomains";
/// JSON is not meant to be shown as a page, so a page of it may do nothing.
const NOTHING_MAY_LOAD: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The router with everything around it.
///
/// It keeps the router's default fallback, so that finished routers can be merged.
pub fn finish(router: Router, app: &App) -> Router {
    router
        .layer(middleware::from_fn(keep_body))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors(&app.config().allowed_origins))
        .layer(middleware::from_fn_with_state(app.clone(), envelope))
}

/// Browsers of these origins may call us. No cookies are used, so no credentials are allowed.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins
        .iter()
        .filter(|origin| *origin != "*")
        .filter_map(|origin| origin.parse().ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.collect::<Vec<HeaderValue>>()))
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            IF_NONE_MATCH,
            HeaderName::from_static(idempotency::HEADER),
        ])
        .expose_headers([
            ETAG,
            LOCATION,
            RETRY_AFTER,
            REPLAYED,
            REQUEST_ID,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
        ])
        .max_age(Duration::from_secs(PREFLIGHT_SECONDS))
}

fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let said = payload.downcast_ref::<&str>().copied().map(str::to_owned);
    let said = said
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Problem::internal(format!("panicked: {said}")).into_response()
}

async fn envelope(
    State(app): State<App>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let request_id = request_id(&request, &app);
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let known = request.headers().clone();
    // Never filtered out: the correlation id goes along with what this request causes.
    let span = tracing::error_span!(
        "request",
        http.method = %method,
        http.route = route,
        correlation_id = %request_id,
        http.status = tracing::field::Empty,
        duration_ms = tracing::field::Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    let (response, problem) = problem::settle(response, &request_id);
    let mut response = unless_known(&known, response);
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    protect(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.record("http.status", response.status().as_u16())
        .record("duration_ms", milliseconds);
    span.in_scope(|| {
        log(
            &response,
            problem.as_ref(),
            &format!("{method} {route} {request_id}"),
        )
    });
    response
}

/// The id that Lambda logs the invocation under; elsewhere a new one. A client's own is not believed.
fn request_id(request: &Request, app: &App) -> String {
    match request.extensions().get::<lambda_http::Context>() {
        Some(context) if !context.request_id.is_empty() => context.request_id.clone(),
        _ => app.ids().uuid().to_string(),
    }
}

/// 304 instead of what the asker has already.
fn unless_known(asked: &HeaderMap, response: Response) -> Response {
    let is_partly_tagged = response.extensions().get::<PartlyTagged>().is_some();
    if is_partly_tagged || !condition::is_known(asked, response.status(), response.headers()) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// Headers that are on every answer; a page that needs another policy has set its own.
fn protect(headers: &mut HeaderMap) {
    headers.insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static(STRICT_TRANSPORT),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NOTHING_MAY_LOAD));
}

/// One line for each request: a failure of ours is one with its cause.
fn log(response: &Response, problem: Option<&Problem>, request: &str) {
    let status = response.status().as_u16();
    let code = problem.map(|problem| problem.code().name);
    let cause = problem.and_then(Problem::cause);
    match status {
        503 => tracing::warn!(error.code = code, error.cause = cause, "{request} {status}"),
        500.. => tracing::error!(error.code = code, error.cause = cause, "{request} {status}"),
        _ => tracing::info!(error.code = code, "{request} {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ORIGIN, app, app_for, get, json_of, post_json, request, text_of};
    use axum::routing;
    use http::header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN as FROM, SERVER, VARY,
    };
    use std::sync::{Arc, Mutex};

    fn router_of(app: &App) -> Router {
        let routes = Router::new()
            .route("/fine", routing::get(async || crate::ok(1)))
            .route(
                "/broken",
                routing::get(async || Problem::internal("the secret of the tables")),
            )
            .route(
                "/panics",
                routing::get(async || -> crate::Reply<u8> { panic!("the secret of the tables") }),
            )
            .route(
                "/bare",
                routing::get(async || (StatusCode::IM_A_TEAPOT, "plain words")),
            )
            .route("/people/{name}", routing::post(async || crate::ok(1)));
        finish(routes, app)
    }

    fn router() -> Router {
        router_of(&app())
    }

    fn from(origin: &str, mut asked: Request) -> Request {
        asked.headers_mut().insert(FROM, origin.parse().unwrap());
        asked
    }

    fn preflight(origin: &str) -> Request {
        let asked = Request::options("/fine").header(ACCESS_CONTROL_REQUEST_METHOD, "POST");
        from(origin, asked.body(Body::empty()).unwrap())
    }

    #[tokio::test]
    async fn every_answer_protects_and_names_its_request() {
        for path in ["/fine", "/broken", "/panics", "/bare", "/nowhere"] {
            let response = request(router(), get(path)).await;
            let header = |name: HeaderName| response.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
            assert_eq!(header(STRICT_TRANSPORT_SECURITY), STRICT_TRANSPORT);
            assert_eq!(header(CACHE_CONTROL), "no-store");
            assert_eq!(header(REFERRER_POLICY), "no-referrer");
            assert!(header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
            assert!(!header(REQUEST_ID).is_empty());
            for told in [SERVER, HeaderName::from_static("x-powered-by")] {
                assert!(!response.headers().contains_key(told));
            }
        }
    }

    #[tokio::test]
    async fn whatever_is_not_a_success_is_a_problem_with_the_id_of_its_request() {
        let cases = [
            ("/broken", 500, "internal"),
            ("/panics", 500, "internal"),
            ("/bare", 400, "malformed"),
            ("/nowhere", 404, "not_found"),
            ("/people/ada", 405, "method_not_allowed"),
        ];
        for (path, status, code) in cases {
            let response = request(router(), get(path)).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(response.headers()[CONTENT_TYPE], problem::MEDIA_TYPE);
            let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
            let body = json_of(response).await;
            assert_eq!(
                (body["code"].as_str(), body["request_id"].as_str()),
                (Some(code), Some(id.as_str()))
            );
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }

    #[tokio::test]
    async fn a_wrong_method_is_told_which_are_right() {
        let response = request(router(), get("/people/ada")).await;
        assert_eq!(response.headers()[ALLOW], "POST");
    }

    #[tokio::test]
    async fn head_answers_without_a_body() {
        for path in ["/fine", "/nowhere"] {
            let asked = Request::head(path).body(Body::empty()).unwrap();
            assert_eq!(text_of(request(router(), asked).await).await, "");
        }
    }

    #[tokio::test]
    async fn lambdas_own_request_id_is_used_and_a_clients_is_not() {
        let mut asked = get("/fine");
        let mut context = lambda_http::Context::default();
        context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
        asked.extensions_mut().insert(context);
        asked
            .headers_mut()
            .insert(REQUEST_ID, HeaderValue::from_static("forged"));
        let response = request(router(), asked).await;
        assert_eq!(
            response.headers()[REQUEST_ID],
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
        );
        let mut forged = get("/fine");
        forged
            .headers_mut()
            .insert(REQUEST_ID, HeaderValue::from_static("forged"));
        assert_ne!(request(router(), forged).await.headers()[REQUEST_ID], "forged");
    }

    #[tokio::test]
    async fn only_listed_origins_may_read_an_answer() {
        let response = request(router(), from(ORIGIN, get("/nowhere"))).await;
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], ORIGIN);
        assert!(
            response.headers()[ACCESS_CONTROL_EXPOSE_HEADERS]
                .to_str()
                .unwrap()
                .contains("x-request-id")
        );
        for origin in [
            "null",
            "https://evil.example",
            "https://app.example.evil.example",
            "http://app.example",
            "https://sub.app.example",
        ] {
            for asked in [from(origin, get("/fine")), preflight(origin)] {
                let response = request(router(), asked).await;
                assert!(
                    !response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN),
                    "{origin}"
                );
                assert!(response.headers()[VARY].to_str().unwrap().contains("origin"));
            }
        }
    }

    #[tokio::test]
    async fn a_preflight_is_answered_and_may_be_remembered() {
        let response = request(router(), preflight(ORIGIN)).await;
        assert_eq!(response.status(), 200);
        let header = |name: HeaderName| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header(ACCESS_CONTROL_ALLOW_ORIGIN), ORIGIN);
        assert!(header(ACCESS_CONTROL_ALLOW_METHODS).contains("PATCH"));
        for name in ["authorization", "content-type", "idempotency-key", "if-match"] {
            assert!(header(ACCESS_CONTROL_ALLOW_HEADERS).contains(name), "{name}");
        }
        assert_eq!(header(ACCESS_CONTROL_MAX_AGE), PREFLIGHT_SECONDS.to_string());
        assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }

    #[tokio::test]
    async fn a_star_in_the_list_allows_nobody() {
        let app = app_for(&["*", "not an\norigin"]);
        let response = request(router_of(&app), from("https://evil.example", get("/fine"))).await;
        assert_eq!(response.status(), 200);
        assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }

    #[tokio::test]
    async fn a_panic_does_not_end_the_service() {
        let router = router();
        assert_eq!(request(router.clone(), get("/panics")).await.status(), 500);
        assert_eq!(request(router, get("/fine")).await.status(), 200);
    }

    #[tokio::test]
    async fn finished_routers_can_be_merged() {
        let app = app();
        let other = finish(
            Router::new().route("/other", routing::get(async || crate::ok(2))),
            &app,
        );
        let both = router_of(&app).merge(other);
        for (path, status) in [("/fine", 200), ("/other", 200), ("/nowhere", 404)] {
            let response = request(both.clone(), get(path)).await;
            assert_eq!(response.status(), status);
            assert_eq!(response.headers().get_all(REQUEST_ID).iter().count(), 1);
        }
    }

    /// A place to log to.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    async fn logged(asked: Request) -> Vec<String> {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(move || writer.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        request(router(), asked).await;
        drop(guard);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn a_request_is_one_line_without_what_it_carried() {
        let mut asked = post_json("/people/ada?mail=ada@example.org", r#"{"phone":"+4930"}"#);
        asked
            .headers_mut()
            .insert(AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
        let lines = logged(asked).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].contains("POST /people/{name}") && lines[0].contains("http.status=200"),
            "{lines:?}"
        );
        for private in ["ada", "mail", "4930", "secret"] {
            assert!(!lines[0].contains(private), "{lines:?}");
        }
    }

    #[tokio::test]
    async fn a_fault_of_ours_is_logged_once_with_its_cause() {
        for path in ["/broken", "/panics"] {
            let lines = logged(get(path)).await;
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(
                lines[0].contains("ERROR") && lines[0].contains("the secret of the tables"),
                "{lines:?}"
            );
        }
    }
}
