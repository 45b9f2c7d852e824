use proptest::prelude::*;

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn holiday(name: &str, first: &str, last: &str) -> Holiday {
    Holiday::new(Some(Label::parse(name).unwrap()), date(first), date(last))
}

fn rule(text: &str) -> Option<Recurrence> {
    Some(text.parse().unwrap())
}

/// What is set when it is New Year's Eve of 2026.
fn set(holidays: Vec<Holiday>) -> Result<Vec<(String, String)>, HolidaysError> {
    let special = SpecialHours {
        dates: SpecialDates::Holidays(holidays),
        hours: vec![],
    };
    let days = special.days(date("2026-12-31"))?;
    let shown = |day: SpecialDay| {
        let name = day.name.map(|name| name.as_str().to_owned());
        (day.date.to_string(), name.unwrap_or_default())
    };
    Ok(days.into_iter().map(shown).collect())
}

fn dates_of(holidays: Vec<Holiday>) -> Vec<String> {
    set(holidays).unwrap().into_iter().map(|(date, _)| date).collect()
}

#[test]
fn what_is_over_or_too_far_ahead_is_left_out() {
    let each = |day: &str| holiday("One", day, day);
    let found = dates_of(vec![
        each("2026-12-30"),
        each("2026-12-31"),
        each("2028-12-30"),
        each("2028-12-31"),
    ]);
    assert_eq!(found, ["2026-12-31", "2028-12-30"]);
    let last = date("2026-12-31").saturating_add(i64::from(HORIZON_DAYS_MAX).days());
    assert_eq!(last, date("2028-12-30"));
    let (from, to) = (date("2026-12-31"), last);
    for over in ["2026-12-30", "2028-12-31"] {
        assert_eq!(set(vec![each(over)]), Err(HolidaysError::NoneToCome { from, to }));
    }
    assert_eq!(set(vec![]), Err(HolidaysError::NoneToCome { from, to }));
}

#[test]
fn several_days_give_each_date_that_is_to_come() {
    let found = dates_of(vec![holiday("Break", "2026-12-29", "2027-01-02")]);
    assert_eq!(found, ["2026-12-31", "2027-01-01", "2027-01-02"]);
    let backwards = dates_of(vec![holiday("One", "2027-01-02", "2027-01-01")]);
    assert_eq!(backwards, ["2027-01-02"]);
}

#[test]
fn a_shared_date_has_the_first_name_that_there_is() {
    let day = date("2027-01-01");
    let found = set(vec![
        Holiday::new(None, day, day),
        holiday("New Year", "2027-01-01", "2027-01-01"),
        holiday("Other", "2027-01-01", "2027-01-02"),
    ]);
    let expected = [("2027-01-01", "New Year"), ("2027-01-02", "Other")];
    assert_eq!(
        found.unwrap(),
        expected.map(|(d, n)| (d.to_owned(), n.to_owned()))
    );
}

#[test]
fn a_holiday_recurs_by_its_rule_and_on_further_dates_but_those_left_out() {
    let also = BTreeSet::from([date("2027-05-05"), date("2027-06-06"), date("1999-01-01")]);
    let mut yearly = holiday("Break", "1980-12-31", "1981-01-01")
        .recurring(rule("FREQ=YEARLY"), also)
        .unwrap();
    yearly.leave_out(date("2027-06-06"));
    yearly.leave_out(date("2027-12-31"));
    let expected = ["2026-12-31", "2027-01-01", "2027-05-05", "2027-05-06"];
    assert_eq!(dates_of(vec![yearly]), expected);
    let counted = holiday("Sunday", "2026-12-20", "2026-12-20")
        .recurring(rule("FREQ=WEEKLY;COUNT=4"), BTreeSet::new())
        .unwrap();
    assert_eq!(dates_of(vec![counted]), ["2027-01-03", "2027-01-10"]);
    let mut once = holiday("Moved", "2027-01-01", "2027-01-01");
    once.leave_out(date("2027-01-01"));
    assert!(set(vec![once]).is_err());
}

#[test]
fn what_began_before_today_still_reaches_into_it() {
    let long = holiday("Month", "2026-12-01", "2026-12-31")
        .recurring(rule("FREQ=YEARLY;COUNT=1"), BTreeSet::new())
        .unwrap();
    assert_eq!(dates_of(vec![long]), ["2026-12-31"]);
}

