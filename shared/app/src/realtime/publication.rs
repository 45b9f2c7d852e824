//! What goes to clients when something happened: JSON with `type`, `id`, `at`, `v` and what it tells.

use domain::event::{BookingEvent, EVENT_VERSION, EventKind, RefundRef};
use domain::money::Money;
use domain::role::Actor;
use domain::time::Interval;
use serde_json::{Map, Value, json};

use crate::tokens::sha256_hex;

/// Bytes of one publication. A larger one names where to read it instead.
pub const PUBLICATION_BYTES_MAX: usize = 24 * 1024;
/// Characters of a public event's id.
const PUBLIC_ID_LENGTH: usize = 32;

/// For those whom the booking concerns: its customer, its vendor, admins.
pub fn of_booking(event: &BookingEvent) -> String {
    let mut data = head(event.kind.as_str(), &event.id(), event);
    data.insert("v".to_owned(), json!(event.v));
    let told = json!({
        "number": event.number,
        "actor": actor(event.actor),
        "booking_id": event.booking,
        "code": event.code,
        "venue_id": event.venue,
        "venue_name": event.venue_name,
        "vendor_id": event.vendor,
        "customer_id": event.customer,
        "space_id": event.space,
        "start": event.interval.start(),
        "end": event.interval.end(),
        "zone": event.zone,
        "state": event.state,
        "payment_state": event.payment,
        "total": money(event.total),
        "refunds": refunds(event),
        "settled": event.settled.map(money),
        "other": event.other.map(|other| json!({
            "start": other.interval.start(),
            "end": other.interval.end(),
            "total": money(other.total),
        })),
    });
    sized(data, told, &format!("/api/v1/bookings/status/{}", event.booking))
}

/// For everybody: at which times something changed, and not whose doing it was. `offset` orders these,
/// and so is the version of what a client knows. A booking's id would tell them apart by who booked, so
/// the event has another one here.
pub fn of_availability(event: &BookingEvent, offset: u64) -> String {
    let id = public_id(event);
    let data = head("AvailabilityChanged", &id, event);
    let changed = changed(event);
    let told = json!({
        "version": offset,
        "venue_id": event.venue,
        "space_id": event.space,
        "start": changed.start(),
        "end": changed.end(),
        "zone": event.zone,
    });
    sized(
        data,
        told,
        &format!("/api/v1/venues/availability/{}", event.venue),
    )
}

/// The time at which something changed: all from the earlier to the later one of a booking that was moved, or that
/// left both.
fn changed(event: &BookingEvent) -> Interval {
    match event.other {
        Some(other) if event.kind == EventKind::BookingMoved || !event.state.occupies() => {
            event.interval.through(other.interval)
        }
        Some(other) => other.interval,
        None => event.interval,
    }
}

fn refunds(event: &BookingEvent) -> Value {
    if event.refunds.is_empty() {
        return Value::Null;
    }
    let refund = |refund: &RefundRef| json!({"refund_id": refund.id, "amount": money(refund.amount)});
    event.refunds.iter().map(refund).collect()
}

fn public_id(event: &BookingEvent) -> String {
    let mut id = sha256_hex(event.id().as_bytes());
    id.truncate(PUBLIC_ID_LENGTH);
    id
}

