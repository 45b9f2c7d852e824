//! The upgrade: `$connect` decides whether there will be a connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use crate::connection::Connection;
use crate::event::{self, Moment, Peer, Upgrade};
use crate::gateway::{Gateway, Unanswered};
use crate::limits::{FRAME_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::{ids, socket};

/// `GET /`, an upgrade. Answers 101, or the status with which the function refused; 502 when the function
/// failed or did not answer as a proxy integration must, 504 when it took too long, 503 when shutting down.
pub(crate) async fn connect(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (mut parts, _body) = request.into_parts();
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let (Some(connection_id), Some(request_id)) = (ids::gateway_id(), ids::gateway_id()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let peer = peer(connection_id, &parts);
    let refuse = |status: StatusCode| {
        let text = status.canonical_reason().unwrap_or("Refused");
        (
            status,
            Json(event::gateway_message(text, &peer.connection_id, &request_id)),
        )
            .into_response()
    };
    if gateway.is_shut() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE);
    }

    let moment = Moment {
        at: peer.connected_at,
        request_id: request_id.clone(),
    };
    let answer = match gateway
        .invoke(connect_event(&gateway, &peer, &moment, &parts))
        .await
    {
        Ok(answer) => answer,
        Err(Unanswered::Failed(error)) => {
            tracing::error!(connection.id = peer.connection_id, %error, "$connect failed");
            return refuse(StatusCode::BAD_GATEWAY);
        }
        Err(Unanswered::TimedOut) => {
            tracing::error!(connection.id = peer.connection_id, "$connect timed out");
            return refuse(StatusCode::GATEWAY_TIMEOUT);
        }
    };
    match status_of(&answer) {
        Some(status) if status.is_success() => {}
        Some(status) => return refuse(status),
        None => {
            tracing::error!(
                connection.id = peer.connection_id,
                "$connect answered without a statusCode"
            );
            return refuse(StatusCode::BAD_GATEWAY);
        }
    }

    let (connection, inbox) = Connection::new(peer.clone());
    let connection = Arc::new(connection);
    if !gateway.open(Arc::clone(&connection)) {
        return refuse(StatusCode::SERVICE_UNAVAILABLE);
    }
    let mut upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX);
    if let Some(protocol) = subprotocol_of(&answer) {
        upgrade.set_selected_protocol(protocol);
    }
    let (running, lost) = (gateway.running(), Arc::clone(&gateway));
    upgrade
        .on_failed_upgrade(move |_error| {
            // The client left between `$connect` and the answer to its upgrade.
            tokio::spawn(async move { socket::vanished(&lost, &peer).await });
        })
        .on_upgrade(move |socket| async move {
            let _running = running;
            socket::serve(gateway, connection, inbox, socket).await;
        })
}

fn connect_event(gateway: &Gateway, peer: &Peer, moment: &Moment, parts: &Parts) -> Value {
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
        .map(|Query(pairs)| pairs)
        .unwrap_or_default();
    let trace_id = ids::trace_id(moment.at.as_second()).unwrap_or_default();
    let port = peer
        .host
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.port_u16())
        .unwrap_or(80);
    let upgrade = Upgrade {
        headers: &parts.headers,
        query: &query,
        trace_id: &trace_id,
        port,
    };
    event::connect(&gateway.config, peer, moment, &upgrade)
}

fn peer(connection_id: String, parts: &Parts) -> Peer {
    let text = |name| {
        parts
            .headers
            .get(name)
            .map(|value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let address = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| {
            address.ip()
        });
    Peer {
        connection_id,
        connected_at: Timestamp::now(),
        source_ip: address.to_canonical().to_string(),
        user_agent: text(header::USER_AGENT),
        host: text(header::HOST).unwrap_or_default(),
    }
}

/// A proxy response's `statusCode`, which may be a number or a string of digits.
fn status_of(answer: &Value) -> Option<StatusCode> {
    let code = match answer.get("statusCode")? {
        Value::Number(number) => number.as_u64()?,
        Value::String(digits) => digits.parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    StatusCode::from_u16(u16::try_from(code).ok()?).ok()
}

fn subprotocol_of(answer: &Value) -> Option<HeaderValue> {
    let named = |map: &str| {
        answer
            .get(map)?
            .as_object()?
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"))
            .map(|(_, value)| value.clone())
    };
    let protocol = match named("headers").or_else(|| named("multiValueHeaders"))? {
        Value::String(protocol) => protocol,
        Value::Array(values) => values.first()?.as_str()?.to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    HeaderValue::from_str(&protocol).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_may_be_a_number_or_digits() {
        assert_eq!(status_of(&json!({"statusCode": 200})), Some(StatusCode::OK));
        assert_eq!(
            status_of(&json!({"statusCode": "403"})),
            Some(StatusCode::FORBIDDEN)
        );
        for answer in [
            json!(null),
            json!({}),
            json!({"statusCode": null}),
            json!({"statusCode": 7}),
        ] {
            assert_eq!(status_of(&answer), None, "{answer}");
        }
    }

    #[test]
    fn the_subprotocol_is_found_in_either_map_and_any_spelling() {
        let single = json!({"headers": {"sec-websocket-protocol": "centrifuge-json"}});
        let multi = json!({"multiValueHeaders": {"Sec-WebSocket-Protocol": ["centrifuge-json"]}});
        for answer in [single, multi] {
            assert_eq!(subprotocol_of(&answer).unwrap(), "centrifuge-json");
        }
        assert_eq!(subprotocol_of(&json!({"statusCode": 200})), None);
    }
}
