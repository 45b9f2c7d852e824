//! Days of a vendor's venues.

use domain::availability::BlockTime;
use domain::text::Label;
use domain::time::Interval;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::router;
use crate::contract::ask::{Ask, all, get, text};

const DAYS: &str = "/api/v1/vendor/bookings/calendar/days";

fn between(start: &str, end: &str) -> Interval {
    Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

fn ask(who: &Person, query: &str) -> Ask {
    get(format!("{DAYS}?{query}")).by(who)
}

async fn shown(world: &World, who: &Person, query: &str) -> Value {
    ask(who, query).of(router(world)).await.is(200)
}

#[tokio::test]
async fn the_calendar_shows_days_of_all_venues_by_their_own_clocks() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let berlin = VenueBuilder::default().rules(|rules| {
        for opening in &mut rules.weekly {
            (opening.open_minute, opening.close_minute) = (8 * 60, 26 * 60);
        }
        rules.turnaround_minutes = 30;
    });
    let berlin = world.live_venue(&vera, berlin).await;
    world.clock.advance_minutes(1);
    let tokyo = VenueBuilder::default().in_zone("Asia/Tokyo");
    let tokyo = world.live_venue(&vera, tokyo).await;
    // Clocks go forward in Berlin on that day.
    let booked = between("2027-03-28T10:00:00Z", "2027-03-28T12:00:00Z");
    let booking = world.books(&carl, berlin.id, booked).await.unwrap();
    let blocked = between("2027-03-28T16:00:00Z", "2027-03-28T17:00:00Z");
    let reason = Some(Label::parse("Piano tuner").unwrap());
    let block = app::venues::block(
        &world.app,
        vera.member(),
        None,
        berlin.id,
        None,
        BlockTime::Once(blocked),
        reason,
    );
    let block = block.await.unwrap().value;
    let day = shown(&world, &vera, "from=2027-03-28").await;
    assert_eq!(
        all(&day, "venue_id"),
        [tokyo.id.to_string(), berlin.id.to_string()]
    );
    assert_eq!(all(&day, "zone"), ["Asia/Tokyo", "Europe/Berlin"]);
    assert_eq!(day["page"]["next_cursor"], json!(null));
    let space = &day["data"][1]["spaces"][0];
    assert_eq!(text(space, "/space_id"), berlin.main_space.to_string());
    let time = |start: &str, end: &str, start_local: &str, end_local: &str| json!({"start": start, "end": end, "start_local": start_local, "end_local": end_local});
    let (midnight, next) = ("2027-03-28T00:00:00+01:00", "2027-03-29T00:00:00+02:00");
    let mut date = time("2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", midnight, next);
    date["date"] = json!("2027-03-28");
    date["open"] = json!([
        // Until 26:00 of the day before, which the clock leaves out: to the first instant after.
        time(
            "2027-03-27T23:00:00Z",
            "2027-03-28T01:00:00Z",
            midnight,
            "2027-03-28T03:00:00+02:00"
        ),
        time(
            "2027-03-28T06:00:00Z",
            "2027-03-28T22:00:00Z",
            "2027-03-28T08:00:00+02:00",
            next
        ),
    ]);
    assert_eq!(space["days"], json!([date]));
    let (noon, two) = ("2027-03-28T12:00:00+02:00", "2027-03-28T14:00:00+02:00");
    let mut expected = time("2027-03-28T10:00:00Z", "2027-03-28T12:00:00Z", noon, two);
    expected["booking_id"] = json!(booking.id);
    expected["code"] = json!(booking.code);
    expected["space_id"] = json!(berlin.main_space);
    expected["proposed"] = json!(false);
    expected["state"] = json!("held");
    expected["guests"] = json!(2);
    expected["layout"] = json!(null);
    expected["hold_until"] = json!(booking.hold_until);
    let half_past = "2027-03-28T14:30:00+02:00";
    // Whoever came before would need its turnaround.
    let before = "2027-03-28T11:30:00+02:00";
    expected["setup"] = time("2027-03-28T09:30:00Z", "2027-03-28T10:00:00Z", before, noon);
    expected["turnaround"] = time("2027-03-28T12:00:00Z", "2027-03-28T12:30:00Z", two, half_past);
    assert_eq!(space["bookings"], json!([expected]), "and nothing of who booked");
    let mut expected = time(
        "2027-03-28T16:00:00Z",
        "2027-03-28T17:00:00Z",
        "2027-03-28T18:00:00+02:00",
        "2027-03-28T19:00:00+02:00",
    );
    expected["block_id"] = json!(block.id);
    expected["space_id"] = json!(berlin.main_space);
    expected["reason"] = json!("Piano tuner");
    assert_eq!(space["blocks"], json!([expected]));
    let free: Vec<&str> = space["free"]
        .as_array()
        .unwrap()
        .iter()
        .map(|free| text(free, "/start"))
        .collect();
    assert_eq!(
        free,
        [
            "2027-03-27T23:00:00Z",
            "2027-03-28T06:00:00Z",
            "2027-03-28T12:30:00Z",
            "2027-03-28T17:00:00Z"
        ]
    );
    assert_eq!(space["full"], json!([]));
    // The same date is another time elsewhere, and a month has its days.
    assert_eq!(
        text(&day, "/data/0/spaces/0/days/0/start"),
        "2027-03-27T15:00:00Z"
    );
    let month = format!("from=2027-03-01&to=2027-03-31&venue_id={}", berlin.id);
    let month = shown(&world, &vera, &month).await;
    assert_eq!(all(&month, "venue_id"), [berlin.id.to_string()]);
    assert_eq!(
        month["data"][0]["spaces"][0]["days"].as_array().unwrap().len(),
        31
    );
}

