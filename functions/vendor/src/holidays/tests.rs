use std::fmt::Write as _;

use domain::availability::{RECURRING_DAYS_MAX, RecurrenceError, SpecialDates, SpecialHours};
use domain::text::LABEL_LENGTH_MAX;
use proptest::prelude::*;

use super::*;

/// A file of these lines within a calendar, as RFC 5545 wants lines to end.
fn file(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//gov.example//Bank holidays//EN\n{lines}\nEND:VCALENDAR\n"
    )
    .replace('\n', "\r\n")
}

/// A file of one event with these lines.
fn event(lines: &str) -> String {
    file(&format!(
        "BEGIN:VEVENT\nUID:one\nSUMMARY:Day\n{lines}\nEND:VEVENT"
    ))
}

/// The dates with their names when it is the first of February of 2027.
fn found(text: &str) -> Vec<(String, String)> {
    let special = SpecialHours {
        dates: SpecialDates::Holidays(read(text).unwrap()),
        hours: Vec::new(),
    };
    let days = special.days("2027-02-01".parse().unwrap()).unwrap_or_default();
    let name = |name: Option<Label>| name.map(|name| name.as_str().to_owned()).unwrap_or_default();
    days.into_iter()
        .map(|day| (day.date.to_string(), name(day.name)))
        .collect()
}

fn dates(text: &str) -> Vec<String> {
    found(text).into_iter().map(|(date, _)| date).collect()
}

/// What is wrong with a file of one event.
fn wrong(lines: &str) -> EventError {
    let refused = read(&event(lines)).unwrap_err();
    let CalendarError::Event { line, name, problem } = refused else {
        panic!("{refused}")
    };
    assert_eq!((line, name), (4, Label::parse("Day").ok()));
    problem
}

fn wrong_line(text: &str) -> usize {
    let refused = read(text).unwrap_err();
    let CalendarError::Line { line, .. } = refused else {
        panic!("{refused}")
    };
    line
}

#[test]
fn whole_days_count_and_times_of_day_do_not() {
    assert_eq!(dates(&event("DTSTART;VALUE=DATE:20270301")), ["2027-03-01"]);
    assert_eq!(dates(&event("DTSTART;value=\"date\":20270301")), ["2027-03-01"]);
    assert_eq!(dates(&event("DTSTART:20270301")), ["2027-03-01"]);
    assert_eq!(dates(&event("dtstart;VALUE=DATE:20270301")), ["2027-03-01"]);
    for timed in [
        "DTSTART:20270301T090000Z\nDTEND:20270301T100000Z",
        "DTSTART;TZID=Europe/London:20270301T090000\nRRULE:FREQ=SECONDLY",
        "DTSTART;VALUE=DATE-TIME:20270301T000000",
    ] {
        assert_eq!(read(&event(timed)), Ok(Vec::new()), "{timed}");
    }
    for no_date in [
        "20270230",
        "2027-03-01",
        "20270301T0900",
        "tomorrow",
        "",
        "２０２７0301",
    ] {
        let lines = format!("DTSTART;VALUE=DATE:{no_date}");
        assert_eq!(wrong(&lines), EventError::Value("DTSTART"), "{no_date}");
    }
    assert_eq!(
        wrong("DTSTART;VALUE=DATE:20270301T090000"),
        EventError::Value("DTSTART")
    );
    assert_eq!(wrong("DESCRIPTION:none"), EventError::Missing("DTSTART"));
    let twice = "DTSTART;VALUE=DATE:20270301\nDTSTART;VALUE=DATE:20270302";
    assert_eq!(wrong(twice), EventError::Twice("DTSTART"));
}

