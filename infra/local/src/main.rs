//! `local`: runs the whole system until it is told to stop.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program that people start"
)]

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use local::{DEMO_PASSWORD, DEMO_PEOPLE, Options, System, options};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let started = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--help" || a == "-h") {
        say(options::USAGE);
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let system = match System::start(&options).await {
        Ok(system) => system,
        Err(why) => {
            eprintln!("cannot start {why}");
            return ExitCode::FAILURE;
        }
    };
    say(&welcome(&system, &options, started));
    stop_signal().await;
    say("stopping\n");
    system.shutdown().await;
    ExitCode::SUCCESS
}

fn welcome(system: &System, options: &Options, started: Instant) -> String {
    let api = &system.api_url;
    let mut text = format!(
        "TOFIMOTIA is ready after {} ms\n  API      {api}/api/v1\n  docs     {api}/docs\n  sockets  {}\n  mails    {api}/local/mail\n  env      {}\n",
        started.elapsed().as_millis(),
        system.ws_url,
        system.env_file.display()
    );
    if options.demo_data && options.functions {
        text.push_str(&format!("Demo people, all with the password {DEMO_PASSWORD}:\n"));
        for (email, what) in DEMO_PEOPLE {
            text.push_str(&format!("  {what:<9}{email}\n"));
        }
        text.push_str(&format!(
            "Try:\n  curl '{api}/api/v1/venues/search?lat=52.52&lng=13.4&radius_m=5000'\n"
        ));
    }
    text
}

/// Tells whoever listens. That nobody does any more is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

async fn stop_signal() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
