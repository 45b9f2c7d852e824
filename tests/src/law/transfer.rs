//! 5.9: a venue that goes to another business takes nobody with it who is still to come, leaves what is over with whom
//! it was, and is from then on the other's alone, whoever races.

use app::bookings::{self, OffPlatform, Whose};
use app::error::Conflict;
use app::vendors::{self, PromoTerms};
use app::venues::{self, Days, TransferOrder, Verdict};
use app::{App, Error, realtime};
use domain::Refusal;
use domain::availability::BlockTime;
use domain::booking::{Booking, BookingHandle, Filter, Guest, HOLD_MINUTES};
use domain::channel::Channel;
use domain::id::{VendorId, VenueId};
use domain::money::Money;
use domain::pricing::{PromoCode, PromoEffect, PromoObstacle, QuoteId};
use domain::text::{PersonName, Reason};
use domain::time::{Interval, plus_minutes};
use domain::venue::{Revised, RevisionState, Transfer, Venue, VenueState};
use futures_util::future::{join_all, join3, join4};
use testkit::{Fault, Person, VenueBuilder, World, space_settings};

use super::under_a_virtual_clock;

const SEEDS: u32 = 30;
/// A hold that has lapsed for longer than any clock is behind.
const LONG_LAPSED_SECONDS: i64 = 60;

fn hour(n: i64) -> Interval {
    let first = "2027-02-03T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, n * 60);
    Interval::new(start, plus_minutes(start, 60)).unwrap()
}

fn reason() -> Reason {
    Reason::parse("Sold with the house.").unwrap()
}

fn invalid(result: app::Result<Revised>) -> Vec<String> {
    match result {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect(),
        other => panic!("{other:?}"),
    }
}

/// Vera's venue, which is to be Otto's.
struct Scene {
    world: World,
    admin: Person,
    vera: Person,
    otto: Person,
    carl: Person,
    venue: Venue,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let (admin, carl) = (world.admin().await, world.customer("carl").await);
        let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        Self {
            world,
            admin,
            vera,
            otto,
            carl,
            venue,
        }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    fn id(&self) -> VenueId {
        self.venue.id
    }

    async fn venue(&self) -> Venue {
        self.app().store().venue(self.id()).await.unwrap().unwrap()
    }

    async fn hands_over(&self, venue: VenueId, to: VendorId) -> app::Result<Revised> {
        let order = TransferOrder { to, reason: reason() };
        venues::transfer(self.app(), self.admin.caller.user, None, venue, &order)
            .await
            .map(|outcome| outcome.value)
    }

    async fn goes_to(&self, to: &Person) -> app::Result<Revised> {
        self.hands_over(self.id(), to.vendor()).await
    }

    async fn pauses(&self, who: &Person) {
        venues::pause(self.app(), who.member(), None, self.id())
            .await
            .unwrap();
    }

    async fn resumes(&self, who: &Person) {
        venues::resume(self.app(), who.member(), None, self.id())
            .await
            .unwrap();
    }

    /// Off the market, to Otto, and back on it.
    async fn is_ottos_and_live(&self) {
        self.pauses(&self.vera).await;
        self.goes_to(&self.otto).await.unwrap();
        self.resumes(&self.otto).await;
    }

    async fn transfers(&self) -> Vec<Transfer> {
        venues::transfers(self.app(), self.id(), 100, None)
            .await
            .unwrap()
            .0
    }

    async fn books(&self, n: i64) -> Booking {
        self.world.books(&self.carl, self.id(), hour(n)).await.unwrap()
    }

    /// Somebody has been there, and it is over.
    async fn was_visited(&self, n: i64) -> Booking {
        let booking = self.world.confirms(&self.books(n).await).await;
        self.world.clock.set(plus_minutes(booking.interval.end(), 1));
        booking
    }

    async fn enters(&self, who: &Person, time: Interval) -> app::Result<Booking> {
        let ask = OffPlatform {
            venue: self.id(),
            space: None,
            interval: time,
            guests: 2,
            layout: None,
            guest: Guest {
                name: PersonName::parse("Gus").unwrap(),
                contact: None,
            },
        };
        let once = who.once(&format!("{} enters {}", who.email, time.start()), "enter");
        bookings::enter(self.app(), &who.caller, who.member(), &once, &ask)
            .await
            .map(|outcome| outcome.value)
    }
}