#[test]
fn an_event_ends_before_its_end_or_after_its_duration() {
    let of = |end: &str| dates(&event(&format!("DTSTART;VALUE=DATE:20270301\n{end}")));
    assert_eq!(of("DTEND;VALUE=DATE:20270302"), ["2027-03-01"]);
    assert_eq!(of("DTEND;VALUE=DATE:20270301"), ["2027-03-01"]);
    assert_eq!(
        of("DTEND;VALUE=DATE:20270304"),
        ["2027-03-01", "2027-03-02", "2027-03-03"]
    );
    assert_eq!(of("DURATION:P2D"), ["2027-03-01", "2027-03-02"]);
    assert_eq!(of("DURATION:+P1W").len(), 7);
    let no_end = |end: &str| wrong(&format!("DTSTART;VALUE=DATE:20270301\n{end}"));
    assert_eq!(no_end("DTEND;VALUE=DATE:20270228"), EventError::Value("DTEND"));
    assert_eq!(no_end("DTEND:20270302T000000Z"), EventError::Value("DTEND"));
    for duration in [
        "P0D",
        "-P1D",
        "PT24H",
        "P1DT1H",
        "P",
        "1D",
        "PD",
        "P+1D",
        "P4294967296D",
        "P4294967295W",
    ] {
        assert_eq!(
            no_end(&format!("DURATION:{duration}")),
            EventError::Value("DURATION"),
            "{duration}"
        );
    }
    let both = "DTEND;VALUE=DATE:20270302\nDURATION:P1D";
    assert_eq!(no_end(both), EventError::TwoEnds);
}

#[test]
fn a_cancelled_event_is_left_out() {
    let of = |status: &str| dates(&event(&format!("STATUS:{status}\nDTSTART;VALUE=DATE:20270301")));
    assert_eq!(of("cancelled"), [""; 0]);
    assert_eq!(of("CANCELLED"), [""; 0]);
    assert_eq!(of("CONFIRMED"), ["2027-03-01"]);
}

#[test]
fn rules_and_dates_that_are_added_or_left_out_are_honoured() {
    let yearly = "DTSTART;VALUE=DATE:19800301\nRRULE:FREQ=YEARLY;UNTIL=20280301";
    assert_eq!(dates(&event(yearly)), ["2027-03-01", "2028-03-01"]);
    let changed = format!(
        "{yearly}\nEXDATE;VALUE=DATE:20280301,20290301\nRDATE;VALUE=DATE:20270405,20270406\nRDATE;VALUE=DATE:20270407"
    );
    let expected = ["2027-03-01", "2027-04-05", "2027-04-06", "2027-04-07"];
    assert_eq!(dates(&event(&changed)), expected);
    let labour_day = "DTSTART;VALUE=DATE:20000904\nRRULE:freq=yearly;bymonth=9;byday=1MO";
    assert_eq!(dates(&event(labour_day)), ["2027-09-06", "2028-09-04"]);
}

#[test]
fn what_recurs_in_a_way_that_cannot_be_read_is_told_with_its_event() {
    let with = |lines: &str| wrong(&format!("DTSTART;VALUE=DATE:20270301\n{lines}"));
    let rule = |error| EventError::Recurring(HolidayError::Rule(error));
    let unsupported = RecurrenceError::Unsupported("BYSETPOS".to_owned());
    assert_eq!(with("RRULE:FREQ=YEARLY;BYSETPOS=1"), rule(unsupported));
    assert_eq!(with("RRULE:FREQ=SECONDLY"), rule(RecurrenceError::Value("FREQ")));
    assert_eq!(
        with("RRULE:FREQ=YEARLY;BYMONTH=4"),
        rule(RecurrenceError::NotFirst)
    );
    assert_eq!(
        with("RRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY"),
        EventError::Twice("RRULE")
    );
    assert_eq!(with("EXRULE:FREQ=YEARLY"), EventError::Unsupported("EXRULE"));
    assert_eq!(with("EXDATE:20270301T000000Z"), EventError::Value("EXDATE"));
    let period = "RDATE;VALUE=PERIOD:20270301T000000Z/P1D";
    assert_eq!(with(period), EventError::Value("RDATE"));
    let long = format!("DURATION:P{}D\nRRULE:FREQ=YEARLY", RECURRING_DAYS_MAX + 1);
    assert_eq!(with(&long), EventError::Recurring(HolidayError::TooLong));
    let told = read(&event("DTSTART;VALUE=DATE:20270301\nRRULE:FREQ=HOURLY")).unwrap_err();
    assert_eq!(
        told.to_string(),
        "cannot be read for certain: the event \"Day\" of line 4: RRULE FREQ does not have a value that is possible here"
    );
    let nameless = file("BEGIN:VEVENT\nEND:VEVENT");
    assert_eq!(
        read(&nameless).unwrap_err().to_string(),
        "cannot be read for certain: the event of line 4: DTSTART is missing"
    );
}

