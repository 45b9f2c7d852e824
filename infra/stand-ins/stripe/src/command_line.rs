//! `stripe-stand-in --port 12111 --data DIR --webhook URL --webhook-secret whsec_…`
//!
//! `--webhook` and `--webhook-secret` come in pairs and may be repeated; `--secret-key` is optional; port 0 takes
//! a free one. When it listens it writes `listening on http://127.0.0.1:PORT` to its output.

use std::io::Write;
use std::path::PathBuf;

use crate::store::StoreError;
use crate::{Config, ConfiguredWebhook, StripeStandIn};

/// The port of Stripe's own mock.
pub const DEFAULT_PORT: u16 = 12_111;

#[derive(Debug, thiserror::Error)]
pub enum CommandLineError {
    #[error("unknown option {0}")]
    Unknown(String),
    #[error("{0} needs a value")]
    NoValue(String),
    #[error("{0} is no port")]
    Port(String),
    #[error("each --webhook needs its --webhook-secret")]
    Unpaired,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

/// Serves until it is told to stop.
pub async fn run(arguments: impl Iterator<Item = String>) -> Result<(), CommandLineError> {
    let (port, config) = parse(arguments)?;
    let stand_in = StripeStandIn::open(config)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    let server = axum::serve(listener, stand_in.router()).with_graceful_shutdown(stopped());
    let (served, ()) = tokio::join!(async { server.await }, stand_in.run_deliveries(stopped()));
    Ok(served?)
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<(u16, Config), CommandLineError> {
    let mut port = DEFAULT_PORT;
    let mut config = Config::default();
    let (mut urls, mut secrets) = (Vec::new(), Vec::new());
    while let Some(option) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| CommandLineError::NoValue(option.clone()))?;
        match option.as_str() {
            "--port" => port = value.parse().map_err(|_| CommandLineError::Port(value))?,
            "--data" => config.data = Some(PathBuf::from(value)),
            "--secret-key" => config.secret_key = value,
            "--webhook" => urls.push(value),
            "--webhook-secret" => secrets.push(value),
            _ => return Err(CommandLineError::Unknown(option)),
        }
    }
    if urls.len() != secrets.len() {
        return Err(CommandLineError::Unpaired);
    }
    config.webhooks = urls
        .into_iter()
        .zip(secrets)
        .map(|(url, secret)| ConfiguredWebhook { url, secret })
        .collect();
    Ok((port, config))
}

/// Completes at Ctrl-C or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<(u16, Config), CommandLineError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn webhooks_and_their_secrets_come_in_pairs() {
        let (port, config) = parsed("--port 0 --webhook http://a --webhook-secret whsec_a").unwrap();
        assert_eq!((port, config.webhooks.len()), (0, 1));
        assert!(matches!(
            parsed("--webhook http://a"),
            Err(CommandLineError::Unpaired)
        ));
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(matches!(parsed("--prot 1"), Err(CommandLineError::Unknown(_))));
    }
}
