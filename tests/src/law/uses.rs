//! What there is only so much of (uses of a promo code, a first booking) is never had more often, and is given back
//! by whoever ends up without a booking.

use app::bookings::Step;
use app::vendors::{self, PromoTerms};
use app::{Error, bookings, venues};
use domain::Refusal;
use domain::availability::MINUTES_PER_DAY;
use domain::booking::{Booking, BookingState, HOLD_MINUTES};
use domain::calendar::DAYS_PER_TRANSACTION_MAX;
use domain::money::Money;
use domain::pricing::{Discount, DiscountKind, PromoCode, PromoEffect, PromoObstacle, Rates};
use domain::text::Reason;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use futures_util::future::join_all;
use testkit::{Fault, Person, VenueBuilder, World, space_settings};

use super::under_a_virtual_clock;

fn hour(n: usize) -> Interval {
    let first = "2027-02-03T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, i64::try_from(n).unwrap() * 60);
    Interval::new(start, plus_minutes(start, 60)).unwrap()
}

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn refused(obstacle: PromoObstacle) -> Error {
    Error::Refused(Refusal::Promo { obstacle })
}

struct Scene {
    world: World,
    vera: Person,
    venue: Venue,
    carl: Person,
    code: PromoCode,
}

impl Scene {
    /// A code that takes 10 euros off, so often in all and by each customer.
    async fn with_code(uses_max: Option<u32>, uses_per_customer_max: Option<u32>) -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        let carl = world.customer("carl").await;
        let scene = Self {
            world,
            vera,
            venue,
            carl,
            code: "LOFT-10".parse().unwrap(),
        };
        scene.allows(uses_max, uses_per_customer_max).await;
        scene
    }

    async fn allows(&self, uses_max: Option<u32>, uses_per_customer_max: Option<u32>) {
        let terms = PromoTerms {
            effect: PromoEffect::Amount(eur(1_000)),
            uses_max,
            uses_per_customer_max,
            from: None,
            until: None,
            minimum_spend: None,
            venues: vec![self.venue.id],
        };
        vendors::set_promo(
            &self.world.app,
            self.vera.member(),
            None,
            &self.code,
            &terms,
            None,
        )
        .await
        .unwrap();
    }

    async fn with_first_bookings() -> Self {
        let scene = Self::with_code(None, None).await;
        let rates = Rates {
            discounts: vec![Discount {
                kind: DiscountKind::FirstBooking,
                bps: 2_000,
            }],
            ..Rates::flat(eur(5_000))
        };
        let (app, vendor) = (&scene.world.app, scene.vera.member());
        venues::set_rates(app, vendor, None, scene.venue.id, None, &rates, None)
            .await
            .unwrap();
        scene
    }

    /// With the code.
    async fn books(&self, who: &Person, time: Interval) -> app::Result<Booking> {
        let quote = self
            .world
            .quote_with(who, self.venue.id, time, Some(self.code.clone()))
            .await?;
        self.world.takes(who, &quote).await
    }

    async fn uses(&self) -> u32 {
        let promos = vendors::promos(&self.world.app, self.vera.member())
            .await
            .unwrap();
        let counted = promos.iter().find(|counted| counted.promo.code == self.code);
        counted.unwrap().uses
    }

    /// What an hour costs somebody now.
    async fn hour_costs(&self, who: &Person) -> i64 {
        let quote = self.world.quote(who, self.venue.id, hour(20)).await.unwrap();
        quote.price.total.amount()
    }
}

#[tokio::test]
async fn a_use_is_taken_with_the_hold_and_given_back_when_it_lapses() {
    let scene = Scene::with_code(Some(1), None).await;
    let (world, carl) = (&scene.world, &scene.carl);
    let held = scene.books(carl, hour(1)).await.unwrap();
    assert_eq!(held.price.total, eur(4_000));
    assert_eq!(scene.uses().await, 1);
    let olga = world.customer("olga").await;
    assert_eq!(
        scene.books(&olga, hour(2)).await.unwrap_err(),
        refused(PromoObstacle::UsedUp)
    );
    world.clock.advance_minutes(HOLD_MINUTES);
    app::timers::run(&world.app).await.unwrap();
    assert_eq!(scene.uses().await, 0);
    scene.books(&olga, hour(2)).await.unwrap();
}

