//! Finding venues, seeing when they are free and what they cost.

use axum::Router;
use domain::amenity::Amenity;
use domain::money::Money;
use domain::pricing::{AddOn, Per, Rates};
use domain::text::Label;
use domain::time::Interval;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, all, get, post, text};
use super::hour;

const SEARCH: &str = "/api/v1/venues/search?lat=52.52&lng=13.405";

fn router(world: &World) -> Router {
    venues::router(world.app.clone())
}

async fn scene() -> (World, Person, Venue) {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    (world, vera, venue)
}

async fn found(world: &World, more: &str) -> Vec<String> {
    let list = get(format!("{SEARCH}{more}")).of(router(world)).await.is(200);
    all(&list, "venue_id").into_iter().map(str::to_owned).collect()
}

async fn quote(world: &World, venue: &Venue, time: Interval, guests: u32) -> Answer {
    let ask = json!({"venue_id": venue.id, "start": time.start(), "end": time.end(), "guests": guests});
    post("/api/v1/venues/quotes", ask).of(router(world)).await
}

#[tokio::test]
async fn a_search_shows_what_a_customer_needs_to_choose() {
    let (world, _, venue) = scene().await;
    let list = get(SEARCH).of(router(&world)).await.is(200);
    let card = &list["data"][0];
    assert_eq!(text(card, "/venue_id"), venue.id.to_string());
    let shown = venue.location.public_point();
    assert_eq!(card["distance_m"], venue.location.point.distance_m(shown));
    assert_eq!(
        (&card["location"]["lat"], &card["location"]["lng"]),
        (&json!(shown.lat()), &json!(shown.lng()))
    );
    assert_eq!(text(card, "/location/city"), "Berlin");
    assert_eq!(card["capacity"], 40);
    assert_eq!(
        card["price_per_hour"],
        json!({"amount": 5000, "currency": "EUR", "exponent": 2})
    );
    assert_eq!(text(card, "/location/zone"), "Europe/Berlin");
    assert!(text(card, "/photo_url").contains(&venue.photos[0].id.to_string()));
}

#[tokio::test]
async fn a_search_leaves_out_what_does_not_fit() {
    let (world, vera, _) = scene().await;
    let mut builder = VenueBuilder::default().at(52.53, 13.405);
    builder.venue.amenities = [Amenity::Wifi, Amenity::Stage].into();
    builder.venue.capacity = 100;
    builder.venue.price_per_hour = Some(Money::new(9_000, "EUR".parse().unwrap()));
    let hall = world.live_venue(&vera, builder).await.id.to_string();
    world.draft(&vera, VenueBuilder::default()).await;
    assert_eq!(found(&world, "").await.len(), 2, "a draft is not found");
    assert_eq!(found(&world, "&guests=41").await, [hall.as_str()]);
    assert_eq!(
        found(&world, "&amenity=wifi&amenity=stage").await,
        [hall.as_str()]
    );
    assert!(found(&world, "&amenity=wifi&amenity=pool").await.is_empty());
    assert!(
        !found(&world, "&price_max=5000&currency=EUR")
            .await
            .contains(&hall)
    );
    assert!(found(&world, "&price_max=99999&currency=JPY").await.is_empty());
    assert!(!found(&world, "&radius_m=500").await.contains(&hall));
}

#[tokio::test]
async fn a_search_for_a_time_finds_what_is_free_then() {
    let (world, _, venue) = scene().await;
    let carl = world.customer("carl").await;
    let time = |i: Interval| format!("&start={}&end={}", i.start(), i.end());
    assert_eq!(found(&world, &time(hour(48))).await.len(), 1);
    world.books(&carl, venue.id, hour(48)).await.unwrap();
    assert!(found(&world, &time(hour(48))).await.is_empty());
    assert_eq!(found(&world, &time(hour(49))).await.len(), 1);
    assert!(
        found(&world, &time(hour(-48))).await.is_empty(),
        "the past is not free"
    );
}

