//! What a space is and what goes with it: its parts, its guests, whether it is on the market.

use app::venues::{self, QuoteRequest, SpaceSettings};
use domain::availability::{BlockTime, DURATION_MINUTES_MAX};
use domain::id::SpaceId;
use domain::money::Money;
use domain::pricing::Rates;
use domain::space::{Layout, SPACES_MAX};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use testkit::{VenueBuilder, space_settings};

use super::{CUSTOMERS, Scene, Way, code_of, wanted};

impl Scene {
    /// Another space, closed and without a price.
    pub(super) async fn room(&self, name: &str) -> SpaceId {
        let room = space_settings(name, Vec::new());
        self.world
            .adds_space(self.vera.member(), self.venue.id, &room)
            .await
    }

    /// Opens a room round the clock.
    pub(super) async fn opens(&self, room: SpaceId) {
        let rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
        let (vendor, id) = (self.vera.member(), self.venue.id);
        venues::set_rules(&self.world.app, vendor, None, id, Some(room), rules, None)
            .await
            .unwrap();
    }

    /// Opens a room and gives it a price.
    async fn sells(&self, room: SpaceId) {
        self.opens(room).await;
        let rates = Rates::flat(Money::new(2_000, "EUR".parse().unwrap()));
        let (vendor, id) = (self.vera.member(), self.venue.id);
        venues::set_rates(&self.world.app, vendor, None, id, Some(room), &rates, None)
            .await
            .unwrap();
    }

    async fn set_space(&self, space: SpaceId, to: &SpaceSettings) {
        self.world
            .sets_space(self.vera.member(), self.venue.id, space, to)
            .await;
    }

    async fn consists_of(&self, parts: Vec<SpaceId>) {
        self.set_space(self.venue.main_space, &space_settings("Hall", parts))
            .await;
    }

    /// It is not there for whoever looks, and not to be had for whoever has a quote or a booking of it.
    async fn is_withdrawn_by_hand(&self) {
        for way in [Way::Check, Way::Quote] {
            self.by_hand(way).await.refuses(404, "not_found");
        }
        let ways = [Way::Hold, Way::PreviewMove, Way::Move, Way::Enter];
        self.is_refused_by_hand(&ways, "not_bookable").await;
    }

    fn wish(&self, space: Option<SpaceId>, time: Interval, guests: u32) -> QuoteRequest {
        QuoteRequest::plain(self.venue.id, space, time, guests)
    }

    async fn quotes(&self, ask: QuoteRequest) -> app::Result<domain::pricing::Quote> {
        let caller = Some(&self.carl.caller);
        let quoted = venues::quote(&self.world.app, caller, None, ask).await;
        quoted.map(|quoted| quoted.value)
    }
}

#[tokio::test]
async fn a_t4_what_is_booked_of_a_part_is_hidden_and_refused() {
    let scene = Scene::new().await;
    let room = scene.room("Room").await;
    scene.sells(room).await;
    scene.consists_of(vec![room]).await;
    let olga = scene.world.customer("olga").await;
    let asked = venues::quote(
        &scene.world.app,
        Some(&olga.caller),
        None,
        scene.wish(Some(room), wanted(), 2),
    )
    .await;
    scene.world.takes(&olga, &asked.unwrap().value).await.unwrap();
    scene.is_hidden_and_refused_to_all("linked_space").await;
}

#[tokio::test]
async fn a_t4_what_is_blocked_of_a_part_is_hidden_and_refused() {
    let scene = Scene::new().await;
    let room = scene.room("Room").await;
    scene.consists_of(vec![room]).await;
    assert!(scene.is_offered().await);
    scene.block(Some(room), BlockTime::Once(wanted())).await;
    scene.is_hidden_and_refused_to_all("blocked").await;
}

#[tokio::test]
async fn a_t4_what_touches_too_many_days_of_too_many_spaces_is_hidden_and_refused() {
    let five_days = Interval::new(wanted().start(), plus_minutes(wanted().start(), 4 * 1_440)).unwrap();
    let builder = VenueBuilder::default().rules(|rules| rules.max_minutes = DURATION_MINUTES_MAX);
    let scene = Scene::at(builder, five_days).await;
    let mut parts = Vec::new();
    // Eighteen spaces on five days are as many documents as a transaction may write.
    while parts.len() < 17 {
        parts.push(scene.room("Room").await);
    }
    scene.consists_of(parts.clone()).await;
    assert!(scene.is_offered().await);
    parts.push(scene.room("Room").await);
    assert!(parts.len() < SPACES_MAX);
    scene.consists_of(parts).await;
    scene.is_hidden_and_refused_to_all("limit_reached").await;
}

