//! What is asked, told in examples. Mondays begin at 2027-03-01.

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::*;
use crate::Refusal;
use crate::availability::{Hours, Rules, Season};
use crate::id::{UserId, VendorId, VenueId};
use crate::money::Money;
use crate::text::Label;
use crate::time::Interval;
use crate::time::tests::{at, between};

static UTC: LazyLock<Rules> = LazyLock::new(|| Rules::closed("UTC".parse().unwrap()));
static BERLIN: LazyLock<Rules> = LazyLock::new(|| Rules::closed("Europe/Berlin".parse().unwrap()));

/// Two guests in a space in UTC, asked for at the beginning of 2027.
pub(crate) fn order(interval: Interval) -> Order<'static> {
    Order {
        interval,
        guests: 2,
        add_ons: &[],
        promo: None,
        special_offer: None,
        first_booking: false,
        space: &UTC,
        fees: Fees::STANDARD,
        now: at("2027-01-01T00:00Z"),
    }
}

pub fn rates(amount: i64, currency: &str) -> Rates {
    Rates {
        version: 3,
        ..Rates::flat(Money::new(amount, currency.parse().unwrap()))
    }
}

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn rule(name: &str, priority: u16, when: When, effect: Effect) -> RateRule {
    RateRule {
        name: label(name),
        priority,
        when,
        effect,
    }
}

fn hours(open_minute: u32, close_minute: u32) -> Option<Hours> {
    Some(Hours {
        open_minute,
        close_minute,
    })
}

fn amounts(price: &Price) -> Vec<i64> {
    price.lines.iter().map(|line| line.amount.amount()).collect()
}

/// Minutes, price of an hour and stretches of each line for time.
fn time_lines(price: &Price) -> Vec<(u32, i64, u32)> {
    let of = |line: &Line| {
        if let Item::Space {
            minutes,
            price_per_hour,
            stretches,
            ..
        } = line.item
        {
            Some((minutes, price_per_hour.amount(), stretches))
        } else {
            None
        }
    };
    price.lines.iter().filter_map(of).collect()
}

/// 100 euros an hour, for two hours at noon of a Monday.
fn two_hours() -> Interval {
    between("2027-03-01T12:00Z", "2027-03-01T14:00Z")
}

fn promo(effect: PromoEffect) -> Promo {
    Promo {
        code: "SUMMER-10".parse().unwrap(),
        vendor: VendorId::from_uuid(Uuid::from_u128(1)),
        effect,
        uses_max: Some(2),
        uses_per_customer_max: Some(1),
        from: Some(at("2027-01-01T00:00Z")),
        until: Some(at("2027-06-01T00:00Z")),
        minimum_spend: None,
        venues: vec![VenueId::from_uuid(Uuid::from_u128(7))],
        created_at: at("2027-01-01T00:00Z"),
        updated_at: at("2027-01-01T00:00Z"),
        version: 1,
    }
}

// time

#[test]
fn d_t3_two_and_a_half_hours_cost_two_and_a_half_hours() {
    let price = rates(5_000, "EUR")
        .price(&order(between("2027-03-01T10:00Z", "2027-03-01T12:30Z")))
        .unwrap();
    assert_eq!(price.total.amount(), 12_500);
    assert_eq!(time_lines(&price), [(150, 5_000, 1)]);
    assert_eq!(price.rates_version, 3);
}

#[test]
fn d_t5_a_night_of_changing_clocks_costs_the_time_that_passed() {
    let cost = |start, end| {
        let night = Order {
            space: &BERLIN,
            ..order(between(start, end))
        };
        rates(1_000, "EUR").price(&night).unwrap().total.amount()
    };
    // 22:00 to 06:00 in Berlin: seven hours when clocks go forward, nine when they go back.
    assert_eq!(cost("2027-03-27T21:00Z", "2027-03-28T04:00Z"), 7_000);
    assert_eq!(cost("2027-10-30T20:00Z", "2027-10-31T05:00Z"), 9_000);
}

#[test]
fn d_t5_a_band_of_hours_covers_the_time_that_passes_in_it() {
    let when = When {
        hours: hours(120, 180),
        ..When::default()
    };
    let rates = Rates {
        rules: vec![rule("Night", 0, when, Effect::Set(eur(2_000)))],
        ..rates(1_000, "EUR")
    };
    let lines = |start, end| {
        let night = Order {
            space: &BERLIN,
            ..order(between(start, end))
        };
        time_lines(&rates.price(&night).unwrap())
    };
    // 02:00 to 03:00 does not exist when clocks go forward, and passes twice when they go back.
    assert_eq!(lines("2027-03-27T23:00Z", "2027-03-28T03:00Z"), [(240, 1_000, 1)]);
    assert_eq!(
        lines("2027-10-30T22:00Z", "2027-10-31T03:00Z"),
        [(180, 1_000, 2), (120, 2_000, 1)]
    );
}

#[test]
fn d_t4_a_line_is_rounded_once_to_what_can_be_charged() {
    let twenty_minutes = |amount, currency: &str| {
        let time = between("2027-03-01T10:00Z", "2027-03-01T10:20Z");
        rates(amount, currency)
            .price(&order(time))
            .unwrap()
            .total
            .to_string()
    };
    assert_eq!(twenty_minutes(250, "EUR"), "EUR 0.83");
    assert_eq!(twenty_minutes(1_000, "JPY"), "JPY 333");
    // Of three decimals the last is zero: 0.505 becomes 0.510.
    assert_eq!(twenty_minutes(10_000, "KWD"), "KWD 3.330");
    assert_eq!(twenty_minutes(1_515, "KWD"), "KWD 0.510");
    // Whole forints: 1,666.67 becomes 1,667.
    assert_eq!(twenty_minutes(500_000, "HUF"), "HUF 1667.00");
}