#[tokio::test]
async fn holds_count_as_long_as_they_last_and_bookings_until_they_are_cancelled() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let at = |hour: u8| {
        between(
            &format!("2027-02-03T{hour:02}:00:00Z"),
            &format!("2027-02-03T{:02}:00:00Z", hour + 1),
        )
    };
    world.books(&carl, venue.id, at(10)).await.unwrap();
    let paid = world.books(&carl, venue.id, at(12)).await.unwrap();
    world.confirms(&paid).await;
    let cancelled = world.books(&carl, venue.id, at(14)).await.unwrap();
    world.cancels(&carl, cancelled.id).await.unwrap();
    let states = |day: &Value| -> Vec<String> {
        let bookings = day["data"][0]["spaces"][0]["bookings"].as_array().unwrap();
        bookings
            .iter()
            .map(|booking| text(booking, "/state").to_owned())
            .collect()
    };
    let day = shown(&world, &vera, "from=2027-02-03").await;
    assert_eq!(states(&day), ["held", "confirmed"]);
    world.clock.advance_minutes(domain::booking::HOLD_MINUTES);
    let vera = world.signs_in(&vera.email).await;
    let day = shown(&world, &vera, "from=2027-02-03").await;
    assert_eq!(states(&day), ["confirmed"]);
}

#[tokio::test]
async fn a_time_that_a_booking_may_be_moved_to_is_shown_beside_its_own() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let booked = between("2027-02-02T10:00:00Z", "2027-02-02T12:00:00Z");
    let other = between("2027-02-02T15:00:00Z", "2027-02-02T17:00:00Z");
    let held = world.books(&carl, venue.id, booked).await.unwrap();
    let booking = world.confirms(&held).await;
    let once = carl.once("k", "propose");
    app::bookings::propose(
        &world.app,
        &carl.caller,
        &once,
        booking.id,
        app::bookings::Ask::plain(other),
    )
    .await
    .unwrap();
    let day = shown(&world, &vera, "from=2027-02-02").await;
    let bookings = day["data"][0]["spaces"][0]["bookings"].as_array().unwrap();
    let shown = |n: usize| (text(&bookings[n], "/start"), &bookings[n]["proposed"]);
    assert_eq!(bookings.len(), 2);
    assert_eq!(shown(0), ("2027-02-02T10:00:00Z", &json!(false)));
    assert_eq!(shown(1), ("2027-02-02T15:00:00Z", &json!(true)));
    assert_eq!(bookings[0]["booking_id"], bookings[1]["booking_id"]);
    assert!(!bookings[1]["hold_until"].is_null());
}

#[tokio::test]
async fn a_vendor_sees_nothing_of_anothers_calendar() {
    let world = World::new();
    let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let own = world.live_venue(&otto, VenueBuilder::default()).await;
    let seen = shown(&world, &otto, "from=2027-02-03").await;
    assert_eq!(all(&seen, "venue_id"), [own.id.to_string()]);
    let both = format!("from=2027-02-03&venue_id={}&venue_id={}", own.id, venue.id);
    ask(&otto, &both)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    // What is given up is shown to whoever asks for it.
    app::venues::pause(&world.app, otto.member(), None, own.id)
        .await
        .unwrap();
    app::venues::archive(&world.app, otto.member(), None, own.id)
        .await
        .unwrap();
    assert_eq!(shown(&world, &otto, "from=2027-02-03").await["data"], json!([]));
    let named = shown(&world, &otto, &format!("from=2027-02-03&venue_id={}", own.id)).await;
    assert_eq!(all(&named, "state"), ["archived"]);
}

#[tokio::test]
async fn days_of_the_calendar_have_limits() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let asks = |query: String| {
        let ask = ask(&vera, &query);
        async { ask.of(router(&world)).await }
    };
    asks("from=2027-03-01&to=2027-04-11".into()).await.is(200);
    asks("from=2027-03-01&to=2027-04-12".into())
        .await
        .points_at(&["/to"]);
    asks("from=2027-03-02&to=2027-03-01".into())
        .await
        .points_at(&["/to"]);
    asks("from=2027-02-30&venue_id=x".into())
        .await
        .points_at(&["/from"]);
    asks("from=2027-02-28&venue_id=x".into())
        .await
        .points_at(&["/venue_id/0"]);
    let venues = |count: usize| {
        let venue = "&venue_id=ven_01900000000070008000000000000001";
        format!("from=2027-02-28{}", venue.repeat(count))
    };
    asks(venues(51)).await.points_at(&["/venue_id"]);
    asks(venues(50)).await.refuses(404, "not_found");
}
