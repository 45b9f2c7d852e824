//! S3 on this machine: files below a folder, with the signatures checked as S3 does, and CORS as the
//! template has it.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tower_http::cors::{Any, CorsLayer};

use crate::keys::{ACCESS_KEY, SECRET_KEY};

/// A router that is S3, with this bucket in it.
pub fn router(folder: &Path, bucket: &str) -> Result<Router, String> {
    std::fs::create_dir_all(folder.join(bucket)).map_err(|e| e.to_string())?;
    let files = s3s_fs::FileSystem::new(folder).map_err(|e| format!("{e:?}"))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(Any)
        .expose_headers(Any);
    Ok(Router::new()
        .fallback(answer)
        .with_state(builder.build())
        .layer(cors))
}

async fn answer(State(service): State<S3Service>, request: Request) -> Response {
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")).into_response(),
    }
}