#[test]
fn what_cannot_be_charged_is_not_offered() {
    let hour = order(between("2027-03-01T10:00Z", "2027-03-01T11:00Z"));
    assert_eq!(rates(50, "EUR").price(&hour).unwrap().total.amount(), 50);
    assert!(matches!(
        rates(49, "EUR").price(&hour),
        Err(Refusal::AmountTooSmall { .. })
    ));
    let month = order(between("2027-03-01T00:00Z", "2027-04-01T00:00Z"));
    assert_eq!(rates(PRICE_AMOUNT_MAX, "EUR").price(&month), Err(Refusal::Amount));
}

// rules

#[test]
fn a_friday_evening_over_the_beginning_of_the_peak_has_two_lines() {
    let when = When {
        weekdays: vec![5],
        hours: hours(18 * 60, 26 * 60),
        ..When::default()
    };
    let rates = Rates {
        rules: vec![rule("Peak", 0, when, Effect::Percent(2_500))],
        ..rates(10_000, "EUR")
    };
    let price = |start, end| {
        let evening = Order {
            space: &BERLIN,
            ..order(between(start, end))
        };
        rates.price(&evening).unwrap()
    };
    let evening = price("2027-03-05T16:00Z", "2027-03-05T20:00Z");
    assert_eq!(time_lines(&evening), [(60, 10_000, 1), (180, 12_500, 1)]);
    let Item::Space {
        base,
        steps,
        interval,
        ..
    } = &evening.lines[1].item
    else {
        panic!("{:?}", evening.lines)
    };
    assert_eq!(*interval, between("2027-03-05T17:00Z", "2027-03-05T20:00Z"));
    assert_eq!(*base, eur(10_000));
    assert_eq!(
        *steps,
        [Step {
            rule: label("Peak"),
            effect: Effect::Percent(2_500),
            price_per_hour: eur(12_500)
        }]
    );
    // The hours belong to the Friday, also past midnight; Saturday has none.
    let night = price("2027-03-05T23:00Z", "2027-03-06T02:00Z");
    assert_eq!(time_lines(&night), [(120, 12_500, 1), (60, 10_000, 1)]);
    let saturday = price("2027-03-06T17:00Z", "2027-03-06T18:00Z");
    assert_eq!(time_lines(&saturday), [(60, 10_000, 1)]);
}

#[test]
fn times_of_the_same_rate_share_a_line() {
    let when = When {
        hours: hours(0, 6 * 60),
        ..When::default()
    };
    let rates = Rates {
        rules: vec![rule("Night", 0, when, Effect::Add(eur(-400)))],
        ..rates(1_000, "EUR")
    };
    let month = order(between("2027-03-01T00:00Z", "2027-04-01T00:00Z"));
    let price = rates.price(&month).unwrap();
    assert_eq!(time_lines(&price), [(31 * 360, 600, 31), (31 * 1_080, 1_000, 31)]);
}

#[test]
fn rules_come_by_priority_and_each_changes_what_the_last_one_left() {
    let always = When::default;
    let price = |rules: Vec<RateRule>| {
        let rates = Rates {
            rules,
            ..rates(10_000, "EUR")
        };
        time_lines(&rates.price(&order(two_hours())).unwrap())[0].1
    };
    let half_more = |priority| rule("Half more", priority, always(), Effect::Percent(5_000));
    let set = |priority| rule("Set", priority, always(), Effect::Set(eur(4_000)));
    let add = |priority| rule("Add", priority, always(), Effect::Add(eur(1_000)));
    assert_eq!(price(vec![half_more(1), set(2)]), 4_000);
    assert_eq!(price(vec![half_more(2), set(1)]), 6_000);
    assert_eq!(price(vec![half_more(0), add(0)]), 16_000);
    assert_eq!(price(vec![add(0), half_more(0)]), 16_500);
    // An hour never costs less than nothing.
    let less = rule("Less", 1, always(), Effect::Add(eur(-50_000)));
    assert_eq!(price(vec![less, add(2)]), 1_000);
}

#[test]
fn a_rule_holds_when_everything_it_asks_for_is_so() {
    let mut space = Rules::closed("UTC".parse().unwrap());
    space.seasons = vec![season("Spring", 0, date(2027, 3, 1), date(2027, 3, 10))];
    let holds = |when: When| {
        let rates = Rates {
            rules: vec![rule("Rule", 0, when, Effect::Set(eur(100)))],
            ..rates(10_000, "EUR")
        };
        // The second half of it is on the 11th of March, a Thursday.
        let night = Order {
            space: &space,
            guests: 20,
            now: at("2027-03-09T22:00Z"),
            ..order(between("2027-03-10T22:00Z", "2027-03-11T02:00Z"))
        };
        time_lines(&rates.price(&night).unwrap())
    };
    let (all, none) = (vec![(240, 100, 1)], vec![(240, 10_000, 1)]);
    let (before, after) = (
        vec![(120, 100, 1), (120, 10_000, 1)],
        vec![(120, 10_000, 1), (120, 100, 1)],
    );
    let bounds = |min, max| Some(Bounds { min, max });
    let default = When::default;
    let with = |weekdays: &[u8]| When {
        weekdays: weekdays.to_vec(),
        ..default()
    };
    assert_eq!(holds(with(&[3])), before);
    assert_eq!(holds(with(&[4])), after);
    assert_eq!(holds(with(&[1, 2])), none);
    let dates = |from, to| When {
        dates: Some(DateRange { from, to }),
        ..default()
    };
    assert_eq!(holds(dates(date(2027, 3, 11), date(2027, 3, 11))), after);
    assert_eq!(holds(dates(date(2027, 3, 1), date(2027, 3, 10))), before);
    let in_season = |name: &str| When {
        season: Some(label(name)),
        ..default()
    };
    assert_eq!(holds(in_season("Spring")), before);
    assert_eq!(holds(in_season("Autumn")), none);
    let lead = |min, max| When {
        lead_minutes: bounds(min, max),
        weekdays: vec![3],
        ..default()
    };
    assert_eq!(holds(lead(Some(1_440), Some(1_440))), before);
    assert_eq!(holds(lead(Some(1_441), None)), none);
    assert_eq!(holds(lead(None, Some(1_439))), none);
    let minutes = |min, max| When {
        minutes: bounds(min, max),
        weekdays: vec![3],
        ..default()
    };
    assert_eq!(holds(minutes(Some(240), None)), before);
    assert_eq!(holds(minutes(Some(241), None)), none);
    assert_eq!(holds(minutes(None, Some(239))), none);
    let guests = |min, max| When {
        guests: bounds(min, max),
        weekdays: vec![3],
        ..default()
    };
    assert_eq!(holds(guests(Some(20), Some(20))), before);
    assert_eq!(holds(guests(Some(21), None)), none);
    assert_eq!(holds(guests(None, Some(19))), none);
    assert_eq!(holds(dates(date(2027, 3, 10), date(2027, 3, 11))), all);
    assert_eq!(holds(default()), all);
}

