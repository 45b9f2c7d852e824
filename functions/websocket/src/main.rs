//! The function `websocket` on Lambda.

use cloud::Boot;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("websocket").await?;
    let app = &boot.app()?.with_sockets(boot.sockets()?).build();
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(websocket::handle(app, event.payload).await?)
    }))
    .await
}
