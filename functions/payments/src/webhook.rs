//! Messages of the payment provider: believed by their signature, queued, and answered at once.

use app::{App, payments};
use axum::extract::State;
use bytes::Bytes;
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;
use web::{Answer, Reply, ok};

const SIGNATURE: &str = "stripe-signature";

/// It was taken; nothing else is told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookTaken")]
pub struct TakenView {}

pub async fn receive(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Answer<Reply<TakenView>> {
    payments::webhook(&app, &body, &signature(&headers)).await?;
    Ok(ok(TakenView {}))
}

/// Of several headers none is believed: which one would have been checked is anybody's guess.
fn signature(headers: &HeaderMap) -> String {
    let mut values = headers.get_all(SIGNATURE).iter();
    match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
        (Some(only), None) => only.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn one_signature_is_read_and_several_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(signature(&headers), "");
        headers.append(SIGNATURE, HeaderValue::from_static("t=1,v1=a"));
        assert_eq!(signature(&headers), "t=1,v1=a");
        headers.append(SIGNATURE, HeaderValue::from_static("t=1,v1=b"));
        assert_eq!(signature(&headers), "");
    }
}