fn season(name: &str, priority: u16, from: Date, to: Date) -> Season {
    Season {
        name: label(name),
        from,
        to,
        priority,
        weekly: Vec::new(),
        min_minutes: None,
        lead_minutes: None,
    }
}

#[test]
fn rules_for_seasons_that_the_space_has_not_got_are_named_by_their_places() {
    let of = |season: Option<&str>| {
        let when = When {
            season: season.map(label),
            ..When::default()
        };
        rule("Rule", 0, when, Effect::Set(eur(5_000)))
    };
    let rates = Rates {
        rules: vec![
            of(None),
            of(Some("Spring")),
            of(Some("Winter")),
            of(Some("Easter")),
        ],
        ..rates(10_000, "EUR")
    };
    let unknown = |space: &Rules| rates.unknown_seasons(space).collect::<Vec<_>>();
    let mut space = Rules::closed("UTC".parse().unwrap());
    assert_eq!(unknown(&space), [1, 2, 3]);
    space.seasons = vec![
        season("Spring", 0, date(2027, 3, 1), date(2027, 5, 31)),
        season("Easter", 1, date(2027, 3, 26), date(2027, 3, 29)),
    ];
    assert_eq!(unknown(&space), [2]);
}

#[test]
fn a_season_gives_its_price_where_it_holds_and_another_does_not() {
    let mut space = Rules::closed("UTC".parse().unwrap());
    space.seasons = vec![
        season("Spring", 0, date(2027, 3, 1), date(2027, 5, 31)),
        season("Easter", 1, date(2027, 3, 26), date(2027, 3, 29)),
    ];
    let when = When {
        season: Some(label("Spring")),
        ..When::default()
    };
    let rates = Rates {
        rules: vec![rule("Spring", 0, when, Effect::Set(eur(5_000)))],
        ..rates(10_000, "EUR")
    };
    let at_noon = |start, end| {
        let order = Order {
            space: &space,
            ..order(between(start, end))
        };
        time_lines(&rates.price(&order).unwrap())[0].1
    };
    assert_eq!(at_noon("2027-03-25T12:00Z", "2027-03-25T13:00Z"), 5_000);
    assert_eq!(at_noon("2027-03-26T12:00Z", "2027-03-26T13:00Z"), 10_000);
}

#[test]
fn a_rate_that_never_repeats_is_refused_beyond_a_hundred_lines() {
    let on = |n: i64| {
        let from = date(2027, 3, 1).checked_add(jiff::Span::new().days(n)).unwrap();
        let when = |hours| When {
            dates: Some(DateRange { from, to: from }),
            hours,
            ..When::default()
        };
        [hours(0, 360), hours(300, 720)].map(when)
    };
    let rules: Vec<RateRule> = (0..25)
        .flat_map(on)
        .enumerate()
        .map(|(n, when)| rule(&format!("Rule {n}"), 0, when, Effect::Add(eur(100))))
        .collect();
    assert_eq!(rules.len(), RATE_RULES_MAX);
    let rates = Rates {
        rules,
        ..rates(1_000, "EUR")
    };
    // Three lines a day, and one for the time without a rule.
    let days = |end| {
        rates
            .price(&order(between("2027-03-01T00:00Z", end)))
            .map(|price| price.lines.len())
    };
    assert_eq!(days("2027-03-26T00:00Z"), Ok(76));
    let more = Rates {
        rules: (0..RATE_RULES_MAX)
            .map(|n| {
                let open = u32::try_from(n).unwrap() * 10;
                let when = When {
                    hours: hours(open, 1_440 - open),
                    ..When::default()
                };
                rule(&format!("Rule {n}"), 0, when, Effect::Add(eur(100)))
            })
            .chain(rates.rules)
            .collect(),
        ..Rates::flat(eur(1_000))
    };
    let time = order(between("2027-03-01T00:00Z", "2027-03-03T00:00Z"));
    assert_eq!(more.price(&time), Err(Refusal::TooManyRates));
}

