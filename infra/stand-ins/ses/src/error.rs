//! What Amazon SES answers when it refuses: an XML document with a code and a sentence.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::escape::escape;
use crate::limits::{MESSAGE_BYTES_MAX, RECIPIENTS_MAX};

/// The name space of every answer.
pub(crate) const XML_NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// A refusal, in the words of Amazon SES.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SesError {
    #[error("Missing Action")]
    MissingAction,
    #[error("Could not find operation {0} for version 2010-12-01")]
    InvalidAction(String),
    #[error(
        "1 validation error detected: Value null at '{0}' failed to satisfy constraint: Member must not be null"
    )]
    MissingMember(&'static str),
    #[error("The request is not a form of this service")]
    MalformedQueryString,
    #[error("The request has more bytes than a message can have")]
    RequestEntityTooLarge,
    #[error("Missing required header '{0}'.")]
    MissingHeader(&'static str),
    #[error("Message length is more than {MESSAGE_BYTES_MAX} bytes long: '{0}'.")]
    MessageTooLong(usize),
    #[error("Recipient count exceeds {RECIPIENTS_MAX}.")]
    TooManyRecipients,
    #[error("{0}")]
    InvalidAddress(&'static str),
    #[error("Subject contains control characters.")]
    ControlInSubject,
    #[error("The raw message is not base64 of an internet message.")]
    NotAMessage,
    #[error(
        "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: {0}"
    )]
    NotVerified(String),
    #[error("Message rejected by the stand-in's fault switch.")]
    Rejected,
    #[error("Maximum sending rate exceeded.")]
    Throttling,
    #[error("We encountered an internal error. Please try again.")]
    InternalFailure,
    #[error("We encountered an internal error. Please try again.")]
    Store(#[from] rusqlite::Error),
    #[error("We encountered an internal error. Please try again.")]
    Compose(#[from] std::io::Error),
}

impl SesError {
    fn wire(&self) -> (&'static str, StatusCode) {
        const SENDER: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::MissingAction => ("MissingAction", SENDER),
            Self::InvalidAction(_) => ("InvalidAction", SENDER),
            Self::MissingMember(_) => ("ValidationError", SENDER),
            Self::MalformedQueryString => ("MalformedQueryString", SENDER),
            Self::RequestEntityTooLarge => ("RequestEntityTooLarge", StatusCode::PAYLOAD_TOO_LARGE),
            Self::MissingHeader(_)
            | Self::MessageTooLong(_)
            | Self::TooManyRecipients
            | Self::InvalidAddress(_)
            | Self::ControlInSubject
            | Self::NotAMessage => ("InvalidParameterValue", SENDER),
            Self::NotVerified(_) | Self::Rejected => ("MessageRejected", SENDER),
            Self::Throttling => ("Throttling", SENDER),
            Self::InternalFailure | Self::Store(_) | Self::Compose(_) => {
                ("InternalFailure", StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl IntoResponse for SesError {
    fn into_response(self) -> Response {
        let (code, status) = self.wire();
        if let Self::Store(_) | Self::Compose(_) = &self {
            tracing::error!(error = ?self, "the SES stand-in failed");
        }
        let fault = if status.is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        let message = escape(&self.to_string());
        let request_id = uuid::Uuid::new_v4().to_string();
        let body = format!(
            "<ErrorResponse xmlns=\"{XML_NAMESPACE}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        );
        (
            status,
            [
                (header::CONTENT_TYPE, "text/xml".to_owned()),
                (REQUEST_ID, request_id),
            ],
            body,
        )
            .into_response()
    }
}
