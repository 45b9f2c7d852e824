//! What it means when a call to AWS does not answer with success.
//!
//! The text names the operation, the code and the request id, and never the service's own message,
//! which may repeat an address or a key. SDK attempts are behind us here: nothing is tried again.

use std::error::Error;

use app::ports::PortError;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

/// Codes that mean "too fast" with a status that would mean "wrong". They pass.
const THROTTLED: [&str; 9] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "LimitExceededException",
    "OverLimit",
    "SlowDown",
];

pub fn port_error<E>(operation: &str, error: &SdkError<E>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            said_no(operation, status, answer.err().code(), request_id(error))
        }
        SdkError::ConstructionFailure(_) => {
            PortError::Refused(format!("{operation}: the request could not be built"))
        }
        SdkError::TimeoutError(_) => PortError::Unavailable(format!("{operation}: no answer in time")),
        SdkError::DispatchFailure(_) => PortError::Unavailable(format!("{operation}: not reached")),
        SdkError::ResponseError(_) => PortError::Unavailable(format!("{operation}: an unreadable answer")),
        _ => PortError::Unavailable(format!("{operation}: failed")),
    }
}

fn said_no(operation: &str, status: u16, code: Option<&str>, request: Option<&str>) -> PortError {
    let code = code.unwrap_or("no code");
    let text = format!(
        "{operation}: {status} {code}, request {}",
        request.unwrap_or("unknown")
    );
    match status {
        _ if THROTTLED.contains(&code) => PortError::Unavailable(text),
        // 401 and 403 are about our rights, which somebody will mend, and not about what was asked.
        401 | 403 | 408 | 429 | 500..=599 => PortError::Unavailable(text),
        _ => PortError::Refused(text),
    }
}

fn request_id<E>(error: &SdkError<E>) -> Option<&str> {
    let headers = error.raw_response()?.headers();
    headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable(status: u16, code: &str) -> bool {
        matches!(
            said_no("Send", status, Some(code), None),
            PortError::Unavailable(_)
        )
    }

    #[test]
    fn what_passes_by_itself_is_unavailable() {
        for status in [401, 403, 408, 429, 500, 502, 503, 504] {
            assert!(unavailable(status, "Anything"), "{status}");
        }
        for code in THROTTLED {
            assert!(unavailable(400, code), "{code}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_request_is_refused() {
        for status in [400, 404, 409, 413] {
            assert!(!unavailable(status, "InvalidParameterValue"), "{status}");
        }
    }

    #[test]
    fn the_text_names_operation_status_code_and_request() {
        assert_eq!(
            said_no("SendRawEmail", 400, Some("MessageRejected"), Some("r-1")),
            PortError::Refused("SendRawEmail: 400 MessageRejected, request r-1".into())
        );
    }
}
