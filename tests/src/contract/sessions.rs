//! Where somebody is signed in, and their password.

use app::access::BELIEVED_SECONDS;
use app::auth::{self, RESET_SECONDS};
use app::notifications::RESET_MAILS;
use http::Method;
use serde_json::{Value, json};
use testkit::{PASSWORD, Person, World};

use super::access::router;
use super::ask::{Answer, ask, get, post, text};

const SESSIONS: &str = "/api/v1/auth/sessions";
const PROFILE: &str = "/api/v1/users/profile";
const ANOTHER: &str = "another horse battery";

async fn sessions(world: &World, who: &Person) -> Vec<Value> {
    let answer = get(SESSIONS).by(who).of(router(world)).await.is(200);
    answer["sessions"].as_array().unwrap().clone()
}

async fn delete(world: &World, who: &Person, path: String) -> Answer {
    ask(Method::DELETE, path).by(who).of(router(world)).await
}

async fn is_in(world: &World, who: &Person) -> bool {
    get(PROFILE).by(who).of(router(world)).await.status == 200
}

async fn is_out_for_good(world: &World, who: &Person) -> bool {
    let refreshed = post(
        "/api/v1/auth/refresh-token",
        json!({"refresh_token": who.refresh_token}),
    );
    !is_in(world, who).await && refreshed.of(router(world)).await.status == 401
}

async fn signs_in(world: &World, email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    post("/api/v1/auth/login", body).of(router(world)).await.status
}

async fn change(world: &World, who: &Person, from: &str, to: &str) -> Answer {
    let body = json!({"password": from, "new_password": to});
    post("/api/v1/auth/password", body)
        .by(who)
        .of(router(world))
        .await
}

async fn asks_to_reset(world: &World, email: &str) -> Value {
    let asked = post("/api/v1/auth/password-reset", json!({"email": email}));
    let told = asked.of(router(world)).await.is(202);
    world.settle().await;
    told
}

async fn resets(world: &World, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    post("/api/v1/auth/password-reset/confirm", body)
        .of(router(world))
        .await
}

