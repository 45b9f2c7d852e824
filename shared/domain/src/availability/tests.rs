use super::*;
use crate::Refusal;
use crate::calendar::{Calendar, Entry};
use crate::id::{BlockId, BookingId};
use crate::text::Label;
use crate::time::Interval;
use crate::time::tests::{at, between};
use uuid::Uuid;

pub(super) const SPACE: SpaceId = SpaceId::from_uuid(Uuid::from_u128(7));

fn rules(zone: &str, weekly: &[(u8, u32, u32)]) -> Rules {
    let opening = |&(weekday, open_minute, close_minute): &(u8, u32, u32)| Opening {
        weekday,
        open_minute,
        close_minute,
    };
    let rules = Rules {
        weekly: weekly.iter().map(opening).collect(),
        lead_minutes: 0,
        ..Rules::closed(zone.parse().unwrap())
    };
    assert_eq!(rules.problems(), []);
    rules
}

pub(super) fn every_day(zone: &str, open: u32, close: u32) -> Rules {
    let week: Vec<_> = (1..=7).map(|day| (day, open, close)).collect();
    rules(zone, &week)
}

pub(super) fn request(rules: &Rules) -> Request<'_> {
    Request {
        rules,
        pending: None,
        by: Booker::Customer,
        spaces: &[SPACE],
        now: at("2027-01-01T00:00Z"),
        except: None,
    }
}

fn decide(rules: &Rules, start: &str, end: &str) -> Result<(), Refusal> {
    request(rules).decide(&Calendar::default(), between(start, end))
}

pub(super) fn booked(start: &str, end: &str, setup: u32, turnaround: u32) -> Calendar {
    let mut calendar = Calendar::default();
    let entry = Entry {
        booking: BookingId::from_uuid(Uuid::from_u128(9)),
        space: SPACE,
        interval: between(start, end),
        setup_minutes: setup,
        turnaround_minutes: turnaround,
        hold_until: None,
        proposed: false,
    };
    calendar
        .reserve(&[SPACE], &entry, at("2027-01-01T00:00Z"))
        .unwrap();
    calendar
}

#[test]
fn hours_are_those_of_the_venues_clock() {
    let rules = every_day("Europe/Berlin", 9 * 60, 17 * 60);
    // Winter: UTC+1. Summer: UTC+2.
    assert_eq!(
        rules
            .open(between("2027-01-12T00:00Z", "2027-01-13T00:00Z"))
            .into_vec(),
        [between("2027-01-12T08:00Z", "2027-01-12T16:00Z")]
    );
    assert_eq!(
        rules
            .open(between("2027-07-12T00:00Z", "2027-07-13T00:00Z"))
            .into_vec(),
        [between("2027-07-12T07:00Z", "2027-07-12T15:00Z")]
    );
}

#[test]
fn a_close_past_midnight_belongs_to_the_evening_before() {
    // Friday 22:00 to Saturday 02:00.
    let rules = rules("Europe/Berlin", &[(5, 22 * 60, 26 * 60)]);
    assert_eq!(decide(&rules, "2027-01-08T22:30Z", "2027-01-08T23:30Z"), Ok(()));
    assert_eq!(decide(&rules, "2027-01-09T00:00Z", "2027-01-09T01:00Z"), Ok(()));
    assert_eq!(
        decide(&rules, "2027-01-09T00:30Z", "2027-01-09T01:30Z"),
        Err(Refusal::Closed)
    );
    assert_eq!(
        decide(&rules, "2027-01-09T22:00Z", "2027-01-09T23:00Z"),
        Err(Refusal::Closed)
    );
}

#[test]
fn a_place_open_round_the_clock_is_booked_across_midnight() {
    let rules = every_day("America/New_York", 0, 24 * 60);
    let window = between("2027-03-10T00:00Z", "2027-03-20T00:00Z");
    assert_eq!(
        rules.open(window).into_vec(),
        [window],
        "and across the night in which clocks go forward"
    );
    assert_eq!(decide(&rules, "2027-01-10T03:00Z", "2027-01-10T07:00Z"), Ok(()));
}

#[test]
fn a_t2_hours_past_midnight_offer_a_booking_across_it() {
    let rules = every_day("Europe/Berlin", 22 * 60, 26 * 60);
    let night = between("2027-01-12T20:00Z", "2027-01-13T06:00Z");
    let slots = request(&rules).slots(&Calendar::default(), night, 60);
    assert!(
        slots.contains(&between("2027-01-12T22:30Z", "2027-01-12T23:30Z")),
        "23:30 to 00:30 in Berlin"
    );
    assert_eq!(slots.len(), 7);
    let always = every_day("Europe/Berlin", 0, 24 * 60);
    assert_eq!(decide(&always, "2027-01-12T22:30Z", "2027-01-12T23:30Z"), Ok(()));
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn season(name: &str, from: &str, to: &str, priority: u16, weekly: &[(u8, u32, u32)]) -> Season {
    Season {
        name: label(name),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        priority,
        weekly: rules("UTC", weekly).weekly,
        min_minutes: None,
        lead_minutes: None,
    }
}

fn special(date: &str, hours: &[(u32, u32)]) -> SpecialDay {
    let hours = hours.iter().map(|&(open_minute, close_minute)| Hours {
        open_minute,
        close_minute,
    });
    SpecialDay {
        date: date.parse().unwrap(),
        name: None,
        hours: hours.collect(),
    }
}

fn block(time: BlockTime) -> Block {
    Block {
        id: BlockId::from_uuid(Uuid::from_u128(5)),
        space: SPACE,
        time,
        reason: None,
    }
}

#[test]
fn a_season_replaces_the_week_from_its_first_to_its_last_date() {
    let mut rules = every_day("UTC", 9 * 60, 17 * 60);
    let all_week = |open, close| (1..=7).map(|day| (day, open, close)).collect::<Vec<_>>();
    rules.seasons = vec![
        season(
            "summer",
            "2027-06-01",
            "2027-08-31",
            1,
            &all_week(12 * 60, 20 * 60),
        ),
        season("festival", "2027-07-10", "2027-07-11", 2, &[]),
    ];
    assert_eq!(rules.problems(), []);
    let code = |start: &str, end: &str| decide(&rules, start, end).map_err(|r| r.code());
    assert_eq!(code("2027-05-31T09:00Z", "2027-05-31T10:00Z"), Ok(()));
    assert_eq!(code("2027-06-01T09:00Z", "2027-06-01T10:00Z"), Err("season"));
    assert_eq!(code("2027-08-31T18:00Z", "2027-08-31T20:00Z"), Ok(()));
    assert_eq!(code("2027-09-01T18:00Z", "2027-09-01T20:00Z"), Err("closed"));
    assert_eq!(code("2027-07-10T12:00Z", "2027-07-10T14:00Z"), Err("season"));
    assert_eq!(code("2027-07-12T12:00Z", "2027-07-12T14:00Z"), Ok(()));
}

#[test]
fn a_season_has_its_own_shortest_booking_and_lead_time() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    let all_day: Vec<_> = (1..=7).map(|day| (day, 0, 24 * 60)).collect();
    rules.seasons = vec![Season {
        min_minutes: Some(240),
        lead_minutes: Some(14 * 1_440),
        ..season("new year", "2027-01-02", "2027-01-31", 0, &all_day)
    }];
    let code = |start: &str, end: &str| decide(&rules, start, end);
    let minimum = Err(Refusal::MinDuration { min_minutes: 240 });
    assert_eq!(code("2027-01-20T09:00Z", "2027-01-20T12:00Z"), minimum);
    assert_eq!(code("2027-01-20T09:00Z", "2027-01-20T13:00Z"), Ok(()));
    let lead = Err(Refusal::LeadTime {
        lead_minutes: 14 * 1_440,
    });
    assert_eq!(code("2027-01-03T09:00Z", "2027-01-03T13:00Z"), lead);
    assert_eq!(
        code("2027-01-01T09:00Z", "2027-01-01T10:00Z"),
        Ok(()),
        "before the season"
    );
}