#[tokio::test]
async fn a_venue_is_not_handed_over_while_anybody_is_to_come_and_they_are_told() {
    let scene = Scene::new().await;
    let room = space_settings("Room", Vec::new());
    let rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
    let per_hour = Money::new(2_000, "EUR".parse().unwrap());
    let room = scene
        .world
        .opens_space(scene.vera.member(), scene.id(), &room, rules, per_hour)
        .await;
    let late = scene.books(49).await;
    let ask = venues::QuoteRequest::plain(scene.id(), Some(room), hour(40), 2);
    let quote = venues::quote(scene.app(), Some(&scene.carl.caller), None, ask).await;
    let early = scene
        .world
        .takes(&scene.carl, &quote.unwrap().value)
        .await
        .unwrap();
    let early = scene.world.confirms(&early).await;
    scene.pauses(&scene.vera).await;
    let before = scene.venue().await;
    let conflict = |booking: &Booking| Conflict {
        booking: booking.id,
        space: booking.space,
        interval: booking.interval,
    };
    let in_the_way = scene.goes_to(&scene.otto).await.unwrap_err();
    let expected = vec![conflict(&early), conflict(&late)];
    assert_eq!(in_the_way, Error::BookingsInTheWay(expected));
    assert_eq!(scene.venue().await, before);
    assert_eq!(scene.transfers().await, []);
    // A hold counts until it has lapsed, and a moment longer, for clocks that are behind.
    scene.world.cancels(&scene.vera, early.id).await.unwrap();
    scene.world.clock.set(late.hold_until.unwrap());
    let in_the_way = scene.goes_to(&scene.otto).await.unwrap_err();
    assert_eq!(in_the_way, Error::BookingsInTheWay(vec![conflict(&late)]));
    scene.world.clock.advance_seconds(LONG_LAPSED_SECONDS);
    scene.goes_to(&scene.otto).await.unwrap();
}

#[tokio::test]
async fn a_draft_or_a_paused_venue_is_handed_over_and_no_other() {
    let scene = Scene::new().await;
    let (app, vera, otto) = (scene.app(), scene.vera.vendor(), scene.otto.vendor());
    let refused = |from, allowed| Err(Error::Refused(Refusal::InvalidTransition { from, allowed }));
    let gone = scene.hands_over(scene.id(), otto).await;
    assert_eq!(gone, refused("live", vec!["pause"]));
    let draft = scene.world.draft(&scene.vera, VenueBuilder::default()).await.id;
    venues::submit(app, scene.vera.member(), None, draft)
        .await
        .unwrap();
    let gone = scene.hands_over(draft, otto).await;
    assert_eq!(gone, refused("submitted", vec!["approve", "request_changes"]));
    // What an admin asked for is still to be done, by whoever has it then.
    let asked = Reason::parse("Another photo.").unwrap();
    venues::decide(app, None, draft, Verdict::RequestChanges(asked.clone()))
        .await
        .unwrap();
    let gone = scene.hands_over(draft, otto).await.unwrap().venue;
    assert_eq!(
        (gone.state, gone.vendor, gone.reason),
        (VenueState::Draft, otto, Some(asked))
    );
    venues::archive(app, scene.otto.member(), None, draft)
        .await
        .unwrap();
    let gone = scene.hands_over(draft, vera).await;
    assert_eq!(gone, refused("archived", Vec::new()));
    scene.pauses(&scene.vera).await;
    let gone = scene.goes_to(&scene.otto).await.unwrap().venue;
    assert_eq!((gone.state, gone.vendor), (VenueState::Paused, otto));
    assert_eq!(
        scene
            .hands_over(VenueId::from_uuid(uuid::Uuid::nil()), otto)
            .await,
        Err(Error::NotFound)
    );
}

#[tokio::test]
async fn only_another_business_that_is_approved_is_given_a_venue() {
    let scene = Scene::new().await;
    scene.pauses(&scene.vera).await;
    let before = scene.venue().await;
    let applicant = scene.world.applicant("anna").await;
    let nobody = VendorId::from_uuid(uuid::Uuid::nil());
    for to in [nobody, applicant.vendor(), scene.vera.vendor()] {
        assert_eq!(invalid(scene.hands_over(scene.id(), to).await), ["/vendor_id"]);
    }
    let no = domain::vendor::Verdict::Reject(reason());
    vendors::decide(scene.app(), None, applicant.vendor(), no)
        .await
        .unwrap();
    assert_eq!(invalid(scene.goes_to(&applicant).await), ["/vendor_id"]);
    assert_eq!(scene.venue().await, before);
    assert_eq!(scene.transfers().await, []);
}

