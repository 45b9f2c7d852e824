//! The function `schedule` on Lambda.

use std::sync::Arc;

use cloud::Boot;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use stripe_gateway::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("schedule").await?;
    let payments = Arc::new(Stripe::from_env()?);
    let app = &boot
        .app()?
        .with_payments(payments)
        .with_queue(boot.queue()?)
        .build();
    run(service_fn(|tick: LambdaEvent<_>| async move {
        Ok::<_, Error>(schedule::handle(app, tick.payload).await?)
    }))
    .await
}
