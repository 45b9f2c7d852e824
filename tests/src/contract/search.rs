//! `GET /api/v1/venues/search`: what is found, in which order, and that all of it can be had.

use app::venues::{self, SpaceSettings};
use axum::Router;
use domain::amenity::Amenity;
use domain::availability::{Hours, Rules};
use domain::id::SpaceId;
use domain::money::Money;
use domain::pricing::{Effect, RateRule, Rates, Tax, When};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World, hours_every_day, space_settings};

use super::ask::{all, get, post, text};
use super::hour;

const BERLIN: &str = "lat=52.52&lng=13.405";
/// The day after tomorrow, a Wednesday.
const DAY: &str = "2027-02-03";

struct Place {
    world: World,
    vera: Person,
}

impl Place {
    async fn new() -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        Self { world, vera }
    }

    fn router(&self) -> Router {
        ::venues::router(self.world.app.clone())
    }

    async fn venue(&self, builder: VenueBuilder) -> Venue {
        self.world.live_venue(&self.vera, builder).await
    }

    /// Another space, open round the clock unless something else is said.
    async fn room(&self, venue: &Venue, capacity: u32, amount: i64, parts: Vec<SpaceId>) -> SpaceId {
        let settings = SpaceSettings {
            capacity,
            ..space_settings("Room", parts)
        };
        let rules = hours_every_day("Europe/Berlin", 0, 1_440);
        let vendor = self.vera.member();
        self.world
            .opens_space(vendor, venue.id, &settings, rules, eur(amount))
            .await
    }

    async fn rules(&self, venue: &Venue, space: SpaceId, change: impl FnOnce(&mut Rules)) {
        let mut rules = hours_every_day("Europe/Berlin", 0, 1_440);
        change(&mut rules);
        let (app, vendor) = (&self.world.app, self.vera.member());
        venues::set_rules(app, vendor, None, venue.id, Some(space), rules, None)
            .await
            .unwrap();
    }

    async fn books(&self, who: &Person, venue: &Venue, space: SpaceId, interval: Interval) {
        let ask = venues::QuoteRequest::plain(venue.id, Some(space), interval, 1);
        let app = &self.world.app;
        let quote = venues::quote(app, Some(&who.caller), None, ask)
            .await
            .unwrap()
            .value;
        let once = who.once(&quote.id.to_string(), "book");
        app::bookings::create(app, &who.caller, &once, quote.id)
            .await
            .unwrap();
    }

    async fn page(&self, query: &str) -> Value {
        let path = format!("/api/v1/venues/search?{query}");
        get(path).of(self.router()).await.is(200)
    }

    /// The ids of what is found on the first page.
    async fn finds(&self, query: &str) -> Vec<String> {
        all(&self.page(query).await, "venue_id")
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// The ids of the spaces that fit, of the first venue that is found.
    async fn spaces(&self, query: &str) -> Vec<String> {
        let page = self.page(query).await;
        let spaces = page["data"][0]["spaces"].as_array();
        let id = |space: &Value| text(space, "/space_id").to_owned();
        spaces.map_or_else(Vec::new, |spaces| spaces.iter().map(id).collect())
    }

    /// Page by page to the end.
    async fn walks(&self, query: &str, limit: usize) -> Vec<Value> {
        let (mut seen, mut more) = (Vec::new(), String::new());
        for _ in 0..100 {
            let page = self.page(&format!("{query}&limit={limit}{more}")).await;
            assert_eq!(
                page["summary"].is_null(),
                !more.is_empty(),
                "only the first page counts"
            );
            let cards = page["data"].as_array().unwrap();
            assert!(cards.len() <= limit);
            seen.extend(cards.iter().cloned());
            match page["page"]["next_cursor"].as_str() {
                Some(cursor) => more = format!("&cursor={cursor}"),
                None => return seen,
            }
        }
        panic!("{query} never ends");
    }
}

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn priced(amount: i64) -> VenueBuilder {
    let mut builder = VenueBuilder::default();
    builder.venue.price_per_hour = Some(eur(amount));
    builder
}

fn time(interval: Interval) -> String {
    format!("{BERLIN}&start={}&end={}", interval.start(), interval.end())
}

fn ids(cards: &[Value]) -> Vec<&str> {
    cards.iter().map(|card| text(card, "/venue_id")).collect()
}