#[test]
fn a_price_has_exactly_as_many_lines_for_time_as_it_may() {
    // On Monday each of 49 rules has a stretch of its own and one with the next: with the time that none is about
    // these are 98 lines. On Tuesday another one makes as many more as it meets of them.
    let priced = |close_minute: u32| {
        let rule = |n: u32| {
            let when = if n < 49 {
                When {
                    hours: hours(n * 20, n * 20 + 30),
                    ..When::default()
                }
            } else {
                When {
                    weekdays: vec![2],
                    hours: hours(0, close_minute),
                    ..When::default()
                }
            };
            rule(&format!("Rule {n}"), 0, when, Effect::Add(eur(100)))
        };
        let rates = Rates {
            rules: (0..50).map(rule).collect(),
            ..rates(1_000, "EUR")
        };
        assert_eq!(rates.rules.len(), RATE_RULES_MAX);
        let time = order(between("2027-03-01T00:00Z", "2027-03-03T00:00Z"));
        rates.price(&time).map(|price| price.lines.len())
    };
    assert_eq!(priced(20), Ok(TIME_LINES_MAX - 1));
    assert_eq!(priced(30), Ok(TIME_LINES_MAX));
    assert_eq!(priced(40), Err(Refusal::TooManyRates));
}

#[test]
fn a_price_tells_of_so_many_steps() {
    let rule = |n: usize| {
        let open = u32::try_from(n).unwrap() * 15;
        let when = When {
            hours: hours(open, 1_440),
            ..When::default()
        };
        rule(&format!("Rule {n}"), 0, when, Effect::Add(eur(1)))
    };
    let day = order(between("2027-03-01T00:00Z", "2027-03-02T00:00Z"));
    let steps = |count: usize| {
        let rates = Rates {
            rules: (0..count).map(rule).collect(),
            ..rates(1_000, "EUR")
        };
        rates.price(&day).map(|price| price.lines.len())
    };
    // 44 × 45 ÷ 2 are 990, and 45 × 46 ÷ 2 are 1,035.
    assert_eq!(steps(44), Ok(44));
    assert_eq!(steps(45), Err(Refusal::TooManyRates));
    // On the next day four of them hold for ten steps more, and a fifth for another one.
    let two_days = order(between("2027-03-01T00:00Z", "2027-03-03T00:00Z"));
    let with_the_next_day = |count: usize| {
        let on = |weekday, rule: RateRule| RateRule {
            when: When {
                weekdays: vec![weekday],
                ..rule.when
            },
            ..rule
        };
        let of_the_next = |n: usize| {
            let (open, close) = [(0, 240), (60, 240), (120, 240), (180, 240), (300, 360)][n];
            let when = When {
                hours: hours(open, close),
                ..When::default()
            };
            on(
                2,
                super::tests::rule(&format!("Next {n}"), 0, when, Effect::Add(eur(1))),
            )
        };
        let rates = Rates {
            rules: (0..44)
                .map(|n| on(1, rule(n)))
                .chain((0..count).map(of_the_next))
                .collect(),
            ..rates(1_000, "EUR")
        };
        rates.price(&two_days).map(|price| price.lines.len())
    };
    assert_eq!(TIME_STEPS_MAX, 990 + 10);
    assert_eq!(with_the_next_day(4), Ok(44 + 4 + 1));
    assert_eq!(with_the_next_day(5), Err(Refusal::TooManyRates));
}

#[test]
fn no_price_is_made_of_more_than_a_booking_can_last() {
    let long = order(between("2027-03-01T00:00Z", "9999-01-01T00:00Z"));
    assert!(matches!(
        rates(1, "EUR").price(&long),
        Err(Refusal::MaxDuration { .. })
    ));
}

// what goes with the time

#[test]
fn a_price_is_made_in_the_declared_order() {
    let rates = Rates {
        minimum_spend: Some(eur(25_000)),
        cleaning_fee: Some(eur(4_000)),
        add_ons: vec![AddOn {
            name: label("Projector"),
            price: eur(1_500),
            per: Per::Booking,
            quantity_max: 2,
            tax: None,
        }],
        discounts: vec![Discount {
            kind: DiscountKind::LongDuration { minutes_min: 120 },
            bps: 1_000,
        }],
        ..rates(10_000, "EUR")
    };
    let ask = Order {
        add_ons: &[Chosen {
            name: label("Projector"),
            quantity: 2,
        }],
        promo: Some(&promo(PromoEffect::Percent(500))),
        special_offer: Some(eur(1_000)),
        fees: Fees {
            customer_bps: 1_000,
            vendor_bps: 1_500,
        },
        ..order(two_hours())
    };
    let price = rates.price(&ask).unwrap();
    let kinds: Vec<&str> = price
        .lines
        .iter()
        .map(|line| match line.item {
            Item::Space { .. } => "space",
            Item::MinimumSpend { .. } => "minimum_spend",
            Item::AddOn { .. } => "add_on",
            Item::CleaningFee => "cleaning_fee",
            Item::Discount { .. } => "discount",
            Item::PromoCode { .. } => "promo_code",
            Item::SpecialOffer => "special_offer",
            Item::ServiceFee { .. } => "service_fee",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "space",
            "minimum_spend",
            "add_on",
            "cleaning_fee",
            "discount",
            "promo_code",
            "special_offer",
            "service_fee"
        ]
    );
    // A tenth and a twentieth of the time, and ten euros; a tenth of 280 euros for the platform.
    assert_eq!(
        amounts(&price),
        [20_000, 5_000, 3_000, 4_000, -2_000, -1_000, -1_000, 2_800]
    );
    assert_eq!(price.total, eur(30_800));
    assert_eq!(price.platform_fee, eur(2_800 + 4_200));
    assert_eq!(price.payout, eur(23_800));
    assert_eq!(price.service_fee(), Ok(eur(2_800)));
}

#[test]
fn a_minimum_spend_that_is_reached_adds_nothing() {
    let amounts_of = |minimum| {
        let rates = Rates {
            minimum_spend: Some(eur(minimum)),
            ..rates(10_000, "EUR")
        };
        amounts(&rates.price(&order(two_hours())).unwrap())
    };
    assert_eq!(amounts_of(20_001), [20_000, 1]);
    assert_eq!(amounts_of(20_000), [20_000]);
    assert_eq!(amounts_of(19_999), [20_000]);
}