#[tokio::test]
async fn a_search_gives_everything_once_page_by_page() {
    let (world, vera, _) = scene().await;
    for step in 1..5 {
        world
            .live_venue(
                &vera,
                VenueBuilder::default().at(52.52 + f64::from(step) / 1_000.0, 13.405),
            )
            .await;
    }
    let whole = found(&world, "").await;
    assert_eq!(whole.len(), 5);
    let mut seen = Vec::new();
    let mut more = "&limit=2".to_owned();
    loop {
        let page = get(format!("{SEARCH}{more}")).of(router(&world)).await.is(200);
        seen.extend(all(&page, "venue_id").into_iter().map(str::to_owned));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        more = format!("&limit=2&cursor={cursor}");
        let other = get(format!("{SEARCH}{more}&guests=2")).of(router(&world)).await;
        other.points_at(&["/cursor"]);
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn everything_wrong_with_a_search_is_told_at_once() {
    let world = World::new();
    let ask = |query: &str| get(format!("/api/v1/venues/search?{query}")).of(router(&world));
    ask("").await.points_at(&["/lat", "/lng"]);
    ask("lat=x&lng=NaN&guests=1.5&colour=red")
        .await
        .points_at(&["/lat", "/lng", "/guests", "/colour"]);
    ask("lat=91&lng=0&radius_m=50001&guests=0&amenity=A")
        .await
        .points_at(&["/lat", "/radius_m", "/guests", "/amenity/0"]);
    ask("lat=0&lng=0&start=2027-03-01T10:00:00Z")
        .await
        .points_at(&["/end"]);
    ask("lat=0&lng=0&start=2027-03-01T10:00:00Z&end=2027-03-01T09:00:00Z")
        .await
        .points_at(&["/end"]);
    ask("lat=0&lng=0&start=tomorrow&end=2027-03-01")
        .await
        .points_at(&["/start", "/end"]);
}

#[tokio::test]
async fn availability_is_what_a_booking_would_get() {
    let (world, _, venue) = scene().await;
    let carl = world.customer("carl").await;
    world.books(&carl, venue.id, hour(48)).await.unwrap();
    let (from, to) = (hour(47).start(), hour(49).end());
    let path = format!(
        "/api/v1/venues/availability/{}?from={from}&to={to}&minutes=60",
        venue.id
    );
    let shown = get(path).of(router(&world)).await.is(200);
    let interval = |i: Interval| json!({"start": i.start(), "end": i.end()});
    assert_eq!(shown["free"], json!([interval(hour(47)), interval(hour(49))]));
    let slots = shown["slots"].as_array().unwrap();
    assert!(
        slots.contains(&interval(hour(47))) && !slots.contains(&interval(hour(48))),
        "{shown}"
    );
    assert_eq!(text(&shown, "/zone"), "Europe/Berlin");
    assert_eq!(text(&shown, "/as_of"), world.now().to_string());
    for slot in slots {
        let ask = json!({"venue_id": venue.id, "start": slot["start"], "end": slot["end"], "guests": 1});
        post("/api/v1/venues/quotes", ask)
            .of(router(&world))
            .await
            .is(201);
    }
}

#[tokio::test]
async fn a_quote_is_shown_to_whoever_asked_for_it_while_it_is_honoured() {
    let (world, _, venue) = scene().await;
    let (carl, olga) = (world.customer("carl").await, world.customer("olga").await);
    let ask = || {
        let time = hour(48);
        let body = json!({"venue_id": venue.id, "start": time.start(), "end": time.end(), "guests": 2});
        post("/api/v1/venues/quotes", body)
    };
    let anonymous = ask().of(router(&world)).await.is(201);
    let carls = ask().by(&carl).of(router(&world)).await.is(201);
    let show = |quote: &Value| get(format!("/api/v1/venues/quotes/{}", text(quote, "/quote_id")));
    assert_eq!(show(&anonymous).of(router(&world)).await.is(200), anonymous);
    assert_eq!(
        show(&anonymous).by(&olga).of(router(&world)).await.is(200),
        anonymous
    );
    assert_eq!(show(&carls).by(&carl).of(router(&world)).await.is(200), carls);
    show(&carls)
        .by(&olga)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    show(&carls).of(router(&world)).await.refuses(404, "not_found");
    // An id that names another time is another quote's.
    let id = text(&carls, "/quote_id");
    let other = format!("{}0001", &id[..id.len() - 4]);
    let path = format!("/api/v1/venues/quotes/{other}");
    get(path)
        .by(&carl)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    world.clock.advance_minutes(domain::pricing::QUOTE_MINUTES);
    show(&anonymous)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn a_window_of_availability_has_limits() {
    let (world, _, venue) = scene().await;
    let ask =
        |query: &str| get(format!("/api/v1/venues/availability/{}?{query}", venue.id)).of(router(&world));
    ask("").await.points_at(&["/from", "/to"]);
    ask("from=2027-03-01T00:00:00Z&to=2027-06-01T00:00:00Z")
        .await
        .is(200);
    ask("from=2027-03-01T00:00:00Z&to=2027-06-01T00:00:01Z")
        .await
        .points_at(&["/to"]);
    ask("from=2027-03-01T00:00:00Z&to=2027-02-01T00:00:00Z&minutes=0")
        .await
        .points_at(&["/to", "/minutes"]);
    ask("from=9999-12-30T00:00:00Z&to=9999-12-30T22:00:00Z&minutes=60")
        .await
        .is(200);
}

#[tokio::test]
async fn details_show_a_venue_and_are_not_sent_twice() {
    let (world, vera, venue) = scene().await;
    let path = format!("/api/v1/venues/details/{}", venue.id);
    let answer = get(&path).of(router(&world)).await;
    let tag = answer.header("etag").unwrap().to_owned();
    let details = answer.is(200);
    assert_eq!(text(&details, "/name"), "The Loft");
    assert_eq!(details["bookable"], true);
    assert_eq!(
        details["rules"]["weekly"][0],
        json!({"weekday": 1, "open": "00:00", "close": "24:00"})
    );
    assert_eq!(
        details["cancellation_policy"],
        json!({
            "name": "very_flexible",
            "version": 1,
            "tiers": [{"hours_before": 24, "refund_bps": 10000, "fees_refundable": true, "until": null}],
            "grace": {"hours_after_confirmation": 24, "hours_before_start": 48},
            "text": [
                "Up to and including 24 hours before the start, all of the price comes back.",
                "After that, nothing comes back.",
            ],
            "note": null,
        })
    );
    assert_eq!(details["photos"].as_array().unwrap().len(), 1);
    get(&path)
        .header("if-none-match", tag.clone())
        .of(router(&world))
        .await
        .is(304);

    // Hours are part of it, so that a change of them is news.
    let rules = testkit::hours_every_day("Europe/Berlin", 480, 1_200);
    app::venues::set_rules(&world.app, vera.member(), None, venue.id, None, rules, None)
        .await
        .unwrap();
    get(&path)
        .header("if-none-match", tag)
        .of(router(&world))
        .await
        .is(200);
}

#[tokio::test]
async fn details_show_what_each_space_costs_and_what_can_be_taken_along() {
    let (world, vera, venue) = scene().await;
    let eur = |amount| Money::new(amount, "EUR".parse().unwrap());
    let rates = Rates {
        cleaning_fee: Some(eur(4_000)),
        deposit: Some(eur(20_000)),
        floor_per_hour: Some(eur(1_000)),
        add_ons: vec![AddOn {
            name: Label::parse("Projector").unwrap(),
            price: eur(1_500),
            per: Per::Booking,
            quantity_max: 1,
            tax: None,
        }],
        ..Rates::flat(eur(6_000))
    };
    let path = format!("/api/v1/venues/details/{}", venue.id);
    let before = get(&path).of(router(&world)).await;
    let tag = before.header("etag").unwrap().to_owned();
    app::venues::set_rates(&world.app, vera.member(), None, venue.id, None, &rates, None)
        .await
        .unwrap();
    let answer = get(&path).header("if-none-match", tag).of(router(&world)).await;
    let details = answer.is(200);
    let money = |amount: i64| json!({"amount": amount, "currency": "EUR", "exponent": 2});
    let add_on = json!({
        "name": "Projector", "price": money(1_500), "per": "booking", "quantity_max": 1, "tax": null,
    });
    // How low discounts may go is the vendor's own affair.
    assert_eq!(
        details["spaces"][0]["pricing"],
        json!({
            "price_per_hour": money(6_000), "minimum_spend": null, "cleaning_fee": money(4_000),
            "add_ons": [add_on], "discounts": [], "tax": null, "deposit": money(20_000),
        })
    );
}

#[tokio::test]
async fn availability_that_is_known_is_not_sent_again() {
    let (world, _, venue) = scene().await;
    let carl = world.customer("carl").await;
    let (from, to) = (hour(48).start(), hour(58).end());
    let path = format!(
        "/api/v1/venues/availability/{}?from={from}&to={to}&minutes=60",
        venue.id
    );
    let ask = |tag: &str| get(&path).header("if-none-match", tag).of(router(&world));
    let first = get(&path).of(router(&world)).await;
    let tag = first.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/"), "{tag}");
    world.clock.advance_seconds(1);
    ask(&tag).await.is(304);
    world.books(&carl, venue.id, hour(50)).await.unwrap();
    let news = ask(&tag).await;
    assert_ne!(news.header("etag").unwrap(), tag);
    news.is(200);
}

#[tokio::test]
async fn a_check_tells_every_reason_and_the_price() {
    let (world, _, venue) = scene().await;
    let carl = world.customer("carl").await;
    let path = format!("/api/v1/venues/availability/{}/check", venue.id);
    let check = |time: Interval, more: Value| {
        let mut ask = json!({"start": time.start(), "end": time.end(), "guests": 2});
        ask.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        post(&path, ask).of(router(&world))
    };
    let codes = |verdict: &Value| -> Vec<String> {
        all(&json!({"data": verdict["reasons"]}), "code")
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let free = check(hour(48), json!({})).await.is(200);
    assert_eq!((&free["available"], codes(&free)), (&json!(true), vec![]));
    assert_eq!(free["price"]["total"]["amount"], 5_000);
    assert_eq!(free["alternatives"], json!([]));
    world.books(&carl, venue.id, hour(48)).await.unwrap();
    let odd = Interval::new(
        domain::time::plus_minutes(hour(48).start(), 7),
        domain::time::plus_minutes(hour(48).end(), 7),
    )
    .unwrap();
    let taken = check(odd, json!({"guests": 41, "layout": "Round"})).await.is(200);
    assert_eq!(taken["available"], false);
    assert_eq!(codes(&taken), ["layout", "alignment", "slot_taken"]);
    assert_eq!(taken["alternatives"].as_array().unwrap().len(), 3);
    assert_eq!(
        taken["price"]["total"]["amount"], 5_000,
        "it has a price all the same"
    );
    // What a quote is refused by is the first reason.
    let ask = json!({
        "venue_id": venue.id, "start": odd.start(), "end": odd.end(), "guests": 41, "layout": "Round",
    });
    post("/api/v1/venues/quotes", ask)
        .of(router(&world))
        .await
        .refuses(409, "layout");
    let long = Interval::new(hour(48).start(), hour(48 + 24 * 365).end()).unwrap();
    let long = check(long, json!({})).await.is(200);
    assert_eq!(codes(&long), ["max_duration"]);
    assert_eq!(long["price"], Value::Null);
    let ever = Interval::new(hour(48).start(), "9999-12-30T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(codes(&check(ever, json!({})).await.is(200)), ["max_duration"]);
    let bar = check(hour(49), json!({"add_ons": [{"name": "Bar"}]}))
        .await
        .is(200);
    assert_eq!(
        (codes(&bar), &bar["price"]),
        (vec!["add_on".to_owned()], &Value::Null)
    );
    check(hour(48), json!({"guests": 0, "promo_code": "?"}))
        .await
        .points_at(&["/guests", "/promo_code"]);
    check(hour(48), json!({"promo_code": "SUMMER"}))
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test]
async fn a_venue_that_is_not_live_exists_for_its_vendor_and_admins_alone() {
    let world = World::new();
    let (vera, admin) = (world.vendor("vera").await, world.admin().await);
    let (carl, other) = (world.customer("carl").await, world.vendor("otto").await);
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let time = hour(48);
    for path in [
        format!("/api/v1/venues/details/{}", draft.id),
        format!(
            "/api/v1/venues/availability/{}?from={}&to={}",
            draft.id,
            time.start(),
            time.end()
        ),
    ] {
        get(&path).of(router(&world)).await.refuses(404, "not_found");
        for stranger in [&carl, &other] {
            get(&path)
                .by(stranger)
                .of(router(&world))
                .await
                .refuses(404, "not_found");
        }
        for insider in [&vera, &admin] {
            get(&path).by(insider).of(router(&world)).await.is(200);
        }
    }
    quote(&world, &draft, time, 1).await.refuses(404, "not_found");
    for id in [
        "x",
        "ven_01900000000070008000000000000099",
        "bkg_01900000000070008000000000000001",
    ] {
        get(format!("/api/v1/venues/details/{id}"))
            .of(router(&world))
            .await
            .refuses(404, "not_found");
    }
}

#[tokio::test]
async fn a_quote_names_the_price_and_the_terms() {
    let (world, _, venue) = scene().await;
    let time = Interval::new(hour(48).start(), hour(49).end()).unwrap();
    let quote = quote(&world, &venue, time, 40).await.is(201);
    assert_eq!(
        quote["price"]["total"],
        json!({"amount": 10000, "currency": "EUR", "exponent": 2})
    );
    assert_eq!(quote["price"]["lines"][0]["minutes"], 120);
    let until = domain::time::plus_minutes(time.start(), -24 * 60).to_string();
    assert_eq!(text(&quote, "/cancellation_policy/tiers/0/until"), until);
    assert_eq!(
        text(&quote, "/cancellation_policy/text/0"),
        "Up to and including 24 hours before the start, all of the price comes back."
    );
    let expires_at = domain::time::plus_minutes(world.now(), 15).to_string();
    assert_eq!(text(&quote, "/expires_at"), expires_at);
}

#[tokio::test]
async fn a_quote_that_the_rules_refuse_says_which_and_what_else_is_free() {
    let (world, _, venue) = scene().await;
    let carl = world.customer("carl").await;
    world.books(&carl, venue.id, hour(48)).await.unwrap();
    quote(&world, &venue, hour(48), 41).await.refuses(409, "capacity");
    let taken = quote(&world, &venue, hour(48), 1)
        .await
        .refuses(409, "slot_taken");
    let past = quote(&world, &venue, hour(-2), 1).await.refuses(409, "past");
    let crooked = Interval::new(domain::time::plus_minutes(hour(50).start(), 7), hour(51).end()).unwrap();
    let crooked = quote(&world, &venue, crooked, 1).await.refuses(409, "alignment");
    let half_an_hour = domain::time::plus_minutes(hour(60).start(), 30);
    let short = Interval::new(hour(60).start(), half_an_hour).unwrap();
    let short = quote(&world, &venue, short, 1).await.refuses(409, "min_duration");
    assert_eq!(text(&short, "/alternatives/0/end"), hour(60).end().to_string());
    let long = Interval::new(hour(60).start(), hour(60 + 24 * 40).end()).unwrap();
    let long = quote(&world, &venue, long, 1).await.refuses(409, "max_duration");
    let late = quote(&world, &venue, hour(24 * 700), 1)
        .await
        .refuses(409, "horizon");
    for refused in [taken, past, crooked, short, long, late] {
        let others = refused["alternatives"].as_array().unwrap();
        assert!(!others.is_empty());
        for other in others {
            let ask =
                json!({"venue_id": venue.id, "start": other["start"], "end": other["end"], "guests": 1});
            post("/api/v1/venues/quotes", ask)
                .of(router(&world))
                .await
                .is(201);
        }
    }
}

#[tokio::test]
async fn everything_wrong_with_a_quote_is_told_at_once() {
    let (world, _, venue) = scene().await;
    let ask = |body: Value| post("/api/v1/venues/quotes", body).of(router(&world));
    let wrong = json!({
        "venue_id": "x", "start": "2027-03-01T10:00:00Z", "end": "2027-03-01T10:00:00Z", "guests": 0,
    });
    ask(wrong).await.points_at(&["/venue_id", "/end", "/guests"]);
    ask(json!({"venue_id": venue.id, "start": "tomorrow", "guests": -1}))
        .await
        .points_at(&["/start", "/end", "/guests"]);
    let nowhere = json!({
        "venue_id": "ven_01900000000070008000000000000099",
        "start": hour(48).start(), "end": hour(48).end(), "guests": 1,
    });
    ask(nowhere).await.refuses(404, "not_found");
}

/// A-T3: whoever asks, and by whatever clock, is offered the same instants.
#[tokio::test]
async fn a_t3_a_window_in_another_offset_offers_the_same_times() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let builder = VenueBuilder::default().rules(|rules| {
        rules.step_minutes = 60;
        rules.weekly.retain(|opening| opening.weekday != 4);
    });
    let venue = world.live_venue(&vera, builder).await;
    let slots = async |from: &str, to: &str| {
        let path = format!(
            "/api/v1/venues/availability/{}?minutes=60&from={from}&to={to}",
            venue.id
        );
        let shown = get(path).of(router(&world)).await.is(200);
        (
            shown["slots"].clone(),
            shown["free"].clone(),
            shown["zone"].clone(),
        )
    };
    // A Wednesday and a Thursday in Berlin, asked for from London, Kathmandu and Honolulu.
    let here = slots("2027-03-03T00:00:00Z", "2027-03-05T00:00:00Z").await;
    assert!(!here.0.as_array().unwrap().is_empty());
    assert_eq!(here.2, "Europe/Berlin");
    assert_eq!(
        slots("2027-03-03T05:45:00%2B05:45", "2027-03-05T05:45:00%2B05:45").await,
        here
    );
    assert_eq!(
        slots("2027-03-02T14:00:00-10:00", "2027-03-04T14:00:00-10:00").await,
        here
    );
}

#[tokio::test]
async fn a_package_is_shown_quoted_and_booked_as_a_whole() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    // It starts where nothing else may, and is as long as nothing else is.
    let builder = VenueBuilder::default().rules(|rules| {
        rules.packages = vec![domain::availability::Package {
            name: Label::parse("Dinner").unwrap(),
            weekdays: vec![3],
            hours: domain::availability::Hours {
                open_minute: 18 * 60 + 10,
                close_minute: 22 * 60 + 55,
            },
        }];
    });
    let venue = world.live_venue(&vera, builder).await;
    let path = format!(
        "/api/v1/venues/availability/{}?from=2027-02-02T23:00:00Z&to=2027-02-03T23:00:00Z",
        venue.id
    );
    let (start, end) = ("2027-02-03T17:10:00Z", "2027-02-03T21:55:00Z");
    let shown = get(&path).of(router(&world)).await.is(200);
    assert_eq!(
        shown["packages"],
        json!([{"name": "Dinner", "start": start, "end": end}])
    );
    let dinner = Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
    let quoted = quote(&world, &venue, dinner, 2).await.is(201);
    // Four hours and three quarters, for 50 euros each.
    assert_eq!(quoted["price"]["total"]["amount"], 23_750);
    let longer = Interval::new(dinner.start(), domain::time::plus_minutes(dinner.end(), 5)).unwrap();
    quote(&world, &venue, longer, 2).await.refuses(409, "alignment");
    let booked = post("/api/v1/bookings/create", json!({"quote_id": quoted["quote_id"]}))
        .by(&carl)
        .key("dinner")
        .of(bookings::router(world.app.clone()))
        .await
        .is(201);
    assert_eq!((text(&booked, "/start"), text(&booked, "/end")), (start, end));
    let shown = get(&path).of(router(&world)).await.is(200);
    assert_eq!(shown["packages"], json!([]));
}