#[tokio::test]
async fn a_t4_more_guests_than_fit_now_are_refused_also_with_a_quote_from_before() {
    let mut scene = Scene::new().await;
    let seated = |capacity| SpaceSettings {
        capacity: 30,
        layouts: vec![Layout {
            name: Label::parse("seated").unwrap(),
            capacity,
        }],
        ..space_settings("Hall", Vec::new())
    };
    let hall = scene.venue.main_space;
    scene.set_space(hall, &seated(20)).await;
    let plain = scene.wish(None, wanted(), 20);
    let furnished = QuoteRequest {
        layout: Some(Label::parse("seated").unwrap()),
        ..plain.clone()
    };
    let smaller = SpaceSettings {
        capacity: 19,
        ..space_settings("Hall", Vec::new())
    };
    for (code, ask, to) in [
        ("capacity", &furnished, seated(19)),
        ("layout", &furnished, space_settings("Hall", Vec::new())),
        ("capacity", &plain, smaller),
    ] {
        scene.set_space(hall, &seated(20)).await;
        scene.quote = scene.quotes(ask.clone()).await.unwrap();
        scene.set_space(hall, &to).await;
        assert_eq!(code_of(scene.quotes(ask.clone()).await), code);
        assert_eq!(code_of(scene.holds().await), code);
        assert_eq!(code_of(scene.enters().await), code);
        scene.is_refused_by_hand(&CUSTOMERS, code).await;
        scene.is_refused_by_hand(&[Way::Enter], code).await;
    }
    // As many as fit are let in by the same quote.
    scene.set_space(hall, &seated(20)).await;
    assert_eq!(scene.holds().await.unwrap().guests, 20);
}

#[tokio::test]
async fn a_t4_a_venue_off_the_market_is_hidden_and_refused() {
    let scene = Scene::new().await;
    let (app, vendor) = (&scene.world.app, scene.vera.member());
    venues::pause(app, vendor, None, scene.venue.id).await.unwrap();
    // To its customers it does not exist, and its vendor is told why nobody can book.
    let look = venues::Look {
        venue: scene.venue.id,
        space: None,
        window: wanted(),
        minutes: Some(120),
    };
    let shown = venues::availability(app, Some(&scene.carl.caller), look).await;
    assert_eq!(shown.unwrap_err(), app::Error::NotFound);
    assert_eq!(scene.asks().await.unwrap_err(), app::Error::NotFound);
    let seen = venues::availability(app, Some(&scene.vera.caller), look).await;
    assert_eq!(seen.unwrap().slots, []);
    let asked = scene.world.quote(&scene.vera, scene.venue.id, wanted()).await;
    assert_eq!(code_of(asked), "not_bookable");
    assert_eq!(code_of(scene.holds().await), "not_bookable");
    assert_eq!(code_of(scene.enters().await), "not_bookable");
    scene.is_withdrawn_by_hand().await;
}

#[tokio::test]
async fn a_t4_a_space_out_of_use_is_hidden_and_refused() {
    let mut scene = Scene::new().await;
    let room = scene.room("Room").await;
    scene.sells(room).await;
    let ask = scene.wish(Some(room), wanted(), 2);
    scene.quote = scene.quotes(ask.clone()).await.unwrap();
    let unused = SpaceSettings {
        in_use: false,
        ..space_settings("Room", Vec::new())
    };
    scene.set_space(room, &unused).await;
    assert_eq!(scene.quotes(ask).await.unwrap_err(), app::Error::NotFound);
    let look = venues::Look {
        venue: scene.venue.id,
        space: Some(room),
        window: wanted(),
        minutes: Some(120),
    };
    let app = &scene.world.app;
    let shown = venues::availability(app, None, look).await;
    assert_eq!(shown.unwrap_err(), app::Error::NotFound);
    let seen = venues::availability(app, Some(&scene.vera.caller), look).await;
    assert_eq!(seen.unwrap().slots, []);
    assert_eq!(code_of(scene.holds().await), "not_bookable");
    assert_eq!(code_of(scene.enters().await), "not_bookable");
    scene.is_withdrawn_by_hand().await;
}
