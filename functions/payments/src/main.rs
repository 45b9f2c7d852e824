//! The Lambda function `payments`.

use std::sync::Arc;

use stripe_gateway::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let boot = cloud::Boot::start("payments").await?;
    let app = boot
        .app()?
        .with_queue(boot.queue()?)
        .with_payments(Arc::new(Stripe::from_env()?))
        .build();
    lambda_http::run(payments::router(app)).await
}
