//! Lists of a customer's and of a vendor's bookings: which, in pages and as files.

use std::collections::HashMap;

use domain::booking::{Booking, BookingCode, BookingState, Filter};
use domain::id::BookingId;
use domain::text::VenueName;
use domain::venue::Venue;
use serde_json::Value;
use testkit::{Person, VenueBuilder, World};
use uuid::Uuid;

use crate::contract::ask::{Answer, all, get};
use crate::contract::hour;

/// All that a writer of files has to look out for, and longer than a line of a calendar.
const NASTY: &str =
    "=Bär, \"Löwe\"; \\ & Söhne: ein Saal für alle, die ihn brauchen, und noch längeren Namen 𝄞";

const STATES: [BookingState; 4] = [
    BookingState::Confirmed,
    BookingState::Held,
    BookingState::CancelledByCustomer,
    BookingState::Completed,
];

/// Two vendors, three venues, two customers, and bookings of everybody everywhere.
struct Scene {
    world: World,
    vera: Person,
    carl: Person,
    /// Two of Vera's, one of Otto's.
    venues: [Venue; 3],
    bookings: Vec<Booking>,
}

async fn scene() -> Scene {
    let world = World::new();
    let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
    let (carl, dora) = (world.customer("carl").await, world.customer("dora").await);
    let mut nasty = VenueBuilder::default();
    nasty.venue.name = VenueName::parse(NASTY).unwrap();
    let venues = [
        world.live_venue(&vera, nasty).await,
        world.live_venue(&vera, VenueBuilder::default()).await,
        world.live_venue(&otto, VenueBuilder::default()).await,
    ];
    let model = world.books(&carl, venues[0].id, hour(24)).await.unwrap();
    let mut bookings: Vec<Booking> = (0..36_u8)
        .map(|n| {
            let venue = &venues[usize::from(n % 3)];
            let customer = if n % 5 == 0 { &dora } else { &carl };
            // Two begin together each time.
            let interval = hour(48 + i64::from(n / 2));
            let id = BookingId::from_uuid(Uuid::from_u128(u128::from(n) + 1));
            Booking {
                id,
                code: BookingCode::of(id),
                venue: venue.id,
                venue_name: venue.name.clone(),
                vendor: venue.vendor,
                customer: Some(customer.caller.user),
                interval,
                // Of some the clocks were other ones.
                clocks: model.zone.clocks(if n % 4 == 0 { hour(1) } else { interval }),
                state: STATES[usize::from(n / 3 % 4)],
                ..model.clone()
            }
        })
        .collect();
    world.keeps(&bookings).await;
    bookings.push(model);
    bookings.sort_by_key(|booking| std::cmp::Reverse((booking.interval.start(), booking.id)));
    Scene {
        world,
        vera,
        carl,
        venues,
        bookings,
    }
}

impl Scene {
    async fn customers(&self, query: &str) -> Answer {
        get(format!("/api/v1/bookings/history?{query}"))
            .by(&self.carl)
            .of(bookings::router(self.world.app.clone()))
            .await
    }

    async fn vendors(&self, query: &str) -> Answer {
        get(format!("/api/v1/vendor/bookings/history?{query}"))
            .by(&self.vera)
            .of(vendor::router(self.world.app.clone()))
            .await
    }

    async fn ask(&self, by_vendor: bool, query: &str) -> Answer {
        match by_vendor {
            true => self.vendors(query).await,
            false => self.customers(query).await,
        }
    }

