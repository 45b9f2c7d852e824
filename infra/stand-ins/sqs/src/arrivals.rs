//! Who waits for a queue learns here that it has something new.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// One counter per queue that anyone ever waited for.
#[derive(Default)]
pub(crate) struct Arrivals {
    by_queue: Mutex<HashMap<String, watch::Sender<u64>>>,
}

impl Arrivals {
    /// A counter that changes whenever the queue may have become able to deliver.
    pub(crate) fn of(&self, queue: &str) -> watch::Receiver<u64> {
        self.lock().entry(queue.to_owned()).or_default().subscribe()
    }

    /// Wakes whoever waits for the queue.
    pub(crate) fn announce(&self, queue: &str) {
        if let Some(counter) = self.lock().get(queue) {
            counter.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<u64>>> {
        self.by_queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