/// Three venues: a house of two rooms, one that asks, and a dear one nearby that was set up last.
async fn town() -> (Place, [Venue; 3], SpaceId) {
    let place = Place::new().await;
    let house = place.venue(priced(5_000).at(52.52, 13.405)).await;
    let room = place.room(&house, 8, 1_500, Vec::new()).await;
    place.world.clock.advance_minutes(1);
    let asks = place
        .venue(
            priced(2_000)
                .at(52.525, 13.405)
                .rules(|rules| rules.answer_minutes = Some(60)),
        )
        .await;
    place.world.clock.advance_minutes(1);
    let mut dear = priced(9_000).at(52.523, 13.405);
    dear.venue.capacity = 120;
    dear.venue.amenities = [Amenity::Stage].into();
    let dear = place.venue(dear).await;
    (place, [house, asks, dear], room)
}

#[tokio::test]
async fn details_show_the_hours_of_the_space_that_is_asked_for() {
    let place = Place::new().await;
    let venue = place.venue(VenueBuilder::default()).await;
    let room = place.room(&venue, 8, 1_000, Vec::new()).await;
    place.rules(&venue, room, |rules| rules.min_minutes = 120).await;
    let path = format!("/api/v1/venues/details/{}", venue.id);
    let main = get(&path).of(place.router()).await.is(200);
    let asked = get(format!("{path}?space_id={room}"));
    let asked = asked.of(place.router()).await.is(200);
    let shown = |details: &Value| {
        [
            &details["capacity"],
            &details["price_per_hour"]["amount"],
            &details["rules"]["min_minutes"],
        ]
        .map(|number| number.as_u64().unwrap())
    };
    assert_eq!((shown(&main), shown(&asked)), ([40, 5_000, 60], [8, 1_000, 120]));
    for key in ["main_space_id", "spaces", "name"] {
        assert_eq!(main[key], asked[key]);
    }
    get(format!("{path}?space_id=spc_01900000000070008000000000000099"))
        .of(place.router())
        .await
        .refuses(404, "not_found");
    get(format!("{path}?space_id=x&guests=4"))
        .of(place.router())
        .await
        .points_at(&["/guests"]);
    get(format!("{path}?space_id=x"))
        .of(place.router())
        .await
        .points_at(&["/space_id"]);
}

#[tokio::test]
async fn details_say_until_when_each_tier_holds_for_a_start() {
    let place = Place::new().await;
    let venue = place.venue(VenueBuilder::default()).await;
    let policy = async |query: &str| {
        let path = format!("/api/v1/venues/details/{}{query}", venue.id);
        let details = get(path).of(place.router()).await.is(200);
        details["cancellation_policy"]["tiers"].clone()
    };
    let (general, dated) = (policy("").await, policy("?start=2027-02-12T10:00:00Z").await);
    let until = |tiers: &Value| {
        tiers
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["until"].clone())
            .collect::<Vec<_>>()
    };
    assert!(!until(&general).is_empty() && until(&general).iter().all(Value::is_null));
    let (hours, start): (i64, Timestamp) = (
        dated[0]["hours_before"].as_i64().unwrap(),
        "2027-02-12T10:00:00Z".parse().unwrap(),
    );
    assert_eq!(until(&dated)[0], json!(plus_minutes(start, -hours * 60)));
    get(format!("/api/v1/venues/details/{}?start=soon", venue.id))
        .of(place.router())
        .await
        .points_at(&["/start"]);
}

/// The hour is shown without it, and the total is with it.
#[tokio::test]
async fn a_hit_says_whether_tax_comes_on_top() {
    let place = Place::new().await;
    let venue = place.venue(VenueBuilder::default()).await;
    let (app, vendor) = (&place.world.app, place.vera.member());
    let rates = Rates {
        tax: Some(Tax {
            bps: 1_900,
            included: false,
        }),
        ..Rates::flat(eur(5_000))
    };
    venues::set_rates(app, vendor, None, venue.id, None, &rates, None)
        .await
        .unwrap();
    // What its spaces are changes nothing about it.
    place
        .rules(&venue, venue.main_space, |rules| rules.lead_minutes = 30)
        .await;
    let page = place.page(&time(hour(48))).await;
    let space = &page["data"][0]["spaces"][0];
    assert_eq!(space["tax"], json!({"bps": 1_900, "included": false}));
    assert_eq!(space["price_per_hour"]["amount"], 5_000);
    assert_eq!(space["total"]["amount"], 5_950);
}