/// A holiday of each second of March, and another event about one of its times.
fn overridden(lines: &str) -> String {
    file(&format!(
        "BEGIN:VEVENT\nUID:one\nSUMMARY:Day\nDTSTART;VALUE=DATE:20200302\nRRULE:FREQ=YEARLY\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:one\n{lines}\nEND:VEVENT"
    ))
}

#[test]
fn an_event_stands_in_for_one_time_of_another() {
    let moved = "SUMMARY:Moved\nRECURRENCE-ID;VALUE=DATE:20270302\nDTSTART;VALUE=DATE:20270305";
    let expected = [("2027-03-05", "Moved"), ("2028-03-02", "Day")];
    let expected = expected.map(|(date, name)| (date.to_owned(), name.to_owned()));
    assert_eq!(found(&overridden(moved)), expected);
    let cancelled = format!("{moved}\nSTATUS:CANCELLED");
    assert_eq!(dates(&overridden(&cancelled)), ["2028-03-02"]);
    let timed = "RECURRENCE-ID;VALUE=DATE:20270302\nDTSTART:20270302T120000Z";
    assert_eq!(dates(&overridden(timed)), ["2028-03-02"]);
    let of_another = moved.replace("SUMMARY", "UID:two\nSUMMARY");
    let other =
        overridden(&of_another).replace("BEGIN:VEVENT\r\nUID:one\r\nUID:two", "BEGIN:VEVENT\r\nUID:two");
    assert_eq!(dates(&other), ["2027-03-02", "2027-03-05", "2028-03-02"]);
    let problem = |lines: &str| {
        let refused = read(&overridden(lines)).unwrap_err();
        let CalendarError::Event { line, problem, .. } = refused else {
            panic!("{refused}")
        };
        (line, problem)
    };
    let all_from_then = moved.replace("VALUE=DATE:20270302", "RANGE=THISANDFUTURE;VALUE=DATE:20270302");
    assert_eq!(problem(&all_from_then), (10, EventError::Unsupported("RANGE")));
    let recurring = format!("{moved}\nRRULE:FREQ=YEARLY");
    let both = EventError::Unsupported("RECURRENCE-ID with RRULE or RDATE");
    assert_eq!(problem(&recurring), (10, both));
    let at_a_time = moved.replace(";VALUE=DATE:20270302", ":20270302T000000Z");
    assert_eq!(problem(&at_a_time), (4, EventError::Value("RECURRENCE-ID")));
    let whose = event(moved).replace("UID:one\r\n", "");
    assert!(matches!(
        read(&whose).unwrap_err(),
        CalendarError::Event {
            problem: EventError::Missing("UID"),
            ..
        }
    ));
}

#[test]
fn names_are_unescaped_unfolded_and_cut() {
    let named = |summary: &str| {
        let text = file(&format!(
            "BEGIN:VEVENT\n{summary}\nDTSTART;VALUE=DATE:20270301\nEND:VEVENT"
        ));
        found(&text).remove(0).1
    };
    assert_eq!(
        named("SUMMARY;LANGUAGE=en:St Andrew\\, Day\\; of\\nrest \\\\o/"),
        "St Andrew, Day; of rest \\o/"
    );
    assert_eq!(named("summary:A\\, b"), "A, b");
    assert_eq!(
        named("SUMMARY:Good Fri\n day of th\n \te year"),
        "Good Friday of th e year"
    );
    assert_eq!(named("SUMMARY:Karfreitag\nSUMMARY:Good Friday"), "Karfreitag");
    let long = "ö".repeat(LABEL_LENGTH_MAX + 1);
    assert_eq!(named(&format!("SUMMARY:{long}")), "ö".repeat(LABEL_LENGTH_MAX));
    for none in ["SUMMARY:", "SUMMARY: \u{202E}", "DESCRIPTION:Day"] {
        assert_eq!(named(none), "", "{none}");
    }
}