/// Whether a business gets anywhere with a venue: `NotFound` everywhere, or nowhere.
async fn runs(scene: &Scene, who: &Person) -> bool {
    let (app, vendor, id) = (scene.app(), who.member(), scene.id());
    let space = scene.venue.main_space;
    let dates = vec!["2027-02-03".parse().unwrap()];
    let days = Days {
        dates,
        venues: [id].into(),
    };
    let here = Filter {
        venue: Some(id),
        ..Filter::default()
    };
    let rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
    let block = BlockTime::Once(hour(90));
    let stored = app.store().offer(id, None).await.unwrap().unwrap();
    let rates = stored.rates.unwrap();
    let room = space_settings("The Loft", Vec::new());
    let told = [
        venues::overview(app, vendor, id).await.map(drop),
        venues::managed(app, vendor, id, None).await.map(drop),
        venues::spaces(app, vendor, id).await.map(drop),
        venues::rules(app, vendor, id, None).await.map(drop),
        venues::calendar(app, vendor, &days, 10, None).await.map(drop),
        bookings::vendor_calendar(app, vendor, id, hour(90))
            .await
            .map(drop),
        bookings::history(app, Whose::Vendor(vendor), &here, 10, None)
            .await
            .map(drop),
        venues::set_rates(app, vendor, None, id, None, &rates, None)
            .await
            .map(drop),
        venues::set_rules(app, vendor, None, id, None, rules, None)
            .await
            .map(drop),
        venues::set_space(app, vendor, None, id, space, &room, None)
            .await
            .map(drop),
        venues::block(app, vendor, None, id, None, block, None)
            .await
            .map(drop),
        venues::photo_upload(app, vendor, id, "image/png").await.map(drop),
        venues::details(app, Some(&who.caller), id, None).await.map(drop),
    ];
    let is_found = |told: &app::Result<()>| match told {
        Ok(()) => true,
        Err(Error::NotFound) => false,
        Err(other) => panic!("{other:?}"),
    };
    let found = told.iter().filter(|told| is_found(told)).count();
    assert!(found == 0 || found == told.len(), "{told:?}");
    let channel = Channel::VenueAvailability(id);
    let heard = realtime::events_since(app, Some(&who.caller), &channel, 0, None, 1).await;
    assert_eq!(is_found(&heard.map(drop)), found > 0);
    let (mine, _) = venues::mine(app, vendor, 100, None).await.unwrap();
    assert_eq!(mine.iter().any(|venue| venue.id == id), found > 0);
    found > 0
}

#[tokio::test]
async fn a_venue_is_there_for_the_business_that_runs_it_and_for_no_other() {
    let scene = Scene::new().await;
    let unused = venues::SpaceSettings {
        in_use: false,
        ..space_settings("Attic", Vec::new())
    };
    scene
        .world
        .adds_space(scene.vera.member(), scene.id(), &unused)
        .await;
    scene.pauses(&scene.vera).await;
    assert!(runs(&scene, &scene.vera).await && !runs(&scene, &scene.otto).await);
    let spaces = scene.app().store().spaces(scene.id()).await.unwrap();
    scene.goes_to(&scene.otto).await.unwrap();
    assert!(runs(&scene, &scene.otto).await && !runs(&scene, &scene.vera).await);
    let after = scene.app().store().spaces(scene.id()).await.unwrap();
    assert_eq!((spaces.len(), after.len()), (2, 2));
    assert!(after.iter().all(|space| space.vendor == scene.otto.vendor()));
    // Nor can the one before bring it back, or say what its vendor wants of it.
    let (app, vera, id) = (scene.app(), scene.vera.member(), scene.id());
    let steps = [
        venues::resume(app, vera, None, id).await.map(drop),
        venues::archive(app, vera, None, id).await.map(drop),
        venues::withdraw_revision(app, vera, None, id).await.map(drop),
    ];
    assert_eq!(steps, [(); 3].map(|()| Err(Error::NotFound)));
    scene.resumes(&scene.otto).await;
    assert_eq!(scene.enters(&scene.vera, hour(5)).await, Err(Error::NotFound));
    let entered = scene.enters(&scene.otto, hour(5)).await.unwrap();
    assert_eq!(entered.vendor, scene.otto.vendor());
}

