//! Queues: poison, duplicates, redelivery.

use aws_sdk_sqs::types::QueueAttributeName;
use local::Options;
use local::journey::{Ask, cancel, hold, pay, scene};
use serde_json::{Value, json};

use super::{LOOKS_MAX, Running, running, running_with, text, until_payment_state};

async fn messages_in(running: &Running, queue: &str) -> u64 {
    let url = running.system.stand_ins().queue_url(queue);
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let answer = running
        .system
        .sqs()
        .get_queue_attributes()
        .queue_url(url)
        .set_attribute_names(Some(names.to_vec()))
        .send()
        .await
        .unwrap();
    answer
        .attributes
        .unwrap()
        .values()
        .map(|n| n.parse::<u64>().unwrap())
        .sum()
}

async fn until_messages(running: &Running, queue: &str, count: u64) {
    for _ in 0..LOOKS_MAX {
        if messages_in(running, queue).await == count {
            return;
        }
    }
    panic!(
        "{queue} never had {count} messages: {}",
        messages_in(running, queue).await
    );
}

/// How many of these (`charges`, `refunds`) the provider has, whatever was delivered how often.
async fn at_stripe(running: &Running, what: &str) -> usize {
    let stripe = running.system.stand_ins().addresses.stripe;
    let url = format!("http://{stripe}/v1/{what}?limit=100");
    let answer = reqwest::Client::new()
        .get(url)
        .bearer_auth(stripe_stand_in::DEFAULT_SECRET_KEY)
        .send()
        .await
        .unwrap();
    let json: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    json["data"].as_array().unwrap().len()
}

/// What fails comes back at once, and not after minutes. One batch at a time: without a visibility timeout a
/// second poller would be given the very messages that the first is at work on, until they count as poison.
async fn running_that_redelivers_at_once(queues: &[&str]) -> Running {
    let running = running_with(Options {
        limits: false,
        batches_at_once: 1,
        ..Options::default()
    })
    .await;
    for queue in queues {
        redeliver_at_once(&running, queue).await;
    }
    running
}

async fn redeliver_at_once(running: &Running, queue: &str) {
    let url = running.system.stand_ins().queue_url(queue);
    let change = running.system.sqs().set_queue_attributes().queue_url(url);
    change
        .attributes(QueueAttributeName::VisibilityTimeout, "0")
        .send()
        .await
        .unwrap();
}

fn strike(running: &Running, rule: Value) {
    let rule = serde_json::from_value(rule).unwrap();
    running.system.stand_ins().stripe.add_fault(rule).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_broke_off_is_done_on_redelivery_and_once() {
    let running = running_that_redelivers_at_once(&["payments", "refunds"]).await;
    let scene = scene(&running.client, 18).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    // The worker gets nowhere twice; the third delivery of the webhook's message confirms.
    strike(
        &running,
        json!({ "kind": "server_error", "operation": "payment_intents.retrieve", "times": 2 }),
    );
    pay(&running.client, &scene, &held).await.unwrap();
    // The money has gone back, and the worker never hears of it: it must not go back again.
    strike(
        &running,
        json!({ "kind": "drop", "when": "after", "operation": "refunds.create" }),
    );
    cancel(&running.client, &scene, &held).await.unwrap();
    assert_eq!(
        (
            at_stripe(&running, "charges").await,
            at_stripe(&running, "refunds").await
        ),
        (1, 1)
    );
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisonous_message_ends_in_the_dead_letter_queue_while_its_mates_succeed() {
    let running = running_that_redelivers_at_once(&["payments"]).await;
    let url = running.system.stand_ins().queue_url("payments");
    let poison = [
        "no JSON at all",
        r#"{"v":1,"event_id":"x"}"#,
        r#"{"v":99,"event_id":"x","subject":{"kind":"other","id":"y"}}"#,
    ];
    let fine = r#"{"v":1,"event_id":"evt_nothing","subject":{"kind":"other","id":"balance.available"}}"#;
    for body in poison.into_iter().chain([fine]) {
        running
            .system
            .sqs()
            .send_message()
            .queue_url(&url)
            .message_body(body)
            .send()
            .await
            .unwrap();
    }
    until_messages(&running, "payments-dlq", 3).await;
    until_messages(&running, "payments", 0).await;
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_delivered_three_times_and_shuffled_has_one_effect() {
    let running = running().await;
    let scene = scene(&running.client, 13).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    running
        .system
        .stand_ins()
        .stripe
        .set_webhook_behaviour(stripe_stand_in::WebhookBehaviour {
            duplicates: 2,
            order: stripe_stand_in::webhooks::Order::Shuffled,
            ..stripe_stand_in::WebhookBehaviour::default()
        });
    pay(&running.client, &scene, &held).await.unwrap();
    until_messages(&running, "payments", 0).await;
    let booking = until_payment_state(&running.client, &scene.customer.token, &held.booking_id, "paid").await;
    let kinds: Vec<&str> = booking["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| text(e, "/kind"))
        .collect();
    assert_eq!(
        kinds,
        ["BookingHeld", "BookingPaymentStarted", "BookingConfirmed"]
    );
    assert_eq!(at_stripe(&running, "charges").await, 1);
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_keeps_the_time_and_another_card_pays() {
    let running = running().await;
    let scene = scene(&running.client, 14).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let body = json!({ "booking_id": held.booking_id, "payment_method": "pm_card_visa_chargeDeclined" });
    let ask = Ask::post("/api/v1/payments/process", body)
        .as_person(&scene.customer.token)
        .once("first");
    let declined = running.client.expect(200, ask).await.unwrap();
    assert_eq!(text(&declined, "/status"), "declined");
    pay(&running.client, &scene, &held).await.unwrap();
    running.system.shutdown().await;
}
