//! Holidays out of the text of an iCalendar file (RFC 5545), as governments publish them.
//!
//! Whole days count, once or with their recurrences; events that begin at a time of day and cancelled ones are left
//! out. What cannot be read for certain is told with its line, never guessed. Nothing is fetched. The lines and what
//! they enclose are gone through here, once and without recursion, as the text is a stranger's; the crate reads the
//! single line.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use domain::availability::{Holiday, HolidayError};
use domain::text::Label;
use icalendar::parser::Property;
use jiff::Span;
use jiff::civil::Date;

/// Bytes of a file: the holidays of a country for several decades.
pub const CALENDAR_BYTES_MAX: usize = 200_000;
/// Events of a file, those that are over or left out included.
pub const EVENTS_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("must have at most {CALENDAR_BYTES_MAX} bytes")]
    TooLarge,
    #[error("must have at most {EVENTS_MAX} events")]
    TooManyEvents,
    #[error("is not an iCalendar file: line {line} {problem}")]
    Line { line: usize, problem: &'static str },
    #[error("cannot be read for certain: {}: {problem}", called(*.line, .name.as_ref()))]
    Event {
        /// Where it begins.
        line: usize,
        name: Option<Label>,
        problem: EventError,
    },
}

fn called(line: usize, name: Option<&Label>) -> String {
    match name {
        Some(name) => format!("the event \"{name}\" of line {line}"),
        None => format!("the event of line {line}"),
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} stands there twice")]
    Twice(&'static str),
    #[error("{0} does not have a value that is possible here")]
    Value(&'static str),
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    #[error("has DTEND and DURATION; only one of them can end it")]
    TwoEnds,
    #[error("{0}")]
    Recurring(#[from] HolidayError),
}

/// The holidays, in the order of the file.
///
/// # Errors
/// [`CalendarError`].
pub fn read(text: &str) -> Result<Vec<Holiday>, CalendarError> {
    if text.len() > CALENDAR_BYTES_MAX {
        return Err(CalendarError::TooLarge);
    }
    let lines = unfold(text.strip_prefix('\u{FEFF}').unwrap_or(text))?;
    let events = events(&lines)?;
    let mut replaced: BTreeMap<&str, Vec<Moment>> = BTreeMap::new();
    let mut found = Vec::new();
    for event in &events {
        let read = event.read().map_err(|problem| event.error(problem))?;
        match (read.replaces, event.uid()) {
            (Some((uid, moment)), _) => {
                replaced.entry(uid).or_default().push(moment);
                found.extend(read.holiday.map(|holiday| (event, None, holiday)));
            }
            (None, uid) => found.extend(read.holiday.map(|holiday| (event, uid, holiday))),
        }
    }
    // An event with RECURRENCE-ID stands in for one time of the event with its UID (RFC 5545, 3.8.4.4).
    let without = |(event, uid, mut holiday): (&Event<'_>, Option<&str>, Holiday)| {
        for moment in uid.and_then(|uid| replaced.get(uid)).into_iter().flatten() {
            match moment {
                Moment::Date(date) => holiday.leave_out(*date),
                Moment::Timed => return Err(event.error(EventError::Value("RECURRENCE-ID"))),
            }
        }
        Ok(holiday)
    };
    found.into_iter().map(without).collect()
}

/// The lines with what is folded behind them (RFC 5545, 3.1), each with its number in the file.
fn unfold(text: &str) -> Result<Vec<(usize, Cow<'_, str>)>, CalendarError> {
    let mut lines: Vec<(usize, Cow<'_, str>)> = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        match (content.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, folded))) => folded.to_mut().push_str(rest),
            (Some(_), None) => {
                let problem = "goes on with a line that is not there";
                return Err(CalendarError::Line { line, problem });
            }
            (None, _) if content.is_empty() => {}
            (None, _) => lines.push((line, Cow::Borrowed(content))),
        }
    }
    // Names of properties and components are the same in lower case.
    for (_, content) in &mut lines {
        let name = content.find([':', ';']).and_then(|end| content.get(..end));
        if name.is_some_and(|name| name.contains(|c: char| c.is_ascii_lowercase())) {
            let length = name.map_or(0, str::len);
            if let Some(name) = content.to_mut().get_mut(..length) {
                name.make_ascii_uppercase();
            }
        }
    }
    Ok(lines)
}

/// The events that are directly in a calendar. Components within them, alarms for instance, are left out, as are others.
fn events<'a>(lines: &'a [(usize, Cow<'_, str>)]) -> Result<Vec<Event<'a>>, CalendarError> {
    let mut open: Vec<String> = Vec::new();
    let mut events: Vec<Event<'a>> = Vec::new();
    for (line, content) in lines {
        let wrong = |problem| CalendarError::Line { line: *line, problem };
        if let Some(name) = content.strip_prefix("BEGIN:") {
            let name = name.trim().to_ascii_uppercase();
            let is_event = is(&open, &["VCALENDAR"]) && name == "VEVENT";
            if open.is_empty() && name != "VCALENDAR" {
                return Err(wrong("is outside of BEGIN:VCALENDAR"));
            }
            if is_event && events.len() == EVENTS_MAX {
                return Err(CalendarError::TooManyEvents);
            }
            if is_event {
                events.push(Event::new(*line));
            }
            open.push(name);
        } else if let Some(name) = content.strip_prefix("END:") {
            let last = open.pop();
            if last.is_none_or(|last| !last.eq_ignore_ascii_case(name.trim())) {
                return Err(wrong("ends what it is not in"));
            }
        } else {
            let property = property(content).ok_or(wrong("is not NAME:value"))?;
            if open.is_empty() {
                return Err(wrong("is outside of BEGIN:VCALENDAR"));
            }
            if is(&open, &["VCALENDAR"]) && property.name == "CALSCALE" && property.val != "GREGORIAN" {
                return Err(wrong("asks for a calendar that is not Gregorian"));
            }
            if is(&open, &["VCALENDAR", "VEVENT"])
                && let Some(event) = events.last_mut()
            {
                event.properties.push(property);
            }
        }
    }
    let line = lines.last().map_or(1, |(line, _)| *line);
    match (lines.is_empty(), open.is_empty()) {
        (true, _) => Err(CalendarError::Line {
            line,
            problem: "has no BEGIN:VCALENDAR",
        }),
        (false, false) => Err(CalendarError::Line {
            line,
            problem: "is the last, and not END:VCALENDAR",
        }),
        (false, true) => Ok(events),
    }
}

fn is(open: &[String], path: &[&str]) -> bool {
    open.iter().map(String::as_str).eq(path.iter().copied())
}

/// Nothing unless the crate took all of the line: it gives what it does not understand as a name without a value.
fn property(line: &str) -> Option<Property<'_>> {
    let property = Property::try_from(line).ok()?;
    let whole = !property.val.as_str().is_empty() || line.ends_with(':');
    (whole && !property.name.as_str().is_empty()).then_some(property)
}

struct Event<'a> {
    line: usize,
    properties: Vec<Property<'a>>,
}

/// What an event comes to.
struct Read<'a> {
    /// Nothing where it is cancelled or at a time of day.
    holiday: Option<Holiday>,
    /// The time of another event, by its UID, that this one stands in for.
    replaces: Option<(&'a str, Moment)>,
}

/// When something is, as far as that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Date(Date),
    /// At a time of day.
    Timed,
}

impl<'a> Event<'a> {
    const fn new(line: usize) -> Self {
        Self {
            line,
            properties: Vec::new(),
        }
    }

    fn error(&self, problem: EventError) -> CalendarError {
        CalendarError::Event {
            line: self.line,
            name: self.name(),
            problem,
        }
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &Property<'a>> {
        self.properties
            .iter()
            .filter(move |property| property.name == name)
    }

    fn one(&self, name: &'static str) -> Result<Option<&Property<'a>>, EventError> {
        let mut all = self.all(name);
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(EventError::Twice(name)),
        }
    }

    fn moment(&self, name: &'static str) -> Result<Option<Moment>, EventError> {
        let one = self.one(name)?;
        one.map(|property| moment(property, property.val.as_str()).ok_or(EventError::Value(name)))
            .transpose()
    }

    /// The first there is: some files have one in each language.
    fn name(&self) -> Option<Label> {
        Label::out_of(self.all("SUMMARY").next()?.val.as_str())
    }

    fn uid(&self) -> Option<&str> {
        Some(self.all("UID").next()?.val.as_str())
    }

    fn read(&self) -> Result<Read<'_>, EventError> {
        let replaces = self.replaces()?;
        let status = self.one("STATUS")?;
        let cancelled =
            status.is_some_and(|status| status.val.as_str().trim().eq_ignore_ascii_case("CANCELLED"));
        let start = self.moment("DTSTART")?;
        let holiday = match start {
            _ if cancelled => None,
            None => return Err(EventError::Missing("DTSTART")),
            Some(Moment::Timed) => None,
            Some(Moment::Date(first)) => Some(self.holiday(first)?),
        };
        Ok(Read { holiday, replaces })
    }

    fn replaces(&self) -> Result<Option<(&str, Moment)>, EventError> {
        let Some(moment) = self.moment("RECURRENCE-ID")? else {
            return Ok(None);
        };
        if self
            .all("RECURRENCE-ID")
            .any(|id| parameter(id, "RANGE").is_some())
        {
            return Err(EventError::Unsupported("RANGE"));
        }
        if self.all("RRULE").chain(self.all("RDATE")).next().is_some() {
            return Err(EventError::Unsupported("RECURRENCE-ID with RRULE or RDATE"));
        }
        let uid = self.uid().ok_or(EventError::Missing("UID"))?;
        Ok(Some((uid, moment)))
    }

    fn holiday(&self, first: Date) -> Result<Holiday, EventError> {
        if self.all("EXRULE").next().is_some() {
            return Err(EventError::Unsupported("EXRULE"));
        }
        let last = self.last(first)?;
        let rule = self.one("RRULE")?.map(|rule| {
            let text = rule.val.as_str().trim().to_ascii_uppercase();
            text.parse().map_err(HolidayError::Rule)
        });
        let holiday = Holiday::new(self.name(), first, last);
        let mut holiday = holiday.recurring(rule.transpose()?, self.dates("RDATE")?)?;
        for date in self.dates("EXDATE")? {
            holiday.leave_out(date);
        }
        Ok(holiday)
    }

    /// The last of its dates: `DTEND` is the one behind it. Where they are the same, as some write it, it is the first.
    fn last(&self, first: Date) -> Result<Date, EventError> {
        match (self.moment("DTEND")?, self.one("DURATION")?) {
            (None, None) => Ok(first),
            (Some(_), Some(_)) => Err(EventError::TwoEnds),
            (Some(Moment::Date(end)), None) if end >= first => Ok(end.yesterday().unwrap_or(end).max(first)),
            (Some(_), None) => Err(EventError::Value("DTEND")),
            (None, Some(duration)) => {
                let days = whole_days(duration.val.as_str().trim());
                days.and_then(|days| Some(first.saturating_add(Span::new().try_days(days - 1).ok()?)))
                    .ok_or(EventError::Value("DURATION"))
            }
        }
    }

    fn dates(&self, name: &'static str) -> Result<BTreeSet<Date>, EventError> {
        let mut dates = BTreeSet::new();
        for property in self.all(name) {
            for text in property.val.as_str().split(',') {
                match moment(property, text) {
                    Some(Moment::Date(date)) => dates.insert(date),
                    Some(Moment::Timed) | None => return Err(EventError::Value(name)),
                };
            }
        }
        Ok(dates)
    }
}

