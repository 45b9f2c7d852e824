//! Errors in Stripe's shape: `{"error": {"type", "code", "message", "param", "decline_code", …}}`.
//!
//! Texts and codes are those of the real API wherever its answers are publicly recorded.

use serde_json::{Map, Value, json};

/// An answer other than success. The effect of the request is rolled back.
///
/// A declined card is not among them: its failed charge is an effect (see [`crate::http::reply::Reply`]).
#[derive(Debug, Clone)]
pub struct ApiError {
    pub status: u16,
    pub error: Map<String, Value>,
    /// Whether the operation had begun. Only then is the answer saved under the idempotency key:
    /// a refusal of the parameters, of the key or of the rate leaves nothing behind.
    pub executed: bool,
}

impl ApiError {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert("type".into(), kind.into());
        error.insert("message".into(), message.into().into());
        Self {
            status,
            error,
            executed: false,
        }
    }

    /// 400: the parameters were not understood, nothing was begun.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 400: the operation began and the state of the objects forbids it.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            executed: true,
            ..Self::invalid(message)
        }
    }

    /// 402 before any payment was attempted: the card's data are bad.
    pub fn card(code: &str, message: impl Into<String>) -> Self {
        Self {
            executed: true,
            ..Self::new(402, "card_error", message)
        }
        .code(code)
    }

    pub fn code(mut self, code: &str) -> Self {
        self.error.insert("code".into(), code.into());
        let doc = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        self.error.insert("doc_url".into(), doc.into());
        self
    }

    pub fn param(self, param: impl Into<String>) -> Self {
        self.with("param", param.into())
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.error.insert(name.into(), value.into());
        self
    }

    pub fn body(&self) -> Value {
        json!({ "error": self.error })
    }

    pub fn unknown_parameter(path: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {path}"))
            .code("parameter_unknown")
            .param(path)
    }

    pub fn missing_parameter(path: &str) -> Self {
        Self::invalid(format!("Missing required param: {path}."))
            .code("parameter_missing")
            .param(path)
    }

    pub fn empty_parameter(path: &str) -> Self {
        Self::invalid(format!(
            "You passed an empty string for '{path}'. We assume empty values are an attempt to unset a \
             parameter; however '{path}' cannot be unset. You should remove '{path}' from your request or \
             supply a non-empty value."
        ))
        .code("parameter_invalid_empty")
        .param(path)
    }

    /// An id in the path that names nothing: 404.
    pub fn no_such(object: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {object}: '{id}'");
        Self {
            status: 404,
            ..Self::refused(message)
        }
        .code("resource_missing")
        .param(param)
    }

    /// An id among the parameters that names nothing: 400.
    pub fn no_such_parameter(object: &str, id: &str, param: &str) -> Self {
        Self {
            status: 400,
            ..Self::no_such(object, id, param)
        }
    }

    pub fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help \
             at https://support.stripe.com/."
        );
        Self {
            status: 404,
            ..Self::invalid(message)
        }
    }

    pub fn no_key() -> Self {
        Self {
            status: 401,
            ..Self::invalid(
                "You did not provide an API key. You need to provide your API key in the Authorization \
                 header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            )
        }
    }

    /// `key` is shown as Stripe shows it: only its last four characters.
    pub fn bad_key(key: &str) -> Self {
        Self {
            status: 401,
            ..Self::invalid(format!("Invalid API Key provided: {}", masked(key)))
        }
    }

    pub fn no_account(key: &str, account: &str) -> Self {
        let message = format!(
            "The provided key '{}' does not have access to account '{account}' (or that account does not exist). \
             Application access may have been revoked.",
            masked(key)
        );
        Self {
            status: 403,
            ..Self::invalid(message)
        }
        .code("account_invalid")
    }

    pub fn rate_limited() -> Self {
        let message = "Request rate limit exceeded. Learn more about rate limits here \
                       https://stripe.com/docs/rate-limits.";
        Self {
            status: 429,
            ..Self::invalid(message)
        }
        .code("rate_limit")
    }

    pub fn too_large() -> Self {
        Self {
            status: 413,
            ..Self::invalid("The request body is too large.")
        }
    }

    pub fn key_too_long(longest: usize) -> Self {
        Self::invalid(format!("Idempotency keys are at most {longest} characters long."))
    }

    pub fn key_in_use(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you \
             submitted twice, and the other request is still going through): {key}. Please try again later."
        );
        Self {
            status: 409,
            ..Self::invalid(message)
        }
        .code("idempotency_key_in_use")
    }

    pub fn key_of_other_parameters(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. \
             Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", message)
    }

    pub fn key_of_other_endpoint(key: &str, now: &str, first: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for \
             ('{now}' vs '{first}'). Try using a key other than '{key}' if you meant to execute a different \
             request."
        );
        Self::new(400, "idempotency_error", message)
    }

    /// 500, with the text that Stripe gives.
    pub fn server() -> Self {
        let message = "Sorry! There was an error while talking to one of our backends. \
                       Our engineers have been notified and are looking into the issue.";
        Self {
            executed: true,
            ..Self::new(500, "api_error", message)
        }
    }

    /// 500 because the stand-in itself failed: logged here, and never saved under a key.
    pub fn broken(cause: &dyn std::error::Error) -> Self {
        tracing::error!(error = %cause, "the Stripe stand-in failed");
        Self {
            executed: false,
            ..Self::server()
        }
    }
}

/// A key of which only the last four characters can be read.
fn masked(key: &str) -> String {
    let hidden = key.chars().count().saturating_sub(4);
    key.chars()
        .enumerate()
        .map(|(index, character)| if index < hidden { '*' } else { character })
        .collect()
}

impl From<crate::store::StoreError> for ApiError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::broken(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_key_shows_only_its_last_four_characters() {
        let error = ApiError::bad_key("sk_test_abcdWXYZ");
        assert_eq!(
            error.error["message"],
            "Invalid API Key provided: ************WXYZ"
        );
    }

    #[test]
    fn only_an_operation_that_began_is_to_be_saved() {
        assert!(!ApiError::unknown_parameter("x").executed);
        assert!(!ApiError::rate_limited().executed);
        assert!(!ApiError::bad_key("sk").executed);
        assert!(ApiError::refused("no").executed);
        assert!(ApiError::server().executed);
    }
}
