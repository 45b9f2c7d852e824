//! The policies that vendors choose from, as admins keep them.
//!
//! A venue has the policy as it was when its vendor last said so, and a booking as it was when it was made: another
//! version of a preset, or one that is offered no more, changes neither.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Grace, Policy, Tier};
use crate::id::UserId;
use crate::money::BASIS_POINTS_WHOLE;
use crate::text::{Country, PolicyName, PolicyNote};

/// Presets that there may be, offered or not.
pub const PRESETS_MAX: usize = 20;
pub const TIERS_MAX: usize = 6;
/// A year.
pub const TIER_HOURS_MAX: u32 = 366 * 24;
/// Thirty days.
pub const GRACE_HOURS_MAX: u32 = 30 * 24;
/// Countries with a note of their own. With so many of the longest, all presets fit into one answer.
pub const NOTES_MAX: usize = 30;

/// A policy that a vendor may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    pub name: PolicyName,
    pub version: u64,
    pub tiers: Vec<Tier>,
    pub grace: Option<Grace>,
    /// What is to be said besides in a country, by the country of the venue.
    pub notes: BTreeMap<Country, PolicyNote>,
    /// Whether it can be chosen. Venues that have it keep it.
    pub offered: bool,
    /// When, and by which admin; nothing of those that there were from the beginning.
    pub set: Option<Setting>,
}

/// Who said so, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub at: Timestamp,
    pub by: UserId,
}

/// What an admin says of a preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresetTerms {
    pub tiers: Vec<Tier>,
    pub grace: Option<Grace>,
    pub notes: BTreeMap<Country, PolicyNote>,
    pub offered: bool,
}

/// What is wrong with what an admin says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TierProblem {
    #[error("has to end from 1 to {TIER_HOURS_MAX} hours before the start")]
    Hours,
    #[error("has to bring 1 to 10000 basis points")]
    Refund,
    #[error("has to end later than the tier before it, and bring less")]
    Order,
    #[error("cannot bring the fees back where the tier before it does not")]
    Fees,
}

impl Preset {
    /// Those that there are before any admin says anything.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        let preset = |policy: Policy| Self {
            name: policy.name,
            version: policy.version,
            tiers: policy.tiers,
            grace: policy.grace,
            notes: BTreeMap::new(),
            offered: true,
            set: None,
        };
        Policy::presets()
            .into_iter()
            .filter_map(Policy::preset)
            .map(preset)
            .collect()
    }

    /// All there are: those from the beginning as they are by now, the most generous first, then the others by name.
    #[must_use]
    pub fn all(kept: Vec<Self>) -> Vec<Self> {
        let mut kept: BTreeMap<PolicyName, Self> = kept.into_iter().map(|p| (p.name.clone(), p)).collect();
        let built_in = Self::built_in().into_iter();
        let mut all: Vec<Self> = built_in
            .map(|preset| kept.remove(&preset.name).unwrap_or(preset))
            .collect();
        all.extend(kept.into_values());
        all
    }

    /// Its next version, or its first.
    #[must_use]
    pub fn next(before: Option<&Self>, name: PolicyName, terms: PresetTerms, set: Setting) -> Self {
        Self {
            name,
            version: before.map_or(0, |preset| preset.version).saturating_add(1),
            tiers: terms.tiers,
            grace: terms.grace,
            notes: terms.notes,
            offered: terms.offered,
            set: Some(set),
        }
    }

    /// What a venue in a country has that chooses it.
    #[must_use]
    pub fn policy_in(&self, country: &Country) -> Policy {
        Policy {
            note: self.notes.get(country).cloned(),
            ..self.policy()
        }
    }

    /// It without what is said in one country or the other.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            name: self.name.clone(),
            version: self.version,
            tiers: self.tiers.clone(),
            grace: self.grace,
            note: None,
        }
    }
}

impl PresetTerms {
    /// The tiers that cannot be, each by its place.
    #[must_use]
    pub fn problems(&self) -> Vec<(usize, TierProblem)> {
        let before = std::iter::once(None).chain(self.tiers.iter().map(Some));
        let found = |(place, (tier, before)): (usize, (&Tier, Option<&Tier>))| {
            problem(tier, before).map(|problem| (place, problem))
        };
        self.tiers
            .iter()
            .zip(before)
            .enumerate()
            .filter_map(found)
            .collect()
    }
}