#[test]
fn a_special_day_replaces_all_other_hours_of_its_date() {
    let mut rules = every_day("UTC", 9 * 60, 17 * 60);
    let evenings: Vec<_> = (1..=7).map(|day| (day, 18 * 60, 26 * 60)).collect();
    rules.seasons = vec![season("winter", "2027-01-10", "2027-01-20", 0, &evenings)];
    rules.special_days = vec![
        special("2027-01-12", &[(8 * 60, 10 * 60)]),
        special("2027-01-13", &[]),
    ];
    let code = |start: &str, end: &str| decide(&rules, start, end).map_err(|r| r.code());
    assert_eq!(code("2027-01-12T08:00Z", "2027-01-12T10:00Z"), Ok(()));
    assert_eq!(
        code("2027-01-12T18:00Z", "2027-01-12T19:00Z"),
        Err("special_hours")
    );
    assert_eq!(
        code("2027-01-13T18:00Z", "2027-01-13T19:00Z"),
        Err("special_hours")
    );
    assert_eq!(
        code("2027-01-12T01:00Z", "2027-01-12T02:00Z"),
        Ok(()),
        "the night of the evening before belongs to that"
    );
    assert_eq!(
        code("2027-01-14T01:00Z", "2027-01-14T02:00Z"),
        Err("special_hours")
    );
    assert_eq!(code("2027-01-14T09:00Z", "2027-01-14T10:00Z"), Err("season"));
}

#[test]
fn a_block_comes_before_all_hours() {
    let mut rules = every_day("Europe/Berlin", 0, 24 * 60);
    rules.special_days = vec![special("2027-03-28", &[(0, 24 * 60)])];
    rules.blocks = vec![
        block(BlockTime::Once(between("2027-01-12T10:00Z", "2027-01-12T12:00Z"))),
        // The day on which Berlin's clocks go forward lasts 23 hours.
        block(BlockTime::Days {
            from: "2027-03-28".parse().unwrap(),
            to: "2027-03-28".parse().unwrap(),
        }),
    ];
    let code = |start: &str, end: &str| decide(&rules, start, end).map_err(|r| r.code());
    assert_eq!(code("2027-01-12T09:00Z", "2027-01-12T10:00Z"), Ok(()));
    assert_eq!(code("2027-01-12T09:00Z", "2027-01-12T10:30Z"), Err("blocked"));
    assert_eq!(code("2027-01-12T12:00Z", "2027-01-12T13:00Z"), Ok(()));
    let window = between("2027-03-27T00:00Z", "2027-03-30T00:00Z");
    assert_eq!(
        rules.blocked(window).into_vec(),
        [between("2027-03-27T23:00Z", "2027-03-28T22:00Z")]
    );
    assert_eq!(code("2027-03-28T21:00Z", "2027-03-28T22:00Z"), Err("blocked"));
    assert_eq!(code("2027-03-28T22:00Z", "2027-03-28T23:00Z"), Ok(()));
}

#[test]
fn a_repeated_block_keeps_the_hours_of_the_venues_clock_and_leaves_dates_out() {
    let mut rules = every_day("Europe/Berlin", 0, 24 * 60);
    let hours = Hours {
        open_minute: 22 * 60,
        close_minute: 26 * 60,
    };
    let weekly = "FREQ=WEEKLY;COUNT=30".parse().unwrap();
    let except = ["2027-01-08".parse().unwrap()].into_iter().collect();
    let repeating = Repeating::new("2027-01-01".parse().unwrap(), hours, weekly, except).unwrap();
    let time = BlockTime::Repeating(repeating);
    let zone = rules.zone.clone();
    rules.blocks = vec![block(time.clone())];
    let blocked = |day: &str, next: &str| rules.blocked(between(day, next)).into_vec();
    assert_eq!(
        blocked("2027-01-01T00:00Z", "2027-01-09T12:00Z"),
        [between("2027-01-01T21:00Z", "2027-01-02T01:00Z")],
        "and not on the date that is left out"
    );
    assert_eq!(
        blocked("2027-07-09T23:00Z", "2027-07-10T12:00Z"),
        [between("2027-07-09T23:00Z", "2027-07-10T00:00Z")],
        "what began before the window reaches into it; summer time"
    );
    assert_eq!(
        blocked("2027-07-24T12:00Z", "2027-08-24T00:00Z"),
        [],
        "thirty times"
    );
    assert!(!time.is_over(&zone, at("2027-07-23T22:00Z")));
    assert!(time.is_over(&zone, at("2027-08-24T00:00Z")));
}

