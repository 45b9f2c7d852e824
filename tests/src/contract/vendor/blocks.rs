//! Blocks and special days: what they close, and what stands in their way.

use app::venues;
use domain::Refusal;
use domain::availability::{BLOCKS_MAX, Block, BlockTime, SPECIAL_DAYS_MAX};
use domain::id::BlockId;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use http::Method;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::{block_id, router};
use crate::contract::ask::{Answer, ask, get, post, put, text};
use crate::contract::hour;

async fn scene() -> (World, Person, Venue) {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    (world, vera, venue)
}

fn path(venue: &Venue) -> String {
    format!("/api/v1/vendor/venues/availability/{}", venue.id)
}

async fn block(world: &World, who: &Person, venue: &Venue, time: Value) -> Answer {
    let blocks = format!("{}/blocks", path(venue));
    post(blocks, time).by(who).of(router(world)).await
}

fn once(time: Interval) -> Value {
    json!({"once": {"start": time.start(), "end": time.end()}, "reason": "Renovation"})
}

#[tokio::test]
async fn a_block_closes_its_time_until_it_is_taken_away() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let made = block(&world, &vera, &venue, once(hour(48))).await.is(201);
    assert_eq!(text(&made, "/reason"), "Renovation");
    assert_eq!(text(&made, "/space_id"), venue.main_space.to_string());
    let shown = get(path(&venue)).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(shown["blocks"], json!([made]));
    let refused = world.books(&carl, venue.id, hour(48)).await.unwrap_err();
    assert!(
        matches!(refused, app::Error::RefusedTime(Refusal::Blocked, _)),
        "{refused:?}"
    );
    let one = format!("{}/blocks/{}", path(&venue), text(&made, "/block_id"));
    let away = ask(Method::DELETE, &one).by(&vera);
    assert_eq!(away.clone().of(router(&world)).await.status, 204);
    away.of(router(&world)).await.refuses(404, "not_found");
    world.books(&carl, venue.id, hour(48)).await.unwrap();
}

#[tokio::test]
async fn b_t5_a_block_over_a_booking_is_refused_with_the_bookings_in_its_way() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let late = world.books(&carl, venue.id, hour(49)).await.unwrap();
    let early = world.books(&carl, venue.id, hour(47)).await.unwrap();
    world.books(&carl, venue.id, hour(30)).await.unwrap();
    let long = Interval::new(hour(46).start(), hour(60).end()).unwrap();
    let refused = block(&world, &vera, &venue, once(long))
        .await
        .refuses(409, "bookings_in_the_way");
    let conflict = |booking: &domain::booking::Booking| {
        json!({
            "booking_id": booking.id, "space_id": venue.main_space,
            "start": booking.interval.start(), "end": booking.interval.end(),
        })
    };
    assert_eq!(refused["conflicts"], json!([conflict(&early), conflict(&late)]));
    // Nothing of the block is left: between the two bookings one can book.
    let shown = get(path(&venue)).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(
        (&shown["blocks"], &shown["change_pending"]),
        (&json!([]), &json!(false))
    );
    world.books(&carl, venue.id, hour(48)).await.unwrap();
    // A hold that has lapsed half a minute ago is in nobody's way.
    world.clock.advance_seconds(630);
    block(&world, &vera, &venue, once(long)).await.is(201);
}

#[tokio::test]
async fn hours_that_would_leave_a_booking_outside_are_refused_with_it() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    // 11:00 in Berlin on a Wednesday.
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let set = |open: &str| {
        let week = (1..=7).map(|day| json!({"weekday": day, "open": open, "close": "20:00"}));
        let rules = json!({"weekly": week.collect::<Vec<_>>()});
        put(path(&venue), rules).by(&vera).of(router(&world))
    };
    let refused = set("11:30").await.refuses(409, "bookings_in_the_way");
    assert_eq!(text(&refused, "/conflicts/0/booking_id"), booking.id.to_string());
    set("11:00").await.is(200);
    let closed = json!({"dates": ["2027-02-03", "2027-02-04"], "hours": []});
    let days = || {
        put(format!("{}/special-days", path(&venue)), closed.clone())
            .by(&vera)
            .of(router(&world))
    };
    days().await.refuses(409, "bookings_in_the_way");
    world.clock.advance_seconds(630);
    let set = days().await.is(200);
    assert_eq!(set["special_days"].as_array().unwrap().len(), 2);
    let one = ask(
        Method::DELETE,
        format!("{}/special-days/2027-02-03", path(&venue)),
    );
    let left = one.by(&vera).of(router(&world)).await.is(200);
    assert_eq!(
        left["special_days"],
        json!([{"date": "2027-02-04", "name": null, "hours": []}])
    );
}

