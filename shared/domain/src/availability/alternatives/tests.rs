use super::super::tests::{SPACE, booked, every_day, request};
use super::*;
use crate::availability::{Hours, Package, Season, SpecialDay};
use crate::calendar::Entry;
use crate::id::{BookingId, SpaceId};
use crate::text::Label;
use crate::time::tests::{at, between};
use uuid::Uuid;

/// Where every step finds the calendar as it is given, what is named, and the steps that it took.
fn looked(
    request: Request<'_>,
    calendar: &Calendar,
    wanted: Interval,
    is_sold: impl Fn(Interval) -> bool,
) -> (Vec<Interval>, usize) {
    let Some(search) = Search::new(request, wanted) else {
        return (Vec::new(), 0);
    };
    let mut steps = 0;
    for step in search.steps() {
        steps += 1;
        let looked: Vec<_> = step
            .into_iter()
            .map(|starts| (starts, calendar.clone()))
            .collect();
        let found = search.found(&looked, &is_sold);
        if !found.is_empty() {
            return (found, steps);
        }
    }
    (Vec::new(), steps)
}

fn named(rules: &Rules, wanted: Interval) -> Vec<Interval> {
    let (found, _) = looked(request(rules), &Calendar::default(), wanted, |_| true);
    let decided = |time: &Interval| request(rules).decide(&Calendar::default(), *time);
    assert!(found.iter().all(|time| decided(time).is_ok()), "{found:?}");
    found
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn closed_season(from: &str, to: &str) -> Season {
    Season {
        name: label("closed"),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        priority: 0,
        weekly: Vec::new(),
        min_minutes: None,
        lead_minutes: None,
    }
}

#[test]
fn the_nearest_free_times_are_named_and_do_not_overlap_each_other() {
    let rules = every_day("UTC", 8 * 60, 20 * 60);
    let calendar = booked("2027-01-12T12:00Z", "2027-01-12T14:00Z", 0, 0);
    let wanted = between("2027-01-12T12:00Z", "2027-01-12T14:00Z");
    let (found, _) = looked(request(&rules), &calendar, wanted, |_| true);
    assert_eq!(
        found,
        [
            between("2027-01-12T10:00Z", "2027-01-12T12:00Z"),
            between("2027-01-12T14:00Z", "2027-01-12T16:00Z"),
            between("2027-01-12T08:00Z", "2027-01-12T10:00Z"),
        ]
    );
    assert_eq!(found.len(), ALTERNATIVES_MAX);
    // What is not sold makes room for what stands further away.
    let not_in_the_morning = |time: Interval| time.start() >= wanted.start();
    assert_eq!(
        looked(request(&rules), &calendar, wanted, not_in_the_morning).0,
        [
            between("2027-01-12T14:00Z", "2027-01-12T16:00Z"),
            between("2027-01-12T16:00Z", "2027-01-12T18:00Z"),
            between("2027-01-12T18:00Z", "2027-01-12T20:00Z"),
        ]
    );
}

#[test]
fn a_length_that_is_not_allowed_becomes_the_nearest_that_is() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    (rules.min_minutes, rules.max_minutes) = (50, 200);
    let start = at("2027-01-12T12:00Z");
    let length = |rules: &Rules, minutes: i64| {
        let wanted = Interval::new(start, plus_minutes(start, minutes)).unwrap();
        let first = named(rules, wanted)[0];
        assert_eq!(first.start(), start);
        first.minutes()
    };
    // Every half hour from an hour to three.
    for (wanted, offered) in [
        (1, 60),
        (59, 60),
        (74, 60),
        (75, 90),
        (90, 90),
        (181, 180),
        (100_000_000, 180),
    ] {
        assert_eq!(length(&rules, wanted), offered, "{wanted}");
    }
    let mut strict = closed_season("2027-01-11", "2027-01-17");
    (strict.weekly, strict.min_minutes) = (rules.weekly.clone(), Some(150));
    rules.seasons = vec![strict];
    assert_eq!(length(&rules, 60), 150);
    // Before the season an hour is enough.
    let sunday = between("2027-01-10T12:00Z", "2027-01-10T12:01Z");
    assert_eq!(named(&rules, sunday)[0].minutes(), 60);
}

