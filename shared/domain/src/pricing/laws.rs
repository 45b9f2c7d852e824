//! What holds for every price.

use std::cell::Cell;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::sold::Outlook;
use super::*;
use crate::Refusal;
use crate::availability::{Hours, Rules, Season};
use crate::charge;
use crate::id::VendorId;
use crate::money::Money;
use crate::text::Label;
use crate::time::tests::at;
use crate::time::{Interval, plus_minutes};

/// Random quotes of one run of `make test`; `QUOTES` asks for more (`make quotes`).
const QUOTES: u32 = 10_000;
/// Quotes that are held against the minutes.
const BY_THE_MINUTE: u32 = 256;

/// Zones whose clocks change in their own ways, within the days that are drawn.
const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Casablanca",
];
const CURRENCIES: [&str; 5] = ["EUR", "JPY", "KWD", "HUF", "ISK"];
/// Clocks go forward in Berlin in the night to the 28th of March.
const FIRST: Date = date(2027, 3, 12);

#[derive(Debug, Clone)]
struct Scene {
    rates: Rates,
    space: Rules,
    interval: Interval,
    guests: u32,
    add_ons: Vec<Chosen>,
    promo: Option<Promo>,
    special_offer: Option<Money>,
    first_booking: bool,
    fees: Fees,
    now: Timestamp,
}

