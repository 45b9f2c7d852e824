//! Once, whatever breaks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use app::message::{About, MESSAGE_VERSION, NotificationMessage};
use app::ports::{Mail, Mailer, PortError};
use app::{App, Error};
use async_trait::async_trait;
use testkit::{Fault, SeededIds, World};

use super::{confirmed, hold, notes, of, tell};

/// Refuses as many mails to one address as it is told.
#[derive(Default)]
struct Moody {
    refuses: String,
    times: AtomicU32,
    sent: Mutex<Vec<Mail>>,
}

#[async_trait]
impl Mailer for Moody {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        let times = self.times.load(Ordering::SeqCst);
        if mail.to == self.refuses && times > 0 {
            self.times.store(times - 1, Ordering::SeqCst);
            return Err(PortError::Unavailable("not today".to_owned()));
        }
        self.sent.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

fn with_mailer(world: &World, mailer: Arc<Moody>) -> App {
    let (store, config) = (world.app.store().clone(), world.app.config().clone());
    let ids = Arc::new(SeededIds::new(2));
    App::builder(store, config, world.clock.clone(), ids)
        .unwrap()
        .with_mailer(mailer)
        .build()
}

#[tokio::test]
async fn a_message_that_comes_again_tells_nobody_twice() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    let event = confirmed(&world, &booking);
    for _ in 0..3 {
        tell(&world.app, of(&event)).await.unwrap();
        world.clock.advance_minutes(3);
    }
    assert_eq!(world.mails.all().len(), 2);
    assert_eq!(notes(&world, &customer).await.len(), 1);
    assert_eq!(notes(&world, &vendor).await.len(), 1);
}

#[tokio::test]
async fn one_who_cannot_be_told_does_not_keep_the_others_from_being_told() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    let refuses = customer.email.clone();
    let mailer = Arc::new(Moody {
        refuses,
        times: AtomicU32::new(1),
        ..Moody::default()
    });
    let app = with_mailer(&world, mailer.clone());
    let event = confirmed(&world, &booking);

    let first = tell(&app, of(&event)).await;
    assert!(
        matches!(first, Err(Error::Unavailable(_))),
        "the message has to come again: {first:?}"
    );
    let sent: Vec<String> = mailer.sent.lock().unwrap().iter().map(|m| m.to.clone()).collect();
    assert_eq!(sent, [vendor.email.as_str()]);
    let [note] = notes(&world, &customer).await.try_into().unwrap();
    assert!(!note.mailed);

    tell(&app, of(&event)).await.unwrap();
    let sent: Vec<String> = mailer.sent.lock().unwrap().iter().map(|m| m.to.clone()).collect();
    assert_eq!(sent, [vendor.email.as_str(), customer.email.as_str()]);
    let [note] = notes(&world, &customer).await.try_into().unwrap();
    assert!(note.mailed);
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_goes_out_twice_because_its_mark_was_lost_is_the_same_mail() {
    let world = World::new();
    let (customer, _, booking) = hold(&world).await;
    let event = confirmed(&world, &booking);
    // The note is written; the mark fails as often as the SDK tries.
    world.faults.next("TransactWriteItems", Fault::None);
    for _ in 0..3 {
        world.faults.next("TransactWriteItems", Fault::Failed);
    }
    assert!(matches!(
        tell(&world.app, of(&event)).await,
        Err(Error::Unavailable(_))
    ));
    tell(&world.app, of(&event)).await.unwrap();

    let [first, again] = world.mails.to(&customer.email).try_into().unwrap();
    assert_eq!(first, again);
    assert_eq!(notes(&world, &customer).await.len(), 1);
    tell(&world.app, of(&event)).await.unwrap();
    assert_eq!(world.mails.to(&customer.email).len(), 2);
}

#[tokio::test]
async fn two_workers_on_the_same_message_leave_one_note() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    let event = confirmed(&world, &booking);
    let (one, other) = tokio::join!(tell(&world.app, of(&event)), tell(&world.app, of(&event)));
    assert_eq!((one, other), (Ok(()), Ok(())));
    for person in [&customer, &vendor] {
        let [note] = notes(&world, person).await.try_into().unwrap();
        assert!(note.mailed);
        let ids: Vec<String> = world
            .mails
            .to(&person.email)
            .into_iter()
            .map(|m| m.message_id)
            .collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    }
}

#[tokio::test]
async fn a_message_or_an_event_of_another_version_is_left_for_somebody_who_can_read_it() {
    let world = World::new();
    let (customer, _, booking) = hold(&world).await;
    let user = customer.caller.user;
    let message = NotificationMessage {
        v: MESSAGE_VERSION + 1,
        about: About::AlreadyRegistered { user },
    };
    let unknown = app::notifications::handle(&world.app, message).await;
    assert!(matches!(unknown, Err(Error::Internal(_))));
    let mut event = confirmed(&world, &booking);
    event.v += 1;
    assert!(matches!(
        tell(&world.app, of(&event)).await,
        Err(Error::Internal(_))
    ));
    assert_eq!(world.mails.all().len(), 0);
}
