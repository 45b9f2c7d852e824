//! The Lambda function `auth`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("auth").await?;
    let app = boot
        .app()?
        .with_queue(boot.queue()?)
        .with_sockets(boot.sockets()?)
        .build();
    lambda_http::run(auth::router(app)).await
}
