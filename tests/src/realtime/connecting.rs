//! Who is there.

use app::auth;
use app::realtime::{
    self, COMMANDS_BURST, COMMANDS_PER_SECOND, CONNECTIONS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND, Unopened,
};
use serde_json::json;
use testkit::{Fault, World};

use super::Scene;
use super::socket::{Socket, code, token};

#[tokio::test]
async fn somebody_with_a_token_is_subscribed_to_their_own_channel() {
    let scene = Scene::new().await;
    let socket = Socket::open(&scene.world, "c1");
    let reply = socket.connects(Some(&token(&scene.world, &scene.customer))).await;
    let own = &reply["connect"]["subs"][scene.own_channel().to_string()];
    assert_eq!((&own["recoverable"], &own["offset"]), (&json!(true), &json!(0)));
    assert_eq!(reply["connect"]["client"], "c1");
    assert_eq!(
        reply["connect"].get("ping"),
        None,
        "no pings of the server are promised"
    );
    scene.tells(scene.own_channel(), 1).await;
    scene.fan_out_after(scene.own_channel(), 0).await;
    assert_eq!(socket.pushed()[&scene.own_channel().to_string()], [1]);
}

#[tokio::test]
async fn nobody_may_connect_and_listens_to_nothing() {
    let scene = Scene::new().await;
    let socket = Socket::open(&scene.world, "c1");
    let reply = socket.connects(None).await;
    assert_eq!(reply["connect"]["subs"], json!({}));
}

#[tokio::test]
async fn an_expired_token_is_told_so_and_a_new_one_gets_in() {
    let scene = Scene::new().await;
    let old = token(&scene.world, &scene.customer);
    scene.world.clock.advance_minutes(12);
    let socket = Socket::open(&scene.world, "c1");
    assert_eq!(code(&socket.connects(Some(&old)).await), 109);
    assert!(!socket.is_closed());
    let reply = socket.connects(Some(&token(&scene.world, &scene.customer))).await;
    assert!(reply.get("connect").is_some(), "{reply}");
}

#[tokio::test]
async fn a_token_that_is_for_something_else_or_somebody_elses_is_refused() {
    let scene = Scene::new().await;
    let mut tampered = token(&scene.world, &scene.customer);
    let last = tampered.pop().unwrap();
    tampered.push(if last == 'A' { 'B' } else { 'A' });
    let body = tampered.find('.').unwrap();
    let foreign = format!("{}{}", &tampered[..body + 1], "e30.c2ln");
    let bad = [
        scene.customer.access_token.clone(),
        scene.customer.refresh_token.clone(),
        foreign,
        "x".to_owned(),
    ];
    for (n, bad) in bad.iter().enumerate() {
        let socket = Socket::open(&scene.world, &format!("c{n}"));
        assert_eq!(code(&socket.connects(Some(bad)).await), 101, "{n}");
        assert_eq!(
            (socket.dismissed(), socket.is_closed()),
            (Some(3500), true),
            "{n}"
        );
        assert_eq!(scene.world.app.store().connection(&socket.id).await, Ok(None));
    }
}

#[tokio::test]
async fn a_token_dies_with_its_session() {
    let scene = Scene::new().await;
    let token = token(&scene.world, &scene.customer);
    auth::logout(&scene.world.app, &scene.customer.caller)
        .await
        .unwrap();
    let socket = Socket::open(&scene.world, "c1");
    assert_eq!(code(&socket.connects(Some(&token)).await), 101);
}

