//! The function `worker-notifications` on Lambda.

use cloud::{Boot, batch};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("worker-notifications").await?;
    let app = &boot.app()?.with_mailer(boot.mailer()?).build();
    let one = |message| worker_notifications::handle(app, message);
    run(service_fn(|batch: LambdaEvent<_>| async move {
        Ok::<_, Error>(batch::sqs(batch.payload, one).await)
    }))
    .await
}