#[test]
fn blocks_are_over_when_their_last_instant_has_passed() {
    let zone = "Europe/Berlin".parse().unwrap();
    let once = BlockTime::Once(between("2027-01-12T10:00Z", "2027-01-12T12:00Z"));
    assert!(!once.is_over(&zone, at("2027-01-12T11:59Z")) && once.is_over(&zone, at("2027-01-12T12:00Z")));
    let days = BlockTime::Days {
        from: "2027-01-12".parse().unwrap(),
        to: "2027-01-13".parse().unwrap(),
    };
    assert!(!days.is_over(&zone, at("2027-01-13T22:59Z")) && days.is_over(&zone, at("2027-01-13T23:00Z")));
    let hours = Hours {
        open_minute: 0,
        close_minute: 60,
    };
    let for_ever = BlockTime::Days {
        from: "2027-01-12".parse().unwrap(),
        to: "9999-12-31".parse().unwrap(),
    };
    assert!(!for_ever.is_over(&zone, at("2099-01-01T00:00Z")));
    let mut rules = every_day("Europe/Berlin", 0, 24 * 60);
    rules.blocks = vec![block(for_ever)];
    let later = between("2030-01-12T10:00Z", "2030-01-12T12:00Z");
    assert_eq!(rules.blocked(later).into_vec(), [later]);
    let last = "FREQ=DAILY;UNTIL=99991231".parse().unwrap();
    let until_then = Repeating::new("2027-01-01".parse().unwrap(), hours, last, [].into());
    assert!(!BlockTime::Repeating(until_then.unwrap()).is_over(&zone, at("2099-01-01T00:00Z")));
    let endless = Repeating::new(
        "2027-01-01".parse().unwrap(),
        hours,
        "FREQ=DAILY".parse().unwrap(),
        [].into(),
    );
    assert!(!BlockTime::Repeating(endless.unwrap()).is_over(&zone, at("2099-01-01T00:00Z")));
}

#[test]
fn what_says_nothing_of_any_time_to_come_is_forgotten() {
    let once = |start, end| block(BlockTime::Once(between(start, end)));
    let over = once("2027-01-12T10:00Z", "2027-01-12T12:00Z");
    let on = once("2027-01-12T10:00Z", "2027-01-12T12:01Z");
    let mut rules = every_day("Europe/Berlin", 540, 1_020);
    rules.blocks = vec![over, on.clone()];
    // The hours of yesterday may reach past midnight.
    let dates = ["2027-01-10", "2027-01-11", "2027-01-12", "2027-03-01"];
    rules.special_days = dates.iter().map(|date| special(date, &[])).collect();
    let kept = rules.special_days[1..].to_vec();
    rules.forget_what_is_over(at("2027-01-12T12:00Z"));
    assert_eq!((rules.blocks, rules.special_days), (vec![on], kept));
}

fn package(name: &str, weekdays: &[u8], open_minute: u32, close_minute: u32) -> Package {
    Package {
        name: label(name),
        weekdays: weekdays.to_vec(),
        hours: Hours {
            open_minute,
            close_minute,
        },
    }
}

#[test]
fn a_package_is_booked_as_a_whole_whatever_the_step_and_the_shortest_booking_are() {
    let mut rules = every_day("Europe/Berlin", 8 * 60, 24 * 60);
    rules.min_minutes = 600;
    rules.step_minutes = 60;
    rules.packages = vec![
        package("half day", &[2, 3], 8 * 60 + 15, 12 * 60 + 45),
        package("late", &[3], 1_380, 1_500),
    ];
    assert_eq!(rules.problems(), []);
    let code = |rules: &Rules, start: &str, end: &str| decide(rules, start, end).map_err(|r| r.code());
    // A Tuesday, and a Thursday.
    assert_eq!(code(&rules, "2027-01-12T07:15Z", "2027-01-12T11:45Z"), Ok(()));
    assert_eq!(
        code(&rules, "2027-01-12T07:15Z", "2027-01-12T11:30Z"),
        Err("min_duration")
    );
    assert_eq!(
        code(&rules, "2027-01-14T07:15Z", "2027-01-14T11:45Z"),
        Err("min_duration")
    );
    assert_eq!(
        code(&rules, "2027-01-13T22:00Z", "2027-01-14T00:00Z"),
        Err("closed")
    );
    let days = between("2027-01-11T00:00Z", "2027-01-15T00:00Z");
    let free = request(&rules).packages(&Calendar::default(), days);
    let names: Vec<_> = free
        .iter()
        .map(|(package, time)| (package.name.as_str(), time.start()))
        .collect();
    assert_eq!(
        names,
        [
            ("half day", at("2027-01-12T07:15Z")),
            ("half day", at("2027-01-13T07:15Z"))
        ]
    );
    assert_eq!(request(&rules).slots(&Calendar::default(), days, 270).len(), 2);

    rules.packages_only = true;
    assert_eq!(code(&rules, "2027-01-12T07:15Z", "2027-01-12T11:45Z"), Ok(()));
    assert_eq!(
        code(&rules, "2027-01-12T09:00Z", "2027-01-12T19:00Z"),
        Err("packages_only")
    );
}

#[test]
fn a_time_that_nobody_could_want_is_looked_at_no_further_where_only_packages_are_sold() {
    let rules = Rules {
        packages: vec![package("Night", &[2], 18 * 60, 40 * 60)],
        packages_only: true,
        ..rules("UTC", &[])
    };
    let codes = |end: &str| -> Vec<&str> {
        let wanted = between("2027-01-12T10:00Z", end);
        let reasons = request(&rules).reasons(&Calendar::default(), wanted);
        reasons.iter().map(Refusal::code).collect()
    };
    assert_eq!(codes("2027-02-12T10:00Z"), ["packages_only", "closed"]);
    assert_eq!(codes("2027-02-12T10:01Z"), ["packages_only"]);
    assert_eq!(codes("9999-12-30T00:00Z"), ["packages_only"]);
}

/// In Nuuk the clock goes from 23:00 to midnight on the last Saturday of March 2027.
#[test]
fn a_package_that_begins_in_an_hour_that_is_left_out_begins_with_the_next_day() {
    let rules = Rules {
        packages: vec![package("Late", &[6], 23 * 60 + 30, 26 * 60)],
        packages_only: true,
        ..every_day("America/Nuuk", 0, 24 * 60)
    };
    let late = between("2027-03-28T01:00Z", "2027-03-28T03:00Z");
    let request = request(&rules);
    assert_eq!(request.decide(&Calendar::default(), late), Ok(()));
    let evening = between("2027-03-28T00:30Z", "2027-03-28T02:00Z");
    let shown = request.packages(&Calendar::default(), evening);
    assert_eq!(shown.iter().map(|(_, time)| *time).collect::<Vec<_>>(), [late]);
}

#[test]
fn a_day_is_as_long_as_the_clock_runs_on_it_and_may_be_left_out() {
    let day = |zone: &str, date: &str| zone.parse::<Zone>().unwrap().day(date.parse().unwrap());
    assert_eq!(
        day("Europe/Berlin", "2027-10-31"),
        Some(between("2027-10-30T22:00Z", "2027-10-31T23:00Z"))
    );
    assert_eq!(day("Pacific/Apia", "2011-12-30"), None);
}

