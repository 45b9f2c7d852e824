//! What a change of hours is foreseen to do is what it does: the same bookings refuse it, and what is free before and
//! after differs by what was told.

use std::collections::BTreeSet;

use app::venues::{self, FORESEEN_DAYS, Foreseen, Look, QuoteRequest};
use app::{Error, bookings};
use domain::availability::{BlockTime, Hours, Rules, Season, SpecialDates, SpecialDay, SpecialHours};
use domain::id::SpaceId;
use domain::money::Money;
use domain::spans::Spans;
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::Date;
use testkit::{Person, VenueBuilder, World, hours_every_day, space_settings};

const SEEDS: u64 = 3;
/// Changes of one venue, one after the other.
const CHANGES: usize = 14;
/// Clocks are shifted there within the days that are looked at.
const ZONE: &str = "America/New_York";

struct Place {
    world: World,
    vera: Person,
    carl: Person,
    venue: Venue,
    spaces: Vec<SpaceId>,
}

impl Place {
    /// A hall of two rooms, booked here and there.
    async fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let world = World::seeded(seed);
        let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
        let builder = VenueBuilder::default().in_zone(ZONE);
        let venue = world.live_venue(&vera, builder).await;
        let spaces = vec![venue.main_space];
        let mut place = Self {
            world,
            vera,
            carl,
            venue,
            spaces,
        };
        let (left, right) = (place.room(Vec::new()).await, place.room(Vec::new()).await);
        place.room(vec![left, right]).await;
        for n in 0..25 {
            place.somebody_books(n, &mut random).await;
        }
        let blocked = BlockTime::Days {
            from: place.today() + 9.days(),
            to: place.today() + 9.days(),
        };
        let _ = venues::block(
            &place.world.app,
            place.vera.member(),
            None,
            place.venue.id,
            Some(left),
            blocked,
            None,
        )
        .await;
        place
    }

    async fn room(&mut self, parts: Vec<SpaceId>) -> SpaceId {
        let (vendor, venue) = (self.vera.member(), self.venue.id);
        let settings = space_settings("Room", parts);
        let price = Money::new(2_000, "EUR".parse().unwrap());
        let room = self
            .world
            .opens_space(vendor, venue, &settings, hours_every_day(ZONE, 0, 1_440), price)
            .await;
        self.spaces.push(room);
        room
    }

    async fn somebody_books(&self, n: usize, random: &mut Rng) {
        let (app, carl) = (&self.world.app, &self.carl);
        let space = self.spaces[random.usize(..self.spaces.len())];
        let start = plus_minutes(self.world.now(), random.i64(1..60 * 24) * 60);
        let time = Interval::new(start, plus_minutes(start, random.i64(1..5) * 60)).unwrap();
        let ask = QuoteRequest::plain(self.venue.id, Some(space), time, 2);
        let Ok(quote) = venues::quote(app, Some(&carl.caller), None, ask).await else {
            return;
        };
        let once = carl.once(&n.to_string(), "book");
        let Ok(held) = bookings::create(app, &carl.caller, &once, quote.value.id).await else {
            return;
        };
        self.world.confirms(&held.value).await;
    }

    fn today(&self) -> Date {
        self.venue
            .location
            .zone
            .rules()
            .to_datetime(self.world.now())
            .date()
    }

    fn window(&self) -> Interval {
        let last = self.today() + i64::try_from(FORESEEN_DAYS - 1).unwrap().days();
        Interval::new(
            self.world.now(),
            self.venue.location.zone.day(last).unwrap().end(),
        )
        .unwrap()
    }

    /// What is free of every space, as anybody is shown it.
    async fn free(&self) -> Vec<(SpaceId, Spans)> {
        let mut free = Vec::new();
        for space in &self.spaces {
            let look = Look {
                venue: self.venue.id,
                space: Some(*space),
                window: self.window(),
                minutes: None,
            };
            let shown = venues::availability(&self.world.app, None, look).await.unwrap();
            free.push((*space, shown.free.into_iter().collect()));
        }
        free
    }

    fn any_rules(&self, random: &mut Rng) -> Rules {
        let open = random.u32(0..8) * 60;
        let close = if random.bool() {
            1_440
        } else {
            open + random.u32(10..=24) * 60
        };
        let mut rules = hours_every_day(ZONE, open, close);
        rules.setup_minutes = random.u32(0..3) * 30;
        rules.turnaround_minutes = random.u32(0..3) * 30;
        let day = |n: i64| self.today() + n.days();
        if random.bool() {
            let first = random.i64(0..50);
            rules.seasons = vec![Season {
                name: Label::parse("Season").unwrap(),
                from: day(first),
                to: day(first + 5),
                priority: 0,
                weekly: rules.weekly[..random.usize(0..7)].to_vec(),
                min_minutes: None,
                lead_minutes: None,
            }];
        }
        if random.bool() {
            let hours = vec![Hours {
                open_minute: 600,
                close_minute: 1_500,
            }];
            rules.special_days = vec![SpecialDay {
                date: day(random.i64(0..60)),
                name: None,
                hours,
            }];
        }
        rules
    }
}