    /// All pages, two bookings each.
    async fn walk(&self, by_vendor: bool, query: &str) -> Vec<String> {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.ask(by_vendor, &format!("{query}&limit=2{cursor}")).await;
            let page = page.is(200);
            seen.extend(all(&page, "booking_id").into_iter().map(str::to_owned));
            match page["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return seen,
            }
        }
    }

    /// What one's own list has, the latest start first.
    fn expected(&self, by_vendor: bool, filter: &Filter) -> Vec<&Booking> {
        let is_own = |booking: &&Booking| match by_vendor {
            true => booking.vendor == self.vera.vendor(),
            false => booking.customer == Some(self.carl.caller.user),
        };
        let own = self.bookings.iter().filter(is_own);
        own.filter(|booking| filter.admits(booking)).collect()
    }

    /// Questions with what they mean.
    fn questions(&self) -> Vec<(String, Filter)> {
        let (from, to) = (hour(50).start(), hour(60).start());
        let venue = self.venues[0].id;
        let none = Filter::default();
        let all = Filter {
            states: vec![BookingState::Confirmed, BookingState::Completed],
            from: Some(from),
            to: Some(to),
            venue: Some(venue),
            ..Filter::default()
        };
        vec![
            (String::new(), none.clone()),
            ("state=held".into(), Filter::in_state(BookingState::Held)),
            (
                "state=completed&state=confirmed&state=completed".into(),
                Filter {
                    states: all.states.clone(),
                    ..none.clone()
                },
            ),
            (
                "state=no_show_vendor".into(),
                Filter::in_state(BookingState::NoShowVendor),
            ),
            (
                format!("from={from}"),
                Filter {
                    from: Some(from),
                    ..none.clone()
                },
            ),
            (
                format!("to={to}"),
                Filter {
                    to: Some(to),
                    ..none.clone()
                },
            ),
            (
                format!("venue_id={venue}"),
                Filter {
                    venue: Some(venue),
                    ..none.clone()
                },
            ),
            (
                "clocks_changed=true".into(),
                Filter {
                    other_clocks: true,
                    ..none
                },
            ),
            (
                format!("state=confirmed&state=completed&from={from}&to={to}&venue_id={venue}"),
                all,
            ),
        ]
    }
}

fn ids(bookings: &[&Booking]) -> Vec<String> {
    bookings.iter().map(|booking| booking.id.to_string()).collect()
}

#[tokio::test]
async fn a_walk_over_pages_gives_what_each_filter_says_once_and_nobody_elses() {
    let scene = scene().await;
    for by_vendor in [false, true] {
        for (query, filter) in scene.questions() {
            let expected = ids(&scene.expected(by_vendor, &filter));
            assert!(
                expected.len() > 2 || query.contains("no_show"),
                "{query} shows little"
            );
            assert_eq!(scene.walk(by_vendor, &query).await, expected, "{query}");
        }
    }
}

#[tokio::test]
async fn anothers_venue_has_nothing_for_a_vendor_and_ones_own_bookings_for_a_customer() {
    let scene = scene().await;
    let theirs = scene.venues[2].id;
    for query in ["", "&format=csv"] {
        let refused = scene.vendors(&format!("venue_id={theirs}{query}")).await;
        refused.refuses(404, "not_found");
    }
    let mine = Filter {
        venue: Some(theirs),
        ..Filter::default()
    };
    let expected = ids(&scene.expected(false, &mine));
    assert_eq!(scene.walk(false, &format!("venue_id={theirs}")).await, expected);
}

#[tokio::test]
async fn a_question_that_is_not_right_is_told_so_by_field() {
    let scene = scene().await;
    let at = hour(48).start();
    for by_vendor in [false, true] {
        let ask = async |query: &str| scene.ask(by_vendor, query).await;
        ask("state=held&state=lost&from=yesterday&to=1&format=xml&colour=red")
            .await
            .points_at(&["/state/1", "/from", "/to", "/format", "/colour"]);
        ask(&format!("venue_id=x&from={at}&to={at}"))
            .await
            .points_at(&["/venue_id", "/to"]);
        ask("format=csv&format=ical").await.points_at(&["/format"]);
        let page = ask("limit=1").await.is(200);
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        // A cursor is for the list that gave it; a file has none.
        for other in ["state=held", "format=csv", "format=ical"] {
            ask(&format!("{other}&cursor={cursor}"))
                .await
                .points_at(&["/cursor"]);
        }
    }
}

