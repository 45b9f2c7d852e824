//! `demo`: plays a booking's journey against a running system, and prints each request as a person
//! would type it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program that people start"
)]

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use local::journey::{Client, Narrator, StepError, cancel, hold, pay, scene};
use serde_json::Value;

/// Answers are shown up to here.
const SHOWN_MAX: usize = 300;

#[derive(Default)]
struct Printed(AtomicU32);

impl Narrator for Printed {
    fn step(&self, title: &str) {
        println!("\n{}. {title}", self.0.fetch_add(1, Ordering::SeqCst) + 1);
    }

    fn exchange(&self, curl: &str, status: u16, answer: &Value) {
        let answer = answer.to_string();
        let shown: String = answer.chars().take(SHOWN_MAX).collect();
        let more = if shown.len() < answer.len() { "…" } else { "" };
        println!("   $ {curl}\n     {status} {shown}{more}");
    }

    fn note(&self, text: &str) {
        println!("   · {text}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let api = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => "http://127.0.0.1:3000".to_owned(),
        (Some("--api"), Some(api)) => api.trim_end_matches('/').to_owned(),
        (Some(_), _) => {
            eprintln!("Usage: demo [--api http://127.0.0.1:3000]");
            return ExitCode::from(2);
        }
    };
    match play(&api).await {
        Ok(()) => {
            println!("\nThe journey is complete.");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("\n{why}\nIs the system running? Start it with: make run");
            ExitCode::FAILURE
        }
    }
}

async fn play(api: &str) -> Result<(), StepError> {
    let client = Client::new(api, Arc::new(Printed::default()));
    // Another tag each time, so that it can be played again on the same data.
    let tag = u32::try_from(
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |d| d.as_secs() % 1_000_000_000),
    )
    .unwrap_or(0);
    let scene = scene(&client, tag).await?;
    let held = hold(&client, &scene).await?;
    pay(&client, &scene, &held).await?;
    cancel(&client, &scene, &held).await
}
