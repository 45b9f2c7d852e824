//! Sockets break at any moment, and nobody misses anything or hears it twice.

use domain::channel::Channel;
use serde_json::{Value, json};

use super::Scene;
use super::socket::{Socket, publications, token};

/// A person's client over many sockets. It keeps what the protocol asks for: its position, and that what is
/// not after it is no news.
struct Client {
    channel: String,
    epoch: String,
    offset: u64,
    heard: Vec<u64>,
    sockets: u32,
}

impl Client {
    fn hears(&mut self, offsets: impl IntoIterator<Item = u64>) {
        for offset in offsets {
            if offset > self.offset {
                self.heard.push(offset);
            }
            // As the SDK has it: the offset of whatever arrives.
            self.offset = offset;
        }
    }

    async fn comes_back<'w>(&mut self, scene: &'w Scene) -> Socket<'w> {
        self.sockets += 1;
        let socket = Socket::open(&scene.world, &format!("socket {}", self.sockets));
        let mut ask = json!({"token": token(&scene.world, &scene.customer)});
        if !self.epoch.is_empty() {
            let from = json!({"recover": true, "offset": self.offset, "epoch": self.epoch});
            ask["subs"] = json!({self.channel.clone(): from});
        }
        let reply = socket.asks("connect", ask).await;
        let own = &reply["connect"]["subs"][&self.channel];
        assert_ne!(own["recovered"], Value::Bool(false), "{reply}");
        self.epoch = own["epoch"].as_str().unwrap().to_owned();
        self.hears(publications(own));
        socket
    }

    fn listens(&mut self, socket: &Socket<'_>, already: &mut usize) {
        let pushed = socket.pushed().remove(&self.channel).unwrap_or_default();
        self.hears(pushed[*already..].to_vec());
        *already = pushed.len();
    }
}

/// The same numbers for the same seed (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

async fn a_life(seed: u64) {
    let scene = Scene::seeded(seed).await;
    let mut dice = Dice(seed);
    let channel: Channel = scene.own_channel();
    let mut client = Client {
        channel: channel.to_string(),
        epoch: String::new(),
        offset: 0,
        heard: Vec::new(),
        sockets: 0,
    };
    let mut socket = client.comes_back(&scene).await;
    let (mut already, mut told, mut fanned) = (0, 0, 0);
    for _ in 0..60 {
        match dice.below(5) {
            0 | 1 => {
                scene
                    .tells(channel, usize::try_from(dice.below(9_000)).unwrap())
                    .await;
                told += 1;
            }
            2 if fanned < told => {
                let next = scene
                    .world
                    .app
                    .store()
                    .channel_events_after(&channel, fanned, 1)
                    .await
                    .unwrap();
                app::realtime::fan_out(&scene.world.app, &next[0]).await.unwrap();
                fanned += 1;
                // The same record again, as after a failure of its batch.
                if dice.below(4) == 0 {
                    app::realtime::fan_out(&scene.world.app, &next[0]).await.unwrap();
                }
            }
            3 => client.listens(&socket, &mut already),
            4 => {
                // What was posted and not heard yet is lost with the socket.
                match dice.below(3) {
                    0 => scene.world.sockets.lose(&socket.id),
                    1 => scene.world.sockets.break_off(&socket.id),
                    _ => app::realtime::on_disconnect(&scene.world.app, &socket.id)
                        .await
                        .unwrap(),
                }
                socket = client.comes_back(&scene).await;
                already = 0;
            }
            _ => {}
        }
    }
    scene.fan_out_after(channel, fanned).await;
    client.listens(&socket, &mut already);
    assert_eq!(client.heard, (1..=told).collect::<Vec<_>>(), "seed {seed}");
}

#[tokio::test(start_paused = true)]
async fn sockets_that_break_at_random_leave_no_gap_and_nothing_twice() {
    for seed in 1..=20 {
        a_life(seed).await;
    }
}