#[test]
fn nothing_starts_before_the_window_not_even_by_a_part_of_a_second() {
    let rules = every_day("UTC", 0, 24 * 60);
    let starts = |from: &str| -> Vec<String> {
        let window = between(from, "2027-01-12T11:00Z");
        let slots = request(&rules).slots(&Calendar::default(), window, 60);
        slots.iter().map(|slot| slot.start().to_string()).collect()
    };
    let half_past = "2027-01-12T10:30:00Z";
    assert_eq!(
        starts("2027-01-12T10:00:00Z"),
        ["2027-01-12T10:00:00Z", half_past]
    );
    assert_eq!(starts("2027-01-12T10:00:00.000000001Z"), [half_past]);
    assert_eq!(starts("2027-01-12T10:00:00.5Z"), [half_past]);
}

#[test]
fn starts_may_be_aligned_otherwise_than_durations() {
    let mut rules = every_day("Europe/Berlin", 0, 24 * 60);
    rules.start_alignment = Some(StartAlignment {
        every_minutes: 120,
        offset_minutes: 45,
    });
    assert_eq!(rules.problems(), []);
    let day = between("2027-01-12T00:00Z", "2027-01-12T08:00Z");
    let starts: Vec<_> = request(&rules)
        .slots(&Calendar::default(), day, 90)
        .into_iter()
        .map(|slot| slot.start().to_string())
        .collect();
    // 02:45, 04:45, 06:45 and 08:45 in Berlin.
    let expected = ["01:45", "03:45", "05:45", "07:45"].map(|time| format!("2027-01-12T{time}:00Z"));
    assert_eq!(starts, expected);
}

#[test]
fn nothing_is_accepted_that_is_closed_or_blocked_by_rules_to_come() {
    let rules = every_day("UTC", 8 * 60, 20 * 60);
    let mut pending = every_day("UTC", 10 * 60, 22 * 60);
    pending.blocks = vec![block(BlockTime::Once(between(
        "2027-01-12T12:00Z",
        "2027-01-12T13:00Z",
    )))];
    let both = Request {
        pending: Some(&pending),
        ..request(&rules)
    };
    let calendar = Calendar::default();
    let code = |start: &str, end: &str| both.decide(&calendar, between(start, end)).map_err(|r| r.code());
    assert_eq!(code("2027-01-12T08:00Z", "2027-01-12T09:00Z"), Err("closed"));
    assert_eq!(code("2027-01-12T20:00Z", "2027-01-12T21:00Z"), Err("closed"));
    assert_eq!(code("2027-01-12T12:00Z", "2027-01-12T13:00Z"), Err("blocked"));
    assert_eq!(code("2027-01-12T10:00Z", "2027-01-12T12:00Z"), Ok(()));
    // What is about to close it is named, and it is not the usual week.
    let inventory = Rules {
        special_days: vec![special("2027-01-12", &[])],
        ..rules.clone()
    };
    let to_come = Request {
        pending: Some(&inventory),
        ..request(&rules)
    };
    let refused = to_come.decide(&calendar, between("2027-01-12T08:00Z", "2027-01-12T09:00Z"));
    assert_eq!(refused, Err(Refusal::SpecialHours));
    let day = between("2027-01-12T00:00Z", "2027-01-13T00:00Z");
    assert_eq!(
        both.free(&calendar, day),
        [
            between("2027-01-12T10:00Z", "2027-01-12T12:00Z"),
            between("2027-01-12T13:00Z", "2027-01-12T20:00Z")
        ]
    );
}

#[test]
fn a_space_is_taken_where_a_linked_one_is() {
    let (hall, room) = (SPACE, SpaceId::from_uuid(Uuid::from_u128(8)));
    let rules = every_day("UTC", 0, 24 * 60);
    let mut calendar = Calendar::default();
    let entry = |n, space, start: &str, end: &str| Entry {
        booking: BookingId::from_uuid(Uuid::from_u128(n)),
        space,
        interval: between(start, end),
        setup_minutes: 0,
        turnaround_minutes: 0,
        hold_until: None,
        proposed: false,
    };
    let now = at("2027-01-01T00:00Z");
    calendar
        .reserve(
            &[room],
            &entry(1, room, "2027-01-12T10:00Z", "2027-01-12T12:00Z"),
            now,
        )
        .unwrap();
    calendar
        .reserve(
            &[hall, room],
            &entry(2, hall, "2027-01-12T14:00Z", "2027-01-12T16:00Z"),
            now,
        )
        .unwrap();
    let decide = |spaces: &[SpaceId], start: &str, end: &str| {
        let request = Request {
            spaces,
            ..request(&rules)
        };
        request.decide(&calendar, between(start, end))
    };
    assert_eq!(
        decide(&[hall, room], "2027-01-12T11:00Z", "2027-01-12T13:00Z"),
        Err(Refusal::LinkedSpace)
    );
    assert_eq!(
        decide(&[room], "2027-01-12T15:00Z", "2027-01-12T17:00Z"),
        Err(Refusal::LinkedSpace)
    );
    assert_eq!(
        decide(&[room], "2027-01-12T11:00Z", "2027-01-12T15:00Z"),
        Err(Refusal::SlotTaken)
    );
    assert_eq!(
        decide(&[hall, room], "2027-01-12T12:00Z", "2027-01-12T14:00Z"),
        Ok(())
    );
}

#[test]
fn a_day_that_is_full_takes_nothing_more() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    rules.step_minutes = 5;
    rules.min_minutes = 5;
    rules.setup_minutes = 30;
    let mut calendar = Calendar::default();
    let start = at("2027-01-12T01:00Z");
    for n in 0..200_u32 {
        let from = crate::time::plus_minutes(start, i64::from(n) * 5);
        let entry = Entry {
            booking: BookingId::from_uuid(Uuid::from_u128(u128::from(n) + 1)),
            space: SPACE,
            interval: Interval::new(from, crate::time::plus_minutes(from, 5)).unwrap(),
            setup_minutes: 0,
            turnaround_minutes: 0,
            hold_until: None,
            proposed: false,
        };
        calendar
            .reserve(&[SPACE], &entry, at("2027-01-01T00:00Z"))
            .unwrap();
    }
    let decide = |start: &str, end: &str| request(&rules).decide(&calendar, between(start, end));
    assert_eq!(
        decide("2027-01-12T20:00Z", "2027-01-12T20:05Z"),
        Err(Refusal::DayFull)
    );
    assert_eq!(
        decide("2027-01-13T00:00Z", "2027-01-13T00:05Z"),
        Err(Refusal::DayFull),
        "its set-up is there"
    );
    assert_eq!(decide("2027-01-13T00:30Z", "2027-01-13T00:35Z"), Ok(()));
    let night = between("2027-01-12T20:00Z", "2027-01-13T01:00Z");
    assert_eq!(
        request(&rules).free(&calendar, night),
        [between("2027-01-13T00:30Z", "2027-01-13T01:00Z")]
    );
}

