//! The real program, killed without warning and started again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says why and stops"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use local::journey::{Ask, Client, Silent, cancel, hold, pay, scene};
use serde_json::json;

struct Program {
    child: Child,
    api: String,
}

impl Program {
    /// Starts it, and waits until it says that it is ready.
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["--port", "0", "--data", data.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let api = lines
            .map(|line| line.unwrap())
            .find_map(|line| {
                line.trim()
                    .strip_prefix("API")
                    .map(|rest| rest.trim().trim_end_matches("/api/v1").to_owned())
            })
            .expect("the program says where its API is");
        Self { child, api }
    }

    fn client(&self) -> Client {
        Client::new(self.api.clone(), Arc::new(Silent))
    }

    /// SIGKILL: nothing in it gets to run any more.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_goes_on_after_a_kill_with_everything_still_there() {
    let data = tempfile::tempdir().unwrap();
    let first = Program::start(data.path());
    let client = first.client();
    let scene = scene(&client, 1).await.unwrap();
    let held = hold(&client, &scene).await.unwrap();
    // Paid and killed at once: whatever is on its way (the webhook, the queues, the mails) is on disk.
    let body = json!({ "booking_id": held.booking_id, "payment_method": "pm_card_visa" });
    let ask = Ask::post("/api/v1/payments/process", body).as_person(&scene.customer.token);
    client
        .expect(200, ask.once(&format!("pay-{}", held.booking_id)))
        .await
        .unwrap();
    first.kill();

    let second = Program::start(data.path());
    let client = second.client();
    // The same payment with the same key: replayed, not charged again; then the rest of the journey.
    pay(&client, &scene, &held).await.unwrap();
    second.kill();

    let third = Program::start(data.path());
    cancel(&third.client(), &scene, &held).await.unwrap();
    let replayed = Ask::post("/api/v1/bookings/create", json!({ "quote_id": held.quote_id }))
        .as_person(&scene.customer.token);
    let again = third
        .client()
        .expect(201, replayed.once(&format!("book-{}", scene.venue_id)))
        .await
        .unwrap();
    assert_eq!(
        again["booking_id"], held.booking_id,
        "idempotency outlives the process, too"
    );
}

#[test]
fn a_polite_signal_ends_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let data = tempfile::tempdir().unwrap();
        let mut program = Program::start(data.path());
        let kill = format!("kill -s {signal} {}", program.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let status = program.child.wait().unwrap();
        assert!(status.success(), "{signal}: {status}");
        // And whoever comes next finds the folder free.
        Program::start(data.path());
    }
}

#[test]
fn a_port_that_is_taken_is_said_and_not_waited_for() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let data = tempfile::tempdir().unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["--port", &port, "--data", data.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains(&port),
        "{output:?}"
    );
}
