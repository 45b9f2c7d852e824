//! A-T4: a rule that hides a time also refuses whoever asks for it by hand, by its own code: with a quote, with a
//! booking of a quote that was given before the rule was there, with another time for a booking that stands, and with
//! what the vendor enters. By the use cases, which name alternatives, and by requests as anybody could send them.

mod price;
mod space;

use app::bookings::{self, OffPlatform};
use app::{Error, venues};
use domain::Refusal;
use domain::availability::{
    Block, BlockTime, Hours, Opening, Package, Repeating, Rules, Season, SpecialDay, StartAlignment,
    WALK_IN_MINUTES, WINDOW_DAYS_MAX,
};
use domain::booking::{Booking, Change as BookingChange, Guest, Placing};
use domain::calendar::{ENTRIES_PER_DAY_MAX, Entry};
use domain::id::{BlockId, BookingId, SpaceId};
use domain::pricing::Quote;
use domain::text::{Label, PersonName};
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use serde_json::json;
use testkit::{Person, VenueBuilder, World};
use uuid::Uuid;

use crate::contract::ask::{Answer, post};

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
                name: None,
                hours: vec![Hours {
                    open_minute: 660,
                    close_minute: 1_200,
                }],
            }];
        }),
    ]
}

fn season(weekly: Vec<Opening>, min_minutes: Option<u32>, lead_minutes: Option<u32>) -> Season {
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

/// A way to a time.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Looks only, and is told every rule that says no.
    Check,
    Quote,
    /// With a quote from before.
    Hold,
    PreviewMove,
    Move,
    /// The vendor's.
    Enter,
}

const CUSTOMERS: [Way; 5] = [Way::Check, Way::Quote, Way::Hold, Way::PreviewMove, Way::Move];

/// Somebody with a quote for a time that no rule is against yet.
struct Scene {
    world: World,
    vera: Person,
    carl: Person,
    venue: Venue,
    quote: Quote,
}

impl Scene {
    async fn new() -> Self {
        Self::at(VenueBuilder::default(), wanted()).await
    }

    async fn at(builder: VenueBuilder, time: Interval) -> Self {
        let world = World::new();
        let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
        let venue = world.live_venue(&vera, builder).await;
        let quote = world.quote(&carl, venue.id, time).await.unwrap();
        let scene = Self {
            world,
            vera,
            carl,
            venue,
            quote,
        };
        assert!(scene.is_offered().await);
        scene
    }

    async fn set_rules(&self, rules: Rules) {
        assert_eq!(rules.problems(), []);
        venues::set_rules(
            &self.world.app,
            self.vera.member(),
            None,
            self.venue.id,
            None,
            rules,
            None,
        )
        .await
        .unwrap();
    }

    async fn block(&self, space: Option<SpaceId>, time: BlockTime) {
        let vendor = self.vera.member();
        venues::block(&self.world.app, vendor, None, self.venue.id, space, time, None)
            .await
            .unwrap();
    }

    /// What is offered of the quoted length.
    async fn offered(&self, window: Interval) -> Vec<Interval> {
        let look = venues::Look {
            venue: self.venue.id,
            space: None,
            window,
            minutes: Some(u32::try_from(self.quote.interval.minutes()).unwrap()),
        };
        let found = venues::availability(&self.world.app, None, look).await.unwrap();
        found.slots
    }

    /// Whether anything at all is offered from now on, of any length or as a package.
    async fn is_anything_offered(&self) -> bool {
        let now = self.world.now();
        let days = i64::from(WINDOW_DAYS_MAX);
        let window = Interval::new(now, plus_minutes(now, days * 1_440)).unwrap();
        for minutes in (15..=240).step_by(15) {
            let look = venues::Look {
                venue: self.venue.id,
                space: None,
                window,
                minutes: Some(minutes),
            };
            let found = venues::availability(&self.world.app, None, look).await.unwrap();
            if !found.slots.is_empty() || !found.packages.is_empty() {
                return true;
            }
        }
        false
    }

    async fn is_offered(&self) -> bool {
        let time = self.quote.interval;
        self.offered(time).await.contains(&time)
    }

    async fn asks(&self) -> app::Result<Quote> {
        self.world
            .quote(&self.carl, self.venue.id, self.quote.interval)
            .await
    }

    async fn holds(&self) -> app::Result<Booking> {
        self.world.takes(&self.carl, &self.quote).await
    }