/// That the spaces differ by what was foreseen, and by nothing else.
fn check(foreseen: &Foreseen, before: &[(SpaceId, Spans)], after: &[(SpaceId, Spans)]) {
    for ((space, before), (_, after)) in before.iter().zip(after) {
        let shift = foreseen.spaces.iter().find(|shift| shift.space.id == *space);
        let (opened, closed) = shift
            .map(|shift| (shift.opened.clone(), shift.closed.clone()))
            .unwrap_or_default();
        assert_eq!(opened, after.minus(before), "{space}");
        assert_eq!(closed, before.minus(after), "{space}");
    }
}

#[tokio::test]
async fn a_change_of_hours_does_what_it_was_foreseen_to_do() {
    let (mut accepted, mut refused, mut opened, mut closed) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let place = Place::new(seed).await;
        let mut random = Rng::with_seed(seed);
        let (app, vendor, id) = (&place.world.app, place.vera.member(), place.venue.id);
        for _ in 0..CHANGES {
            let space = Some(place.spaces[random.usize(..place.spaces.len())]);
            let before = place.free().await;
            let stored = app.store().spaces_with_rules(id).await.unwrap();
            let (foreseen, done) = if random.u8(0..3) == 0 {
                let dates: BTreeSet<Date> =
                    (0..3).map(|_| place.today() + random.i64(0..70).days()).collect();
                let hours = [Hours {
                    open_minute: 720,
                    close_minute: 1_320,
                }];
                let hours = if random.bool() { &hours[..] } else { &[] };
                let special = SpecialHours {
                    dates: SpecialDates::Named { dates, name: None },
                    hours: hours.to_vec(),
                };
                let foreseen = venues::foresee_special_days(app, vendor, id, space, &special)
                    .await
                    .unwrap();
                assert_eq!(
                    app.store().spaces_with_rules(id).await.unwrap(),
                    stored,
                    "nothing is written"
                );
                (
                    foreseen,
                    venues::set_special_days(app, vendor, None, id, space, &special, None).await,
                )
            } else {
                let rules = place.any_rules(&mut random);
                let foreseen = venues::foresee_rules(app, vendor, id, space, &rules)
                    .await
                    .unwrap();
                assert_eq!(
                    app.store().spaces_with_rules(id).await.unwrap(),
                    stored,
                    "nothing is written"
                );
                (
                    foreseen,
                    venues::set_rules(app, vendor, None, id, space, rules, None).await,
                )
            };
            match done {
                Ok(_) => {
                    assert_eq!(foreseen.conflicts, [], "seed {seed}");
                    check(&foreseen, &before, &place.free().await);
                    accepted += 1;
                    opened += foreseen
                        .spaces
                        .iter()
                        .filter(|shift| !shift.opened.is_empty())
                        .count();
                    closed += foreseen
                        .spaces
                        .iter()
                        .filter(|shift| !shift.closed.is_empty())
                        .count();
                }
                Err(Error::BookingsInTheWay(conflicts)) => {
                    assert_eq!(foreseen.conflicts, conflicts, "seed {seed}");
                    assert_eq!(place.free().await, before, "seed {seed}");
                    refused += 1;
                }
                Err(other) => panic!("seed {seed}: {other:?}"),
            }
        }
    }
    assert!(
        [accepted, refused, opened, closed].iter().all(|count| *count > 0),
        "{accepted} accepted, {refused} refused, {opened} opened, {closed} closed"
    );
}

/// What was announced and left by a function that was killed is decided by whichever change comes next.
#[tokio::test]
async fn what_was_left_undecided_is_foreseen_to_be_decided() {
    let place = Place::new(9).await;
    let (app, vendor, id) = (&place.world.app, place.vera.member(), place.venue.id);
    let (space, book) = app
        .store()
        .space_with_rules(id, place.spaces[1])
        .await
        .unwrap()
        .unwrap();
    let mut transaction = store::Transaction::new();
    let left = domain::availability::RuleBook {
        pending: Some(Rules::closed(ZONE.parse().unwrap())),
        version: space.rules_version + 1,
        ..book
    };
    let moved = domain::space::Space {
        rules_version: left.version,
        ..space.clone()
    };
    transaction.put_space(&moved, Some(space.rules_version));
    transaction.put_rules(&moved, &left);
    app.store().commit(transaction).await.unwrap();
    let before = place.free().await;
    let (_, own) = app
        .store()
        .space_with_rules(id, place.venue.main_space)
        .await
        .unwrap()
        .unwrap();
    let foreseen = venues::foresee_rules(app, vendor, id, None, &own.rules)
        .await
        .unwrap();
    let shifted: Vec<SpaceId> = foreseen.spaces.iter().map(|shift| shift.space.id).collect();
    assert_eq!(shifted, [place.spaces[1]]);
    venues::set_rules(app, vendor, None, id, None, own.rules, None)
        .await
        .unwrap();
    check(&foreseen, &before, &place.free().await);
}
