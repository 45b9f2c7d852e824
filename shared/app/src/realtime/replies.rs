//! What clients are sent: replies, pushes, and the frames that carry them.

use serde_json::{Value, json};
use store::messages::ChannelEvent;

use super::position::Position;
use crate::{Error, Result};

/// Bytes of one frame in either direction. API Gateway closes the connection over a larger one.
pub const FRAME_BYTES_MAX: usize = 32 * 1024;
/// Bytes that a reply needs around the publications in it.
const REPLY_BYTES: usize = 1_024;

/// Errors of the protocol. A client may send the command again after one that is temporary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Internal,
    Unauthorized,
    PermissionDenied,
    MethodNotFound,
    LimitExceeded,
    BadRequest,
    TokenExpired,
    TooManyRequests,
    UnrecoverablePosition,
}

impl Code {
    const fn parts(self) -> (u32, &'static str, bool) {
        match self {
            Self::Internal => (100, "internal server error", true),
            Self::Unauthorized => (101, "unauthorized", false),
            Self::PermissionDenied => (103, "permission denied", false),
            Self::MethodNotFound => (104, "method not found", false),
            Self::LimitExceeded => (106, "limit exceeded", false),
            Self::BadRequest => (107, "bad request", false),
            Self::TokenExpired => (109, "token expired", false),
            Self::TooManyRequests => (111, "too many requests", true),
            Self::UnrecoverablePosition => (112, "unrecoverable position", false),
        }
    }
}

/// Why the server ends a connection. The SDKs do not come back by themselves after codes from 3500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    InvalidToken,
    BadRequest,
    /// The session is over, or an admin or its owner ended it.
    SessionEnded,
    ConnectionLimit,
}

impl Farewell {
    const fn parts(self) -> (u32, &'static str) {
        match self {
            Self::InvalidToken => (3500, "invalid token"),
            Self::BadRequest => (3501, "bad request"),
            Self::SessionEnded => (3503, "session ended"),
            Self::ConnectionLimit => (3504, "connection limit"),
        }
    }
}

pub fn reply(id: u32, method: &str, result: Value) -> String {
    json!({"id": id, method: result}).to_string()
}

pub fn error(id: u32, code: Code) -> String {
    let (code, message, temporary) = code.parts();
    json!({"id": id, "error": {"code": code, "message": message, "temporary": temporary}}).to_string()
}

pub fn disconnect(farewell: Farewell) -> String {
    let (code, reason) = farewell.parts();
    json!({"push": {"disconnect": {"code": code, "reason": reason, "reconnect": false}}}).to_string()
}

pub fn push(event: &ChannelEvent) -> Result<String> {
    Ok(json!({"push": {"channel": event.channel, "pub": publication(event)?}}).to_string())
}

pub fn publication(event: &ChannelEvent) -> Result<Value> {
    let data: Value = serde_json::from_str(&event.data).map_err(|e| {
        Error::Internal(format!(
            "event {} of {} does not read: {e}",
            event.offset, event.channel
        ))
    })?;
    Ok(json!({"offset": event.offset, "data": data}))
}

/// As many publications from the first on as one reply has room for.
pub fn fitting(events: &[ChannelEvent]) -> Result<Vec<Value>> {
    let mut room = FRAME_BYTES_MAX - REPLY_BYTES;
    let mut publications = Vec::new();
    for event in events {
        let publication = publication(event)?;
        let size = publication.to_string().len().saturating_add(1);
        if size > room {
            break;
        }
        room = room.saturating_sub(size);
        publications.push(publication);
    }
    Ok(publications)
}

/// What came of the wish to go on from a position.
#[derive(Debug, Clone, PartialEq)]
pub enum Recovered {
    /// Nobody asked for it.
    Unasked,
    /// From this offset on with these, and maybe more behind the reply.
    Yes(u64, Vec<Value>),
    /// Some of it is lost.
    No,
}