#[test]
fn add_ons_are_for_a_booking_an_hour_or_a_guest() {
    let of = |per| AddOn {
        name: label("Chairs"),
        price: eur(300),
        per,
        quantity_max: 3,
        tax: None,
    };
    let cost = |per, quantity| {
        let rates = Rates {
            add_ons: vec![of(per)],
            ..rates(10_000, "EUR")
        };
        let ask = Order {
            guests: 7,
            add_ons: &[Chosen {
                name: label("Chairs"),
                quantity,
            }],
            ..order(between("2027-03-01T12:00Z", "2027-03-01T14:30Z"))
        };
        rates.price(&ask).map(|price| amounts(&price)[1])
    };
    assert_eq!(cost(Per::Booking, 3), Ok(900));
    assert_eq!(cost(Per::Hour, 3), Ok(2_250));
    assert_eq!(cost(Per::Guest, 3), Ok(6_300));
    let refused = Refusal::AddOn {
        name: label("Chairs"),
        quantity_max: 3,
    };
    assert_eq!(cost(Per::Booking, 4), Err(refused));
}

#[test]
fn an_add_on_is_offered_once_and_only_by_its_name() {
    let rates = Rates {
        add_ons: vec![AddOn {
            name: label("Chairs"),
            price: eur(300),
            per: Per::Booking,
            quantity_max: 3,
            tax: None,
        }],
        ..rates(10_000, "EUR")
    };
    let chosen = |name: &str| Chosen {
        name: label(name),
        quantity: 2,
    };
    let price = |add_ons: &[Chosen]| {
        rates.price(&Order {
            add_ons,
            ..order(two_hours())
        })
    };
    assert!(price(&[chosen("Chairs")]).is_ok());
    for wrong in [vec![chosen("Tables")], vec![chosen("Chairs"), chosen("Chairs")]] {
        assert!(matches!(price(&wrong), Err(Refusal::AddOn { .. })), "{wrong:?}");
    }
}

// discounts

fn discounted(discounts: Vec<Discount>, floor_per_hour: Option<Money>, ask: &Order<'_>) -> Vec<i64> {
    let rates = Rates {
        discounts,
        floor_per_hour,
        ..rates(10_000, "EUR")
    };
    amounts(&rates.price(ask).unwrap())
}

const fn discount(kind: DiscountKind, bps: u32) -> Discount {
    Discount { kind, bps }
}

#[test]
fn discounts_are_of_the_undiscounted_time_in_a_declared_order() {
    let all = vec![
        discount(DiscountKind::FirstBooking, 400),
        discount(DiscountKind::EarlyBird { lead_minutes_min: 1 }, 200),
        discount(
            DiscountKind::LastMinute {
                lead_minutes_max: 1_000_000,
            },
            300,
        ),
        discount(DiscountKind::LongDuration { minutes_min: 120 }, 100),
        discount(DiscountKind::LongDuration { minutes_min: 60 }, 50),
    ];
    let first = Order {
        first_booking: true,
        ..order(two_hours())
    };
    assert_eq!(
        discounted(all.clone(), None, &first),
        [20_000, -200, -400, -600, -800]
    );
    assert_eq!(
        discounted(all, None, &order(two_hours())),
        [20_000, -200, -400, -600]
    );
}

#[test]
fn an_offer_of_the_vendor_comes_last_and_goes_below_the_floor() {
    let floor = Some(eur(9_000));
    let ask = Order {
        special_offer: Some(eur(19_000)),
        ..order(two_hours())
    };
    let cut = discount(DiscountKind::LongDuration { minutes_min: 1 }, 5_000);
    let rates = Rates {
        discounts: vec![cut],
        floor_per_hour: floor,
        ..rates(10_000, "EUR")
    };
    let refused = rates.price(&ask).unwrap_err();
    assert_eq!(refused, Refusal::SpecialOffer { most: eur(18_000) });
    let all_of_it = Order {
        special_offer: Some(eur(18_000)),
        ..ask
    };
    let with_cleaning = Rates {
        cleaning_fee: Some(eur(4_000)),
        ..rates.clone()
    };
    let price = with_cleaning.price(&all_of_it).unwrap();
    assert_eq!(amounts(&price), [20_000, 4_000, -2_000, -18_000]);
    let all_but_one = Order {
        special_offer: Some(eur(17_900)),
        ..ask
    };
    let price = rates.price(&all_but_one).unwrap();
    assert_eq!(amounts(&price), [20_000, -2_000, -17_900]);
    assert_eq!(price.wishes(), Wishes::default(), "it is for this time");
    let vendor = VendorId::from_uuid(Uuid::from_u128(1));
    let customer = UserId::from_uuid(Uuid::from_u128(2));
    assert_eq!(price.claims(vendor, customer), []);
}

#[test]
fn discounts_apply_from_their_limits_on() {
    let ask = order(two_hours());
    let lead = 59 * 1_440 + 720;
    let off = |kind| discounted(vec![discount(kind, 1_000)], None, &ask).len() == 2;
    assert!(off(DiscountKind::LongDuration { minutes_min: 120 }));
    assert!(!off(DiscountKind::LongDuration { minutes_min: 121 }));
    assert!(off(DiscountKind::EarlyBird {
        lead_minutes_min: lead
    }));
    assert!(!off(DiscountKind::EarlyBird {
        lead_minutes_min: lead + 1
    }));
    assert!(off(DiscountKind::LastMinute {
        lead_minutes_max: lead
    }));
    assert!(!off(DiscountKind::LastMinute {
        lead_minutes_max: lead - 1
    }));
    assert!(!off(DiscountKind::FirstBooking));
}

