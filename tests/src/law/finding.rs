//! A search finds what a quote would be given for, and nothing else; it counts what is there, and its pages are
//! the whole list. The oracle asks for a quote of every time of every space.

use std::collections::BTreeSet;

use app::bookings;
use app::venues::{self, CANDIDATES_MAX, DAYS_READ_MAX, QuoteRequest, SLOTS_SHOWN_MAX, SpaceSettings};
use domain::amenity::Amenity;
use domain::availability::{BlockTime, Hours, Rules};
use domain::geo::{Area, Bounds, Circle, Point};
use domain::id::{SpaceId, VenueId};
use domain::money::Money;
use domain::pricing::{Effect, Quote, RateRule, Rates, When as RuleTimes};
use domain::search::{Criteria, Fit, Hit, Sort, When};
use domain::space::Space;
use domain::text::{Label, VenueName};
use domain::time::{Interval, plus_minutes};
use domain::venue::{Venue, VenueState};
use fastrand::Rng;
use jiff::civil::Date;
use store::Transaction;
use store::venues::Offer;
use testkit::{Person, VenueBuilder, World, hours_every_day, space_settings};

const SEEDS: u64 = 4;
const SEARCHES: usize = 10;
const VENUES: usize = 9;
/// Hours of a day of which every time is looked at, to count what each costs.
const COUNTED_MINUTES_MAX: u32 = 8 * 60;
const AMENITIES: [Amenity; 3] = [Amenity::Wifi, Amenity::Stage, Amenity::Pool];
/// Some are within what is searched and some are not, and some at the same distance.
const LATS: [f64; 6] = [52.48, 52.5, 52.51, 52.52, 52.53, 52.56];
const LNGS: [f64; 5] = [13.35, 13.39, 13.405, 13.42, 13.46];
const ZONES: [&str; 2] = ["Europe/Berlin", "America/New_York"];
/// Bookings and searches are on these days; clocks change on one of them, in one of the zones.
const DAYS: [&str; 3] = ["2027-03-13", "2027-03-14", "2027-03-15"];

pub(super) struct Town {
    pub world: World,
    vera: Person,
    pub venues: Vec<VenueId>,
}

fn point(lat: f64, lng: f64) -> Point {
    Point::new(lat, lng).unwrap()
}

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn any_rules(random: &mut Rng, zone: &str) -> Rules {
    let open = random.u32(0..12) * 60;
    let mut rules = hours_every_day(zone, open, open + random.u32(6..=24) * 60);
    rules.setup_minutes = random.u32(0..3) * 30;
    rules.turnaround_minutes = random.u32(0..3) * 30;
    rules.min_minutes = random.u32(1..4) * 30;
    rules.max_minutes = random.u32(4..30) * 60;
    rules.step_minutes = 30;
    rules.answer_minutes = random.bool().then_some(60);
    rules
}

fn any_price(random: &mut Rng) -> Money {
    match random.u8(0..8) {
        // Too little to be charged, for an hour.
        0 => eur(20),
        1 => Money::new(2_000, "GBP".parse().unwrap()),
        _ => eur(random.i64(1..9) * 1_000),
    }
}

/// What a booking costs in all says little of what an hour costs.
fn any_rates(random: &mut Rng) -> Rates {
    let price = any_price(random);
    let money = |amount: i64| Money::new(amount, price.currency());
    let evening = RateRule {
        name: Label::parse("Evening").unwrap(),
        priority: 0,
        when: RuleTimes {
            hours: Some(Hours {
                open_minute: 16 * 60,
                close_minute: 30 * 60,
            }),
            ..RuleTimes::default()
        },
        effect: Effect::Percent(random.i32(-80..200) * 100),
    };
    Rates {
        rules: if random.bool() { vec![evening] } else { Vec::new() },
        cleaning_fee: random.bool().then(|| money(random.i64(1..10) * 1_000)),
        ..Rates::flat(price)
    }
}

