//! How often one caller may ask, and how long whoever guesses at a password has to wait.

use app::auth::KNOWN_SECONDS;
use app::limits::{Class, GENERAL, HOLD, MAIL, SEARCH, SIGN_IN};
use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::tries::{AT_ONE_PASSWORD, FORGOTTEN_SECONDS, FROM_ONE_NETWORK, FROM_STRANGE_NETWORKS};
use serde_json::json;
use store::Transaction;
use store::users::Credential;
use testkit::{PASSWORD, Person, World};

use super::access::router;
use super::ask::{Answer, Ask, get, post};

const HOME: &str = "192.0.2.44";
const ELSEWHERE: &str = "198.51.100.9";

fn login(email: &str, password: &str) -> Ask {
    post(
        "/api/v1/auth/login",
        json!({"email": email, "password": password}),
    )
}

async fn signs_in(world: &World, from: &str, email: &str, password: &str) -> Answer {
    login(email, password).from(from).of(router(world)).await
}

/// Wrong passwords from a network until one has to wait, without any waiting.
async fn guesses(world: &World, from: &str, email: &str) -> usize {
    let mut tried = 0;
    while signs_in(world, from, email, "a guess at the password")
        .await
        .status
        == 401
    {
        tried += 1;
    }
    tried
}

#[tokio::test]
async fn a22_after_some_wrong_passwords_each_try_waits_longer_and_the_right_one_is_refused_alike() {
    let world = World::new();
    for who in ["ada", "bob"] {
        world.customer(who).await;
    }
    world.clock.advance_seconds(FORGOTTEN_SECONDS);
    let mut waited = Vec::new();
    for _ in 0..20 {
        let mut answer = signs_in(&world, HOME, "ada@example.com", "a guess").await;
        if let Some(seconds) = answer.header("retry-after") {
            let seconds: i64 = seconds.parse().unwrap();
            signs_in(&world, HOME, "ada@example.com", PASSWORD)
                .await
                .refuses(429, "too_many_requests");
            world.clock.advance_seconds(seconds - 1);
            signs_in(&world, HOME, "ada@example.com", PASSWORD)
                .await
                .refuses(429, "too_many_requests");
            world.clock.advance_seconds(1);
            waited.push(seconds);
            answer = signs_in(&world, HOME, "ada@example.com", "a guess").await;
        }
        answer.refuses(401, "unauthenticated");
    }
    assert_eq!(
        waited,
        [
            1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900
        ]
    );
    // Others are as they were, in the same house too.
    signs_in(&world, HOME, "bob@example.com", PASSWORD).await.is(200);
    // Nobody is kept out for good.
    world.clock.advance_seconds(AT_ONE_PASSWORD.longest_seconds);
    signs_in(&world, HOME, "ada@example.com", PASSWORD).await.is(200);
    // Whoever knew it begins anew.
    assert_eq!(guesses(&world, HOME, "ada@example.com").await, 4);
}