fn head(kind: &str, id: &str, event: &BookingEvent) -> Map<String, Value> {
    let entries = [
        ("type", json!(kind)),
        ("id", json!(id)),
        ("at", json!(event.at)),
        ("v", json!(EVENT_VERSION)),
    ];
    entries
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// The whole, or the head with a reference when the whole is too large.
fn sized(head: Map<String, Value>, told: Value, reference: &str) -> String {
    let mut whole = head.clone();
    if let Value::Object(told) = told {
        whole.extend(told.into_iter().filter(|(_, value)| !value.is_null()));
    }
    let text = Value::Object(whole).to_string();
    if text.len() <= PUBLICATION_BYTES_MAX {
        return text;
    }
    let mut referring = head;
    referring.insert("reference".to_owned(), json!(reference));
    Value::Object(referring).to_string()
}

fn money(money: Money) -> Value {
    let currency = money.currency();
    json!({"amount": money.amount(), "currency": currency.code(), "exponent": currency.exponent()})
}

const fn actor(actor: Actor) -> &'static str {
    match actor {
        Actor::Customer => "customer",
        Actor::Vendor => "vendor",
        Actor::Admin => "admin",
        Actor::System => "system",
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use domain::booking::{BookingState, PaymentState};
    use domain::event::OtherTime;
    use domain::id::{BookingId, SpaceId, UserId, VendorId, VenueId};
    use domain::text::VenueName;
    use uuid::Uuid;

    pub fn event(kind: EventKind, number: u64) -> BookingEvent {
        let id = Uuid::from_u128;
        let (start, end) = ("2027-02-02T10:00:00Z", "2027-02-02T12:00:00Z");
        BookingEvent {
            v: EVENT_VERSION,
            kind,
            number,
            at: "2027-02-01T10:00:00Z".parse().unwrap(),
            actor: Actor::Customer,
            booking: BookingId::from_uuid(id(1)),
            code: "7KQ2-M9XD".parse().unwrap(),
            venue: VenueId::from_uuid(id(2)),
            venue_name: VenueName::parse("The Loft").unwrap(),
            vendor: VendorId::from_uuid(id(3)),
            customer: Some(UserId::from_uuid(id(4))),
            requested: false,
            space: SpaceId::from_uuid(id(5)),
            interval: Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap(),
            zone: "Europe/Berlin".parse().unwrap(),
            state: BookingState::Held,
            payment: PaymentState::Unpaid,
            total: Money::new(10_000, "EUR".parse().unwrap()),
            other: None,
            refunds: Vec::new(),
            settled: None,
        }
    }

    #[test]
    fn a_publication_says_what_when_and_in_which_version() {
        let data: Value = serde_json::from_str(&of_booking(&event(EventKind::BookingHeld, 1))).unwrap();
        assert_eq!(data["type"], "BookingHeld");
        assert_eq!(data["id"], "bkg_00000000000000000000000000000001.1");
        assert_eq!(data["at"], "2027-02-01T10:00:00Z");
        assert_eq!(data["v"], 1);
        assert_eq!(data["state"], "held");
        assert_eq!(
            data["total"],
            json!({"amount": 10_000, "currency": "EUR", "exponent": 2})
        );
        assert_eq!((data.get("refunds"), data.get("other")), (None, None));
    }

    #[test]
    fn another_time_is_told_as_the_one_that_became_taken_or_free() {
        let noon = ("2027-02-02T11:00:00Z", "2027-02-02T14:00:00Z");
        let about = |kind| {
            let other = OtherTime {
                interval: Interval::new(noon.0.parse().unwrap(), noon.1.parse().unwrap()).unwrap(),
                total: Money::new(15_000, "EUR".parse().unwrap()),
            };
            BookingEvent {
                other: Some(other),
                ..event(kind, 4)
            }
        };
        let spoken = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let changed = |kind| {
            let told = spoken(of_availability(&about(kind), 1));
            (told["start"].clone(), told["end"].clone())
        };
        assert_eq!(
            changed(EventKind::BookingChangeProposed),
            (json!(noon.0), json!(noon.1))
        );
        // All from where it was to where it is.
        let through = (json!("2027-02-02T10:00:00Z"), json!(noon.1));
        assert_eq!(changed(EventKind::BookingMoved), through);
        let told = spoken(of_booking(&about(EventKind::BookingChangeProposed)));
        assert_eq!(told["other"]["start"], noon.0);
        assert_eq!(told["other"]["total"]["amount"], 15_000);
    }

    #[test]
    fn what_everybody_hears_names_neither_a_person_nor_a_booking() {
        let event = event(EventKind::BookingConfirmed, 3);
        let text = of_availability(&event, 42);
        let data: Value = serde_json::from_str(&text).unwrap();
        let names: Vec<_> = data.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "at", "end", "id", "space_id", "start", "type", "v", "venue_id", "version", "zone",
        ];
        assert_eq!(names, expected);
        assert_eq!(data["version"], 42);
        for private in [
            event.customer.unwrap().to_string(),
            event.booking.to_string(),
            event.code.to_string(),
            event.venue_name.to_string(),
        ] {
            assert!(!text.contains(&private), "{private}");
        }
    }

    #[test]
    fn a_public_event_keeps_its_id_however_often_it_is_told() {
        let (first, second) = (
            event(EventKind::BookingHeld, 1),
            event(EventKind::BookingConfirmed, 2),
        );
        assert_eq!(public_id(&first), public_id(&first.clone()));
        assert_ne!(public_id(&first), public_id(&second));
    }

    #[test]
    fn what_is_too_large_names_where_to_read_it() {
        let small = head("X", "1", &event(EventKind::BookingHeld, 1));
        let empty = sized(small.clone(), json!({"text": ""}), "/there").len();
        let fits = json!({"text": "a".repeat(PUBLICATION_BYTES_MAX - empty)});
        assert_eq!(sized(small.clone(), fits, "/there").len(), PUBLICATION_BYTES_MAX);
        let large = json!({"text": "a".repeat(PUBLICATION_BYTES_MAX - empty + 1)});
        let data: Value = serde_json::from_str(&sized(small, large, "/there")).unwrap();
        assert_eq!(
            (&data["reference"], &data["type"], data.get("text")),
            (&json!("/there"), &json!("X"), None)
        );
    }
}
