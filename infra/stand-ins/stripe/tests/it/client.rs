//! The client library of the production code, unchanged, over TCP.

use std::collections::HashMap;

use stripe::{
    ApiErrorsCode, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest,
};
use stripe_core::customer::{CreateCustomer, DeleteCustomer, RetrieveCustomer, RetrieveCustomerReturned};
use stripe_core::payment_intent::{
    CancelPaymentIntent, CapturePaymentIntent, CreatePaymentIntent,
    CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
    ListPaymentIntent, RetrievePaymentIntent,
};
use stripe_core::refund::{CreateRefund, ListRefund};
use stripe_core::{PaymentIntentCaptureMethod, PaymentIntentStatus};
use stripe_payment::payment_method::{AttachPaymentMethod, ListPaymentMethod};
use stripe_stand_in::{Config, DEFAULT_SECRET_KEY, StripeStandIn};
use stripe_types::Currency;

/// Serves on a free port for as long as the test runs.
async fn client() -> Client {
    let stand_in = StripeStandIn::open(Config::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, stand_in.router()).await });
    ClientBuilder::new(DEFAULT_SECRET_KEY)
        .url(format!("http://{address}/"))
        .build()
        .unwrap()
}

fn payment(amount: i64, card: &str) -> CreatePaymentIntent {
    let mut methods = CreatePaymentIntentAutomaticPaymentMethods::new(true);
    methods.allow_redirects = Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never);
    CreatePaymentIntent::new(amount, Currency::EUR)
        .confirm(true)
        .payment_method(card)
        .automatic_payment_methods(methods)
        .metadata(HashMap::from([("booking".to_owned(), "b1".to_owned())]))
        .expand(vec!["latest_charge.balance_transaction".to_owned()])
}

#[tokio::test]
async fn the_client_pays_refunds_and_lists() {
    let client = client().await;
    let request = payment(10_000, "pm_card_visa").capture_method(PaymentIntentCaptureMethod::Automatic);
    let key = || RequestStrategy::Idempotent(IdempotencyKey::new("pay:b1:1").unwrap());
    let paid = request
        .customize()
        .request_strategy(key())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
    assert_eq!(paid.metadata["booking"], "b1");
    let again = request
        .customize()
        .request_strategy(key())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(again.id, paid.id);
    let charge = paid.latest_charge.unwrap().into_object().unwrap();
    assert_eq!(charge.amount_captured, 10_000);
    let transaction = charge.balance_transaction.unwrap().into_object().unwrap();
    assert_eq!(transaction.fee, 320);
    assert_eq!(transaction.fee_details[0].amount, 320);

    let refund = CreateRefund::new()
        .payment_intent(paid.id.as_str())
        .amount(4_000)
        .send(&client)
        .await
        .unwrap();
    assert_eq!(
        (refund.amount, refund.status.as_deref()),
        (4_000, Some("succeeded"))
    );
    let over = CreateRefund::new()
        .payment_intent(paid.id.as_str())
        .amount(6_001)
        .send(&client)
        .await;
    let Err(StripeError::Stripe(error, 400)) = over else {
        panic!("{over:?}")
    };
    assert!(error.message.unwrap().contains("greater than unrefunded amount"));
    let list = ListRefund::new()
        .payment_intent(paid.id.as_str())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(list.data.len(), 1);
    assert_eq!(
        ListPaymentIntent::new().send(&client).await.unwrap().data.len(),
        1
    );
}

#[tokio::test]
async fn the_client_reads_a_decline_with_its_intent() {
    let client = client().await;
    let declined = payment(10_000, "pm_card_chargeDeclinedInsufficientFunds")
        .send(&client)
        .await;
    let Err(StripeError::Stripe(error, 402)) = declined else {
        panic!("{declined:?}")
    };
    assert_eq!(error.code, Some(ApiErrorsCode::CardDeclined));
    assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));
    let intent = error.payment_intent.unwrap();
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    assert_eq!(
        intent.last_payment_error.unwrap().decline_code.as_deref(),
        Some("insufficient_funds")
    );
}

#[tokio::test]
async fn the_client_holds_captures_and_cancels() {
    let client = client().await;
    let manual = |card| payment(10_000, card).capture_method(PaymentIntentCaptureMethod::Manual);
    let held = manual("pm_card_visa").send(&client).await.unwrap();
    assert_eq!(held.status, PaymentIntentStatus::RequiresCapture);
    let charge = held.latest_charge.unwrap().into_object().unwrap();
    assert!(
        charge
            .payment_method_details
            .unwrap()
            .card
            .unwrap()
            .capture_before
            .is_some()
    );
    let taken = CapturePaymentIntent::new(held.id.clone())
        .amount_to_capture(6_000)
        .send(&client)
        .await
        .unwrap();
    assert_eq!(taken.amount_received, 6_000);
    let other = manual("pm_card_mastercard").send(&client).await.unwrap();
    let gone = CancelPaymentIntent::new(other.id.clone())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(gone.status, PaymentIntentStatus::Canceled);
}

#[tokio::test]
async fn the_client_reads_a_challenge() {
    let client = client().await;
    let challenged = payment(10_000, "pm_card_threeDSecure2Required")
        .return_url("https://shop.test/done")
        .send(&client)
        .await
        .unwrap();
    assert_eq!(challenged.status, PaymentIntentStatus::RequiresAction);
    let url = challenged
        .next_action
        .unwrap()
        .redirect_to_url
        .unwrap()
        .url
        .unwrap();
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    assert_eq!(
        http.post(format!("{url}/complete"))
            .send()
            .await
            .unwrap()
            .status(),
        303
    );
    let paid = RetrievePaymentIntent::new(challenged.id)
        .send(&client)
        .await
        .unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
}

#[tokio::test]
async fn the_client_keeps_customers_and_their_cards() {
    let client = client().await;
    let customer = CreateCustomer::new()
        .email("ada@example.com")
        .name("Ada")
        .send(&client)
        .await
        .unwrap();
    let card = AttachPaymentMethod::new("pm_card_visa")
        .customer(customer.id.as_str())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(card.card.unwrap().last4, "4242");
    let cards = ListPaymentMethod::new()
        .customer(customer.id.as_str())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(cards.data[0].id, card.id);
    DeleteCustomer::new(customer.id.clone())
        .send(&client)
        .await
        .unwrap();
    let gone = RetrieveCustomer::new(customer.id).send(&client).await.unwrap();
    assert!(matches!(gone, RetrieveCustomerReturned::DeletedCustomer(_)));
}
