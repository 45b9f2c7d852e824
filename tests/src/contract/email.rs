//! Another address for an account.

use app::access::BELIEVED_SECONDS;
use app::auth::VERIFICATION_SECONDS;
use app::notifications::ADDRESS_MAILS;
use serde_json::json;
use testkit::{PASSWORD, Person, World};

use super::access::router;
use super::ask::{Answer, get, post, text};

const NEW: &str = "ada@new.example.com";
const ASKED: &str = "/api/v1/auth/email";

async fn asks(world: &World, who: &Person, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    let answer = post(ASKED, body).by(who).of(router(world)).await;
    world.settle().await;
    answer
}

async fn confirms(world: &World, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    let answer = post(format!("{ASKED}/confirm"), body).of(router(world)).await;
    world.settle().await;
    answer
}

async fn signs_in(world: &World, email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    post("/api/v1/auth/login", body).of(router(world)).await.status
}

fn subjects(world: &World, email: &str) -> Vec<String> {
    let mails = world.mails.to(email);
    mails.into_iter().map(|mail| mail.subject).collect()
}

/// The token that was mailed to an address last.
fn mailed_token(world: &World, email: &str) -> String {
    let mails = world.mails.to(email);
    let mut confirm = mails
        .iter()
        .filter(|m| m.subject.starts_with("Confirm your new address"));
    let mail = confirm.next_back().expect("a mail with a token");
    let token = mail
        .text
        .lines()
        .find(|line| line.len() == 43 && !line.contains(' '));
    token.unwrap().to_owned()
}

#[tokio::test]
async fn an_address_is_changed_by_whoever_knows_the_password_and_reads_the_mail_at_the_new_one() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let before = world.mails.to(&ada.email).len();
    let told = asks(&world, &ada, "  ADA@new.example.com ", PASSWORD)
        .await
        .is(202);
    assert_eq!(told, json!({"next": "read_mail"}));
    let warned = subjects(&world, &ada.email).split_off(before);
    assert_eq!(warned, ["Your account at TOFIMOTIA is to get another address"]);
    assert_eq!(
        signs_in(&world, &ada.email, PASSWORD).await,
        200,
        "nothing is changed yet"
    );

    let token = mailed_token(&world, NEW);
    let account = confirms(&world, &token, PASSWORD).await.is(200);
    assert_eq!(text(&account, "/email"), NEW);
    assert_eq!(account["email_verified"], true);
    assert_eq!(text(&account, "/user_id"), ada.caller.user.to_string());
    assert_eq!(
        subjects(&world, &ada.email).last().unwrap(),
        "Your account at TOFIMOTIA has another address"
    );
    assert_eq!(signs_in(&world, &ada.email, PASSWORD).await, 401);
    assert_eq!(signs_in(&world, NEW, PASSWORD).await, 200);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    get("/api/v1/users/profile")
        .by(&ada)
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
    let refresh = json!({"refresh_token": ada.refresh_token});
    post("/api/v1/auth/refresh-token", refresh)
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test]
async fn an_address_that_was_given_up_is_anybodys() {
    let world = World::new();
    let ada = world.customer("ada").await;
    asks(&world, &ada, NEW, PASSWORD).await.is(202);
    confirms(&world, &mailed_token(&world, NEW), PASSWORD)
        .await
        .is(200);
    // Another person registers with it, and is another person.
    let other = world.customer("ada").await;
    assert_ne!(other.caller.user, ada.caller.user);
    let mine = world.signs_in(NEW).await;
    assert_eq!(mine.caller.user, ada.caller.user);
}

#[tokio::test]
async fn without_the_password_no_address_is_asked_for_and_none_confirmed() {
    let world = World::new();
    let ada = world.customer("ada").await;
    asks(&world, &ada, NEW, "another password")
        .await
        .points_at(&["/password"]);
    asks(&world, &ada, "no address", PASSWORD)
        .await
        .points_at(&["/email"]);
    asks(&world, &ada, &ada.email, PASSWORD)
        .await
        .points_at(&["/email"]);
    assert!(world.mails.to(NEW).is_empty());

    asks(&world, &ada, NEW, PASSWORD).await.is(202);
    let token = mailed_token(&world, NEW);
    // Whoever reads the mail there is perhaps somebody else.
    confirms(&world, &token, "another password")
        .await
        .points_at(&["/password"]);
    for wrong in ["", "x", &token[1..]] {
        confirms(&world, wrong, PASSWORD).await.points_at(&["/token"]);
    }
    assert_eq!(signs_in(&world, NEW, PASSWORD).await, 401);
}