impl Town {
    pub async fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let world = World::seeded(seed);
        let vera = world.vendor("vera").await;
        let mut town = Self {
            world,
            vera,
            venues: Vec::new(),
        };
        for _ in 0..VENUES {
            town.opens(&mut random).await;
        }
        let mut people = Vec::new();
        for n in 0..8 {
            people.push(town.world.customer(&format!("customer{n}")).await);
        }
        for n in 0..100 {
            town.somebody_books(&people[n % people.len()], n, &mut random)
                .await;
        }
        town.world.draft(&town.vera, VenueBuilder::default()).await;
        town
    }

    /// A venue of one to five spaces, of which some are halls of others.
    async fn opens(&mut self, random: &mut Rng) {
        let (lat, lng) = (LATS[random.usize(..LATS.len())], LNGS[random.usize(..LNGS.len())]);
        let zone = ZONES[random.usize(..ZONES.len())];
        let mut builder = VenueBuilder::default().in_zone(zone);
        builder.venue.rules = Some(any_rules(random, zone));
        builder.venue.capacity = random.u32(1..60);
        builder.venue.price_per_hour = Some(any_price(random));
        builder.venue.amenities = any_amenities(random);
        let venue = self.world.live_venue(&self.vera, builder).await;
        // No two towns with such clocks are so near each other.
        self.world.moves(venue.id, lat, lng).await;
        self.venues.push(venue.id);
        let (app, vendor) = (&self.world.app, self.vera.member());
        let mut parts = Vec::new();
        for n in 0..random.usize(0..5) {
            let settings = SpaceSettings {
                name: VenueName::parse("Room").unwrap(),
                capacity: random.u32(1..60),
                amenities: any_amenities(random),
                layouts: Vec::new(),
                // Every other one has rooms of those before it.
                parts: if n % 2 == 1 { parts.clone() } else { Vec::new() },
                in_use: random.u8(0..5) > 0,
            };
            let added = venues::add_space(app, vendor, None, venue.id, &settings)
                .await
                .unwrap();
            let space = added.value.id;
            let rules = any_rules(random, zone);
            venues::set_rules(app, vendor, None, venue.id, Some(space), rules, None)
                .await
                .unwrap();
            if random.u8(0..6) > 0 {
                let rates = any_rates(random);
                venues::set_rates(app, vendor, None, venue.id, Some(space), &rates, None)
                    .await
                    .unwrap();
            }
            parts.push(space);
        }
        if random.bool() {
            let time = BlockTime::Once(any_time(random));
            venues::block(app, vendor, None, venue.id, None, time, None)
                .await
                .unwrap();
        }
        if random.u8(0..8) == 0 {
            venues::pause(app, vendor, None, venue.id).await.unwrap();
        }
        self.world.clock.advance_minutes(random.i64(0..2));
    }

    async fn somebody_books(&self, who: &Person, n: usize, random: &mut Rng) {
        let venue = self.venues[random.usize(..self.venues.len())];
        let spaces = self.world.app.store().spaces(venue).await.unwrap();
        let space = spaces[random.usize(..spaces.len())].id;
        if let Some(quote) = self.quote(venue, space, any_time(random), 1).await {
            let once = who.once(&n.to_string(), "book");
            // Nobody holds endlessly many.
            let _ = bookings::create(&self.world.app, &who.caller, &once, quote.id).await;
        }
    }

    async fn quote(&self, venue: VenueId, space: SpaceId, interval: Interval, guests: u32) -> Option<Quote> {
        let ask = QuoteRequest::plain(venue, Some(space), interval, guests);
        let quoted = venues::quote(&self.world.app, None, None, ask).await;
        quoted.ok().map(|quote| quote.value)
    }

    /// All hits, however they lie on pages, and the counts of the first page.
    async fn searches(&self, criteria: &Criteria) -> (Vec<Hit>, venues::Summary) {
        let mut criteria = criteria.clone();
        let mut hits = Vec::new();
        let mut summary = None;
        loop {
            let found = venues::search(&self.world.app, &criteria).await.unwrap();
            assert!(found.hits.len() <= criteria.limit);
            assert!(
                found.next.is_none() || found.next > criteria.after,
                "no page goes back"
            );
            hits.extend(found.hits);
            assert_eq!(found.summary.is_some(), criteria.after.is_none());
            summary = found.summary.or(summary);
            match found.next {
                Some(next) => criteria.after = Some(next),
                None => return (hits, summary.unwrap()),
            }
        }
    }

    /// Closes a venue's only space, and opens a dearer one.
    async fn moves_up(&self, venue: &Venue, price: Money) {
        let (app, vendor) = (&self.world.app, self.vera.member());
        let zone = venue.location.zone.clone();
        let (room, rules) = (
            space_settings("Room", Vec::new()),
            hours_every_day(zone.name(), 0, 1_440),
        );
        self.world
            .opens_space(vendor, venue.id, &room, rules, price)
            .await;
        venues::set_rules(app, vendor, None, venue.id, None, Rules::closed(zone), None)
            .await
            .unwrap();
    }

    /// What has to be found, in no order: the spaces that fit with the times that are to be had.
    pub async fn ought(&self, criteria: &Criteria) -> Vec<(Venue, Vec<Ought>)> {
        let mut found = Vec::new();
        for id in &self.venues {
            let venue = self.world.app.store().venue(*id).await.unwrap().unwrap();
            let is_there = match criteria.area {
                Area::Circle(circle) => circle.contains(venue.location.public_point()),
                Area::Box(bounds) => bounds.contains(venue.location.public_point()),
            };
            if venue.state != VenueState::Live || !is_there {
                continue;
            }
            let mut fits = Vec::new();
            for space in self.world.app.store().spaces(*id).await.unwrap() {
                fits.extend(self.ought_to_fit(criteria, &venue, space).await);
            }
            if !fits.is_empty() {
                found.push((venue, fits));
            }
        }
        found
    }

    async fn ought_to_fit(&self, criteria: &Criteria, venue: &Venue, space: Space) -> Option<Ought> {
        let offer = self
            .world
            .app
            .store()
            .offer(venue.id, Some(space.id))
            .await
            .unwrap()
            .unwrap();
        let price = offer.rates?.price_per_hour;
        if !is_at_most(price, criteria.price_per_hour_max) {
            return None;
        }
        let instant = offer.book.rules.answer_minutes.is_none();
        let offered = &venue.amenities | &space.amenities;
        if !criteria.amenities.is_subset(&offered) {
            return None;
        }
        if !space.in_use || space.capacity < criteria.guests || (criteria.instant && !instant) {
            return None;
        }
        let mut offers = Vec::new();
        for time in self.times(criteria.when, venue) {
            if offers.len() < SLOTS_SHOWN_MAX || counts_totals(criteria) {
                let quote = self.quote(venue.id, space.id, time, criteria.guests).await;
                let total = quote.map(|quote| quote.price.total);
                offers.extend(
                    total
                        .filter(|total| is_at_most(*total, criteria.total_max))
                        .map(|total| (time, total)),
                );
            }
        }
        let fits = criteria.when == When::Whenever || !offers.is_empty();
        fits.then_some(Ought {
            space: space.id,
            capacity: space.capacity,
            price,
            instant,
            amenities: offered,
            offers,
        })
    }

    /// Every time that could be meant, by the clock on the wall.
    fn times(&self, when: When, venue: &Venue) -> Vec<Interval> {
        match when {
            When::Whenever => Vec::new(),
            When::At(interval) => vec![interval],
            When::OnDay {
                date,
                minutes,
                within,
            } => {
                let instant = |minute: u32| {
                    let wall = date
                        .at(0, 0, 0, 0)
                        .checked_add(jiff::Span::new().minutes(minute))
                        .unwrap();
                    let zone = venue.location.zone.rules().clone();
                    wall.to_zoned(zone).unwrap().timestamp()
                };
                let end = instant(within.close_minute);
                let starts = std::iter::successors(Some(instant(within.open_minute)), |at| {
                    Some(plus_minutes(*at, 15))
                });
                starts
                    .map(|start| Interval::new(start, plus_minutes(start, minutes.into())).unwrap())
                    .take_while(|time| time.end() <= end)
                    .collect()
            }
        }
    }
}

