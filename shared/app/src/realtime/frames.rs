//! What clients send: one or more commands a frame, separated by newlines.
//!
//! Parsing is total: a command that can be told by its id is always answered, be it with an error; only
//! a frame without that ends the connection. Fields that are not known are ignored, since the SDKs send
//! some that concern features which are absent here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::pace::COMMANDS_BURST;
use super::replies::FRAME_BYTES_MAX;

/// Commands of one frame: as many as the pace lets through at once.
pub const COMMANDS_MAX: usize = COMMANDS_BURST as usize;
/// Set in `flag` of a subscribe command by a client that rather has an error than a gap.
pub const REJECT_UNRECOVERED: u64 = 2;

#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Names the reply. Grows over a connection's life with the SDKs.
    pub id: u32,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    Connect(Connect),
    Subscribe(Subscribe),
    Unsubscribe(Unsubscribe),
    History(History),
    Rpc(Rpc),
    Ping,
    /// A method that does not exist here.
    Unknown,
    /// A method that does, with parameters that it cannot have.
    Malformed,
}

#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Connect {
    pub token: String,
    /// Where the client was in channels that the server subscribes it to.
    pub subs: BTreeMap<String, Recover>,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect")
            .field("subs", &self.subs)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Subscribe {
    pub channel: String,
    #[serde(flatten)]
    pub recover: Recover,
    #[serde(default)]
    pub flag: u64,
}

