//! Channels: who may listen, from where on, and until when.

use app::Error;
use app::realtime::{EVENTS_MAX, REPLAY_MAX, SUBSCRIPTIONS_MAX, events_since};
use domain::channel::Channel;
use serde_json::{Value, json};
use store::Transaction;
use testkit::VenueBuilder;

use super::socket::{Socket, code, publications};
use super::{Scene, offsets};

#[tokio::test]
async fn a_stranger_is_denied_every_channel() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let draft = scene.world.draft(&scene.vendor, VenueBuilder::default()).await;
    let stranger = scene.world.customer("sam").await;
    let rival = scene.world.vendor("rita").await;
    let channels = [
        Channel::Booking(booking.id).to_string(),
        scene.own_channel().to_string(),
        Channel::Vendor(scene.vendor.vendor()).to_string(),
        Channel::VenueAvailability(draft.id).to_string(),
        "booking:bkg_00000000000000000000000000000009".to_owned(),
        "venue:ven_00000000000000000000000000000009:availability".to_owned(),
        "booking:*".to_owned(),
        "admin:metrics".to_owned(),
        "chat:1".to_owned(),
        String::new(),
    ];
    for (n, who) in [None, Some(&stranger), Some(&rival)].into_iter().enumerate() {
        let socket = Socket::connected(&scene.world, &format!("c{n}"), who).await;
        for channel in &channels {
            assert_eq!(code(&socket.subscribes(channel).await), 103, "{channel}");
            assert_eq!(
                code(&socket.asks("history", json!({"channel": channel})).await),
                103,
                "{channel}"
            );
            if let Ok(channel) = channel.parse::<Channel>() {
                let listeners = scene.world.app.store().listeners_of(&channel).await.unwrap();
                assert_eq!(listeners, [], "{channel}");
                let read = events_since(&scene.world.app, who.map(|w| &w.caller), &channel, 0, None, 1).await;
                let expected = if who.is_some() {
                    Error::NotFound
                } else {
                    Error::Unauthenticated
                };
                assert_eq!(read, Err(expected), "{channel}");
            }
        }
        assert!(!socket.is_closed());
    }
}

#[tokio::test]
async fn whoever_a_channel_concerns_may_listen() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let draft = scene.world.draft(&scene.vendor, VenueBuilder::default()).await;
    let admin = scene.world.admin().await;
    let (on_booking, on_draft) = (Channel::Booking(booking.id), Channel::VenueAvailability(draft.id));
    let on_venue = Channel::VenueAvailability(scene.venue.id);
    let on_vendor = Channel::Vendor(scene.vendor.vendor());
    let cases = [
        (
            "c1",
            Some(&scene.customer),
            vec![on_booking, on_venue, scene.own_channel()],
        ),
        (
            "c2",
            Some(&scene.vendor),
            vec![on_booking, on_venue, on_draft, on_vendor],
        ),
        ("c3", Some(&admin), vec![on_booking, on_venue, on_draft]),
        ("c4", None, vec![on_venue]),
    ];
    for (id, who, channels) in cases {
        let socket = Socket::connected(&scene.world, id, who).await;
        for channel in channels {
            let reply = socket.subscribes(channel).await;
            assert_eq!(reply["subscribe"]["recoverable"], true, "{id} {channel}: {reply}");
        }
    }
}

#[tokio::test]
async fn a_session_that_has_ended_listens_to_nothing_more() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    scene.revokes(&scene.customer).await;
    assert_eq!(code(&socket.subscribes(Channel::Booking(booking.id)).await), 101);
    assert_eq!((socket.dismissed(), socket.is_closed()), (Some(3503), true));
}

#[tokio::test]
async fn a_client_is_told_what_it_missed() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    scene.cancels(&booking).await;
    scene.publish(&booking, 2).await;
    let channel = Channel::Booking(booking.id);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let fresh = socket.subscribes(channel).await;
    assert_eq!(
        (&fresh["subscribe"]["offset"], publications(&fresh["subscribe"])),
        (&json!(2), vec![])
    );
    let epoch = fresh["subscribe"]["epoch"].as_str().unwrap().to_owned();
    let back = Socket::connected(&scene.world, "c2", Some(&scene.customer)).await;
    let reply = back.recovers(channel, 1, &epoch).await;
    let result = &reply["subscribe"];
    assert_eq!(
        (&result["recovered"], &result["was_recovering"]),
        (&json!(true), &json!(true))
    );
    assert_eq!((&result["offset"], publications(result)), (&json!(1), vec![2]));
    let reply = back.recovers(channel, 2, &epoch).await;
    assert_eq!(
        (
            &reply["subscribe"]["recovered"],
            publications(&reply["subscribe"])
        ),
        (&json!(true), vec![])
    );
}