#[test]
fn more_days_than_can_be_written_at_once_become_as_many_as_can() {
    let spaces: Vec<SpaceId> = (0..18).map(|n| SpaceId::from_uuid(Uuid::from_u128(n))).collect();
    let mut rules = every_day("UTC", 0, 24 * 60);
    rules.max_minutes = 31 * 1_440;
    let length = |rules: &Rules, wanted: Interval| {
        let request = Request {
            spaces: &spaces,
            ..request(rules)
        };
        let refused = request.decide(&Calendar::default(), wanted);
        let (found, _) = looked(request, &Calendar::default(), wanted, |_| true);
        let first = found[0];
        assert_eq!(first.start(), wanted.start());
        assert_eq!(request.decide(&Calendar::default(), first), Ok(()));
        (refused.map_err(|refusal| refusal.code()), first.minutes())
    };
    // Five days of eighteen spaces are ninety documents.
    let five = between("2027-01-12T00:00Z", "2027-01-17T00:00Z");
    let six = between("2027-01-12T12:00Z", "2027-01-17T12:00Z");
    assert_eq!(length(&rules, five), (Ok(()), 5 * 1_440), "it fits on these days");
    assert_eq!(length(&rules, six), (Err("limit_reached"), 4 * 1_440));
    (rules.setup_minutes, rules.turnaround_minutes) = (60, 30);
    assert_eq!(length(&rules, six), (Err("limit_reached"), 4 * 1_440 - 90));
    // Nothing as short is sold, or nothing that short fits.
    rules.min_minutes = 5 * 1_440;
    let request = Request {
        spaces: &spaces,
        ..request(&rules)
    };
    assert_eq!(looked(request, &Calendar::default(), six, |_| true).0, []);
}

#[test]
fn packages_are_named_where_nothing_else_is_sold_and_where_they_are_as_long() {
    let package = |name, open_minute, close_minute| Package {
        name: label(name),
        weekdays: (1..=7).collect(),
        hours: Hours {
            open_minute,
            close_minute,
        },
    };
    let morning = between("2027-01-12T08:00Z", "2027-01-12T13:00Z");
    let breakfast = between("2027-01-12T08:00Z", "2027-01-12T09:00Z");
    let mut rules = every_day("UTC", 8 * 60, 20 * 60);
    rules.packages = vec![package("morning", 480, 780), package("breakfast", 480, 540)];
    rules.max_minutes = 120;
    // As long as the package, at another time.
    let like_morning = between("2027-01-12T07:00Z", "2027-01-12T12:00Z");
    assert_eq!(named(&rules, like_morning)[0], morning);
    // Otherwise as long as can be booked freely.
    let longer = between("2027-01-12T08:00Z", "2027-01-12T14:00Z");
    assert_eq!(named(&rules, longer)[0].minutes(), 120);
    rules.packages_only = true;
    assert_eq!(named(&rules, longer)[0], morning);
    let short = between("2027-01-12T08:00Z", "2027-01-12T08:30Z");
    assert_eq!(named(&rules, short)[0], breakfast);
    // Where no length is possible at all, it is the same.
    rules.packages_only = false;
    (rules.min_minutes, rules.max_minutes) = (40, 55);
    assert_eq!(named(&rules, short)[0], breakfast);
    // Also where a season that is closed would have one.
    let mut closed = closed_season("2027-01-11", "2027-01-11");
    closed.min_minutes = Some(1);
    rules.seasons = vec![closed];
    assert_eq!(named(&rules, short)[0], breakfast);
}