#[tokio::test]
async fn any_other_command_first_is_refused_and_ends_the_connection() {
    let scene = Scene::new().await;
    let asks = [
        ("subscribe", json!({"channel": scene.own_channel()})),
        ("history", json!({"channel": scene.own_channel()})),
        ("rpc", json!({"method": "ping"})),
        ("ping", json!({})),
        ("presence", json!({})),
    ];
    for (method, ask) in asks {
        let socket = Socket::open(&scene.world, method);
        assert_eq!(code(&socket.asks(method, ask).await), 101, "{method}");
        assert_eq!(
            (socket.dismissed(), socket.is_closed()),
            (Some(3501), true),
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_frame_that_is_not_of_the_protocol_ends_the_connection() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    socket.sends("GET / HTTP/1.1").await;
    assert_eq!((socket.dismissed(), socket.is_closed()), (Some(3501), true));
    assert_eq!(
        scene.world.app.store().listeners_of(&scene.own_channel()).await,
        Ok(vec![])
    );
}

#[tokio::test]
async fn connecting_twice_is_refused() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", None).await;
    assert_eq!(
        code(&socket.connects(Some(&token(&scene.world, &scene.customer))).await),
        107
    );
    let connection = scene.world.app.store().connection("c1").await.unwrap().unwrap();
    assert_eq!(connection.user, None);
}

#[tokio::test]
async fn one_connection_too_many_closes_the_oldest() {
    let scene = Scene::new().await;
    let mut sockets = Vec::new();
    for n in 0..CONNECTIONS_MAX {
        sockets.push(Socket::connected(&scene.world, &format!("c{n}"), Some(&scene.customer)).await);
        scene.world.clock.advance_seconds(1);
    }
    assert_eq!(scene.world.sockets.closed(), Vec::<String>::new());
    let newest = Socket::connected(&scene.world, "newest", Some(&scene.customer)).await;
    assert_eq!(scene.world.sockets.closed(), ["c0"]);
    assert_eq!(sockets[0].dismissed(), Some(3504));
    assert_eq!(newest.dismissed(), None);
    let open = scene
        .world
        .app
        .store()
        .connections_of(scene.customer.caller.user, 100)
        .await
        .unwrap();
    assert_eq!(open.len(), CONNECTIONS_MAX);
    // Somebody else's are not counted.
    Socket::connected(&scene.world, "vera", Some(&scene.vendor)).await;
    assert_eq!(scene.world.sockets.closed(), ["c0"]);
}

#[tokio::test]
async fn a_connection_that_ends_leaves_nothing_behind() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let channel = domain::channel::Channel::Booking(booking.id);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    socket.subscribes(channel).await;
    for _ in 0..2 {
        realtime::on_disconnect(&scene.world.app, "c1").await.unwrap();
    }
    let store = scene.world.app.store();
    assert_eq!(store.connection("c1").await, Ok(None));
    assert_eq!(store.subscriptions_of("c1", 100).await, Ok(vec![]));
    assert_eq!(
        store.connections_of(scene.customer.caller.user, 100).await,
        Ok(vec![])
    );
    for channel in [channel, scene.own_channel()] {
        assert_eq!(store.listeners_of(&channel).await, Ok(vec![]));
    }
}

#[tokio::test]
async fn signing_out_ends_the_connections_of_that_session_and_no_others() {
    let scene = Scene::new().await;
    let again = scene.world.signs_in(&scene.customer.email).await;
    let here = Socket::connected(&scene.world, "here", Some(&scene.customer)).await;
    let there = Socket::connected(&scene.world, "there", Some(&again)).await;
    auth::logout(&scene.world.app, &scene.customer.caller)
        .await
        .unwrap();
    assert_eq!((here.dismissed(), here.is_closed()), (Some(3503), true));
    assert!(!there.is_closed());
    realtime::disconnect_user(&scene.world.app, again.caller.user, None)
        .await
        .unwrap();
    assert!(there.is_closed());
}

/// Whichever comes first: no connection of a session that is over stays open.
#[tokio::test]
async fn signing_out_everywhere_ends_connections_that_are_just_opening() {
    let world = World::new();
    for steps_later in 0..24 {
        let ada = match steps_later {
            0 => world.customer("ada").await,
            _ => world.signs_in("ada@example.com").await,
        };
        let token = token(&world, &ada);
        let socket = Socket::open(&world, &format!("c{steps_later}"));
        let signs_out = async {
            for _ in 0..steps_later {
                tokio::task::yield_now().await;
            }
            auth::end_all_sessions(&world.app, &ada.caller).await
        };
        let connect = json!({"id": 1, "connect": {"token": token}}).to_string();
        let (_, ended) = tokio::join!(socket.sends(&connect), signs_out);
        ended.unwrap();
        let found = world.app.store().connection(&socket.id).await.unwrap();
        assert_eq!(found, None, "{steps_later} steps later");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_used_again_ends_the_connections_of_its_session() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    let token = &scene.customer.refresh_token;
    auth::refresh(&scene.world.app, token).await.unwrap();
    assert!(!socket.is_closed());
    scene.world.clock.advance_seconds(auth::GRACE_SECONDS + 1);
    assert!(auth::refresh(&scene.world.app, token).await.is_err());
    assert_eq!((socket.dismissed(), socket.is_closed()), (Some(3503), true));
}

#[tokio::test(start_paused = true)]
async fn signing_out_succeeds_though_a_connection_cannot_be_reached() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    scene.world.sockets.break_off(&socket.id);
    let me = &scene.customer.caller;
    assert_eq!(auth::logout(&scene.world.app, me).await, Ok(()));
    assert!(socket.is_closed());
}

