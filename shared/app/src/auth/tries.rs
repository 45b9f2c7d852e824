//! Tries at a password. Each counts before it is looked at, so that many at the same time are as slow as one after
//! another, and counts no more once it succeeded.
//!
//! An account is tried by what was typed, whether or not anybody has it: waiting tells nothing. Whoever was let in from
//! a network lately does not wait there for what others do elsewhere.

use domain::time::plus_seconds;
use domain::tries::{AT_ONE_PASSWORD, FORGOTTEN_SECONDS, FROM_ONE_NETWORK, FROM_STRANGE_NETWORKS, Patience};
use jiff::Timestamp;
use store::Transaction;
use store::transient::KeptTries;

use crate::retry::{self, Attempt};
use crate::tokens::sha256_hex;
use crate::{App, Error, Result};

/// For so long a network counts as one that an account is used from.
pub const KNOWN_SECONDS: i64 = 90 * 86_400;

/// One try. Dropped, it stays counted.
pub struct Try {
    here: Counted,
    /// Nothing from a network that the account is known to be used from.
    strange: Option<Counted>,
    network: String,
}

/// Where a try counts, and what there was before it.
struct Counted {
    who: String,
    before: KeptTries,
}

/// Begins a try.
///
/// # Errors
/// [`Error::TooManyRequests`] when it comes too soon after others; [`Error::Unavailable`].
pub async fn begin(app: &App, account: &str, network: &str) -> Result<Try> {
    // Neither addresses nor networks stand in keys.
    let whose = &[
        format!("here#{}", sha256_hex(format!("{account}\n{network}").as_bytes())),
        format!("account#{}", sha256_hex(account.as_bytes())),
        format!("network#{}", sha256_hex(network.as_bytes())),
    ];
    let (here, strange) = retry::on_conflict(|| async move {
        let now = app.now();
        let [here, strange, any] = three(app.store().tries(whose).await?)?;
        let is_known = here.known_until.is_some_and(|until| now < until);
        let waits = [
            (&here, AT_ONE_PASSWORD, true),
            (&strange, FROM_STRANGE_NETWORKS, !is_known),
            (&any, FROM_ONE_NETWORK, true),
        ];
        let until = waits
            .into_iter()
            .filter(|(_, _, counts)| *counts)
            .filter_map(|(kept, patience, _): (_, Patience, _)| kept.tries.wait_until(patience, now))
            .max();
        if let Some(until) = until {
            return Err(Error::wait_until(until, now));
        }
        let mut transaction = Transaction::new();
        let [mine, all, _] = whose;
        put_one_more(&mut transaction, mine, here, now);
        let strange = (!is_known).then_some(strange);
        if let Some(strange) = strange {
            put_one_more(&mut transaction, all, strange, now);
        }
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done((here, strange)),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await?;
    let [mine, all, network] = whose.clone();
    let counted = |who, before| Counted { who, before };
    Ok(Try {
        here: counted(mine, here),
        strange: strange.map(|before| counted(all, before)),
        network,
    })
}

impl Try {
    /// Whoever tried knew it: the tries from this network are forgotten, it is known from now on, and this one was none.
    pub fn succeeded(&self, transaction: &mut Transaction, now: Timestamp) {
        // What was there before, and the try itself, were two versions.
        let after = |before: KeptTries| before.version.saturating_add(2);
        let known = KeptTries {
            known_until: Some(plus_seconds(now, KNOWN_SECONDS)),
            version: after(self.here.before),
            ..KeptTries::default()
        };
        transaction.forget_tries(&self.here.who, &known, expiry(&known, now));
        if let Some(strange) = &self.strange {
            let again = KeptTries {
                version: after(strange.before),
                ..strange.before
            };
            transaction.forget_tries(&strange.who, &again, expiry(&again, now));
        }
    }

    /// Counts for the network too.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn failed(self, app: &App) -> Result<()> {
        let network = &self.network;
        retry::on_conflict(|| async move {
            let now = app.now();
            let kept = app.store().tries(std::slice::from_ref(network)).await?;
            let mut transaction = Transaction::new();
            put_one_more(
                &mut transaction,
                network,
                kept.into_iter().next().unwrap_or_default(),
                now,
            );
            Ok(retry::raced(app.store().commit(transaction).await)?)
        })
        .await
    }
}

fn three(found: Vec<KeptTries>) -> Result<[KeptTries; 3]> {
    found
        .try_into()
        .map_err(|_| Error::Internal("not as many tries as asked for".to_owned()))
}

fn put_one_more(transaction: &mut Transaction, who: &str, before: KeptTries, now: Timestamp) {
    let next = KeptTries {
        tries: before.tries.one_more(now),
        version: before.version.saturating_add(1),
        ..before
    };
    transaction.put_tries(who, &next, expiry(&next, now));
}

fn expiry(kept: &KeptTries, now: Timestamp) -> Timestamp {
    let forgotten = plus_seconds(now, FORGOTTEN_SECONDS);
    kept.known_until.map_or(forgotten, |known| known.max(forgotten))
}