#[tokio::test]
async fn the_server_side_subscription_recovers_with_the_connect() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        scene.tells(scene.own_channel(), 1).await;
    }
    let socket = Socket::open(&scene.world, "c1");
    let token = super::socket::token(&scene.world, &scene.customer);
    let name = scene.own_channel().to_string();
    let subs = json!({name.clone(): {"recover": true, "offset": 1, "epoch": "e"}});
    let reply = socket
        .asks("connect", json!({"token": token, "subs": subs}))
        .await;
    let own = &reply["connect"]["subs"][&name];
    assert_eq!((&own["recovered"], publications(own)), (&json!(true), vec![2, 3]));
}

#[tokio::test]
async fn what_does_not_fit_into_the_reply_follows_it_before_anything_newer() {
    let scene = Scene::new().await;
    for _ in 0..10 {
        scene.tells(scene.own_channel(), 8_000).await;
    }
    let name = scene.own_channel().to_string();
    let socket = Socket::open(&scene.world, "c1");
    let token = super::socket::token(&scene.world, &scene.customer);
    let subs = json!({name.clone(): {"recover": true, "offset": 0, "epoch": "e"}});
    let reply = socket
        .asks("connect", json!({"token": token, "subs": subs}))
        .await;
    scene.tells(scene.own_channel(), 1).await;
    scene.fan_out_after(scene.own_channel(), 0).await;
    let mut all = publications(&reply["connect"]["subs"][&name]);
    assert!(!all.is_empty());
    all.extend(&socket.pushed()[&name]);
    assert_eq!(all, (1..=11).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_missed_too_much_begins_anew() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    scene.tells(channel, 1).await;
    scene.passes(8);
    scene.tells(channel, 1).await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let lost = |reply: &Value| {
        let result = &reply["subscribe"];
        assert_eq!(
            (&result["recovered"], &result["offset"]),
            (&json!(false), &json!(2)),
            "{reply}"
        );
        assert_eq!(result["was_recovering"], true);
    };
    lost(&socket.recovers(channel, 0, "e").await);
    lost(&socket.recovers(channel, 1, "another").await);
    lost(&socket.recovers(channel, 3, "e").await);
    let reply = socket.recovers(channel, 1, "e").await;
    assert_eq!(
        (
            &reply["subscribe"]["recovered"],
            publications(&reply["subscribe"])
        ),
        (&json!(true), vec![2])
    );
}

#[tokio::test]
async fn a_replay_has_a_limit() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    for _ in 0..=REPLAY_MAX {
        scene.tells(channel, 1).await;
    }
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    assert_eq!(
        socket.recovers(channel, 0, "e").await["subscribe"]["recovered"],
        false
    );
    let reply = socket.recovers(channel, 1, "e").await;
    assert_eq!(reply["subscribe"]["recovered"], true);
}

#[tokio::test]
async fn a_client_that_asked_for_it_gets_an_error_instead_of_a_gap() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let channel = Channel::Booking(booking.id);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let ask = json!({"channel": channel, "recover": true, "offset": 7, "epoch": "1", "flag": 3});
    assert_eq!(code(&socket.asks("subscribe", ask).await), 112);
    assert_eq!(scene.world.app.store().listeners_of(&channel).await, Ok(vec![]));
    let connection = scene.world.app.store().connection("c1").await.unwrap().unwrap();
    assert_eq!(connection.subscriptions, 1);
}

#[tokio::test]
async fn a_connection_listens_to_a_hundred_channels_at_most() {
    let scene = Scene::new().await;
    let (first, second) = (scene.books(24).await, scene.books(48).await);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let store = scene.world.app.store();
    let mut connection = store.connection("c1").await.unwrap().unwrap();
    connection.subscriptions = SUBSCRIPTIONS_MAX - 1;
    connection.version += 1;
    let mut transaction = Transaction::new();
    transaction.put_connection(&connection);
    store.commit(transaction).await.unwrap();
    assert!(
        socket
            .subscribes(Channel::Booking(first.id))
            .await
            .get("subscribe")
            .is_some()
    );
    assert_eq!(code(&socket.subscribes(Channel::Booking(second.id)).await), 106);
    // What it listens to already is no more than before.
    assert!(
        socket
            .subscribes(Channel::Booking(first.id))
            .await
            .get("subscribe")
            .is_some()
    );
    socket
        .asks("unsubscribe", json!({"channel": Channel::Booking(first.id)}))
        .await;
    assert!(
        socket
            .subscribes(Channel::Booking(second.id))
            .await
            .get("subscribe")
            .is_some()
    );
}