fn any_amenities(random: &mut Rng) -> BTreeSet<Amenity> {
    AMENITIES.into_iter().filter(|_| random.bool()).collect()
}

pub(super) struct Ought {
    pub space: SpaceId,
    capacity: u32,
    price: Money,
    instant: bool,
    /// With those of its venue.
    amenities: BTreeSet<Amenity>,
    /// Times with what each costs in all: at least those that are shown.
    offers: Vec<(Interval, Money)>,
}

impl Ought {
    fn slots(&self) -> Vec<Interval> {
        self.offers
            .iter()
            .map(|(time, _)| *time)
            .take(SLOTS_SHOWN_MAX)
            .collect()
    }

    fn total(&self) -> Option<Money> {
        self.offers.first().map(|(_, total)| *total)
    }
}

fn is_at_most(price: Money, max: Option<Money>) -> bool {
    max.is_none_or(|max| max.currency() == price.currency() && price.amount() <= max.amount())
}

/// Whether all times are looked at, also those that are not shown: a day has too many of them.
fn counts_totals(criteria: &Criteria) -> bool {
    match criteria.when {
        When::Whenever | When::At(_) => true,
        When::OnDay { within, .. } => within.close_minute - within.open_minute <= COUNTED_MINUTES_MAX,
    }
}

