//! The function `realtime` on Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let app = cloud::Boot::start("realtime").await?.app()?.build();
    lambda_http::run(realtime::router(app)).await
}
