//! Public holidays out of a calendar file: what they close, what stands in their way, and what is no such file.

use domain::availability::{Hours, SPECIAL_DAYS_MAX, SpecialDates, SpecialHours};
use domain::id::VenueId;
use domain::text::Label;
use domain::venue::Venue;
use http::Method;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::router;
use crate::contract::ask::{Answer, all, ask, get, post, put, text};
use crate::contract::hour;

/// As the government of the United Kingdom writes its bank holidays, with a longer name and a line that is folded.
const BANK_HOLIDAYS: &str = "BEGIN:VCALENDAR\r\n\
    VERSION:2.0\r\n\
    METHOD:PUBLISH\r\n\
    PRODID:-//uk.gov/GOVUK calendars//EN\r\n\
    CALSCALE:GREGORIAN\r\n\
    BEGIN:VEVENT\r\n\
    DTEND;VALUE=DATE:20260404\r\n\
    DTSTART;VALUE=DATE:20260403\r\n\
    SUMMARY:Good Friday\r\n\
    UID:ca6af7456b0088abad9a69f9f620f5ac-0@gov.uk\r\n\
    SEQUENCE:0\r\n\
    DTSTAMP:20251106T111000Z\r\n\
    END:VEVENT\r\n\
    BEGIN:VEVENT\r\n\
    DTEND;VALUE=DATE:20270327\r\n\
    DTSTART;VALUE=DATE:20270326\r\n\
    SUMMARY:Good Friday\r\n\
    UID:ca6af7456b0088abad9a69f9f620f5ac-1@gov.uk\r\n\
    SEQUENCE:0\r\n\
    DTSTAMP:20251106T111000Z\r\n\
    END:VEVENT\r\n\
    BEGIN:VEVENT\r\n\
    DTEND;VALUE=DATE:20270330\r\n\
    DTSTART;VALUE=DATE:20270329\r\n\
    SUMMARY:Easter Monday\\, a day off in England\\, Wales and Northern Ire\r\n\
    \x20land\r\n\
    UID:ca6af7456b0088abad9a69f9f620f5ac-2@gov.uk\r\n\
    SEQUENCE:0\r\n\
    DTSTAMP:20251106T111000Z\r\n\
    END:VEVENT\r\n\
    BEGIN:VEVENT\r\n\
    DTEND;VALUE=DATE:20271229\r\n\
    DTSTART;VALUE=DATE:20271227\r\n\
    SUMMARY:Christmas (substitute days)\r\n\
    UID:ca6af7456b0088abad9a69f9f620f5ac-3@gov.uk\r\n\
    SEQUENCE:0\r\n\
    DTSTAMP:20251106T111000Z\r\n\
    END:VEVENT\r\n\
    END:VCALENDAR\r\n";

/// Good Friday of 2027 at noon in Berlin, 53 days from now.
const GOOD_FRIDAY: i64 = 53 * 24 + 1;

async fn scene() -> (World, Person, Venue) {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    (world, vera, venue)
}

fn path(venue: VenueId) -> String {
    format!("/api/v1/vendor/venues/availability/{venue}/special-days")
}

fn closed_on(calendar: &str) -> Value {
    json!({"calendar": calendar, "hours": []})
}

/// A file of whole days without names.
fn days(dates: &[String]) -> String {
    let day = |date: &String| {
        let date = date.replace('-', "");
        format!("BEGIN:VEVENT\nDTSTART;VALUE=DATE:{date}\nEND:VEVENT\n")
    };
    let days: String = dates.iter().map(day).collect();
    format!("BEGIN:VCALENDAR\n{days}END:VCALENDAR\n")
}

async fn sets(world: &World, who: &Person, venue: VenueId, body: Value) -> Answer {
    put(path(venue), body).by(who).of(router(world)).await
}

async fn quote(world: &World, venue: &Venue, hours_ahead: i64) -> Answer {
    let time = hour(hours_ahead);
    let ask = json!({"venue_id": venue.id, "start": time.start(), "end": time.end(), "guests": 10});
    let venues = venues::router(world.app.clone());
    post("/api/v1/venues/quotes", ask).of(venues).await
}