#[tokio::test]
async fn a_use_is_given_back_by_whoever_cancels_before_paying_and_by_nobody_after() {
    let scene = Scene::with_code(None, Some(1)).await;
    let (world, carl) = (&scene.world, &scene.carl);
    let held = scene.books(carl, hour(1)).await.unwrap();
    assert_eq!(
        scene.books(carl, hour(2)).await.unwrap_err(),
        refused(PromoObstacle::UsedByYou)
    );
    world.cancels(carl, held.id).await.unwrap();
    assert_eq!(scene.uses().await, 0);
    let paid = scene.books(carl, hour(2)).await.unwrap();
    assert_eq!(world.confirms(&paid).await.state, BookingState::Confirmed);
    world.cancels(carl, paid.id).await.unwrap();
    assert_eq!(scene.uses().await, 1);
    assert_eq!(
        scene.books(carl, hour(3)).await.unwrap_err(),
        refused(PromoObstacle::UsedByYou)
    );
}

#[tokio::test]
async fn a_use_comes_back_however_a_request_ends_that_was_not_paid() {
    let scene = Scene::with_code(None, Some(1)).await;
    let (world, carl, vera) = (&scene.world, &scene.carl, &scene.vera);
    let mut rules = testkit::hours_every_day("Europe/Berlin", 0, MINUTES_PER_DAY);
    rules.answer_minutes = Some(120);
    venues::set_rules(&world.app, vera.member(), None, scene.venue.id, None, rules, None)
        .await
        .unwrap();
    let step = async |who: &Person, id, step| {
        let once = who.once(&format!("{step:?} {id}"), "step");
        bookings::step(&world.app, &who.caller, &once, id, step).await
    };
    let admin = world.admin().await;
    for (n, end) in ["declined", "withdrawn", "expired", "let down", "by an admin"]
        .into_iter()
        .enumerate()
    {
        let request = scene.books(carl, hour(24 + n)).await.unwrap();
        assert_eq!(
            (request.state, scene.uses().await),
            (BookingState::Requested, 1),
            "{end}"
        );
        match end {
            "declined" => {
                let no = Step::Decline(Reason::parse("A private party.").unwrap());
                step(vera, request.id, no).await.unwrap();
            }
            "withdrawn" => {
                step(carl, request.id, Step::Withdraw(None)).await.unwrap();
            }
            "let down" => {
                step(vera, request.id, Step::Accept).await.unwrap();
                world.cancels(vera, request.id).await.unwrap();
            }
            "by an admin" => {
                world.cancels(&admin, request.id).await.unwrap();
            }
            _ => {
                world.clock.advance_seconds(7_200);
                app::timers::run(&world.app).await.unwrap();
            }
        }
        assert_eq!(scene.uses().await, 0, "{end}");
    }
}

#[tokio::test]
async fn a_quote_does_not_take_a_use_and_cannot_keep_one() {
    let scene = Scene::with_code(Some(1), None).await;
    let (world, carl) = (&scene.world, &scene.carl);
    let quote = world
        .quote_with(carl, scene.venue.id, hour(1), Some(scene.code.clone()))
        .await
        .unwrap();
    assert_eq!(scene.uses().await, 0);
    let olga = world.customer("olga").await;
    scene.books(&olga, hour(2)).await.unwrap();
    assert_eq!(
        world.takes(carl, &quote).await.unwrap_err(),
        refused(PromoObstacle::UsedUp)
    );
}

/// D-T2.
#[tokio::test]
async fn a_quote_keeps_what_its_code_took_off_although_the_code_was_changed_or_ended() {
    let scene = Scene::with_code(None, None).await;
    let (world, carl) = (&scene.world, &scene.carl);
    let quote = async |n| {
        let code = Some(scene.code.clone());
        world.quote_with(carl, scene.venue.id, hour(n), code).await
    };
    let (first, second) = (quote(1).await.unwrap(), quote(2).await.unwrap());
    assert_eq!(first.price.total, eur(4_000));
    let terms = |effect, until| PromoTerms {
        effect,
        uses_max: None,
        uses_per_customer_max: None,
        from: None,
        until,
        minimum_spend: None,
        venues: vec![scene.venue.id],
    };
    let (app, vendor) = (&world.app, scene.vera.member());
    let less = terms(PromoEffect::Amount(eur(500)), None);
    vendors::set_promo(app, vendor, None, &scene.code, &less, None)
        .await
        .unwrap();
    assert_eq!(world.takes(carl, &first).await.unwrap().price, first.price);
    assert_eq!(quote(3).await.unwrap().price.total, eur(4_500));
    let over = terms(PromoEffect::Amount(eur(500)), Some(world.now()));
    vendors::set_promo(app, vendor, None, &scene.code, &over, None)
        .await
        .unwrap();
    assert_eq!(world.takes(carl, &second).await.unwrap().price, second.price);
    let ended = quote(3).await.unwrap_err();
    assert!(
        matches!(ended, Error::Refused(Refusal::Promo { .. })),
        "{ended:?}"
    );
}

