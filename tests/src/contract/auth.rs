//! Accounts, sessions and tokens.

use app::message::{About, Message};
use axum::Router;
use serde_json::{Value, json};
use store::transient::MailedFor;
use testkit::World;

use super::ask::{Answer, bare, get, post, text};

const PASSWORD: &str = "correct horse battery";

fn router(world: &World) -> Router {
    auth::router(world.app.clone())
}

fn account(email: &str) -> Value {
    json!({"email": email, "name": "Ada", "password": PASSWORD})
}

/// A token as the mail would hold it, for whoever registered last.
async fn mailed_token(world: &World) -> String {
    let Some(Message::Notification(message)) = world.queue.waiting().pop() else {
        panic!("nobody is told")
    };
    let About::VerifyEmail { user } = message.about else {
        panic!("another message")
    };
    app::auth::new_token(&world.app, MailedFor::Verification, user)
        .await
        .unwrap()
}

async fn verify(world: &World, token: &str, password: &str) -> Answer {
    post(
        "/api/v1/auth/verify-email",
        json!({"token": token, "password": password}),
    )
    .of(router(world))
    .await
}

async fn registers(world: &World, password: &str) -> String {
    let mut account = account("ada@example.com");
    account["password"] = json!(password);
    post("/api/v1/auth/register", account)
        .of(router(world))
        .await
        .is(202);
    mailed_token(world).await
}

async fn signs_in(world: &World, password: &str) -> Answer {
    let login = json!({"email": "ada@example.com", "password": password});
    post("/api/v1/auth/login", login).of(router(world)).await
}

const STRANGERS: &str = "a stranger's password";

