//! `GET /api/v1/venues/details/{venue_id}/similar`: where else one could go.

use axum::Router;
use domain::money::Money;
use domain::search::SIMILAR_MAX;
use domain::time::Interval;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World, hours_every_day};

use super::ask::{Answer, all, get, post, text};
use super::hour;

struct Place {
    world: World,
    vera: Person,
    loft: Venue,
}

impl Place {
    async fn new() -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let loft = world.live_venue(&vera, VenueBuilder::default()).await;
        Self { world, vera, loft }
    }

    fn router(&self) -> Router {
        ::venues::router(self.world.app.clone())
    }

    /// Another one, so many cells of the public's map north of the loft: 300 metres each.
    #[expect(clippy::float_arithmetic, reason = "a place, not money")]
    async fn opens(&self, north: u32, change: impl FnOnce(&mut VenueBuilder)) -> Venue {
        let mut builder = VenueBuilder::default().at(52.52 + f64::from(north) * 0.002_7, 13.405);
        change(&mut builder);
        self.world.live_venue(&self.vera, builder).await
    }

    async fn ask(&self, query: &str) -> Answer {
        let path = format!("/api/v1/venues/details/{}/similar?{query}", self.loft.id);
        get(path).of(self.router()).await
    }

    async fn similar(&self, time: Interval, more: &str) -> Value {
        let query = format!("start={}&end={}{more}", time.start(), time.end());
        self.ask(&query).await.is(200)
    }

    async fn named(&self, time: Interval, more: &str) -> Vec<String> {
        let similar = self.similar(time, more).await;
        all(&similar, "venue_id").into_iter().map(str::to_owned).collect()
    }
}

fn priced(amount: i64, currency: &str) -> impl FnOnce(&mut VenueBuilder) {
    let price = Money::new(amount, currency.parse().unwrap());
    move |builder| builder.venue.price_per_hour = Some(price)
}

#[tokio::test]
async fn in_place_of_a_venue_others_are_named_that_are_free_near_and_not_much_dearer() {
    let place = Place::new().await;
    let carl = place.world.customer("carl").await;
    // Far, dear, priced in another currency, closed.
    place.opens(34, |_| ()).await;
    place.opens(1, priced(7_501, "EUR")).await;
    place.opens(1, priced(5_000, "USD")).await;
    let at_night = hours_every_day("Europe/Berlin", 0, 60);
    place
        .opens(1, |builder| builder.venue.rules = Some(at_night))
        .await;
    let farther = place.opens(33, priced(7_500, "EUR")).await;
    let nearer = place.opens(2, priced(1_000, "EUR")).await;
    let small = place.opens(1, |builder| builder.venue.capacity = 9).await;
    let [farther, nearer, small_id] = [&farther, &nearer, &small].map(|venue| venue.id.to_string());
    let all = [&*small_id, &nearer, &farther];
    assert_eq!(place.named(hour(48), "").await, all);
    assert_eq!(place.named(hour(48), "&guests=10").await, [&*nearer, &farther]);
    place.world.books(&carl, small.id, hour(48)).await.unwrap();
    assert_eq!(place.named(hour(48), "").await, [&*nearer, &farther]);
    // Also when the venue itself is taken, which is when one looks for others.
    place.world.books(&carl, place.loft.id, hour(49)).await.unwrap();
    assert_eq!(place.named(hour(49), "").await, all);
    assert!(
        place.named(hour(-48), "").await.is_empty(),
        "the past is not free"
    );
}

#[tokio::test]
async fn what_is_similar_is_shown_as_by_a_search_and_can_be_had() {
    let place = Place::new().await;
    let other = place.opens(2, |_| ()).await;
    let similar = place.similar(hour(48), "&guests=3").await;
    let card = &similar["data"][0];
    assert_eq!(text(card, "/venue_id"), other.id.to_string());
    let there = place.loft.location.public_point();
    assert_eq!(
        card["distance_m"],
        there.distance_m(other.location.public_point())
    );
    let time = json!([{"start": hour(48).start(), "end": hour(48).end()}]);
    assert_eq!(card["spaces"][0]["slots"], time);
    assert_eq!(card["spaces"][0]["total"]["amount"], 5_000);
    assert!(text(card, "/photo_url").contains(&other.photos[0].id.to_string()));
    let ask = json!({
        "venue_id": other.id, "space_id": card["spaces"][0]["space_id"],
        "start": hour(48).start(), "end": hour(48).end(), "guests": 3,
    });
    post("/api/v1/venues/quotes", ask)
        .of(place.router())
        .await
        .is(201);
}

#[tokio::test]
async fn of_what_is_similar_the_nearest_are_named() {
    let place = Place::new().await;
    let mut nearest = Vec::new();
    for north in 1..=8 {
        nearest.push(place.opens(north, |_| ()).await.id.to_string());
    }
    nearest.truncate(SIMILAR_MAX);
    assert_eq!(place.named(hour(48), "").await, nearest);
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_told_with_all_that_is_wrong() {
    let place = Place::new().await;
    place.ask("").await.points_at(&["/start", "/end"]);
    place
        .ask("start=2027-03-01T10:00:00Z&end=2027-03-01T10:00:00Z&guests=0&space_id=x")
        .await
        .points_at(&["/space_id", "/end", "/guests"]);
    place
        .ask("start=soon&end=2027-03-01T10:00:00Z&radius_m=5")
        .await
        .points_at(&["/start", "/radius_m"]);
}

#[tokio::test]
async fn nothing_is_similar_to_a_venue_or_a_space_that_is_not_there() {
    let place = Place::new().await;
    let draft = place.world.draft(&place.vera, VenueBuilder::default()).await;
    let time = format!("start={}&end={}", hour(48).start(), hour(48).end());
    let path = |venue: String| format!("/api/v1/venues/details/{venue}/similar?{time}");
    for venue in [
        draft.id.to_string(),
        "ven_01900000000070008000000000000099".to_owned(),
    ] {
        let ask = get(path(venue));
        ask.of(place.router()).await.refuses(404, "not_found");
    }
    let own = get(path(draft.id.to_string())).by(&place.vera);
    let similar = own.of(place.router()).await.is(200);
    assert_eq!(text(&similar, "/data/0/venue_id"), place.loft.id.to_string());
    place
        .ask(&format!("{time}&space_id=spc_01900000000070008000000000000099"))
        .await
        .refuses(404, "not_found");
}