/// The code was given back when the hold lapsed, so that late money has to find it again.
#[tokio::test]
async fn money_that_comes_late_is_kept_only_when_the_code_has_a_use_left() {
    for somebody_else_has_it in [false, true] {
        let scene = Scene::with_code(Some(1), None).await;
        let (world, carl) = (&scene.world, &scene.carl);
        let lapsed = scene.books(carl, hour(1)).await.unwrap();
        world.clock.advance_minutes(HOLD_MINUTES);
        app::timers::run(&world.app).await.unwrap();
        if somebody_else_has_it {
            let olga = world.customer("olga").await;
            scene.books(&olga, hour(2)).await.unwrap();
        }
        let lapsed = world.app.store().booking(lapsed.id).await.unwrap().unwrap();
        assert_eq!(lapsed.state, BookingState::HoldExpired);
        let paid = world.confirms(&lapsed).await;
        let expected = if somebody_else_has_it {
            BookingState::HoldExpired
        } else {
            BookingState::Confirmed
        };
        assert_eq!(paid.state, expected);
        assert_eq!(scene.uses().await, 1);
    }
}

/// F-PROMO-1, A51, I9.
#[test]
fn a_code_is_never_used_more_often_than_it_may_be_by_many_at_once() {
    under_a_virtual_clock(async {
        const USES: u32 = 3;
        let mut scene = Scene::with_code(None, None).await;
        let names: Vec<String> = (0..12).map(|n| format!("racer{n}")).collect();
        let people = join_all(names.iter().map(|name| scene.world.customer(name))).await;
        for seed in 0..20 {
            scene.code = format!("RACE-{seed}").parse().unwrap();
            scene.allows(Some(USES), Some(1)).await;
            let day = usize::try_from(seed).unwrap() * 12;
            let attempts = people.iter().zip(day..).map(|(who, n)| scene.books(who, hour(n)));
            let heard = join_all(attempts).await;
            let count = |wanted: &dyn Fn(&app::Result<Booking>) -> bool| {
                heard.iter().filter(|answer| wanted(answer)).count()
            };
            let won = count(&Result::is_ok);
            let busy = count(&|answer| matches!(answer, Err(Error::Unavailable(_))));
            let used_up = count(&|answer| *answer == Err(refused(PromoObstacle::UsedUp)));
            assert_eq!(won + busy + used_up, people.len(), "seed {seed}: {heard:?}");
            assert_eq!(won, usize::try_from(USES).unwrap(), "seed {seed}");
            assert_eq!(scene.uses().await, USES, "seed {seed}");
            // So that nobody holds too much.
            scene.world.clock.advance_minutes(HOLD_MINUTES);
        }
    });
}

#[tokio::test]
async fn only_a_first_booking_has_the_price_of_one() {
    let scene = Scene::with_first_bookings().await;
    let (world, carl) = (&scene.world, &scene.carl);
    assert_eq!(scene.hour_costs(carl).await, 4_000);
    let anybody = app::venues::QuoteRequest::plain(scene.venue.id, None, hour(20), 2);
    let anybodys = venues::quote(&world.app, None, None, anybody).await.unwrap();
    assert_eq!(anybodys.value.price.total, eur(5_000));
    let (first, second) = (
        world.quote(carl, scene.venue.id, hour(1)).await.unwrap(),
        world.quote(carl, scene.venue.id, hour(2)).await.unwrap(),
    );
    let held = world.takes(carl, &first).await.unwrap();
    assert_eq!(
        world.takes(carl, &second).await.unwrap_err(),
        Error::Refused(Refusal::NotTheFirst)
    );
    assert_eq!(scene.hour_costs(carl).await, 5_000);
    // Given back with the hold, used up with the confirmation.
    world.cancels(carl, held.id).await.unwrap();
    assert_eq!(scene.hour_costs(carl).await, 4_000);
    let held = world.books(carl, scene.venue.id, hour(3)).await.unwrap();
    world.confirms(&held).await;
    world.cancels(carl, held.id).await.unwrap();
    assert_eq!(scene.hour_costs(carl).await, 5_000);
}