fn problem(tier: &Tier, before: Option<&Tier>) -> Option<TierProblem> {
    if !(1..=TIER_HOURS_MAX).contains(&tier.hours_before) {
        return Some(TierProblem::Hours);
    }
    if !(1..=BASIS_POINTS_WHOLE).contains(&i64::from(tier.refund_bps)) {
        return Some(TierProblem::Refund);
    }
    let before = before?;
    if tier.hours_before >= before.hours_before || tier.refund_bps >= before.refund_bps {
        Some(TierProblem::Order)
    } else if tier.fees_refundable && !before.fees_refundable {
        Some(TierProblem::Fees)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::tests::at;
    use uuid::Uuid;

    fn name(text: &str) -> PolicyName {
        PolicyName::parse(text).unwrap()
    }

    fn setting() -> Setting {
        Setting {
            at: at("2027-01-01T00:00Z"),
            by: UserId::from_uuid(Uuid::from_u128(1)),
        }
    }

    fn terms(tiers: &[(u32, u32, bool)]) -> PresetTerms {
        let tier = |&(hours_before, refund_bps, fees_refundable): &(u32, u32, bool)| Tier {
            hours_before,
            refund_bps,
            fees_refundable,
        };
        PresetTerms {
            tiers: tiers.iter().map(tier).collect(),
            grace: None,
            notes: BTreeMap::new(),
            offered: true,
        }
    }

    #[test]
    fn what_an_admin_says_stands_in_place_of_what_there_was_and_beside_it() {
        let names = |all: &[Preset]| all.iter().map(|p| p.name.to_string()).collect::<Vec<_>>();
        let built_in = Preset::all(Vec::new());
        assert_eq!(names(&built_in), Policy::presets());
        assert!(
            built_in
                .iter()
                .all(|preset| preset.version == 1 && preset.offered && preset.set.is_none())
        );
        let flexible = Preset::next(Some(&built_in[1]), name("flexible"), terms(&[]), setting());
        let strict = Preset::next(None, name("strict"), terms(&[(48, 5_000, false)]), setting());
        assert_eq!((flexible.version, strict.version), (2, 1));
        let all = Preset::all(vec![strict.clone(), flexible.clone()]);
        assert_eq!(all[1], flexible);
        assert_eq!(all[4], strict);
        assert_eq!((all.len(), &all[0]), (5, &built_in[0]));
    }

    #[test]
    fn a_venue_has_the_note_of_its_country() {
        let note = PolicyNote::parse("By French law there is no right of withdrawal.").unwrap();
        let [france, germany] = ["FR", "DE"].map(|code| Country::parse(code).unwrap());
        let preset = Preset::next(
            None,
            name("strict"),
            PresetTerms {
                notes: [(france.clone(), note.clone())].into(),
                ..terms(&[(48, 5_000, false)])
            },
            setting(),
        );
        let policy = preset.policy_in(&france);
        assert_eq!(
            (policy.name, policy.version, policy.note),
            (preset.name.clone(), 1, Some(note))
        );
        assert_eq!(policy.tiers, preset.tiers);
        assert_eq!(preset.policy_in(&germany).note, None);
        for preset in Preset::built_in() {
            assert_eq!(
                Policy::preset(preset.name.as_str()),
                Some(preset.policy_in(&france))
            );
        }
    }

    #[test]
    fn each_tier_ends_later_and_brings_less_than_the_one_before_it() {
        let problems = |tiers: &[(u32, u32, bool)]| terms(tiers).problems();
        assert_eq!(problems(&[]), []);
        assert_eq!(
            problems(&[(TIER_HOURS_MAX, 10_000, true), (2, 2, true), (1, 1, false)]),
            []
        );
        for (hours, bps, problem) in [
            (0, 5_000, TierProblem::Hours),
            (TIER_HOURS_MAX + 1, 5_000, TierProblem::Hours),
            (24, 0, TierProblem::Refund),
            (24, 10_001, TierProblem::Refund),
        ] {
            assert_eq!(problems(&[(hours, bps, false)]), [(0, problem)], "{hours} {bps}");
        }
        for (hours, bps, fees, problem) in [
            (48, 4_000, false, TierProblem::Order),
            (24, 5_000, false, TierProblem::Order),
            (24, 4_000, true, TierProblem::Fees),
        ] {
            let tiers = [(48, 5_000, false), (hours, bps, fees)];
            assert_eq!(problems(&tiers), [(1, problem)], "{hours} {bps}");
        }
        for preset in Preset::built_in() {
            let Preset {
                tiers,
                grace,
                notes,
                offered,
                ..
            } = preset;
            let terms = PresetTerms {
                tiers,
                grace,
                notes,
                offered,
            };
            assert_eq!(terms.problems(), []);
            assert!(terms.tiers.len() <= TIERS_MAX);
        }
    }
}
