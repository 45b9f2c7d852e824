//! The spaces of a venue with their rules: what has to fit together when one of them changes.
//!
//! A space is locked together with its parts, so two spaces are related when their locks have anything in
//! common: a hall and its rooms, or two halls that share a foyer. A block of one holds for all that are
//! related to it, and each of them carries it in its own rules, so that a decision about a space needs no
//! other space's rules.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{SPACES_MAX, Space};
use crate::Refusal;
use crate::availability::{Block, Rules};
use crate::id::SpaceId;

/// A space with its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub space: Space,
    pub rules: Rules,
}

/// All spaces of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan(BTreeMap<SpaceId, Planned>);

/// Parts that no space can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    #[error("a part has to be another space of the same venue")]
    Unknown,
    #[error("a space cannot be a part of itself, not even of one of its parts")]
    Circle,
}

impl FromIterator<Planned> for Plan {
    fn from_iter<I: IntoIterator<Item = Planned>>(spaces: I) -> Self {
        Self(
            spaces
                .into_iter()
                .map(|planned| (planned.space.id, planned))
                .collect(),
        )
    }
}

impl Plan {
    pub fn iter(&self) -> impl Iterator<Item = &Planned> {
        self.0.values()
    }

    #[must_use]
    pub fn get(&self, id: SpaceId) -> Option<&Planned> {
        self.0.get(&id)
    }

    pub fn get_mut(&mut self, id: SpaceId) -> Option<&mut Planned> {
        self.0.get_mut(&id)
    }

    /// # Errors
    /// [`Refusal::LimitReached`] at [`SPACES_MAX`].
    pub fn add(&mut self, planned: Planned) -> Result<(), Refusal> {
        if self.0.len() >= SPACES_MAX {
            return Err(Refusal::LimitReached { limit: SPACES_MAX });
        }
        self.0.insert(planned.space.id, planned);
        Ok(())
    }

    /// Takes a block out of every space that carries it. Whether there was one.
    pub fn unblock(&mut self, id: crate::id::BlockId) -> bool {
        let mut found = false;
        for planned in self.0.values_mut() {
            let blocks = &mut planned.rules.blocks;
            found |= blocks.iter().any(|block| block.id == id);
            blocks.retain(|block| block.id != id);
        }
        found
    }

    /// Takes out blocks and special days that are over: they decide nothing any more, and count towards limits.
    pub fn forget_what_is_over(&mut self, now: Timestamp) {
        for planned in self.0.values_mut() {
            planned.rules.forget_what_is_over(now);
        }
    }

    /// What follows from parts and blocks, after any of them changed: what is locked with each space, and
    /// which blocks it carries.
    ///
    /// # Errors
    /// [`LinkProblem`].
    pub fn settle(&mut self) -> Result<(), LinkProblem> {
        let locks = self
            .0
            .keys()
            .map(|id| Ok((*id, self.locks_of(*id)?)))
            .collect::<Result<BTreeMap<_, _>, LinkProblem>>()?;
        let own: Vec<Block> = self
            .0
            .iter()
            .flat_map(|(id, planned)| {
                planned
                    .rules
                    .blocks
                    .iter()
                    .filter(|block| block.space == *id)
                    .cloned()
            })
            .collect();
        let related = |a: SpaceId, b: SpaceId| match (locks.get(&a), locks.get(&b)) {
            (Some(a), Some(b)) => !a.is_disjoint(b),
            _ => false,
        };
        for (id, planned) in &mut self.0 {
            let others = locks.get(id).into_iter().flatten().filter(|lock| *lock != id);
            planned.space.locks = others.copied().collect();
            let blocks = own.iter().filter(|block| related(block.space, *id));
            planned.rules.blocks = blocks.cloned().collect();
        }
        Ok(())
    }

