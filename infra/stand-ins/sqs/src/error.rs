//! What Amazon SQS answers when it refuses: the error's shape in the body's `__type`, the code of the
//! older query protocol in `x-amzn-query-error`, which is the one the SDKs match on, and a sentence.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::limits::{BATCH_ENTRIES_MAX, MESSAGE_BYTES_MAX, PURGE_REST_SECONDS};

/// The content type of every request and answer.
pub(crate) const AMZ_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// A refusal, in the words of Amazon SQS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SqsError {
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    #[error("A queue already exists with the same name and a different value for attribute {0}")]
    QueueNameExists(String),
    #[error(
        "You must wait 60 seconds after deleting a queue before you can create another with the same name."
    )]
    QueueDeletedRecently,
    #[error("Only one PurgeQueue operation on {0} is allowed every {PURGE_REST_SECONDS} seconds.")]
    PurgeQueueInProgress(String),
    #[error("The input receipt handle \"{0}\" is not a valid receipt handle.")]
    ReceiptHandleIsInvalid(String),
    #[error("The specified message isn't in flight.")]
    MessageNotInflight,
    #[error("Too many messages in flight; the limit of messages received and not deleted is reached.")]
    OverLimit,
    #[error("There should be at least one entry in the request.")]
    EmptyBatchRequest,
    #[error("Maximum number of entries per request are {BATCH_ENTRIES_MAX}. You have sent {0}.")]
    TooManyEntriesInBatchRequest(usize),
    #[error("Id {0} repeated.")]
    BatchEntryIdsNotDistinct(String),
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
    )]
    InvalidBatchEntryId,
    #[error("Batch requests cannot be longer than {MESSAGE_BYTES_MAX} bytes. You have sent {0} bytes.")]
    BatchRequestTooLong(usize),
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    #[error("Invalid value for the parameter {0}.")]
    InvalidAttributeValue(String),
    #[error(
        "Invalid binary character '#x{0:X}' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
    )]
    InvalidMessageContents(u32),
    #[error("{0}")]
    InvalidParameterValue(String),
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    #[error("{0}")]
    ResourceNotFound(String),
    #[error("{0}")]
    UnsupportedOperation(String),
    #[error("The action {0} is not known to Amazon SQS.")]
    UnknownOperation(String),
    #[error("The request body is not the JSON of this operation: {0}")]
    Serialization(String),
    #[error("The request has more bytes than an Amazon SQS request can have.")]
    RequestEntityTooLarge,
    #[error("Request is throttled.")]
    RequestThrottled,
    #[error("We encountered an internal error. Please try again.")]
    InternalFailure,
    #[error("We encountered an internal error. Please try again.")]
    Store(#[from] rusqlite::Error),
    #[error("We encountered an internal error. Please try again.")]
    StoredJson(#[from] serde_json::Error),
}

/// `__type` without its name space, the query protocol's code, the status.
type Wire = (&'static str, &'static str, StatusCode);

impl SqsError {
    /// `One or more parameters are invalid`, with the reason that AWS appends.
    pub(crate) fn invalid(value: impl std::fmt::Display, parameter: &str, reason: &str) -> Self {
        Self::InvalidParameterValue(format!(
            "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
        ))
    }

    /// The code of the query protocol, which batch answers and SDKs use.
    pub(crate) fn code(&self) -> &'static str {
        self.wire().1
    }

    /// Whether the sender, not the service, is at fault.
    pub(crate) fn is_senders_fault(&self) -> bool {
        !self.wire().2.is_server_error()
    }

    fn wire(&self) -> Wire {
        const SENDER: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::QueueDoesNotExist => (
                "QueueDoesNotExist",
                "AWS.SimpleQueueService.NonExistentQueue",
                SENDER,
            ),
            Self::QueueNameExists(_) => ("QueueNameExists", "QueueAlreadyExists", SENDER),
            Self::QueueDeletedRecently => (
                "QueueDeletedRecently",
                "AWS.SimpleQueueService.QueueDeletedRecently",
                SENDER,
            ),
            Self::PurgeQueueInProgress(_) => (
                "PurgeQueueInProgress",
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                SENDER,
            ),
            Self::ReceiptHandleIsInvalid(_) => ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", SENDER),
            Self::MessageNotInflight => (
                "MessageNotInflight",
                "AWS.SimpleQueueService.MessageNotInflight",
                SENDER,
            ),
            Self::OverLimit => ("OverLimit", "OverLimit", SENDER),
            Self::EmptyBatchRequest => (
                "EmptyBatchRequest",
                "AWS.SimpleQueueService.EmptyBatchRequest",
                SENDER,
            ),
            Self::TooManyEntriesInBatchRequest(_) => (
                "TooManyEntriesInBatchRequest",
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
                SENDER,
            ),
            Self::BatchEntryIdsNotDistinct(_) => (
                "BatchEntryIdsNotDistinct",
                "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                SENDER,
            ),
            Self::InvalidBatchEntryId => (
                "InvalidBatchEntryId",
                "AWS.SimpleQueueService.InvalidBatchEntryId",
                SENDER,
            ),
            Self::BatchRequestTooLong(_) => (
                "BatchRequestTooLong",
                "AWS.SimpleQueueService.BatchRequestTooLong",
                SENDER,
            ),
            Self::InvalidAttributeName(_) => ("InvalidAttributeName", "InvalidAttributeName", SENDER),
            Self::InvalidAttributeValue(_) => ("InvalidAttributeValue", "InvalidAttributeValue", SENDER),
            Self::InvalidMessageContents(_) => ("InvalidMessageContents", "InvalidMessageContents", SENDER),
            Self::InvalidParameterValue(_) => {
                ("InvalidParameterValueException", "InvalidParameterValue", SENDER)
            }
            Self::MissingParameter(_) => ("MissingRequiredParameterException", "MissingParameter", SENDER),
            Self::ResourceNotFound(_) => (
                "ResourceNotFoundException",
                "ResourceNotFoundException",
                StatusCode::NOT_FOUND,
            ),
            Self::UnsupportedOperation(_) => (
                "UnsupportedOperation",
                "AWS.SimpleQueueService.UnsupportedOperation",
                SENDER,
            ),
            Self::UnknownOperation(_) => ("UnknownOperationException", "InvalidAction", SENDER),
            Self::Serialization(_) => ("SerializationException", "MalformedInput", SENDER),
            Self::RequestEntityTooLarge => (
                "RequestEntityTooLargeException",
                "RequestEntityTooLarge",
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            Self::RequestThrottled => ("RequestThrottled", "RequestThrottled", SENDER),
            Self::InternalFailure | Self::Store(_) | Self::StoredJson(_) => (
                "InternalFailure",
                "InternalFailure",
                StatusCode::INTERNAL_SERVER_ERROR,
            ),
        }
    }
}

impl IntoResponse for SqsError {
    fn into_response(self) -> Response {
        let (shape, code, status) = self.wire();
        if let Self::Store(_) | Self::StoredJson(_) = &self {
            tracing::error!(error = ?self, "the store of the SQS stand-in failed");
        }
        let fault = if self.is_senders_fault() {
            "Sender"
        } else {
            "Receiver"
        };
        let body = json!({ "__type": format!("com.amazonaws.sqs#{shape}"), "message": self.to_string() });
        (
            status,
            [
                (header::CONTENT_TYPE, AMZ_JSON),
                (QUERY_ERROR, ascii(&format!("{code};{fault}"))),
                (REQUEST_ID, ascii(&uuid::Uuid::new_v4().to_string())),
            ],
            body.to_string(),
        )
            .into_response()
    }
}

/// A header value of text that is known to be ASCII.
pub(crate) fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