#[test]
fn lines_may_end_either_way_and_begin_with_a_mark() {
    let text = event("DTSTART;VALUE=DATE:20270301");
    for same in [
        text.replace("\r\n", "\n"),
        format!("\u{FEFF}{text}"),
        text.replace("SUMMARY:Day", "SUMM\r\n ARY:D\r\n\tay"),
        text.replace("\r\n", "\r\n\r\n"),
        text.trim_end().to_owned(),
        text.replace("BEGIN:", "begin:")
            .replace("END:VEVENT", "End:vevent"),
        format!(
            "{text}{}",
            file("BEGIN:VTODO\nDTSTART;VALUE=DATE:20270302\nEND:VTODO")
        ),
    ] {
        assert_eq!(
            found(&same),
            [("2027-03-01".to_owned(), "Day".to_owned())],
            "{same}"
        );
    }
}

#[test]
fn only_what_is_directly_in_an_event_of_a_calendar_counts() {
    let alarm = "DTSTART;VALUE=DATE:20270301\nBEGIN:VALARM\nDTSTART;VALUE=DATE:20270302\nDURATION:PT5M\nBEGIN:VEVENT\n\
                 DTSTART;VALUE=DATE:20270303\nEND:VEVENT\nEND:VALARM";
    assert_eq!(dates(&event(alarm)), ["2027-03-01"]);
    let zone = "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n\
                END:STANDARD\nEND:VTIMEZONE";
    assert_eq!(read(&file(zone)), Ok(Vec::new()));
}

#[test]
fn what_is_no_calendar_is_told_with_its_line() {
    let day = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270301\n";
    for (text, line) in [
        ("", 1),
        ("\n\n", 1),
        ("<!doctype html>", 1),
        ("{\"england-and-wales\":{\"division\":1}}", 1),
        (" BEGIN:VCALENDAR", 1),
        ("BEGIN:VEVENT\nEND:VEVENT", 1),
        ("VERSION:2.0\nBEGIN:VCALENDAR\nEND:VCALENDAR", 1),
        ("BEGIN:VCALENDAR\nVERSION:2.0", 2),
        ("BEGIN:VCALENDAR\n\nEND:VEVENT\nEND:VCALENDAR", 3),
        (&format!("BEGIN:VCALENDAR\n{day}END:VCALENDAR"), 4),
        (
            &format!("BEGIN:VCALENDAR\n{day}SUMMARY\nEND:VEVENT\nEND:VCALENDAR"),
            4,
        ),
        (
            &format!("BEGIN:VCALENDAR\n{day}:Day\nEND:VEVENT\nEND:VCALENDAR"),
            4,
        ),
        (
            &format!("BEGIN:VCALENDAR\n{day}SUMMARY Day: one\nEND:VEVENT\nEND:VCALENDAR"),
            4,
        ),
        ("BEGIN:VCALENDAR\nCALSCALE:ISLAMIC\nEND:VCALENDAR", 2),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR", 3),
    ] {
        assert_eq!(wrong_line(text), line, "{text}");
    }
}

#[test]
fn a_file_has_so_many_bytes_at_most() {
    let around = file("X-NOTE:").len();
    let padded = |bytes: usize| file(&format!("X-NOTE:{}", "x".repeat(bytes - around)));
    assert_eq!(read(&padded(CALENDAR_BYTES_MAX)), Ok(Vec::new()));
    assert_eq!(
        read(&padded(CALENDAR_BYTES_MAX + 1)),
        Err(CalendarError::TooLarge)
    );
}

#[test]
fn a_file_has_so_many_events_at_most() {
    let events =
        |count| file(&vec!["BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270301\nEND:VEVENT"; count].join("\n"));
    assert_eq!(read(&events(EVENTS_MAX)).unwrap().len(), EVENTS_MAX);
    assert_eq!(read(&events(EVENTS_MAX + 1)), Err(CalendarError::TooManyEvents));
}

#[test]
fn as_many_bytes_as_there_may_be_of_anything_are_read() {
    let fill = |text: &str| text.repeat(CALENDAR_BYTES_MAX / text.len());
    let fits = |start: &str, text: &str| {
        let room = CALENDAR_BYTES_MAX - start.len();
        format!("{start}{}", text.repeat(room / text.len()))
    };
    // Deeper than any stack would bear.
    assert!(read(&fits("BEGIN:VCALENDAR\n", "BEGIN:A\n")).is_err());
    assert!(read(&fill("\n")).is_err());
    assert!(read(&fill("a:\n")).is_err());
    assert!(read(&fits("BEGIN:VCALENDAR\n", "a:\n")).is_err());
    assert!(read(&fits("BEGIN:VCALENDAR\nA", "\n b")).is_err());
    assert!(read(&fits("BEGIN:VCALENDAR\nA", ";b=\"c\"")).is_err());
    assert!(read(&fits("BEGIN:VCALENDAR\nA:", "\\")).is_err());
}

