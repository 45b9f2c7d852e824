//! What can go wrong between the SDK and DynamoDB, decided call by call.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It arrives and is answered.
    None,
    /// It is refused before it has an effect.
    Throttled,
    /// It fails with status 500 before it has an effect.
    Failed,
    /// It has its effect, and the answer never comes.
    ReplyLost,
    /// A transaction is cancelled since another one is at its items.
    Conflict,
}

#[derive(Debug, Default)]
struct Plan {
    /// For the next calls of an operation, in order.
    next: VecDeque<(String, Fault)>,
    /// How many calls in a thousand get which fault.
    per_mille: Vec<(Fault, u32)>,
    random: Option<fastrand::Rng>,
    /// How often each operation was called.
    calls: BTreeMap<String, usize>,
}

/// Which calls go wrong. Nothing does unless it is said.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Plan>);

impl Faults {
    /// The next call of this operation (`TransactWriteItems`) meets the fault; said several times, the
    /// calls after it as well.
    pub fn next(&self, operation: &str, fault: Fault) {
        if let Ok(mut plan) = self.0.lock() {
            plan.next.push_back((operation.to_owned(), fault));
        }
    }

    /// From now on calls go wrong by chance, the same way for the same seed.
    pub fn by_chance(&self, seed: u64, per_mille: &[(Fault, u32)]) {
        if let Ok(mut plan) = self.0.lock() {
            plan.random = Some(fastrand::Rng::with_seed(seed));
            plan.per_mille = per_mille.to_vec();
        }
    }

    /// From now on nothing goes wrong.
    pub fn heal(&self) {
        if let Ok(mut plan) = self.0.lock() {
            *plan = Plan::default();
        }
    }

    /// How often each operation was called since this was last asked.
    pub fn take_calls(&self) -> BTreeMap<String, usize> {
        self.0
            .lock()
            .map_or_else(|_| BTreeMap::new(), |mut plan| std::mem::take(&mut plan.calls))
    }

    pub(crate) fn of(&self, operation: &str) -> Fault {
        let Ok(mut plan) = self.0.lock() else {
            return Fault::None;
        };
        *plan.calls.entry(operation.to_owned()).or_default() += 1;
        if let Some(at) = plan.next.iter().position(|(name, _)| name == operation)
            && let Some((_, fault)) = plan.next.remove(at)
        {
            return fault;
        }
        let Plan {
            per_mille, random, ..
        } = &mut *plan;
        let Some(random) = random else { return Fault::None };
        let mut drawn = random.u32(0..1_000);
        for (fault, share) in per_mille {
            if drawn < *share {
                // A conflict is a transaction's alone.
                let applies = *fault != Fault::Conflict || operation == "TransactWriteItems";
                return if applies { *fault } else { Fault::None };
            }
            drawn -= *share;
        }
        Fault::None
    }
}