#[tokio::test]
async fn a_quote_that_was_given_before_makes_no_booking_with_the_business_that_gave_it() {
    let scene = Scene::new().await;
    let old = scene.world.quote(&scene.carl, scene.id(), hour(5)).await.unwrap();
    scene.is_ottos_and_live().await;
    let refused = scene.world.takes(&scene.carl, &old).await;
    assert_eq!(refused, Err(Error::Refused(Refusal::QuoteOutdated)));
    // A new one makes one, for the same time.
    let booked = scene.books(5).await;
    assert_eq!(booked.vendor, scene.otto.vendor());
    // Once it is the first one's again, so is its quote.
    scene.world.cancels(&scene.carl, booked.id).await.unwrap();
    scene.pauses(&scene.otto).await;
    scene.goes_to(&scene.vera).await.unwrap();
    scene.resumes(&scene.vera).await;
    let booked = scene.world.takes(&scene.carl, &old).await.unwrap();
    assert_eq!(booked.vendor, scene.vera.vendor());
}

#[tokio::test]
async fn promo_codes_stay_with_the_business_that_gave_them_out() {
    let scene = Scene::new().await;
    let code: PromoCode = "LOFT-10".parse().unwrap();
    let terms = PromoTerms {
        effect: PromoEffect::Percent(1_000),
        uses_max: None,
        uses_per_customer_max: None,
        from: None,
        until: None,
        minimum_spend: None,
        venues: vec![scene.id()],
    };
    let sets = |who| vendors::set_promo(scene.app(), who, None, &code, &terms, None);
    let quote = || {
        let code = Some(code.clone());
        scene.world.quote_with(&scene.carl, scene.id(), hour(5), code)
    };
    sets(scene.vera.member()).await.unwrap();
    let with = quote().await.unwrap().price.total;
    scene.is_ottos_and_live().await;
    let obstacle = PromoObstacle::Unknown;
    let unknown = Error::Refused(Refusal::Promo { obstacle });
    assert_eq!(quote().await.unwrap_err(), unknown);
    // The one before can name the venue no more; the other's code of the same name is another.
    assert!(matches!(sets(scene.vera.member()).await, Err(Error::Invalid(_))));
    sets(scene.otto.member()).await.unwrap();
    assert_eq!(quote().await.unwrap().price.total, with);
    let used = async |who: &Person| {
        let promos = vendors::promos(scene.app(), who.member()).await.unwrap();
        promos[0].uses
    };
    let quoted = quote().await.unwrap();
    scene.world.takes(&scene.carl, &quoted).await.unwrap();
    assert_eq!((used(&scene.vera).await, used(&scene.otto).await), (0, 1));
}

#[tokio::test]
async fn what_is_over_stays_with_the_business_that_hosted_it() {
    let scene = Scene::new().await;
    let past = scene.was_visited(5).await;
    scene.is_ottos_and_live().await;
    let new = scene.world.confirms(&scene.books(10).await).await;
    assert_eq!(
        (past.vendor, new.vendor),
        (scene.vera.vendor(), scene.otto.vendor())
    );
    let (app, id) = (scene.app(), scene.id());
    let stored = app.store().booking(past.id).await.unwrap().unwrap();
    assert_eq!(stored, past);
    let paid = app.store().payments_of(past.id).await.unwrap();
    assert!(paid.iter().all(|payment| payment.vendor == scene.vera.vendor()));
    let ids = |bookings: &[Booking]| bookings.iter().map(|booking| booking.id).collect::<Vec<_>>();
    for (who, own, others) in [(&scene.vera, &past, &new), (&scene.otto, &new, &past)] {
        let whose = Whose::Vendor(who.member());
        let all = bookings::history(app, whose, &Filter::default(), 10, None).await;
        assert_eq!(ids(&all.unwrap().0), [own.id], "{}", who.email);
        let sees = async |booking: &Booking| {
            let handle = BookingHandle::Id(booking.id);
            bookings::status(app, &who.caller, &handle).await.is_ok()
        };
        assert!(sees(own).await && !sees(others).await, "{}", who.email);
    }
    // Lists and calendars of the venue have what is Otto's, and nothing of Vera's customers.
    let otto = scene.otto.member();
    let here = Filter {
        venue: Some(id),
        ..Filter::default()
    };
    let listed = bookings::history(app, Whose::Vendor(otto), &here, 10, None).await;
    assert_eq!(ids(&listed.unwrap().0), [new.id]);
    let file = bookings::export(app, Whose::Vendor(otto), &here).await;
    assert_eq!(ids(&file.unwrap()), [new.id]);
    let day = hour(0).through(hour(23));
    let (listed, _) = bookings::vendor_calendar(app, otto, id, day).await.unwrap();
    assert_eq!(ids(&listed), [new.id]);
    let days = Days {
        dates: vec!["2027-02-03".parse().unwrap()],
        venues: [id].into(),
    };
    let shown = venues::calendar(app, otto, &days, 10, None).await.unwrap();
    assert_eq!(shown.bookings.into_keys().collect::<Vec<_>>(), [new.id]);
}

