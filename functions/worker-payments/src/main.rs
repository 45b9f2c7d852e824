//! The function `worker-payments` on Lambda.

use std::sync::Arc;

use cloud::{Boot, batch};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("worker-payments").await?;
    let app = &boot
        .app()?
        .with_payments(Arc::new(stripe_gateway::Stripe::from_env()?))
        .build();
    let one = |message| worker_payments::handle(app, message);
    run(service_fn(|batch: LambdaEvent<_>| async move {
        Ok::<_, Error>(batch::sqs(batch.payload, one).await)
    }))
    .await
}
