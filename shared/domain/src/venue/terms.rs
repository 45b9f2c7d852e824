//! What somebody agrees to who books, besides the price.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Venue;
use crate::cancellation::Policy;
use crate::id::VenueId;
use crate::text::HouseRules;

/// Terms of a venue as they were from one version to the next. They are kept for good: a quote and a booking name the
/// version that they were made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub venue: VenueId,
    pub version: u64,
    pub policy: Policy,
    pub house_rules: Option<HouseRules>,
    pub since: Timestamp,
}

impl Venue {
    /// With terms that hold from now on, for new quotes; under a new version where they are others.
    #[must_use]
    pub fn on_terms(self, policy: Policy, house_rules: Option<HouseRules>) -> Self {
        if (&self.policy, &self.house_rules) == (&policy, &house_rules) {
            return self;
        }
        Self {
            policy,
            house_rules,
            terms_version: self.terms_version.saturating_add(1),
            ..self
        }
    }

    /// Those that hold, written down when they began to.
    #[must_use]
    pub fn terms(&self, since: Timestamp) -> Terms {
        Terms {
            venue: self.id,
            version: self.terms_version,
            policy: self.policy.clone(),
            house_rules: self.house_rules.clone(),
            since,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::draft;
    use super::*;

    #[test]
    fn terms_have_a_new_version_when_they_are_others_and_only_then() {
        let venue = draft();
        let quiet = || HouseRules::parse("No music after ten.").ok();
        let version = |venue: &Venue| venue.terms_version - draft().terms_version;
        let (policy, rules) = (venue.policy.clone(), venue.house_rules.clone());
        let same = venue.on_terms(policy.clone(), rules);
        assert_eq!(version(&same), 0);
        let quieter = same.on_terms(policy.clone(), quiet());
        assert_eq!((version(&quieter), &quieter.house_rules), (1, &quiet()));
        let same = quieter.on_terms(policy, quiet());
        assert_eq!(version(&same), 1);
        let strict = Policy::preset("standard_90_day").unwrap();
        let strict = same.on_terms(strict.clone(), quiet());
        let terms = strict.terms(strict.created_at);
        assert_eq!(
            (terms.version, terms.policy, terms.house_rules),
            (strict.terms_version, strict.policy, quiet())
        );
        assert_eq!(terms.version - draft().terms_version, 2);
    }
}
