//! The adapter over a real connection, against a server that answers what a test tells it to.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use domain::id::BookingId;
use domain::money::Money;
use domain::payment::Observed;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

/// What the server does with a request.
enum Answer {
    Json(u16, Value),
    /// It takes the request and hangs up.
    Lost,
}

/// A Stripe that gives these answers, in turn, and then is gone.
struct Wire {
    stripe: Stripe,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Wire {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let mut answers: VecDeque<Answer> = answers.into_iter().collect();
        let server = std::thread::spawn(move || {
            while let Some(answer) = answers.pop_front() {
                let (mut stream, _) = listener.accept().unwrap();
                seen.lock().unwrap().push(request(&mut stream));
                if let Answer::Json(status, body) = answer {
                    let body = body.to_string();
                    let length = body.len();
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                    );
                    stream.write_all((head + &body).as_bytes()).unwrap();
                }
            }
        });
        let stripe = Stripe::new("sk_test_1".into(), Vec::new(), Some(&base)).unwrap();
        Self {
            stripe,
            requests,
            server,
        }
    }

    /// Every request that came, once all answers are given.
    fn requests(self) -> Vec<String> {
        self.server.join().unwrap();
        self.requests.lock().unwrap().clone()
    }
}

fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap_or("0");
        if count == 0 || body.len() >= length.parse::<usize>().unwrap() {
            return text;
        }
    }
}

fn payment_intent(status: &str) -> Value {
    json!({
        "id": "pi_1", "object": "payment_intent", "amount": 5_000, "amount_capturable": 0,
        "amount_received": if status == "succeeded" { 5_000 } else { 0 },
        "capture_method": "automatic", "client_secret": "pi_1_secret_2",
        "confirmation_method": "automatic", "created": 1_767_225_600, "currency": "eur",
        "livemode": false, "payment_method_types": ["card"], "status": status, "metadata": {},
    })
}

fn refund_of(id: RefundId) -> Value {
    json!({
        "id": "re_1", "object": "refund", "amount": 1_200, "created": 1_767_225_600, "currency": "eur",
        "status": "succeeded", "metadata": {"refund": id.to_string()},
    })
}

fn refunds(data: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "url": "/v1/refunds", "data": data, "has_more": has_more})
}

fn new_refund() -> NewRefund {
    let id = Uuid::from_u128(3);
    NewRefund {
        refund: RefundId::from_uuid(id),
        booking: BookingId::from_uuid(id),
        intent: "pi_1".into(),
        amount: Money::new(1_200, "EUR".parse().unwrap()),
    }
}

fn payment_id() -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(1))
}

#[tokio::test]
async fn an_intent_is_made_with_its_key_its_amount_and_our_ids() {
    let wire = Wire::new([Answer::Json(200, payment_intent("requires_payment_method"))]);
    let payment = NewIntent {
        payment: payment_id(),
        booking: BookingId::from_uuid(Uuid::from_u128(2)),
        amount: Money::new(5_000, "EUR".parse().unwrap()),
        description: "Tea & Cake = 5+5 % für 2".into(),
    };
    let made = wire.stripe.create(&payment).await.unwrap();
    assert_eq!(made.observed.status, PaymentStatus::RequiresMethod);
    let requests = wire.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert!(
        request.starts_with("POST /v1/payment_intents HTTP/1.1"),
        "{request}"
    );
    for part in [
        "idempotency-key: pay:pay_00000000000000000000000000000001\r\n",
        "authorization: Bearer sk_test_1\r\n",
        "stripe-version: 2026-09-30.endive\r\n",
        "amount=5000",
        "currency=eur",
        "automatic_payment_methods[allow_redirects]=never",
        "description=Tea+%26+Cake+%3D+5%2B5+%25+f%C3%BCr+2",
        "metadata[payment]=pay_00000000000000000000000000000001",
        "metadata[booking]=bkg_00000000000000000000000000000002",
    ] {
        assert!(request.contains(part), "{part} is not in {request}");
    }
}

