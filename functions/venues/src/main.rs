//! The Lambda function `venues`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("venues").await?;
    let app = boot.app()?.with_blobs(boot.blobs()?).build();
    lambda_http::run(venues::router(app)).await
}
