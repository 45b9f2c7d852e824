//! A-T4: a rule that hides a time also refuses whoever asks for it by hand, by its own code: with a quote, and
//! with a booking of a quote that was given before the rule was there.

use app::{Error, bookings, venues};
use domain::availability::{Block, BlockTime, Hours, Package, Rules, Season, SpecialDay, StartAlignment};
use domain::id::BlockId;
use domain::text::Label;
use domain::time::Interval;
use domain::venue::Venue;
use testkit::{Person, VenueBuilder, World};
use uuid::Uuid;

/// Wednesday, 10:00 to 12:00 in Berlin.
fn wanted() -> Interval {
    let at = |text: &str| text.parse().unwrap();
    Interval::new(at("2027-02-03T09:00:00Z"), at("2027-02-03T11:00:00Z")).unwrap()
}

fn label() -> Label {
    Label::parse("a rule").unwrap()
}

type Change = fn(&mut Rules);

/// Rules that allow the time but for one of them, whose code comes first.
fn every_rule() -> Vec<(&'static str, Change)> {
    let rule = |code: &'static str, change: Change| (code, change);
    vec![
        rule("min_duration", |r| r.min_minutes = 150),
        rule("max_duration", |r| r.max_minutes = 90),
        rule("alignment", |r| r.step_minutes = 45),
        rule("alignment", |r| {
            r.start_alignment = Some(StartAlignment {
                every_minutes: 60,
                offset_minutes: 30,
            });
        }),
        rule("lead_time", |r| r.lead_minutes = 3 * 1_440),
        rule("horizon", |r| r.horizon_days = 1),
        rule("packages_only", |r| {
            let hours = Hours {
                open_minute: 600,
                close_minute: 780,
            };
            r.packages_only = true;
            r.packages = vec![Package {
                name: label(),
                weekdays: vec![3],
                hours,
            }];
        }),
        rule("closed", |r| r.weekly.retain(|opening| opening.weekday != 3)),
        rule("season", |r| {
            r.seasons = vec![season(Vec::new(), None, None)];
        }),
        rule("min_duration", |r| {
            r.seasons = vec![season(r.weekly.clone(), Some(150), None)];
        }),
        rule("lead_time", |r| {
            r.seasons = vec![season(r.weekly.clone(), None, Some(3 * 1_440))];
        }),
        rule("special_hours", |r| {
            r.special_days = vec![SpecialDay {
                date: "2027-02-03".parse().unwrap(),
                hours: vec![Hours {
                    open_minute: 660,
                    close_minute: 1_200,
                }],
            }];
        }),
    ]
}

fn season(
    weekly: Vec<domain::availability::Opening>,
    min_minutes: Option<u32>,
    lead_minutes: Option<u32>,
) -> Season {
    Season {
        name: label(),
        from: "2027-02-01".parse().unwrap(),
        to: "2027-02-07".parse().unwrap(),
        priority: 0,
        weekly,
        min_minutes,
        lead_minutes,
    }
}

/// The code of a refusal, once every time that it offers has been quoted.
async fn refused_by<T: std::fmt::Debug>(
    world: &World,
    who: &Person,
    venue: &Venue,
    result: app::Result<T>,
) -> String {
    let refused = result.unwrap_err();
    if let Error::RefusedTime(refusal, alternatives) = &refused {
        let others = offered(world, venue, wanted().widened(1_440, 1_440)).await;
        assert_eq!(
            alternatives.is_empty(),
            others.is_empty(),
            "{refusal:?} {alternatives:?}"
        );
        assert!(alternatives.len() <= domain::availability::ALTERNATIVES_MAX);
        for alternative in alternatives {
            world.quote(who, venue.id, *alternative).await.unwrap();
        }
        return refusal.code().to_owned();
    }
    let Error::Refused(refusal) = refused else {
        panic!("{refused:?}")
    };
    refusal.code().to_owned()
}

/// What is offered of the wanted length.
async fn offered(world: &World, venue: &Venue, window: Interval) -> Vec<Interval> {
    let look = venues::Look {
        venue: venue.id,
        space: None,
        window,
        minutes: Some(120),
    };
    venues::availability(&world.app, None, look).await.unwrap().slots
}