/// Some hours of one of the days.
pub(super) fn any_time(random: &mut Rng) -> Interval {
    let day: Date = DAYS[random.usize(..DAYS.len())].parse().unwrap();
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let start = plus_minutes(midnight, random.i64(24..42) * 30);
    Interval::new(start, plus_minutes(start, random.i64(2..9) * 30)).unwrap()
}

fn any_criteria(random: &mut Rng) -> Criteria {
    let area = if random.bool() {
        Area::Circle(Circle::new(point(52.52, 13.405), random.u32(1_000..6_000)).unwrap())
    } else {
        Area::Box(Bounds::new(point(52.49, 13.37), point(52.57, 13.45)).unwrap())
    };
    let when = match random.u8(0..4) {
        0 => When::Whenever,
        1 => When::At(any_time(random)),
        _ => {
            let open_minute = random.u32(0..20) * 60;
            When::OnDay {
                date: DAYS[random.usize(..DAYS.len())].parse().unwrap(),
                minutes: random.u32(2..9) * 30,
                within: Hours {
                    open_minute,
                    close_minute: open_minute + random.u32(3..=24) * 60,
                },
            }
        }
    };
    let amenities = AMENITIES.into_iter().filter(|_| random.u8(0..6) == 0).collect();
    let is_timed = when != When::Whenever;
    let orders = [Sort::Distance, Sort::Price, Sort::New, Sort::Total];
    let sort = orders[random.usize(..if is_timed { 4 } else { 3 })];
    Criteria {
        area,
        when,
        guests: random.u32(1..30),
        price_per_hour_max: (random.u8(0..3) == 0).then(|| eur(random.i64(2..9) * 1_000)),
        total_max: (is_timed && random.u8(0..3) == 0).then(|| eur(random.i64(4..30) * 1_000)),
        amenities,
        instant: random.u8(0..4) == 0,
        sort,
        limit: random.usize(1..5),
        after: None,
    }
}

/// What a hit is sorted by.
fn rank(hit: &Hit, sort: Sort) -> (&'static str, i64, VenueId) {
    let least = |of: fn(&Fit) -> Money| {
        let amounts = hit.fits.iter().map(of);
        amounts
            .map(|money| (money.currency().code(), money.amount()))
            .min()
            .unwrap()
    };
    let (currency, rank) = match sort {
        Sort::Distance => ("", hit.distance_m.into()),
        Sort::Price => least(|fit| fit.price_per_hour),
        Sort::Total => least(|fit| fit.total.unwrap()),
        Sort::New => ("", -hit.venue.created_at.as_millisecond()),
    };
    (currency, rank, hit.venue.id)
}

#[tokio::test]
async fn a_search_finds_what_can_be_had_and_counts_it() {
    let (mut found, mut left_out) = (0, 0);
    let (mut totals, mut sorted_by_total, mut too_dear) = (0, 0, 0);
    for seed in 0..SEEDS {
        let town = Town::new(seed).await;
        let mut random = Rng::with_seed(1_000 + seed);
        for n in 0..SEARCHES {
            let criteria = any_criteria(&mut random);
            let (hits, summary) = town.searches(&criteria).await;
            let ought = town.ought(&criteria).await;
            let what = format!("seed {seed}, search {n}: {criteria:?}");
            check_hits(&hits, &ought, &what);
            assert!(
                hits.iter().map(|hit| rank(hit, criteria.sort)).is_sorted(),
                "{what}"
            );
            assert!(summary.complete, "{what}");
            check_counts(&summary, &ought, criteria.guests, &what);
            if counts_totals(&criteria) {
                totals += check_totals(&summary, &ought, &what);
            }
            if criteria.when != When::Whenever {
                // One by one, whatever the order was.
                let by_total = Criteria {
                    sort: Sort::Total,
                    limit: 1,
                    ..criteria.clone()
                };
                let (one_by_one, _) = town.searches(&by_total).await;
                check_hits(&one_by_one, &ought, &what);
                let ranks = one_by_one.iter().map(|hit| rank(hit, Sort::Total));
                assert!(ranks.is_sorted(), "{what}");
                sorted_by_total += usize::from(hits.len() > 2);
            }
            too_dear += usize::from(criteria.total_max.is_some() && !hits.is_empty());
            found += hits.len();
            left_out += VENUES - hits.len();
        }
    }
    assert!(
        found > 60 && left_out > 60,
        "{found} found and {left_out} left out are no test"
    );
    assert!(
        totals > 10 && sorted_by_total > 1 && too_dear > 1,
        "{totals} totals counted, {sorted_by_total} sorted by them and {too_dear} limited are no test"
    );
}

