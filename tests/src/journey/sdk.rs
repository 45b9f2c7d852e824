//! The unmodified JavaScript SDK of the protocol (npm `centrifuge`) against the sockets.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use local::journey::{Person, cancel, hold, newcomer, pay, scene};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{Running, running};
use crate::asyncapi;

/// What a line may take. A bound for a fault; nothing waits for it when all is well.
const LINE_SECONDS_MAX: u64 = 30;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk")
}

/// Installs the SDK into its own ignored folder, as its lock file has it.
async fn install() {
    static INSTALLED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    INSTALLED
        .get_or_init(|| async {
            if folder().join("node_modules/centrifuge/package.json").exists() {
                return;
            }
            let done = Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(folder())
                .output()
                .await
                .expect("npm is needed for the SDK's test");
            assert!(
                done.status.success(),
                "npm ci: {}",
                String::from_utf8_lossy(&done.stderr)
            );
        })
        .await;
}

/// The SDK in a Node process; what happens to it comes as lines.
struct Sdk {
    lines: Lines<BufReader<ChildStdout>>,
    input: ChildStdin,
    _child: Child,
}

impl Sdk {
    async fn connected(running: &Running, who: &Person) -> Self {
        install().await;
        let mut child = Command::new("node")
            .arg(folder().join("listen.mjs"))
            .args([&running.system.ws_url, running.client.api()])
            .args([&who.token, &who.refresh_token])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is needed for the SDK's test");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let input = child.stdin.take().unwrap();
        let mut sdk = Self {
            lines,
            input,
            _child: child,
        };
        sdk.hears(|line| line["connected"] == true).await;
        sdk
    }

    async fn says(&mut self, command: Value) {
        self.input
            .write_all(format!("{command}\n").as_bytes())
            .await
            .unwrap();
    }

    /// The next line that fits; the ones before it as well.
    async fn hears(&mut self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        let listen = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                let line: Value = serde_json::from_str(&line).unwrap();
                if line.get("frame").is_some() {
                    overheard(&line);
                    continue;
                }
                let found = fits(&line);
                heard.push(line);
                if found {
                    return true;
                }
            }
            false
        };
        let found = tokio::time::timeout(Duration::from_secs(LINE_SECONDS_MAX), listen).await;
        assert!(matches!(found, Ok(true)), "not heard; only {heard:#?}");
        heard
    }
}

/// A frame is what the document of the protocol says, in both directions.
fn overheard(line: &Value) {
    let check = match line["from"].as_str() {
        Some("server") => asyncapi::is_from_the_server,
        _ => asyncapi::is_a_command,
    };
    for text in line["frame"].as_str().unwrap().lines() {
        check(&serde_json::from_str(text).unwrap());
    }
}

