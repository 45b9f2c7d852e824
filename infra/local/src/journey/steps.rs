//! The steps.

use domain::time::{plus_minutes, plus_seconds};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Ask, Client, StepError, failed, text};
use super::socket::Listener;
use crate::demo_data::{ADMIN_EMAIL, DEMO_PASSWORD};

/// A picture of one pixel.
const PHOTO: &[u8] = crate::demo_data::PHOTO;
const PASSWORD: &str = "a long enough password";
/// How far ahead the booked day lies: within every horizon, and refundable.
const DAYS_AHEAD: i64 = 30;

#[derive(Debug, Clone)]
pub struct Person {
    pub email: String,
    pub token: String,
    pub refresh_token: String,
    pub user_id: String,
}

/// A live venue, and somebody who wants to book it.
#[derive(Debug, Clone)]
pub struct Scene {
    pub vendor: Person,
    pub vendor_id: String,
    pub customer: Person,
    pub admin: Person,
    pub venue_id: String,
    pub lat: f64,
    pub lng: f64,
    pub start: Timestamp,
    pub end: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Held {
    pub booking_id: String,
    pub quote_id: String,
}

/// Signs somebody in.
///
/// # Errors
/// [`StepError`]; so below.
pub async fn sign_in(client: &Client, email: &str, password: &str) -> Result<Person, StepError> {
    let body = json!({ "email": email, "password": password, "device": "demo" });
    let answer = client.expect(200, Ask::post("/api/v1/auth/login", body)).await?;
    Ok(Person {
        email: email.to_owned(),
        token: text(&answer, "/access_token")?.to_owned(),
        refresh_token: text(&answer, "/refresh_token")?.to_owned(),
        user_id: text(&answer, "/account/user_id")?.to_owned(),
    })
}

/// Registers somebody, reads the mail, verifies, signs in.
pub async fn newcomer(client: &Client, email: &str, name: &str) -> Result<Person, StepError> {
    let body = json!({ "email": email, "name": name, "password": PASSWORD });
    client
        .expect(202, Ask::post("/api/v1/auth/register", body))
        .await?;
    let mail = client.mail(email, "Confirm your address").await?;
    let token = text(&mail, "/text")?
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 43 && !line.contains(' '))
        .ok_or_else(|| failed("the mail has no token"))?
        .to_owned();
    client
        .expect(
            200,
            Ask::post(
                "/api/v1/auth/verify-email",
                json!({ "token": token, "password": PASSWORD }),
            ),
        )
        .await?;
    sign_in(client, email, PASSWORD).await
}

/// A business that may run venues.
#[derive(Debug, Clone)]
pub struct Business {
    pub owner: Person,
    pub vendor_id: String,
    /// Who approved it.
    pub admin: Person,
}

/// Everything up to a live venue and a customer who has signed in. `tag` keeps this journey's people
/// and place apart from those of others.
pub async fn scene(client: &Client, tag: u32) -> Result<Scene, StepError> {
    let business = business(client, tag).await?;
    let venue_id = live_venue(client, &business, tag).await?;
    client.narrator().step("A customer registers and signs in");
    let customer = newcomer(client, &format!("customer-{tag}@example.com"), "Carl").await?;
    let ((lat, lng), (start, end)) = (place(tag), time());
    Ok(Scene {
        vendor: business.owner,
        vendor_id: business.vendor_id,
        customer,
        admin: business.admin,
        venue_id,
        lat,
        lng,
        start,
        end,
    })
}

/// Registers a vendor, who applies and is approved.
pub async fn business(client: &Client, tag: u32) -> Result<Business, StepError> {
    let tell = client.narrator();
    tell.step("A vendor registers, proves the address by the mailed token, and signs in");
    let mut vendor = newcomer(client, &format!("vendor-{tag}@example.com"), "Vera").await?;

    tell.step("Applies to run venues; an admin approves");
    let body = json!({ "business_name": "Vera's Rooms", "contact_email": vendor.email, "country": "DE" });
    let applied = client
        .expect(
            201,
            Ask::post("/api/v1/vendor/profile/settings", body).as_person(&vendor.token),
        )
        .await?;
    let vendor_id = text(&applied, "/vendor_id")?.to_owned();
    let admin = sign_in(client, ADMIN_EMAIL, DEMO_PASSWORD).await?;
    let path = format!("/api/v1/admin/management/vendors/{vendor_id}/decision");
    client
        .expect(
            200,
            Ask::post(&path, json!({ "approve": true })).as_person(&admin.token),
        )
        .await?;
    client.mail(&vendor.email, "Vera's Rooms is approved").await?;
    vendor = sign_in(client, &vendor.email, PASSWORD).await?;
    Ok(Business {
        owner: vendor,
        vendor_id,
        admin,
    })
}