#[test]
fn too_soon_too_late_and_past_become_the_nearest_that_is_possible() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    (rules.lead_minutes, rules.horizon_days) = (100 * 1_440, 200);
    // The request is made at the beginning of 2027.
    let (first, last) = (at("2027-04-11T00:00Z"), at("2027-07-20T00:00Z"));
    let hour = |start| Interval::new(start, plus_minutes(start, 60)).unwrap();
    for early in ["2026-11-01T00:00Z", "2027-01-01T00:00Z", "2027-04-10T23:30Z"] {
        assert_eq!(named(&rules, hour(at(early)))[0], hour(first), "{early}");
    }
    for late in ["2027-07-20T00:30Z", "2031-01-01T00:00Z"] {
        assert_eq!(named(&rules, hour(at(late)))[0], hour(last), "{late}");
    }
    // A season that asks for less notice is looked for from its own boundary on.
    let mut spontaneous = closed_season("2027-01-04", "2027-01-04");
    (spontaneous.weekly, spontaneous.lead_minutes) = (rules.weekly.clone(), Some(0));
    rules.seasons = vec![spontaneous];
    let today = hour(at("2027-01-01T12:00Z"));
    assert_eq!(named(&rules, today)[0], hour(at("2027-01-04T00:00Z")));
    // None of it binds who runs the venue, but for what is over.
    let request = Request {
        by: Booker::Vendor,
        ..request(&rules)
    };
    let over = hour(at("2026-12-31T20:00Z"));
    let (found, _) = looked(request, &Calendar::default(), over, |_| true);
    assert_eq!(found[0], hour(at("2026-12-31T23:30Z")));
}

#[test]
fn a_closed_season_is_passed_over_without_a_read() {
    let mut rules = every_day("UTC", 8 * 60, 20 * 60);
    rules.seasons = vec![closed_season("2027-03-01", "2027-06-30")];
    let wanted = between("2027-03-20T10:00Z", "2027-03-20T12:00Z");
    let (found, steps) = looked(request(&rules), &Calendar::default(), wanted, |_| true);
    assert_eq!(steps, 1);
    assert_eq!(found[0], between("2027-02-28T18:00Z", "2027-02-28T20:00Z"));
    // Both sides of it are looked at together.
    let summer = between("2027-06-20T10:00Z", "2027-06-20T12:00Z");
    assert_eq!(
        named(&rules, summer)[0],
        between("2027-07-01T08:00Z", "2027-07-01T10:00Z")
    );
}

#[test]
fn what_is_near_is_a_day_and_a_half_around_and_all_is_within_a_year_and_a_day() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    rules.horizon_days = 730;
    let wanted = between("2027-12-01T12:00Z", "2027-12-01T13:00Z");
    let search = Search::new(request(&rules), wanted).unwrap();
    let steps: Vec<_> = search.steps().collect();
    assert_eq!(steps[0], [between("2027-11-30T00:00Z", "2027-12-03T00:00Z")]);
    assert_eq!(
        steps[1][..2],
        [
            between("2027-11-29T00:00Z", "2027-11-30T00:00Z"),
            between("2027-12-03T00:00Z", "2027-12-04T00:00Z"),
        ]
    );
    let open_at = |date: &str, open_minute| {
        let mut rules = rules.clone();
        rules.weekly.clear();
        rules.special_days = vec![SpecialDay {
            date: date.parse().unwrap(),
            name: None,
            hours: vec![Hours {
                open_minute,
                close_minute: open_minute + 60,
            }],
        }];
        !named(&rules, wanted).is_empty()
    };
    // 366 days later it is the first of December again, as 2028 has so many days.
    assert!(open_at("2028-12-01", 11 * 60 + 30));
    assert!(!open_at("2028-12-01", 12 * 60));
    let back = |minute| {
        let now = at("2026-01-01T00:00Z");
        let mut rules = rules.clone();
        rules.weekly.clear();
        rules.special_days = vec![SpecialDay {
            date: "2026-11-30".parse().unwrap(),
            name: None,
            hours: vec![Hours {
                open_minute: minute,
                close_minute: minute + 60,
            }],
        }];
        let request = Request {
            now,
            ..request(&rules)
        };
        !looked(request, &Calendar::default(), wanted, |_| true)
            .0
            .is_empty()
    };
    assert!(back(12 * 60));
    assert!(!back(11 * 60 + 30));
}

