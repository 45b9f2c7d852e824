//! The Lambda function `vendor`.

use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("vendor").await?;
    let app = boot
        .app()?
        .with_blobs(boot.blobs()?)
        .with_sockets(boot.sockets()?)
        .with_zones(Arc::new(zone_map::ZoneMap))
        .build();
    lambda_http::run(vendor::router(app)).await
}
