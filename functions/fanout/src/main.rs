//! The function `fanout` on Lambda.

use cloud::{Boot, batch};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("fanout").await?;
    let app = &boot.app()?.with_sockets(boot.sockets()?).build();
    let one = |record| fanout::handle(app, record);
    run(service_fn(|batch: LambdaEvent<_>| async move {
        Ok::<_, Error>(batch::stream(batch.payload, one).await)
    }))
    .await
}
