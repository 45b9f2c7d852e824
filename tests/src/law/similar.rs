//! What is named in place of a venue can be had then, is near, and costs about as much. The oracle looks at every space
//! of the town and asks for a quote of it.

use std::collections::BTreeSet;

use app::Error;
use app::venues::{self, CANDIDATES_AT_ONCE, CANDIDATES_MAX, QuoteRequest, Wish};
use domain::availability::{RuleBook, Rules};
use domain::geo::{Area, Circle, Point};
use domain::id::VenueId;
use domain::money::Money;
use domain::search::{Criteria, SIMILAR_MAX, SIMILAR_RADIUS_M, Sort, When};
use domain::time::{Interval, plus_minutes};
use domain::venue::{Venue, VenueState};
use fastrand::Rng;
use store::venues::Offer;
use testkit::{VenueBuilder, World};

use super::finding::{Town, any_time, opens_like};

const SEEDS: u64 = 3;
const WISHES_EACH: usize = 4;

#[tokio::test]
async fn what_is_similar_to_a_venue_can_be_had_in_its_place() {
    let (mut named, mut cut, mut not_live) = (0, 0, 0);
    for seed in 0..SEEDS {
        let town = Town::new(seed).await;
        let mut random = Rng::with_seed(2_000 + seed);
        for id in &town.venues {
            let venue = town.world.app.store().venue(*id).await.unwrap().unwrap();
            for _ in 0..WISHES_EACH {
                let wish = Wish {
                    venue: *id,
                    space: None,
                    interval: any_time(&mut random),
                    guests: random.u32(1..30),
                };
                if venue.state == VenueState::Live {
                    let count = check_wish(&town, &venue, wish).await;
                    named += count;
                    cut += usize::from(count == SIMILAR_MAX);
                } else {
                    let similar = venues::similar(&town.world.app, None, wish).await;
                    assert!(matches!(similar, Err(Error::NotFound)), "seed {seed}");
                    not_live += 1;
                }
            }
        }
    }
    assert!(
        named > 60 && not_live > 0,
        "{named} named, {cut} times as many as may be, and {not_live} not live are no test"
    );
}

/// How many venues were named.
async fn check_wish(town: &Town, venue: &Venue, wish: Wish) -> usize {
    let what = format!("{wish:?}");
    let app = &town.world.app;
    let similar = venues::similar(app, None, wish).await.unwrap();
    for hit in &similar {
        assert_ne!(hit.venue.id, wish.venue, "{what}");
        for fit in &hit.fits {
            let ask = QuoteRequest::plain(hit.venue.id, Some(fit.space.id), wish.interval, wish.guests);
            let checked = venues::check(app, None, &ask).await.unwrap();
            assert_eq!(checked.reasons, [], "{what}");
            assert_eq!(checked.price.map(|price| price.total), fit.total, "{what}");
        }
    }
    let offer = app.store().offer(wish.venue, None).await.unwrap().unwrap();
    let price = offer.rates.unwrap().price_per_hour;
    let criteria = Criteria {
        area: Area::Circle(Circle::new(venue.location.public_point(), SIMILAR_RADIUS_M).unwrap()),
        when: When::At(wish.interval),
        guests: wish.guests,
        price_per_hour_max: Some(Money::new(price.amount() * 3 / 2, price.currency())),
        total_max: None,
        amenities: BTreeSet::new(),
        instant: false,
        sort: Sort::Distance,
        limit: 1,
        after: None,
    };
    let distance_m = |other: &Venue| {
        venue
            .location
            .public_point()
            .distance_m(other.location.public_point())
    };
    let mut ought: Vec<_> = town
        .ought(&criteria)
        .await
        .into_iter()
        .filter(|(other, _)| other.id != wish.venue)
        .map(|(other, fits)| {
            let spaces: BTreeSet<_> = fits.iter().map(|fit| fit.space).collect();
            (distance_m(&other), other.id, spaces)
        })
        .collect();
    ought.sort();
    ought.truncate(SIMILAR_MAX);
    let shown: Vec<_> = similar
        .iter()
        .map(|hit| {
            let spaces: BTreeSet<_> = hit.fits.iter().map(|fit| fit.space.id).collect();
            (hit.distance_m, hit.venue.id, spaces)
        })
        .collect();
    assert_eq!(shown, ought, "{what}");
    similar.len()
}

/// A venue with many others around it, of which some are closed.
struct Crowd {
    world: World,
    model: Venue,
    open: Offer,
    closed: Offer,
    opened: u128,
}

impl Crowd {
    async fn new() -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let model = world.live_venue(&vera, VenueBuilder::default()).await;
        let open = world.app.store().offer(model.id, None).await.unwrap().unwrap();
        let closed = Offer {
            book: RuleBook {
                rules: Rules::closed(model.location.zone.clone()),
                ..open.book.clone()
            },
            ..open.clone()
        };
        Self {
            world,
            model,
            open,
            closed,
            opened: 0,
        }
    }

    /// Opens one like the model, at a latitude on its meridian.
    async fn opens(&mut self, offer: fn(&Self) -> &Offer, lat: f64) -> VenueId {
        self.opened += 1;
        let mut like = self.model.clone();
        like.location.point = Point::new(lat, 13.405).unwrap();
        let price = self.model.price_per_hour.unwrap();
        opens_like(&self.world, &like, offer(self), self.opened, price).await;
        VenueId::from_uuid(uuid::Uuid::from_u128(self.opened))
    }

    async fn similar(&self) -> Vec<VenueId> {
        let start = "2027-02-10T10:00:00Z".parse().unwrap();
        let wish = Wish {
            venue: self.model.id,
            space: None,
            interval: Interval::new(start, plus_minutes(start, 60)).unwrap(),
            guests: 1,
        };
        let similar = venues::similar(&self.world.app, None, wish).await.unwrap();
        similar.iter().map(|hit| hit.venue.id).collect()
    }
}

#[tokio::test]
async fn beyond_what_one_search_reads_nothing_similar_is_named() {
    let mut crowd = Crowd::new().await;
    let far = crowd.opens(|crowd| &crowd.open, 52.53).await;
    for _ in 1..CANDIDATES_MAX {
        crowd.opens(|crowd| &crowd.closed, 52.52).await;
    }
    assert_eq!(crowd.similar().await, [far]);
    crowd.opens(|crowd| &crowd.closed, 52.52).await;
    assert_eq!(crowd.similar().await, []);
}

#[tokio::test]
async fn no_more_is_read_than_it_takes_to_find_what_is_similar() {
    let mut crowd = Crowd::new().await;
    for _ in 0..CANDIDATES_AT_ONCE {
        crowd.opens(|crowd| &crowd.open, 52.52).await;
    }
    let reads = async |crowd: &Crowd| {
        crowd.world.faults.take_calls();
        assert_eq!(crowd.similar().await.len(), SIMILAR_MAX);
        crowd.world.faults.take_calls()
    };
    let enough = reads(&crowd).await;
    // Whatever comes after them is not looked at.
    for _ in 0..CANDIDATES_AT_ONCE {
        crowd.opens(|crowd| &crowd.open, 52.53).await;
    }
    assert_eq!(reads(&crowd).await, enough);
    // The venue's own, then three documents of each space and a day of each, a hundred in a request.
    assert_eq!(enough.get("BatchGetItem"), Some(&4), "{enough:?}");
}
