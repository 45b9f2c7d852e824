//! What the booking core costs: `cargo bench -p domain`.
//!
//! Seconds differ from machine to machine; instructions repeat. Each benchmark's work is a function of its own, so
//! that `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='core::work_*'` counts it alone, once, when
//! the benchmarks run with `--test`.
#![allow(clippy::unwrap_used, reason = "nothing here runs for anybody else")]

use std::hint::black_box;

use divan::Bencher;
use domain::availability::{
    BLOCKS_MAX, Block, BlockTime, DURATION_MINUTES_MAX, Hours, MINUTES_PER_DAY, Opening, Repeating, RuleBook,
    Rules, SPECIAL_DAYS_MAX, Search, Season, SpecialDay,
};
use domain::calendar::{Calendar, Day, ENTRIES_PER_DAY_MAX, Entry};
use domain::id::{BlockId, BookingId, SpaceId};
use domain::money::Money;
use domain::pricing::{
    AddOn, Bounds, Chosen, Discount, DiscountKind, Effect, Fees, Item, Line, Order, Per, Price,
    RATE_RULES_MAX, RateRule, Rates, Tax, When,
};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

const SPACE: SpaceId = SpaceId::from_uuid(Uuid::from_u128(1));
const DAY_MINUTES: i64 = 1_440;