    /// What the vendor writes down for somebody who telephoned.
    async fn enters(&self) -> app::Result<Booking> {
        let ask = OffPlatform {
            venue: self.venue.id,
            space: Some(self.quote.space),
            interval: self.quote.interval,
            guests: self.quote.guests,
            layout: self.quote.layout.clone(),
            guest: Guest {
                name: PersonName::parse("Walter").unwrap(),
                contact: None,
            },
        };
        let once = self.vera.once("by hand", "enter");
        bookings::enter(
            &self.world.app,
            &self.vera.caller,
            self.vera.member(),
            &once,
            &ask,
        )
        .await
        .map(|entered| entered.value)
    }

    /// The code of a refusal, once every time that it offers has been quoted.
    async fn refused_by<T: std::fmt::Debug>(&self, result: app::Result<T>) -> &'static str {
        let refused = result.unwrap_err();
        if let Error::RefusedTime(refusal, alternatives) = &refused {
            assert_eq!(
                !alternatives.is_empty(),
                self.is_anything_offered().await,
                "{refusal:?} {alternatives:?}"
            );
            assert!(alternatives.len() <= domain::availability::ALTERNATIVES_MAX);
            for alternative in alternatives {
                let asked = self.world.quote(&self.carl, self.venue.id, *alternative).await;
                asked.unwrap();
            }
        }
        code(&refused)
    }

    async fn is_hidden_and_refused(&self, code: &str) {
        assert!(!self.is_offered().await, "{code} does not hide");
        assert_eq!(self.refused_by(self.asks().await).await, code);
        assert_eq!(self.refused_by(self.holds().await).await, code);
        let moves = self.proposes(&self.carl).await;
        assert_eq!(self.refused_by(moves).await, code, "another time");
        self.is_refused_by_hand(&CUSTOMERS, code).await;
    }

    /// A booking two weeks later, which is there whatever the rules are.
    async fn has_booked(&self) -> Booking {
        let later = |instant| plus_minutes(instant, 14 * 1_440);
        let time = self.quote.interval;
        let quote = Quote {
            interval: Interval::new(later(time.start()), later(time.end())).unwrap(),
            ..self.quote.clone()
        };
        let placing = Placing {
            id: BookingId::from_uuid(self.world.app.ids().uuid()),
            customer: self.carl.caller.user,
            spaces: vec![self.quote.space],
            setup_minutes: 0,
            turnaround_minutes: 0,
        };
        let (held, _) = Booking::placed(&quote, placing, self.world.now());
        let (paid, _) = held.apply(BookingChange::Paid, self.world.now()).unwrap();
        let booking = Booking { version: 1, ..paid };
        self.world.keeps(std::slice::from_ref(&booking)).await;
        booking
    }

    /// Asks for the time in place of that of another booking.
    async fn proposes(&self, who: &Person) -> app::Result<Booking> {
        let booking = self.has_booked().await;
        let once = who.once(&booking.id.to_string(), "propose");
        let time = self.quote.interval;
        bookings::propose(
            &self.world.app,
            &who.caller,
            &once,
            booking.id,
            bookings::Ask::plain(time),
        )
        .await
        .map(|proposed| proposed.value)
    }

    /// A request as anybody could send it.
    async fn by_hand(&self, way: Way) -> Answer {
        let app = &self.world.app;
        let Quote {
            venue,
            space,
            guests,
            layout,
            ..
        } = &self.quote;
        let (start, end) = (self.quote.interval.start(), self.quote.interval.end());
        let time = json!({"start": start, "end": end});
        let mut wish =
            json!({"space_id": space, "start": start, "end": end, "guests": guests, "layout": layout});
        let proposals = |booking: Booking| format!("/api/v1/bookings/{}/proposals", booking.id);
        let mut by = &self.carl;
        let (router, path, body) = match way {
            Way::Check => {
                let path = format!("/api/v1/venues/availability/{venue}/check");
                (::venues::router(app.clone()), path, wish)
            }
            Way::Quote => {
                wish["venue_id"] = json!(venue);
                (
                    ::venues::router(app.clone()),
                    "/api/v1/venues/quotes".to_owned(),
                    wish,
                )
            }
            Way::Hold => {
                let quote = json!({"quote_id": self.quote.id});
                let path = "/api/v1/bookings/create".to_owned();
                (::bookings::router(app.clone()), path, quote)
            }
            Way::PreviewMove => {
                let path = format!("{}/preview", proposals(self.has_booked().await));
                (::bookings::router(app.clone()), path, time)
            }
            Way::Move => (
                ::bookings::router(app.clone()),
                proposals(self.has_booked().await),
                time,
            ),
            Way::Enter => {
                by = &self.vera;
                wish["venue_id"] = json!(venue);
                wish["guest_name"] = json!("Walter");
                let path = "/api/v1/vendor/bookings/calendar".to_owned();
                (vendor::router(app.clone()), path, wish)
            }
        };
        let by = self.world.signs_in(&by.email).await;
        let key = format!("{way:?}-by-hand");
        post(path, body).by(&by).key(&key).of(router).await
    }

    async fn is_refused_by_hand(&self, ways: &[Way], code: &str) {
        for way in ways {
            let answer = self.by_hand(*way).await;
            if matches!(way, Way::Check) {
                let verdict = answer.is(200);
                assert_eq!(verdict["available"], false, "{code}");
                let reasons = verdict["reasons"].as_array().unwrap();
                assert!(reasons.iter().any(|reason| reason["code"] == code), "{verdict}");
            } else {
                answer.refuses(409, code);
            }
        }
    }

    /// Also to the vendor, whom lead time and horizon do not bind.
    async fn is_hidden_and_refused_to_all(&self, code: &str) {
        self.is_hidden_and_refused(code).await;
        let entered = self.enters().await;
        if ["lead_time", "horizon"].contains(&code) {
            assert_eq!(entered.unwrap().interval, self.quote.interval);
        } else {
            assert_eq!(code_of(entered), code, "what the vendor enters");
            assert_eq!(code_of(self.proposes(&self.vera).await), code);
            self.is_refused_by_hand(&[Way::Enter], code).await;
        }
    }

    /// Writes rules as a change that broke off leaves them.
    async fn announces(&self, change: impl FnOnce(&mut Rules)) {
        let store = self.world.app.store();
        let (id, main) = (self.venue.id, self.venue.main_space);
        let (space, mut book) = store.space_with_rules(id, main).await.unwrap().unwrap();
        let mut pending = book.rules.clone();
        change(&mut pending);
        assert_eq!(pending.problems(), []);
        book.pending = Some(pending);
        let mut transaction = store::Transaction::new();
        let next = domain::space::Space {
            rules_version: space.rules_version + 1,
            ..space.clone()
        };
        transaction.put_space(&next, Some(space.rules_version));
        transaction.put_rules(&next, &book);
        store.commit(transaction).await.unwrap();
    }
}

