//! The Lambda function `vendor`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("vendor").await?;
    let app = boot.app()?.with_blobs(boot.blobs()?).build();
    lambda_http::run(vendor::router(app)).await
}
