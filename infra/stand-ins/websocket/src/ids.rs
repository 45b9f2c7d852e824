//! Ids in the shape of API Gateway's: 11 random bytes in base64, 16 characters that end in `=`, so that a
//! client that forgets to encode a path or a key is found out here.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

const ID_BYTES: usize = 11;

/// A connection, message or request id. `None` when the system has no randomness to give.
pub(crate) fn gateway_id() -> Option<String> {
    let mut bytes = [0; ID_BYTES];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE.encode(bytes))
}

/// An `X-Amzn-Trace-Id` header's value.
pub(crate) fn trace_id(epoch_seconds: i64) -> Option<String> {
    let mut bytes = [0; 12];
    rand::fill(&mut bytes).ok()?;
    Some(format!("Root=1-{epoch_seconds:08x}-{}", hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_looks_like_one_of_api_gateway_and_never_comes_twice() {
        let ids: Vec<String> = (0..100).map(|_| gateway_id().unwrap()).collect();
        for id in &ids {
            assert_eq!(id.len(), 16, "{id}");
            assert!(id.ends_with('=') && !id.ends_with("=="), "{id}");
        }
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn a_trace_id_has_the_time_and_ninety_six_random_bits() {
        let id = trace_id(1_700_000_000).unwrap();
        assert!(id.starts_with("Root=1-6553f100-"), "{id}");
        assert_eq!(id.len(), "Root=1-6553f100-".len() + 24);
    }
}
