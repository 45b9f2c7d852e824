//! The function `platform` on Lambda.

use cloud::Boot;
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start("platform").await?;
    run(platform::router(boot.app()?.build())).await
}