/// How many counts there were.
fn check_totals(summary: &venues::Summary, ought: &[(Venue, Vec<Ought>)], what: &str) -> usize {
    let totals = &summary.facets.totals;
    for (max, count) in totals {
        let affords = |fit: &Ought| fit.offers.iter().any(|(_, total)| is_at_most(*total, Some(*max)));
        let counted = ought.iter().filter(|(_, all)| all.iter().any(affords)).count();
        assert_eq!(*count, counted, "{max:?}, {what}");
    }
    let has_times = ought
        .iter()
        .any(|(_, all)| all.iter().any(|fit| !fit.offers.is_empty()));
    assert_eq!(totals.is_empty(), !has_times, "{what}");
    totals.len()
}

fn check_hits(hits: &[Hit], ought: &[(Venue, Vec<Ought>)], what: &str) {
    let mut shown: Vec<_> = hits
        .iter()
        .flat_map(|hit| {
            let fits = hit.fits.iter();
            fits.map(|fit| {
                (
                    hit.venue.id,
                    fit.space.id,
                    fit.price_per_hour,
                    fit.space.instant,
                    fit.slots.clone(),
                    fit.total,
                )
            })
        })
        .collect();
    let mut expected: Vec<_> = ought
        .iter()
        .flat_map(|(venue, fits)| {
            fits.iter().map(|fit| {
                (
                    venue.id,
                    fit.space,
                    fit.price,
                    fit.instant,
                    fit.slots(),
                    fit.total(),
                )
            })
        })
        .collect();
    shown.sort_by_key(|(venue, space, ..)| (*venue, *space));
    expected.sort_by_key(|(venue, space, ..)| (*venue, *space));
    assert_eq!(shown, expected, "{what}");
    let once: BTreeSet<VenueId> = hits.iter().map(|hit| hit.venue.id).collect();
    assert_eq!((once.len(), hits.len()), (ought.len(), ought.len()), "{what}");
}

fn check_counts(summary: &venues::Summary, ought: &[(Venue, Vec<Ought>)], guests: u32, what: &str) {
    let facets = &summary.facets;
    assert_eq!(summary.total, ought.len(), "{what}");
    let counted =
        |fits: &dyn Fn(&Ought) -> bool| ought.iter().filter(|(_, all)| all.iter().any(fits)).count();
    for amenity in AMENITIES {
        let count = counted(&|fit| fit.amenities.contains(&amenity));
        let shown = facets.amenities.iter().find(|(shown, _)| *shown == amenity);
        assert_eq!(shown.map_or(0, |(_, count)| *count), count, "{amenity}, {what}");
    }
    assert_eq!(facets.instant, counted(&|fit| fit.instant), "{what}");
    assert_eq!(facets.on_request, counted(&|fit| !fit.instant), "{what}");
    for (max, count) in &facets.prices {
        let cheap =
            |fit: &Ought| fit.price.currency() == max.currency() && fit.price.amount() <= max.amount();
        assert_eq!(*count, counted(&cheap), "{max:?}, {what}");
    }
    assert_eq!(facets.prices.is_empty(), ought.is_empty(), "{what}");
    for (number, count) in &facets.guests {
        assert!(*number > guests, "{what}");
        assert_eq!(
            *count,
            counted(&|fit| fit.capacity >= *number),
            "{number} guests, {what}"
        );
    }
}