fn parameter<'a>(property: &'a Property<'_>, key: &str) -> Option<&'a str> {
    let found = property
        .params
        .iter()
        .find(|p| p.key.as_str().eq_ignore_ascii_case(key));
    Some(found?.val.as_ref().map_or("", |value| value.as_str()))
}

/// Eight digits are a date, also where `VALUE=DATE` was forgotten; with it, nothing else is.
fn moment(property: &Property<'_>, text: &str) -> Option<Moment> {
    let text = text.trim();
    let kind = parameter(property, "VALUE").unwrap_or("DATE-TIME");
    match date(text) {
        Some(date) => Some(Moment::Date(date)),
        None if kind.eq_ignore_ascii_case("DATE-TIME") && is_date_time(text) => Some(Moment::Timed),
        None => None,
    }
}

fn date(text: &str) -> Option<Date> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    Date::strptime("%Y%m%d", text).ok().filter(|_| digits)
}

/// RFC 5545, 3.3.5: `20270101T090000`, with a `Z` in UTC.
fn is_date_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    date(day).is_some() && time.len() == 6 && time.bytes().all(|b| b.is_ascii_digit())
}

/// RFC 5545, 3.3.6, as far as it goes with a date: `P1D`, `P2W`.
fn whole_days(text: &str) -> Option<i64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let text = text.strip_prefix(['P', 'p'])?;
    let (count, days) = match (text.strip_suffix(['D', 'd']), text.strip_suffix(['W', 'w'])) {
        (Some(count), _) => (count, 1),
        (None, Some(count)) => (count, 7),
        (None, None) => return None,
    };
    let digits = count.bytes().all(|b| b.is_ascii_digit());
    let count = count.parse::<u32>().ok().filter(|count| digits && *count > 0)?;
    Some(i64::from(count) * days)
}

#[cfg(test)]
mod tests;
