//! What is shown can be had: a slot, a package or another time is shown where a quote is given, and nowhere else.

use app::venues::{self, Availability, Look, QuoteRequest};
use app::{Error, bookings};
use domain::availability::{Hours, Package};
use domain::id::SpaceId;
use domain::money::Money;
use domain::pricing::{Effect, RateRule, Rates, When};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use testkit::{Person, VenueBuilder, World, space_settings};

/// A Wednesday in Berlin.
fn day() -> Interval {
    let at = |text: &str| text.parse().unwrap();
    Interval::new(at("2027-02-02T23:00:00Z"), at("2027-02-03T23:00:00Z")).unwrap()
}

fn hour(number: i64) -> Interval {
    let start = plus_minutes(day().start(), number * 60);
    Interval::new(start, plus_minutes(start, 60)).unwrap()
}

fn breakfast() -> Package {
    Package {
        name: Label::parse("breakfast").unwrap(),
        weekdays: (1..=7).collect(),
        hours: Hours {
            open_minute: 425,
            close_minute: 530,
        },
    }
}

fn venue() -> VenueBuilder {
    VenueBuilder::default().rules(|rules| {
        rules.step_minutes = 60;
        rules.packages = vec![breakfast()];
    })
}

async fn shown(world: &World, who: Option<&Person>, venue: &Venue, space: Option<SpaceId>) -> Availability {
    let look = Look {
        venue: venue.id,
        space,
        window: day(),
        minutes: Some(60),
    };
    let caller = who.map(|person| &person.caller);
    venues::availability(&world.app, caller, look).await.unwrap()
}

/// The code that a quote for the time is refused by, if it is.
async fn refused(world: &World, who: Option<&Person>, venue: &Venue, time: Interval) -> Option<&'static str> {
    let ask = QuoteRequest::plain(venue.id, None, time, 1);
    let quoted = venues::quote(&world.app, who.map(|person| &person.caller), None, ask).await;
    let error = quoted.err()?;
    let (Error::Refused(refusal) | Error::RefusedTime(refusal, _)) = &error else {
        panic!("{error:?}")
    };
    Some(refusal.code())
}

/// Free from midnight to six by the clock, and with breakfast by the way.
fn free_at_night() -> Rates {
    let eur = |amount| Money::new(amount, "EUR".parse().unwrap());
    let night = |open_minute, close_minute| RateRule {
        name: Label::parse("for nothing").unwrap(),
        priority: 0,
        when: When {
            hours: Some(Hours {
                open_minute,
                close_minute,
            }),
            ..When::default()
        },
        effect: Effect::Set(eur(0)),
    };
    Rates {
        rules: vec![night(0, 360), night(420, 540)],
        ..Rates::flat(eur(5_000))
    }
}

#[tokio::test]
async fn hours_that_cost_too_little_to_be_charged_are_not_shown() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, venue()).await;
    let all = shown(&world, None, &venue, None).await;
    assert_eq!((all.slots.len(), all.packages.len()), (24, 1));
    venues::set_rates(
        &world.app,
        vera.member(),
        None,
        venue.id,
        None,
        &free_at_night(),
        None,
    )
    .await
    .unwrap();
    let some = shown(&world, None, &venue, None).await;
    assert_eq!(some.free, all.free, "it is free all the same");
    assert_eq!((some.slots.len(), some.packages.len()), (24 - 6 - 2, 0));
    for slot in all.slots {
        let code = (!some.slots.contains(&slot)).then_some("amount_too_small");
        assert_eq!(refused(&world, None, &venue, slot).await, code, "{slot:?}");
    }
    let (_, meal) = all.packages[0];
    assert_eq!(
        refused(&world, None, &venue, meal).await,
        Some("amount_too_small")
    );
}

#[tokio::test]
async fn other_times_than_a_refused_one_have_a_price() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let (carl, olga) = (world.customer("carl").await, world.customer("olga").await);
    let venue = world.live_venue(&vera, venue()).await;
    let six = hour(6);
    let quote = world.quote(&carl, venue.id, six).await.unwrap();
    world.books(&olga, venue.id, six).await.unwrap();
    venues::set_rates(
        &world.app,
        vera.member(),
        None,
        venue.id,
        None,
        &free_at_night(),
        None,
    )
    .await
    .unwrap();
    let others = |error: Error| {
        let Error::RefusedTime(_, others) = error else {
            panic!("{error:?}")
        };
        others
    };
    let asked = others(world.quote(&carl, venue.id, six).await.unwrap_err());
    let once = carl.once("late", "book");
    let booked = bookings::create(&world.app, &carl.caller, &once, quote.id).await;
    let ask = QuoteRequest::plain(venue.id, None, six, 2);
    let checked = venues::check(&world.app, None, &ask).await.unwrap();
    // Five o'clock, seven and eight would be nearer.
    let nearest = [hour(9), hour(10), hour(11)];
    assert_eq!(asked, nearest);
    assert_eq!(others(booked.unwrap_err()), nearest);
    assert_eq!(checked.alternatives, nearest);
}

