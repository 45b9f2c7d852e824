use jiff::civil::date as day;
use proptest::prelude::*;
use rrule::{RRule, Unvalidated};

use super::*;

fn rule(text: &str) -> Recurrence {
    text.parse().unwrap()
}

fn dates(text: &str, first: Date, days: i64) -> Vec<String> {
    let rule = rule(text);
    let last = rule.bind(first).unwrap();
    (0..days)
        .map(|n| first.saturating_add(n.days()))
        .filter(|date| rule.matches(first, *date) && last.is_none_or(|last| *date <= last))
        .map(|date| date.to_string())
        .collect()
}

#[test]
fn every_other_week_is_counted_from_the_week_of_the_first_date() {
    // A Thursday; the Mondays that follow are those of every other week.
    assert_eq!(
        dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4", day(2027, 1, 7), 60),
        ["2027-01-07", "2027-01-18", "2027-01-21", "2027-02-01"]
    );
    assert_eq!(
        dates(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,SU;COUNT=3;WKST=SU",
            day(2027, 1, 7),
            60
        ),
        ["2027-01-07", "2027-01-17", "2027-01-21"]
    );
}

#[test]
fn months_without_the_day_are_left_out() {
    assert_eq!(
        dates("FREQ=MONTHLY;COUNT=3", day(2027, 1, 31), 200),
        ["2027-01-31", "2027-03-31", "2027-05-31"]
    );
    assert_eq!(
        dates("FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270331", day(2027, 1, 31), 200),
        ["2027-01-31", "2027-02-28", "2027-03-31"]
    );
    assert_eq!(
        dates("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", day(2027, 1, 29), 200),
        ["2027-01-29", "2027-02-26"]
    );
}

#[test]
fn a_rule_has_to_begin_with_its_first_date() {
    let monday = rule("FREQ=WEEKLY;BYDAY=MO");
    assert_eq!(monday.bind(day(2027, 1, 5)), Err(RecurrenceError::NotFirst));
    let over = rule("FREQ=DAILY;UNTIL=20270101");
    assert_eq!(over.bind(day(2027, 1, 2)), Err(RecurrenceError::NotFirst));
    assert_eq!(over.bind(day(2027, 1, 1)), Ok(Some(day(2027, 1, 1))));
}

#[test]
fn a_count_has_to_be_reached_within_ten_years() {
    assert_eq!(
        rule("FREQ=YEARLY;COUNT=11").bind(day(2027, 1, 1)),
        Ok(Some(day(2037, 1, 1)))
    );
    assert_eq!(
        rule("FREQ=YEARLY;COUNT=12").bind(day(2027, 1, 1)),
        Err(RecurrenceError::Endless)
    );
}