fn tells(line: &Value, channel: &str, kind: &str) -> bool {
    line["channel"] == channel && line["data"]["type"] == kind
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_socket_hears_the_booking_being_confirmed_and_refunded() {
    let running = running().await;
    let scene = scene(&running.client, 15).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let mut customer = Sdk::connected(&running, &scene.customer).await;
    let channel = format!("booking:{}", held.booking_id);
    customer.says(json!({ "subscribe": channel })).await;
    customer.hears(|l| l["subscribed"] == channel).await;
    let mut vendor = Sdk::connected(&running, &scene.vendor).await;
    let business = format!("vendor:{}", scene.vendor_id);
    vendor.says(json!({ "subscribe": business })).await;
    vendor.hears(|l| l["subscribed"] == business).await;

    pay(&running.client, &scene, &held).await.unwrap();
    customer.hears(|l| tells(l, &channel, "BookingConfirmed")).await;
    vendor.hears(|l| tells(l, &business, "BookingConfirmed")).await;
    cancel(&running.client, &scene, &held).await.unwrap();
    let heard = customer.hears(|l| tells(l, &channel, "BookingRefunded")).await;
    let offsets = offsets(&heard, &channel);
    // Cancelled and refunded, after the confirmation that was heard before.
    assert_eq!(offsets, [4, 5], "in order and without gaps");
    vendor.hears(|l| tells(l, &business, "BookingRefunded")).await;
    running.system.shutdown().await;
}

/// The offsets of what was published on a channel.
fn offsets(heard: &[Value], channel: &str) -> Vec<u64> {
    heard
        .iter()
        .filter(|l| l["channel"] == channel)
        .filter_map(|l| l["offset"].as_u64())
        .collect()
}

/// Whether the SDK came back and was told all that it had missed.
fn recovered(heard: &[Value], channel: &str) -> bool {
    heard
        .iter()
        .any(|l| l["subscribed"] == channel && l["was"] == true && l["recovered"] == true)
}

fn tear_away(running: &Running) {
    for connection in running.system.sockets().connections() {
        assert!(running.system.sockets().kill(&connection));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_torn_away_comes_back_and_hears_what_it_missed() {
    let running = running().await;
    let scene = scene(&running.client, 16).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let mut sdk = Sdk::connected(&running, &scene.customer).await;
    let channel = format!("booking:{}", held.booking_id);
    sdk.says(json!({ "subscribe": channel })).await;
    sdk.hears(|l| l["subscribed"] == channel).await;
    tear_away(&running);
    pay(&running.client, &scene, &held).await.unwrap();
    let heard = sdk.hears(|l| tells(l, &channel, "BookingConfirmed")).await;
    assert!(recovered(&heard, &channel), "{heard:?}");
    // The hold itself may have been told with the subscription.
    let offsets = offsets(&heard, &channel);
    assert!(
        offsets == [2, 3] || offsets == [1, 2, 3],
        "nothing missed, nothing twice: {offsets:?}"
    );
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_long_after_its_token_expired_gets_another_and_hears_what_it_missed() {
    let running = running().await;
    let scene = scene(&running.client, 18).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let mut sdk = Sdk::connected(&running, &scene.customer).await;
    let channel = format!("booking:{}", held.booking_id);
    sdk.says(json!({ "subscribe": channel })).await;
    sdk.hears(|l| l["subscribed"] == channel).await;
    // Neither the socket's token nor the access token is good any more.
    running.system.advance_seconds(30 * 60);
    tear_away(&running);
    running.system.tick().await.unwrap();
    let heard = sdk.hears(|l| tells(l, &channel, "BookingHoldExpired")).await;
    assert!(
        heard.iter().any(|l| l["token"] == 201),
        "it got another: {heard:?}"
    );
    assert!(recovered(&heard, &channel), "{heard:?}");
    let offsets = offsets(&heard, &channel);
    assert!(offsets == [2] || offsets == [1, 2], "{offsets:?}");
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_kept_out_of_every_channel_that_is_not_theirs() {
    let running = running().await;
    let scene = scene(&running.client, 17).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let stranger = newcomer(&running.client, "stranger@example.com", "Sid")
        .await
        .unwrap();
    let mut sdk = Sdk::connected(&running, &stranger).await;
    for channel in [
        format!("booking:{}", held.booking_id),
        format!("vendor:{}", scene.vendor_id),
        format!("user:{}", scene.customer.user_id),
        "booking:*".to_owned(),
    ] {
        sdk.says(json!({ "subscribe": channel })).await;
        let heard = sdk
            .hears(|l| l["channel"] == channel || l["unsubscribed"] == channel)
            .await;
        let code = heard
            .iter()
            .find_map(|l| l["refused"].as_u64().or(l["code"].as_u64()))
            .unwrap();
        assert_eq!(code, 103, "{channel}: {heard:?}");
    }
    sdk.says(json!({ "rpc": "ping" })).await;
    sdk.hears(|l| l["rpc"] == "ping" && l["failed"].is_null()).await;
    let open = format!("venue:{}:availability", scene.venue_id);
    sdk.says(json!({ "subscribe": open })).await;
    sdk.hears(|l| l["subscribed"] == open).await;
    running.system.shutdown().await;
}