#[tokio::test]
async fn a_token_for_an_address_works_once_in_time_and_until_another_is_wanted() {
    let world = World::new();
    let ada = world.customer("ada").await;
    asks(&world, &ada, NEW, PASSWORD).await.is(202);
    let first = mailed_token(&world, NEW);
    asks(&world, &ada, "ada@newer.example.com", PASSWORD)
        .await
        .is(202);
    confirms(&world, &first, PASSWORD).await.points_at(&["/token"]);
    let second = mailed_token(&world, "ada@newer.example.com");
    confirms(&world, &second, PASSWORD).await.is(200);
    confirms(&world, &second, PASSWORD).await.points_at(&["/token"]);

    let ada = world.signs_in("ada@newer.example.com").await;
    asks(&world, &ada, NEW, PASSWORD).await.is(202);
    let late = mailed_token(&world, NEW);
    world.clock.advance_seconds(VERIFICATION_SECONDS);
    confirms(&world, &late, PASSWORD).await.points_at(&["/token"]);
}

#[tokio::test]
async fn another_password_stops_a_change_of_the_address() {
    let world = World::new();
    let ada = world.customer("ada").await;
    asks(&world, &ada, NEW, PASSWORD).await.is(202);
    let token = mailed_token(&world, NEW);
    let change = json!({"password": PASSWORD, "new_password": "another horse battery"});
    post("/api/v1/auth/password", change)
        .by(&ada)
        .of(router(&world))
        .await
        .is(204);
    for password in [PASSWORD, "another horse battery"] {
        confirms(&world, &token, password).await.points_at(&["/token"]);
    }
}

#[tokio::test]
async fn who_asks_for_an_address_that_has_an_account_learns_nothing_and_its_owner_is_told() {
    let world = World::new();
    let (ada, bob) = (world.customer("ada").await, world.customer("bob").await);
    let free = asks(&world, &ada, NEW, PASSWORD).await.is(202);
    let taken = asks(&world, &ada, &bob.email, PASSWORD).await.is(202);
    assert_eq!(free, taken);
    let told = subjects(&world, &bob.email);
    assert_eq!(told.last().unwrap(), "You already have an account at TOFIMOTIA");
    assert_eq!(world.signs_in(&bob.email).await.caller.user, bob.caller.user);
}

#[tokio::test]
async fn of_two_who_want_one_address_at_once_one_gets_it() {
    for seed in 0..8 {
        let world = World::seeded(seed);
        let (ada, bob) = (world.customer("ada").await, world.customer("bob").await);
        asks(&world, &ada, NEW, PASSWORD).await.is(202);
        let adas = mailed_token(&world, NEW);
        asks(&world, &bob, NEW, PASSWORD).await.is(202);
        let bobs = mailed_token(&world, NEW);
        let (one, two) = tokio::join!(
            confirms(&world, &adas, PASSWORD),
            confirms(&world, &bobs, PASSWORD)
        );
        let mut told = [one.status, two.status];
        told.sort_unstable();
        assert_eq!(told, [200, 422], "seed {seed}");
        let winner = if one.status == 200 { &ada } else { &bob };
        let loser = if one.status == 200 { &bob } else { &ada };
        let now = world.signs_in(NEW).await;
        assert_eq!(now.caller.user, winner.caller.user, "seed {seed}");
        let still = world.signs_in(&loser.email).await;
        assert_eq!(still.caller.user, loser.caller.user, "seed {seed}");
    }
}

/// A44: whoever has an account must not be able to fill another's mail box.
#[tokio::test]
async fn a44_nobodys_mail_box_is_filled_by_wanting_their_address() {
    let world = World::new();
    let (ada, bob) = (world.customer("ada").await, world.customer("bob").await);
    let before = world.mails.to("victim@example.com").len();
    for _ in 0..ADDRESS_MAILS.burst + 2 {
        for who in [&ada, &bob] {
            asks(&world, who, "victim@example.com", PASSWORD).await.is(202);
        }
    }
    let sent = world.mails.to("victim@example.com").len() - before;
    assert_eq!(i64::try_from(sent).unwrap(), ADDRESS_MAILS.burst);
}
