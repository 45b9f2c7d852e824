//! `docs/openapi.json` is what the routers say.

use super::{read, root};

fn apis() -> Vec<web::Api> {
    vec![
        admin::routes(),
        auth::routes(),
        bookings::routes(),
        payments::routes(),
        platform::routes(),
        realtime::routes(),
        users::routes(),
        vendor::routes(),
        venues::routes(),
    ]
}

/// With `UPDATE_OPENAPI=1` the document is written instead.
#[test]
fn openapi_document_is_that_of_the_routers() {
    let document = web::openapi::document(apis()).unwrap();
    let text = document.to_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(root().join("docs/openapi.json"), &text).unwrap();
    }
    assert!(
        read("docs/openapi.json") == text,
        "docs/openapi.json is not what the routers say; write it with UPDATE_OPENAPI=1 cargo test -p tests openapi"
    );
}

#[test]
fn openapi_document_has_every_route_of_every_router() {
    let document: serde_json::Value = serde_json::from_str(&read("docs/openapi.json")).unwrap();
    for api in apis() {
        for (method, path) in api.inventory() {
            let described = &document["paths"][path][method.as_str().to_lowercase()];
            assert!(
                described["summary"].is_string(),
                "{method} {path} is not described"
            );
        }
    }
}