    /// The space, its parts, their parts and so on.
    fn locks_of(&self, id: SpaceId) -> Result<BTreeSet<SpaceId>, LinkProblem> {
        let mut locks = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            let parts = &self.0.get(&next).ok_or(LinkProblem::Unknown)?.space.parts;
            if parts.contains(&id) {
                return Err(LinkProblem::Circle);
            }
            open.extend(parts.iter().filter(|part| locks.insert(**part)));
        }
        Ok(locks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::BlockTime;
    use crate::id::{BlockId, VendorId, VenueId};
    use crate::text::VenueName;
    use crate::time::tests::between;
    use uuid::Uuid;

    fn id(n: u128) -> SpaceId {
        SpaceId::from_uuid(Uuid::from_u128(n))
    }

    fn space(n: u128, parts: &[u128]) -> Planned {
        let space = Space {
            id: id(n),
            venue: VenueId::from_uuid(Uuid::from_u128(1)),
            vendor: VendorId::from_uuid(Uuid::from_u128(2)),
            name: VenueName::parse("Room").unwrap(),
            capacity: 10,
            amenities: BTreeSet::new(),
            layouts: Vec::new(),
            parts: parts.iter().map(|n| id(*n)).collect(),
            locks: Vec::new(),
            in_use: true,
            live: true,
            rules_version: 1,
        };
        Planned {
            space,
            rules: Rules::closed("UTC".parse().unwrap()),
        }
    }

    fn plan(spaces: &[(u128, &[u128])]) -> Plan {
        spaces.iter().map(|(n, parts)| space(*n, parts)).collect()
    }

    fn block(n: u128, of: u128) -> Block {
        Block {
            id: BlockId::from_uuid(Uuid::from_u128(n)),
            space: id(of),
            time: BlockTime::Once(between("2027-01-12T10:00Z", "2027-01-12T12:00Z")),
            reason: None,
        }
    }

    fn carriers(plan: &Plan, n: u128) -> Vec<SpaceId> {
        let carries = |p: &&Planned| p.rules.blocks.iter().any(|b| b.id == block(n, 0).id);
        plan.iter().filter(carries).map(|p| p.space.id).collect()
    }

    #[test]
    fn a_space_is_locked_with_its_parts_and_their_parts() {
        let mut plan = plan(&[(1, &[2, 3]), (2, &[4]), (3, &[4]), (4, &[]), (5, &[])]);
        plan.settle().unwrap();
        let locks = |n| plan.get(id(n)).unwrap().space.locks.clone();
        assert_eq!(locks(1), [id(2), id(3), id(4)]);
        assert_eq!(locks(3), [id(4)]);
        assert_eq!(
            plan.get(id(1)).unwrap().space.locked(),
            [id(1), id(2), id(3), id(4)]
        );
        assert_eq!((locks(4), locks(5)), (vec![], vec![]));
    }

    #[test]
    fn a_block_holds_for_every_space_that_has_anything_in_common_with_the_blocked_one() {
        // Two halls that share a foyer (5); room 6 stands alone.
        let mut plan = plan(&[(1, &[3, 5]), (2, &[4, 5]), (3, &[]), (4, &[]), (5, &[]), (6, &[])]);
        plan.get_mut(id(1)).unwrap().rules.blocks.push(block(10, 1));
        plan.get_mut(id(3)).unwrap().rules.blocks.push(block(11, 3));
        plan.settle().unwrap();
        assert_eq!(carriers(&plan, 10), [id(1), id(2), id(3), id(5)]);
        assert_eq!(carriers(&plan, 11), [id(1), id(3)]);
        // Settling again changes nothing, and a link that is gone takes the block with it.
        let before = plan.clone();
        plan.settle().unwrap();
        assert_eq!(plan, before);
        plan.get_mut(id(2)).unwrap().space.parts.pop();
        plan.settle().unwrap();
        assert_eq!(carriers(&plan, 10), [id(1), id(3), id(5)]);
        assert!(plan.unblock(block(10, 1).id) && !plan.unblock(block(10, 1).id));
        assert_eq!(carriers(&plan, 10), []);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let mut plan = plan(&[(1, &[])]);
        let rules = &mut plan.get_mut(id(1)).unwrap().rules;
        rules.blocks.push(block(10, 1));
        let day = |date: &str| crate::availability::SpecialDay {
            date: date.parse().unwrap(),
            name: None,
            hours: Vec::new(),
        };
        rules.special_days = ["2027-01-10", "2027-01-11", "2027-01-12"].map(day).into();
        let left = |now: &str| {
            let mut plan = plan.clone();
            plan.forget_what_is_over(crate::time::tests::at(now));
            let rules = &plan.get(id(1)).unwrap().rules;
            (rules.blocks.len(), rules.special_days.len())
        };
        assert_eq!(left("2027-01-12T11:59Z"), (1, 2));
        assert_eq!(left("2027-01-12T12:00Z"), (0, 2));
        assert_eq!(left("2027-01-13T00:00Z"), (0, 1));
    }

    #[test]
    fn parts_that_make_no_sense_are_refused() {
        let problem = |spaces| plan(spaces).settle().unwrap_err();
        assert_eq!(problem(&[(1, &[9])]), LinkProblem::Unknown);
        assert_eq!(problem(&[(1, &[1])]), LinkProblem::Circle);
        assert_eq!(problem(&[(1, &[2]), (2, &[3]), (3, &[1])]), LinkProblem::Circle);
        assert_eq!(problem(&[(1, &[2]), (2, &[3]), (3, &[2])]), LinkProblem::Circle);
    }

    #[test]
    fn a_venue_has_so_many_spaces_at_most() {
        let mut plan = Plan::default();
        for n in 0..SPACES_MAX as u128 {
            plan.add(space(n, &[])).unwrap();
        }
        let one_more = plan.add(space(99, &[]));
        assert_eq!(one_more, Err(Refusal::LimitReached { limit: SPACES_MAX }));
    }
}