#[test]
fn in_a_gap_a_space_opens_with_the_first_instant_after_it() {
    // Berlin, 28 March 2027: 02:00 becomes 03:00, so that 02:30 does not exist.
    let rules = every_day("Europe/Berlin", 150, 300);
    assert_eq!(
        rules
            .open(between("2027-03-27T22:00Z", "2027-03-28T10:00Z"))
            .into_vec(),
        [between("2027-03-28T01:00Z", "2027-03-28T03:00Z")]
    );
}

#[test]
fn in_a_fold_a_space_opens_at_the_earlier_and_closes_at_the_later_instant() {
    // Berlin, 31 October 2027: 02:00 to 03:00 happens twice.
    let night = between("2027-10-30T20:00Z", "2027-10-31T10:00Z");
    assert_eq!(
        every_day("Europe/Berlin", 150, 300).open(night).into_vec(),
        [between("2027-10-31T00:30Z", "2027-10-31T04:00Z")]
    );
    assert_eq!(
        every_day("Europe/Berlin", 60, 150).open(night).into_vec(),
        [between("2027-10-30T23:00Z", "2027-10-31T01:30Z")]
    );
}

#[test]
fn every_rule_refuses_by_its_own_name() {
    let mut rules = every_day("Europe/Berlin", 9 * 60, 17 * 60);
    rules.min_minutes = 60;
    rules.max_minutes = 240;
    rules.step_minutes = 30;
    rules.lead_minutes = 24 * 60;
    rules.horizon_days = 90;
    let code = |start: &str, end: &str| decide(&rules, start, end).map_err(|r| r.code());
    assert_eq!(code("2027-01-12T09:00Z", "2027-01-12T11:00Z"), Ok(()));
    assert_eq!(
        code("2027-01-12T09:00Z", "2027-01-12T09:30Z"),
        Err("min_duration")
    );
    assert_eq!(
        code("2027-01-12T09:00Z", "2027-01-12T14:00Z"),
        Err("max_duration")
    );
    assert_eq!(code("2027-01-12T09:15Z", "2027-01-12T11:15Z"), Err("alignment"));
    assert_eq!(code("2027-01-12T09:00Z", "2027-01-12T11:15Z"), Err("alignment"));
    assert_eq!(
        code("2027-01-12T09:00:30Z", "2027-01-12T11:00:30Z"),
        Err("alignment")
    );
    assert_eq!(code("2026-12-31T09:00Z", "2026-12-31T11:00Z"), Err("past"));
    assert_eq!(code("2027-01-01T09:00Z", "2027-01-01T11:00Z"), Err("lead_time"));
    assert_eq!(code("2027-04-02T09:00Z", "2027-04-02T11:00Z"), Err("horizon"));
    assert_eq!(code("2027-01-12T07:00Z", "2027-01-12T09:00Z"), Err("closed"));
}

#[test]
fn every_rule_that_says_no_can_be_asked_for() {
    let mut rules = every_day("UTC", 9 * 60, 17 * 60);
    rules.lead_minutes = 100_000;
    rules.max_minutes = 600;
    rules.blocks = vec![block(BlockTime::Once(between(
        "2027-01-12T12:00Z",
        "2027-01-12T13:00Z",
    )))];
    let calendar = booked("2027-01-12T16:00Z", "2027-01-12T18:00Z", 0, 0);
    let reasons = |start: &str, end: &str| -> Vec<&str> {
        let reasons = request(&rules).reasons(&calendar, between(start, end));
        reasons.iter().map(Refusal::code).collect()
    };
    assert_eq!(
        reasons("2027-01-12T12:07Z", "2027-01-12T17:07Z"),
        ["alignment", "lead_time", "blocked", "closed", "slot_taken"]
    );
    // What is too long is looked at no further, so that no calendar of any length is read.
    assert_eq!(
        reasons("2027-01-12T06:00Z", "2027-01-12T17:00Z"),
        ["max_duration", "lead_time"]
    );
    assert_eq!(reasons("2027-05-12T09:00Z", "2027-05-12T10:00Z"), [""; 0]);
}

#[test]
fn starts_are_aligned_to_the_venues_midnight_not_to_utc() {
    let mut rules = every_day("Asia/Kolkata", 0, 24 * 60);
    rules.step_minutes = 60;
    assert_eq!(decide(&rules, "2027-01-12T04:30Z", "2027-01-12T05:30Z"), Ok(()));
    assert_eq!(
        decide(&rules, "2027-01-12T04:00Z", "2027-01-12T05:00Z"),
        Err(Refusal::Alignment {
            step_minutes: 60,
            every_minutes: 60,
            offset_minutes: 0
        })
    );
}

#[test]
fn slots_stay_aligned_when_the_clock_shifts_by_half_an_hour() {
    // Lord Howe, 4 April 2027: clocks go back by 30 minutes.
    let mut rules = every_day("Australia/Lord_Howe", 0, 24 * 60);
    rules.step_minutes = 60;
    let request = request(&rules);
    let calendar = Calendar::default();
    let zone = rules.zone.rules();
    let slots = request.slots(&calendar, between("2027-04-03T12:00Z", "2027-04-04T00:00Z"), 60);
    assert!(slots.len() >= 10, "{slots:?}");
    assert!(
        slots.iter().all(|s| zone.to_datetime(s.start()).minute() == 0),
        "{slots:?}"
    );
}

#[test]
fn the_gap_between_two_bookings_is_the_larger_of_turnaround_and_setup() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    rules.setup_minutes = 30;
    let calendar = booked("2027-01-12T10:00Z", "2027-01-12T12:00Z", 0, 60);
    let decide = |start: &str, end: &str| request(&rules).decide(&calendar, between(start, end));
    assert_eq!(
        decide("2027-01-12T11:30Z", "2027-01-12T13:00Z"),
        Err(Refusal::SlotTaken)
    );
    assert_eq!(
        decide("2027-01-12T12:30Z", "2027-01-12T13:30Z"),
        Err(Refusal::Buffer)
    );
    assert_eq!(
        decide("2027-01-12T13:00Z", "2027-01-12T14:00Z"),
        Ok(()),
        "60, not 60 + 30"
    );
    assert_eq!(
        decide("2027-01-12T09:00Z", "2027-01-12T10:00Z"),
        Ok(()),
        "neither needs time here"
    );
}

