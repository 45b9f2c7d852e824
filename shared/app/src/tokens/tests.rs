use domain::id::{SessionId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use super::*;

/// RFC 8410, section 10.3, and its public half.
const OLD: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const OLD_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
const NEW: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEII8NbmeCftm5m2N80vuoyUvP2bJMHJxqMnr5deLf7XmC\n-----END PRIVATE KEY-----\n";
const NEW_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAaQRLr4LJEVLEynqsz1Jt6weDMwIdzzAN1VNz27LOH/E=\n-----END PUBLIC KEY-----\n";

fn config(public: &str, signing: Option<&str>) -> Config {
    Config {
        stage: "test".to_owned(),
        public_url: String::new(),
        ws_url: String::new(),
        jwt_issuer: "https://api.example.com".to_owned(),
        jwt_signing_key: signing.map(Into::into),
        jwt_public_keys: public.to_owned(),
        token_key: None,
        allowed_origins: Vec::new(),
        bootstrap_admin: None,
    }
}

fn keys(public: &str, signing: Option<&str>) -> Keys {
    Keys::new(&config(public, signing)).unwrap()
}

fn now() -> Timestamp {
    "2027-02-01T10:00:00Z".parse().unwrap()
}

fn token(keys: &Keys) -> String {
    let (user, session) = (
        UserId::from_uuid(Uuid::from_u128(1)),
        SessionId::from_uuid(Uuid::from_u128(2)),
    );
    keys.sign(Audience::Api, user, session, now()).unwrap().0
}

fn kids(keys: &Keys) -> Vec<String> {
    let set = keys.jwks();
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().to_owned();
    set["keys"].as_array().unwrap().iter().map(kid).collect()
}

/// One key follows another without anybody signing in anew, in the order of the doc of [`Keys`].
#[test]
fn a_new_key_follows_an_old_one_and_for_a_while_both_are_good() {
    let both = format!("{OLD_PUBLIC}{NEW_PUBLIC}");
    let (before, shown) = (keys(OLD_PUBLIC, Some(OLD)), keys(&both, Some(OLD)));
    let (turned, after) = (keys(&both, Some(NEW)), keys(NEW_PUBLIC, Some(NEW)));
    assert_eq!(kids(&shown).len(), 2);
    assert_eq!([kids(&before), kids(&after)].concat(), kids(&turned));

    let good = |keys: &Keys, token: &str| keys.verify(Audience::Api, token, now()).is_ok();
    let (old, new) = (token(&shown), token(&turned));
    assert!(good(&before, &old) && good(&shown, &old) && good(&turned, &old) && !good(&after, &old));
    assert!(!good(&before, &new) && good(&shown, &new) && good(&turned, &new) && good(&after, &new));
}

#[test]
fn a_function_does_not_start_with_keys_that_do_not_belong_together() {
    for (public, signing) in [
        (OLD_PUBLIC, Some(NEW)),
        ("", None),
        ("x", None),
        (OLD_PUBLIC, Some("x")),
        (OLD, None),
    ] {
        assert!(
            Keys::new(&config(public, signing)).is_err(),
            "{public} {signing:?}"
        );
    }
    let broken = format!("{OLD_PUBLIC}-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n");
    assert!(Keys::new(&config(&broken, None)).is_err());
}

#[test]
fn a_token_is_good_for_ten_minutes_and_a_clocks_difference() {
    let keys = keys(OLD_PUBLIC, Some(OLD));
    let token = token(&keys);
    let at = |seconds| {
        keys.verify(Audience::Api, &token, domain::time::plus_seconds(now(), seconds))
            .map(drop)
    };
    let leeway = i64::try_from(LEEWAY_SECONDS).unwrap();
    assert_eq!(at(-leeway), Ok(()));
    assert_eq!(at(-leeway - 1), Err(BadToken::Invalid));
    assert_eq!(at(ACCESS_SECONDS + leeway - 1), Ok(()));
    assert_eq!(at(ACCESS_SECONDS + leeway), Err(BadToken::Expired));
}

#[test]
fn a_token_that_was_looked_at_is_remembered_for_a_minute_and_never_beyond_its_end() {
    let signs = keys(OLD_PUBLIC, Some(OLD));
    let strange = keys(NEW_PUBLIC, None);
    let token = token(&signs);
    let later = |seconds| domain::time::plus_seconds(now(), seconds);
    let verified = Verified::default();
    assert!(
        verified.claims(&strange, &token, now()).is_err(),
        "what is refused is not remembered"
    );
    let claims = verified.claims(&signs, &token, now()).unwrap();
    // Whoever has other keys would not know it, so it is remembered.
    assert_eq!(
        verified.claims(&strange, &token, later(VERIFIED_SECONDS - 1)),
        Ok(claims)
    );
    assert!(
        verified
            .claims(&strange, &token, later(VERIFIED_SECONDS))
            .is_err()
    );

    let verified = Verified::default();
    verified
        .claims(&signs, &token, later(ACCESS_SECONDS - 1))
        .unwrap();
    assert!(verified.claims(&strange, &token, later(ACCESS_SECONDS)).is_err());
    // Another token is another one, however alike.
    assert!(
        verified
            .claims(&signs, &format!("{token}A"), later(ACCESS_SECONDS - 1))
            .is_err()
    );
}
