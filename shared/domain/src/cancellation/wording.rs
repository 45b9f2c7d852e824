//! A policy in English sentences.
//!
//! They are made from the timeline by which money goes back, so that what is said is what is done. Absent: instants,
//! which need a start and stand beside the sentences.

use jiff::Timestamp;

use super::{Grace, Policy, Terms, Visit, WHOLE_BPS};
use crate::role::Actor;

const HOURS_PER_DAY: u64 = 24;
/// From so many hours on, whole days are called days: "24 hours" is plainer than "1 day", which may be taken for a
/// calendar day.
const DAYS_FROM_HOURS: u64 = 2 * HOURS_PER_DAY;

impl Policy {
    /// What comes back when the customer cancels: a sentence for each step, the most generous first, and one for the
    /// grace period where it gives more than the first step.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let steps = self.steps();
        let first_whole = steps.first().filter(|step| step.back == Back::WHOLE);
        let grace = self.grace.filter(|grace| {
            first_whole.is_none_or(|step| step.until > Some(grace.hours_before_start.into()))
        });
        let mut sentences: Vec<String> = steps
            .iter()
            .enumerate()
            .map(|(i, step)| step.sentence(i == 0))
            .collect();
        sentences.extend(grace.map(of_grace));
        sentences
    }

    /// What the tiers bring one after the other. Seen from a start at the epoch, so that deadlines are lengths.
    fn steps(&self) -> Vec<Step> {
        let visit = Visit {
            start: Timestamp::UNIX_EPOCH,
            locked_from: Timestamp::UNIX_EPOCH,
            confirmed_at: None,
        };
        let mut steps: Vec<Step> = Vec::new();
        for terms in self.timeline(visit, Timestamp::MIN, Actor::Customer) {
            let step = Step::of(terms);
            match steps.last_mut() {
                // Two that bring nothing, in whichever share.
                Some(last) if last.back == step.back => *last = step,
                Some(_) | None => steps.push(step),
            }
        }
        steps
    }
}

/// That a customer cannot cancel any more so long before the start; nothing where they can up to the start.
#[must_use]
pub fn lock_sentence(lock_minutes: u32) -> Option<String> {
    let before = match (lock_minutes / 60, lock_minutes % 60) {
        (0, 0) => return None,
        (hours, 0) => before_start(hours.into()),
        (_, _) => format!("{lock_minutes} minutes before the start"),
    };
    Some(format!(
        "From {before} on, the booking can no longer be cancelled."
    ))
}

/// What comes back up to a deadline.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// Hours before the start; none when it holds up to the start.
    until: Option<u64>,
    back: Back,
}

#[derive(Debug, PartialEq, Eq)]
enum Back {
    Nothing,
    /// Of the price without the platform's fee, and whether that comes back in the same share.
    Share {
        bps: u32,
        with_fee: bool,
    },
}

impl Back {
    const WHOLE: Self = Self::Share {
        bps: WHOLE_BPS,
        with_fee: true,
    };
}

impl Step {
    fn of(terms: Terms) -> Self {
        Self {
            until: terms.until.map(|until| until.as_second().unsigned_abs() / 3_600),
            back: match terms.refund_bps {
                0 => Back::Nothing,
                bps => Back::Share {
                    bps,
                    with_fee: terms.fees_refundable,
                },
            },
        }
    }

    fn sentence(&self, is_first: bool) -> String {
        let back = match &self.back {
            Back::Nothing => "nothing comes back".to_owned(),
            Back::Share {
                bps: WHOLE_BPS,
                with_fee: true,
            } => "all of the price comes back".to_owned(),
            Back::Share { bps, with_fee: true } => {
                let share = share(*bps);
                format!("{share} of the price comes back, and {share} of the platform's fee")
            }
            Back::Share { bps, with_fee: false } => {
                format!(
                    "{} of the price comes back; the platform's fee does not",
                    share(*bps)
                )
            }
        };
        match (is_first, self.until) {
            (true, Some(hours)) => format!("Up to and including {}, {back}.", before_start(hours)),
            (false, Some(hours)) => format!(
                "After that, and up to and including {}, {back}.",
                before_start(hours)
            ),
            (true, None) => format!("Whenever the booking is cancelled, {back}."),
            (false, None) => format!("After that, {back}."),
        }
    }
}

