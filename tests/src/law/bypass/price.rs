//! What cannot be priced is not sold. A quote from before is honoured, as its price is, and what a vendor enters is
//! charged elsewhere.

use app::venues::{self, QuoteRequest};
use domain::availability::{DURATION_MINUTES_MAX, Hours};
use domain::money::Money;
use domain::pricing::{Effect, PRICE_AMOUNT_MAX, RATE_RULES_MAX, RateRule, Rates, When};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use testkit::VenueBuilder;

use super::{Scene, Way, code_of, wanted};

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

/// Every rule begins and ends later than the one before, so that the rate changes with each of them.
fn ever_changing() -> Rates {
    let rule = |n: usize| {
        let from = u32::try_from(n).unwrap() * 10;
        RateRule {
            name: Label::parse(&format!("Step {n}")).unwrap(),
            priority: 0,
            when: When {
                hours: Some(Hours {
                    open_minute: from,
                    close_minute: 1_440 - from,
                }),
                ..When::default()
            },
            effect: Effect::Add(eur(100)),
        }
    };
    Rates {
        rules: (0..RATE_RULES_MAX).map(rule).collect(),
        ..Rates::flat(eur(5_000))
    }
}

#[tokio::test]
async fn a_t4_what_cannot_be_priced_is_hidden_and_refused_and_an_earlier_quote_is_honoured() {
    let long = Interval::new(wanted().start(), plus_minutes(wanted().start(), 20 * 1_440)).unwrap();
    for (code, time, rates) in [
        ("amount_too_small", wanted(), Rates::flat(eur(24))),
        ("amount", long, Rates::flat(eur(PRICE_AMOUNT_MAX))),
        ("too_many_rates", long, ever_changing()),
    ] {
        assert_eq!(rates.problems(), []);
        let builder = VenueBuilder::default().rules(|rules| rules.max_minutes = DURATION_MINUTES_MAX);
        let scene = Scene::at(builder, time).await;
        let (app, vendor) = (&scene.world.app, scene.vera.member());
        venues::set_rates(app, vendor, None, scene.venue.id, None, &rates, None)
            .await
            .unwrap();
        assert!(!scene.is_offered().await, "{code} does not hide");
        assert_eq!(code_of(scene.asks().await), code);
        let ways = [Way::Check, Way::Quote, Way::PreviewMove, Way::Move];
        scene.is_refused_by_hand(&ways, code).await;
        let held = scene.holds().await.unwrap();
        assert_eq!(held.price, scene.quote.price, "{code}");
        scene.world.cancels(&scene.carl, held.id).await.unwrap();
        assert!(scene.enters().await.unwrap().price.total.is_zero(), "{code}");
    }
}

#[tokio::test]
async fn a_t4_a_space_without_a_price_is_hidden_and_refused() {
    let mut scene = Scene::new().await;
    let room = scene.room("Room").await;
    scene.opens(room).await;
    let look = venues::Look {
        venue: scene.venue.id,
        space: Some(room),
        window: wanted(),
        minutes: Some(120),
    };
    let app = &scene.world.app;
    let shown = venues::availability(app, None, look).await.unwrap();
    assert_eq!((shown.free, shown.slots), (vec![wanted()], Vec::new()));
    let ask = QuoteRequest::plain(scene.venue.id, Some(room), wanted(), 2);
    let asked = venues::quote(app, Some(&scene.carl.caller), None, ask).await;
    assert_eq!(code_of(asked), "no_price");
    scene.quote.space = room;
    assert_eq!(code_of(scene.enters().await), "no_price");
    let ways = [Way::Check, Way::Quote, Way::PreviewMove, Way::Move, Way::Enter];
    scene.is_refused_by_hand(&ways, "no_price").await;
}