#[test]
fn what_is_free_is_what_can_be_booked() {
    let mut rules = every_day("UTC", 8 * 60, 20 * 60);
    rules.setup_minutes = 30;
    rules.turnaround_minutes = 30;
    let calendar = booked("2027-01-12T12:00Z", "2027-01-12T14:00Z", 30, 30);
    let request = request(&rules);
    let day = between("2027-01-12T00:00Z", "2027-01-13T00:00Z");
    assert_eq!(
        request.free(&calendar, day),
        [
            between("2027-01-12T08:00Z", "2027-01-12T11:30Z"),
            between("2027-01-12T14:30Z", "2027-01-12T20:00Z")
        ]
    );
    let slots = request.slots(&calendar, day, 120);
    let within = |s: &Interval| request.free(&calendar, day).iter().any(|f| f.contains(*s));
    assert!(slots.iter().all(within));
    assert_eq!(
        slots.len(),
        4 + 8,
        "starts 8:00 to 9:30 and 14:30 to 18:00, every half hour"
    );
}

#[test]
fn what_rules_may_say_ends_where_its_limit_is() {
    let sound = Rules {
        horizon_days: HORIZON_DAYS_MAX,
        ..every_day("UTC", 540, 1020)
    };
    let fields = |change: &dyn Fn(&mut Rules)| {
        let mut rules = sound.clone();
        change(&mut rules);
        rules.problems().iter().map(|p| p.field).collect::<Vec<_>>()
    };
    let answer = |minutes| fields(&|rules| rules.answer_minutes = Some(minutes));
    assert_eq!(answer(ANSWER_MINUTES_MIN - 1), ["answer_minutes"]);
    assert_eq!(answer(ANSWER_MINUTES_MIN), [""; 0]);
    assert_eq!(answer(7 * 24 * 60), [""; 0]);
    assert_eq!(answer(7 * 24 * 60 + 1), ["answer_minutes"]);
    let horizon = |days| fields(&|rules| rules.horizon_days = days);
    assert_eq!(horizon(HORIZON_DAYS_MAX), [""; 0]);
    assert_eq!(horizon(HORIZON_DAYS_MAX + 1), ["horizon_days"]);
    let longest = |minutes| fields(&|rules| rules.max_minutes = minutes);
    assert_eq!(longest(31 * 24 * 60), [""; 0]);
    assert_eq!(longest(31 * 24 * 60 + 1), ["max_minutes"]);
    let setup = |minutes| fields(&|rules| rules.setup_minutes = minutes);
    assert_eq!(setup(BUFFER_MINUTES_MAX), [""; 0]);
    assert_eq!(setup(BUFFER_MINUTES_MAX + 1), ["setup_minutes"]);
    let turnaround = |minutes| fields(&|rules| rules.turnaround_minutes = minutes);
    assert_eq!(turnaround(BUFFER_MINUTES_MAX), [""; 0]);
    assert_eq!(turnaround(BUFFER_MINUTES_MAX + 1), ["turnaround_minutes"]);
}

#[test]
fn rules_that_make_no_sense_are_named() {
    let sound = every_day("UTC", 540, 1020);
    let fields = |rules: Rules| rules.problems().iter().map(|p| p.field).collect::<Vec<_>>();
    let opening = |weekday, open_minute, close_minute| Opening {
        weekday,
        open_minute,
        close_minute,
    };
    for bad in [
        opening(0, 0, 60),
        opening(8, 0, 60),
        opening(1, 60, 60),
        opening(1, 1440, 1500),
        opening(1, 60, 1501),
    ] {
        assert_eq!(
            fields(Rules {
                weekly: vec![bad],
                ..sound.clone()
            }),
            ["weekly"],
            "{bad:?}"
        );
    }
    assert_eq!(
        fields(Rules {
            weekly: vec![opening(1, 0, 5); OPENINGS_MAX + 1],
            ..sound.clone()
        }),
        ["weekly"]
    );
    assert_eq!(
        fields(Rules {
            step_minutes: 7,
            ..sound.clone()
        }),
        ["step_minutes"]
    );
    assert_eq!(
        fields(Rules {
            step_minutes: STEP_MINUTES_MIN - 1,
            ..sound.clone()
        }),
        ["step_minutes"]
    );
    assert_eq!(
        fields(Rules {
            min_minutes: 0,
            ..sound.clone()
        }),
        ["min_minutes"]
    );
    assert_eq!(
        fields(Rules {
            min_minutes: 300,
            max_minutes: 200,
            ..sound.clone()
        }),
        ["max_minutes"]
    );
    assert_eq!(
        fields(Rules {
            max_minutes: DURATION_MINUTES_MAX + 1,
            ..sound.clone()
        }),
        ["max_minutes"]
    );
    assert_eq!(
        fields(Rules {
            setup_minutes: BUFFER_MINUTES_MAX + 1,
            ..sound.clone()
        }),
        ["setup_minutes"]
    );
    assert_eq!(
        fields(Rules {
            turnaround_minutes: BUFFER_MINUTES_MAX + 1,
            ..sound.clone()
        }),
        ["turnaround_minutes"]
    );
    assert_eq!(
        fields(Rules {
            horizon_days: HORIZON_DAYS_MAX + 1,
            ..sound.clone()
        }),
        ["horizon_days"]
    );
    let locked = |minutes| {
        fields(Rules {
            cancellation_lock_minutes: minutes,
            ..sound.clone()
        })
    };
    assert!(locked(14 * 24 * 60).is_empty());
    assert_eq!(locked(14 * 24 * 60 + 1), ["cancellation_lock_minutes"]);
    assert_eq!(
        fields(Rules {
            lead_minutes: 366 * 1440,
            ..sound
        }),
        ["lead_minutes"]
    );
}

#[test]
fn an_alignment_of_starts_has_to_fit_into_a_day() {
    for (every_minutes, offset_minutes, wrong) in
        [(60, 59, false), (60, 60, true), (4, 0, true), (50, 0, true)]
    {
        let rules = Rules {
            start_alignment: Some(StartAlignment {
                every_minutes,
                offset_minutes,
            }),
            ..every_day("UTC", 540, 1_020)
        };
        let fields: Vec<_> = rules.problems().iter().map(|p| p.field).collect();
        assert_eq!(
            fields == ["start_alignment"],
            wrong,
            "{every_minutes} {offset_minutes}"
        );
        assert_eq!(fields.is_empty(), !wrong);
    }
}