#[tokio::test]
async fn a_hit_names_the_spaces_that_fit() {
    let (place, [house, ..], room) = town().await;
    let page = place.page(BERLIN).await;
    let card = &page["data"][0];
    assert_eq!(text(card, "/venue_id"), house.id.to_string());
    let money = |amount: i64| json!({"amount": amount, "currency": "EUR", "exponent": 2});
    let fit = |space: SpaceId, name: &str, capacity: u32, amount: i64| {
        json!({
            "space_id": space, "name": name, "capacity": capacity, "price_per_hour": money(amount),
            "tax": null, "amenities": [], "instant": true, "slots": [], "total": null,
        })
    };
    let both = json!([
        fit(room, "Room", 8, 1_500),
        fit(house.main_space, "The Loft", 40, 5_000)
    ]);
    assert_eq!(card["spaces"], both);
    assert_eq!(
        (&card["capacity"], &card["price_per_hour"]),
        (&json!(40), &money(1_500))
    );

    let larger = place.page(&format!("{BERLIN}&guests=9")).await;
    let card = &larger["data"][0];
    assert_eq!(
        card["spaces"],
        json!([fit(house.main_space, "The Loft", 40, 5_000)])
    );
    assert_eq!(card["price_per_hour"], money(5_000));
    // Room for nine, and cheap, but not the same room.
    let cheap = place
        .finds(&format!("{BERLIN}&guests=9&price_max=1999&currency=EUR"))
        .await;
    assert!(cheap.is_empty());
}

#[tokio::test]
async fn a_space_is_found_by_what_it_offers_besides_its_venue() {
    let place = Place::new().await;
    let mut house = priced(5_000).at(52.52, 13.405);
    house.venue.amenities = [Amenity::Wifi].into();
    let house = place.venue(house).await;
    let room = place.room(&house, 40, 1_500, Vec::new()).await;
    let settings = SpaceSettings {
        amenities: [Amenity::Stage].into(),
        ..space_settings("Room", Vec::new())
    };
    let vendor = place.vera.member();
    place.world.sets_space(vendor, house.id, room, &settings).await;
    let page = place.page(&format!("{BERLIN}&amenity=stage&amenity=wifi")).await;
    let spaces = page.pointer("/data/0/spaces").unwrap().as_array().unwrap();
    let [fit] = &spaces[..] else { panic!("{spaces:?}") };
    assert_eq!(
        (text(fit, "/space_id"), &fit["amenities"]),
        (&*room.to_string(), &json!(["stage"]))
    );
    let counted = json!([{"amenity": "stage", "count": 1}, {"amenity": "wifi", "count": 1}]);
    assert_eq!(
        place.page(BERLIN).await["summary"]["facets"]["amenities"],
        counted
    );
    assert!(place.finds(&format!("{BERLIN}&amenity=bar")).await.is_empty());
    let typo = get(format!("/api/v1/venues/search?{BERLIN}&amenity=wi-fi"));
    typo.of(place.router()).await.points_at(&["/amenity/0"]);
}

#[tokio::test]
async fn each_filter_leaves_out_what_it_says() {
    let (place, [house, asks, dear], _) = town().await;
    let [house, asks, dear] = [house, asks, dear].map(|venue| venue.id.to_string());
    let found = async |more: &str| place.finds(&format!("{BERLIN}{more}")).await;
    assert_eq!(found("").await, [&*house, &*dear, &*asks]);
    assert_eq!(found("&radius_m=500").await, [&*house, &*dear]);
    assert_eq!(found("&guests=41").await, [&*dear]);
    assert_eq!(found("&amenity=stage").await, [&*dear]);
    assert_eq!(found("&price_max=2000&currency=EUR").await, [&*house, &*asks]);
    assert_eq!(found("&instant=true").await, [&*house, &*dear]);
    assert_eq!(found("&instant=false").await, [&*house, &*dear, &*asks]);
    assert_eq!(found("&sort=price").await, [&*house, &*asks, &*dear]);
    assert_eq!(found("&sort=new").await, [&*dear, &*asks, &*house]);
    assert_eq!(
        place.finds("bbox=13.4,52.522,13.41,52.53").await,
        [&*asks, &*dear],
        "the middle of the box is what distances are from"
    );
    assert_eq!(
        place.finds("bbox=13.4,52.519,13.41,52.525&sort=new").await,
        [&*dear, &*house]
    );
}

