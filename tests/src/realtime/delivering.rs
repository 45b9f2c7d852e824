//! From the channels to the sockets.

use app::realtime;
use domain::channel::Channel;
use store::Transaction;
use store::connections::Subscription;

use super::Scene;
use super::socket::Socket;

/// The items of a subscription whose command is being answered.
async fn subscribing(scene: &Scene, id: &str, channel: Channel) -> Subscription {
    let subscription = Subscription {
        connection: id.to_owned(),
        channel,
        command: 2,
        told: None,
        version: 1,
    };
    let mut transaction = Transaction::new();
    transaction.put_subscription(&subscription, scene.world.now());
    scene.world.app.store().commit(transaction).await.unwrap();
    subscription
}

#[tokio::test]
async fn everybody_who_listens_gets_every_event_in_order() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    let mut sockets = Vec::new();
    for n in 0..5 {
        sockets.push(Socket::connected(&scene.world, &format!("c{n}"), Some(&scene.customer)).await);
    }
    for _ in 0..4 {
        scene.tells(channel, 1).await;
    }
    scene.fan_out_after(channel, 0).await;
    for socket in &sockets {
        assert_eq!(socket.pushed()[&channel.to_string()], [1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn what_a_client_was_told_with_its_subscription_is_not_posted_again() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    scene.tells(channel, 1).await;
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    scene.tells(channel, 1).await;
    // The stream comes late.
    scene.fan_out_after(channel, 0).await;
    assert_eq!(socket.pushed()[&channel.to_string()], [2]);
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_for_a_client_that_is_being_answered() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    let pending = subscribing(&scene, "c1", channel).await;
    let (first, second) = (scene.tells(channel, 1).await, scene.tells(channel, 1).await);
    let begins = async {
        let mut transaction = Transaction::new();
        transaction.begin_listening(
            &Subscription {
                told: Some(1),
                ..pending
            },
            scene.world.now(),
        );
        scene.world.app.store().commit(transaction).await.unwrap();
    };
    let posts = async {
        realtime::fan_out(&scene.world.app, &first).await.unwrap();
        realtime::fan_out(&scene.world.app, &second).await.unwrap();
    };
    futures_util::future::join(posts, begins).await;
    let socket = Socket::open(&scene.world, "c1");
    assert_eq!(socket.pushed()[&channel.to_string()], [2]);
    assert!(!socket.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_never_answered_is_closed_rather_than_left_without_an_event() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    subscribing(&scene, "c1", channel).await;
    let event = scene.tells(channel, 1).await;
    realtime::fan_out(&scene.world.app, &event).await.unwrap();
    assert_eq!(scene.world.sockets.closed(), ["c1"]);
    assert_eq!(scene.world.app.store().listeners_of(&channel).await, Ok(vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_reached_is_closed_and_the_others_get_the_event() {
    let scene = Scene::new().await;
    let channel = scene.own_channel();
    let broken = Socket::connected(&scene.world, "broken", Some(&scene.customer)).await;
    let well = Socket::connected(&scene.world, "well", Some(&scene.customer)).await;
    scene.world.sockets.break_off("broken");
    for _ in 0..2 {
        let event = scene.tells(channel, 1).await;
        realtime::fan_out(&scene.world.app, &event).await.unwrap();
    }
    assert_eq!(well.pushed()[&channel.to_string()], [1, 2]);
    assert!(broken.is_closed());
    assert_eq!(scene.world.app.store().connection("broken").await, Ok(None));
    let listeners = scene.world.app.store().listeners_of(&channel).await.unwrap();
    assert_eq!(
        listeners
            .iter()
            .map(|l| l.connection.as_str())
            .collect::<Vec<_>>(),
        ["well"]
    );
}

#[tokio::test]
async fn a_connection_that_is_gone_is_forgotten() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let channel = Channel::Booking(booking.id);
    let socket = Socket::connected(&scene.world, "c1", Some(&scene.customer)).await;
    socket.subscribes(channel).await;
    scene.world.sockets.lose("c1");
    scene.publish(&booking, 1).await;
    scene.fan_out_after(channel, 0).await;
    let store = scene.world.app.store();
    assert_eq!(store.connection("c1").await, Ok(None));
    assert_eq!(store.listeners_of(&scene.own_channel()).await, Ok(vec![]));
    assert_eq!(scene.world.sockets.closed(), Vec::<String>::new());
}

#[tokio::test]
async fn a_whole_booking_is_followed_live() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let on_booking = Channel::Booking(booking.id);
    let on_venue = Channel::VenueAvailability(scene.venue.id);
    let customer = Socket::connected(&scene.world, "customer", Some(&scene.customer)).await;
    let vendor = Socket::connected(&scene.world, "vendor", Some(&scene.vendor)).await;
    let passer_by = Socket::connected(&scene.world, "passer-by", None).await;
    customer.subscribes(on_booking).await;
    vendor.subscribes(Channel::Vendor(scene.vendor.vendor())).await;
    passer_by.subscribes(on_venue).await;
    scene.publish(&booking, 1).await;
    scene.cancels(&booking).await;
    scene.publish(&booking, 2).await;
    for channel in [
        on_booking,
        on_venue,
        scene.own_channel(),
        Channel::Vendor(booking.vendor),
    ] {
        scene.fan_out_after(channel, 0).await;
    }
    for (socket, channel) in [
        (&customer, on_booking),
        (&customer, scene.own_channel()),
        (&vendor, Channel::Vendor(booking.vendor)),
        (&passer_by, on_venue),
    ] {
        assert_eq!(socket.pushed()[&channel.to_string()], [1, 2], "{channel}");
    }
    assert_eq!(passer_by.pushed().len(), 1);
}