#[test]
fn no_discount_goes_below_the_floor() {
    let half = discount(DiscountKind::LongDuration { minutes_min: 1 }, 5_000);
    let third = discount(DiscountKind::EarlyBird { lead_minutes_min: 1 }, 3_000);
    let ask = order(two_hours());
    let floor = Some(eur(4_000));
    assert_eq!(
        discounted(vec![half, third], floor, &ask),
        [20_000, -10_000, -2_000]
    );
    assert_eq!(
        discounted(vec![half, third], Some(eur(5_000)), &ask),
        [20_000, -10_000]
    );
    assert_eq!(discounted(vec![half, third], Some(eur(20_000)), &ask), [20_000]);
    let with_code = Order {
        promo: Some(&promo(PromoEffect::Amount(eur(5_000)))),
        ..ask
    };
    let rates = Rates {
        discounts: vec![half],
        floor_per_hour: floor,
        ..rates(10_000, "EUR")
    };
    let price = rates.price(&with_code).unwrap();
    assert_eq!(amounts(&price), [20_000, -10_000, -2_000]);
    let floored = |line: &Line| {
        if let Item::Discount { floored, .. } | Item::PromoCode { floored, .. } = line.item {
            Some(floored)
        } else {
            None
        }
    };
    let told: Vec<bool> = price.lines.iter().filter_map(floored).collect();
    assert_eq!(told, [false, true]);
}

// promo codes

#[test]
fn a_code_is_known_in_one_spelling() {
    let code: PromoCode = " summer-10 ".parse().unwrap();
    assert_eq!(code.to_string(), "SUMMER-10");
    for wrong in ["", "AB", "SUMMER 10", "SÜMMER", &"X".repeat(25)] {
        assert_eq!(wrong.parse::<PromoCode>(), Err(PromoCodeError), "{wrong}");
    }
    assert!("ABC".parse::<PromoCode>().is_ok());
    assert!("X".repeat(24).parse::<PromoCode>().is_ok());
}

#[test]
fn a_code_holds_in_its_window_and_at_its_venues() {
    let promo = promo(PromoEffect::Percent(1_000));
    let venue = |n| VenueId::from_uuid(Uuid::from_u128(n));
    let obstacle = |obstacle| Err(Refusal::Promo { obstacle });
    assert_eq!(promo.check(venue(7), at("2027-01-01T00:00Z")), Ok(()));
    assert_eq!(
        promo.check(venue(7), at("2026-12-31T23:59:59Z")),
        obstacle(PromoObstacle::NotYet)
    );
    assert_eq!(
        promo.check(venue(7), at("2027-06-01T00:00Z")),
        obstacle(PromoObstacle::Over)
    );
    assert_eq!(
        promo.check(venue(8), at("2027-02-01T00:00Z")),
        obstacle(PromoObstacle::Unknown)
    );
    let everywhere = Promo {
        venues: Vec::new(),
        ..promo
    };
    assert_eq!(everywhere.check(venue(8), at("2027-02-01T00:00Z")), Ok(()));
}

#[test]
fn a_price_claims_a_use_of_its_code_and_that_it_is_the_first() {
    let (vendor, customer) = (
        VendorId::from_uuid(Uuid::from_u128(1)),
        UserId::from_uuid(Uuid::from_u128(9)),
    );
    let rates = Rates {
        discounts: vec![discount(DiscountKind::FirstBooking, 1_000)],
        ..rates(10_000, "EUR")
    };
    let code = promo(PromoEffect::Percent(1_000));
    let ask = Order {
        promo: Some(&code),
        first_booking: true,
        ..order(two_hours())
    };
    let claims = rates.price(&ask).unwrap().claims(vendor, customer);
    let on = |on, max| Claim { on, max };
    let promo = code.code.clone();
    assert_eq!(
        claims,
        [
            on(Counted::Bookings(vendor, customer), Some(1)),
            on(Counted::Promo(vendor, promo.clone()), Some(2)),
            on(Counted::PromoByCustomer(vendor, promo, customer), Some(1)),
        ]
    );
    assert_eq!(code.claims(customer), claims[1..]);
    let after_one: Vec<_> = claims.iter().map(|claim| claim.check(1)).collect();
    let refused = |obstacle| Err(Refusal::Promo { obstacle });
    assert_eq!(
        after_one,
        [
            Err(Refusal::NotTheFirst),
            Ok(()),
            refused(PromoObstacle::UsedByYou)
        ]
    );
    assert_eq!(claims[1].check(2), refused(PromoObstacle::UsedUp));
    let unlimited = Claim {
        max: None,
        ..claims[1].clone()
    };
    assert_eq!(unlimited.check(u32::MAX), Ok(()));
    let plain = rates.price(&order(two_hours())).unwrap();
    assert_eq!(plain.claims(vendor, customer), []);
}

#[test]
fn a_code_that_takes_nothing_off_is_refused_with_the_reason() {
    let refused = |rates: Rates, promo: &Promo| {
        let ask = Order {
            promo: Some(promo),
            ..order(two_hours())
        };
        match rates.price(&ask) {
            Err(Refusal::Promo { obstacle }) => obstacle,
            other => panic!("{other:?}"),
        }
    };
    let floor = Rates {
        floor_per_hour: Some(eur(10_000)),
        ..rates(10_000, "EUR")
    };
    assert_eq!(
        refused(floor, &promo(PromoEffect::Percent(1_000))),
        PromoObstacle::NothingLeft
    );
    let dollars = Money::new(500, "USD".parse().unwrap());
    assert_eq!(
        refused(rates(10_000, "EUR"), &promo(PromoEffect::Amount(dollars))),
        PromoObstacle::Currency
    );
    let minimum = |minimum_spend| Promo {
        minimum_spend: Some(minimum_spend),
        ..promo(PromoEffect::Percent(1_000))
    };
    assert_eq!(
        refused(rates(10_000, "EUR"), &minimum(eur(20_001))),
        PromoObstacle::MinimumSpend
    );
    assert_eq!(
        refused(rates(10_000, "EUR"), &minimum(dollars)),
        PromoObstacle::Currency
    );
    let enough = Order {
        promo: Some(&minimum(eur(20_000))),
        ..order(two_hours())
    };
    assert!(rates(10_000, "EUR").price(&enough).is_ok());
}