/// Sets up a venue of a business, which is approved: it is live. Gives its id.
pub async fn live_venue(client: &Client, business: &Business, tag: u32) -> Result<String, StepError> {
    let tell = client.narrator();
    let (vendor, admin) = (&business.owner, &business.admin);
    tell.step("Sets up a venue: hours in its own zone, price per hour, amenities");
    let (lat, lng) = place(tag);
    let weekly: Vec<Value> = (1..=7)
        .map(|weekday| json!({ "weekday": weekday, "open": "00:00", "close": "24:00" }))
        .collect();
    let body = json!({
        "name": format!("Studio {tag}"),
        "description": "White walls, north light.",
        "location": {
            "address": { "street": "Hauptstr. 1", "postal_code": "10827", "city": "Berlin", "country": "DE" },
            "lat": lat, "lng": lng,
        },
        "capacity": 30,
        "amenities": ["wifi", "projector"],
        "cancellation_policy": "very_flexible",
        "rules": { "weekly": weekly, "turnaround_minutes": 30 },
        "price_per_hour": { "amount": 6000, "currency": "EUR" },
    });
    let venue = client
        .expect(
            201,
            Ask::post("/api/v1/vendor/venues/manage", body).as_person(&vendor.token),
        )
        .await?;
    let venue_id = text(&venue, "/venue_id")?.to_owned();

    tell.step("Uploads a photo straight to the bucket, and submits the venue");
    let manage = format!("/api/v1/vendor/venues/manage/{venue_id}");
    let photos = format!("{manage}/photos");
    let upload = Ask::post(&photos, json!({ "content_type": "image/png" })).as_person(&vendor.token);
    let form = client.expect(201, upload).await?;
    client.upload(&form, "image/png", PHOTO).await?;
    let taken = format!("{photos}/{}", text(&form, "/media_id")?);
    client.expect(200, bare(&taken).as_person(&vendor.token)).await?;
    client
        .expect(200, bare(&format!("{manage}/submit")).as_person(&vendor.token))
        .await?;

    tell.step("An admin approves the venue: it is live");
    let path = format!("/api/v1/admin/management/venues/{venue_id}/decision");
    client
        .expect(
            200,
            Ask::post(&path, json!({ "approve": true })).as_person(&admin.token),
        )
        .await?;
    client
        .mail(&vendor.email, &format!("Studio {tag} is approved"))
        .await?;
    Ok(venue_id)
}

/// Searches, reads availability, asks for a quote, holds.
pub async fn hold(client: &Client, scene: &Scene) -> Result<Held, StepError> {
    let tell = client.narrator();
    let Scene {
        venue_id, start, end, ..
    } = scene;
    let token = scene.customer.token.as_str();
    tell.step("Searches by place and time");
    let path = format!(
        "/api/v1/venues/search?lat={}&lng={}&radius_m=500&start={start}&end={end}&guests=10",
        scene.lat, scene.lng
    );
    let found = client.expect(200, Ask::get(&path)).await?;
    if !finds(&found, venue_id) {
        return Err(failed(format!("the search did not find {venue_id}: {found}")));
    }

    tell.step("Reads when it is free");
    if !is_free(client, scene).await? {
        return Err(failed("the hour is not offered"));
    }

    tell.step("Asks for a quote");
    let quote_id = quote(client, token, venue_id, *start, *end).await?;

    tell.step("Books: the time is held for ten minutes");
    let ask = Ask::post("/api/v1/bookings/create", json!({ "quote_id": quote_id })).as_person(token);
    let booking = client.expect(201, ask.once(&format!("book-{venue_id}"))).await?;
    let booking_id = text(&booking, "/booking_id")?.to_owned();
    Ok(Held { booking_id, quote_id })
}

/// A quote for a time at a venue. Gives its id.
pub async fn quote(
    client: &Client,
    token: &str,
    venue_id: &str,
    start: Timestamp,
    end: Timestamp,
) -> Result<String, StepError> {
    let body = json!({ "venue_id": venue_id, "start": start, "end": end, "guests": 10 });
    let quote = client
        .expect(201, Ask::post("/api/v1/venues/quotes", body).as_person(token))
        .await?;
    Ok(text(&quote, "/quote_id")?.to_owned())
}