#[test]
fn seasons_days_packages_and_blocks_that_make_no_sense_are_named() {
    let with = |change: &dyn Fn(&mut Rules)| {
        let mut rules = every_day("UTC", 540, 1_020);
        change(&mut rules);
        let mut fields: Vec<_> = rules.problems().iter().map(|p| p.field).collect();
        fields.dedup();
        fields
    };
    let summer = || season("summer", "2027-06-01", "2027-08-31", 1, &[]);
    let seasons = |seasons: Vec<Season>| with(&move |rules| rules.seasons.clone_from(&seasons));
    let sound = [summer(), season("july", "2027-07-01", "2027-07-31", 2, &[])];
    assert!(seasons(sound.to_vec()).is_empty());
    let apart = season("autumn", "2027-09-01", "2027-09-30", 1, &[]);
    assert!(seasons(vec![summer(), apart]).is_empty());
    for wrong in [
        vec![season("backwards", "2027-06-02", "2027-06-01", 1, &[])],
        vec![summer(), season("summer", "2028-06-01", "2028-08-31", 1, &[])],
        vec![summer(), season("last day", "2027-08-31", "2027-09-30", 1, &[])],
        vec![Season {
            min_minutes: Some(0),
            ..summer()
        }],
        vec![Season {
            min_minutes: Some(1_441),
            ..summer()
        }],
        vec![Season {
            lead_minutes: Some(366 * 1_440),
            ..summer()
        }],
        vec![Season {
            weekly: vec![Opening {
                weekday: 8,
                open_minute: 0,
                close_minute: 60,
            }],
            ..summer()
        }],
        vec![Season {
            weekly: vec![
                Opening {
                    weekday: 1,
                    open_minute: 0,
                    close_minute: 5
                };
                OPENINGS_MAX + 1
            ],
            ..summer()
        }],
        (0..=SEASONS_MAX)
            .map(|n| {
                season(
                    &format!("{n}"),
                    "2027-06-01",
                    "2027-06-02",
                    u16::try_from(n).unwrap(),
                    &[],
                )
            })
            .collect(),
    ] {
        assert_eq!(seasons(wrong.clone()), ["seasons"], "{wrong:?}");
    }

    let days = |days: Vec<SpecialDay>| with(&move |rules| rules.special_days.clone_from(&days));
    let nth = |n: usize| SpecialDay {
        date: jiff::civil::date(2027, 1, 1).saturating_add(jiff::Span::new().days(i64::try_from(n).unwrap())),
        name: None,
        hours: vec![],
    };
    assert!(days((0..SPECIAL_DAYS_MAX).map(nth).collect()).is_empty());
    for wrong in [
        (0..=SPECIAL_DAYS_MAX).map(nth).collect(),
        vec![nth(1), nth(1)],
        vec![special("2027-01-01", &[(60, 60)])],
        vec![special("2027-01-01", &[(0, 30); SPECIAL_HOURS_MAX + 1])],
    ] {
        assert_eq!(days(wrong), ["special_days"]);
    }

    let packages = |packages: Vec<Package>| with(&move |rules| rules.packages.clone_from(&packages));
    let nth = |n: usize| package(&format!("{n}"), &[1], 60, 120);
    assert!(packages((0..PACKAGES_MAX).map(nth).collect()).is_empty());
    for wrong in [
        (0..=PACKAGES_MAX).map(nth).collect(),
        vec![nth(1), nth(1)],
        vec![package("p", &[], 60, 120)],
        vec![package("p", &[0], 60, 120)],
        vec![package("p", &[1], 60, 60)],
    ] {
        assert_eq!(packages(wrong), ["packages"]);
    }
    assert_eq!(with(&|rules| rules.packages_only = true), ["packages_only"]);
}

#[test]
fn a_space_that_opens_on_one_day_only_has_hours() {
    let closed = Rules::closed("UTC".parse().unwrap());
    assert!(!closed.has_hours());
    let special_days = vec![special("2027-01-12", &[(0, 60)])];
    assert!(
        Rules {
            special_days,
            ..closed.clone()
        }
        .has_hours()
    );
    let seasons = vec![season("summer", "2027-06-01", "2027-08-31", 1, &[(1, 0, 60)])];
    assert!(Rules { seasons, ..closed }.has_hours());
    assert!(every_day("UTC", 0, 60).has_hours());
}

#[test]
fn only_rules_that_close_or_block_something_may_take_a_bookings_time() {
    let rules = every_day("UTC", 9 * 60, 17 * 60);
    let with = |change: &dyn Fn(&mut Rules)| {
        let mut next = rules.clone();
        change(&mut next);
        next
    };
    assert!(!rules.may_lose_to(&with(&|next| next.min_minutes = 240)));
    assert!(rules.may_lose_to(&with(&|next| next.weekly.clear())));
    assert!(rules.may_lose_to(&with(&|next| next.special_days.push(special("2027-01-12", &[])))));
    let closed = || season("summer", "2027-06-01", "2027-08-31", 1, &[]);
    assert!(rules.may_lose_to(&with(&|next| next.seasons.push(closed()))));
    let time = BlockTime::Once(between("2027-01-12T10:00Z", "2027-01-12T12:00Z"));
    let blocked = with(&|next| next.blocks.push(block(time.clone())));
    assert!(rules.may_lose_to(&blocked) && !blocked.may_lose_to(&rules));
}

#[test]
fn who_has_booked_needs_no_more_notice_from_the_start_that_they_have() {
    let mut rules = every_day("UTC", 9 * 60, 17 * 60);
    rules.lead_minutes = 24 * 60;
    rules.horizon_days = 30;
    let calendar = Calendar::default();
    let moving = Request {
        by: Booker::Moving {
            start: at("2027-01-12T12:00Z"),
        },
        now: at("2027-01-12T10:30Z"),
        ..request(&rules)
    };
    let code = |start: &str, end: &str| {
        moving
            .decide(&calendar, between(start, end))
            .map_err(|r| r.code())
    };
    assert_eq!(code("2027-01-12T12:00Z", "2027-01-12T15:00Z"), Ok(()), "longer");
    assert_eq!(code("2027-01-12T13:00Z", "2027-01-12T15:00Z"), Ok(()), "later");
    assert_eq!(
        code("2027-01-12T11:00Z", "2027-01-12T15:00Z"),
        Err("lead_time"),
        "earlier"
    );
    assert_eq!(code("2027-03-12T13:00Z", "2027-03-12T15:00Z"), Err("horizon"));
    let late = Request {
        now: at("2027-01-12T12:00Z"),
        ..moving
    };
    let begun = late.decide(&calendar, between("2027-01-12T12:00Z", "2027-01-12T15:00Z"));
    assert_eq!(begun, Err(Refusal::Past));
}