#[tokio::test]
async fn the_holidays_of_a_file_are_tried_set_and_closed_to_customers() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let booking = world.books(&carl, venue.id, hour(GOOD_FRIDAY)).await.unwrap();
    let preview = || {
        post(format!("{}/preview", path(venue.id)), closed_on(BANK_HOLIDAYS))
            .by(&vera)
            .of(router(&world))
    };
    let foreseen = preview().await.is(200);
    assert_eq!(text(&foreseen, "/conflicts/0/booking_id"), booking.id.to_string());
    let closing: Vec<&str> = foreseen["spaces"][0]["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| text(day, "/date"))
        .collect();
    assert_eq!(closing, ["2027-03-26", "2027-03-29"], "sixty days are looked at");
    let refused = sets(&world, &vera, venue.id, closed_on(BANK_HOLIDAYS)).await;
    let refused = refused.refuses(409, "bookings_in_the_way");
    assert_eq!(refused["conflicts"], foreseen["conflicts"]);
    let rules = format!("/api/v1/vendor/venues/availability/{}", venue.id);
    let shown = get(&rules).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(
        (&shown["special_days"], &shown["change_pending"]),
        (&json!([]), &json!(false))
    );

    // The hold has lapsed.
    world.clock.advance_seconds(630);
    assert_eq!(preview().await.is(200)["conflicts"], json!([]));
    let set = sets(&world, &vera, venue.id, closed_on(BANK_HOLIDAYS)).await;
    let tag = set.header("etag").unwrap().to_owned();
    let set = set.is(200);
    let day = |date: &str, name: &str| json!({"date": date, "name": name, "hours": []});
    let expected = json!([
        day("2027-03-26", "Good Friday"),
        day(
            "2027-03-29",
            "Easter Monday, a day off in England, Wales and Northern Irel"
        ),
        day("2027-12-27", "Christmas (substitute days)"),
        day("2027-12-28", "Christmas (substitute days)"),
    ]);
    assert_eq!(set["special_days"], expected);
    for (hours_ahead, is_closed) in [
        (GOOD_FRIDAY - 24, false),
        (GOOD_FRIDAY, true),
        (GOOD_FRIDAY + 24, false),
        (GOOD_FRIDAY + 3 * 24, true),
    ] {
        let asked = quote(&world, &venue, hours_ahead).await;
        if is_closed {
            asked.refuses(409, "special_hours");
        } else {
            asked.is(201);
        }
    }
    let details = get(format!("/api/v1/venues/details/{}", venue.id));
    let details = details.of(venues::router(world.app.clone())).await.is(200);
    assert_eq!(details["rules"]["special_days"], expected, "customers see why");

    let again = sets(&world, &vera, venue.id, closed_on(BANK_HOLIDAYS)).await;
    assert_eq!(again.header("etag"), Some(tag.as_str()));
    assert_eq!(again.is(200), set, "the same once more is the same");
}

#[tokio::test]
async fn holidays_may_be_open_at_special_hours_and_replace_what_their_dates_had() {
    let (world, vera, venue) = scene().await;
    let mut given = json!({"dates": ["2027-03-26", "2027-04-01"], "name": " Spring ", "hours": []});
    let set = sets(&world, &vera, venue.id, given.clone()).await.is(200);
    let day = |date: &str, name: &str, hours: &Value| json!({"date": date, "name": name, "hours": hours});
    let closed = json!([]);
    let expected = ["2027-03-26", "2027-04-01"].map(|date| day(date, "Spring", &closed));
    assert_eq!(set["special_days"], json!(expected));
    let hours = json!([{"open": "12:00", "close": "26:00"}]);
    let open = json!({"calendar": days(&["2027-03-26".to_owned()]), "hours": hours});
    let set = sets(&world, &vera, venue.id, open).await.is(200);
    let nameless = json!({"date": "2027-03-26", "name": null, "hours": hours});
    assert_eq!(
        set["special_days"],
        json!([nameless, day("2027-04-01", "Spring", &closed)])
    );
    let one = ask(Method::DELETE, format!("{}/2027-03-26", path(venue.id)));
    let left = one.by(&vera).of(router(&world)).await.is(200);
    assert_eq!(all_dates(&left), ["2027-04-01"]);
    given["name"] = json!("x".repeat(61));
    sets(&world, &vera, venue.id, given).await.points_at(&["/name"]);
}

fn all_dates(rules: &Value) -> Vec<String> {
    let days = json!({"data": rules["special_days"]});
    all(&days, "date").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_name_alone_stands_in_no_bookings_way() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let open = |name: &str| {
        let date = "2027-03-26".parse().unwrap();
        SpecialHours {
            dates: SpecialDates::Named {
                dates: [date].into(),
                name: Label::parse(name).ok(),
            },
            hours: vec![Hours::WHOLE_DAY],
        }
    };
    let (app, vendor) = (&world.app, vera.member());
    let set = async |name: &str| {
        app::venues::set_special_days(app, vendor, None, venue.id, None, &open(name), None).await
    };
    set("Good Friday").await.unwrap();
    world.books(&carl, venue.id, hour(GOOD_FRIDAY)).await.unwrap();
    let renamed = set("Karfreitag").await.unwrap().value;
    assert_eq!(renamed.special_days[0].name, Label::parse("Karfreitag").ok());
}

