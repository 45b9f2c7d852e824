//! Venues to do things with.

use std::collections::BTreeSet;

use app::ports::Intent;
use app::venues::{self, NewLocation, NewVenue, QuoteRequest, VenueEdit};
use app::{bookings, notifications, payments};
use domain::address::Address;
use domain::availability::{MINUTES_PER_DAY, Opening, Rules};
use domain::booking::Booking;
use domain::geo::Point;
use domain::id::{BookingId, MediaId, PaymentId, VenueId};
use domain::money::Money;
use domain::payment::{Observed, Payment, PaymentStatus};
use domain::pricing::{PromoCode, Quote};
use domain::text::{City, Country, Description, PolicyName, PostalCode, Street, VenueName};
use domain::time::Interval;
use domain::venue::Venue;

use store::Transaction;
use store::transaction::ACTIONS_MAX;

use crate::{Person, World};

/// Open every day from one minute of the day to another.
#[must_use]
pub fn hours_every_day(zone: &str, open_minute: u32, close_minute: u32) -> Rules {
    let weekly = (1..=7)
        .map(|weekday| Opening {
            weekday,
            open_minute,
            close_minute,
        })
        .collect();
    Rules {
        weekly,
        lead_minutes: 0,
        ..Rules::closed(zone.parse().unwrap())
    }
}

/// A place in each zone that tests are in.
const PLACES: [(&str, f64, f64); 5] = [
    ("Europe/Berlin", 52.52, 13.405),
    ("America/New_York", 40.713, -74.006),
    ("Asia/Tokyo", 35.677, 139.765),
    ("Pacific/Auckland", -36.85, 174.76),
    ("Pacific/Kiritimati", 1.872, -157.43),
];

/// A venue in Berlin, open round the clock, for 50 euros an hour, unless something else is said.
#[derive(Debug, Clone)]
pub struct VenueBuilder {
    pub venue: NewVenue,
}

impl Default for VenueBuilder {
    fn default() -> Self {
        let zone = "Europe/Berlin";
        Self {
            venue: NewVenue {
                name: VenueName::parse("The Loft").unwrap(),
                description: Description::parse("High ceilings.").unwrap(),
                location: NewLocation {
                    point: Point::new(52.52, 13.405).unwrap(),
                    address: Address {
                        street: Some(Street::parse("Torstr. 1").unwrap()),
                        postal_code: Some(PostalCode::parse("10119").unwrap()),
                        city: City::parse("Berlin").unwrap(),
                        region: None,
                        country: Country::parse("DE").unwrap(),
                    },
                    zone: None,
                },
                capacity: 40,
                amenities: BTreeSet::new(),
                other_amenities: BTreeSet::new(),
                policy: PolicyName::parse("very_flexible").unwrap(),
                house_rules: None,
                rules: Some(hours_every_day(zone, 0, MINUTES_PER_DAY)),
                price_per_hour: Some(Money::new(5_000, "EUR".parse().unwrap())),
            },
        }
    }
}

impl VenueBuilder {
    #[must_use]
    pub fn rules(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(self.venue.rules.as_mut().unwrap());
        self
    }

    #[must_use]
    pub fn at(mut self, lat: f64, lng: f64) -> Self {
        self.venue.location.point = Point::new(lat, lng).unwrap();
        self
    }

    /// In a place whose clocks go by that zone.
    #[must_use]
    pub fn in_zone(self, zone: &str) -> Self {
        let place = PLACES.into_iter().find(|(name, ..)| *name == zone);
        let (_, lat, lng) = place.unwrap();
        self.at(lat, lng)
    }
}

/// What a vendor says who changes nothing of a venue.
#[must_use]
pub fn venue_edit(venue: &Venue) -> VenueEdit {
    VenueEdit {
        name: venue.name.clone(),
        description: venue.description.clone(),
        amenities: venue.amenities.clone(),
        other_amenities: venue.other_amenities.clone(),
        policy: venue.policy.name.clone(),
        house_rules: venue.house_rules.clone(),
        photos: None,
        location: None,
    }
}

impl World {
    /// A draft with a photo, ready to be submitted.
    pub async fn draft(&self, vendor: &Person, builder: VenueBuilder) -> Venue {
        let venue = venues::create(&self.app, vendor.member(), None, builder.venue)
            .await
            .unwrap()
            .value;
        self.photo(vendor, venue.id).await;
        self.app.store().venue(venue.id).await.unwrap().unwrap()
    }

