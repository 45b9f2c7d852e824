use super::*;
use crate::time::tests::{at, between};
use uuid::Uuid;

const SPACE: SpaceId = SpaceId::from_uuid(Uuid::from_u128(7));

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

fn every_day(zone: &str, open: u32, close: u32) -> Rules {
    let week: Vec<_> = (1..=7).map(|day| (day, open, close)).collect();
    rules(zone, &week)
}

fn request(rules: &Rules) -> Request<'_> {
    Request {
        rules,
        spaces: &[SPACE],
        now: at("2027-01-01T00:00Z"),
        except: None,
    }
}

fn decide(rules: &Rules, start: &str, end: &str) -> Result<(), Refusal> {
    request(rules).decide(&Calendar::default(), between(start, end))
}

fn booked(start: &str, end: &str, setup: u32, turnaround: u32) -> Calendar {
    let mut calendar = Calendar::default();
    let entry = Entry {
        booking: BookingId::from_uuid(Uuid::from_u128(9)),
        interval: between(start, end),
        setup_minutes: setup,
        turnaround_minutes: turnaround,
        hold_until: None,
    };
    calendar.load_empty(&[SPACE], &entry);
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
        rules.open(between("2027-01-12T00:00Z", "2027-01-13T00:00Z")),
        [between("2027-01-12T08:00Z", "2027-01-12T16:00Z")]
    );
    assert_eq!(
        rules.open(between("2027-07-12T00:00Z", "2027-07-13T00:00Z")),
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
        rules.open(window),
        [window],
        "and across the night in which clocks go forward"
    );
    assert_eq!(decide(&rules, "2027-01-10T03:00Z", "2027-01-10T07:00Z"), Ok(()));
}

#[test]
fn in_a_gap_a_space_opens_with_the_first_instant_after_it() {
    // Berlin, 28 March 2027: 02:00 becomes 03:00, so that 02:30 does not exist.
    let rules = every_day("Europe/Berlin", 150, 300);
    assert_eq!(
        rules.open(between("2027-03-27T22:00Z", "2027-03-28T10:00Z")),
        [between("2027-03-28T01:00Z", "2027-03-28T03:00Z")]
    );
}

#[test]
fn in_a_fold_a_space_opens_at_the_earlier_and_closes_at_the_later_instant() {
    // Berlin, 31 October 2027: 02:00 to 03:00 happens twice.
    let night = between("2027-10-30T20:00Z", "2027-10-31T10:00Z");
    assert_eq!(
        every_day("Europe/Berlin", 150, 300).open(night),
        [between("2027-10-31T00:30Z", "2027-10-31T04:00Z")]
    );
    assert_eq!(
        every_day("Europe/Berlin", 60, 150).open(night),
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
fn starts_are_aligned_to_the_venues_midnight_not_to_utc() {
    let mut rules = every_day("Asia/Kolkata", 0, 24 * 60);
    rules.step_minutes = 60;
    assert_eq!(decide(&rules, "2027-01-12T04:30Z", "2027-01-12T05:30Z"), Ok(()));
    assert_eq!(
        decide(&rules, "2027-01-12T04:00Z", "2027-01-12T05:00Z"),
        Err(Refusal::Alignment { step_minutes: 60 })
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
    let slots: Vec<_> = request
        .slots(&calendar, between("2027-04-03T12:00Z", "2027-04-04T00:00Z"), 60)
        .collect();
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
    let slots: Vec<_> = request.slots(&calendar, day, 120).collect();
    let within = |s: &Interval| request.free(&calendar, day).iter().any(|f| f.contains(*s));
    assert!(slots.iter().all(within));
    assert_eq!(
        slots.len(),
        4 + 8,
        "starts 8:00 to 9:30 and 14:30 to 18:00, every half hour"
    );
}

#[test]
fn alternatives_are_the_nearest_free_times_and_do_not_overlap_each_other() {
    let rules = every_day("UTC", 8 * 60, 20 * 60);
    let calendar = booked("2027-01-12T12:00Z", "2027-01-12T14:00Z", 0, 0);
    let wanted = between("2027-01-12T12:00Z", "2027-01-12T14:00Z");
    let window = between("2027-01-11T00:00Z", "2027-01-14T00:00Z");
    let found = request(&rules).alternatives(&calendar, wanted, window);
    assert_eq!(
        found,
        [
            between("2027-01-12T10:00Z", "2027-01-12T12:00Z"),
            between("2027-01-12T14:00Z", "2027-01-12T16:00Z"),
            between("2027-01-12T08:00Z", "2027-01-12T10:00Z"),
        ]
    );
    assert_eq!(found.len(), ALTERNATIVES_MAX);
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
    assert_eq!(
        fields(Rules {
            lead_minutes: 366 * 1440,
            ..sound
        }),
        ["lead_minutes"]
    );
}