#[test]
fn what_dates_cannot_recur_by_is_refused_by_name() {
    use RecurrenceError as E;
    let error = |text: &str| text.parse::<Recurrence>().unwrap_err();
    for text in [
        "",
        "FREQ",
        "INTERVAL=2",
        "FREQ=DAILY;",
        "FREQ=DAILY;FREQ=DAILY",
        "RRULE:FREQ=DAILY;X",
    ] {
        assert!(matches!(error(text), E::Malformed | E::Unsupported(_)), "{text}");
    }
    for (text, part) in [
        ("FREQ=HOURLY", "FREQ"),
        ("FREQ=daily", "FREQ"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=+1", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=367", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=1001", "COUNT"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "UNTIL"),
        ("FREQ=DAILY;UNTIL=+2027101", "UNTIL"),
        ("FREQ=DAILY;UNTIL=2027101", "UNTIL"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH"),
        ("FREQ=DAILY;BYMONTH=-1", "BYMONTH"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=6MO", "BYDAY"),
        ("FREQ=YEARLY;BYMONTHDAY=1;BYDAY=1MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=\u{fc}O", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"),
        ("FREQ=WEEKLY;WKST=XX", "WKST"),
    ] {
        assert_eq!(error(text), E::Value(part), "{text}");
    }
    assert_eq!(error("FREQ=DAILY;BYSETPOS=1"), E::Unsupported("BYSETPOS".into()));
    let days = |count: usize| format!("FREQ=DAILY;BYDAY={}", vec!["MO"; count].join(","));
    assert!(days(94).parse::<Recurrence>().is_ok());
    assert_eq!(error(&days(95)), E::TooLong);
    assert_eq!(error("FREQ=DAILY;COUNT=1;UNTIL=20270101"), E::TwoEnds);
}

/// Rules of every kind that are known here.
fn some_rule() -> impl Strategy<Value = String> {
    let end = prop_oneof![
        Just(String::new()),
        (1_u32..40).prop_map(|n| format!(";COUNT={n}")),
        (1_i8..=12, 1_i8..=28).prop_map(|(m, d)| format!(";UNTIL=2028{m:02}{d:02}")),
    ];
    let list = |name: &'static str, values: prop::collection::SizeRange, one: BoxedStrategy<String>| {
        prop::collection::btree_set(one, values).prop_map(move |v| {
            if v.is_empty() {
                String::new()
            } else {
                format!(";{name}={}", v.into_iter().collect::<Vec<_>>().join(","))
            }
        })
    };
    let names = || prop::sample::select(WEEKDAYS.map(|(_, name)| name.to_owned()).to_vec()).boxed();
    // With a number or all without: the library takes a mixture for both at once. It knows no fifth from the
    // end either.
    let nth = |max: i8| {
        let nth = (
            prop::sample::select((1 - max..=max).filter(|n| *n != 0).collect::<Vec<_>>()),
            names(),
        );
        let nth = nth.prop_map(|(n, day)| format!("{n}{day}")).boxed();
        prop_oneof![
            list("BYDAY", (0..3).into(), nth),
            list("BYDAY", (0..3).into(), names())
        ]
    };
    let months = || {
        list(
            "BYMONTH",
            (0..3).into(),
            (1_i8..=12).prop_map(|m| m.to_string()).boxed(),
        )
    };
    let days = || {
        list(
            "BYMONTHDAY",
            (0..3).into(),
            (1_i8..=31, any::<bool>())
                .prop_map(|(d, end)| if end { (-d).to_string() } else { d.to_string() })
                .boxed(),
        )
    };
    let daily = (months(), days(), list("BYDAY", (0..4).into(), names()))
        .prop_map(|(m, d, w)| format!("FREQ=DAILY{m}{d}{w}"));
    let weekly = (
        months(),
        list("BYDAY", (0..4).into(), names()),
        prop::sample::select(vec!["MO", "SU", "TH"]),
    )
        .prop_map(|(m, w, start)| format!("FREQ=WEEKLY{m}{w};WKST={start}"));
    let monthly = (months(), days(), nth(5)).prop_map(|(m, d, w)| format!("FREQ=MONTHLY{m}{d}{w}"));
    let yearly = prop_oneof![
        (months(), days()).prop_map(|(m, d)| format!("FREQ=YEARLY{m}{d}")),
        (months(), nth(5)).prop_map(|(m, w)| format!("FREQ=YEARLY{m}{w}")),
        nth(53).prop_map(|w| format!("FREQ=YEARLY{w}")),
    ];
    let interval = prop_oneof![2 => Just(1), 1 => 2_u32..5];
    (prop_oneof![daily, weekly, monthly, yearly], interval, end)
        .prop_map(|(rule, interval, end)| format!("{rule};INTERVAL={interval}{end}"))
}

#[test]
fn an_interval_skips_weeks_months_and_years() {
    assert_eq!(
        dates("FREQ=WEEKLY;INTERVAL=7", day(2027, 9, 3), 100),
        ["2027-09-03", "2027-10-22", "2027-12-10"]
    );
    assert_eq!(
        dates("FREQ=MONTHLY;INTERVAL=5", day(2027, 9, 3), 480),
        ["2027-09-03", "2028-02-03", "2028-07-03", "2028-12-03"]
    );
    assert_eq!(
        dates("FREQ=YEARLY;INTERVAL=3", day(2027, 9, 3), 2_500),
        ["2027-09-03", "2030-09-03", "2033-09-03"]
    );
}

#[test]
fn a_month_or_a_day_of_the_month_alone_expands_a_year() {
    assert_eq!(
        dates("FREQ=YEARLY;BYMONTH=3,9", day(2027, 3, 10), 370),
        ["2027-03-10", "2027-09-10", "2028-03-10"]
    );
    assert_eq!(
        dates("FREQ=YEARLY;BYMONTHDAY=10", day(2027, 3, 10), 70),
        ["2027-03-10", "2027-04-10", "2027-05-10"]
    );
}

#[test]
fn a_number_counts_a_weekday_from_the_start_of_the_month_or_from_its_end() {
    assert_eq!(
        dates("FREQ=MONTHLY;BYDAY=2TU,-2TU", day(2027, 1, 12), 60),
        [
            "2027-01-12",
            "2027-01-19",
            "2027-02-09",
            "2027-02-16",
            "2027-03-09"
        ]
    );
}

#[test]
fn a_weekday_without_a_number_is_each_of_the_month() {
    assert_eq!(
        dates("FREQ=MONTHLY;BYDAY=MO", day(2027, 3, 1), 35),
        [
            "2027-03-01",
            "2027-03-08",
            "2027-03-15",
            "2027-03-22",
            "2027-03-29"
        ]
    );
}

#[test]
fn a_rule_has_so_many_characters_and_no_more() {
    let of = |length: usize| {
        let text = format!("FREQ=DAILY;BYMONTHDAY=1{}", ",12".repeat(length));
        (text.len(), text.parse::<Recurrence>())
    };
    let short = (RECURRENCE_LENGTH_MAX - 23) / 3;
    let (length, parsed) = of(short);
    assert!(length <= RECURRENCE_LENGTH_MAX && parsed.is_ok(), "{length}");
    assert_eq!(of(short + 1).1, Err(RecurrenceError::TooLong));
    // To the character.
    let text = format!("FREQ=DAILY;BYMONTHDAY=1{}", ",12".repeat(short));
    let room = RECURRENCE_LENGTH_MAX - text.len();
    let exact = text.replacen("=1,", &format!("={},", "1".repeat(1 + room)), 1);
    assert_eq!(exact.len(), RECURRENCE_LENGTH_MAX);
    assert_ne!(exact.parse::<Recurrence>(), Err(RecurrenceError::TooLong));
}

/// What a library that knows all of RFC 5545 makes of it, up to the end of 2029.
fn reference(text: &str, first: Date) -> Vec<String> {
    let start = format!("{}T000000Z", first.strftime("%Y%m%d"));
    let start = chrono::NaiveDateTime::parse_from_str(&start, "%Y%m%dT%H%M%SZ").unwrap();
    let start = start.and_utc().with_timezone(&rrule::Tz::UTC);
    let text = match text.split_once("UNTIL=") {
        Some((head, tail)) => format!("{head}UNTIL={}T000000Z{}", &tail[..8], &tail[8..]),
        None => text.to_owned(),
    };
    let set = text.parse::<RRule<Unvalidated>>().unwrap().build(start).unwrap();
    set.into_iter()
        .map(|at| at.format("%Y-%m-%d").to_string())
        .take_while(|date| date.as_str() < "2030")
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn dates_recur_as_rfc_5545_says(text in some_rule(), skip in 0_i64..400) {
        let rule: Recurrence = text.parse().unwrap();
        prop_assert_eq!(&rule.to_string().parse::<Recurrence>().unwrap(), &rule);
        // The first date from there on that the rule can begin with.
        let from = day(2027, 1, 1).saturating_add(skip.days());
        let first = (0..1_500).map(|n| from.saturating_add(n.days())).find(|date| rule.matches(*date, *date));
        let Some(first) = first else { return Ok(()) };
        let Ok(last) = rule.bind(first) else { return Ok(()) };
        let ours: Vec<String> = (0..1_800)
            .map(|n| first.saturating_add(n.days()))
            .take_while(|date| date.year() < 2030 && last.is_none_or(|last| *date <= last))
            .filter(|date| rule.matches(first, *date))
            .map(|date| date.to_string())
            .collect();
        prop_assert_eq!(ours, reference(&text, first), "{} from {}", text, first);
    }
}