// tax and deposit

#[test]
fn tax_is_in_the_lines_or_comes_on_top_of_them() {
    let taxed = |included| Rates {
        tax: Some(Tax { bps: 1_900, included }),
        cleaning_fee: Some(eur(999)),
        ..rates(10_000, "EUR")
    };
    let price = |included| taxed(included).price(&order(two_hours())).unwrap();
    let inside = price(true);
    // 200.00 × 19 ÷ 119 = 31.93; 9.99 × 19 ÷ 119 = 1.60.
    assert_eq!((inside.total, inside.tax), (eur(20_999), eur(3_193 + 160)));
    let on_top = price(false);
    // 200.00 × 19 % = 38.00; 9.99 × 19 % = 1.90.
    assert_eq!(
        (on_top.total, on_top.tax),
        (eur(20_999 + 3_990), eur(3_800 + 190))
    );
    // The vendor's share is of the price without tax.
    assert_eq!(on_top.payout, eur(20_999 - 3_150));
    assert_eq!(on_top.platform_fee, eur(3_150));
}

#[test]
fn an_add_on_may_have_a_tax_of_its_own_and_a_discount_lowers_the_tax() {
    let rates = Rates {
        tax: Some(Tax {
            bps: 1_000,
            included: false,
        }),
        add_ons: vec![AddOn {
            name: label("Catering"),
            price: eur(1_000),
            per: Per::Booking,
            quantity_max: 1,
            tax: Some(Tax {
                bps: 700,
                included: false,
            }),
        }],
        discounts: vec![discount(DiscountKind::LongDuration { minutes_min: 1 }, 1_000)],
        ..rates(10_000, "EUR")
    };
    let ask = Order {
        add_ons: &[Chosen {
            name: label("Catering"),
            quantity: 1,
        }],
        ..order(two_hours())
    };
    let price = rates.price(&ask).unwrap();
    let taxes: Vec<i64> = price
        .lines
        .iter()
        .filter_map(|line| line.tax.map(|tax| tax.amount.amount()))
        .collect();
    assert_eq!(taxes, [2_000, 70, -200]);
    assert_eq!(price.tax, eur(1_870));
}

#[test]
fn a_discount_takes_off_no_more_tax_than_there_is() {
    let when = When {
        hours: hours(13 * 60, 1_440),
        ..When::default()
    };
    // Two lines of 10.04, whose taxes are rounded down, against the tax of 20.08, which is rounded up.
    let rates = Rates {
        rules: vec![rule("Same", 0, when, Effect::Set(eur(1_004)))],
        tax: Some(Tax {
            bps: 1_900,
            included: true,
        }),
        add_ons: vec![AddOn {
            name: label("Untaxed"),
            price: eur(5_000),
            per: Per::Booking,
            quantity_max: 1,
            tax: Some(Tax {
                bps: 0,
                included: true,
            }),
        }],
        discounts: vec![discount(DiscountKind::LongDuration { minutes_min: 1 }, 10_000)],
        ..rates(1_004, "EUR")
    };
    let ask = Order {
        add_ons: &[Chosen {
            name: label("Untaxed"),
            quantity: 1,
        }],
        ..order(two_hours())
    };
    let price = rates.price(&ask).unwrap();
    assert_eq!(amounts(&price), [1_004, 1_004, 5_000, -2_008]);
    assert_eq!(
        (price.total, price.tax, price.payout),
        (eur(5_000), eur(0), eur(4_250))
    );
}

#[test]
fn a_deposit_is_no_part_of_the_price() {
    let rates = Rates {
        deposit: Some(eur(50_000)),
        ..rates(10_000, "EUR")
    };
    let price = rates.price(&order(two_hours())).unwrap();
    assert_eq!((price.total, price.deposit), (eur(20_000), Some(eur(50_000))));
}

// rates that make no sense

#[test]
fn every_problem_with_rates_is_told_by_its_field() {
    let usd = Money::new(1, "USD".parse().unwrap());
    let fields = |rates: &Rates| -> Vec<&str> { rates.problems().iter().map(|p| p.field).collect() };
    let fine = rates(10_000, "EUR");
    assert_eq!(fields(&fine), [""; 0]);
    let dear = Some(eur(PRICE_AMOUNT_MAX + 1));
    let wrong = Rates {
        price_per_hour: eur(-1),
        minimum_spend: dear,
        cleaning_fee: dear,
        floor_per_hour: Some(usd),
        deposit: Some(usd),
        tax: Some(Tax {
            bps: TAX_BPS_MAX + 1,
            included: true,
        }),
        ..fine.clone()
    };
    assert_eq!(
        fields(&wrong),
        [
            "price_per_hour",
            "minimum_spend",
            "cleaning_fee",
            "floor_per_hour",
            "deposit",
            "tax"
        ]
    );
    let with_rule = |when: When, effect| Rates {
        rules: vec![rule("Rule", 0, when, effect)],
        ..fine.clone()
    };
    let any = When::default;
    for effect in [
        Effect::Set(eur(-1)),
        Effect::Set(usd),
        Effect::Set(eur(PRICE_AMOUNT_MAX + 1)),
        Effect::Add(usd),
        Effect::Add(eur(-PRICE_AMOUNT_MAX - 1)),
        Effect::Percent(-10_001),
        Effect::Percent(RATE_RULE_BPS_MAX + 1),
    ] {
        assert_eq!(fields(&with_rule(any(), effect)), ["rules"], "{effect:?}");
    }
    for effect in [
        Effect::Set(eur(0)),
        Effect::Add(eur(-PRICE_AMOUNT_MAX)),
        Effect::Percent(-10_000),
        Effect::Percent(RATE_RULE_BPS_MAX),
    ] {
        assert_eq!(fields(&with_rule(any(), effect)), [""; 0], "{effect:?}");
    }
    let upside_down = Some(Bounds {
        min: Some(2),
        max: Some(1),
    });
    for when in [
        When {
            weekdays: vec![0],
            ..any()
        },
        When {
            weekdays: vec![8],
            ..any()
        },
        When {
            weekdays: vec![1, 1],
            ..any()
        },
        When {
            hours: hours(600, 600),
            ..any()
        },
        When {
            dates: Some(DateRange {
                from: date(2027, 1, 2),
                to: date(2027, 1, 1),
            }),
            ..any()
        },
        When {
            lead_minutes: upside_down,
            ..any()
        },
        When {
            minutes: upside_down,
            ..any()
        },
        When {
            guests: upside_down,
            ..any()
        },
    ] {
        assert_eq!(
            fields(&with_rule(when.clone(), Effect::Percent(1))),
            ["rules"],
            "{when:?}"
        );
    }
}