#[test]
fn a_vendor_is_bound_by_hours_and_bookings_but_not_by_notice() {
    let mut rules = every_day("UTC", 9 * 60, 17 * 60);
    rules.lead_minutes = 24 * 60;
    rules.horizon_days = 30;
    let calendar = booked("2027-01-12T10:00Z", "2027-01-12T12:00Z", 0, 0);
    let vendor = Request {
        by: Booker::Vendor,
        now: at("2027-01-12T14:29Z"),
        ..request(&rules)
    };
    let code = |start: &str, end: &str| {
        vendor
            .decide(&calendar, between(start, end))
            .map_err(|r| r.code())
    };
    assert_eq!(code("2027-01-12T15:00Z", "2027-01-12T16:00Z"), Ok(()), "at once");
    assert_eq!(
        code("2027-01-12T14:00Z", "2027-01-12T15:00Z"),
        Ok(()),
        "who has just walked in"
    );
    assert_eq!(code("2027-01-12T13:00Z", "2027-01-12T14:00Z"), Err("past"));
    assert_eq!(
        code("2028-01-12T14:00Z", "2028-01-12T15:00Z"),
        Ok(()),
        "far ahead"
    );
    assert_eq!(code("2027-01-12T17:00Z", "2027-01-12T18:00Z"), Err("closed"));
    assert_eq!(
        code("2027-01-12T15:00Z", "2027-01-12T15:30Z"),
        Err("min_duration")
    );
    let earlier = Request {
        now: at("2027-01-12T09:00Z"),
        ..vendor
    };
    let taken = earlier.decide(&calendar, between("2027-01-12T11:00Z", "2027-01-12T13:00Z"));
    assert_eq!(taken, Err(Refusal::SlotTaken));
}

#[test]
fn a_time_is_open_when_all_of_it_is_and_nothing_of_it_is_blocked() {
    let mut rules = every_day("UTC", 540, 1_020);
    let is_open = |rules: &Rules, start, end| rules.is_open(between(start, end));
    assert!(is_open(&rules, "2027-01-12T09:00Z", "2027-01-12T17:00Z"));
    assert!(!is_open(&rules, "2027-01-12T08:55Z", "2027-01-12T10:00Z"));
    assert!(!is_open(&rules, "2027-01-12T16:00Z", "2027-01-12T17:05Z"));
    rules.blocks = vec![block(BlockTime::Once(between(
        "2027-01-12T12:00Z",
        "2027-01-12T13:00Z",
    )))];
    assert!(is_open(&rules, "2027-01-12T09:00Z", "2027-01-12T12:00Z"));
    assert!(is_open(&rules, "2027-01-12T13:00Z", "2027-01-12T17:00Z"));
    assert!(!is_open(&rules, "2027-01-12T12:55Z", "2027-01-12T14:00Z"));
}

#[test]
fn a_repeated_block_begins_on_its_day_and_lasts_a_week_at_most() {
    let fits = |open_minute, close_minute| {
        Repeating::fits(Hours {
            open_minute,
            close_minute,
        })
    };
    assert!(fits(MINUTES_PER_DAY - 1, MINUTES_PER_DAY));
    assert!(!fits(MINUTES_PER_DAY, MINUTES_PER_DAY + 60));
    assert!(!fits(600, 600));
    assert!(fits(600, 600 + REPEATED_MINUTES_MAX));
    assert!(!fits(600, 601 + REPEATED_MINUTES_MAX));
}

#[test]
fn a_week_that_is_blocked_reaches_into_a_window_that_begins_on_its_last_day() {
    let mut rules = every_day("UTC", 0, 1_440);
    // It begins as late on its date as can be.
    let week = Hours {
        open_minute: 1_439,
        close_minute: 1_439 + REPEATED_MINUTES_MAX,
    };
    let yearly = "FREQ=YEARLY;COUNT=2".parse().unwrap();
    let repeating = Repeating::new("2027-03-01".parse().unwrap(), week, yearly, [].into()).unwrap();
    let time = BlockTime::Repeating(repeating);
    assert!(!time.is_over(&rules.zone, at("2028-03-08T23:59Z")));
    assert!(time.is_over(&rules.zone, at("2028-03-09T00:00Z")));
    rules.blocks = vec![block(time)];
    let last_day = between("2027-03-08T23:00Z", "2027-03-09T12:00Z");
    assert_eq!(
        rules.blocked(last_day).into_vec(),
        [between("2027-03-08T23:00Z", "2027-03-08T23:59Z")]
    );
}

#[test]
fn a_package_is_shown_in_the_window_that_it_starts_in_wherever_it_ends() {
    let rules = Rules {
        packages: vec![package("Night", &[2], 18 * 60, 40 * 60)],
        ..every_day("UTC", 0, 1_440)
    };
    let shown = |start: &str, end: &str| -> Vec<Interval> {
        let window = between(&format!("2027-01-12T{start}Z"), &format!("2027-01-12T{end}Z"));
        let packages = request(&rules).packages(&Calendar::default(), window);
        packages.iter().map(|(_, time)| *time).collect()
    };
    let night = between("2027-01-12T18:00Z", "2027-01-13T16:00Z");
    assert_eq!(shown("17:00", "19:00"), [night]);
    assert_eq!(shown("18:00", "18:01"), [night]);
    assert_eq!(shown("17:00", "18:00"), []);
    assert_eq!(shown("18:01", "19:00"), []);
    // The longest that there can be: from one to one, while the clock goes back.
    let long = Rules {
        packages: vec![package("Round the clock", &[7], 60, 25 * 60)],
        ..every_day("Europe/Berlin", 0, 1_440)
    };
    let start = between("2027-10-30T23:00Z", "2027-10-30T23:01Z");
    let shown = request(&long).packages(&Calendar::default(), start);
    let times: Vec<_> = shown.iter().map(|(_, time)| *time).collect();
    assert_eq!(times, [between("2027-10-30T23:00Z", "2027-11-01T00:00Z")]);
}

#[test]
fn a_booking_may_be_as_long_as_the_longest_and_as_short_as_the_shortest() {
    let rules = Rules {
        min_minutes: 60,
        max_minutes: 240,
        ..every_day("UTC", 0, 1_440)
    };
    let decided = |end: &str| decide(&rules, "2027-01-12T09:00Z", end);
    assert_eq!(decided("2027-01-12T13:00Z"), Ok(()));
    assert_eq!(
        decided("2027-01-12T13:30Z"),
        Err(Refusal::MaxDuration { max_minutes: 240 })
    );
    assert_eq!(decided("2027-01-12T10:00Z"), Ok(()));
    assert_eq!(
        decided("2027-01-12T09:30Z"),
        Err(Refusal::MinDuration { min_minutes: 60 })
    );
}