#[tokio::test]
async fn a22_an_address_without_an_account_waits_as_one_with_an_account_does() {
    let world = World::new();
    world.customer("ada").await;
    let mut told = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut answers = Vec::new();
        for _ in 0..8 {
            let answer = signs_in(&world, HOME, email, "a guess").await;
            let wait = answer.header("retry-after").map(str::to_owned);
            let mut body = answer.body;
            body.as_object_mut().unwrap().remove("request_id");
            answers.push((answer.status, wait, body));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn guesses_at_the_same_time_are_no_faster_than_one_after_another() {
    let world = World::new();
    world.customer("ada").await;
    let at_once = (0..20).map(|_| signs_in(&world, HOME, "ada@example.com", "a guess"));
    let answers = futures_util::future::join_all(at_once).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(looked_at <= AT_ONE_PASSWORD.free as usize + 1, "{looked_at}");
    assert!(
        answers
            .iter()
            .all(|answer| [401, 429, 503].contains(&answer.status))
    );
}

#[tokio::test]
async fn who_guesses_from_many_networks_waits_and_whoever_was_in_from_theirs_does_not() {
    let world = World::new();
    world.customer("ada").await;
    signs_in(&world, HOME, "ada@example.com", PASSWORD).await.is(200);
    let free = FROM_STRANGE_NETWORKS.free;
    for n in 0..free {
        let from = format!("10.20.30.{n}");
        signs_in(&world, &from, "ada@example.com", "a guess")
            .await
            .refuses(401, "unauthenticated");
    }
    signs_in(&world, ELSEWHERE, "ada@example.com", PASSWORD)
        .await
        .refuses(429, "too_many_requests");
    signs_in(&world, HOME, "ada@example.com", PASSWORD).await.is(200);
    // However long they go on, who is abroad waits a minute at most.
    for n in 0..20 {
        world.clock.advance_seconds(FROM_STRANGE_NETWORKS.longest_seconds);
        let from = format!("10.20.31.{n}");
        signs_in(&world, &from, "ada@example.com", "a guess")
            .await
            .refuses(401, "unauthenticated");
    }
    let answer = signs_in(&world, ELSEWHERE, "ada@example.com", PASSWORD).await;
    assert_eq!(answer.header("retry-after"), Some("60"));
    world.clock.advance_seconds(60);
    signs_in(&world, ELSEWHERE, "ada@example.com", PASSWORD)
        .await
        .is(200);
}

#[tokio::test]
async fn a_network_is_forgotten_that_was_not_signed_in_from_for_long() {
    let world = World::new();
    world.customer("ada").await;
    for (later, status) in [(KNOWN_SECONDS - 1, 200), (KNOWN_SECONDS, 429)] {
        signs_in(&world, HOME, "ada@example.com", PASSWORD).await.is(200);
        world.clock.advance_seconds(later);
        for n in 0..FROM_STRANGE_NETWORKS.free + 5 {
            signs_in(&world, &format!("10.20.30.{n}"), "ada@example.com", "a guess").await;
        }
        let answer = signs_in(&world, HOME, "ada@example.com", PASSWORD).await;
        assert_eq!(answer.status, status, "after {later} s");
    }
}

#[tokio::test]
async fn a23_a_thousand_accounts_are_not_tried_from_one_address() {
    let world = World::new();
    world.customer("ada").await;
    let router = router(&world);
    let mut refused = 0;
    for n in 0..1_000 {
        let answer = login(&format!("victim{n}@example.com"), "password123456")
            .from(HOME)
            .of(router.clone())
            .await;
        match answer.status {
            401 => assert_eq!(refused, 0, "{n}"),
            _ => {
                assert!(answer.header("retry-after").is_some());
                answer.refuses(429, "too_many_requests");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 1_000 - FROM_ONE_NETWORK.free.min(60));
    // Elsewhere nobody notices.
    signs_in(&world, ELSEWHERE, "ada@example.com", PASSWORD)
        .await
        .is(200);
}

#[tokio::test]
async fn a23_a_network_that_failed_often_waits_longer_for_each_further_failure() {
    let world = World::new();
    world.customer("ada").await;
    let mut waits = Vec::new();
    for n in 0..FROM_ONE_NETWORK.free + 6 {
        // As slowly as the rate lets one.
        world.clock.advance_seconds(1);
        let email = format!("victim{n}@example.com");
        let mut answer = signs_in(&world, HOME, &email, "a guess").await;
        if let Some(seconds) = answer.header("retry-after") {
            let seconds: i64 = seconds.parse().unwrap();
            world.clock.advance_seconds(seconds);
            // The second that passed before is part of the wait.
            waits.push(seconds + 1);
            answer = signs_in(&world, HOME, &email, "a guess").await;
        }
        answer.refuses(401, "unauthenticated");
    }
    assert_eq!(waits, [2, 4, 8, 16, 32]);
    signs_in(&world, ELSEWHERE, "ada@example.com", PASSWORD)
        .await
        .is(200);
}

#[tokio::test]
async fn a24_a_password_that_none_can_be_is_refused_before_it_is_hashed() {
    let world = World::new();
    let router = router(&world);
    let huge = "p".repeat(1_000_000);
    login("ada@example.com", &huge)
        .of(router.clone())
        .await
        .refuses(413, "too_large");
    let long = "p".repeat(129);
    login("ada@example.com", &long)
        .of(router.clone())
        .await
        .points_at(&["/password"]);
    // And what is refused so is no try.
    for _ in 0..10 {
        login("ada@example.com", &long)
            .from(HOME)
            .of(router.clone())
            .await;
    }
    signs_in(&world, HOME, "ada@example.com", "a guess")
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test]
async fn whoever_is_signed_in_cannot_guess_at_their_password_either() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let change = |password: &str| {
        let body = json!({"password": password, "new_password": "another horse battery"});
        post("/api/v1/auth/password", body)
            .by(&ada)
            .from(HOME)
            .of(router(&world))
    };
    for _ in 0..AT_ONE_PASSWORD.free {
        change("a guess").await.points_at(&["/password"]);
    }
    change(PASSWORD).await.refuses(429, "too_many_requests");
    world.clock.advance_seconds(1);
    change(PASSWORD).await.is(204);
}

#[tokio::test]
async fn a_password_that_was_hashed_in_another_way_is_hashed_anew_when_it_is_used() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let store = world.app.store();
    let kept = async || store.credential(ada.caller.user).await.unwrap().unwrap();
    // With a thousandth of the memory, as an older version of ours might have made it.
    let weak = Params::new(16, 2, 1, None).unwrap();
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak)
        .hash_password(
            PASSWORD.as_bytes(),
            &SaltString::encode_b64(b"some salt of old").unwrap(),
        )
        .unwrap()
        .to_string();
    let before = kept().await;
    let mut transaction = Transaction::new();
    transaction.put_credential(&Credential {
        password_hash: hash.clone(),
        version: before.version + 1,
        ..before
    });
    store.commit(transaction).await.unwrap();

    signs_in(&world, HOME, "ada@example.com", "a guess").await.is(401);
    assert_eq!(kept().await.password_hash, hash, "only whoever knows it");
    signs_in(&world, HOME, "ada@example.com", PASSWORD).await.is(200);
    let anew = kept().await;
    assert!(anew.password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    signs_in(&world, HOME, "ada@example.com", PASSWORD).await.is(200);
    assert_eq!(kept().await.version, anew.version, "and once");
}

/// Asks for something of a class until it is refused.
async fn until_refused(world: &World, asks: impl Fn() -> Ask, class: &Class) -> Answer {
    let policy = format!(
        "\"{}\";q={};w={}",
        class.name,
        class.rate.burst,
        class.rate.burst * class.rate.interval_ms / 1_000
    );
    let router = router(world);
    for left in (0..class.rate.burst).rev() {
        let answer = asks().of(router.clone()).await;
        assert_ne!(answer.status, 429, "{} with {left} left", class.name);
        assert_eq!(answer.header("ratelimit-policy"), Some(policy.as_str()));
        let told = answer.header("ratelimit").unwrap();
        assert!(
            told.starts_with(&format!("\"{}\";r={left};t=", class.name)),
            "{told}"
        );
    }
    let answer = asks().of(router).await;
    assert_eq!(answer.header("ratelimit-policy"), Some(policy.as_str()));
    let wait = (class.rate.interval_ms + 999) / 1_000;
    assert_eq!(answer.header("retry-after"), Some(wait.to_string().as_str()));
    answer
}

#[tokio::test]
async fn a43_one_address_that_asks_too_often_is_told_to_wait_and_others_are_not() {
    let world = World::new();
    let search = || get("/api/v1/venues/search?lat=52.5&lng=13.4").from(HOME);
    until_refused(&world, search, &SEARCH)
        .await
        .refuses(429, "too_many_requests");
    let elsewhere = search().from(ELSEWHERE).of(router(&world)).await;
    elsewhere.is(200);
    // What is something else has its own limit, and after the wait one more is let through.
    get("/api/v1/venues/policies")
        .from(HOME)
        .of(router(&world))
        .await
        .is(200);
    world.clock.advance_seconds(1);
    search().of(router(&world)).await.is(200);
}

#[tokio::test]
async fn whoever_is_signed_in_is_counted_wherever_they_are_and_apart_from_their_neighbours() {
    let world = World::new();
    let (ada, bob) = (world.customer("ada").await, world.customer("bob").await);
    let profile = |who: &Person| get("/api/v1/users/profile").by(who);
    until_refused(&world, || profile(&ada), &GENERAL).await.is(429);
    profile(&ada).from(HOME).of(router(&world)).await.is(429);
    profile(&bob).from(HOME).of(router(&world)).await.is(200);
}

#[tokio::test]
async fn each_class_is_limited_by_itself() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let nothing = || json!({});
    let holds = || post("/api/v1/bookings/create", nothing()).by(&ada).key("a-key");
    until_refused(&world, holds, &HOLD).await.is(429);
    let registers = || post("/api/v1/auth/register", nothing()).from(HOME);
    until_refused(&world, registers, &MAIL).await.is(429);
    let resets = || post("/api/v1/auth/password-reset", nothing()).from(HOME);
    resets().of(router(&world)).await.is(429);
    let logins = || post("/api/v1/auth/login", nothing()).from(ELSEWHERE);
    until_refused(&world, logins, &SIGN_IN).await.is(429);
}

#[tokio::test]
async fn what_a_client_says_of_its_address_is_not_believed() {
    let world = World::new();
    let asks = |n: i64| {
        post("/api/v1/auth/register", json!({}))
            .from(HOME)
            .header("x-forwarded-for", format!("10.9.8.{n}"))
            .header("forwarded", format!("for=10.9.8.{n}"))
    };
    let router = router(&world);
    for n in 0..MAIL.rate.burst {
        asks(n).of(router.clone()).await.refuses(422, "invalid");
    }
    asks(99).of(router).await.refuses(429, "too_many_requests");
}