/// The tokens in the mails that somebody got about a new password.
fn mailed_tokens(world: &World, email: &str) -> Vec<String> {
    let mails = world.mails.to(email);
    let resets = mails
        .iter()
        .filter(|mail| mail.subject.starts_with("A new password"));
    resets
        .map(|mail| {
            let token = mail
                .text
                .lines()
                .find(|line| line.len() == 43 && !line.contains(' '));
            token.unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_signs_out_in_one_place() {
    let world = World::new();
    let here = world.customer("ada").await;
    world.clock.advance_minutes(1);
    let there = world.signs_in(&here.email).await;
    let eve = world.customer("eve").await;
    let seen = sessions(&world, &here).await;
    let ids: Vec<_> = seen
        .iter()
        .map(|session| text(session, "/session_id").to_owned())
        .collect();
    let current: Vec<_> = seen.iter().map(|session| &session["current"]).collect();
    // Registering signed in too; proving the address ended that.
    assert_eq!(
        ids,
        [there.caller.session.to_string(), here.caller.session.to_string()]
    );
    assert_eq!(current, [&json!(false), &json!(true)]);
    assert_eq!(text(&seen[0], "/device"), "a test");
    assert_eq!(text(&seen[0], "/last_seen_at"), world.now().to_string());

    let path = format!("{SESSIONS}/{}", there.caller.session);
    delete(&world, &eve, path.clone()).await.refuses(404, "not_found");
    assert!(is_in(&world, &there).await);
    delete(&world, &here, path.clone()).await.is(204);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    assert!(is_out_for_good(&world, &there).await && is_in(&world, &here).await);
    assert_eq!(sessions(&world, &here).await.len(), 1);
    delete(&world, &here, path).await.refuses(404, "not_found");
}

/// A18, of signing out everywhere.
#[tokio::test]
async fn a18_whoever_signs_out_everywhere_is_out_everywhere_within_a_minute() {
    let world = World::new();
    let here = world.customer("ada").await;
    let there = world.signs_in(&here.email).await;
    delete(&world, &here, SESSIONS.to_owned()).await.is(204);
    assert!(!is_in(&world, &here).await, "here it is known at once");
    world.clock.advance_seconds(BELIEVED_SECONDS);
    assert!(is_out_for_good(&world, &there).await && is_out_for_good(&world, &here).await);
    let again = world.signs_in(&here.email).await;
    assert_eq!(sessions(&world, &again).await.len(), 1);
}

/// A18, of a changed password.
#[tokio::test]
async fn a18_another_password_ends_all_other_sessions_and_is_told_of() {
    let world = World::new();
    let here = world.customer("ada").await;
    let there = world.signs_in(&here.email).await;
    change(&world, &here, "not the password", ANOTHER)
        .await
        .points_at(&["/password"]);
    change(&world, &here, PASSWORD, PASSWORD)
        .await
        .points_at(&["/new_password"]);
    change(&world, &here, PASSWORD, "short")
        .await
        .points_at(&["/new_password"]);
    let long = "x".repeat(129);
    change(&world, &here, &long, &long)
        .await
        .points_at(&["/password", "/new_password"]);
    assert_eq!(
        signs_in(&world, &here.email, PASSWORD).await,
        200,
        "nothing was changed"
    );

    change(&world, &here, PASSWORD, ANOTHER).await.is(204);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    assert!(is_out_for_good(&world, &there).await && is_in(&world, &here).await);
    let refreshed = auth::refresh(&world.app, &here.refresh_token).await;
    assert!(refreshed.is_ok(), "here one stays signed in");
    assert_eq!(signs_in(&world, &here.email, PASSWORD).await, 401);
    assert_eq!(signs_in(&world, &here.email, ANOTHER).await, 200);
    world.settle().await;
    let mails = world.mails.to(&here.email);
    let told = mails
        .iter()
        .filter(|mail| mail.subject.contains("password for TOFIMOTIA was changed"));
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn a_session_that_is_over_does_not_live_on_by_another_password() {
    let world = World::new();
    let (here, there) = {
        let here = world.customer("ada").await;
        let there = world.signs_in(&here.email).await;
        (here, there)
    };
    // Another sandbox, which has not heard of it.
    auth::end_all_sessions(&world.app, &here.caller).await.unwrap();
    change(&world, &there, PASSWORD, ANOTHER)
        .await
        .refuses(401, "unauthenticated");
    assert_eq!(
        signs_in(&world, &here.email, PASSWORD).await,
        200,
        "nothing was changed"
    );
}

/// A21.
#[tokio::test]
async fn a21_a_forgotten_password_is_replaced_by_the_mailed_token_once_and_in_time() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let told = asks_to_reset(&world, &ada.email).await;
    assert_eq!(
        asks_to_reset(&world, "nobody@example.com").await,
        told,
        "no answer tells who has an account"
    );
    let [first] = mailed_tokens(&world, &ada.email).try_into().unwrap();
    asks_to_reset(&world, &ada.email).await;
    let second = mailed_tokens(&world, &ada.email).pop().unwrap();
    assert_ne!(first, second);

    resets(&world, &first, "short")
        .await
        .points_at(&["/new_password"]);
    for wrong in ["", "x", &first[1..], &first.to_lowercase()] {
        resets(&world, wrong, ANOTHER).await.points_at(&["/token"]);
    }
    resets(&world, &first, ANOTHER).await.is(204);
    for used in [&first, &second] {
        // The second was made under the password that is no more.
        resets(&world, used, "yet another horse")
            .await
            .points_at(&["/token"]);
    }
    assert_eq!(signs_in(&world, &ada.email, ANOTHER).await, 200);
    assert_eq!(signs_in(&world, &ada.email, PASSWORD).await, 401);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    assert!(
        is_out_for_good(&world, &ada).await,
        "whoever was signed in is out"
    );

    world.clock.advance_minutes(60);
    asks_to_reset(&world, &ada.email).await;
    let late = mailed_tokens(&world, &ada.email).pop().unwrap();
    world.clock.advance_seconds(RESET_SECONDS);
    resets(&world, &late, PASSWORD).await.points_at(&["/token"]);
}

/// A21: what the request says of hosts has no part in the mail.
#[tokio::test]
async fn a21_the_mail_names_our_own_address_whatever_the_request_says() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let asked = post("/api/v1/auth/password-reset", json!({"email": ada.email}))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    asked.of(router(&world)).await.is(202);
    world.settle().await;
    let mails = world.mails.to(&ada.email);
    let mail = mails
        .iter()
        .find(|mail| mail.subject.starts_with("A new password"))
        .unwrap();
    assert!(
        mail.text
            .contains("http://localhost:3000/api/v1/auth/password-reset/confirm"),
        "{}",
        mail.text
    );
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"));
}

/// A44: whoever knows an address must not be able to fill its mail box.
#[tokio::test]
async fn a44_nobodys_mail_box_is_filled_by_forgetting_their_password() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let burst = usize::try_from(RESET_MAILS.burst).unwrap();
    for _ in 0..burst + 3 {
        asks_to_reset(&world, &ada.email).await;
    }
    assert_eq!(mailed_tokens(&world, &ada.email).len(), burst);
}

#[tokio::test]
async fn an_address_that_was_never_proved_gets_no_token() {
    let world = World::new();
    let nina = world.newcomer("nina").await;
    asks_to_reset(&world, &nina.email).await;
    assert!(mailed_tokens(&world, &nina.email).is_empty());
}

#[tokio::test]
async fn of_two_who_use_one_token_at_once_one_sets_the_password() {
    for seed in 0..8 {
        let world = World::seeded(seed);
        let ada = world.customer("ada").await;
        asks_to_reset(&world, &ada.email).await;
        let token = mailed_tokens(&world, &ada.email).pop().unwrap();
        let (one, two) = tokio::join!(
            resets(&world, &token, ANOTHER),
            resets(&world, &token, "yet another horse")
        );
        let mut told = [one.status, two.status];
        told.sort_unstable();
        assert_eq!(told, [204, 422], "seed {seed}");
        let fits = signs_in(&world, &ada.email, ANOTHER).await == 200;
        assert_eq!(fits, one.status == 204, "seed {seed}");
    }
}
