//! What is wrong with rules that make no sense.

use std::collections::BTreeSet;

use super::{
    ANSWER_MINUTES_MAX, ANSWER_MINUTES_MIN, BUFFER_MINUTES_MAX, DURATION_MINUTES_MAX, HORIZON_DAYS_MAX,
    LOCK_MINUTES_MAX, MINUTES_PER_DAY, OPENINGS_MAX, Opening, PACKAGES_MAX, Rules, SEASONS_MAX,
    SPECIAL_DAYS_MAX, SPECIAL_HOURS_MAX, STEP_MINUTES_MIN, Season,
};

/// A rule that makes no sense, by the name of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    pub field: &'static str,
    pub message: String,
}

/// What is wrong so far.
#[derive(Default)]
pub(crate) struct Findings(Vec<RuleProblem>);

impl Findings {
    pub(crate) fn require(&mut self, fine: bool, field: &'static str, message: &str) {
        if !fine {
            self.0.push(RuleProblem {
                field,
                message: message.to_owned(),
            });
        }
    }

    pub(crate) fn into_problems(self) -> Vec<RuleProblem> {
        self.0
    }
}

impl Rules {
    /// Everything that is wrong with them; nothing when they can be used.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut findings = Findings::default();
        self.check_hours(&mut findings);
        self.check_seasons(&mut findings);
        self.check_packages(&mut findings);
        self.check_terms(&mut findings);
        findings.into_problems()
    }

    fn check_hours(&self, findings: &mut Findings) {
        let message = "an opening needs a weekday from 1 (Monday) to 7, opens before minute 1440 and closes up to 24 hours later";
        findings.require(make_a_week(&self.weekly), "weekly", message);
        findings.require(
            self.weekly.len() <= OPENINGS_MAX,
            "weekly",
            "at most 42 openings a week",
        );
        let sound = |day: &super::SpecialDay| day.hours.iter().all(|hours| hours.make_sense());
        findings.require(
            self.special_days.iter().all(sound),
            "special_days",
            "hours open before minute 1440 and close up to 24 hours later",
        );
        let few = |day: &super::SpecialDay| day.hours.len() <= SPECIAL_HOURS_MAX;
        findings.require(
            self.special_days.len() <= SPECIAL_DAYS_MAX && self.special_days.iter().all(few),
            "special_days",
            "at most 400 days, each with at most 4 hours",
        );
        let dates: BTreeSet<_> = self.special_days.iter().map(|day| day.date).collect();
        findings.require(
            dates.len() == self.special_days.len(),
            "special_days",
            "a date has to stand there once",
        );
    }

    fn check_seasons(&self, findings: &mut Findings) {
        let field = "seasons";
        let seasons = || self.seasons.iter();
        findings.require(seasons().len() <= SEASONS_MAX, field, "at most 20 seasons");
        findings.require(
            seasons().all(|s| s.from <= s.to),
            field,
            "a season must not end before it begins",
        );
        let week = |s: &Season| make_a_week(&s.weekly) && s.weekly.len() <= OPENINGS_MAX;
        findings.require(
            seasons().all(week),
            field,
            "a season's week has at most 42 openings, which are as in `weekly`",
        );
        let names: BTreeSet<_> = seasons().map(|s| &s.name).collect();
        findings.require(
            names.len() == seasons().len(),
            field,
            "seasons need different names",
        );
        let clash = |a: &Season, b: &Season| a.priority == b.priority && a.from <= b.to && b.from <= a.to;
        let clashes = seasons()
            .enumerate()
            .any(|(n, a)| seasons().skip(n + 1).any(|b| clash(a, b)));
        findings.require(
            !clashes,
            field,
            "seasons that overlap need different priorities, so that it is clear which one holds",
        );
        let minimum = |s: &Season| {
            s.min_minutes
                .is_none_or(|min| (1..=self.max_minutes).contains(&min))
        };
        findings.require(
            seasons().all(minimum),
            field,
            "a season's min_minutes must be 1 to max_minutes",
        );
        let lead = |s: &Season| s.lead_minutes.is_none_or(|lead| self.is_within_horizon(lead));
        findings.require(
            seasons().all(lead),
            field,
            "a season's lead_minutes must not reach past the horizon",
        );
    }

    fn check_packages(&self, findings: &mut Findings) {
        let field = "packages";
        findings.require(self.packages.len() <= PACKAGES_MAX, field, "at most 20 packages");
        let sound = |p: &super::Package| {
            p.hours.make_sense() && !p.weekdays.is_empty() && p.weekdays.iter().all(is_weekday)
        };
        findings.require(
            self.packages.iter().all(sound),
            field,
            "a package needs weekdays from 1 (Monday) to 7, starts before minute 1440 and ends up to 24 hours later",
        );
        let names: BTreeSet<_> = self.packages.iter().map(|p| &p.name).collect();
        findings.require(
            names.len() == self.packages.len(),
            field,
            "packages need different names",
        );
        findings.require(
            !self.packages_only || !self.packages.is_empty(),
            "packages_only",
            "needs packages",
        );
    }

    fn check_terms(&self, findings: &mut Findings) {
        let divides_a_day =
            |minutes: u32| minutes >= STEP_MINUTES_MIN && MINUTES_PER_DAY.is_multiple_of(minutes);
        let message = "must be at least 5 and divide a day of 1440 minutes evenly";
        findings.require(divides_a_day(self.step_minutes), "step_minutes", message);
        let aligned = self
            .start_alignment
            .is_none_or(|a| divides_a_day(a.every_minutes) && a.offset_minutes < a.every_minutes);
        findings.require(
            aligned,
            "start_alignment",
            "every_minutes must be at least 5 and divide a day of 1440 minutes evenly, offset_minutes be less",
        );
        findings.require(self.min_minutes >= 1, "min_minutes", "must be at least 1");
        findings.require(
            self.max_minutes >= self.min_minutes,
            "max_minutes",
            "must not be less than min_minutes",
        );
        findings.require(
            self.max_minutes <= DURATION_MINUTES_MAX,
            "max_minutes",
            "must be at most 44640 (31 days)",
        );
        findings.require(
            self.setup_minutes <= BUFFER_MINUTES_MAX,
            "setup_minutes",
            "must be at most 1440",
        );
        findings.require(
            self.turnaround_minutes <= BUFFER_MINUTES_MAX,
            "turnaround_minutes",
            "must be at most 1440",
        );
        findings.require(
            (1..=HORIZON_DAYS_MAX).contains(&self.horizon_days),
            "horizon_days",
            "must be 1 to 730",
        );
        let answer = |minutes: u32| (ANSWER_MINUTES_MIN..=ANSWER_MINUTES_MAX).contains(&minutes);
        findings.require(
            self.answer_minutes.is_none_or(answer),
            "answer_minutes",
            "must be 30 to 10080 (7 days)",
        );
        findings.require(
            self.cancellation_lock_minutes <= LOCK_MINUTES_MAX,
            "cancellation_lock_minutes",
            "must be at most 20160 (14 days)",
        );
        findings.require(
            self.is_within_horizon(self.lead_minutes),
            "lead_minutes",
            "must not reach past the horizon",
        );
    }

    const fn is_within_horizon(&self, minutes: u32) -> bool {
        minutes <= self.horizon_days.saturating_mul(MINUTES_PER_DAY)
    }
}

fn make_a_week(weekly: &[Opening]) -> bool {
    weekly
        .iter()
        .all(|opening| is_weekday(&opening.weekday) && opening.hours().make_sense())
}

pub(crate) fn is_weekday(number: &u8) -> bool {
    (1..=7).contains(number)
}