/// Opens a venue like another one, with another price. Quicker than to have its vendor do it, for many.
pub(super) async fn opens_like(world: &World, model: &Venue, offer: &Offer, n: u128, price: Money) {
    let (id, space) = (
        VenueId::from_uuid(uuid::Uuid::from_u128(n)),
        SpaceId::from_uuid(uuid::Uuid::from_u128(n)),
    );
    let mut summary = model.spaces[0].clone();
    (summary.id, summary.price_per_hour) = (space, Some(price));
    let mut transaction = Transaction::new();
    transaction.put_venue(&Venue {
        id,
        main_space: space,
        price_per_hour: Some(price),
        spaces: vec![summary],
        version: 1,
        ..model.clone()
    });
    let put = Space {
        id: space,
        venue: id,
        rules_version: 1,
        ..offer.space.clone()
    };
    transaction.put_space(&put, None);
    transaction.put_rules(&put, &offer.book);
    transaction.put_rates(id, space, &Rates::flat(price));
    world.app.store().commit(transaction).await.unwrap();
}

/// Beyond the calendars of one search the counts say so, and the pages go on.
#[tokio::test]
async fn nothing_is_lost_beyond_what_one_search_reads() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let model = world.live_venue(&vera, VenueBuilder::default()).await;
    let offer = world.app.store().offer(model.id, None).await.unwrap().unwrap();
    let count = CANDIDATES_MAX + 30;
    for n in 1..count as u128 {
        let price = eur(1_000 + (n as i64 * 37) % 500);
        opens_like(&world, &model, &offer, n, price).await;
    }
    let town = Town {
        world,
        vera,
        venues: Vec::new(),
    };
    let start = "2027-02-10T10:00:00Z".parse().unwrap();
    let days = |days: i64| When::At(Interval::new(start, plus_minutes(start, days * 1_440)).unwrap());
    let mut criteria = Criteria {
        area: Area::Circle(Circle::new(model.location.public_point(), 1_000).unwrap()),
        when: When::Whenever,
        guests: 1,
        price_per_hour_max: None,
        total_max: None,
        amenities: BTreeSet::new(),
        instant: false,
        sort: Sort::Price,
        limit: 70,
        after: None,
    };
    let (all, summary) = town.searches(&criteria).await;
    assert_eq!((all.len(), summary.total, summary.complete), (count, count, true));
    let ids = |hits: &[Hit]| hits.iter().map(|hit| hit.venue.id).collect::<Vec<_>>();
    // The cheapest venue has nothing but a dear room at that time, so it comes last, though it is looked at first.
    let cheapest = town
        .world
        .app
        .store()
        .venue(all[0].venue.id)
        .await
        .unwrap()
        .unwrap();
    town.moves_up(&cheapest, eur(9_000)).await;
    let mut by_price = ids(&all);
    by_price.rotate_left(1);
    // One day is two documents of a space, of which two hundred are looked at.
    criteria.when = days(1);
    let (found, summary) = town.searches(&criteria).await;
    assert_eq!((summary.total, summary.complete), (CANDIDATES_MAX - 1, false));
    assert_eq!(ids(&found), by_price);
    criteria.limit = 300;
    assert_eq!(ids(&town.searches(&criteria).await.0), by_price);
    // By what a booking costs, only as many are compared as one search looks at: all are equally near.
    let mut by_total = criteria.clone();
    (by_total.sort, by_total.limit) = (Sort::Total, 70);
    let (compared, summary) = town.searches(&by_total).await;
    assert_eq!(
        (compared.len(), summary.total, summary.complete),
        (CANDIDATES_MAX, CANDIDATES_MAX, false)
    );
    assert!(compared.iter().map(|hit| rank(hit, Sort::Total)).is_sorted());
    // A month is so many that the documents are what ends it.
    criteria.when = days(30);
    let model_rules = Rules {
        max_minutes: 31 * 1_440,
        ..offer.book.rules.clone()
    };
    for hit in &all[1..] {
        let space = hit.fits[0].space.id;
        let (now, _) = town
            .world
            .app
            .store()
            .space_with_rules(hit.venue.id, space)
            .await
            .unwrap()
            .unwrap();
        let was = now.rules_version;
        let next = Space {
            rules_version: was + 1,
            ..now
        };
        let mut transaction = Transaction::new();
        transaction.put_space(&next, Some(was));
        let book = domain::availability::RuleBook {
            rules: model_rules.clone(),
            pending: None,
            version: next.rules_version,
        };
        transaction.put_rules(&next, &book);
        town.world.app.store().commit(transaction).await.unwrap();
    }
    let (found, summary) = town.searches(&criteria).await;
    assert_eq!((summary.total, summary.complete), (DAYS_READ_MAX / 31, false));
    assert_eq!(ids(&found), by_price[..count - 1]);
}