#[test]
fn there_are_limits_to_how_many_rules_add_ons_and_discounts_there_are() {
    let fields = |rates: &Rates| -> Vec<&str> { rates.problems().iter().map(|p| p.field).collect() };
    let fine = rates(10_000, "EUR");
    let name = |n: usize| format!("Number {n}");
    let rules = |count: usize| Rates {
        rules: (0..count)
            .map(|n| rule(&name(n), 0, When::default(), Effect::Percent(1)))
            .collect(),
        ..fine.clone()
    };
    assert_eq!(fields(&rules(RATE_RULES_MAX)), [""; 0]);
    assert_eq!(fields(&rules(RATE_RULES_MAX + 1)), ["rules"]);
    let twice = |n: usize| rule(&name(n / 2), 0, When::default(), Effect::Percent(1));
    let same = Rates {
        rules: (0..2).map(twice).collect(),
        ..fine.clone()
    };
    assert_eq!(fields(&same), ["rules"]);

    let add_on = |n: usize, quantity_max, price| AddOn {
        name: label(&name(n)),
        price,
        per: Per::Booking,
        quantity_max,
        tax: None,
    };
    let add_ons = |add_ons: Vec<AddOn>| Rates {
        add_ons,
        ..fine.clone()
    };
    let many = |count: usize| add_ons((0..count).map(|n| add_on(n, 1, eur(1))).collect());
    assert_eq!(fields(&many(ADD_ONS_MAX)), [""; 0]);
    assert_eq!(fields(&many(ADD_ONS_MAX + 1)), ["add_ons"]);
    let one = |quantity_max, price| add_ons(vec![add_on(1, quantity_max, price)]);
    assert_eq!(fields(&one(ADD_ON_QUANTITY_MAX, eur(PRICE_AMOUNT_MAX))), [""; 0]);
    assert_eq!(fields(&one(0, eur(1))), ["add_ons"]);
    assert_eq!(fields(&one(ADD_ON_QUANTITY_MAX + 1, eur(1))), ["add_ons"]);
    assert_eq!(fields(&one(1, eur(PRICE_AMOUNT_MAX + 1))), ["add_ons"]);
    assert_eq!(fields(&one(1, eur(-1))), ["add_ons"]);
    assert_eq!(
        fields(&add_ons(vec![add_on(1, 1, eur(1)), add_on(1, 1, eur(1))])),
        ["add_ons"]
    );

    let discounts = |count: usize, bps| Rates {
        discounts: vec![discount(DiscountKind::FirstBooking, bps); count],
        ..fine.clone()
    };
    assert_eq!(fields(&discounts(DISCOUNTS_MAX, 10_000)), [""; 0]);
    assert_eq!(fields(&discounts(DISCOUNTS_MAX + 1, 1)), ["discounts"]);
    assert_eq!(fields(&discounts(1, 0)), ["discounts"]);
    assert_eq!(fields(&discounts(1, 10_001)), ["discounts"]);
}

#[test]
fn rates_say_whether_a_price_depends_on_who_asks() {
    let with = |kind| Rates {
        discounts: vec![discount(kind, 500)],
        ..rates(5_000, "EUR")
    };
    assert!(with(DiscountKind::FirstBooking).favours_first_bookings());
    assert!(!rates(5_000, "EUR").favours_first_bookings());
}

#[test]
fn what_was_asked_for_besides_the_time_is_read_back_from_the_price() {
    let rates = Rates {
        discounts: vec![discount(DiscountKind::FirstBooking, 500)],
        add_ons: vec![AddOn {
            name: label("Projector"),
            price: eur(1_000),
            per: Per::Booking,
            quantity_max: 3,
            tax: None,
        }],
        ..rates(5_000, "EUR")
    };
    let code = promo(PromoEffect::Percent(500));
    let add_ons = [Chosen {
        name: label("Projector"),
        quantity: 2,
    }];
    let time = between("2027-03-01T10:00Z", "2027-03-01T12:00Z");
    let asked = Order {
        add_ons: &add_ons,
        promo: Some(&code),
        first_booking: true,
        ..order(time)
    };
    let wishes = Wishes {
        add_ons: add_ons.to_vec(),
        promo_code: Some(code.code.clone()),
        first_booking: true,
    };
    assert_eq!(rates.price(&asked).unwrap().wishes(), wishes);
    assert_eq!(rates.price(&order(time)).unwrap().wishes(), Wishes::default());
}
