//! A client at the other end of a socket, which keeps to the protocol's rule: what is not after the last
//! offset it has is no news.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use app::realtime;
use serde_json::{Value, json};
use testkit::{Person, World};

use crate::asyncapi;

pub struct Socket<'w> {
    world: &'w World,
    pub id: String,
    heard: Cell<usize>,
    commands: Cell<u32>,
    /// Everything that was heard, also what is no news.
    pub pushes: RefCell<Vec<Value>>,
}

impl<'w> Socket<'w> {
    /// Open, and nothing said yet.
    pub fn open(world: &'w World, id: &str) -> Self {
        Self {
            world,
            id: id.to_owned(),
            heard: Cell::new(0),
            commands: Cell::new(0),
            pushes: RefCell::default(),
        }
    }

    /// Open and connected, as somebody or nobody.
    pub async fn connected(world: &'w World, id: &str, who: Option<&Person>) -> Self {
        let socket = Self::open(world, id);
        let reply = socket.connects(who.map(|who| token(world, who)).as_deref()).await;
        assert!(reply.get("connect").is_some(), "{reply}");
        socket
    }

    pub async fn connects(&self, token: Option<&str>) -> Value {
        let ask = token.map_or_else(|| json!({}), |token| json!({"token": token}));
        self.asks("connect", ask).await
    }

    /// Sends one command and gives its reply.
    pub async fn asks(&self, method: &str, ask: Value) -> Value {
        let id = self.next();
        let command = json!({"id": id, method: ask});
        self.sends(&command.to_string()).await;
        let reply = self.reply_to(id);
        if reply.get("error").is_none() {
            asyncapi::is_a_command(&command);
        }
        reply
    }

    pub async fn subscribes(&self, channel: impl ToString) -> Value {
        self.asks("subscribe", json!({"channel": channel.to_string()}))
            .await
    }

    pub async fn recovers(&self, channel: impl ToString, offset: u64, epoch: &str) -> Value {
        let ask = json!({"channel": channel.to_string(), "recover": true, "offset": offset, "epoch": epoch});
        self.asks("subscribe", ask).await
    }

    pub async fn sends(&self, frame: &str) {
        realtime::on_frame(&self.world.app, &self.id, frame)
            .await
            .unwrap();
    }

    pub fn next(&self) -> u32 {
        self.commands.set(self.commands.get() + 1);
        self.commands.get()
    }

    /// Everything that was sent since the last look, line by line.
    pub fn hears(&self) -> Vec<Value> {
        let frames = self.world.sockets.sent_to(&self.id);
        let new = &frames[self.heard.replace(frames.len())..];
        assert!(new.iter().all(|frame| frame.len() <= realtime::FRAME_BYTES_MAX));
        let lines: Vec<Value> = new
            .iter()
            .flat_map(|frame| frame.lines())
            .map(|line| serde_json::from_str(line).unwrap())
            .inspect(asyncapi::is_from_the_server)
            .collect();
        self.pushes
            .borrow_mut()
            .extend(lines.iter().filter(|line| line.get("push").is_some()).cloned());
        lines
    }

    pub fn reply_to(&self, id: u32) -> Value {
        let lines = self.hears();
        lines
            .iter()
            .find(|line| line["id"] == id)
            .cloned()
            .unwrap_or_else(|| panic!("no reply in {lines:?}"))
    }

    /// The offsets of what was pushed so far, by channel.
    pub fn pushed(&self) -> BTreeMap<String, Vec<u64>> {
        self.hears();
        let mut pushed: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for push in self.pushes.borrow().iter().map(|line| &line["push"]) {
            if let (Some(channel), Some(offset)) = (push["channel"].as_str(), push["pub"]["offset"].as_u64())
            {
                pushed.entry(channel.to_owned()).or_default().push(offset);
            }
        }
        pushed
    }

    /// Why the server said goodbye, if it did.
    pub fn dismissed(&self) -> Option<u64> {
        self.hears();
        let pushes = self.pushes.borrow();
        pushes
            .iter()
            .find_map(|line| line["push"]["disconnect"]["code"].as_u64())
    }

    pub fn is_closed(&self) -> bool {
        self.world.sockets.closed().contains(&self.id)
    }
}

pub fn token(world: &World, who: &Person) -> String {
    realtime::token(&world.app, &who.caller).unwrap().token
}

pub fn code(reply: &Value) -> u64 {
    reply["error"]["code"]
        .as_u64()
        .unwrap_or_else(|| panic!("no error: {reply}"))
}

/// The offsets of the publications in a reply.
pub fn publications(result: &Value) -> Vec<u64> {
    let publications = result["publications"].as_array().cloned().unwrap_or_default();
    publications
        .iter()
        .map(|publication| publication["offset"].as_u64().unwrap())
        .collect()
}