#[tokio::test]
async fn a_block_that_is_sent_again_is_the_same() {
    let (world, vera, venue) = scene().await;
    let blocks = format!("{}/blocks", path(&venue));
    let ask = post(blocks, once(hour(48))).by(&vera).key("k");
    let first = ask.clone().of(router(&world)).await.is(201);
    assert_eq!(ask.of(router(&world)).await.is(201), first);
    let shown = get(path(&venue)).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(
        (&shown["blocks"], &shown["change_pending"]),
        (&json!([first]), &json!(false))
    );
}

#[tokio::test]
async fn what_is_no_block_is_refused() {
    let (world, vera, venue) = scene().await;
    block(&world, &vera, &venue, once(hour(-48)))
        .await
        .refuses(409, "past");
    block(&world, &vera, &venue, json!({})).await.points_at(&[""]);
    let repeating =
        json!({"first": "2027-03-01", "start": "08:00", "end": "07:00", "rrule": "FREQ=SECONDLY"});
    let wrong = block(&world, &vera, &venue, json!({"repeating": repeating})).await;
    wrong.points_at(&["/repeating/end", "/repeating/rrule"]);
    let nowhere = format!("{}/blocks/{}", path(&venue), block_id());
    ask(Method::DELETE, nowhere)
        .by(&vera)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    let nowhere = format!("{}?space_id=spc_01900000000070008000000000000099", path(&venue));
    get(nowhere)
        .by(&vera)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    let days = json!({"dates": [], "hours": [{"open": "26:00", "close": "27:00"}]});
    let wrong = put(format!("{}/special-days", path(&venue)), days)
        .by(&vera)
        .of(router(&world))
        .await;
    wrong.points_at(&["/dates"]);
    let hours = json!({"dates": ["2027-03-01"], "hours": [{"open": "26:00", "close": "27:00"}]});
    let wrong = put(format!("{}/special-days", path(&venue)), hours)
        .by(&vera)
        .of(router(&world))
        .await;
    wrong.points_at(&["/special_days"]);
}

#[tokio::test]
async fn blocks_of_days_and_repeating_ones_are_kept_as_they_were_written() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let days = json!({"from": "2027-02-03", "to": "2027-02-04"});
    let repeating = json!({
        "first": "2027-02-05", "start": "22:00", "end": "26:00", "rrule": "FREQ=WEEKLY;BYDAY=FR,SA",
        "except": ["2027-02-06"],
    });
    let holidays = block(&world, &vera, &venue, json!({"days": days, "reason": "Holidays"})).await;
    let (holidays, nights) = (
        holidays.is(201),
        block(&world, &vera, &venue, json!({"repeating": repeating}))
            .await
            .is(201),
    );
    assert_eq!(
        (&holidays["days"], text(&holidays, "/reason")),
        (&days, "Holidays")
    );
    assert_eq!(
        (&nights["repeating"], &nights["reason"]),
        (&repeating, &Value::Null)
    );
    let shown = get(path(&venue)).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(shown["blocks"], json!([holidays, nights]));
    let from = |start: &str| {
        let start = start.parse().unwrap();
        Interval::new(start, plus_minutes(start, 60)).unwrap()
    };
    // By the clock of Berlin, an hour ahead.
    for (start, is_blocked) in [
        ("2027-02-02T22:00:00Z", false),
        ("2027-02-02T23:00:00Z", true),
        ("2027-02-04T22:00:00Z", true),
        ("2027-02-04T23:00:00Z", false),
        ("2027-02-05T21:00:00Z", true),
        ("2027-02-06T00:00:00Z", true),
        ("2027-02-06T01:00:00Z", false),
        ("2027-02-06T21:00:00Z", false),
        ("2027-02-13T21:00:00Z", true),
    ] {
        let asked = world.quote(&carl, venue.id, from(start)).await;
        let blocked = matches!(asked, Err(app::Error::RefusedTime(Refusal::Blocked, _)));
        assert_eq!(blocked, is_blocked, "{start}: {asked:?}");
    }
}

