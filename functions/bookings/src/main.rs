//! The Lambda function `bookings`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("bookings").await?;
    let app = boot.app()?.build();
    lambda_http::run(bookings::router(app)).await
}
