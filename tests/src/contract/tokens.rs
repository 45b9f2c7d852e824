//! Tokens that are not good, as attackers make them: every one is a 401, and no answer tells why.

use serde_json::{Value, json};
use testkit::forge::{keyed_with_the_public_key, signed, signed_by_another, taken_apart, unsigned};
use testkit::{Person, World};

use super::access::router;
use super::ask::{get, post};

const PROFILE: &str = "/api/v1/users/profile";

async fn status(world: &World, token: &str) -> u16 {
    let ask = get(PROFILE).header("authorization", format!("Bearer {token}"));
    let answer = ask.of(router(world)).await;
    let challenge = answer.header("www-authenticate").map(str::to_owned);
    match answer.status {
        401 => {
            assert_eq!(challenge.as_deref(), Some("Bearer"));
            let body = answer.refuses(401, "unauthenticated");
            assert_eq!(body["detail"], Value::Null, "{token}");
            401
        }
        other => other,
    }
}

struct Scene {
    world: World,
    ada: Person,
    header: Value,
    claims: Value,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let ada = world.customer("ada").await;
        let (header, claims) = taken_apart(&ada.access_token);
        Self {
            world,
            ada,
            header,
            claims,
        }
    }

    /// The header with one field as it says; null takes it away.
    fn header(&self, name: &str, value: Value) -> Value {
        with(&self.header, name, value)
    }

    fn claims(&self, name: &str, value: Value) -> Value {
        with(&self.claims, name, value)
    }

    fn now(&self) -> i64 {
        self.world.now().as_second()
    }
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    let fields = object.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    object
}

/// A13.
#[tokio::test]
async fn a13_nothing_in_a_header_makes_a_forged_token_good() {
    let scene = Scene::new().await;
    let Scene { header, claims, .. } = &scene;
    assert_eq!(
        status(&scene.world, &signed(header, claims)).await,
        200,
        "the forge is a good one"
    );

    let hmac = |header: &Value| keyed_with_the_public_key(header, claims);
    let own = json!({"kty": "OKP", "crv": "Ed25519", "x": "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"});
    let mut bad = vec![
        unsigned(&scene.header("alg", json!("none")), claims),
        unsigned(&scene.header("alg", json!("NonE")), claims),
        unsigned(header, claims),
        hmac(&scene.header("alg", json!("HS256"))),
        hmac(header),
        signed_by_another(header, claims),
        // A good signature by our key does not help what the header adds.
        signed(&scene.header("alg", json!("HS256")), claims),
        signed(&scene.header("alg", Value::Null), claims),
        signed_by_another(&scene.header("jwk", own.clone()), claims),
        signed(&scene.header("jwk", own), claims),
        signed(&scene.header("kid", Value::Null), claims),
        signed(&scene.header("typ", Value::Null), claims),
        signed(&scene.header("typ", json!("JWT")), claims),
        signed(&scene.header("typ", json!("rt+jwt")), claims),
        signed(&scene.header("cty", json!("JWT")), claims),
        signed(&scene.header("crit", json!(["exp"])), claims),
        signed(&scene.header("b64", json!(false)), claims),
        signed(&scene.header("zip", json!("DEF")), claims),
        signed(&scene.header("x5c", json!(["MIIB"])), claims),
    ];
    for (name, url) in [
        ("jku", "https://evil.example/jwks.json"),
        ("x5u", "https://evil.example/c.pem"),
    ] {
        bad.push(signed_by_another(&scene.header(name, json!(url)), claims));
        bad.push(signed(&scene.header(name, json!(url)), claims));
    }
    for kid in [
        "",
        "unknown",
        "../../../../dev/null",
        "/etc/passwd",
        "x' OR '1'='1",
        "\u{0}",
        "http://evil.example",
    ] {
        bad.push(signed(&scene.header("kid", json!(kid)), claims));
    }
    // The thumbprint of another key, by that key.
    let foreign = scene.header("kid", json!("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    bad.push(signed_by_another(&foreign, claims));
    for token in bad {
        assert_eq!(status(&scene.world, &token).await, 401, "{token}");
    }
}

/// A13, of what is no token at all.
#[tokio::test]
async fn a13_what_is_no_token_is_refused_whatever_its_length() {
    let scene = Scene::new().await;
    let good = &scene.ada.access_token;
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = head.split_once('.').unwrap();
    let long = signed(&scene.header, &scene.claims("pad", json!("x".repeat(10_240))));
    let bad = [
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{head}."),
        head.to_owned(),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!("{header}.{claims}.{}", "A".repeat(86)),
        format!("{claims}.{header}.{signature}"),
        format!("{header}..{signature}"),
        long,
        "x".repeat(10_240),
        format!("{good}{}", "A".repeat(10_240)),
    ];
    for token in bad {
        assert_eq!(
            status(&scene.world, &token).await,
            401,
            "{}",
            token.get(..80).unwrap_or(&token)
        );
    }
}

/// A17.
#[tokio::test]
async fn a17_a_token_of_another_time_place_or_purpose_is_refused() {
    let scene = Scene::new().await;
    let (now, ada) = (scene.now(), scene.ada.caller.user);
    let signed = |claims: &Value| signed(&scene.header, claims);
    let other = "01900000000070008000000000000099";
    let mut bad: Vec<String> = [
        ("exp", json!(now - 61)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!("never")),
        ("exp", json!(1e308)),
        ("exp", Value::Null),
        ("nbf", json!(now + 61)),
        ("nbf", json!("later")),
        ("iat", json!(now + 61)),
        ("iat", Value::Null),
        ("iss", json!("https://staging.example.com")),
        ("iss", json!("")),
        ("iss", Value::Null),
        ("aud", json!("realtime")),
        ("aud", json!(["realtime", "other"])),
        ("aud", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("admin")),
        ("sub", json!(format!("usr_{other}"))),
        ("sid", Value::Null),
        ("sid", json!(format!("ses_{other}"))),
    ]
    .into_iter()
    .map(|(name, value)| signed(&scene.claims(name, value)))
    .collect();
    // Another's session with one's own name, and the reverse.
    let eve = scene.world.customer("eve").await;
    let (_, hers) = taken_apart(&eve.access_token);
    bad.push(signed(&with(&hers, "sub", json!(ada))));
    bad.push(signed(&scene.claims("sub", hers["sub"].clone())));
    // What is no access token, however good.
    bad.push(scene.ada.refresh_token.clone());
    let socket = post("/api/v1/realtime/token", json!({})).by(&scene.ada);
    let socket = socket.of(router(&scene.world)).await.is(201);
    bad.push(socket["token"].as_str().unwrap().to_owned());
    for token in bad {
        assert_eq!(
            status(&scene.world, &token).await,
            401,
            "{token} {:?}",
            taken_apart(&token).1
        );
    }
    let early = signed(&scene.claims("nbf", json!(now + 60)));
    assert_eq!(
        status(&scene.world, &early).await,
        200,
        "clocks may differ by a minute"
    );
}