fn main() {
    divan::main();
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(from: Timestamp, start: i64, minutes: i64) -> Interval {
    let start = plus_minutes(from, start);
    Interval::new(start, plus_minutes(start, minutes)).unwrap()
}

fn entry(n: u32, interval: Interval) -> Entry {
    Entry {
        booking: BookingId::from_uuid(Uuid::from_u128(u128::from(n) + 1)),
        space: SPACE,
        interval,
        setup_minutes: 0,
        turnaround_minutes: 30,
        hold_until: None,
        proposed: false,
    }
}

/// A busy venue: two openings a day, two seasons, twenty special days, forty blocks of which ten recur.
fn rules() -> Rules {
    let weekly: Vec<Opening> = (1..=7)
        .flat_map(|weekday| [(weekday, 480, 780), (weekday, 840, 1_560)])
        .map(|(weekday, open_minute, close_minute)| Opening {
            weekday,
            open_minute,
            close_minute,
        })
        .collect();
    let first = date(2027, 3, 1);
    let nth = |n: i64| first.checked_add(n.days()).unwrap();
    let season = |(name, from, to): (&str, i64, i64)| Season {
        name: Label::parse(name).unwrap(),
        from: nth(from),
        to: nth(to),
        priority: 1,
        weekly: weekly.clone(),
        min_minutes: Some(30),
        lead_minutes: None,
    };
    let hours = Hours {
        open_minute: 600,
        close_minute: 1_200,
    };
    let start = at("2027-03-01T00:00Z");
    let block = |n: i64| {
        let time = if n < 10 {
            let rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH".parse().unwrap();
            let monday = date(2026, 3, 2).checked_add((n * 14).days()).unwrap();
            BlockTime::Repeating(Repeating::new(monday, hours, rule, [].into()).unwrap())
        } else {
            BlockTime::Once(span(start, n * 2 * DAY_MINUTES, 120))
        };
        Block {
            id: BlockId::from_uuid(Uuid::from_u128(7)),
            space: SPACE,
            time,
            reason: None,
        }
    };
    Rules {
        seasons: [("spring", 20, 60), ("summer", 61, 120)].map(season).into(),
        special_days: (0..20)
            .map(|n| SpecialDay {
                date: nth(n * 4),
                name: None,
                hours: vec![hours],
            })
            .collect(),
        blocks: (0..40).map(block).collect(),
        weekly,
        min_minutes: 30,
        turnaround_minutes: 30,
        lead_minutes: 0,
        ..Rules::closed("Europe/Berlin".parse().unwrap())
    }
}

/// Three bookings a day.
fn calendar(from: Timestamp, days: i64) -> Calendar {
    let mut calendar = Calendar::default();
    for n in 0..days * 3 {
        let interval = span(from, (n / 3) * DAY_MINUTES + 540 + (n % 3) * 240, 90);
        let entry = entry(u32::try_from(n).unwrap(), interval);
        calendar.reserve(&[SPACE], &entry, from).unwrap();
    }
    calendar
}

fn full_day(from: Timestamp) -> Day {
    let mut day = Day::default();
    for n in 0..u32::try_from(ENTRIES_PER_DAY_MAX - 1).unwrap() {
        let short = Entry {
            turnaround_minutes: 0,
            ..entry(n, span(from, i64::from(n) * 5, 5))
        };
        day.reserve(short, from).unwrap();
    }
    day
}

/// A-T6: every hour that can be booked in 90 days.
#[divan::bench]
fn availability_of_90_days(bencher: Bencher<'_, '_>) {
    let (rules, from) = (rules(), at("2027-03-01T00:00Z"));
    let calendar = calendar(from, 95);
    let book = RuleBook {
        rules,
        pending: None,
        version: 1,
    };
    let window = span(from, 0, 90 * DAY_MINUTES);
    assert!(book.request(&[SPACE], from).slots(&calendar, window, 60).len() > 1_000);
    bencher.bench_local(|| work_slots(black_box(&book), black_box(&calendar), window));
}

#[inline(never)]
fn work_slots(book: &RuleBook, calendar: &Calendar, window: Interval) -> Vec<Interval> {
    book.request(&[SPACE], window.start()).slots(calendar, window, 60)
}

/// What is shown of 90 days of a space that is open round the clock: every hour that can be booked and has a price.
/// Starts every so many minutes, and rate rules of which all may hold.
#[divan::bench(args = [(30, 20), (30, RATE_RULES_MAX), (5, 20), (5, RATE_RULES_MAX)])]
fn what_is_sold_in_90_days(bencher: Bencher<'_, '_>, (step_minutes, count): (u32, usize)) {
    let from = at("2027-03-01T00:00Z");
    let whole_days = (1..=7).map(|weekday| Opening {
        weekday,
        open_minute: 0,
        close_minute: 1_440,
    });
    let rules = Rules {
        weekly: whole_days.collect(),
        special_days: Vec::new(),
        seasons: Vec::new(),
        blocks: Vec::new(),
        step_minutes,
        ..rules()
    };
    assert_eq!(rules.problems(), []);
    let calendar = Calendar::default();
    let book = RuleBook {
        rules,
        pending: None,
        version: 1,
    };
    let rates = rates_of_the_day(count);
    assert_eq!(rates.problems(), []);
    let window = span(from, 0, 90 * DAY_MINUTES);
    let slots = work_sold(&book, &rates, &calendar, window);
    assert_eq!(
        slots.len(),
        90 * 1_440 / usize::try_from(step_minutes).unwrap() - 1
    );
    bencher.bench_local(|| work_sold(black_box(&book), black_box(&rates), black_box(&calendar), window));
}

#[inline(never)]
fn work_sold(book: &RuleBook, rates: &Rates, calendar: &Calendar, window: Interval) -> Vec<Interval> {
    let now = window.start();
    let slots = book.request(&[SPACE], now).slots(calendar, window, 60);
    rates.sold(slots, 1, &book.rules, now)
}

/// An evening, a weekend, a few dates or little notice make an hour dearer or cheaper.
fn rates_of_the_day(count: usize) -> Rates {
    let eur = |amount| Money::new(amount, "EUR".parse().unwrap());
    let rule = |n: usize| {
        let number = u32::try_from(n).unwrap();
        let hours = Hours {
            open_minute: number * 25,
            close_minute: number * 25 + 600,
        };
        let lead_minutes = Bounds {
            min: None,
            max: Some(number * MINUTES_PER_DAY),
        };
        RateRule {
            name: Label::parse(&format!("Rule {n}")).unwrap(),
            priority: 0,
            when: When {
                weekdays: if n.is_multiple_of(2) {
                    vec![5, 6, 7]
                } else {
                    Vec::new()
                },
                hours: (!n.is_multiple_of(5)).then_some(hours),
                lead_minutes: n.is_multiple_of(7).then_some(lead_minutes),
                ..When::default()
            },
            effect: if n.is_multiple_of(3) {
                Effect::Percent(-500)
            } else {
                Effect::Add(eur(100))
            },
        }
    };
    Rates {
        rules: (0..count).map(rule).collect(),
        ..rates()
    }
}

/// Where other times are looked for when all that can be known without the calendar says that there is none: a year of
/// rules, as many as there may be, whose hours are all too short.
#[divan::bench(sample_count = 20)]
fn nowhere_to_look_for_other_times(bencher: Bencher<'_, '_>) {
    let from = at("2027-03-01T00:00Z");
    let first = date(2027, 3, 1);
    let few = rules();
    let hours = Hours {
        open_minute: 600,
        close_minute: 660,
    };
    let repeating = few
        .blocks
        .iter()
        .filter(|block| matches!(block.time, BlockTime::Repeating(_)));
    let rules = Rules {
        weekly: (0..42)
            .map(|n| Opening {
                weekday: u8::try_from(n % 7).unwrap() + 1,
                open_minute: 200 * (n / 7),
                close_minute: 200 * (n / 7) + 60,
            })
            .collect(),
        seasons: Vec::new(),
        special_days: (0..SPECIAL_DAYS_MAX)
            .map(|n| SpecialDay {
                date: first.checked_add(i64::try_from(n).unwrap().days()).unwrap(),
                name: None,
                hours: vec![hours],
            })
            .collect(),
        blocks: repeating.cycle().take(BLOCKS_MAX).cloned().collect(),
        min_minutes: 90,
        horizon_days: 730,
        step_minutes: 5,
        ..few
    };
    assert_eq!(rules.problems(), []);
    let book = RuleBook {
        rules,
        pending: None,
        version: 1,
    };
    let wanted = span(from, 365 * DAY_MINUTES, 90);
    assert_eq!(work_search(&book, wanted, from), 0);
    bencher.bench_local(|| work_search(black_box(&book), wanted, from));
}

#[inline(never)]
fn work_search(book: &RuleBook, wanted: Interval, now: Timestamp) -> usize {
    let search = Search::new(book.request(&[SPACE], now), wanted);
    search.iter().flat_map(Search::steps).count()
}

/// Where other times are looked for when none of those that are free has a price: by the longest time there is, under
/// rates that change all the time.
#[divan::bench(sample_count = 10)]
fn other_times_that_have_no_price(bencher: Bencher<'_, '_>) {
    let from = at("2027-03-01T00:00Z");
    let whole_days = |weekday| Opening {
        weekday,
        open_minute: 0,
        close_minute: MINUTES_PER_DAY,
    };
    let book = RuleBook {
        rules: Rules {
            weekly: (1..=7).map(whole_days).collect(),
            max_minutes: DURATION_MINUTES_MAX,
            horizon_days: 730,
            step_minutes: 5,
            ..Rules::closed("Europe/Berlin".parse().unwrap())
        },
        pending: None,
        version: 1,
    };
    assert_eq!(book.rules.problems(), []);
    let rule = |n: usize| {
        let open_minute = u32::try_from(n).unwrap() * 10;
        RateRule {
            name: Label::parse(&format!("Rule {n}")).unwrap(),
            priority: 0,
            when: When {
                hours: Some(Hours {
                    open_minute,
                    close_minute: MINUTES_PER_DAY - open_minute,
                }),
                ..When::default()
            },
            effect: Effect::Add(Money::new(100, "EUR".parse().unwrap())),
        }
    };
    let rates = Rates {
        rules: (0..RATE_RULES_MAX).map(rule).collect(),
        ..rates()
    };
    assert_eq!(rates.problems(), []);
    for days in [1, 20] {
        let wanted = span(from, 365 * DAY_MINUTES, days * DAY_MINUTES);
        assert_eq!(work_unpriced(&book, &rates, wanted, from), 0);
    }
    let wanted = span(from, 365 * DAY_MINUTES, 20 * DAY_MINUTES);
    bencher.bench_local(|| work_unpriced(black_box(&book), &rates, wanted, from));
}

#[inline(never)]
fn work_unpriced(book: &RuleBook, rates: &Rates, wanted: Interval, now: Timestamp) -> usize {
    let search = Search::new(book.request(&[SPACE], now), wanted).unwrap();
    let is_sold = |interval| {
        let order = Order {
            interval,
            guests: 1,
            add_ons: &[],
            promo: None,
            special_offer: None,
            first_booking: false,
            space: &book.rules,
            fees: Fees {
                customer_bps: 500,
                vendor_bps: 1_500,
            },
            now,
        };
        rates.price(&order).is_ok()
    };
    let of_step = |step: Vec<Interval>| {
        let unread = |starts| (starts, Calendar::default());
        let looked: Vec<_> = step.into_iter().map(unread).collect();
        search.found(&looked, is_sold).len()
    };
    search.steps().map(of_step).sum()
}

/// What one booking is decided by.
#[divan::bench]
fn one_decision(bencher: Bencher<'_, '_>) {
    let (rules, from) = (rules(), at("2027-03-01T00:00Z"));
    let calendar = calendar(from, 2);
    let book = RuleBook {
        rules,
        pending: None,
        version: 1,
    };
    let wanted = span(from, DAY_MINUTES + 1_140, 60);
    assert_eq!(book.request(&[SPACE], from).decide(&calendar, wanted), Ok(()));
    bencher.bench_local(|| work_decide(black_box(&book), black_box(&calendar), wanted, from));
}

#[inline(never)]
fn work_decide(book: &RuleBook, calendar: &Calendar, wanted: Interval, now: Timestamp) -> bool {
    book.request(&[SPACE], now).decide(calendar, wanted).is_ok()
}

/// The last booking that a day has room for.
#[divan::bench]
fn reserve_on_a_full_day(bencher: Bencher<'_, '_>) {
    let from = at("2027-03-01T00:00Z");
    let day = full_day(from);
    let last = entry(999, span(from, 1_200, 60));
    bencher
        .with_inputs(|| (day.clone(), last.clone()))
        .bench_local_values(|(mut day, last)| work_reserve(&mut day, last, from));
}

#[inline(never)]
fn work_reserve(day: &mut Day, last: Entry, now: Timestamp) {
    day.reserve(last, now).unwrap();
}

/// Twenty rules, all of which hold for some part of a night that passes five of their boundaries, two add-ons, two
/// discounts, tax and a fee.
#[divan::bench]
fn quote_with_20_rules(bencher: Bencher<'_, '_>) {
    let (space, rates) = (rules(), rates());
    let order = Order {
        interval: span(at("2027-03-05T16:00Z"), 0, 600),
        guests: 40,
        add_ons: &["Chairs", "Bar"].map(|name| Chosen {
            name: Label::parse(name).unwrap(),
            quantity: 2,
        }),
        promo: None,
        special_offer: None,
        first_booking: true,
        space: &space,
        fees: Fees {
            customer_bps: 500,
            vendor_bps: 1_500,
        },
        now: at("2027-03-01T00:00Z"),
    };
    let steps = |line: &Line| {
        if let Item::Space { steps, .. } = &line.item {
            steps.len()
        } else {
            0
        }
    };
    let price = rates.price(&order).unwrap();
    assert!(price.lines.iter().map(steps).max() >= Some(10), "{price:?}");
    bencher.bench_local(|| work_price(black_box(&rates), black_box(&order)));
}

#[inline(never)]
fn work_price(rates: &Rates, order: &Order<'_>) -> Price {
    rates.price(order).unwrap()
}

fn rates() -> Rates {
    let eur = |amount| Money::new(amount, "EUR".parse().unwrap());
    let label = |text: &str| Label::parse(text).unwrap();
    let rule = |n: u16| RateRule {
        name: label(&format!("Rule {n}")),
        priority: n % 5,
        when: When {
            weekdays: vec![5, 6],
            hours: Some(Hours {
                open_minute: 1_020 + u32::from(n % 5) * 60,
                close_minute: 1_800,
            }),
            guests: Some(Bounds {
                min: Some(u32::from(n)),
                max: None,
            }),
            ..When::default()
        },
        effect: if n.is_multiple_of(2) {
            Effect::Percent(500)
        } else {
            Effect::Add(eur(100))
        },
    };
    let add_on = |name, per| AddOn {
        name: label(name),
        price: eur(300),
        per,
        quantity_max: 5,
        tax: None,
    };
    let discount = |kind| Discount { kind, bps: 500 };
    Rates {
        rules: (0..20).map(rule).collect(),
        cleaning_fee: Some(eur(4_000)),
        add_ons: vec![add_on("Chairs", Per::Guest), add_on("Bar", Per::Hour)],
        discounts: vec![
            discount(DiscountKind::FirstBooking),
            discount(DiscountKind::LongDuration { minutes_min: 480 }),
        ],
        floor_per_hour: Some(eur(2_000)),
        tax: Some(Tax {
            bps: 1_900,
            included: true,
        }),
        ..Rates::flat(eur(5_000))
    }
}