async fn is_offered(world: &World, venue: &Venue) -> bool {
    offered(world, venue, wanted()).await.contains(&wanted())
}

async fn is_hidden_and_refused(
    world: &World,
    carl: &Person,
    venue: &Venue,
    quote: &domain::pricing::Quote,
    code: &str,
) {
    assert!(!is_offered(world, venue).await, "{code} does not hide");
    let asked = world.quote(carl, venue.id, wanted()).await;
    assert_eq!(refused_by(world, carl, venue, asked).await, code);
    let booked = bookings::create(&world.app, &carl.caller, &carl.once(code, "book"), quote.id).await;
    assert_eq!(refused_by(world, carl, venue, booked).await, code);
}

#[tokio::test]
async fn a_t4_what_a_rule_hides_is_refused_by_the_same_rule() {
    for (code, change) in every_rule() {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let carl = world.customer("carl").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        assert!(is_offered(&world, &venue).await);
        let quote = world.quote(&carl, venue.id, wanted()).await.unwrap();
        let mut rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
        change(&mut rules);
        assert_eq!(rules.problems(), [], "{code}");
        venues::set_rules(&world.app, vera.vendor(), None, venue.id, None, rules)
            .await
            .unwrap();
        is_hidden_and_refused(&world, &carl, &venue, &quote, code).await;
    }
}

#[tokio::test]
async fn a_t4_what_is_blocked_booked_or_too_near_to_a_booking_is_hidden_and_refused() {
    for code in ["blocked", "slot_taken", "buffer"] {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let (carl, olga) = (world.customer("carl").await, world.customer("olga").await);
        let venue = world
            .live_venue(
                &vera,
                VenueBuilder::default().rules(|r| r.turnaround_minutes = 60),
            )
            .await;
        let quote = world.quote(&carl, venue.id, wanted()).await.unwrap();
        let after = Interval::new(wanted().end(), domain::time::plus_minutes(wanted().end(), 60)).unwrap();
        match code {
            "blocked" => {
                let time = BlockTime::Once(wanted());
                venues::block(&world.app, vera.vendor(), None, venue.id, None, time, None)
                    .await
                    .unwrap();
            }
            "slot_taken" => _ = world.books(&olga, venue.id, wanted()).await.unwrap(),
            _ => _ = world.books(&olga, venue.id, after).await.unwrap(),
        }
        is_hidden_and_refused(&world, &carl, &venue, &quote, code).await;
    }
}

#[tokio::test]
async fn a_t4_the_past_is_hidden_and_refused() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let carl = world.customer("carl").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let now = world.now();
    let soon = Interval::new(
        domain::time::plus_minutes(now, 5 * 60),
        domain::time::plus_minutes(now, 6 * 60),
    )
    .unwrap();
    world.clock.advance_seconds(5 * 3_600);
    let asked = world.quote(&carl, venue.id, soon).await;
    assert_eq!(refused_by(&world, &carl, &venue, asked).await, "past");
}

/// Rules that wait for their decision close what they will close.
#[tokio::test]
async fn pending_rules_hide_and_refuse_already() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let carl = world.customer("carl").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let quote = world.quote(&carl, venue.id, wanted()).await.unwrap();
    let store = world.app.store();
    let (space, mut book) = store
        .space_with_rules(venue.id, venue.main_space)
        .await
        .unwrap()
        .unwrap();
    let mut pending = book.rules.clone();
    pending.blocks.push(Block {
        id: BlockId::from_uuid(Uuid::nil()),
        space: space.id,
        time: BlockTime::Once(wanted()),
        reason: None,
    });
    book.pending = Some(pending);
    let mut transaction = store::Transaction::new();
    let next = domain::space::Space {
        rules_version: space.rules_version + 1,
        ..space.clone()
    };
    transaction.put_space(&next, Some(space.rules_version));
    transaction.put_rules(&next, &book);
    store.commit(transaction).await.unwrap();
    is_hidden_and_refused(&world, &carl, &venue, &quote, "blocked").await;
    // As a change that broke off leaves it; the next one decides it.
    let rules = book.rules;
    venues::set_rules(&world.app, vera.vendor(), None, venue.id, None, rules)
        .await
        .unwrap();
    assert!(is_offered(&world, &venue).await);
}