#[tokio::test]
async fn whoever_unsubscribes_hears_nothing_more() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let channel = Channel::Booking(booking.id);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    socket.subscribes(channel).await;
    for _ in 0..2 {
        let reply = socket.asks("unsubscribe", json!({"channel": channel})).await;
        assert_eq!(reply["unsubscribe"], json!({}));
    }
    scene.publish(&booking, 1).await;
    scene.fan_out_after(channel, 0).await;
    assert_eq!(socket.pushed().get(&channel.to_string()), None);
}

#[tokio::test]
async fn an_unsubscribe_that_comes_late_does_not_end_a_later_subscription() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let channel = Channel::Booking(booking.id);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let frame = |id: u32, method: &str| json!({"id": id, method: {"channel": channel}}).to_string();
    // Sent as 11 to 13, handled in another order.
    for (id, method) in [(13, "subscribe"), (11, "subscribe"), (12, "unsubscribe")] {
        socket.sends(&frame(id, method)).await;
        assert!(socket.reply_to(id).get("error").is_none());
    }
    scene.publish(&booking, 1).await;
    scene.fan_out_after(channel, 0).await;
    assert_eq!(socket.pushed()[&channel.to_string()], [1]);
}

#[tokio::test]
async fn a_history_is_read_in_pages_and_by_position() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    for _ in 0..5 {
        scene.tells(channel, 1).await;
    }
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let history = async |ask: Value| {
        let mut whole = json!({"channel": channel});
        whole
            .as_object_mut()
            .unwrap()
            .extend(ask.as_object().unwrap().clone());
        socket.asks("history", whole).await
    };
    let position = history(json!({})).await;
    assert_eq!(
        position["history"],
        json!({"publications": [], "offset": 5, "epoch": "e"})
    );
    assert_eq!(
        publications(&history(json!({"limit": 2})).await["history"]),
        [1, 2]
    );
    assert_eq!(
        publications(&history(json!({"limit": -1})).await["history"]),
        [1, 2, 3, 4, 5]
    );
    let since = json!({"limit": 2, "since": {"offset": 2, "epoch": "e"}});
    assert_eq!(publications(&history(since).await["history"]), [3, 4]);
    let foreign = json!({"limit": 2, "since": {"offset": 2, "epoch": "f"}});
    assert_eq!(code(&history(foreign).await), 112);
    assert_eq!(code(&history(json!({"limit": 2, "reverse": true})).await), 107);
}

#[tokio::test]
async fn what_is_not_here_yet_is_no_method() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    for method in ["chat.send", "chat.read", "chat.typing", ""] {
        assert_eq!(
            code(&socket.asks("rpc", json!({"method": method})).await),
            104,
            "{method}"
        );
    }
    for method in ["presence", "presence_stats", "publish", "refresh"] {
        assert_eq!(code(&socket.asks(method, json!({})).await), 104, "{method}");
    }
    assert_eq!(
        socket.asks("rpc", json!({"method": "ping"})).await["rpc"],
        json!({"data": {}})
    );
    assert_eq!(socket.asks("ping", json!({})).await["ping"], json!({}));
    assert_eq!(code(&socket.asks("subscribe", json!({})).await), 107);
}

#[tokio::test]
async fn a_client_without_a_socket_reads_the_same_offsets() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    for _ in 0..5 {
        scene.tells(channel, 1).await;
    }
    let me = Some(&scene.customer.caller);
    let read = async |since, epoch, limit| {
        events_since(&scene.world.app, me, &channel, since, epoch, limit)
            .await
            .unwrap()
    };
    let page = read(0, None, 3).await;
    assert_eq!(
        (offsets(&page.events), page.offset, page.complete),
        (vec![1, 2, 3], 5, true)
    );
    let page = read(3, Some("e"), EVENTS_MAX).await;
    assert_eq!((offsets(&page.events), page.complete), (vec![4, 5], true));
    let page = read(5, Some("e"), EVENTS_MAX).await;
    assert_eq!((offsets(&page.events), page.complete), (vec![], true));
    for (since, epoch) in [(6, "e"), (3, "f")] {
        let page = read(since, Some(epoch), EVENTS_MAX).await;
        assert_eq!(
            (offsets(&page.events), page.offset, page.complete),
            (vec![], 5, false)
        );
    }
    scene.passes(8);
    assert!(!read(3, Some("e"), EVENTS_MAX).await.complete);
    assert!(read(5, Some("e"), EVENTS_MAX).await.complete);
}