#[test]
fn as_many_rules_as_there_may_be_are_gone_through() {
    // Ten years are counted for each, and two are looked at.
    let counted = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20200302\nRRULE:FREQ=YEARLY;COUNT=10\nEND:VEVENT";
    let text = file(&vec![counted; EVENTS_MAX].join("\n"));
    assert_eq!(dates(&text), ["2027-03-02", "2028-03-02"]);
}

#[test]
fn days_from_the_beginning_of_time_to_its_end_cost_nothing() {
    let all = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:99991231\nEND:VEVENT";
    let special = SpecialHours {
        dates: SpecialDates::Holidays(read(&file(&vec![all; EVENTS_MAX].join("\n"))).unwrap()),
        hours: Vec::new(),
    };
    assert!(special.days("2027-02-01".parse().unwrap()).is_err());
    let mut late = String::from("DTSTART;VALUE=DATE:99991231\n");
    writeln!(late, "DURATION:P3650000D").unwrap();
    assert_eq!(dates(&event(late.trim())), [""; 0]);
}

proptest! {
    /// Whatever it is: an answer, and no panic.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&text);
        let _ = read(&String::from_utf8_lossy(&bytes));
    }

    /// Pieces of files in any order come deeper than letters at random.
    #[test]
    fn any_file_of_known_pieces_is_read_or_refused(
        pieces in prop::collection::vec((0_usize..PIECES.len(), "[0-9A-Z;:=,\"\\\\\r\n \tZ-]{0,6}", any::<bool>()), 0..40),
    ) {
        let mut lines = String::new();
        for (piece, more, newline) in pieces {
            lines.push_str(PIECES[piece]);
            lines.push_str(&more);
            if newline {
                lines.push_str("\r\n");
            }
        }
        for text in [event(&lines), file(&lines), lines.clone()] {
            if let Ok(holidays) = read(&text) {
                let special = SpecialHours { dates: SpecialDates::Holidays(holidays), hours: Vec::new() };
                for day in special.days("2027-02-01".parse().unwrap()).unwrap_or_default() {
                    prop_assert!(day.date >= "2027-02-01".parse().unwrap());
                }
            }
        }
    }

    /// Whatever dates a file names as whole days, those that are to come are found, and no others.
    #[test]
    fn what_is_written_is_read(days in prop::collection::btree_set(-400_i64..1_200, 1..60), fold in 8_usize..75) {
        let today: Date = "2027-02-01".parse().unwrap();
        let date = |n: i64| today.saturating_add(Span::new().days(n));
        let mut lines = String::new();
        for n in &days {
            let line = format!("DTSTART;VALUE=DATE:{}", date(*n).strftime("%Y%m%d"));
            let (head, tail) = line.split_at(fold.min(line.len()));
            writeln!(lines, "BEGIN:VEVENT\nSUMMARY:Day {n}\n{head}\n {tail}\nEND:VEVENT").unwrap();
        }
        let expected: Vec<_> = days
            .iter()
            .filter(|n| (0..=730).contains(*n))
            .map(|n| (date(*n).to_string(), format!("Day {n}")))
            .collect();
        prop_assert_eq!(found(&file(lines.trim_end())), expected);
    }
}

const PIECES: [&str; 18] = [
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:",
    "END:",
    "DTSTART;VALUE=DATE:20270301",
    "DTSTART:",
    "DTEND;VALUE=DATE:2027030",
    "DURATION:P",
    "RRULE:FREQ=YEARLY;COUNT=",
    "RRULE:FREQ=DAILY;INTERVAL=",
    "EXDATE;VALUE=DATE:20270301",
    "RDATE;VALUE=DATE:20270305,",
    "RECURRENCE-ID;VALUE=DATE:20270301",
    "SUMMARY:",
    "UID:one",
    "STATUS:",
];
