//! Registering.

use app::auth;
use app::message::About;
use testkit::World;

use super::{kinds, notes, tell};

#[tokio::test]
async fn the_mailed_token_proves_the_address() {
    let world = World::new();
    let newcomer = world.newcomer("nina").await;
    let about = About::VerifyEmail {
        user: newcomer.caller.user,
    };
    tell(&world.app, about.clone()).await.unwrap();

    let [mail] = world.mails.to("nina@example.com").try_into().unwrap();
    assert!(
        !mail.text.contains("Hello nina"),
        "the name need not be the address's owner's"
    );
    assert!(
        mail.text
            .contains("http://localhost:3000/api/v1/auth/verify-email"),
        "{}",
        mail.text
    );
    // 256 bits in base64url.
    let token = mail
        .text
        .lines()
        .find(|line| line.len() == 43 && !line.contains(' '))
        .unwrap();
    assert!(!mail.message_id.contains(token));
    let verified = auth::verify_email(&world.app, token, &testkit::PASSWORD.into()).await;
    assert!(verified.unwrap().is_verified());

    tell(&world.app, about).await.unwrap();
    assert_eq!(world.mails.all().len(), 1, "whoever is verified needs no token");
}

#[tokio::test]
async fn nobodys_mail_box_is_filled_by_registering_with_their_address() {
    let world = World::new();
    let user = world.newcomer("nina").await.caller.user;
    let about = || About::VerifyEmail { user };
    let burst = usize::try_from(app::notifications::VERIFICATION_MAILS.burst).unwrap();
    for _ in 0..burst + 5 {
        tell(&world.app, about()).await.unwrap();
    }
    assert_eq!(world.mails.to("nina@example.com").len(), burst);
    world.clock.advance_minutes(10);
    for _ in 0..5 {
        tell(&world.app, about()).await.unwrap();
    }
    assert_eq!(world.mails.to("nina@example.com").len(), burst + 1);
}

#[tokio::test]
async fn each_mail_for_an_unproved_address_has_a_token_of_its_own() {
    let world = World::new();
    let newcomer = world.newcomer("nina").await;
    for _ in 0..2 {
        tell(
            &world.app,
            About::VerifyEmail {
                user: newcomer.caller.user,
            },
        )
        .await
        .unwrap();
    }
    let [first, second] = world.mails.to("nina@example.com").try_into().unwrap();
    assert_ne!(first.message_id, second.message_id);
    assert_ne!(first.text, second.text);
    assert_eq!(
        notes(&world, &newcomer).await.len(),
        0,
        "a token is in the mail alone"
    );
}

#[tokio::test]
async fn whoever_has_an_account_is_told_once_a_day_that_somebody_registers_again() {
    let world = World::new();
    let customer = world.customer("carl").await;
    let about = || About::AlreadyRegistered {
        user: customer.caller.user,
    };
    for _ in 0..3 {
        tell(&world.app, about()).await.unwrap();
        world.clock.advance_minutes(60);
    }
    assert_eq!(world.mails.to(&customer.email).len(), 1);
    world.clock.advance_minutes(24 * 60);
    tell(&world.app, about()).await.unwrap();
    assert_eq!(world.mails.to(&customer.email).len(), 2);
    assert_eq!(
        kinds(&world, &customer).await,
        ["AlreadyRegistered", "AlreadyRegistered"]
    );
}