#[tokio::test]
async fn money_that_comes_too_late_makes_no_booking_with_the_business_before() {
    let scene = Scene::new().await;
    let held = scene.books(5).await;
    scene.world.clock.set(held.hold_until.unwrap());
    scene.world.clock.advance_seconds(LONG_LAPSED_SECONDS);
    scene.is_ottos_and_live().await;
    let late = scene.world.confirms(&held).await;
    assert!(!late.state.is_firm(), "{:?}", late.state);
    let refunds = scene.app().store().refunds_of(held.id).await.unwrap();
    let amounts: Vec<_> = refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(amounts, [held.price.total]);
    assert_eq!(scene.books(5).await.vendor, scene.otto.vendor());
}

#[tokio::test]
async fn what_the_business_before_wanted_said_is_not_looked_at_any_more() {
    let scene = Scene::new().await;
    let (app, id) = (scene.app(), scene.id());
    let media = scene.world.photo(&scene.vera, id).await;
    let revised = venues::review(app, id).await.unwrap();
    let seen = revised.open().unwrap().version;
    scene.pauses(&scene.vera).await;
    let after = scene.goes_to(&scene.otto).await.unwrap();
    assert_eq!(after, venues::review(app, id).await.unwrap());
    assert_eq!(after.revision.as_ref().unwrap().state, RevisionState::Withdrawn);
    assert!(after.venue.photos.iter().all(|photo| photo.id != media));
    let (waiting, _) = venues::revised(app, 10, None).await.unwrap();
    assert_eq!(waiting, []);
    let decided = venues::decide_revision(app, None, id, seen, Verdict::Approve).await;
    assert_eq!(decided.unwrap_err(), Error::Refused(Refusal::RevisionOutdated));
}

#[tokio::test]
async fn every_transfer_is_kept_with_who_decided_it_when_and_why() {
    let scene = Scene::new().await;
    scene.pauses(&scene.vera).await;
    let mut expected = Vec::new();
    for (from, to) in [
        (&scene.vera, &scene.otto),
        (&scene.otto, &scene.vera),
        (&scene.vera, &scene.otto),
    ] {
        scene.world.clock.advance_minutes(1);
        let gone = scene.goes_to(to).await.unwrap().venue;
        let transfer = Transfer {
            venue: scene.id(),
            version: gone.version,
            from: from.vendor(),
            to: to.vendor(),
            by: scene.admin.caller.user,
            reason: reason(),
            at: scene.world.now(),
        };
        expected.insert(0, transfer);
    }
    assert_eq!(scene.transfers().await, expected);
    let first = venues::transfers(scene.app(), scene.id(), 2, None).await.unwrap();
    let next = first.1.as_deref();
    let second = venues::transfers(scene.app(), scene.id(), 2, next).await.unwrap();
    assert_eq!([first.0, second.0].concat(), expected);
    assert_eq!(second.1, None);
}

fn faults(world: &World, seed: u32) {
    let faults = [
        (Fault::Throttled, 20),
        (Fault::ReplyLost, 20),
        (Fault::Failed, 10),
        (Fault::Conflict, 30),
    ];
    world.faults.by_chance(seed.into(), &faults);
}