impl Scene {
    fn price(&self) -> Result<Price, Refusal> {
        self.rates.price(&Order {
            interval: self.interval,
            guests: self.guests,
            add_ons: &self.add_ons,
            promo: self.promo.as_ref(),
            special_offer: self.special_offer,
            first_booking: self.first_booking,
            space: &self.space,
            fees: self.fees,
            now: self.now,
        })
    }
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn bounds(max: u32) -> impl Strategy<Value = Option<Bounds>> {
    let one = (prop::option::of(0..max), prop::option::of(0..max)).prop_map(|(low, more)| Bounds {
        min: low,
        max: more.map(|more| low.unwrap_or(0) + more),
    });
    prop::option::weighted(0.2, one)
}

fn dates() -> impl Strategy<Value = DateRange> {
    (0_i64..20, 0_i64..10).prop_map(|(from, length)| {
        let from = FIRST.checked_add(from.days()).unwrap();
        let to = from.checked_add(length.days()).unwrap();
        DateRange { from, to }
    })
}

fn when() -> impl Strategy<Value = When> {
    let weekdays = prop::sample::subsequence((1_u8..=7).collect::<Vec<_>>(), 0..4);
    let hours = prop::option::weighted(
        0.6,
        (0_u32..96, 1_u32..=96).prop_map(|(open, length)| Hours {
            open_minute: open * 15,
            close_minute: (open + length) * 15,
        }),
    );
    let season = prop::option::weighted(0.2, prop::sample::select(vec!["Spring", "Easter"]));
    (
        weekdays,
        hours,
        prop::option::weighted(0.3, dates()),
        season,
        bounds(40_000),
        bounds(4_000),
        bounds(60),
    )
        .prop_map(|(weekdays, hours, dates, season, lead, minutes, guests)| When {
            weekdays,
            hours,
            dates,
            season: season.map(label),
            lead_minutes: lead,
            minutes,
            guests,
        })
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Set(i64),
    Percent(i32),
    Add(i64),
}

fn rules(currency: &'static str) -> impl Strategy<Value = Vec<RateRule>> {
    let money = move |amount| Money::new(amount, currency.parse().unwrap());
    let effect = prop_oneof![
        (0_i64..20_000).prop_map(Kind::Set),
        (-9_000_i32..20_000).prop_map(Kind::Percent),
        (-5_000_i64..5_000).prop_map(Kind::Add),
    ];
    prop::collection::vec((0_u16..3, when(), effect), 0..6).prop_map(move |rules| {
        let rule = |(n, (priority, when, kind)): (usize, (u16, When, Kind))| RateRule {
            name: label(&format!("Rule {n}")),
            priority,
            when,
            effect: match kind {
                Kind::Set(amount) => Effect::Set(money(amount)),
                Kind::Percent(bps) => Effect::Percent(bps),
                Kind::Add(amount) => Effect::Add(money(amount)),
            },
        };
        rules.into_iter().enumerate().map(rule).collect()
    })
}

fn tax() -> impl Strategy<Value = Option<Tax>> {
    let bps = prop_oneof![Just(0), Just(1_900), 0_u32..=TAX_BPS_MAX];
    prop::option::of((bps, any::<bool>()).prop_map(|(bps, included)| Tax { bps, included }))
}

fn add_ons(currency: &'static str) -> impl Strategy<Value = Vec<AddOn>> {
    let per = prop::sample::select(vec![Per::Booking, Per::Hour, Per::Guest]);
    prop::collection::vec((0_i64..5_000, per, tax()), 0..4).prop_map(move |add_ons| {
        let add_on = |(n, (amount, per, tax))| AddOn {
            name: label(&format!("Add-on {n}")),
            price: Money::new(amount, currency.parse().unwrap()),
            per,
            quantity_max: 5,
            tax,
        };
        add_ons.into_iter().enumerate().map(add_on).collect()
    })
}

fn discounts() -> impl Strategy<Value = Vec<Discount>> {
    let kind = prop_oneof![
        (0_u32..4_000).prop_map(|minutes_min| DiscountKind::LongDuration { minutes_min }),
        (0_u32..60_000).prop_map(|lead_minutes_min| DiscountKind::EarlyBird { lead_minutes_min }),
        (0_u32..60_000).prop_map(|lead_minutes_max| DiscountKind::LastMinute { lead_minutes_max }),
        Just(DiscountKind::FirstBooking),
    ];
    prop::collection::vec(
        (kind, prop_oneof![Just(10_000_u32), 1_u32..6_000]).prop_map(|(kind, bps)| Discount { kind, bps }),
        0..5,
    )
}

fn promo(currency: &'static str) -> impl Strategy<Value = Option<Promo>> {
    let effect = prop_oneof![
        (1_u32..=10_000).prop_map(PromoEffect::Percent),
        (1_i64..20_000)
            .prop_map(move |off| { PromoEffect::Amount(Money::new(off, currency.parse().unwrap())) }),
    ];
    prop::option::of(effect.prop_map(|effect| Promo {
        code: "CODE".parse().unwrap(),
        vendor: VendorId::from_uuid(Uuid::from_u128(1)),
        effect,
        uses_max: None,
        uses_per_customer_max: None,
        from: None,
        until: None,
        minimum_spend: None,
        venues: Vec::new(),
        created_at: at("2027-01-01T00:00Z"),
        updated_at: at("2027-01-01T00:00Z"),
        version: 1,
    }))
}

fn space() -> impl Strategy<Value = Rules> {
    let season = |name: &'static str, priority| {
        dates().prop_map(move |dates| Season {
            name: label(name),
            from: dates.from,
            to: dates.to,
            priority,
            weekly: Vec::new(),
            min_minutes: None,
            lead_minutes: None,
        })
    };
    (
        prop::sample::select(ZONES.to_vec()),
        season("Spring", 0),
        season("Easter", 1),
    )
        .prop_map(|(zone, spring, easter)| Rules {
            seasons: vec![spring, easter],
            ..Rules::closed(zone.parse().unwrap())
        })
}