fn of_grace(grace: Grace) -> String {
    format!(
        "In any case, all of the price comes back up to and including {} after the booking was confirmed, but no later \
         than {}.",
        span(grace.hours_after_confirmation.into()),
        before_start(grace.hours_before_start.into()),
    )
}

fn before_start(hours: u64) -> String {
    match hours {
        0 => "the start".to_owned(),
        hours => format!("{} before the start", span(hours)),
    }
}

/// A day has 24 hours, also where clocks are changed.
fn span(hours: u64) -> String {
    match hours {
        1 => "1 hour".to_owned(),
        days if days >= DAYS_FROM_HOURS && days.is_multiple_of(HOURS_PER_DAY) => {
            format!("{} days", days / HOURS_PER_DAY)
        }
        hours => format!("{hours} hours"),
    }
}

/// Basis points in per cent, without zeros at the end.
fn share(bps: u32) -> String {
    let (whole, hundredths) = (bps / 100, bps % 100);
    match (hundredths / 10, hundredths % 10) {
        _ if bps == WHOLE_BPS => "all".to_owned(),
        (0, 0) => format!("{whole} %"),
        (tenths, 0) => format!("{whole}.{tenths} %"),
        (tenths, rest) => format!("{whole}.{tenths}{rest} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancellation::{Because, GRACE, Tier};
    use crate::text::PolicyName;
    use proptest::prelude::*;

    fn preset(name: &str) -> Vec<String> {
        Policy::preset(name).unwrap().sentences()
    }

    fn tier((hours_before, refund_bps, fees_refundable): (u32, u32, bool)) -> Tier {
        Tier {
            hours_before,
            refund_bps,
            fees_refundable,
        }
    }

    fn policy(tiers: &[(u32, u32, bool)], grace: Option<Grace>) -> Policy {
        Policy {
            name: PolicyName::parse("odd").unwrap(),
            version: 1,
            tiers: tiers.iter().copied().map(tier).collect(),
            grace,
            note: None,
        }
    }

    fn odd(tiers: &[(u32, u32, bool)]) -> Vec<String> {
        policy(tiers, None).sentences()
    }

    const IN_GRACE: &str = "In any case, all of the price comes back up to and including 24 hours after the booking was \
                            confirmed, but no later than 2 days before the start.";

    #[test]
    fn a_lock_is_said_in_days_hours_or_minutes() {
        let said = |minutes| {
            lock_sentence(minutes)
                .map(|text| text.replace(" on, the booking can no longer be cancelled.", ""))
        };
        assert_eq!(said(0), None);
        assert_eq!(said(90).unwrap(), "From 90 minutes before the start");
        assert_eq!(said(60).unwrap(), "From 1 hour before the start");
        assert_eq!(said(14 * 1_440).unwrap(), "From 14 days before the start");
    }

    #[test]
    fn each_preset_says_what_each_tier_brings() {
        // Its first tier gives all that its grace period gives.
        let very_flexible = [
            "Up to and including 24 hours before the start, all of the price comes back.",
            "After that, nothing comes back.",
        ];
        let flexible = [
            "Up to and including 7 days before the start, all of the price comes back.",
            "After that, and up to and including 24 hours before the start, 50 % of the price comes back; the platform's \
             fee does not.",
            "After that, nothing comes back.",
            IN_GRACE,
        ];
        let standard_30_day = [
            "Up to and including 30 days before the start, all of the price comes back.",
            "After that, and up to and including 7 days before the start, 50 % of the price comes back; the platform's \
             fee does not.",
            "After that, nothing comes back.",
            IN_GRACE,
        ];
        let standard_90_day = [
            "Up to and including 90 days before the start, all of the price comes back.",
            "After that, and up to and including 14 days before the start, 50 % of the price comes back; the platform's \
             fee does not.",
            "After that, nothing comes back.",
            IN_GRACE,
        ];
        let all: [&[&str]; 4] = [&very_flexible, &flexible, &standard_30_day, &standard_90_day];
        assert_eq!(Policy::presets().map(preset), all);
    }

    #[test]
    fn without_tiers_nothing_comes_back_but_in_the_grace_period() {
        assert_eq!(
            odd(&[]),
            ["Whenever the booking is cancelled, nothing comes back."]
        );
        assert_eq!(odd(&[(24, 0, true)]), odd(&[]));
        assert_eq!(odd(&[(24, 0, true), (12, 0, false)]), odd(&[]));
        assert_eq!(
            policy(&[], Some(GRACE)).sentences(),
            ["Whenever the booking is cancelled, nothing comes back.", IN_GRACE]
        );
    }

    #[test]
    fn a_fee_comes_back_in_the_same_share_or_not_at_all() {
        assert_eq!(
            odd(&[
                (72, 10_000, false),
                (36, 3_333, true),
                (1, 1_250, false),
                (0, 10, false)
            ]),
            [
                "Up to and including 3 days before the start, all of the price comes back; the platform's fee does not.",
                "After that, and up to and including 36 hours before the start, 33.33 % of the price comes back, and \
                 33.33 % of the platform's fee.",
                "After that, and up to and including 1 hour before the start, 12.5 % of the price comes back; the \
                 platform's fee does not.",
                "After that, and up to and including the start, 0.1 % of the price comes back; the platform's fee does \
                 not.",
            ]
        );
    }

    #[test]
    fn lengths_and_shares_are_told_in_the_plainest_way() {
        let spans = [0, 1, 2, 24, 47, 48, 49, 72].map(before_start);
        let expected = [
            "the start",
            "1 hour",
            "2 hours",
            "24 hours",
            "47 hours",
            "2 days",
            "49 hours",
            "3 days",
        ];
        let expected = expected.map(|span| match span {
            "the start" => span.to_owned(),
            span => format!("{span} before the start"),
        });
        assert_eq!(spans, expected);
        let shares = [1, 10, 105, 3_333, 3_350, 5_000, 9_999, 10_000].map(share);
        assert_eq!(
            shares,
            [
                "0.01 %", "0.1 %", "1.05 %", "33.33 %", "33.5 %", "50 %", "99.99 %", "all"
            ]
        );
    }

    #[test]
    fn a_tier_that_another_one_outdoes_is_not_told() {
        let told = [
            "Up to and including 2 days before the start, all of the price comes back.",
            "After that, nothing comes back.",
        ];
        assert_eq!(
            odd(&[(72, 5_000, true), (48, 10_000, true), (48, 9_000, true)]),
            told
        );
    }

    #[test]
    fn a_grace_period_is_told_where_it_gives_more_than_the_first_tier() {
        let tells = |tiers: &[(u32, u32, bool)]| {
            let sentences = policy(tiers, Some(GRACE)).sentences();
            sentences.iter().any(|sentence| sentence == IN_GRACE)
        };
        assert!(!tells(&[(48, 10_000, true)]));
        assert!(tells(&[(49, 10_000, true)]));
        assert!(tells(&[(48, 10_000, false)]));
        assert!(tells(&[(0, 9_999, true)]));
    }

    proptest! {
        /// What the sentences are made of, read at every hour.
        #[test]
        fn steps_bring_what_cancelling_brings(
            tiers in prop::collection::vec((0_u32..60, prop::sample::select(vec![0, 1, 5_000, 9_999, 10_000]), any::<bool>()), 0..5),
            hours in 0_i64..70,
        ) {
            let policy = policy(&tiers, None);
            let visit = Visit { start: Timestamp::UNIX_EPOCH, locked_from: Timestamp::UNIX_EPOCH, confirmed_at: None };
            let now = Timestamp::from_second(-hours * 3_600).unwrap();
            let terms = policy.terms(visit, now, Actor::Customer);
            let steps = policy.steps();
            let step = steps.iter().find(|step| step.until.is_none_or(|until| until <= hours.unsigned_abs()));
            prop_assert_eq!(&step.unwrap().back, &Step::of(terms).back, "{:?} {:?}", terms.because == Because::TooLate, steps);
            prop_assert!(steps.windows(2).all(|pair| pair[0].back != pair[1].back));
        }
    }
}