#[tokio::test]
async fn a_declined_card_is_an_answer() {
    let error = json!({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"});
    let mut intent = payment_intent("requires_payment_method");
    intent["last_payment_error"] = error.clone();
    let mut with_intent = error;
    with_intent["payment_intent"] = intent;
    let wire = Wire::new([Answer::Json(402, json!({ "error": with_intent }))]);
    let seen = wire
        .stripe
        .confirm("pi_1", payment_id(), 2, "pm_1")
        .await
        .unwrap();
    assert_eq!(seen.observed.status, PaymentStatus::Declined);
    assert_eq!(seen.observed.decline_code.as_deref(), Some("insufficient_funds"));
    let requests = wire.requests();
    let request = &requests[0];
    assert!(
        request.starts_with("POST /v1/payment_intents/pi_1/confirm HTTP/1.1"),
        "{request}"
    );
    assert!(
        request.contains("idempotency-key: pay:pay_00000000000000000000000000000001:2\r\n"),
        "{request}"
    );
    assert!(request.contains("payment_method=pm_1"), "{request}");
}

#[tokio::test]
async fn a_decline_without_the_intent_makes_us_look_at_it() {
    let error = json!({"error": {"type": "card_error", "code": "expired_card"}});
    let wire = Wire::new([
        Answer::Json(402, error),
        Answer::Json(200, payment_intent("requires_payment_method")),
    ]);
    let seen = wire
        .stripe
        .confirm("pi_1", payment_id(), 1, "pm_1")
        .await
        .unwrap();
    assert_eq!(seen.observed.status, PaymentStatus::Declined);
    assert_eq!(seen.observed.decline_code.as_deref(), Some("expired_card"));
    assert!(wire.requests()[1].starts_with("GET /v1/payment_intents/pi_1?"));
}

#[tokio::test]
async fn an_intent_that_was_paid_stays_paid_when_it_is_confirmed_or_cancelled() {
    let error =
        json!({"error": {"type": "invalid_request_error", "code": "payment_intent_unexpected_state"}});
    let paid = || Answer::Json(200, payment_intent("succeeded"));
    let wire = Wire::new([
        Answer::Json(400, error.clone()),
        paid(),
        Answer::Json(400, error),
        paid(),
    ]);
    let confirmed = wire
        .stripe
        .confirm("pi_1", payment_id(), 1, "pm_1")
        .await
        .unwrap();
    let cancelled = wire.stripe.cancel("pi_1").await.unwrap();
    assert_eq!(confirmed.observed.status, PaymentStatus::Succeeded);
    assert_eq!(cancelled, confirmed);
    assert!(!wire.requests()[2].contains("idempotency-key"), "it needs none");
}

#[tokio::test]
async fn a_page_for_customers_who_come_back_is_told_when_there_is_one() {
    let mut wire = Wire::new([Answer::Json(200, payment_intent("processing"))]);
    wire.stripe = wire.stripe.with_return_url("https://example.com/paid");
    wire.stripe
        .confirm("pi_1", payment_id(), 1, "pm_1")
        .await
        .unwrap();
    let requests = wire.requests();
    assert!(
        requests[0].contains("&return_url=https://example.com/paid"),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_lost_answer_may_have_had_its_effect() {
    let wire = Wire::new([Answer::Lost]);
    let error = wire
        .stripe
        .confirm("pi_1", payment_id(), 1, "pm_1")
        .await
        .unwrap_err();
    assert!(matches!(error, PortError::Unavailable(_)), "{error:?}");
    assert_eq!(wire.requests().len(), 1, "nothing is repeated here");
}

#[tokio::test]
async fn a_refund_is_made_with_its_key_when_there_is_none_yet() {
    let asked = new_refund();
    let other = refund_of(RefundId::from_uuid(Uuid::from_u128(9)));
    let wire = Wire::new([
        Answer::Json(200, refunds(&[other], false)),
        Answer::Json(200, refund_of(asked.refund)),
    ]);
    let made = wire.stripe.refund(&asked).await.unwrap();
    assert_eq!(made.refund, Some(asked.refund));
    let requests = wire.requests();
    assert!(
        requests[0].starts_with("GET /v1/refunds?limit=100&payment_intent=pi_1 HTTP/1.1"),
        "{requests:?}"
    );
    assert!(
        requests[1].starts_with("POST /v1/refunds HTTP/1.1"),
        "{requests:?}"
    );
    for part in [
        "idempotency-key: refund:rfd_00000000000000000000000000000003\r\n",
        "payment_intent=pi_1",
        "amount=1200",
        "metadata[refund]=rfd_00000000000000000000000000000003",
    ] {
        assert!(requests[1].contains(part), "{part} is not in {}", requests[1]);
    }
}

#[tokio::test]
async fn a_refund_that_was_made_before_is_not_made_again() {
    let asked = new_refund();
    let wire = Wire::new([Answer::Json(200, refunds(&[refund_of(asked.refund)], false))]);
    let found = wire.stripe.refund(&asked).await.unwrap();
    assert_eq!(
        (found.provider_id.as_str(), found.refund),
        ("re_1", Some(asked.refund))
    );
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn a_refund_is_not_made_while_it_is_unknown_whether_it_was() {
    let wire = Wire::new([
        Answer::Json(200, refunds(&[], true)),
        Answer::Json(500, json!({})),
        Answer::Lost,
    ]);
    assert!(matches!(
        wire.stripe.refund(&new_refund()).await,
        Err(PortError::Refused(_))
    ));
    assert!(matches!(
        wire.stripe.refund(&new_refund()).await,
        Err(PortError::Unavailable(_))
    ));
    assert!(matches!(
        wire.stripe.refund(&new_refund()).await,
        Err(PortError::Unavailable(_))
    ));
    assert!(wire.requests().iter().all(|request| request.starts_with("GET ")));
}

#[tokio::test]
async fn what_stripe_does_not_know_is_gone() {
    let error =
        json!({"error": {"type": "invalid_request_error", "code": "resource_missing", "param": "intent"}});
    let wire = Wire::new([Answer::Json(404, error.clone()), Answer::Json(404, error)]);
    assert_eq!(wire.stripe.intent("pi_2").await, Err(PortError::Gone));
    assert_eq!(wire.stripe.refund_status("re_2").await, Err(PortError::Gone));
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_asked_of_nobody() {
    let wire = Wire::new([]);
    assert_eq!(wire.stripe.intent("pi_1/cancel").await, Err(PortError::Gone));
    assert_eq!(wire.stripe.cancel("../refunds").await, Err(PortError::Gone));
    assert_eq!(
        wire.stripe.refund_status("re_1?expand=charge").await,
        Err(PortError::Gone)
    );
    assert!(wire.requests().is_empty());
}

fn seen(status: PaymentStatus) -> Intent {
    let zero = Money::zero("EUR".parse().unwrap());
    Intent {
        observed: Observed {
            intent: "pi_1".into(),
            status,
            captured: zero,
            decline_code: None,
        },
        amount: zero,
        client_secret: None,
        action_url: None,
        payment: None,
        booking: None,
    }
}

#[test]
fn a_call_has_the_same_key_whenever_it_is_made_and_another_one_for_anything_else() {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let (pay_1, pay_2) = (PaymentId::from_uuid(one), PaymentId::from_uuid(two));
    let (rfd_1, rfd_2) = (RefundId::from_uuid(one), RefundId::from_uuid(two));
    let all = || {
        [
            keys::create(pay_1),
            keys::create(pay_2),
            keys::confirm(pay_1, 1),
            keys::confirm(pay_1, 2),
            keys::confirm(pay_2, 1),
            keys::refund(rfd_1),
            keys::refund(rfd_2),
        ]
    };
    assert_eq!(all(), all());
    let distinct: std::collections::BTreeSet<String> = all().into_iter().collect();
    assert_eq!(distinct.len(), all().len());
    assert_eq!(
        keys::confirm(pay_1, 2),
        "pay:pay_00000000000000000000000000000001:2"
    );
    assert!(all().into_iter().all(|key| once(key).is_ok()));
}

#[test]
fn a_card_that_could_not_be_tried_is_a_declined_one() {
    let tried = declined(
        seen(PaymentStatus::RequiresMethod),
        Some("resource_missing".into()),
    );
    assert_eq!(tried.observed.status, PaymentStatus::Declined);
    assert_eq!(tried.observed.decline_code.as_deref(), Some("resource_missing"));
}

#[test]
fn a_decline_says_nothing_about_an_intent_that_was_paid_meanwhile() {
    for status in [
        PaymentStatus::Succeeded,
        PaymentStatus::Processing,
        PaymentStatus::Cancelled,
    ] {
        assert_eq!(declined(seen(status), Some("card_declined".into())), seen(status));
    }
}

#[test]
fn a_call_ends_before_the_function_that_makes_it() {
    /// `Timeout` of the HTTP functions in template.yaml.
    const FUNCTION_SECONDS: u64 = 15;
    const { assert!(CALL_SECONDS_MAX < FUNCTION_SECONDS) };
}
