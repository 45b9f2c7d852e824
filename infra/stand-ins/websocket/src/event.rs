//! The JSON that API Gateway sends to a Lambda proxy integration of a WebSocket API. Pure.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::GatewayConfig;

/// What is known of a connection from its upgrade on.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub connection_id: String,
    pub connected_at: Timestamp,
    pub source_ip: String,
    pub user_agent: Option<String>,
    /// The upgrade's `Host` header.
    pub host: String,
}

/// What differs between two events of a connection.
pub(crate) struct Moment {
    pub at: Timestamp,
    pub request_id: String,
}

/// The upgrade as `$connect` shows it.
pub(crate) struct Upgrade<'a> {
    pub headers: &'a HeaderMap,
    pub query: &'a [(String, String)],
    pub trace_id: &'a str,
    /// The port of the `Host` header, or the scheme's own.
    pub port: u16,
}

pub(crate) fn connect(config: &GatewayConfig, peer: &Peer, moment: &Moment, upgrade: &Upgrade<'_>) -> Value {
    let (headers, multi_value_headers) = headers_of(peer, upgrade);
    let mut event = json!({
        "headers": headers,
        "multiValueHeaders": multi_value_headers,
        "requestContext": context(config, peer, moment, "$connect", "CONNECT", []),
        "isBase64Encoded": false,
    });
    if let (false, Some(event)) = (upgrade.query.is_empty(), event.as_object_mut()) {
        let (single, multi) = single_and_multi(upgrade.query);
        event.insert("queryStringParameters".into(), single);
        event.insert("multiValueQueryStringParameters".into(), multi);
    }
    event
}

/// A message's payload: text as it is, bytes in base64.
pub(crate) enum Body<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

pub(crate) fn message(
    config: &GatewayConfig,
    peer: &Peer,
    moment: &Moment,
    message_id: &str,
    body: &Body<'_>,
) -> Value {
    let (body, is_base64_encoded) = match body {
        Body::Text(text) => ((*text).to_owned(), false),
        Body::Binary(bytes) => (STANDARD.encode(bytes), true),
    };
    let id = ("messageId", Value::from(message_id));
    json!({
        "requestContext": context(config, peer, moment, "$default", "MESSAGE", [id]),
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    })
}

pub(crate) fn disconnect(
    config: &GatewayConfig,
    peer: &Peer,
    moment: &Moment,
    code: u16,
    reason: &str,
) -> Value {
    let ending = [
        ("disconnectStatusCode", Value::from(code)),
        ("disconnectReason", Value::from(reason)),
    ];
    json!({
        "headers": {"Host": peer.host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""},
        "multiValueHeaders": {
            "Host": [peer.host], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""],
        },
        "requestContext": context(config, peer, moment, "$disconnect", "DISCONNECT", ending),
        "isBase64Encoded": false,
    })
}

/// What API Gateway itself tells a client, as a frame or as the body of a refused upgrade.
pub(crate) fn gateway_message(text: &str, connection_id: &str, request_id: &str) -> Value {
    json!({"message": text, "connectionId": connection_id, "requestId": request_id})
}