#[test]
fn of_two_bookings_at_once_one_is_the_first() {
    under_a_virtual_clock(async {
        let scene = Scene::with_first_bookings().await;
        let (world, carl) = (&scene.world, &scene.carl);
        for seed in 0..30 {
            let quote = |n: usize| world.quote(carl, scene.venue.id, hour(seed * 2 + n));
            let quotes = [quote(0).await.unwrap(), quote(1).await.unwrap()];
            assert!(quotes.iter().all(|quote| quote.price.total == eur(4_000)));
            let faults = [(Fault::Conflict, 50), (Fault::Throttled, 20)];
            world.faults.by_chance(u64::try_from(seed).unwrap(), &faults);
            let heard = join_all(quotes.iter().map(|quote| world.takes(carl, quote))).await;
            world.faults.heal();
            let (first, others): (Vec<_>, Vec<_>) = heard.into_iter().partition(Result::is_ok);
            let others: Vec<_> = others.into_iter().map(Result::unwrap_err).collect();
            assert_eq!(others, [Error::Refused(Refusal::NotTheFirst)], "seed {seed}");
            let held = first.into_iter().next().unwrap().unwrap();
            world.cancels(carl, held.id).await.unwrap();
        }
    });
}

#[tokio::test]
async fn whoever_had_a_booking_before_the_discount_came_has_had_the_first() {
    let scene = Scene::with_code(None, None).await;
    let (world, carl) = (&scene.world, &scene.carl);
    let held = world.books(carl, scene.venue.id, hour(1)).await.unwrap();
    world.confirms(&held).await;
    let rates = Rates {
        discounts: vec![Discount {
            kind: DiscountKind::FirstBooking,
            bps: 2_000,
        }],
        ..Rates::flat(eur(5_000))
    };
    venues::set_rates(
        &world.app,
        scene.vera.member(),
        None,
        scene.venue.id,
        None,
        &rates,
        None,
    )
    .await
    .unwrap();
    assert_eq!(scene.hour_costs(carl).await, 5_000);
    let olga = world.customer("olga").await;
    assert_eq!(scene.hour_costs(&olga).await, 4_000);
}

/// As many days as one transaction may write, in a hall of many rooms, with all that a booking can use up: nothing
/// more fits beside it.
#[tokio::test]
async fn the_largest_booking_that_uses_everything_up_is_made_and_cancelled_in_one_piece() {
    const DAYS: u32 = 5;
    let scene = Scene::with_first_bookings().await;
    scene.allows(Some(1), Some(1)).await;
    let (app, vendor, venue) = (&scene.world.app, scene.vera.member(), scene.venue.id);
    let mut rooms = Vec::new();
    for _ in 1..DAYS_PER_TRANSACTION_MAX / DAYS as usize {
        let room = space_settings("Room", Vec::new());
        rooms.push(scene.world.adds_space(vendor, venue, &room).await);
    }
    let (main, hall) = (scene.venue.main_space, space_settings("Hall", rooms));
    scene.world.sets_space(vendor, venue, main, &hall).await;
    let mut rules = testkit::hours_every_day("Europe/Berlin", 0, MINUTES_PER_DAY);
    rules.max_minutes = DAYS * MINUTES_PER_DAY;
    venues::set_rules(app, vendor, None, venue, None, rules, None)
        .await
        .unwrap();
    let days = Interval::new(hour(0).start(), hour(24 * DAYS as usize).start()).unwrap();
    let held = scene.books(&scene.carl, days).await.unwrap();
    assert_eq!(held.claims().len(), 3);
    assert_eq!(
        held.entry().days().count() * held.spaces.len(),
        DAYS_PER_TRANSACTION_MAX
    );
    assert_eq!(scene.uses().await, 1);
    scene.world.cancels(&scene.carl, held.id).await.unwrap();
    assert_eq!(scene.uses().await, 0);
    scene.books(&scene.carl, days).await.unwrap();
}