/// Pays with a card that works, and waits until the booking is confirmed and everybody was told.
pub async fn pay(client: &Client, scene: &Scene, held: &Held) -> Result<(), StepError> {
    let tell = client.narrator();
    let token = scene.customer.token.as_str();
    tell.step("Listens to the booking on a WebSocket");
    let mut listener = Listener::to_booking(client, token, &held.booking_id).await?;

    tell.step("Pays: Stripe's signed webhook goes over the queue to worker-payments, which confirms");
    let body = json!({ "booking_id": held.booking_id, "payment_method": "pm_card_visa" });
    let ask = Ask::post("/api/v1/payments/process", body).as_person(token);
    let paid = client
        .expect(200, ask.once(&format!("pay-{}", held.booking_id)))
        .await?;
    if text(&paid, "/status")? != "succeeded" {
        return Err(failed(format!("the payment is {paid}")));
    }
    listener.hears("BookingConfirmed").await?;
    client.mail(&scene.customer.email, "confirmed").await?;
    client.mail(&scene.vendor.email, "New booking").await?;
    expect_state(client, token, &held.booking_id, "confirmed", "paid").await?;

    tell.step("The booking says now where exactly the venue is");
    let path = format!("/api/v1/bookings/status/{}", held.booking_id);
    let booking = client.expect(200, Ask::get(&path).as_person(token)).await?;
    text(&booking, "/place/address/street")?;

    tell.step("The vendor's calendar shows it");
    let from = plus_seconds(scene.start, -86_400);
    let to = plus_seconds(scene.end, 86_400);
    let path = format!(
        "/api/v1/vendor/bookings/calendar?venue_id={}&from={from}&to={to}",
        scene.venue_id
    );
    let calendar = client
        .expect(200, Ask::get(&path).as_person(&scene.vendor.token))
        .await?;
    let shown = calendar
        .pointer("/data")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    if !shown
        .into_iter()
        .any(|b| text(b, "/booking_id").is_ok_and(|id| id == held.booking_id))
    {
        return Err(failed(format!("the calendar does not show it: {calendar}")));
    }
    Ok(())
}

/// The token of a preview of cancelling.
pub async fn preview(client: &Client, token: &str, held: &Held) -> Result<String, StepError> {
    let path = format!("/api/v1/bookings/{}/cancellation-preview", held.booking_id);
    let shown = client.expect(200, Ask::get(&path).as_person(token)).await?;
    Ok(text(&shown, "/preview_token")?.to_owned())
}

/// Cancels, and waits until the money is back, the hour free and both sides told.
pub async fn cancel(client: &Client, scene: &Scene, held: &Held) -> Result<(), StepError> {
    let tell = client.narrator();
    let token = scene.customer.token.as_str();
    tell.step("Cancels: the refund goes over the queue to worker-refunds and Stripe");
    let token_of_preview = preview(client, token, held).await?;
    let path = format!("/api/v1/bookings/{}/cancel", held.booking_id);
    let body = json!({ "preview_token": token_of_preview, "reason": "The party is off." });
    let ask = Ask::post(&path, body).as_person(token);
    client
        .expect(200, ask.once(&format!("cancel-{}", held.booking_id)))
        .await?;
    client.mail(&scene.customer.email, "cancelled").await?;
    client.mail(&scene.vendor.email, "cancelled").await?;
    client.mail(&scene.customer.email, "Refund sent").await?;
    expect_state(
        client,
        token,
        &held.booking_id,
        "cancelled_by_customer",
        "refunded",
    )
    .await?;

    tell.step("The hour is free again");
    if is_free(client, scene).await? {
        Ok(())
    } else {
        Err(failed("the hour is not free again"))
    }
}

async fn expect_state(
    client: &Client,
    token: &str,
    id: &str,
    state: &str,
    payment: &str,
) -> Result<(), StepError> {
    let path = format!("/api/v1/bookings/status/{id}");
    let status = client.expect(200, Ask::get(&path).as_person(token)).await?;
    if text(&status, "/state")? == state && text(&status, "/payment_state")? == payment {
        return Ok(());
    }
    Err(failed(format!("expected {state} and {payment}: {status}")))
}

/// Whether the wanted time is offered.
pub async fn is_free(client: &Client, scene: &Scene) -> Result<bool, StepError> {
    let minutes = domain::time::minutes_between(scene.start, scene.end);
    let from = plus_minutes(scene.start, -60);
    let to = plus_minutes(scene.end, 60);
    let path = format!(
        "/api/v1/venues/availability/{}?from={from}&to={to}&minutes={minutes}",
        scene.venue_id
    );
    let availability = client.expect(200, Ask::get(&path)).await?;
    let slots = availability
        .pointer("/slots")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let start = scene.start.to_string();
    Ok(slots
        .into_iter()
        .any(|slot| text(slot, "/start").is_ok_and(|s| s == start)))
}

fn finds(found: &Value, venue_id: &str) -> bool {
    let cards = found
        .pointer("/data")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    cards
        .into_iter()
        .any(|card| text(card, "/venue_id").is_ok_and(|id| id == venue_id))
}

fn bare(path: &str) -> Ask<'_> {
    Ask {
        method: Method::POST,
        path,
        token: None,
        key: None,
        body: None,
    }
}

/// A place of its own for each journey, some 100 m from the next, somewhere in Berlin's south.
#[expect(clippy::float_arithmetic, reason = "a place, not money")]
fn place(tag: u32) -> (f64, f64) {
    let (row, column) = (f64::from(tag / 100 % 100), f64::from(tag % 100));
    (52.30 + row / 1_000.0, 13.30 + column / 1_000.0)
}

/// Two hours on a day well ahead.
fn time() -> (Timestamp, Timestamp) {
    let day = plus_seconds(Timestamp::now(), DAYS_AHEAD * 86_400).as_second() / 86_400;
    let start = Timestamp::from_second(day * 86_400 + 12 * 3_600).unwrap_or(Timestamp::MAX);
    (start, plus_minutes(start, 120))
}