fn context<const N: usize>(
    config: &GatewayConfig,
    peer: &Peer,
    moment: &Moment,
    route_key: &str,
    event_type: &str,
    more: [(&str, Value); N],
) -> Value {
    let mut identity = Map::new();
    identity.insert("sourceIp".into(), Value::from(peer.source_ip.as_str()));
    if let Some(user_agent) = &peer.user_agent {
        identity.insert("userAgent".into(), Value::from(user_agent.as_str()));
    }
    let mut context = json!({
        "routeKey": route_key,
        "eventType": event_type,
        "extendedRequestId": moment.request_id,
        "requestTime": moment.at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "messageDirection": "IN",
        "stage": config.stage,
        "connectedAt": peer.connected_at.as_millisecond(),
        "requestTimeEpoch": moment.at.as_millisecond(),
        "identity": identity,
        "requestId": moment.request_id,
        "domainName": config.domain_name,
        "connectionId": peer.connection_id,
        "apiId": config.api_id,
    });
    if let Some(context) = context.as_object_mut() {
        context.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    context
}

fn headers_of(peer: &Peer, upgrade: &Upgrade<'_>) -> (Value, Value) {
    let mut pairs: Vec<(String, String)> = upgrade
        .headers
        .iter()
        .filter(|(name, _)| !HEADERS_NOT_PASSED_ON.contains(&name.as_str()))
        .map(|(name, value)| {
            (
                as_sent(name.as_str()),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let forwarded_for = upgrade
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .chain([peer.source_ip.clone()])
        .collect::<Vec<_>>()
        .join(", ");
    pairs.push(("X-Forwarded-For".into(), forwarded_for));
    pairs.push(("X-Forwarded-Port".into(), upgrade.port.to_string()));
    pairs.push(("X-Forwarded-Proto".into(), "http".into()));
    pairs.push(("X-Amzn-Trace-Id".into(), upgrade.trace_id.to_owned()));
    single_and_multi(&pairs)
}

/// Hop-by-hop headers, and those the gateway writes itself.
const HEADERS_NOT_PASSED_ON: [&str; 6] = [
    "connection",
    "upgrade",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-amzn-trace-id",
];

/// A header's name in the spelling clients use over HTTP/1.1, which API Gateway passes on and which the
/// HTTP library has lowered.
fn as_sent(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("sec-websocket-") {
        return format!("Sec-WebSocket-{}", as_sent(rest));
    }
    let mut at_start = true;
    name.chars()
        .map(|letter| {
            let written = if at_start {
                letter.to_ascii_uppercase()
            } else {
                letter
            };
            at_start = letter == '-';
            written
        })
        .collect()
}

/// The two maps of a proxy event: the last value of each name, and all of them.
fn single_and_multi(pairs: &[(String, String)]) -> (Value, Value) {
    let mut single = Map::new();
    let mut multi: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        single.insert(name.clone(), Value::from(value.as_str()));
        if let Value::Array(values) = multi.entry(name.clone()).or_insert_with(|| json!([])) {
            values.push(Value::from(value.as_str()));
        }
    }
    (Value::Object(single), Value::Object(multi))
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
    use axum::http::HeaderValue;

    use super::*;

    fn peer() -> Peer {
        Peer {
            connection_id: "L0SM9cOFvHcCIhw=".into(),
            connected_at: Timestamp::from_millisecond(1_707_503_007_396).unwrap(),
            source_ip: "192.0.2.1".into(),
            user_agent: Some("someone/1".into()),
            host: "api.example:3001".into(),
        }
    }

    fn moment() -> Moment {
        Moment {
            at: Timestamp::from_millisecond(1_707_503_008_941).unwrap(),
            request_id: "T0SM9cOFvHcCIhw=".into(),
        }
    }

    fn connect_event(headers: &HeaderMap, query: &[(String, String)]) -> Value {
        let upgrade = Upgrade {
            headers,
            query,
            trace_id: "Root=1-0-0",
            port: 3001,
        };
        connect(&GatewayConfig::default(), &peer(), &moment(), &upgrade)
    }

    #[test]
    fn a_connect_event_has_the_headers_as_a_client_writes_them() {
        let mut headers = HeaderMap::new();
        headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
        headers.insert("origin", HeaderValue::from_static("https://app.example"));
        headers.insert("upgrade", HeaderValue::from_static("websocket"));
        headers.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
        let event = connect_event(&headers, &[]);
        assert_eq!(event["headers"]["Sec-WebSocket-Version"], "13");
        assert_eq!(
            event["multiValueHeaders"]["Origin"],
            json!(["https://app.example"])
        );
        assert_eq!(event["headers"]["X-Forwarded-For"], "203.0.113.9, 192.0.2.1");
        assert_eq!(event["headers"]["X-Forwarded-Port"], "3001");
        assert!(event["headers"].get("Upgrade").is_none());
        assert!(event.get("queryStringParameters").is_none());
        assert!(event.get("body").is_none());
    }

    #[test]
    fn a_repeated_query_parameter_keeps_its_last_value_and_all_of_them() {
        let query = [("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        let event = connect_event(&HeaderMap::new(), &query);
        assert_eq!(event["queryStringParameters"], json!({"a": "2"}));
        assert_eq!(event["multiValueQueryStringParameters"], json!({"a": ["1", "2"]}));
    }

    #[test]
    fn the_request_context_is_the_genuine_one() {
        let event = message(
            &GatewayConfig::default(),
            &peer(),
            &moment(),
            "M0SM9cOFvHcCIhw=",
            &Body::Text("hello"),
        );
        assert_eq!(
            event,
            json!({
                "requestContext": {
                    "routeKey": "$default", "messageId": "M0SM9cOFvHcCIhw=", "eventType": "MESSAGE",
                    "extendedRequestId": "T0SM9cOFvHcCIhw=", "requestTime": "09/Feb/2024:18:23:28 +0000",
                    "messageDirection": "IN", "stage": "local", "connectedAt": 1_707_503_007_396_i64,
                    "requestTimeEpoch": 1_707_503_008_941_i64,
                    "identity": {"sourceIp": "192.0.2.1", "userAgent": "someone/1"},
                    "requestId": "T0SM9cOFvHcCIhw=", "domainName": "localhost",
                    "connectionId": "L0SM9cOFvHcCIhw=", "apiId": "local",
                },
                "body": "hello",
                "isBase64Encoded": false,
            })
        );
    }

    #[test]
    fn a_binary_message_is_in_base64() {
        let event = message(
            &GatewayConfig::default(),
            &peer(),
            &moment(),
            "m",
            &Body::Binary(&[0xff, 0x00]),
        );
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("/wA="), &json!(true))
        );
    }

    #[test]
    fn a_disconnect_event_has_the_fields_of_a_recorded_one() {
        let event = disconnect(
            &GatewayConfig::default(),
            &peer(),
            &moment(),
            1005,
            "Client-side close frame status not set",
        );
        assert_eq!(event["headers"]["Host"], "api.example:3001");
        assert_eq!(event["multiValueHeaders"]["x-restapi"], json!([""]));
        assert_eq!(event["requestContext"]["disconnectStatusCode"], 1005);
        assert_eq!(event["requestContext"]["routeKey"], "$disconnect");
    }

    #[test]
    fn the_published_event_types_read_all_three() {
        let events = [
            connect_event(&HeaderMap::new(), &[]),
            message(
                &GatewayConfig::default(),
                &peer(),
                &moment(),
                "m",
                &Body::Text("x"),
            ),
            disconnect(&GatewayConfig::default(), &peer(), &moment(), 1000, ""),
        ];
        for event in events {
            let read: ApiGatewayWebsocketProxyRequest = serde_json::from_value(event).unwrap();
            assert_eq!(
                read.request_context.connection_id.as_deref(),
                Some("L0SM9cOFvHcCIhw=")
            );
            assert_eq!(read.request_context.connected_at, 1_707_503_007_396);
        }
    }
}