fn rates() -> impl Strategy<Value = (Rates, Option<Promo>)> {
    let currency = prop::sample::select(CURRENCIES.to_vec());
    currency.prop_flat_map(|currency| {
        let money = move |amounts: std::ops::Range<i64>| {
            amounts.prop_map(move |amount| Money::new(amount, currency.parse().unwrap()))
        };
        let some = move |amounts| prop::option::of(money(amounts));
        let fees = (some(0..100_000), some(0..10_000), some(0..8_000), some(0..9_000));
        (
            money(0..100_000),
            rules(currency),
            add_ons(currency),
            discounts(),
            fees,
            tax(),
            promo(currency),
        )
            .prop_map(|(price_per_hour, rules, add_ons, discounts, fees, tax, promo)| {
                let (minimum_spend, cleaning_fee, floor_per_hour, deposit) = fees;
                let rates = Rates {
                    price_per_hour,
                    rules,
                    minimum_spend,
                    cleaning_fee,
                    add_ons,
                    discounts,
                    floor_per_hour,
                    tax,
                    deposit,
                    version: 1,
                };
                (rates, promo)
            })
    })
}

fn scene() -> impl Strategy<Value = Scene> {
    let time = (0_i64..20 * 288, 1_i64..=3 * 288).prop_map(|(start, length)| {
        let start = plus_minutes(at("2027-03-12T00:00Z"), start * 5);
        Interval::new(start, plus_minutes(start, length * 5)).unwrap()
    });
    let fees = (0_u32..3_000, 0_u32..=10_000).prop_map(|(customer_bps, vendor_bps)| Fees {
        customer_bps,
        vendor_bps,
    });
    (
        rates(),
        space(),
        time,
        1_u32..60,
        prop::collection::vec(1_u32..=5, 4),
        any::<bool>(),
        fees,
        (0_i64..60_000, prop::option::of(1_i64..50_000)),
    )
        .prop_map(
            |((rates, promo), space, interval, guests, quantities, first_booking, fees, (lead, off))| {
                let currency = rates.price_per_hour.currency();
                let choose = |(add_on, quantity): (&AddOn, u32)| Chosen {
                    name: add_on.name.clone(),
                    quantity,
                };
                Scene {
                    add_ons: rates.add_ons.iter().zip(quantities).map(choose).collect(),
                    rates,
                    space,
                    interval,
                    guests,
                    promo,
                    special_offer: off.map(|off| Money::new(off, currency)),
                    first_booking,
                    fees,
                    now: plus_minutes(interval.start(), -lead),
                }
            },
        )
}

/// D-T1: the lines add up to the total, and the total is shared out without rest.
#[test]
fn d_t1_nothing_of_a_price_is_lost_or_made_up() {
    let cases = match std::env::var("QUOTES") {
        Ok(cases) => cases.parse().unwrap(),
        Err(_) => QUOTES,
    };
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let priced = Cell::new(0_u32);
    let law = |scene: Scene| {
        prop_assert_eq!(scene.rates.problems(), []);
        match scene.price() {
            Ok(price) => {
                priced.set(priced.get() + 1);
                check_sums(&scene, &price)
            }
            Err(refusal) => {
                prop_assert!(cannot_be_charged(&refusal), "{:?}", refusal);
                Ok(())
            }
        }
    };
    runner.run(&scene(), law).unwrap();
    assert!(
        priced.get() > cases / 2,
        "only {} of {cases} had a price",
        priced.get()
    );
}