#[tokio::test]
async fn a_request_sets_as_many_special_days_as_a_space_has_at_most() {
    let (world, vera, venue) = scene().await;
    let first = jiff::civil::date(2027, 3, 1);
    let dates = |from: usize, count: usize| -> Vec<String> {
        let nth = |n| first.saturating_add(jiff::Span::new().days(i64::try_from(n).unwrap()));
        (from..from + count).map(|n| nth(n).to_string()).collect()
    };
    let set = async |dates: Vec<String>| {
        put(
            format!("{}/special-days", path(&venue)),
            json!({"dates": dates, "hours": []}),
        )
        .by(&vera)
        .of(router(&world))
        .await
    };
    set(dates(0, SPECIAL_DAYS_MAX + 1)).await.points_at(&["/dates"]);
    let all = set(dates(0, SPECIAL_DAYS_MAX)).await.is(200);
    assert_eq!(all["special_days"].as_array().unwrap().len(), SPECIAL_DAYS_MAX);
    // The same once more is no more; another one is.
    set(dates(0, SPECIAL_DAYS_MAX)).await.is(200);
    set(dates(SPECIAL_DAYS_MAX, 1))
        .await
        .points_at(&["/special_days"]);
}

/// A block of five minutes, the nth after the beginning of the world's next hour.
fn five_minutes(n: usize) -> BlockTime {
    let start = plus_minutes(hour(1).start(), i64::try_from(n).unwrap() * 5);
    BlockTime::Once(Interval::new(start, plus_minutes(start, 5)).unwrap())
}

#[tokio::test]
async fn a_space_has_so_many_blocks_at_most_and_those_that_are_over_do_not_count() {
    let (world, vera, venue) = scene().await;
    let store = world.app.store();
    let (space, mut book) = store
        .space_with_rules(venue.id, venue.main_space)
        .await
        .unwrap()
        .unwrap();
    let block = |n| Block {
        id: BlockId::from_uuid(uuid::Uuid::from_u128(n as u128)),
        space: space.id,
        time: five_minutes(n),
        reason: None,
    };
    book.rules.blocks = (1..BLOCKS_MAX).map(block).collect();
    let mut transaction = store::Transaction::new();
    transaction.put_space(&space, Some(space.rules_version));
    transaction.put_rules(&space, &book);
    store.commit(transaction).await.unwrap();
    let another = |n| {
        venues::block(
            &world.app,
            vera.member(),
            None,
            venue.id,
            None,
            five_minutes(n),
            None,
        )
    };
    another(400).await.unwrap();
    let limit = BLOCKS_MAX;
    assert_eq!(
        another(401).await.unwrap_err(),
        Refusal::LimitReached { limit }.into()
    );
    world.clock.advance_seconds(2 * 3_600);
    another(401).await.unwrap();
}

#[tokio::test]
async fn rules_of_a_space_have_a_size_at_most() {
    let (world, vera, venue) = scene().await;
    let mut rules = testkit::hours_every_day("Europe/Berlin", 0, 60);
    let first = jiff::civil::date(2027, 1, 1);
    let long = "x".repeat(60);
    let busy = |n: i64| domain::availability::SpecialDay {
        date: first.saturating_add(jiff::Span::new().days(n)),
        name: None,
        hours: vec![
            domain::availability::Hours {
                open_minute: 1_000,
                close_minute: 1_100
            };
            4
        ],
    };
    rules.special_days = (0..400).map(busy).collect();
    rules.seasons = (0..20)
        .map(|n| domain::availability::Season {
            name: domain::text::Label::parse(&format!("{n}{}", &long[..50])).unwrap(),
            from: first,
            to: first,
            priority: n,
            weekly: vec![rules.weekly[0]; 42],
            min_minutes: None,
            lead_minutes: None,
        })
        .collect();
    assert_eq!(rules.problems(), []);
    let set = venues::set_rules(&world.app, vera.member(), None, venue.id, None, rules, None).await;
    let limit = venues::RULES_BYTES_MAX;
    assert_eq!(set.unwrap_err(), Refusal::LimitReached { limit }.into());
}