#[tokio::test]
async fn what_is_over_by_the_venues_clock_is_left_out() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let berlin = world.live_venue(&vera, VenueBuilder::default()).await;
    // Midnight has just struck there: it is the second of February.
    let islands = VenueBuilder::default().in_zone("Pacific/Kiritimati");
    let islands = world.live_venue(&vera, islands).await;
    let today = || closed_on(&days(&["2027-02-01".to_owned()]));
    let set = sets(&world, &vera, berlin.id, today()).await.is(200);
    assert_eq!(all_dates(&set), ["2027-02-01"]);
    let over = sets(&world, &vera, islands.id, today()).await;
    assert!(text(&over.body, "/errors/0/detail").contains("from 2027-02-02 to 2029-02-01"));
    over.points_at(&["/calendar"]);
    let preview = post(format!("{}/preview", path(islands.id)), today());
    preview
        .by(&vera)
        .of(router(&world))
        .await
        .points_at(&["/calendar"]);
    // As far as one can book, and a day further.
    let ends = days(&["2029-01-31".to_owned(), "2029-02-01".to_owned()]);
    let set = sets(&world, &vera, berlin.id, closed_on(&ends)).await.is(200);
    assert_eq!(all_dates(&set), ["2027-02-01", "2029-01-31"]);
    let set = sets(&world, &vera, islands.id, closed_on(&ends)).await.is(200);
    assert_eq!(all_dates(&set), ["2029-01-31", "2029-02-01"]);
}

#[tokio::test]
async fn what_is_no_file_of_holidays_is_refused_and_changes_nothing() {
    let (world, vera, venue) = scene().await;
    let rules = format!("/api/v1/vendor/venues/availability/{}", venue.id);
    let before = get(&rules).by(&vera).of(router(&world)).await.is(200);
    let both = json!({"dates": ["2027-03-26"], "calendar": BANK_HOLIDAYS, "hours": []});
    let named = json!({"name": "Holiday", "calendar": BANK_HOLIDAYS, "hours": []});
    let broken = BANK_HOLIDAYS.replacen("END:VEVENT\r\n", "", 1);
    let seldom = BANK_HOLIDAYS.replacen("SEQUENCE:0", "RRULE:FREQ=HOURLY", 1);
    let many: Vec<String> = vec!["2027-03-26".to_owned(); 1_001];
    for (body, pointer, message) in [
        (both, "", "exactly one of dates and calendar"),
        (json!({"hours": []}), "", "exactly one of dates and calendar"),
        (named, "/name", "only dates take one"),
        (closed_on(""), "/calendar", "line 1 has no BEGIN:VCALENDAR"),
        (closed_on(&broken), "/calendar", "line 38 ends what it is not in"),
        (
            closed_on(&seldom),
            "/calendar",
            "the event \"Good Friday\" of line 6: RRULE",
        ),
        (
            closed_on(&days(&[])),
            "/calendar",
            "has no whole day from 2027-02-01 to 2029-01-31",
        ),
        (
            closed_on(&days(&["2027-01-31".to_owned()])),
            "/calendar",
            "has no whole day",
        ),
        (closed_on(&days(&many)), "/calendar", "at most 1000 events"),
        (
            closed_on(&"x".repeat(200_001)),
            "/calendar",
            "at most 200000 bytes",
        ),
    ] {
        let ways = [
            put(path(venue.id), body.clone()),
            post(format!("{}/preview", path(venue.id)), body),
        ];
        for way in ways {
            let refused = way.by(&vera).of(router(&world)).await;
            let told = text(&refused.body, "/errors/0/detail").to_owned();
            assert!(told.contains(message), "{told}");
            refused.points_at(&[pointer]);
        }
    }
    assert_eq!(get(&rules).by(&vera).of(router(&world)).await.is(200), before);
}

#[tokio::test]
async fn a_file_sets_as_many_dates_as_a_space_has_special_days_at_most() {
    let (world, vera, venue) = scene().await;
    let first = jiff::civil::date(2027, 3, 1);
    let dates = |count: usize| -> Vec<String> {
        let nth = |n| first.saturating_add(jiff::Span::new().days(i64::try_from(n).unwrap()));
        (0..count).map(|n| nth(n).to_string()).collect()
    };
    let many = sets(
        &world,
        &vera,
        venue.id,
        closed_on(&days(&dates(SPECIAL_DAYS_MAX + 1))),
    )
    .await;
    many.points_at(&["/calendar"]);
    let set = sets(
        &world,
        &vera,
        venue.id,
        closed_on(&days(&dates(SPECIAL_DAYS_MAX))),
    )
    .await;
    assert_eq!(all_dates(&set.is(200)), dates(SPECIAL_DAYS_MAX));
    let other = sets(&world, &vera, venue.id, closed_on(BANK_HOLIDAYS))
        .await
        .is(200);
    assert_eq!(
        all_dates(&other),
        dates(SPECIAL_DAYS_MAX),
        "its dates were among them"
    );
    let one_more = sets(
        &world,
        &vera,
        venue.id,
        closed_on(&days(&["2028-12-24".to_owned()])),
    )
    .await;
    one_more.points_at(&["/special_days"]);
}