/// An offer takes off what it says, whatever the floor is, or is refused with what there is to take off.
#[test]
fn a_special_offer_takes_off_what_it_says_or_nothing() {
    let mut runner = TestRunner::new(Config {
        cases: BY_THE_MINUTE,
        failure_persistence: None,
        ..Config::default()
    });
    let [taken, refused] = [(); 2].map(|()| Cell::new(0_u32));
    let law = |scene: Scene| {
        let plain = Scene {
            special_offer: None,
            ..scene.clone()
        };
        let (Some(offer), Ok(without)) = (scene.special_offer, plain.price()) else {
            return Ok(());
        };
        let counts = |line: &&Line| {
            matches!(
                line.item,
                Item::Space { .. } | Item::Discount { .. } | Item::PromoCode { .. }
            )
        };
        let left: i64 = without
            .lines
            .iter()
            .filter(counts)
            .map(|line| line.amount.amount())
            .sum();
        let off = charge::part(offer, 1, 1).unwrap().amount();
        match scene.price() {
            Ok(price) => {
                taken.set(taken.get() + 1);
                let lines = price.lines.iter().filter(|line| line.item == Item::SpecialOffer);
                let amounts: Vec<_> = lines.map(|line| line.amount.amount()).collect();
                let expected = if off == 0 { vec![] } else { vec![-off] };
                prop_assert_eq!(amounts, expected);
                prop_assert!(off <= left);
            }
            Err(Refusal::SpecialOffer { most }) => {
                refused.set(refused.get() + 1);
                prop_assert_eq!(most.amount(), left);
                prop_assert!(off > left);
            }
            Err(refusal) => prop_assert!(matches!(refusal, Refusal::AmountTooSmall { .. }), "{:?}", refusal),
        }
        Ok(())
    };
    runner.run(&scene(), law).unwrap();
    assert!(taken.get() > 20 && refused.get() > 3, "{taken:?} {refused:?}");
}

/// Around the wanted time, from every quarter of an hour on.
fn times_around(wanted: Interval) -> Vec<Interval> {
    let starts = (-96_i64..96).map(|n| plus_minutes(wanted.start(), n * 15));
    starts
        .map(|start| Interval::new(start, plus_minutes(start, wanted.minutes())).unwrap())
        .collect()
}

/// Dear ones, cheap ones, and such of which hours are near to the least or the most that can be charged.
fn with_other_prices(mut scene: Scene, kind: u8) -> Scene {
    let price = scene.rates.price_per_hour;
    let amount = match kind {
        0 => price.amount(),
        1 => price.amount() % 300,
        2 => 0,
        _ => PRICE_AMOUNT_MAX - price.amount(),
    };
    scene.rates.price_per_hour = Money::new(amount, price.currency());
    if kind > 0 {
        (scene.rates.minimum_spend, scene.rates.cleaning_fee) = (None, None);
    }
    scene
}

/// And more than half of it is known without pricing, although half of all discounts here take off everything.
#[test]
fn what_is_sold_is_what_has_a_price() {
    let mut runner = TestRunner::new(Config {
        cases: BY_THE_MINUTE,
        failure_persistence: None,
        ..Config::default()
    });
    let [sold, unsold, priced] = [(); 3].map(|()| Cell::new(0_usize));
    let law = |(scene, kind): (Scene, u8)| {
        let scene = with_other_prices(scene, kind);
        prop_assert_eq!(scene.rates.problems(), []);
        let times = times_around(scene.interval);
        let outlook = Outlook::new(&scene.rates, &times, scene.guests, &scene.space).unwrap();
        let mut expected = Vec::new();
        for time in &times {
            let order = Order::plain(*time, scene.guests, &scene.space, scene.now);
            let has_price = scene.rates.price(&order).is_ok();
            let known = outlook.is_sold(*time);
            prop_assert!(known.is_none_or(|known| known == has_price), "{:?}", time);
            let counted = if has_price { &sold } else { &unsold };
            counted.set(counted.get() + 1);
            priced.set(priced.get() + usize::from(known.is_none()));
            expected.extend(has_price.then_some(*time));
        }
        let found = scene.rates.sold(times, scene.guests, &scene.space, scene.now);
        prop_assert_eq!(found, expected);
        Ok(())
    };
    runner.run(&(scene(), 0_u8..4), law).unwrap();
    let (sold, unsold, priced) = (sold.get(), unsold.get(), priced.get());
    println!("{sold} sold, {unsold} not sold, {priced} of them priced");
    assert!(unsold > (sold + unsold) / 20, "{unsold} of {sold}");
    assert!(priced < (sold + unsold) / 2, "{priced} of {}", sold + unsold);
}

