//! The program itself, killed without warning.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use stripe_stand_in::DEFAULT_SECRET_KEY;
use stripe_stand_in::webhooks::signature::sign;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::CARDS_ONLY;

struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(data: &Path, webhook: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stripe-stand-in"))
            .args(["--port", "0", "--data", data.to_str().unwrap()])
            .args(["--webhook", webhook, "--webhook-secret", "whsec_p"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url }
    }

    async fn post(&self, key: &str, path: &str, form: String) -> (u16, String) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let response = client
            .post(format!("{}{path}", self.url))
            .bearer_auth(DEFAULT_SECRET_KEY)
            .header("idempotency-key", key)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

/// SIGKILL, also when a test fails.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes one HTTP request, answers 200, gives its header and body.
async fn receive(listener: &TcpListener) -> (String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length: usize = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            })
            .unwrap()
            .parse()
            .unwrap();
        if body.len() >= length {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
            return (head.to_owned(), body.to_owned());
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_and_what_was_not_yet_delivered_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    // A port on which no one listens: webhooks stay pending.
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let program = Program::start(folder.path(), &format!("http://{closed}/hook"));
    let form = format!("amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa&{CARDS_ONLY}");
    let (status, body) = program.post("k1", "/v1/payment_intents", form.clone()).await;
    assert_eq!(status, 200);
    drop(program);

    let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let program = Program::start(
        folder.path(),
        &format!("http://{}/hook", open.local_addr().unwrap()),
    );
    assert_eq!(
        program.post("k1", "/v1/payment_intents", form).await,
        (200, body.clone())
    );

    let paid: Value = serde_json::from_str(&body).unwrap();
    let mut seen = Vec::new();
    while !seen.contains(&"payment_intent.succeeded".to_owned()) {
        let (head, body) = tokio::time::timeout(std::time::Duration::from_secs(30), receive(&open))
            .await
            .unwrap();
        let event: Value = serde_json::from_str(&body).unwrap();
        let header = head
            .lines()
            .find_map(|line| line.strip_prefix("stripe-signature: "))
            .unwrap();
        let (time, signature) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(signature, sign("whsec_p", time.parse().unwrap(), &body));
        if event["type"] == "payment_intent.succeeded" {
            assert_eq!(event["data"]["object"], paid);
        }
        seen.push(event["type"].as_str().unwrap().to_owned());
    }
}