#[tokio::test]
async fn the_first_page_counts_what_one_filter_more_would_leave() {
    let (place, ..) = town().await;
    let page = place.page(&format!("{BERLIN}&limit=1")).await;
    let money = |amount: i64| json!({"amount": amount, "currency": "EUR", "exponent": 2});
    let expected = json!({
        "total": 3,
        "complete": true,
        "facets": {
            "amenities": [{"amenity": "stage", "count": 1}],
            "instant": 2,
            "on_request": 1,
            "prices": [
                {"price_max": money(2_000), "count": 2},
                {"price_max": money(5_000), "count": 2},
                {"price_max": money(10_000), "count": 3},
            ],
            "totals": [],
            "guests": [
                {"guests": 2, "count": 3}, {"guests": 5, "count": 3}, {"guests": 10, "count": 3},
                {"guests": 20, "count": 3}, {"guests": 50, "count": 1}, {"guests": 100, "count": 1},
            ],
        },
    });
    assert_eq!(page["summary"], expected);
    for (more, left) in [
        ("&amenity=stage", 1),
        ("&instant=true", 2),
        ("&price_max=2000&currency=EUR", 2),
        ("&price_max=10000&currency=EUR", 3),
        ("&guests=50", 1),
        ("&guests=121", 0),
    ] {
        let narrower = place.page(&format!("{BERLIN}{more}")).await;
        assert_eq!(narrower["summary"]["total"], left, "{more}");
    }
}

#[tokio::test]
async fn a_search_with_a_time_goes_by_what_the_whole_booking_costs() {
    let (place, [house, asks, dear], room) = town().await;
    let (app, vendor) = (&place.world.app, place.vera.member());
    // The cheapest room for an hour has the dearest cleaning.
    let cleaned = Rates {
        cleaning_fee: Some(eur(50_000)),
        ..Rates::flat(eur(1_000))
    };
    venues::set_rates(app, vendor, None, house.id, Some(room), &cleaned, None)
        .await
        .unwrap();
    let [house, asks, dear] = [house, asks, dear].map(|venue| venue.id.to_string());
    let at = time(hour(48));
    assert_eq!(place.finds(&format!("{at}&sort=price")).await[0], house);
    assert_eq!(
        place.finds(&format!("{at}&sort=total")).await,
        [&*asks, &*house, &*dear]
    );
    let page = place.page(&format!("{at}&sort=total&limit=1")).await;
    let total = |card: usize, page: &Value| -> i64 {
        let spaces = page["data"][card]["spaces"].as_array().unwrap();
        let totals = spaces
            .iter()
            .map(|space| space["total"]["amount"].as_i64().unwrap());
        totals.min().unwrap()
    };
    let counts: Vec<(i64, u64)> = page["summary"]["facets"]["totals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["total_max"]["amount"].as_i64().unwrap(),
                step["count"].as_u64().unwrap(),
            )
        })
        .collect();
    assert!(counts.len() > 1, "{page}");
    for (max, count) in counts {
        let narrower = place.page(&format!("{at}&total_max={max}&currency=EUR")).await;
        assert_eq!(narrower["summary"]["total"], count, "{max}");
    }
    let cheapest = total(0, &page);
    let just = place
        .finds(&format!("{at}&total_max={cheapest}&currency=EUR"))
        .await;
    assert_eq!(just, [&*asks]);
    let none = place
        .finds(&format!("{at}&total_max={}&currency=EUR", cheapest - 1))
        .await;
    assert!(none.is_empty());
    let pounds = place.finds(&format!("{at}&total_max=1000000&currency=GBP")).await;
    assert!(pounds.is_empty(), "nothing is converted");
    // A room that is too dear leaves the others of its venue.
    let spaces = place
        .spaces(&format!("{at}&radius_m=100&total_max=40000&currency=EUR"))
        .await;
    assert!(
        !spaces.is_empty() && !spaces.contains(&room.to_string()),
        "{spaces:?}"
    );
    let walked = place.walks(&format!("{at}&sort=total"), 1).await;
    let walked: Vec<&str> = walked.iter().map(|card| text(card, "/venue_id")).collect();
    assert_eq!(walked, [&*asks, &*house, &*dear]);
    let whenever = get(format!(
        "/api/v1/venues/search?{BERLIN}&sort=total&total_max=1&currency=EUR"
    ));
    whenever
        .of(place.router())
        .await
        .points_at(&["/sort", "/total_max"]);
}