async fn later(random: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(random)).await;
}

/// Tries until it is told yes or no.
async fn surely<T>(mut ask: impl AsyncFnMut() -> app::Result<T>) -> app::Result<T> {
    loop {
        match ask().await {
            Err(Error::Unavailable(_)) => {}
            told => return told,
        }
    }
}

/// Customers take quotes of before, Vera enters bookings and blocks time while the venue is paused, goes to Otto and
/// comes back to the market: whoever is to come has a booking with whoever runs the venue.
#[test]
fn nobody_is_left_with_a_booking_of_the_business_before_however_they_race() {
    under_a_virtual_clock(async {
        let scene = Scene::new().await;
        let mut people = Vec::new();
        for n in 0..4 {
            people.push(scene.world.customer(&format!("customer{n}")).await);
        }
        let (mut gone, mut kept, mut outdated) = (0, 0, 0);
        for seed in 0..SEEDS {
            let ends = a_race(&scene, &people, seed).await;
            match ends.is_gone {
                true => gone += 1,
                false => kept += 1,
            }
            outdated += ends.outdated;
        }
        assert!(
            gone > 0 && kept > 0 && outdated > 0,
            "{gone} went, {kept} did not, {outdated} quotes were outdated: that is no race"
        );
    });
}

struct Ends {
    is_gone: bool,
    /// Quotes that Otto does not honour.
    outdated: usize,
}

async fn a_race(scene: &Scene, people: &[Person], seed: u32) -> Ends {
    let (world, app, id) = (&scene.world, scene.app(), scene.id());
    let (vera, otto) = (scene.vera.vendor(), scene.otto.vendor());
    let first = i64::from(seed) * 24;
    let mut quotes: Vec<QuoteId> = Vec::new();
    for (person, n) in people.iter().zip(0..) {
        let quoted = world.quote(person, id, hour(first + n)).await;
        quotes.push(quoted.unwrap().id);
    }
    faults(world, seed);
    let mut random = fastrand::Rng::with_seed(seed.into());
    let mut wait = || random.u64(0..60);
    let taking = people.iter().zip(&quotes).map(|(person, quote)| {
        let at = wait() * 3;
        async move {
            later(at).await;
            let once = person.once(&quote.to_string(), "book");
            surely(async || bookings::create(app, &person.caller, &once, *quote).await).await
        }
    });
    let taking: Vec<_> = taking.collect();
    let (enter_at, block_at, move_at) = (wait() * 2, wait() * 2, wait());
    let entering = async {
        later(enter_at).await;
        surely(async || scene.enters(&scene.vera, hour(first + 8)).await).await
    };
    let blocking = async {
        later(block_at).await;
        let time = BlockTime::Once(hour(first + 12));
        surely(async || venues::block(app, scene.vera.member(), None, id, None, time.clone(), None).await)
            .await
    };
    let moving = async {
        later(move_at).await;
        let done = surely(
            async || match venues::pause(app, scene.vera.member(), None, id).await {
                // A yes whose reply was lost.
                Err(Error::Refused(Refusal::InvalidTransition { .. })) => Ok(()),
                told => told.map(drop),
            },
        );
        done.await.unwrap();
        let order = TransferOrder {
            to: otto,
            reason: reason(),
        };
        let (who, once) = (
            scene.admin.caller.user,
            scene.admin.once(&seed.to_string(), "transfer"),
        );
        let told = surely(async || venues::transfer(app, who, Some(&once), id, &order).await).await;
        let runs_it = match &told {
            Ok(_) => scene.otto.member(),
            Err(Error::BookingsInTheWay(_)) => scene.vera.member(),
            Err(other) => panic!("seed {seed}: {other:?}"),
        };
        let done = surely(async || match venues::resume(app, runs_it, None, id).await {
            Err(Error::Refused(Refusal::InvalidTransition { .. })) => Ok(()),
            told => told.map(drop),
        });
        done.await.unwrap();
        told.is_ok()
    };
    let (taken, entered, blocked, is_gone) = join4(join_all(taking), entering, blocking, moving).await;
    world.faults.heal();
    let venue = scene.venue().await;
    assert_eq!(venue.vendor, if is_gone { otto } else { vera }, "seed {seed}");
    let mut made: Vec<Booking> = Vec::new();
    let mut outdated = 0;
    for told in taken {
        match told {
            Ok(outcome) => made.push(outcome.value),
            Err(Error::Refused(Refusal::NotBookable)) => {}
            Err(Error::Refused(Refusal::QuoteOutdated)) if is_gone => outdated += 1,
            Err(other) => panic!("seed {seed}: {other:?}"),
        }
    }
    match entered {
        Ok(booking) => made.push(booking),
        Err(Error::Refused(Refusal::NotBookable)) => {}
        Err(Error::NotFound) if is_gone => {}
        Err(other) => panic!("seed {seed}: {other:?}"),
    }
    assert!(is_gone || blocked.is_ok(), "seed {seed}: {blocked:?}");
    for booking in &made {
        assert_eq!(booking.vendor, venue.vendor, "seed {seed}: {booking:?}");
    }
    let day = hour(first).through(hour(first + 23));
    let stored = app
        .store()
        .bookings_at_venue(id, day, 100, |_| true)
        .await
        .unwrap()
        .0;
    assert!(
        stored.iter().all(|booking| booking.vendor == venue.vendor),
        "seed {seed}"
    );
    // What Vera announced and could not do is not in Otto's way.
    let spaces = app.store().spaces_with_rules(id).await.unwrap();
    assert!(
        spaces.iter().all(|(space, _)| space.vendor == venue.vendor),
        "seed {seed}"
    );
    assert!(
        spaces.iter().all(|(_, book)| book.pending.is_none()),
        "seed {seed}"
    );
    // Back to Vera, for the next race.
    for booking in made {
        world.cancels(&scene.vera, booking.id).await.unwrap();
    }
    if is_gone {
        scene.pauses(&scene.otto).await;
        scene.goes_to(&scene.vera).await.unwrap();
        scene.resumes(&scene.vera).await;
    }
    world.clock.advance_minutes(HOLD_MINUTES + 1);
    Ends { is_gone, outdated }
}