fn code(error: &Error) -> &'static str {
    let (Error::Refused(refusal) | Error::RefusedTime(refusal, _)) = error else {
        panic!("{error:?}")
    };
    assert!(is_shown_here(refusal), "{refusal:?}");
    refusal.code()
}

/// Whether it keeps somebody from a time of a space: then a test here shows that it hides what it refuses, however it
/// is asked for.
const fn is_shown_here(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Alignment { .. }
        | Refusal::PackagesOnly
        | Refusal::MinDuration { .. }
        | Refusal::MaxDuration { .. }
        | Refusal::Past
        | Refusal::LeadTime { .. }
        | Refusal::Horizon { .. }
        | Refusal::Closed
        | Refusal::Season
        | Refusal::SpecialHours
        | Refusal::Blocked
        | Refusal::SlotTaken
        | Refusal::LinkedSpace
        | Refusal::Buffer
        | Refusal::NotBookable
        | Refusal::DayFull
        | Refusal::Capacity { .. }
        | Refusal::Layout
        | Refusal::NoPrice
        | Refusal::Amount
        | Refusal::AmountTooSmall { .. }
        | Refusal::TooManyRates
        | Refusal::LimitReached { .. } => true,
        Refusal::BookingsInTheWay
        | Refusal::QuoteExpired { .. }
        | Refusal::QuoteOutdated
        | Refusal::AddOn { .. }
        | Refusal::Promo { .. }
        | Refusal::SpecialOffer { .. }
        | Refusal::NotTheFirst
        | Refusal::InvalidTransition { .. }
        | Refusal::HoldLapsed
        | Refusal::PreviewOutdated
        | Refusal::TooManyHolds { .. }
        | Refusal::RevisionOutdated
        | Refusal::Incomplete { .. }
        | Refusal::NothingToPay
        | Refusal::RefundTooLarge
        | Refusal::Unverified
        | Refusal::AlreadyApplied
        | Refusal::OwnerStays => false,
    }
}

fn code_of<T: std::fmt::Debug>(result: app::Result<T>) -> &'static str {
    code(&result.unwrap_err())
}

#[tokio::test]
async fn a_t4_what_a_rule_hides_is_refused_by_the_same_rule() {
    for (code, change) in every_rule() {
        let scene = Scene::new().await;
        let mut rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
        change(&mut rules);
        scene.set_rules(rules).await;
        scene.is_hidden_and_refused_to_all(code).await;
    }
}

