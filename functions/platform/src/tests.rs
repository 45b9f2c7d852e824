use std::sync::Arc;

use app::ports::{Clock, Ids};
use app::{App, Config};
use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

/// Its tables cannot be reached.
fn app() -> App {
    let config = Config {
        stage: "test".into(),
        public_url: "https://api.example".into(),
        ws_url: "wss://ws.example".into(),
        jwt_issuer: "https://api.example".into(),
        jwt_signing_key: None,
        jwt_public_keys: PUBLIC_KEY.into(),
        token_key: None,
        allowed_origins: Vec::new(),
        bootstrap_admin: None,
    };
    let nowhere = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("eu-central-1"))
        .endpoint_url("http://127.0.0.1:1")
        .build();
    let store = store::Store::new(aws_sdk_dynamodb::Client::from_conf(nowhere), "test-");
    let clock: Arc<dyn Clock> = Arc::new(cloud::SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(cloud::RandomIds);
    App::builder(store, config, clock, ids).unwrap().build()
}

async fn get(path: &str) -> Response {
    router(app())
        .oneshot(http::Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn json_at(path: &str) -> Value {
    let response = get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    serde_json::from_str(&text(response).await).unwrap()
}

#[tokio::test]
async fn the_root_says_where_everything_is() {
    let root = json_at("/api/v1").await;
    assert_eq!((&root["api"], &root["status"]), (&json!("v1"), &json!("ok")));
    for (name, link) in root["links"].as_object().unwrap() {
        let link = link.as_str().unwrap();
        if let Some(path) = link.strip_prefix("https://api.example") {
            assert_eq!(get(path).await.status(), 200, "{name}");
        } else {
            assert_eq!(link, "wss://ws.example");
        }
    }
}

#[tokio::test]
async fn it_is_healthy_even_without_its_database() {
    let health = json_at("/api/v1/health").await;
    assert_eq!(
        (&health["status"], &health["stage"]),
        (&json!("ok"), &json!("test"))
    );
}

#[tokio::test]
async fn the_description_has_every_route_of_this_function() {
    let description = json_at("/api/v1/openapi.json").await;
    assert_eq!(description["openapi"], "3.1.0");
    let own = web::openapi::document([routes()]).unwrap();
    for (path, methods) in own.value()["paths"].as_object().unwrap() {
        assert_eq!(&description["paths"][path], methods, "{path}");
    }
}

#[tokio::test]
async fn a_description_that_is_known_is_not_sent_again() {
    let first = get("/api/v1/openapi.json").await;
    let asked = http::Request::get("/api/v1/openapi.json").header(IF_NONE_MATCH, &first.headers()[ETAG]);
    let second = router(app())
        .oneshot(asked.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(second.status(), 304);
    assert_eq!(second.headers()[CACHE_CONTROL], "public, no-cache");
}

#[tokio::test]
async fn the_page_loads_its_script_from_here_alone() {
    let page = get("/docs").await;
    assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("http"),
        "{policy}"
    );
    assert!(
        text(page)
            .await
            .contains(r#"<script src="/docs/viewer.js" defer>"#)
    );
    let viewer = get("/docs/viewer.js").await;
    assert_eq!(viewer.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert!(text(viewer).await.contains("Redoc.init(\"/api/v1/openapi.json\""));
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let response = get("/api/v1/nothing").await;
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
}