    /// Uploads a photo and has it taken over.
    pub async fn photo(&self, vendor: &Person, venue: VenueId) -> MediaId {
        let upload = venues::photo_upload(&self.app, vendor.member(), venue, "image/png")
            .await
            .unwrap();
        let key = upload
            .form
            .fields
            .iter()
            .find(|(name, _)| name == "key")
            .unwrap()
            .1
            .clone();
        self.blobs.put(&key, "image/png", b"\x89PNG\r\n\x1a\n0000");
        venues::add_photo(&self.app, vendor.member(), None, venue, upload.media)
            .await
            .unwrap();
        upload.media
    }

    /// A venue that can be found and booked.
    pub async fn live_venue(&self, vendor: &Person, builder: VenueBuilder) -> Venue {
        let draft = self.draft(vendor, builder).await;
        let submitted = venues::submit(&self.app, vendor.member(), None, draft.id)
            .await
            .unwrap()
            .value;
        let live = venues::decide(&self.app, None, draft.id, venues::Verdict::Approve)
            .await
            .unwrap()
            .value;
        // As the table's stream has it.
        notifications::venue_changed(&self.app, &submitted, &live)
            .await
            .unwrap();
        live
    }

    /// For two guests and nothing besides.
    pub async fn quote(&self, customer: &Person, venue: VenueId, interval: Interval) -> app::Result<Quote> {
        self.quote_with(customer, venue, interval, None).await
    }

    pub async fn quote_with(
        &self,
        customer: &Person,
        venue: VenueId,
        interval: Interval,
        promo_code: Option<PromoCode>,
    ) -> app::Result<Quote> {
        let ask = QuoteRequest {
            promo_code,
            ..QuoteRequest::plain(venue, None, interval, 2)
        };
        venues::quote(&self.app, Some(&customer.caller), None, ask)
            .await
            .map(|q| q.value)
    }

    /// Quote and hold.
    pub async fn books(&self, customer: &Person, venue: VenueId, interval: Interval) -> app::Result<Booking> {
        let quote = self.quote(customer, venue, interval).await?;
        self.takes(customer, &quote).await
    }

    /// Holds the time of a quote.
    pub async fn takes(&self, customer: &Person, quote: &Quote) -> app::Result<Booking> {
        let once = customer.once(&quote.id.to_string(), "book");
        bookings::create(&self.app, &customer.caller, &once, quote.id)
            .await
            .map(|b| b.value)
    }

    /// A venue is somewhere else, past all rules; it keeps its clock.
    pub async fn moves(&self, venue: VenueId, lat: f64, lng: f64) {
        let store = self.app.store();
        let mut moved = store.venue(venue).await.unwrap().unwrap();
        moved.location.point = Point::new(lat, lng).unwrap();
        let mut transaction = Transaction::new();
        transaction.put_venue(&moved.touched(self.now()));
        store.commit(transaction).await.unwrap();
    }

    /// Bookings that are there, past all rules; for lists of many.
    pub async fn keeps(&self, bookings: &[Booking]) {
        // Each is written with its code.
        for some in bookings.chunks(ACTIONS_MAX / 2) {
            let mut transaction = Transaction::new();
            some.iter().for_each(|booking| transaction.put_booking(booking));
            self.app.store().commit(transaction).await.unwrap();
        }
    }

    /// The provider says that the booking was paid; the booking after that.
    pub async fn confirms(&self, booking: &Booking) -> Booking {
        let store = self.app.store();
        let (id, total) = (booking.id, booking.price.total);
        let payment = PaymentId::from_uuid(self.app.ids().uuid());
        let payment = Payment::new(payment, id, booking.booked_by, booking.vendor, total, self.now());
        let mut transaction = Transaction::new();
        transaction.put_payment(&payment);
        store.commit(transaction).await.unwrap();
        let intent = Intent {
            observed: Observed {
                intent: format!("pi_{}", payment.id),
                status: PaymentStatus::Succeeded,
                captured: total,
                decline_code: None,
            },
            amount: total,
            client_secret: None,
            action_url: None,
            payment: Some(payment.id),
            booking: Some(id),
        };
        payments::settle_intent(&self.app, &intent, None).await.unwrap();
        store.booking(id).await.unwrap().unwrap()
    }

    /// Previews and cancels.
    pub async fn cancels(&self, person: &Person, booking: BookingId) -> app::Result<Booking> {
        let preview = bookings::cancellation_preview(&self.app, &person.caller, booking).await?;
        let once = person.once(&format!("cancel {booking}"), "cancel");
        bookings::cancel(&self.app, &person.caller, &once, booking, &preview.token, None)
            .await
            .map(|cancelled| cancelled.value)
    }
}
