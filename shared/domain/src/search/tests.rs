use super::*;
use crate::address::tests::address;
use crate::cancellation::Policy;
use crate::geo::{Circle, Point};
use crate::id::{SpaceId, VendorId};
use crate::text::{Description, VenueName};
use crate::time::tests::{at, between};
use crate::venue::{Location, VenueState};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn amenity(name: &str) -> Amenity {
    name.parse().unwrap()
}

fn summary(n: u128, capacity: u32, price_per_hour: Option<Money>) -> SpaceSummary {
    SpaceSummary {
        id: SpaceId::from_uuid(Uuid::from_u128(n)),
        name: VenueName::parse("A room").unwrap(),
        capacity,
        amenities: BTreeSet::new(),
        price_per_hour,
        tax: None,
        instant: true,
        in_use: true,
    }
}

fn venue(n: u128, spaces: Vec<SpaceSummary>) -> Venue {
    Venue {
        id: VenueId::from_uuid(Uuid::from_u128(n)),
        vendor: VendorId::from_uuid(Uuid::from_u128(1)),
        name: VenueName::parse("The Loft").unwrap(),
        slug: None,
        description: Description::parse("").unwrap(),
        location: Location {
            point: Point::new(52.5, 13.4).unwrap(),
            address: address(),
            zone: "Europe/Berlin".parse().unwrap(),
        },
        amenities: BTreeSet::new(),
        other_amenities: BTreeSet::new(),
        policy: Policy::preset("very_flexible").unwrap(),
        house_rules: None,
        terms_version: 1,
        main_space: SpaceId::from_uuid(Uuid::from_u128(n)),
        capacity: 1,
        price_per_hour: None,
        spaces,
        photos: Vec::new(),
        state: VenueState::Live,
        reason: None,
        created_at: at("2027-01-01T00:00Z"),
        updated_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

fn anything() -> Criteria {
    let centre = Point::new(52.5, 13.4).unwrap().blurred();
    Criteria {
        area: Area::Circle(Circle::new(centre, 10_000).unwrap()),
        when: When::Whenever,
        guests: 1,
        price_per_hour_max: None,
        total_max: None,
        amenities: BTreeSet::new(),
        instant: false,
        sort: Sort::Distance,
        limit: 20,
        after: None,
    }
}

fn fitting(criteria: &Criteria, venue: &Venue) -> Vec<u128> {
    let fits = Hit::of(criteria, venue.clone()).map_or_else(Vec::new, |hit| hit.fits);
    fits.iter().map(|fit| fit.space.id.uuid().as_u128()).collect()
}

#[test]
fn one_space_has_to_fit_in_everything() {
    let mut asks = summary(3, 100, Some(eur(4_000)));
    asks.instant = false;
    let mut unused = summary(4, 500, Some(eur(1)));
    unused.in_use = false;
    let small = summary(1, 10, Some(eur(1_000)));
    let large = summary(2, 100, Some(eur(9_000)));
    let house = venue(1, vec![large, small, asks, unused, summary(5, 500, None)]);
    assert_eq!(fitting(&anything(), &house), [1, 3, 2], "the cheapest first");
    let criteria = Criteria {
        guests: 11,
        ..anything()
    };
    assert_eq!(fitting(&criteria, &house), [3, 2]);
    let criteria = Criteria {
        instant: true,
        ..criteria
    };
    assert_eq!(fitting(&criteria, &house), [2]);
    let criteria = Criteria {
        price_per_hour_max: Some(eur(8_999)),
        ..criteria
    };
    assert_eq!(fitting(&criteria, &house), [] as [u128; 0]);
    let other_money = Criteria {
        price_per_hour_max: Some(Money::new(1_000_000, "JPY".parse().unwrap())),
        ..anything()
    };
    assert_eq!(fitting(&other_money, &house), [] as [u128; 0]);
}

#[test]
fn a_day_is_that_of_the_place() {
    let on = |date: &str, within| When::OnDay {
        date: date.parse().unwrap(),
        minutes: 60,
        within,
    };
    let window = |when: When, zone: &str| when.window(&zone.parse().unwrap()).unwrap();
    let day = on("2027-06-01", Hours::WHOLE_DAY);
    assert_eq!(
        window(day, "Europe/Berlin"),
        between("2027-05-31T22:00Z", "2027-06-01T22:00Z")
    );
    assert_eq!(
        window(day, "Pacific/Auckland"),
        between("2027-05-31T12:00Z", "2027-06-01T12:00Z")
    );
    // Clocks go forward at two and back at three.
    let forward = on("2027-03-28", Hours::WHOLE_DAY);
    assert_eq!(window(forward, "Europe/Berlin").minutes(), 23 * 60);
    let back = on("2027-10-31", Hours::WHOLE_DAY);
    assert_eq!(window(back, "Europe/Berlin").minutes(), 25 * 60);
    let night = Hours {
        open_minute: 1_320,
        close_minute: 1_560,
    };
    assert_eq!(
        window(on("2027-06-01", night), "UTC"),
        between("2027-06-01T22:00Z", "2027-06-02T02:00Z")
    );
}

#[test]
fn a_position_reads_back_as_it_was_written() {
    let hit = Hit::of(&anything(), venue(7, vec![summary(1, 1, Some(eur(100)))])).unwrap();
    for (sort, text) in [
        (Sort::Distance, "0."),
        (Sort::Price, "EUR.100."),
        (Sort::New, "-1798761600000."),
    ] {
        let position = hit.position(sort).unwrap();
        let written = position.to_string();
        assert_eq!(written, format!("{text}{}", hit.venue.id));
        assert_eq!(written.parse(), Ok(position));
    }
    for text in [
        "",
        "1",
        "1.x",
        "x.ven_01900000000070008000000000000001",
        "1.2.3",
        "XXX.1.ven_01900000000070008000000000000001",
    ] {
        assert_eq!(text.parse::<Position>(), Err(NoPosition), "{text}");
    }
}

#[test]
fn a_venue_stands_where_its_cheapest_space_brings_it() {
    let spaces = vec![summary(1, 1, Some(eur(300))), summary(2, 1, Some(eur(100)))];
    let mut hit = Hit::of(&anything(), venue(7, spaces)).unwrap();
    let cheap = hit.position(Sort::Price);
    let dear = hit.position_after(Sort::Price, cheap);
    assert!(dear > cheap);
    hit.fits.remove(0);
    assert_eq!(hit.position(Sort::Price), dear);
    assert_eq!(hit.position_after(Sort::Price, dear), None);
}

#[test]
fn a_venue_stands_where_its_cheapest_booking_brings_it_and_nowhere_without_a_time() {
    let spaces = vec![summary(1, 1, Some(eur(100))), summary(2, 1, Some(eur(300)))];
    let mut hit = Hit::of(&anything(), venue(7, spaces)).unwrap();
    assert_eq!(hit.position(Sort::Total), None);
    hit.fits[0].total = Some(eur(900));
    hit.fits[1].total = Some(eur(800));
    let position = hit.position(Sort::Total).unwrap();
    assert_eq!(position.to_string(), format!("EUR.800.{}", hit.venue.id));
    assert!(hit.position_after(Sort::Total, Some(position)) > Some(position));
}

#[test]
fn a_whole_booking_is_afforded_in_its_own_currency() {
    let criteria = |total_max| Criteria {
        total_max,
        ..anything()
    };
    assert!(criteria(None).affords(eur(i64::MAX)));
    assert!(criteria(Some(eur(500))).affords(eur(500)) && !criteria(Some(eur(499))).affords(eur(500)));
    let yen = Money::new(1_000_000, "JPY".parse().unwrap());
    assert!(!criteria(Some(yen)).affords(eur(1)));
}

#[test]
fn the_newest_and_the_nearest_come_first() {
    let mut near = venue(1, vec![summary(1, 1, Some(eur(1)))]);
    let mut far = venue(2, vec![summary(2, 1, Some(eur(1)))]);
    far.location.point = Point::new(52.51, 13.4).unwrap();
    far.created_at = at("2027-01-02T00:00Z");
    near.created_at = at("2027-01-01T00:00Z");
    let hit = |venue: &Venue| Hit::of(&anything(), venue.clone()).unwrap();
    let (near, far) = (hit(&near), hit(&far));
    assert!(near.position(Sort::Distance) < far.position(Sort::Distance));
    assert!(far.position(Sort::New) < near.position(Sort::New));
}

#[test]
fn counts_go_in_steps_that_leave_nothing_out() {
    let hits: Vec<Hit> = [(10, 1_500), (40, 2_000), (120, 9_000)]
        .into_iter()
        .enumerate()
        .map(|(n, (capacity, amount))| {
            let n = n as u128;
            Hit::of(
                &anything(),
                venue(n, vec![summary(n, capacity, Some(eur(amount)))]),
            )
            .unwrap()
        })
        .collect();
    let facets = Facets::of(&hits, 10);
    assert_eq!(
        facets.prices,
        [(eur(2_000), 2), (eur(5_000), 2), (eur(10_000), 3)]
    );
    assert_eq!(facets.totals, [], "no time was asked for");
    let mut timed = hits.clone();
    for (hit, amount) in timed.iter_mut().zip([4_000, 30_000]) {
        hit.fits[0].total_least = Some(eur(amount));
    }
    assert_eq!(
        Facets::of(&timed, 10).totals,
        [
            (eur(5_000), 1),
            (eur(10_000), 1),
            (eur(20_000), 1),
            (eur(50_000), 2)
        ]
    );
    assert_eq!(facets.guests, [(20, 2), (50, 1), (100, 1)]);
    assert_eq!((facets.instant, facets.on_request), (3, 0));
    assert_eq!(Facets::of(&[], 1), Facets::default());
}

#[test]
fn what_a_space_offers_counts_with_what_its_venue_does() {
    let stage = |n| SpaceSummary {
        amenities: [amenity("stage")].into(),
        ..summary(n, 10, Some(eur(100)))
    };
    let mut house = venue(1, vec![stage(1), stage(2), summary(3, 50, Some(eur(1)))]);
    house.amenities = [amenity("wifi"), amenity("pool")].into();
    let with = |names: &[&str], guests| Criteria {
        amenities: names.iter().map(|name| amenity(name)).collect(),
        guests,
        ..anything()
    };
    assert_eq!(fitting(&with(&["wifi"], 1), &house), [3, 1, 2]);
    assert_eq!(fitting(&with(&["wifi", "stage"], 1), &house), [1, 2]);
    assert_eq!(fitting(&with(&["stage"], 11), &house), [] as [u128; 0]);
    assert_eq!(fitting(&with(&["bar"], 1), &house), [] as [u128; 0]);
    let facets = |guests| {
        let hit = Hit::of(&with(&[], guests), house.clone()).unwrap();
        Facets::of(&[hit], guests).amenities
    };
    // Once a venue, in the order of their ids, and of those spaces that fit.
    let once = ["pool", "stage", "wifi"].map(|name| (amenity(name), 1));
    assert_eq!(facets(1), once);
    assert_eq!(facets(11), [(amenity("pool"), 1), (amenity("wifi"), 1)]);
}

const AMENITIES: [&str; 3] = ["wifi", "stage", "pool"];

fn any_amenities() -> impl Strategy<Value = BTreeSet<Amenity>> {
    let names = proptest::sample::subsequence(AMENITIES.to_vec(), 0..=2);
    names.prop_map(|names| names.into_iter().map(amenity).collect())
}

fn any_space(n: u128) -> impl Strategy<Value = SpaceSummary> {
    let price = proptest::option::of((1_i64..30_000, proptest::sample::select(vec!["EUR", "JPY"])));
    let offers = (any_amenities(), any::<bool>(), proptest::bool::weighted(0.8));
    (1_u32..300, price, offers).prop_map(move |(capacity, price, (amenities, instant, in_use))| {
        SpaceSummary {
            amenities,
            instant,
            in_use,
            ..summary(
                n,
                capacity,
                price.map(|(amount, currency)| Money::new(amount, currency.parse().unwrap())),
            )
        }
    })
}

fn any_venue(n: u128) -> impl Strategy<Value = Venue> {
    let spaces = (
        any_space(3 * n),
        any_space(3 * n + 1),
        any_space(3 * n + 2),
        1_usize..=3,
    );
    (spaces, any_amenities()).prop_map(move |((a, b, c, count), amenities)| Venue {
        amenities,
        ..venue(n, [a, b, c].into_iter().take(count).collect())
    })
}

/// As simple as can be: every space of every venue, by what is wanted of it.
fn found(venues: &[Venue], criteria: &Criteria, wanted: impl Fn(&SpaceSummary, Money) -> bool) -> usize {
    let mut count = 0;
    for venue in venues {
        let mut is_found = false;
        for space in &venue.spaces {
            let Some(price) = space.price_per_hour else {
                continue;
            };
            let dear = criteria
                .price_per_hour_max
                .is_some_and(|max| max.currency() != price.currency() || max.amount() < price.amount());
            let mut offers = true;
            for amenity in &criteria.amenities {
                offers &= venue.amenities.contains(amenity) || space.amenities.contains(amenity);
            }
            if offers
                && space.in_use
                && space.capacity >= criteria.guests
                && !dear
                && (space.instant || !criteria.instant)
                && wanted(space, price)
            {
                is_found = true;
            }
        }
        count += usize::from(is_found);
    }
    count
}

proptest! {
    #[test]
    fn every_count_is_that_of_the_search_with_one_filter_more(
        venues in (any_venue(1), any_venue(2), any_venue(3), any_venue(4), any_venue(5), any_venue(6)),
        guests in 1_u32..100, price_max in proptest::option::of(1_i64..30_000), instant in any::<bool>(),
        wifi in any::<bool>(),
    ) {
        let (a, b, c, d, e, f) = venues;
        let venues = [a, b, c, d, e, f];
        let criteria = Criteria {
            guests,
            price_per_hour_max: price_max.map(eur),
            instant,
            amenities: wifi.then(|| amenity("wifi")).into_iter().collect(),
            ..anything()
        };
        let search = |criteria: &Criteria| -> Vec<Hit> {
            venues.iter().filter_map(|venue| Hit::of(criteria, venue.clone())).collect()
        };
        let hits = search(&criteria);
        let facets = Facets::of(&hits, guests);
        prop_assert_eq!(hits.len(), found(&venues, &criteria, |_, _| true));
        for (name, count) in &facets.amenities {
            let mut more = criteria.clone();
            more.amenities.insert(*name);
            prop_assert_eq!(*count, search(&more).len());
            prop_assert_eq!(*count, found(&venues, &more, |_, _| true));
        }
        let unseen = AMENITIES.map(amenity);
        for name in unseen.iter().filter(|name| !facets.amenities.iter().any(|(n, _)| n == *name)) {
            let mut more = criteria.clone();
            more.amenities.insert(*name);
            prop_assert_eq!(found(&venues, &more, |_, _| true), 0);
        }
        let at_once = Criteria { instant: true, ..criteria.clone() };
        prop_assert_eq!(facets.instant, search(&at_once).len());
        prop_assert_eq!(facets.on_request, found(&venues, &criteria, |space, _| !space.instant));
        for (max, count) in &facets.prices {
            let cheap = |_: &SpaceSummary, price: Money| price.currency() == max.currency() && price.amount() <= max.amount();
            prop_assert_eq!(*count, found(&venues, &criteria, cheap));
        }
        for currency in ["EUR", "JPY"] {
            let of_currency = |_: &SpaceSummary, price: Money| price.currency().code() == currency;
            let last = facets.prices.iter().rfind(|(max, _)| max.currency().code() == currency);
            prop_assert_eq!(last.map_or(0, |(_, count)| *count), found(&venues, &criteria, of_currency));
        }
        for (guests, count) in &facets.guests {
            let more = Criteria { guests: *guests, ..criteria.clone() };
            prop_assert_eq!(*count, search(&more).len());
            prop_assert_eq!(*count, found(&venues, &more, |_, _| true));
        }
    }
}