#[tokio::test]
async fn an_account_that_a_stranger_prepared_is_not_theirs_once_its_owner_has_proved_the_address() {
    let world = World::new();
    registers(&world, STRANGERS).await;
    let early = signs_in(&world, STRANGERS).await.is(200);
    world.clock.advance_seconds(1);
    let token = registers(&world, PASSWORD).await;
    verify(&world, &token, PASSWORD).await.is(200);

    signs_in(&world, STRANGERS).await.refuses(401, "unauthenticated");
    let refresh = json!({"refresh_token": text(&early, "/refresh_token")});
    post("/api/v1/auth/refresh-token", refresh)
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
    world.clock.advance_seconds(app::access::BELIEVED_SECONDS);
    let access = text(&early, "/access_token");
    assert!(world.app.authenticate(access).await.is_err());
    signs_in(&world, PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_stranger_who_registers_again_in_between_gains_nothing_by_the_owners_token() {
    let world = World::new();
    let token = registers(&world, PASSWORD).await;
    let strangers = registers(&world, STRANGERS).await;
    for token in [&token, &strangers] {
        verify(&world, token, PASSWORD).await.points_at(&["/password"]);
    }
    // The owner asks again, and has it.
    let token = registers(&world, PASSWORD).await;
    verify(&world, &token, PASSWORD).await.is(200);
    registers_in_vain(&world).await;
    signs_in(&world, PASSWORD).await.is(200);
    signs_in(&world, STRANGERS).await.refuses(401, "unauthenticated");
}

/// Whoever registers with an address that has been proved changes nothing.
async fn registers_in_vain(world: &World) {
    let mut account = account("ada@example.com");
    account["password"] = json!(STRANGERS);
    post("/api/v1/auth/register", account)
        .of(router(world))
        .await
        .is(202);
}

#[tokio::test]
async fn two_who_register_with_one_address_at_once_are_both_answered() {
    let world = World::new();
    let ask = || post("/api/v1/auth/register", account("ada@example.com")).of(router(&world));
    for _ in 0..2 {
        let (one, other) = futures_util::future::join(ask(), ask()).await;
        assert_eq!((one.status, other.status), (202, 202));
    }
}

#[tokio::test]
async fn somebody_registers_proves_the_address_and_signs_in() {
    let world = World::new();
    let registered = post("/api/v1/auth/register", account("ada@example.com"))
        .of(router(&world))
        .await;
    assert_eq!(registered.is(202), json!({"next": "verify_email"}));
    let token = mailed_token(&world).await;
    let verified = verify(&world, &token, PASSWORD).await.is(200);
    assert_eq!(verified["email_verified"], true);
    assert_eq!(verified["roles"], json!(["customer"]));
    let login = json!({"email": " Ada@Example.com ", "password": PASSWORD, "device": "a browser"});
    let tokens = post("/api/v1/auth/login", login).of(router(&world)).await.is(200);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["account"]["email"], "ada@example.com");
    let caller = world
        .app
        .authenticate(text(&tokens, "/access_token"))
        .await
        .unwrap();
    assert!(caller.verified);
}

#[tokio::test]
async fn registering_tells_nobody_whether_an_address_is_known() {
    let world = World::new();
    world.customer("ada").await;
    let ask = |email: &str| post("/api/v1/auth/register", account(email)).of(router(&world));
    let (known, new) = (ask("ada@example.com").await, ask("new@example.com").await);
    assert_eq!(known.is(202), new.is(202));
    let told: Vec<_> = world.queue.waiting().into_iter().rev().take(2).collect();
    assert!(
        matches!(&told[1], Message::Notification(m) if matches!(m.about, About::AlreadyRegistered { .. }))
    );
}

#[tokio::test]
async fn everything_wrong_with_an_account_is_told_at_once() {
    let world = World::new();
    let wrong = json!({"email": "ada", "name": "", "password": "short"});
    let answer = post("/api/v1/auth/register", wrong).of(router(&world)).await;
    answer.points_at(&["/email", "/name", "/password"]);
    let answer = post("/api/v1/auth/register", json!({"email": 1, "admin": true}))
        .of(router(&world))
        .await;
    answer.points_at(&["/email", "/name", "/password", "/admin"]);
}

#[tokio::test]
async fn a_mailed_token_works_once_and_for_a_day() {
    let world = World::new();
    let verify = async |token: &str| verify(&world, token, PASSWORD).await;
    post("/api/v1/auth/register", account("ada@example.com"))
        .of(router(&world))
        .await
        .is(202);
    let (token, late) = (mailed_token(&world).await, mailed_token(&world).await);
    self::verify(&world, &token, "another horse battery")
        .await
        .points_at(&["/password"]);
    verify(&token).await.is(200);
    verify(&token).await.points_at(&["/token"]);
    verify("made up").await.points_at(&["/token"]);
    world.clock.advance_seconds(app::auth::VERIFICATION_SECONDS);
    verify(&late).await.points_at(&["/token"]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_the_same() {
    let world = World::new();
    world.customer("ada").await;
    let login = |email: &str, password: &str| {
        post(
            "/api/v1/auth/login",
            json!({"email": email, "password": password}),
        )
        .of(router(&world))
    };
    let mut answers = Vec::new();
    for (email, password) in [
        ("ada@example.com", "wrong horse battery"),
        ("nobody@example.com", PASSWORD),
        ("nobody", PASSWORD),
    ] {
        let mut body = login(email, password).await.refuses(401, "unauthenticated");
        body.as_object_mut().unwrap().remove("request_id");
        answers.push(body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let long = json!({"email": "ada@example.com", "password": "p".repeat(129), "device": "d".repeat(101)});
    post("/api/v1/auth/login", long)
        .of(router(&world))
        .await
        .points_at(&["/password", "/device"]);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_ends_the_session_when_it_comes_again() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let refresh =
        |token: &str| post("/api/v1/auth/refresh-token", json!({"refresh_token": token})).of(router(&world));
    let first = refresh(&ada.refresh_token).await.is(200);
    let second = text(&first, "/refresh_token").to_owned();
    assert_ne!(second, ada.refresh_token);
    // A client that did not hear the answer gets the same one.
    assert_eq!(
        text(&refresh(&ada.refresh_token).await.is(200), "/refresh_token"),
        second
    );
    world.clock.advance_seconds(app::auth::GRACE_SECONDS + 1);
    refresh(&ada.refresh_token).await.refuses(401, "unauthenticated");
    refresh(&second).await.refuses(401, "unauthenticated");
    refresh("made.up.by.somebody")
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let answer = bare("/api/v1/auth/logout").by(&ada).of(router(&world)).await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    bare("/api/v1/auth/logout")
        .by(&ada)
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
    let again = json!({"refresh_token": ada.refresh_token});
    post("/api/v1/auth/refresh-token", again)
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test]
async fn anybody_may_have_and_keep_the_public_keys() {
    let world = World::new();
    let answer = get("/.well-known/jwks.json").of(router(&world)).await;
    assert!(
        answer
            .header("cache-control")
            .unwrap()
            .starts_with("public, max-age=")
    );
    let keys = answer.is(200);
    assert_eq!(text(&keys, "/keys/0/crv"), "Ed25519");
    assert!(keys["keys"][0].get("d").is_none(), "a private key");
}
