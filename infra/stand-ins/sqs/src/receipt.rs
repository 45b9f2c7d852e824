//! The receipt handle: opaque to a consumer, and good for one receive of one message of one queue.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::SqsError;

/// What a handle says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) seq: i64,
    pub(crate) secret: String,
}

impl Receipt {
    /// A new receipt for a message that is being received.
    pub(crate) fn issue(seq: i64) -> Self {
        Self {
            seq,
            secret: uuid::Uuid::new_v4().simple().to_string(),
        }
    }

    /// The handle for the consumer.
    pub(crate) fn to_handle(&self, queue_id: i64) -> String {
        URL_SAFE_NO_PAD.encode(format!("{queue_id}/{}/{}", self.seq, self.secret))
    }

    /// Reads a handle; one that this queue did not issue is refused.
    pub(crate) fn parse(handle: &str, queue_id: i64) -> Result<Self, SqsError> {
        Self::read(handle, queue_id).ok_or_else(|| SqsError::ReceiptHandleIsInvalid(handle.to_owned()))
    }

    fn read(handle: &str, queue_id: i64) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(handle).ok()?).ok()?;
        let mut parts = text.split('/');
        let issued_by = parts.next()?.parse::<i64>().ok()?;
        let receipt = Self {
            seq: parts.next()?.parse().ok()?,
            secret: parts.next()?.to_owned(),
        };
        (issued_by == queue_id && parts.next().is_none()).then_some(receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_by_the_queue_that_issued_it_and_by_no_other() {
        let receipt = Receipt::issue(7);
        let handle = receipt.to_handle(3);
        assert_eq!(Receipt::parse(&handle, 3).unwrap(), receipt);
        assert!(Receipt::parse(&handle, 4).is_err());
        assert!(Receipt::parse("not a handle", 3).is_err());
        assert!(Receipt::parse("", 3).is_err());
    }
}