/// The result of a subscription. A client that recovers moves on from the offset that it asked for by the
/// publications it gets, any other starts where the channel is.
pub fn subscribed(position: &Position, recovered: Recovered) -> Value {
    let mut result = json!({
        "recoverable": true,
        "positioned": true,
        "epoch": position.epoch,
        "offset": position.offset,
    });
    match recovered {
        Recovered::Unasked => {}
        Recovered::Yes(offset, publications) => {
            merge(
                &mut result,
                json!({
                    "was_recovering": true,
                    "recovered": true,
                    "offset": offset,
                    "publications": publications,
                }),
            );
        }
        Recovered::No => merge(&mut result, json!({"was_recovering": true, "recovered": false})),
    }
    result
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// Lines put together into as few frames as they fit into.
pub fn frames(lines: &[String]) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for line in lines {
        match frames.last_mut() {
            Some(frame) if frame.len() + 1 + line.len() <= FRAME_BYTES_MAX => {
                frame.push('\n');
                frame.push_str(line);
            }
            _ => frames.push(line.clone()),
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::super::publication::PUBLICATION_BYTES_MAX;
    use super::*;
    use domain::channel::Channel;
    use domain::id::UserId;
    use uuid::Uuid;

    fn event(offset: u64, bytes: usize) -> ChannelEvent {
        ChannelEvent {
            channel: Channel::User(UserId::from_uuid(Uuid::from_u128(5))),
            offset,
            event: "e".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            data: json!({"text": "a".repeat(bytes.saturating_sub(r#"{"text":""}"#.len()))}).to_string(),
            ttl: 0,
        }
    }

    fn here() -> Position {
        Position {
            offset: 9,
            epoch: "e".to_owned(),
        }
    }

    #[test]
    fn an_error_has_the_number_of_the_protocol() {
        let shown: Value = serde_json::from_str(&error(3, Code::TokenExpired)).unwrap();
        assert_eq!(
            shown,
            json!({"id": 3, "error": {"code": 109, "message": "token expired", "temporary": false}})
        );
        let numbers = [
            (Code::Internal, 100),
            (Code::Unauthorized, 101),
            (Code::PermissionDenied, 103),
            (Code::MethodNotFound, 104),
            (Code::LimitExceeded, 106),
            (Code::BadRequest, 107),
            (Code::TooManyRequests, 111),
            (Code::UnrecoverablePosition, 112),
        ];
        for (code, number) in numbers {
            assert_eq!(code.parts().0, number);
        }
    }

    #[test]
    fn a_farewell_keeps_the_sdk_from_coming_back() {
        for farewell in [
            Farewell::InvalidToken,
            Farewell::BadRequest,
            Farewell::SessionEnded,
            Farewell::ConnectionLimit,
        ] {
            let shown: Value = serde_json::from_str(&disconnect(farewell)).unwrap();
            let code = shown["push"]["disconnect"]["code"].as_u64().unwrap();
            assert!((3500..4000).contains(&code), "{farewell:?}");
        }
    }

    #[test]
    fn an_event_is_pushed_with_its_offset_and_data() {
        let shown: Value = serde_json::from_str(&push(&event(7, 20)).unwrap()).unwrap();
        let channel = "user:usr_00000000000000000000000000000005";
        let data = json!({"text": "aaaaaaaaa"});
        assert_eq!(
            shown,
            json!({"push": {"channel": channel, "pub": {"offset": 7, "data": data}}})
        );
    }

    #[test]
    fn the_largest_publication_fits_into_a_frame() {
        let event = event(u64::MAX, PUBLICATION_BYTES_MAX);
        assert_eq!(event.data.len(), PUBLICATION_BYTES_MAX);
        assert!(push(&event).unwrap().len() <= FRAME_BYTES_MAX);
        assert_eq!(fitting(std::slice::from_ref(&event)).unwrap().len(), 1);
    }

    #[test]
    fn a_reply_takes_as_many_publications_as_it_has_room_for() {
        let events: Vec<_> = (1..=10).map(|offset| event(offset, 8_000)).collect();
        let publications = fitting(&events).unwrap();
        assert_eq!(publications.len(), 3);
        let recovered = Recovered::Yes(0, publications);
        assert!(reply(u32::MAX, "subscribe", subscribed(&here(), recovered)).len() <= FRAME_BYTES_MAX);
    }

    #[test]
    fn a_client_that_recovers_is_told_the_offset_it_goes_on_from() {
        let result = subscribed(&here(), Recovered::Yes(7, vec![json!({"offset": 8, "data": {}})]));
        assert_eq!(
            (&result["offset"], &result["recovered"]),
            (&json!(7), &json!(true))
        );
        assert_eq!(result["publications"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_client_that_cannot_recover_is_told_where_the_channel_is() {
        let result = subscribed(&here(), Recovered::No);
        assert_eq!(
            (&result["offset"], &result["recovered"]),
            (&json!(9), &json!(false))
        );
        assert_eq!(result["was_recovering"], true);
        let fresh = subscribed(&here(), Recovered::Unasked);
        assert_eq!((&fresh["offset"], fresh.get("was_recovering")), (&json!(9), None));
    }

    #[test]
    fn lines_share_frames_up_to_their_size() {
        let lines: Vec<String> = ["a", "b", "c"]
            .iter()
            .map(|c| c.repeat(FRAME_BYTES_MAX / 2))
            .collect();
        assert_eq!(frames(&lines).len(), 3);
        let half = FRAME_BYTES_MAX / 2;
        let lines = ["a".repeat(half), "b".repeat(half - 1), "c".to_owned()];
        assert_eq!(
            frames(&lines).iter().map(String::len).collect::<Vec<_>>(),
            [FRAME_BYTES_MAX, 1]
        );
        assert_eq!(frames(&[]), Vec::<String>::new());
    }
}