fn cannot_be_charged(refusal: &Refusal) -> bool {
    let obstacle = PromoObstacle::NothingLeft;
    matches!(
        refusal,
        Refusal::AmountTooSmall { .. } | Refusal::Amount | Refusal::SpecialOffer { .. }
    ) || *refusal == Refusal::Promo { obstacle }
}

/// Minutes and price of an hour of a line for time.
fn of_time(line: &Line) -> Option<(i64, i64)> {
    if let Item::Space {
        minutes,
        price_per_hour,
        ..
    } = line.item
    {
        Some((i64::from(minutes), price_per_hour.amount()))
    } else {
        None
    }
}

fn check_sums(scene: &Scene, price: &Price) -> Result<(), TestCaseError> {
    let zero = Money::zero(price.total.currency());
    let sum = |amounts: &mut dyn Iterator<Item = Money>| amounts.fold(zero, |sum, m| sum.plus(m).unwrap());
    prop_assert_eq!(
        sum(&mut price.lines.iter().map(|line| line.gross().unwrap())),
        price.total
    );
    prop_assert_eq!(
        sum(&mut [price.payout, price.platform_fee, price.tax].into_iter()),
        price.total
    );
    for part in [price.payout, price.platform_fee, price.tax] {
        prop_assert!(part.amount() >= 0, "{:?}", price);
    }
    let unit = charge::unit(price.total.currency());
    for line in &price.lines {
        let tax = line.tax.map_or(0, |tax| tax.amount.amount());
        prop_assert!(line.amount.amount() % unit == 0 && tax % unit == 0, "{:?}", line);
    }
    let minutes: i64 = price
        .lines
        .iter()
        .filter_map(|line| of_time(line).map(|(minutes, _)| minutes))
        .sum();
    prop_assert_eq!(minutes, scene.interval.minutes());
    let is_time = |line: &&Line| matches!(line.item, Item::Space { .. });
    let is_off = |line: &&Line| matches!(line.item, Item::Discount { .. } | Item::PromoCode { .. });
    let time = sum(&mut price.lines.iter().filter(is_time).map(|line| line.amount));
    let off = sum(&mut price.lines.iter().filter(is_off).map(|line| line.amount));
    let left = time.plus(off).unwrap().amount();
    let is_offered = |line: &&Line| line.item == Item::SpecialOffer;
    let offered = sum(&mut price.lines.iter().filter(is_offered).map(|line| line.amount));
    prop_assert!(offered.amount() <= 0 && left + offered.amount() >= 0);
    if let (Some(floor), true) = (scene.rates.floor_per_hour, off.amount() < 0) {
        let floor = charge::part(floor, scene.interval.minutes(), 60).unwrap();
        prop_assert!(left >= floor.amount(), "{} is below {}", left, floor);
    }
    Ok(())
}

/// The rate of each five minutes, found by looking at the clock.
fn by_the_minute(scene: &Scene) -> Vec<(i64, i64)> {
    let mut lines: Vec<(Vec<&str>, i64, i64)> = Vec::new();
    let mut t = scene.interval.start();
    while t < scene.interval.end() {
        let mut holding: Vec<&RateRule> = scene
            .rates
            .rules
            .iter()
            .filter(|rule| holds_at(rule, scene, t))
            .collect();
        holding.sort_by_key(|rule| rule.priority);
        let names: Vec<&str> = holding.iter().map(|rule| rule.name.as_str()).collect();
        let mut rate = i128::from(scene.rates.price_per_hour.amount());
        for rule in &holding {
            rate = match rule.effect {
                Effect::Set(money) => i128::from(money.amount()),
                Effect::Percent(bps) => rate + rounded(rate * i128::from(bps), 10_000),
                Effect::Add(money) => rate + i128::from(money.amount()),
            }
            .max(0);
        }
        match lines.iter_mut().find(|(same, _, _)| *same == names) {
            Some((_, minutes, _)) => *minutes += 5,
            None => lines.push((names, 5, i64::try_from(rate).unwrap())),
        }
        t = plus_minutes(t, 5);
    }
    lines
        .into_iter()
        .map(|(_, minutes, rate)| (minutes, rate))
        .collect()
}