/// Two admins who give it away at once: it goes from one to the next, and each step is kept.
#[test]
fn what_is_kept_is_the_way_that_a_venue_went_however_admins_race() {
    under_a_virtual_clock(async {
        let scene = Scene::new().await;
        let olga = scene.world.vendor("olga").await;
        scene.pauses(&scene.vera).await;
        let (mut given, mut refused) = (0, 0);
        for seed in 0..SEEDS {
            faults(&scene.world, seed);
            let mut random = fastrand::Rng::with_seed(seed.into());
            let gives = |to: VendorId, n: u32| {
                let (at, scene) = (random.u64(0..20), &scene);
                async move {
                    later(at).await;
                    let once = scene.admin.once(&format!("{seed} {n}"), "transfer");
                    let order = TransferOrder { to, reason: reason() };
                    let (app, who) = (scene.app(), scene.admin.caller.user);
                    surely(async || venues::transfer(app, who, Some(&once), scene.id(), &order).await).await
                }
            };
            let mut gives = gives;
            let asked = (
                gives(scene.otto.vendor(), 1),
                gives(olga.vendor(), 2),
                gives(scene.vera.vendor(), 3),
            );
            let told = join3(asked.0, asked.1, asked.2).await;
            scene.world.faults.heal();
            for told in [told.0, told.1, told.2] {
                match told {
                    Ok(_) => given += 1,
                    // It runs the venue already.
                    Err(Error::Invalid(_)) => refused += 1,
                    Err(other) => panic!("seed {seed}: {other:?}"),
                }
            }
        }
        let mut after: Option<String> = None;
        let mut all: Vec<Transfer> = Vec::new();
        loop {
            let (page, next) = venues::transfers(scene.app(), scene.id(), 50, after.as_deref())
                .await
                .unwrap();
            all.extend(page);
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(all.first().unwrap().to, scene.venue().await.vendor);
        assert_eq!(all.last().unwrap().from, scene.vera.vendor());
        assert!(
            all.windows(2)
                .all(|two| two[0].from == two[1].to && two[0].version > two[1].version)
        );
        assert!(all.iter().all(|one| one.from != one.to));
        assert_eq!(all.len(), given);
        assert!(given > 0 && refused > 0, "{given} {refused}");
    });
}