#[tokio::test]
async fn a_table_has_the_whole_list_and_reads_back() {
    let scene = scene().await;
    for by_vendor in [false, true] {
        for (query, filter) in scene.questions() {
            let answer = scene.ask(by_vendor, &format!("{query}&format=csv")).await;
            assert_eq!(
                answer.header("content-type"),
                Some("text/csv; charset=utf-8; header=present")
            );
            assert_eq!(
                answer.header("content-disposition"),
                Some("attachment; filename=\"bookings.csv\"")
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let text = answer.file();
            let lines: Vec<HashMap<String, String>> = csv::Reader::from_reader(text.as_bytes())
                .deserialize()
                .map(Result::unwrap)
                .collect();
            let expected = scene.expected(by_vendor, &filter);
            assert_eq!(lines.len(), expected.len(), "{query}");
            for (line, booking) in lines.iter().zip(expected) {
                assert_eq!(line["booking_id"], booking.id.to_string());
                assert_eq!(line["state"], booking.state.as_str());
                let name = booking.venue_name.as_str();
                let shown = if name == NASTY {
                    format!("'{name}")
                } else {
                    name.to_owned()
                };
                assert_eq!(line["venue_name"], shown);
                assert_eq!(line["start_utc"], booking.interval.start().to_string());
                let local: jiff::Timestamp = line["start_local"].parse().unwrap();
                assert_eq!(local, booking.interval.start(), "it carries its offset");
                assert_eq!(
                    (&*line["total"], &*line["currency"], &*line["zone"]),
                    ("50.00", "EUR", "Europe/Berlin")
                );
            }
        }
    }
}

#[tokio::test]
async fn a_calendar_has_an_event_for_each_booking() {
    let scene = scene().await;
    for by_vendor in [false, true] {
        for (query, filter) in scene.questions() {
            let answer = scene.ask(by_vendor, &format!("{query}&format=ical")).await;
            assert_eq!(
                answer.header("content-type"),
                Some("text/calendar; charset=utf-8")
            );
            let text = answer.file();
            assert!(text.ends_with("END:VCALENDAR\r\n"));
            assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
            let unfolded = text.replace("\r\n ", "");
            assert!(!unfolded.replace("\r\n", "").contains(['\r', '\n']));
            let events: Vec<&str> = unfolded.split("BEGIN:VEVENT\r\n").skip(1).collect();
            let expected = scene.expected(by_vendor, &filter);
            assert_eq!(events.len(), expected.len(), "{query}");
            for (event, booking) in events.into_iter().zip(expected) {
                let status = [
                    (BookingState::Held, "TENTATIVE"),
                    (BookingState::CancelledByCustomer, "CANCELLED"),
                ]
                .iter()
                .find(|(state, _)| *state == booking.state)
                .map_or("CONFIRMED", |(_, status)| status);
                let utc = |at: jiff::Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
                let name = booking.venue_name.as_str();
                let escaped = name.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
                for line in [
                    format!("UID:{}", booking.id),
                    format!("DTSTAMP:{}", utc(booking.updated_at)),
                    format!("DTSTART:{}", utc(booking.interval.start())),
                    format!("DTEND:{}", utc(booking.interval.end())),
                    format!("LOCATION:{escaped}"),
                    format!("STATUS:{status}"),
                    format!("SEQUENCE:{}", booking.version),
                ] {
                    assert!(event.lines().any(|there| there == line), "{line} in {event}");
                }
                let summary = format!("SUMMARY:{escaped}");
                assert!(event.lines().any(|there| there.starts_with(&summary)), "{event}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_is_for_whoever_is_signed_in() {
    let scene = scene().await;
    for format in ["json", "csv", "ical"] {
        let path = format!("/api/v1/bookings/history?format={format}");
        let answer = get(path).of(bookings::router(scene.world.app.clone())).await;
        answer.refuses(401, "unauthenticated");
        let path = format!("/api/v1/vendor/bookings/history?format={format}");
        let answer = get(path)
            .by(&scene.carl)
            .of(vendor::router(scene.world.app.clone()))
            .await;
        answer.refuses(403, "forbidden");
    }
}

#[tokio::test]
async fn a_booking_shows_what_the_clocks_were_to_show_and_whether_they_will_not() {
    let scene = scene().await;
    let shifted = scene.customers("clocks_changed=true").await.is(200);
    let first = &shifted["data"][0];
    assert_eq!(first["clocks_changed"], true);
    // An hour from now in Berlin, when it was booked.
    assert_eq!(first["local_start"], "2027-02-01T12:00:00");
    assert_eq!(first["local_end"], "2027-02-01T13:00:00");
    let asked = scene.customers("clocks_changed=false&limit=100").await.is(200);
    let agree = |shown: &&Value| shown["clocks_changed"] == false;
    let bookings = asked["data"].as_array().unwrap();
    assert!(bookings.iter().filter(agree).count() > 0 && !bookings.iter().all(|b| agree(&b)));
}