fn rounded(numerator: i128, denominator: i128) -> i128 {
    let half = if numerator < 0 {
        -denominator / 2
    } else {
        denominator / 2
    };
    (numerator + half) / denominator
}

fn holds_at(rule: &RateRule, scene: &Scene, t: Timestamp) -> bool {
    let when = &rule.when;
    let fits = |bounds: Option<Bounds>, number: i64| {
        let Some(bounds) = bounds else { return true };
        number >= i64::from(bounds.min.unwrap_or(0)) && number <= i64::from(bounds.max.unwrap_or(u32::MAX))
    };
    let lead = (scene.interval.start().as_second() - scene.now.as_second()) / 60;
    if !fits(when.lead_minutes, lead)
        || !fits(when.minutes, scene.interval.minutes())
        || !fits(when.guests, i64::from(scene.guests))
    {
        return false;
    }
    let zone = scene.space.zone.rules();
    let today = zone.to_datetime(t).date();
    let Some(hours) = when.hours else {
        return on_its_date(when, scene, today);
    };
    [2, 1, 0, -1].into_iter().any(|before: i64| {
        let day = today.checked_sub(before.days()).unwrap();
        on_its_date(when, scene, day) && within_hours(scene, day, hours, t)
    })
}

fn on_its_date(when: &When, scene: &Scene, day: Date) -> bool {
    let spring = &scene.space.seasons[0];
    let easter = &scene.space.seasons[1];
    let inside = |from: Date, to: Date| from <= day && day <= to;
    let season = if inside(easter.from, easter.to) {
        "Easter"
    } else if inside(spring.from, spring.to) {
        "Spring"
    } else {
        ""
    };
    let weekday = u8::try_from(day.weekday().to_monday_one_offset()).unwrap();
    (when.weekdays.is_empty() || when.weekdays.contains(&weekday))
        && when.dates.is_none_or(|dates| inside(dates.from, dates.to))
        && when
            .season
            .as_ref()
            .is_none_or(|wanted| wanted.as_str() == season)
}

/// Hours begin when the clock first shows their beginning, or later, and end after it last shows less than their
/// end.
fn within_hours(scene: &Scene, day: Date, hours: Hours, t: Timestamp) -> bool {
    let zone = scene.space.zone.rules();
    let wall = |minute: u32| {
        let midnight = day.to_datetime(jiff::civil::Time::midnight());
        midnight.checked_add(i64::from(minute).minutes()).unwrap()
    };
    let (open, close) = (wall(hours.open_minute), wall(hours.close_minute));
    let around = |minutes: i64| (-36..=36).map(move |n| plus_minutes(t, minutes + n * 5));
    // Clocks change by less than three hours, so further off than that the clock decides alone.
    let has_opened = zone.to_datetime(t) >= open
        || around(-180)
            .filter(|u| *u <= t)
            .any(|u| zone.to_datetime(u) >= open);
    let will_open_again = around(180)
        .filter(|u| *u >= t)
        .any(|u| zone.to_datetime(u) < close);
    has_opened && (zone.to_datetime(t) < close || will_open_again)
}

proptest! {
    #![proptest_config(Config::with_cases(BY_THE_MINUTE))]

    /// An interval in pieces costs what its minutes cost, by the venue's clock.
    #[test]
    fn every_minute_has_the_rate_that_the_clock_gives_it(scene in scene()) {
        let scene = Scene { promo: None, ..scene };
        let Ok(price) = scene.price() else { return Ok(()) };
        let lines: Vec<(i64, i64)> = price.lines.iter().filter_map(of_time).collect();
        prop_assert_eq!(lines, by_the_minute(&scene));
    }
}