/// As many days are taken as it takes to look at all that one refusal looks at.
#[test]
fn one_refusal_reads_so_many_documents_in_so_many_steps() {
    let mut rules = every_day("UTC", 0, 24 * 60);
    rules.horizon_days = 730;
    let spaces: Vec<SpaceId> = (0..20).map(|n| SpaceId::from_uuid(Uuid::from_u128(n))).collect();
    for count in [1, 2, 20] {
        for minutes in [60, 5 * 1_440] {
            rules.max_minutes = minutes;
            let request = Request {
                spaces: &spaces[..count],
                ..request(&rules)
            };
            let start = at("2028-01-01T12:00Z");
            let wanted = Interval::new(start, plus_minutes(start, minutes.into())).unwrap();
            let search = Search::new(request, wanted).unwrap();
            let steps: Vec<_> = search.steps().collect();
            assert_eq!(steps.len(), STEPS_MAX);
            for step in steps.iter().skip(1) {
                let days = search.days(step).len();
                assert!(
                    days * count <= DOCUMENTS_PER_STEP || step.len() == 2,
                    "{days} days of {count}"
                );
                // Another ring would be two days more.
                let is_full = (days + 2) * count > DOCUMENTS_PER_STEP;
                assert!(is_full, "{days} days of {count}");
            }
        }
    }
}

#[test]
fn of_one_step_so_many_times_are_asked_whether_they_are_sold() {
    let rules = Rules {
        step_minutes: 5,
        max_minutes: 20 * 1_440,
        ..every_day("UTC", 0, 24 * 60)
    };
    let steps_max = i64::try_from(STEPS_MAX).unwrap();
    let asked = |end: &str| {
        let wanted = between("2027-03-20T10:00Z", end);
        let asked = std::cell::Cell::new(0);
        let refuses = |_| {
            asked.set(asked.get() + 1);
            false
        };
        let (found, steps) = looked(request(&rules), &Calendar::default(), wanted, refuses);
        assert_eq!((found, steps), (Vec::new(), STEPS_MAX));
        asked.get()
    };
    let around = 3 * 288;
    for end in ["2027-03-20T11:00Z", "2027-03-21T09:55Z"] {
        assert_eq!(asked(end), around + (steps_max - 1) * ASKED_MAX);
    }
    // From the first minute of another day on it counts for that as well.
    assert_eq!(asked("2027-03-21T10:00Z"), steps_max * ASKED_MAX / 2);
    assert_eq!(asked("2027-04-08T10:00Z"), steps_max * ASKED_MAX / 20);
}

/// The booking that is in the way stands where the search reads, however long its own buffers are.
#[test]
fn a_long_buffer_of_another_booking_is_heeded() {
    let rules = every_day("UTC", 0, 24 * 60);
    let wanted = between("2027-01-12T00:00Z", "2027-01-13T00:00Z");
    let entry = Entry {
        booking: BookingId::from_uuid(Uuid::from_u128(9)),
        space: SPACE,
        interval: between("2027-01-14T00:00Z", "2027-01-14T12:00Z"),
        setup_minutes: 1_440,
        turnaround_minutes: 0,
        hold_until: None,
        proposed: false,
    };
    let mut calendar = Calendar::default();
    calendar.reserve(&[SPACE], &entry, request(&rules).now).unwrap();
    let (found, _) = looked(request(&rules), &calendar, wanted, |_| true);
    assert!(!found.is_empty());
    let keeps_off = between("2027-01-13T00:00Z", "2027-01-14T12:00Z");
    assert!(found.iter().all(|time| !time.overlaps(keeps_off)), "{found:?}");
}