#[tokio::test]
async fn a_t4_what_is_booked_or_too_near_to_a_booking_is_hidden_and_refused() {
    let after = Interval::new(wanted().end(), plus_minutes(wanted().end(), 60)).unwrap();
    for (code, booked) in [("slot_taken", wanted()), ("buffer", after)] {
        let builder = VenueBuilder::default().rules(|r| r.turnaround_minutes = 60);
        let scene = Scene::at(builder, wanted()).await;
        let olga = scene.world.customer("olga").await;
        scene.world.books(&olga, scene.venue.id, booked).await.unwrap();
        scene.is_hidden_and_refused_to_all(code).await;
    }
}

#[tokio::test]
async fn a_t4_what_is_blocked_in_any_way_is_hidden_and_refused() {
    let date = |text: &str| text.parse().unwrap();
    let hours = Hours {
        open_minute: 11 * 60,
        close_minute: 12 * 60,
    };
    let rule = "FREQ=WEEKLY".parse().unwrap();
    let repeating = Repeating::new(date("2027-01-06"), hours, rule, [].into()).unwrap();
    for time in [
        BlockTime::Once(wanted()),
        BlockTime::Days {
            from: date("2027-02-02"),
            to: date("2027-02-03"),
        },
        BlockTime::Repeating(repeating),
    ] {
        let scene = Scene::new().await;
        scene.block(None, time).await;
        scene.is_hidden_and_refused_to_all("blocked").await;
    }
}

#[tokio::test]
async fn a_t4_the_past_is_hidden_and_refused() {
    let begin = testkit::NOW.parse().unwrap();
    let soon = Interval::new(plus_minutes(begin, 30), plus_minutes(begin, 150)).unwrap();
    let mut scene = Scene::at(VenueBuilder::default(), soon).await;
    scene.world.clock.advance_minutes(20);
    scene.quote = scene.asks().await.unwrap();
    scene.world.clock.advance_minutes(10);
    scene.is_hidden_and_refused("past").await;
    // Somebody walks in, and it is written down a little later.
    scene.world.clock.advance_minutes(WALK_IN_MINUTES);
    assert_eq!(code_of(scene.enters().await), "past");
    scene.world.clock.advance_seconds(-1);
    assert_eq!(scene.enters().await.unwrap().interval, soon);
}

#[tokio::test]
async fn a_t4_a_day_with_as_many_bookings_as_it_holds_is_hidden_and_refused() {
    let scene = Scene::new().await;
    let (store, spaces) = (scene.world.app.store(), [scene.venue.main_space]);
    let mut calendar = store.calendar(&spaces, wanted()).await.unwrap();
    for n in 0..ENTRIES_PER_DAY_MAX {
        // Short ones, one after the other, from the end of what is wanted.
        let start = plus_minutes(wanted().end(), i64::try_from(n).unwrap() * 3);
        let entry = Entry {
            booking: BookingId::from_uuid(Uuid::from_u128(n as u128 + 1)),
            space: scene.venue.main_space,
            interval: Interval::new(start, plus_minutes(start, 3)).unwrap(),
            setup_minutes: 0,
            turnaround_minutes: 0,
            hold_until: None,
            proposed: false,
        };
        calendar.reserve(&spaces, &entry, scene.world.now()).unwrap();
    }
    let mut transaction = store::Transaction::new();
    transaction.put_days(&calendar);
    store.commit(transaction).await.unwrap();
    scene.is_hidden_and_refused_to_all("day_full").await;
}

/// Rules that wait for their decision close what they will close, and say which of them does.
#[tokio::test]
async fn a_t4_pending_rules_hide_and_refuse_already_by_their_own_code() {
    let on_the_day = |hours: Vec<Hours>| SpecialDay {
        date: "2027-02-03".parse().unwrap(),
        name: None,
        hours,
    };
    for code in ["blocked", "special_hours", "season", "closed"] {
        let scene = Scene::new().await;
        let main = scene.venue.main_space;
        scene
            .announces(|rules| match code {
                "blocked" => rules.blocks.push(Block {
                    id: BlockId::from_uuid(Uuid::nil()),
                    space: main,
                    time: BlockTime::Once(wanted()),
                    reason: None,
                }),
                "special_hours" => rules.special_days = vec![on_the_day(Vec::new())],
                "season" => rules.seasons = vec![season(Vec::new(), None, None)],
                _ => rules.weekly.clear(),
            })
            .await;
        scene.is_hidden_and_refused_to_all(code).await;
        // The next change decides what broke off.
        scene
            .set_rules(testkit::hours_every_day("Europe/Berlin", 0, 1_440))
            .await;
        assert!(scene.is_offered().await);
    }
}