#[tokio::test]
async fn a_connection_that_outlived_its_session_ends_with_its_next_ping() {
    for (method, ask) in [("rpc", json!({"method": "ping"})), ("ping", json!({}))] {
        let scene = Scene::new().await;
        let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
        scene.revokes(&scene.customer).await;
        assert_eq!(code(&socket.asks(method, ask).await), 101, "{method}");
        assert_eq!(
            (socket.dismissed(), socket.is_closed()),
            (Some(3503), true),
            "{method}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_while_somebody_connects_with_it_leaves_no_connection_open() {
    for seed in 1..=40 {
        let scene = Scene::seeded(seed).await;
        let token = token(&scene.world, &scene.customer);
        let socket = Socket::open(&scene.world, "c1");
        // Retries after chance conflicts put the steps of the two into any order.
        scene.world.faults.by_chance(seed, &[(Fault::Conflict, 400)]);
        let frame = json!({"id": 1, "connect": {"token": token}}).to_string();
        let connects = socket.sends(&frame);
        let ends = auth::logout(&scene.world.app, &scene.customer.caller);
        let ((), ended) = futures_util::future::join(connects, ends).await;
        scene.world.faults.heal();
        ended.unwrap();
        assert!(socket.is_closed(), "seed {seed}");
        assert_eq!(scene.world.app.store().connection("c1").await, Ok(None));
    }
}

#[tokio::test]
async fn one_address_opens_only_so_many_sockets_at_once_and_others_are_not_kept_out_by_it() {
    let world = World::new();
    let opens = async |address: &str| realtime::may_open(&world.app, None, address).await.unwrap();
    for n in 0..CONNECTS_BURST {
        assert_eq!(opens("203.0.113.7").await, Ok(()), "{n}");
    }
    assert_eq!(opens("203.0.113.7").await, Err(Unopened::Rate));
    assert_eq!(opens("203.0.113.8").await, Ok(()));
    world.clock.advance_seconds(1);
    for n in 0..CONNECTS_PER_SECOND {
        assert_eq!(opens("203.0.113.7").await, Ok(()), "{n}");
    }
    assert_eq!(opens("203.0.113.7").await, Err(Unopened::Rate));
}

#[tokio::test]
async fn whoever_sends_too_fast_is_told_to_wait() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", None).await;
    let pings = |n: u32| {
        (0..n)
            .map(|_| format!("{{\"id\":{},\"ping\":{{}}}}\n", socket.next()))
            .collect::<String>()
    };
    // One went with the connect.
    socket.sends(&pings(COMMANDS_BURST)).await;
    let refused = |lines: &[serde_json::Value]| lines.iter().filter(|l| l["error"]["code"] == 111).count();
    let lines = socket.hears();
    assert_eq!((lines.len(), refused(&lines)), (COMMANDS_BURST as usize, 1));
    assert!(
        lines
            .iter()
            .filter(|l| l["error"]["code"] == 111)
            .all(|l| l["error"]["temporary"] == true)
    );
    scene.world.clock.advance_seconds(1);
    socket.sends(&pings(COMMANDS_PER_SECOND + 1)).await;
    assert_eq!(refused(&socket.hears()), 1);
}

#[tokio::test]
async fn a_failing_table_is_answered_with_an_error_to_try_again() {
    let scene = Scene::new().await;
    let socket = Socket::connected(&scene.world, "c1", None).await;
    for _ in 0..3 {
        scene.world.faults.next("GetItem", Fault::Failed);
    }
    let id = socket.next();
    let frame = json!({"id": id, "ping": {}}).to_string();
    assert!(realtime::on_frame(&scene.world.app, "c1", &frame).await.is_err());
    let reply = socket.reply_to(id);
    assert_eq!((code(&reply), &reply["error"]["temporary"]), (100, &json!(true)));
}
