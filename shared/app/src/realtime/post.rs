//! Posting to a connection, again after a while when it does not go.

use std::time::Duration;

use crate::ports::{PortError, Sockets};

/// Tries of one post before the connection counts as too slow.
pub const ATTEMPTS_MAX: u32 = 4;
const WAIT_MS_BASE: u64 = 50;
const WAIT_MS_MAX: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    Delivered,
    /// The connection is closed.
    Gone,
    /// It is there, or may be, and cannot be reached.
    Failed,
}

pub async fn post(sockets: &dyn Sockets, connection: &str, frame: &str) -> Posted {
    for round in 1..=ATTEMPTS_MAX {
        match sockets.post(connection, frame.as_bytes()).await {
            Ok(()) => return Posted::Delivered,
            Err(PortError::Gone) => return Posted::Gone,
            Err(PortError::Refused(error)) => {
                tracing::warn!(connection.id = connection, error, "a post was refused");
                return Posted::Failed;
            }
            Err(PortError::Unavailable(_)) if round < ATTEMPTS_MAX => pause(round).await,
            Err(PortError::Unavailable(error)) => {
                tracing::warn!(
                    connection.id = connection,
                    error,
                    "a post failed {ATTEMPTS_MAX} times"
                );
            }
        }
    }
    Posted::Failed
}

/// Closes a connection; one that is closed is fine.
pub async fn close(sockets: &dyn Sockets, connection: &str) -> Result<(), PortError> {
    let mut result = Ok(());
    for round in 1..=ATTEMPTS_MAX {
        result = sockets.close(connection).await;
        match &result {
            Ok(()) | Err(PortError::Gone) => return Ok(()),
            Err(PortError::Refused(_)) => return result,
            Err(PortError::Unavailable(_)) if round < ATTEMPTS_MAX => pause(round).await,
            Err(PortError::Unavailable(_)) => {}
        }
    }
    result
}

/// Full jitter up to a ceiling that doubles with each round.
pub async fn pause(round: u32) {
    let ceiling = WAIT_MS_BASE
        .saturating_mul(1 << round.saturating_sub(1).min(16))
        .min(WAIT_MS_MAX);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=ceiling))).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use std::sync::Mutex;

    /// Fails as often as it is told to, then works.
    struct Flaky(Mutex<Vec<PortError>>, Mutex<u32>);

    impl Flaky {
        fn failing(errors: Vec<PortError>) -> Self {
            Self(Mutex::new(errors), Mutex::new(0))
        }

        fn tries(&self) -> u32 {
            *self.1.lock().unwrap()
        }

        fn attempt(&self) -> Result<(), PortError> {
            *self.1.lock().unwrap() += 1;
            self.0.lock().unwrap().pop().map_or(Ok(()), Err)
        }
    }

    #[async_trait]
    impl Sockets for Flaky {
        async fn post(&self, _: &str, _: &[u8]) -> Result<(), PortError> {
            self.attempt()
        }

        async fn close(&self, _: &str) -> Result<(), PortError> {
            self.attempt()
        }
    }

    fn away(times: u32) -> Flaky {
        Flaky::failing(
            (0..times)
                .map(|_| PortError::Unavailable("429".to_owned()))
                .collect(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_post_is_tried_again_until_it_goes() {
        let sockets = away(ATTEMPTS_MAX - 1);
        assert_eq!(post(&sockets, "c", "{}").await, Posted::Delivered);
        assert_eq!(sockets.tries(), ATTEMPTS_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_post_that_never_goes_fails_after_four_tries() {
        let sockets = away(ATTEMPTS_MAX);
        assert_eq!(post(&sockets, "c", "{}").await, Posted::Failed);
        assert_eq!(sockets.tries(), ATTEMPTS_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_gone_or_refused_is_not_tried_again() {
        for (error, posted) in [
            (PortError::Gone, Posted::Gone),
            (PortError::Refused("413".to_owned()), Posted::Failed),
        ] {
            let sockets = Flaky::failing(vec![error]);
            assert_eq!((post(&sockets, "c", "{}").await, sockets.tries()), (posted, 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn closing_what_is_closed_is_fine() {
        assert_eq!(close(&Flaky::failing(vec![PortError::Gone]), "c").await, Ok(()));
        assert_eq!(close(&away(ATTEMPTS_MAX - 1), "c").await, Ok(()));
        assert!(matches!(
            close(&away(ATTEMPTS_MAX), "c").await,
            Err(PortError::Unavailable(_))
        ));
    }
}