#[test]
fn a_holiday_that_recurs_has_so_many_days_at_most_and_a_rule_that_fits() {
    let first = date("2027-01-01");
    let last = |days: i64| first.saturating_add((days - 1).days());
    let of = |days| Holiday::new(None, first, last(days));
    let none = BTreeSet::new;
    assert!(
        of(RECURRING_DAYS_MAX)
            .recurring(rule("FREQ=YEARLY"), none())
            .is_ok()
    );
    let long = of(RECURRING_DAYS_MAX + 1);
    let also = BTreeSet::from([date("2027-06-06")]);
    assert_eq!(
        long.clone().recurring(rule("FREQ=YEARLY"), none()),
        Err(HolidayError::TooLong)
    );
    assert_eq!(long.clone().recurring(None, also), Err(HolidayError::TooLong));
    assert_eq!(long.clone().recurring(None, none()), Ok(long));
    let elsewhere = of(1).recurring(rule("FREQ=YEARLY;BYMONTH=2"), none());
    assert_eq!(elsewhere, Err(HolidayError::Rule(RecurrenceError::NotFirst)));
}

#[test]
fn there_are_as_many_dates_as_a_space_has_special_days_at_most() {
    let first = date("2027-01-01");
    let days = |count: usize| {
        let last = first.saturating_add((i64::try_from(count).unwrap() - 1).days());
        set(vec![Holiday::new(None, first, last)])
    };
    assert_eq!(days(SPECIAL_DAYS_MAX).unwrap().len(), SPECIAL_DAYS_MAX);
    let (from, to) = (date("2026-12-31"), date("2028-12-30"));
    assert_eq!(
        days(SPECIAL_DAYS_MAX + 1),
        Err(HolidaysError::TooMany { from, to })
    );
    let endless = Holiday::new(None, date("0001-01-01"), date("9999-12-31"));
    assert_eq!(
        set(vec![endless; 1_000]),
        Err(HolidaysError::TooMany { from, to })
    );
}

#[test]
fn named_dates_are_taken_as_they_are() {
    let special = SpecialHours {
        dates: SpecialDates::Named {
            dates: BTreeSet::from([date("2031-01-02"), date("1999-01-01")]),
            name: Label::parse("Party").ok(),
        },
        hours: vec![Hours::WHOLE_DAY],
    };
    let day = |text: &str| SpecialDay {
        date: date(text),
        name: Label::parse("Party").ok(),
        hours: vec![Hours::WHOLE_DAY],
    };
    assert_eq!(
        special.days(date("2026-12-31")).unwrap(),
        [day("1999-01-01"), day("2031-01-02")]
    );
}

#[test]
fn a_special_day_that_was_kept_before_there_were_names_is_what_it_was() {
    let kept = r#"{"date":"2027-01-01","hours":[{"open_minute":600,"close_minute":720}]}"#;
    let day: SpecialDay = serde_json::from_str(kept).unwrap();
    assert_eq!(day.name, None);
    assert_eq!(
        serde_json::to_string(&day).unwrap(),
        kept,
        "its tag stays the same"
    );
    let named = SpecialDay {
        name: Label::parse("New Year").ok(),
        ..day
    };
    let written = serde_json::to_string(&named).unwrap();
    assert_eq!(serde_json::from_str::<SpecialDay>(&written).unwrap(), named);
}

proptest! {
    /// Against going through the whole of time, day by day.
    #[test]
    fn a_holiday_is_on_the_dates_that_its_beginnings_reach(
        first in 0_i64..2_000, more in 0_i64..31, every in 1_u32..60, also in prop::collection::btree_set(0_i64..2_500, 0..3),
        except in prop::collection::btree_set(0_i64..2_500, 0..40),
    ) {
        let zero = date("2024-01-01");
        let at = |n: i64| zero.saturating_add(n.days());
        let rule = rule(&format!("FREQ=DAILY;INTERVAL={every}"));
        let mut holiday = Holiday::new(None, at(first), at(first + more))
            .recurring(rule, also.iter().map(|n| at(*n)).collect())
            .unwrap();
        for n in &except {
            holiday.leave_out(at(*n));
        }
        let begins = |n: i64| {
            let by_rule = n >= first && (n - first) % i64::from(every) == 0;
            (by_rule || also.contains(&n)) && !except.contains(&n)
        };
        let (from, to) = (1_000_i64, 1_300_i64);
        let expected: BTreeSet<Date> = (from..=to)
            .filter(|n| (n - more..=*n).any(begins))
            .map(at)
            .collect();
        let found: BTreeSet<Date> = holiday.dates(at(from), at(to)).collect();
        prop_assert_eq!(found, expected);
    }
}