/// Where a client was. Without `recover` it was nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Recover {
    pub recover: bool,
    pub offset: u64,
    pub epoch: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Unsubscribe {
    pub channel: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct History {
    pub channel: String,
    /// None asks for the position alone, a negative one for as much as there is room for.
    #[serde(default)]
    pub limit: i64,
    #[serde(default)]
    pub since: Option<Since>,
    #[serde(default)]
    pub reverse: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Since {
    #[serde(default)]
    pub offset: u64,
    #[serde(default)]
    pub epoch: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rpc {
    #[serde(default)]
    pub method: String,
}

/// A frame that is not of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadFrame {
    TooLarge,
    TooMany,
    NotJson,
    NoId,
}

/// The commands of a frame in their order. What expects no reply (`{}`, which answers a ping, and
/// `send`) is left out.
pub fn parse(frame: &str) -> Result<Vec<Command>, BadFrame> {
    if frame.len() > FRAME_BYTES_MAX {
        return Err(BadFrame::TooLarge);
    }
    let mut commands = Vec::new();
    for line in frame.lines().filter(|line| !line.trim().is_empty()) {
        if commands.len() == COMMANDS_MAX {
            return Err(BadFrame::TooMany);
        }
        commands.extend(command(line)?);
    }
    Ok(commands)
}

fn command(line: &str) -> Result<Option<Command>, BadFrame> {
    let mut fields: Map<String, Value> = serde_json::from_str(line).map_err(|_| BadFrame::NotJson)?;
    let id = fields.remove("id");
    if id.is_none() && (fields.is_empty() || fields.contains_key("send")) {
        return Ok(None);
    }
    let id = id
        .and_then(|id| id.as_u64())
        .and_then(|id| u32::try_from(id).ok())
        .filter(|id| *id > 0);
    let id = id.ok_or(BadFrame::NoId)?;
    let mut methods = fields.into_iter();
    let ask = match (methods.next(), methods.next()) {
        (Some((method, asked)), None) => ask(&method, asked),
        (None, _) | (Some(_), Some(_)) => Ask::Malformed,
    };
    Ok(Some(Command { id, ask }))
}

fn ask(method: &str, asked: Value) -> Ask {
    match method {
        "connect" => read(asked, Ask::Connect),
        "subscribe" => read(asked, Ask::Subscribe),
        "unsubscribe" => read(asked, Ask::Unsubscribe),
        "history" => read(asked, Ask::History),
        "rpc" => read(asked, Ask::Rpc),
        "ping" => Ask::Ping,
        _ => Ask::Unknown,
    }
}

fn read<T: DeserializeOwned>(asked: Value, ask: fn(T) -> Ask) -> Ask {
    // An array would be read by position.
    if !asked.is_object() {
        return Ask::Malformed;
    }
    serde_json::from_value(asked).map_or(Ask::Malformed, ask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(line: &str) -> Ask {
        let mut commands = parse(line).unwrap();
        assert_eq!(commands.len(), 1, "{line}");
        commands.remove(0).ask
    }

    #[test]
    fn the_frames_of_the_sdk_are_read() {
        // As `centrifuge` 5.8.0 sends them.
        let frame = concat!(
            r#"{"connect":{"token":"t","name":"js","subs":{"user:u":{"recover":true,"offset":4,"epoch":"e"}}},"id":1}"#,
            "\n",
            r#"{"subscribe":{"channel":"booking:b","flag":1,"recover":true,"offset":41,"epoch":"1"},"id":2}"#,
            "\n",
            r#"{"unsubscribe":{"channel":"booking:b"},"id":3}"#,
            "\n",
            r#"{"history":{"channel":"booking:b","since":{"offset":3,"epoch":"1"},"limit":10},"id":4}"#,
            "\n",
            r#"{"rpc":{"method":"ping","data":{}},"id":5}"#,
            "\n{}\n",
        );
        let commands = parse(frame).unwrap();
        assert_eq!(commands.iter().map(|c| c.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let recover = |offset, epoch: &str| Recover {
            recover: true,
            offset,
            epoch: epoch.into(),
        };
        let Ask::Connect(connect) = &commands[0].ask else {
            panic!()
        };
        assert_eq!(
            (connect.token.as_str(), &connect.subs["user:u"]),
            ("t", &recover(4, "e"))
        );
        let subscribe = Subscribe {
            channel: "booking:b".into(),
            recover: recover(41, "1"),
            flag: 1,
        };
        assert_eq!(commands[1].ask, Ask::Subscribe(subscribe));
        assert_eq!(
            commands[2].ask,
            Ask::Unsubscribe(Unsubscribe {
                channel: "booking:b".into()
            })
        );
        let since = Some(Since {
            offset: 3,
            epoch: "1".into(),
        });
        let history = History {
            channel: "booking:b".into(),
            limit: 10,
            since,
            reverse: false,
        };
        assert_eq!(commands[3].ask, Ask::History(history));
        assert_eq!(
            commands[4].ask,
            Ask::Rpc(Rpc {
                method: "ping".into()
            })
        );
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        assert_eq!(only(r#"{"id":1,"connect":{}}"#), Ask::Connect(Connect::default()));
        let subscribe = Subscribe {
            channel: "c".into(),
            recover: Recover::default(),
            flag: 0,
        };
        assert_eq!(
            only(r#"{"id":1,"subscribe":{"channel":"c"}}"#),
            Ask::Subscribe(subscribe)
        );
    }

    #[test]
    fn methods_that_do_not_exist_here_are_told_from_those_with_wrong_parameters() {
        for unknown in [
            "presence",
            "presence_stats",
            "publish",
            "refresh",
            "sub_refresh",
            "constructor",
        ] {
            assert_eq!(
                only(&format!(r#"{{"id":1,"{unknown}":{{"channel":"c"}}}}"#)),
                Ask::Unknown,
                "{unknown}"
            );
        }
        for wrong in [
            r#"{"id":1}"#,
            r#"{"id":1,"subscribe":{}}"#,
            r#"{"id":1,"subscribe":{"channel":7}}"#,
            r#"{"id":1,"subscribe":{"channel":"c","offset":-1}}"#,
            r#"{"id":1,"subscribe":["c"]}"#,
            r#"{"id":1,"connect":"t"}"#,
            r#"{"id":1,"connect":{},"subscribe":{"channel":"c"}}"#,
            r#"{"id":1,"history":{"channel":"c","since":4}}"#,
        ] {
            assert_eq!(only(wrong), Ask::Malformed, "{wrong}");
        }
    }

    #[test]
    fn a_frame_that_is_not_of_this_protocol_is_no_command() {
        let cases = [
            ("hello", BadFrame::NotJson),
            ("[]", BadFrame::NotJson),
            ("{\"id\":1,\"ping\":{}}\nx", BadFrame::NotJson),
            (r#"{"connect":{}}"#, BadFrame::NoId),
            (r#"{"id":0,"ping":{}}"#, BadFrame::NoId),
            (r#"{"id":-1,"ping":{}}"#, BadFrame::NoId),
            (r#"{"id":"1","ping":{}}"#, BadFrame::NoId),
            (r#"{"id":4294967296,"ping":{}}"#, BadFrame::NoId),
        ];
        for (frame, bad) in cases {
            assert_eq!(parse(frame), Err(bad), "{frame}");
        }
        assert_eq!(
            parse(&"[".repeat(FRAME_BYTES_MAX)),
            Err(BadFrame::NotJson),
            "deep nesting"
        );
    }

    #[test]
    fn what_expects_no_reply_is_left_out() {
        assert_eq!(parse("{}\n\n{\"send\":{\"data\":1}}\n"), Ok(vec![]));
    }

    #[test]
    fn a_frame_has_a_size_and_a_number_of_commands() {
        let frame = |commands: usize| "{\"id\":1,\"ping\":{}}\n".repeat(commands);
        assert_eq!(parse(&frame(COMMANDS_MAX)).unwrap().len(), COMMANDS_MAX);
        assert_eq!(parse(&frame(COMMANDS_MAX + 1)), Err(BadFrame::TooMany));
        let padded = |bytes: usize| format!("{:bytes$}", r#"{"id":1,"ping":{}}"#);
        assert_eq!(parse(&padded(FRAME_BYTES_MAX)).unwrap().len(), 1);
        assert_eq!(parse(&padded(FRAME_BYTES_MAX + 1)), Err(BadFrame::TooLarge));
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let shown = format!("{:?}", parse(r#"{"id":1,"connect":{"token":"secret"}}"#));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