#[tokio::test]
async fn pages_make_up_the_whole_list_in_every_order() {
    let place = Place::new().await;
    let carl = place.world.customer("carl").await;
    // Prices that are equal, rooms that are cheaper than their halls, and some that are taken.
    let mut newest_first = Vec::new();
    for n in 0..9_u32 {
        let builder = priced(1_000 * i64::from(1 + n % 4)).at(52.52 + f64::from(n % 3) / 1_000.0, 13.405);
        let venue = place.venue(builder).await;
        newest_first.insert(0, venue.id.to_string());
        if n % 2 == 0 {
            let room = place
                .room(&venue, 10, 500 + 700 * i64::from(n % 4), Vec::new())
                .await;
            if n % 4 == 0 && n < 8 {
                place.books(&carl, &venue, room, hour(48)).await;
            }
        }
        place.world.clock.advance_minutes(1);
    }
    let day = format!("{BERLIN}&date={DAY}&minutes=1440");
    for query in [BERLIN.to_owned(), time(hour(48)), day] {
        for sort in ["distance", "price", "new"] {
            let query = format!("{query}&sort={sort}");
            let whole = place.walks(&query, 100).await;
            assert_eq!(whole.len(), 9);
            let keys: Vec<i64> = whole
                .iter()
                .map(|card| match sort {
                    "distance" => card["distance_m"].as_i64().unwrap(),
                    "price" => card["price_per_hour"]["amount"].as_i64().unwrap(),
                    _ => 0,
                })
                .collect();
            assert!(keys.is_sorted(), "{query}: {keys:?}");
            for limit in [1, 2, 4, 9] {
                assert_eq!(
                    ids(&place.walks(&query, limit).await),
                    ids(&whole),
                    "{query} by {limit}"
                );
            }
        }
    }
    let newest = place.walks(&format!("{BERLIN}&sort=new"), 100).await;
    assert_eq!(ids(&newest), newest_first);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_search_alone() {
    let (place, ..) = town().await;
    let page = place.page(&format!("{BERLIN}&sort=price&limit=1")).await;
    let cursor = text(&page, "/page/next_cursor").to_owned();
    place
        .page(&format!("{BERLIN}&sort=price&limit=2&cursor={cursor}"))
        .await;
    for other in [
        BERLIN.to_owned(),
        format!("{BERLIN}&sort=new"),
        format!("{BERLIN}&sort=price&guests=2"),
        "bbox=13.4,52.5,13.5,52.6&sort=price".to_owned(),
    ] {
        get(format!("/api/v1/venues/search?{other}&cursor={cursor}"))
            .of(place.router())
            .await
            .points_at(&["/cursor"]);
    }
}

#[tokio::test]
async fn a_box_reaches_across_the_180th_meridian() {
    let place = Place::new().await;
    let mut venues = Vec::new();
    for lng in [179.9, -179.9, 179.5, 180.0] {
        venues.push(
            place
                .venue(VenueBuilder::default().at(-16.8, lng))
                .await
                .id
                .to_string(),
        );
    }
    let [west, east, outside, on_it] = &venues[..] else {
        panic!("four venues")
    };
    let mut found = place.finds("bbox=179.8,-17,-179.7,-16.5").await;
    found.sort();
    let mut expected = vec![west.clone(), east.clone(), on_it.clone()];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(
        place.finds("bbox=179.4,-17,179.6,-16.5").await,
        [outside.as_str()]
    );
    assert_eq!(place.finds("bbox=-180,-17,-179.7,-16.5").await.len(), 2);
    let near = place.page("bbox=179.8,-17,-179.6,-16.5&limit=1").await;
    assert_eq!(
        text(&near["data"][0], "/venue_id"),
        east.as_str(),
        "-179.9 is the middle"
    );
}

#[tokio::test]
async fn a_time_that_is_booked_is_not_offered() {
    let (place, [house, ..], room) = town().await;
    let carl = place.world.customer("carl").await;
    place.books(&carl, &house, room, hour(48)).await;
    assert_eq!(
        place.spaces(&time(hour(48))).await,
        [house.main_space.to_string()]
    );
    assert_eq!(place.spaces(&time(hour(49))).await.len(), 2);
    place.books(&carl, &house, house.main_space, hour(48)).await;
    assert!(!place.finds(&time(hour(48))).await.contains(&house.id.to_string()));
}

#[tokio::test]
async fn a_room_of_a_hall_that_is_booked_is_not_offered_nor_the_other_way_round() {
    let place = Place::new().await;
    let house = place.venue(priced(5_000)).await;
    let blue = place.room(&house, 10, 1_000, Vec::new()).await;
    let red = place.room(&house, 10, 2_000, Vec::new()).await;
    let hall = place.room(&house, 30, 3_000, vec![blue, red]).await;
    let carl = place.world.customer("carl").await;
    place.books(&carl, &house, hall, hour(48)).await;
    assert_eq!(
        place.spaces(&time(hour(48))).await,
        [house.main_space.to_string()]
    );
    place.books(&carl, &house, blue, hour(50)).await;
    let [red, main] = [red, house.main_space].map(|space| space.to_string());
    assert_eq!(place.spaces(&time(hour(50))).await, [red, main]);
}

#[tokio::test]
async fn setting_up_on_the_day_before_takes_time_too() {
    let place = Place::new().await;
    let venue = place.venue(VenueBuilder::default()).await;
    let carl = place.world.customer("carl").await;
    let last_hour = hour(61);
    assert_eq!(last_hour.end().to_string(), "2027-02-04T00:00:00Z");
    place.books(&carl, &venue, venue.main_space, last_hour).await;
    assert_eq!(place.finds(&time(hour(62))).await.len(), 1);
    place
        .rules(&venue, venue.main_space, |rules| rules.setup_minutes = 60)
        .await;
    assert!(place.finds(&time(hour(62))).await.is_empty());
    assert_eq!(place.finds(&time(hour(63))).await.len(), 1);
}

#[tokio::test]
async fn any_hours_of_a_day_come_with_their_first_starts() {
    let place = Place::new().await;
    let venue = place
        .venue(VenueBuilder::default().rules(|rules| {
            *rules = hours_every_day("Europe/Berlin", 9 * 60, 18 * 60);
            rules.turnaround_minutes = 30;
            rules.step_minutes = 60;
        }))
        .await;
    let carl = place.world.customer("carl").await;
    // 11 to 12 in Berlin.
    place.books(&carl, &venue, venue.main_space, hour(48)).await;
    let query = format!("{BERLIN}&date={DAY}&minutes=120");
    let starts = async |more: &str| {
        let page = place.page(&format!("{query}{more}")).await;
        let slots = page["data"][0]["spaces"][0]["slots"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let starts = slots.iter().map(|slot| text(slot, "/start")[11..16].to_owned());
        starts.collect::<Vec<_>>()
    };
    // Shown in UTC, an hour behind. From 9 to 11 there is no half hour left before the booking, and at 12 none yet
    // after it.
    assert_eq!(starts("").await, ["12:00", "13:00", "14:00"]);
    assert_eq!(starts("&from=15:00").await, ["14:00", "15:00"]);
    assert_eq!(starts("&from=15:30&to=17:30").await, [] as [&str; 0]);
    assert_eq!(starts("&to=15:00").await, ["12:00"]);
    assert_eq!(starts("&to=14:59").await, [] as [&str; 0]);
    let long = format!("{BERLIN}&date={DAY}&minutes=360");
    assert!(place.finds(&long).await.is_empty());
}

#[tokio::test]
async fn a_night_reaches_into_the_next_day() {
    let place = Place::new().await;
    let venue = place
        .venue(VenueBuilder::default().rules(|rules| {
            *rules = hours_every_day("Europe/Berlin", 20 * 60, 26 * 60);
        }))
        .await;
    let night = format!("{BERLIN}&date={DAY}&minutes=300");
    assert!(place.finds(&night).await.is_empty(), "not before midnight");
    let found = place.finds(&format!("{night}&from=20:00&to=26:00")).await;
    assert_eq!(found, [venue.id.to_string()]);
}

#[tokio::test]
async fn a_day_is_the_venues_own_also_when_clocks_change() {
    let place = Place::new().await;
    place.venue(VenueBuilder::default()).await;
    place
        .venue(VenueBuilder::default().in_zone("Pacific/Auckland"))
        .await;
    let slot = async |place_query: &str, date: &str, minutes: u32| {
        let page = place
            .page(&format!("{place_query}&date={date}&minutes={minutes}"))
            .await;
        page["data"][0]["spaces"][0]["slots"][0].clone()
    };
    let times = |start: &str, end: &str| json!({"start": start, "end": end});
    // 23 hours.
    let forward = times("2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z");
    assert_eq!(slot(BERLIN, "2027-03-28", 1_380).await, forward);
    assert_eq!(slot(BERLIN, "2027-03-28", 1_410).await, Value::Null);
    // 25 hours, of which a day is booked at most.
    let back = times("2027-10-30T22:00:00Z", "2027-10-31T22:00:00Z");
    assert_eq!(slot(BERLIN, "2027-10-31", 1_440).await, back);
    let usual = times("2027-03-28T22:00:00Z", "2027-03-29T22:00:00Z");
    assert_eq!(slot(BERLIN, "2027-03-29", 1_440).await, usual);
    let elsewhere = times("2027-03-28T11:00:00Z", "2027-03-29T11:00:00Z");
    assert_eq!(
        slot("lat=-36.85&lng=174.76", "2027-03-29", 1_440).await,
        elsewhere
    );
}

#[tokio::test]
async fn whatever_is_offered_can_be_had() {
    let (place, [house, ..], room) = town().await;
    let carl = place.world.customer("carl").await;
    for ahead in [48, 50] {
        place.books(&carl, &house, room, hour(ahead)).await;
    }
    place
        .rules(&house, room, |rules| {
            rules.setup_minutes = 45;
            rules.min_minutes = 120;
        })
        .await;
    let dearer_at_night = Rates {
        rules: vec![RateRule {
            name: Label::parse("Night").unwrap(),
            priority: 0,
            when: When {
                hours: Some(Hours {
                    open_minute: 20 * 60,
                    close_minute: 30 * 60,
                }),
                ..When::default()
            },
            effect: Effect::Percent(5_000),
        }],
        cleaning_fee: Some(eur(1_500)),
        ..Rates::flat(eur(4_500))
    };
    let (app, vendor) = (&place.world.app, place.vera.member());
    venues::set_rates(app, vendor, None, house.id, Some(room), &dearer_at_night, None)
        .await
        .unwrap();
    let hours = Interval::new(hour(49).start(), hour(52).end()).unwrap();
    let mut quoted = 0;
    for query in [
        time(hour(48)),
        time(hours),
        format!("{BERLIN}&date={DAY}&minutes=60&guests=5"),
        format!("{BERLIN}&date={DAY}&minutes=240&sort=price"),
        format!("{BERLIN}&date={DAY}&minutes=120&from=11:00&to=17:00&instant=true&sort=new"),
        format!("bbox=13.4,52.51,13.41,52.53&date={DAY}&minutes=1440&guests=9"),
    ] {
        for card in place.walks(&query, 2).await {
            for space in card["spaces"].as_array().unwrap() {
                assert!(!space["slots"].as_array().unwrap().is_empty());
                for slot in space["slots"].as_array().unwrap() {
                    let ask = json!({
                        "venue_id": card["venue_id"], "space_id": space["space_id"],
                        "start": slot["start"], "end": slot["end"], "guests": 5,
                    });
                    let quote = post("/api/v1/venues/quotes", ask)
                        .of(place.router())
                        .await
                        .is(201);
                    if slot == &space["slots"][0] {
                        assert_eq!(quote["price"]["total"], space["total"]);
                    }
                    quoted += 1;
                }
            }
        }
    }
    assert!(quoted > 20, "{quoted} offers are no test");
}

#[tokio::test]
async fn what_cannot_be_charged_is_not_offered() {
    let place = Place::new().await;
    // Half a euro is the least.
    let venue = place.venue(priced(10)).await;
    assert!(place.finds(&time(hour(48))).await.is_empty());
    let hours = Interval::new(hour(48).start(), plus_minutes(hour(48).start(), 300)).unwrap();
    assert_eq!(place.finds(&time(hours)).await, [venue.id.to_string()]);
    assert!(
        place
            .finds(&format!("{BERLIN}&date={DAY}&minutes=240"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_search_sees_what_a_vendor_changes() {
    let (place, [house, ..], room) = town().await;
    let (app, vendor) = (&place.world.app, place.vera.member());
    let [main, room_id] = [house.main_space, room].map(|space| space.to_string());
    let one = format!("{BERLIN}&radius_m=100");
    venues::set_rates(
        app,
        vendor,
        None,
        house.id,
        Some(room),
        &Rates::flat(eur(6_000)),
        None,
    )
    .await
    .unwrap();
    assert_eq!(
        place.spaces(&one).await,
        [&*main, &*room_id],
        "the room is the dearer one now"
    );
    place
        .rules(&house, room, |rules| rules.answer_minutes = Some(60))
        .await;
    assert_eq!(place.spaces(&format!("{one}&instant=true")).await, [&*main]);
    let mut settings = SpaceSettings {
        capacity: 100,
        ..space_settings("Room", Vec::new())
    };
    place.world.sets_space(vendor, house.id, room, &settings).await;
    assert_eq!(place.spaces(&format!("{one}&guests=100")).await, [&*room_id]);
    settings.in_use = false;
    place.world.sets_space(vendor, house.id, room, &settings).await;
    assert_eq!(place.spaces(&one).await, [&*main]);
    venues::pause(app, vendor, None, house.id).await.unwrap();
    assert!(place.finds(&one).await.is_empty());
}

#[tokio::test]
async fn everything_wrong_with_a_day_a_box_or_an_order_is_told_at_once() {
    let place = Place::new().await;
    let ask = |query: &str| get(format!("/api/v1/venues/search?{query}")).of(place.router());
    ask("bbox=1,2,3&date=2027-02-03&from=9&to=nine&guests=0&price_max=1")
        .await
        .points_at(&["/bbox", "/from", "/to", "/minutes", "/guests", "/currency"]);
    ask("lat=0&lng=0&bbox=0,0,0.1,0.1&date=2027-02-03&minutes=60&start=2027-03-01T10:00:00Z")
        .await
        .points_at(&["/bbox", "/date"]);
    ask("bbox=0,0,0.1,0.1&sort=rating&instant=maybe&date=2027-02-30&minutes=x&q=loft")
        .await
        .points_at(&["/sort", "/instant", "/date", "/minutes", "/q"]);
    ask("bbox=0,0,1,0.1&minutes=60")
        .await
        .points_at(&["/bbox", "/date"]);
    ask("bbox=0,0,0.1,0.1&sort=new&sort=price")
        .await
        .points_at(&["/sort"]);
    ask("bbox=0,0,0.1,0.1&limit=0").await.points_at(&["/limit"]);
}

/// A place costs a read of the index for each cell; a time two batches more, however many venues there are.
#[tokio::test]
async fn a_search_reads_in_batches() {
    let place = Place::new().await;
    for n in 0..30 {
        place
            .venue(VenueBuilder::default().at(52.52 + f64::from(n) / 10_000.0, 13.405))
            .await;
    }
    let near = format!("{BERLIN}&radius_m=1000&limit=100");
    let count = async |query: String, found: usize| {
        place.world.faults.take_calls();
        assert_eq!(place.finds(&query).await.len(), found);
        place.world.faults.take_calls().into_iter().collect::<Vec<_>>()
    };
    let query = |n: usize| ("Query".to_owned(), n);
    let batches = |n: usize| ("BatchGetItem".to_owned(), n);
    assert_eq!(count(near.clone(), 30).await, [query(1)]);
    let at = format!("{near}&start={}&end={}", hour(48).start(), hour(48).end());
    assert_eq!(count(at, 30).await, [batches(2), query(1)]);
    let day = format!("{near}&date={DAY}&minutes=60");
    assert_eq!(count(day, 30).await, [batches(2), query(1)]);
}
