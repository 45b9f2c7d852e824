//! Paying for bookings.

use app::App;
use app::message::Message;
use app::ports::WebhookSubject;
use axum::Router;
use domain::booking::{Booking, PaymentState};
use domain::event::EventKind;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, ask, post, text};
use super::hour;
use super::provider::{Provider, SIGNATURE};

const PROCESS: &str = "/api/v1/payments/process";
const VERIFY: &str = "/api/v1/payments/verify";
const WEBHOOK: &str = "/api/v1/payments/webhook";

struct Scene {
    world: World,
    app: App,
    carl: Person,
    booking: Booking,
}

async fn scene() -> Scene {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    Scene {
        app: Provider::behind(&world),
        world,
        carl,
        booking,
    }
}

impl Scene {
    fn router(&self) -> Router {
        payments::router(self.app.clone())
    }

    async fn pay(&self, who: &Person, method: Option<&str>, key: &str) -> Answer {
        let body = json!({"booking_id": self.booking.id, "payment_method": method});
        post(PROCESS, body).by(who).key(key).of(self.router()).await
    }

    async fn verify(&self, who: &Person) -> Answer {
        post(VERIFY, json!({"booking_id": self.booking.id}))
            .by(who)
            .of(self.router())
            .await
    }
}

#[tokio::test]
async fn a_payment_without_a_card_is_finished_in_the_browser() {
    let scene = scene().await;
    let begun = scene.pay(&scene.carl, None, "p").await.is(200);
    assert_eq!(text(&begun, "/status"), "requires_method");
    assert!(text(&begun, "/client_secret").ends_with("_secret"));
    assert_eq!(
        begun["amount"],
        json!({"amount": 5000, "currency": "EUR", "exponent": 2})
    );
    assert_eq!(
        (&begun["next_action"], &begun["decline_code"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(text(&begun, "/booking_id"), scene.booking.id.to_string());
}

#[tokio::test]
async fn a_decline_is_an_answer_and_another_card_pays_the_same_payment() {
    let scene = scene().await;
    let declined = scene.pay(&scene.carl, Some("pm_poor"), "p").await.is(200);
    assert_eq!(
        (text(&declined, "/status"), text(&declined, "/decline_code")),
        ("declined", "insufficient_funds")
    );
    // Its booking is told each time, and is not waited for.
    scene.pay(&scene.carl, Some("pm_poor"), "p2").await.is(200);
    let store = scene.world.app.store();
    let booking = store.booking(scene.booking.id).await.unwrap().unwrap();
    assert_eq!(booking.payment, PaymentState::Unpaid);
    let history = store.history_of(scene.booking.id).await.unwrap();
    let declines = history
        .iter()
        .filter(|e| e.kind == EventKind::BookingPaymentDeclined);
    assert_eq!(declines.count(), 2);
    // To try again in the browser is no third decline, though the provider still tells of the second.
    scene.pay(&scene.carl, None, "p3").await.is(200);
    scene.verify(&scene.carl).await.is(200);
    let history = store.history_of(scene.booking.id).await.unwrap();
    let declines = history
        .iter()
        .filter(|e| e.kind == EventKind::BookingPaymentDeclined);
    assert_eq!(declines.count(), 2);
    let asked = scene.pay(&scene.carl, Some("pm_ask"), "q").await.is(200);
    assert_eq!(text(&asked, "/status"), "requires_action");
    assert_eq!(text(&asked, "/next_action/url"), "https://bank.example/ask");
    let paid = scene.pay(&scene.carl, Some("pm_good"), "r").await.is(200);
    assert_eq!(text(&paid, "/status"), "succeeded");
    assert_eq!(paid["payment_id"], declined["payment_id"]);
}

#[tokio::test]
async fn the_same_request_with_the_same_key_pays_once() {
    let scene = scene().await;
    let first = scene.pay(&scene.carl, Some("pm_good"), "p").await.is(200);
    let again = scene.pay(&scene.carl, Some("pm_good"), "p").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(200), first);
    scene
        .pay(&scene.carl, Some("pm_poor"), "p")
        .await
        .refuses(422, "idempotency_key_reused");
    let keyless = post(PROCESS, json!({"booking_id": scene.booking.id})).by(&scene.carl);
    keyless
        .of(scene.router())
        .await
        .refuses(400, "idempotency_key_missing");
}

#[tokio::test]
async fn verifying_confirms_what_was_paid_and_is_safe_to_repeat() {
    let scene = scene().await;
    let unpaid = scene.verify(&scene.carl).await.is(200);
    assert_eq!(
        (text(&unpaid, "/booking/state"), &unpaid["payment"]),
        ("held", &Value::Null)
    );
    scene.pay(&scene.carl, Some("pm_good"), "p").await.is(200);
    for _ in 0..2 {
        let verified = scene.verify(&scene.carl).await.is(200);
        assert_eq!(text(&verified, "/booking/state"), "confirmed");
        assert_eq!(text(&verified, "/payment/status"), "succeeded");
        assert_eq!(verified["payment"]["captured"]["amount"], 5_000);
    }
    scene
        .pay(&scene.carl, Some("pm_good"), "q")
        .await
        .refuses(409, "nothing_to_pay");
}

#[tokio::test]
async fn another_persons_booking_can_neither_be_paid_nor_asked_about() {
    let scene = scene().await;
    let dora = scene.world.customer("dora").await;
    scene.pay(&dora, None, "p").await.refuses(404, "not_found");
    scene.verify(&dora).await.refuses(404, "not_found");
    let vera = scene.world.signs_in("vera@example.com").await;
    scene.pay(&vera, None, "p").await.refuses(404, "not_found");
    let nina = scene.world.newcomer("nina").await;
    scene.pay(&nina, None, "p").await.refuses(403, "unverified");
}

#[tokio::test]
async fn a_hold_that_has_lapsed_is_not_paid() {
    let scene = scene().await;
    scene.world.clock.advance_minutes(10);
    let carl = scene.world.signs_in(&scene.carl.email).await;
    scene
        .pay(&carl, Some("pm_good"), "p")
        .await
        .refuses(409, "hold_lapsed");
}

#[tokio::test]
async fn everything_wrong_with_a_payment_is_told_at_once() {
    let scene = scene().await;
    let ask = |body: Value| post(PROCESS, body).by(&scene.carl).key("p").of(scene.router());
    ask(json!({"booking_id": "x", "payment_method": "4242 4242"}))
        .await
        .points_at(&["/booking_id", "/payment_method"]);
    ask(json!({"payment_method": 4242, "amount": 1}))
        .await
        .points_at(&["/booking_id", "/payment_method", "/amount"]);
    let question = post(VERIFY, json!({"booking_id": "x"}))
        .by(&scene.carl)
        .of(scene.router())
        .await;
    question.points_at(&["/booking_id"]);
}

#[tokio::test]
async fn a_genuine_webhook_is_queued_and_answered_with_nothing() {
    let scene = scene().await;
    let ask = ask(http::Method::POST, WEBHOOK)
        .raw("pi_1")
        .header("stripe-signature", SIGNATURE);
    assert_eq!(ask.of(scene.router()).await.is(200), json!({}));
    let queued = scene.world.queue.waiting().pop();
    let expected = Message::payment("evt_1".to_owned(), WebhookSubject::Intent("pi_1".to_owned()));
    assert_eq!(queued, Some(expected));
}

#[tokio::test]
async fn a_webhook_that_is_not_genuine_is_refused_and_has_no_effect() {
    let scene = scene().await;
    let before = scene.world.queue.waiting();
    let webhook = || ask(http::Method::POST, WEBHOOK).raw("pi_1");
    webhook().of(scene.router()).await.refuses(400, "webhook_refused");
    webhook()
        .header("stripe-signature", "forged")
        .of(scene.router())
        .await
        .refuses(400, "webhook_refused");
    let two = webhook()
        .header("stripe-signature", SIGNATURE)
        .header("stripe-signature", "forged");
    two.of(scene.router()).await.refuses(400, "webhook_refused");
    let no_text = webhook()
        .raw(b"\xff".to_vec())
        .header("stripe-signature", SIGNATURE);
    no_text.of(scene.router()).await.refuses(400, "webhook_refused");
    let large = webhook()
        .raw(vec![b'x'; 256 * 1024 + 1])
        .header("stripe-signature", SIGNATURE);
    large.of(scene.router()).await.refuses(413, "too_large");
    assert_eq!(scene.world.queue.waiting(), before);
}