#[tokio::test]
async fn a_time_that_costs_too_little_to_be_charged_is_refused_with_others_that_are_sold() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let carl = world.customer("carl").await;
    let venue = world.live_venue(&vera, venue()).await;
    let (app, vendor) = (&world.app, vera.member());
    venues::set_rates(app, vendor, None, venue.id, None, &free_at_night(), None)
        .await
        .unwrap();
    let three = QuoteRequest::plain(venue.id, None, hour(3), 2);
    let refused = venues::quote(app, Some(&carl.caller), None, three.clone()).await;
    let Err(Error::RefusedTime(refusal, others)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refusal.code(), "amount_too_small");
    // The evening before, and the first hour after the night.
    assert_eq!(others, [hour(6), hour(-1), hour(-2)]);
    let checked = venues::check(app, None, &three).await.unwrap();
    assert_eq!(
        (checked.reasons, checked.alternatives),
        (vec![refusal], others.clone())
    );
    for time in others {
        world.books(&carl, venue.id, time).await.unwrap();
    }
    // Another time would not help a code that there is not.
    let with_code = QuoteRequest {
        promo_code: Some("NOTHING".parse().unwrap()),
        ..QuoteRequest::plain(venue.id, None, hour(12), 2)
    };
    let refused = venues::quote(app, Some(&carl.caller), None, with_code).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_space_without_a_price_shows_nothing_to_book() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, venue()).await;
    let (app, vendor) = (&world.app, vera.member());
    let room = world
        .adds_space(vendor, venue.id, &space_settings("Room", Vec::new()))
        .await;
    let rules = venue_rules();
    venues::set_rules(app, vendor, None, venue.id, Some(room), rules, None)
        .await
        .unwrap();
    let unpriced = shown(&world, None, &venue, Some(room)).await;
    assert_eq!(unpriced.free, [day()]);
    assert_eq!((unpriced.slots.len(), unpriced.packages.len()), (0, 0));
    let rates = Rates::flat(Money::new(2_000, "EUR".parse().unwrap()));
    venues::set_rates(app, vendor, None, venue.id, Some(room), &rates, None)
        .await
        .unwrap();
    let priced = shown(&world, None, &venue, Some(room)).await;
    assert_eq!((priced.slots.len(), priced.packages.len()), (24, 1));
}

fn venue_rules() -> domain::availability::Rules {
    venue().venue.rules.unwrap()
}

#[tokio::test]
async fn who_runs_a_venue_that_is_off_the_market_sees_what_is_free_and_nothing_to_book() {
    let world = World::new();
    let (vera, admin) = (world.vendor("vera").await, world.admin().await);
    let draft = world.draft(&vera, venue()).await;
    let paused = world.live_venue(&vera, venue()).await;
    venues::pause(&world.app, vera.member(), None, paused.id)
        .await
        .unwrap();
    for venue in [&draft, &paused] {
        for insider in [&vera, &admin] {
            let seen = shown(&world, Some(insider), venue, None).await;
            assert_eq!(seen.free, [day()]);
            assert_eq!((seen.slots.len(), seen.packages.len()), (0, 0));
            let code = refused(&world, Some(insider), venue, hour(12)).await;
            assert_eq!(code, Some("not_bookable"));
            let twenty_past = Interval::new(
                plus_minutes(hour(12).start(), 20),
                plus_minutes(hour(12).end(), 20),
            )
            .unwrap();
            let ask = QuoteRequest::plain(venue.id, None, twenty_past, 1);
            let checked = venues::check(&world.app, Some(&insider.caller), &ask)
                .await
                .unwrap();
            let codes: Vec<_> = checked.reasons.iter().map(domain::Refusal::code).collect();
            assert_eq!(codes, ["not_bookable", "alignment"]);
            assert_eq!(checked.alternatives, []);
        }
    }
    venues::resume(&world.app, vera.member(), None, paused.id)
        .await
        .unwrap();
    assert_eq!(shown(&world, None, &paused, None).await.slots.len(), 24);
}

/// A-T6: however busy it is, it takes as many reads as a quiet day. What it takes to reckon is told by the benchmark
/// `availability_of_90_days` of the domain.
#[tokio::test]
async fn a_t6_ninety_days_of_a_space_are_read_by_the_venue_and_two_batches() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, venue()).await;
    let mut booked = Vec::new();
    for number in 0..4 {
        booked.push(
            world
                .books(&carl, venue.id, hour(number * 24))
                .await
                .unwrap()
                .interval,
        );
    }
    let look = Look {
        venue: venue.id,
        space: None,
        window: Interval::new(day().start(), plus_minutes(day().start(), 90 * 1_440)).unwrap(),
        minutes: Some(60),
    };
    world.faults.take_calls();
    let found = venues::availability(&world.app, None, look).await.unwrap();
    let calls: Vec<(String, usize)> = world.faults.take_calls().into_iter().collect();
    let expected = [("BatchGetItem", 2), ("GetItem", 1)];
    assert_eq!(calls, expected.map(|(name, count)| (name.to_owned(), count)));
    // Elapsed hours: the clock may go forward meanwhile.
    assert_eq!(found.slots.len(), 90 * 24 - booked.len());
    assert!(booked.iter().all(|taken| !found.slots.contains(taken)));
}
