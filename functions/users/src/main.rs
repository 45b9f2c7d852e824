//! The Lambda function `users`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("users").await?;
    let app = boot.app()?.with_sockets(boot.sockets()?).build();
    lambda_http::run(users::router(app)).await
}
