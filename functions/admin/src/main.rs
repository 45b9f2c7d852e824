//! The Lambda function `admin`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("admin").await?;
    let app = boot
        .app()?
        .with_blobs(boot.blobs()?)
        .with_sockets(boot.sockets()?)
        .build();
    lambda_http::run(admin::router(app)).await
}
