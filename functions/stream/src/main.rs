//! The function `stream` on Lambda.

use cloud::{Boot, batch};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("stream").await?;
    let app = &boot.app()?.with_queue(boot.queue()?).build();
    let one = |record| stream::handle(app, record);
    run(service_fn(|batch: LambdaEvent<_>| async move {
        Ok::<_, Error>(batch::stream(batch.payload, one).await)
    }))
    .await
}
