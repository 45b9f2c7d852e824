//! The switch: `/_stand_in/…`, JSON in and out, without a key. What each route does is in the crate's docs.

use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::payment_intents::{self, attempt};
use crate::api::refunds;
use crate::api_error::ApiError;
use crate::faults::Rule;
use crate::store::{Delivery, DeliveryState, Record};
use crate::webhooks::emission::{self, Happening};
use crate::webhooks::{Attempt, Order, WebhookBehaviour};
use crate::work::Origin;
use crate::{StripeStandIn, challenge};

/// The most deliveries that one look shows.
pub const DELIVERIES_SHOWN_MAX: u32 = 1_000;

pub(crate) fn router() -> Router<StripeStandIn> {
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/webhooks", get(behaviour).put(set_behaviour))
        .route("/deliveries", get(deliveries))
        .route("/deliver", post(deliver))
        .route("/flush", post(flush))
        .route("/events", post(invent_event))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}/release", post(release_fault))
        .route("/clock", put(set_clock))
        .route("/payment_intents/{id}/settle", post(settle_payment))
        .route("/payment_intents/{id}/authenticate", post(authenticate))
        .route("/refunds/{id}/settle", post(settle_refund))
        .route("/reset", post(reset))
        .route("/3ds/{id}", get(challenge::page))
        .route("/3ds/{id}/{verdict}", post(challenge::decide))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(self.body())).into_response()
    }
}

/// A JSON body; what is wrong with it is told as an [`ApiError`].
struct Body<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::invalid(rejection.body_text())),
        }
    }
}

type Answer<T> = Result<Json<T>, ApiError>;

async fn behaviour(State(stand_in): State<StripeStandIn>) -> Json<WebhookBehaviour> {
    Json(stand_in.shared.core().behaviour.clone())
}

async fn set_behaviour(
    State(stand_in): State<StripeStandIn>,
    Body(behaviour): Body<WebhookBehaviour>,
) -> Json<WebhookBehaviour> {
    stand_in.set_webhook_behaviour(behaviour.clone());
    Json(behaviour)
}

#[derive(Deserialize)]
struct WhichDeliveries {
    state: Option<String>,
}

#[derive(Serialize)]
struct Deliveries {
    deliveries: Vec<Delivery>,
}

async fn deliveries(
    State(stand_in): State<StripeStandIn>,
    Query(which): Query<WhichDeliveries>,
) -> Answer<Deliveries> {
    let state = match which.state.as_deref() {
        None => None,
        Some(name) => Some(
            DeliveryState::parse(name)
                .ok_or_else(|| ApiError::invalid(format!("Unknown state: {name}")).param("state"))?,
        ),
    };
    let deliveries = stand_in
        .shared
        .core()
        .store
        .begin()?
        .deliveries(state, DELIVERIES_SHOWN_MAX)?;
    Ok(Json(Deliveries { deliveries }))
}

#[derive(Serialize)]
struct Attempts {
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhatToDeliver {
    /// Deliveries by their numbers, in this order.
    #[serde(default)]
    deliveries: Vec<i64>,
    /// Then all deliveries of these events, in this order.
    #[serde(default)]
    events: Vec<String>,
}

async fn deliver(State(stand_in): State<StripeStandIn>, Body(what): Body<WhatToDeliver>) -> Answer<Attempts> {
    let mut deliveries = what.deliveries;
    for event in &what.events {
        deliveries.extend(stand_in.shared.core().store.begin()?.deliveries_of(event)?);
    }
    Ok(Json(Attempts {
        attempts: stand_in.deliver(deliveries).await?,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HowToFlush {
    #[serde(default)]
    order: Order,
}

async fn flush(State(stand_in): State<StripeStandIn>, Body(how): Body<HowToFlush>) -> Answer<Attempts> {
    Ok(Json(Attempts {
        attempts: stand_in.flush(how.order).await?,
    }))
}

/// An event that nothing caused: another account's, of an unknown type, with another amount.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InventedEvent {
    r#type: String,
    object: Value,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    api_version: Option<String>,
}

async fn invent_event(
    State(stand_in): State<StripeStandIn>,
    Body(invented): Body<InventedEvent>,
) -> Answer<Value> {
    let id = stand_in.shared.transact(&Origin::default(), |work| {
        let happening = Happening {
            event_type: &invented.r#type,
            object: invented.object,
            previous: None,
            account: invented.account,
            api_version: invented.api_version,
        };
        Ok(emission::emit(work, happening)?)
    })?;
    Ok(Json(json!({ "event": id })))
}

async fn faults(State(stand_in): State<StripeStandIn>) -> Json<Value> {
    Json(json!({ "faults": stand_in.shared.core().faults.shown() }))
}

async fn add_fault(State(stand_in): State<StripeStandIn>, Body(rule): Body<Rule>) -> Answer<Value> {
    Ok(Json(json!({ "id": stand_in.add_fault(rule)? })))
}

async fn clear_faults(State(stand_in): State<StripeStandIn>) -> StatusCode {
    stand_in.shared.core().faults.clear();
    StatusCode::NO_CONTENT
}

async fn release_fault(State(stand_in): State<StripeStandIn>, Path(id): Path<u64>) -> StatusCode {
    if stand_in.release_fault(id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOffset {
    offset_ms: i64,
}

async fn set_clock(State(stand_in): State<StripeStandIn>, Body(clock): Body<ClockOffset>) -> Json<Value> {
    stand_in.set_clock_offset_ms(clock.offset_ms);
    Json(json!({ "now_ms": stand_in.shared.now_ms() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    succeeds: bool,
}

async fn settle_payment(
    State(stand_in): State<StripeStandIn>,
    Path(id): Path<String>,
    Body(ending): Body<Ending>,
) -> Answer<Value> {
    let shown = stand_in.shared.transact(&Origin::default(), |work| {
        let intent = payment_intents::find(work, &id)?;
        attempt::settle(work, intent, ending.succeeds)?;
        Ok(work.render(&payment_intents::find(work, &id)?))
    })?;
    Ok(Json(shown))
}

async fn authenticate(
    State(stand_in): State<StripeStandIn>,
    Path(id): Path<String>,
    Body(ending): Body<Ending>,
) -> Answer<Value> {
    let intent = challenge::conclude(&stand_in, &id, ending.succeeds)?;
    Ok(Json(intent.render(stand_in.shared.now_ms().div_euclid(1_000))))
}

async fn settle_refund(
    State(stand_in): State<StripeStandIn>,
    Path(id): Path<String>,
    Body(ending): Body<Ending>,
) -> Answer<Value> {
    let shown = stand_in.shared.transact(&Origin::default(), |work| {
        let refund = refunds::settle(work, &id, ending.succeeds)?;
        Ok(work.render(&refund))
    })?;
    Ok(Json(shown))
}

async fn reset(State(stand_in): State<StripeStandIn>) -> Result<StatusCode, ApiError> {
    stand_in.reset()?;
    Ok(StatusCode::NO_CONTENT)
}
