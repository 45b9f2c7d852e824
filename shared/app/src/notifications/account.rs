//! What people read about their accounts.
//!
//! Nobody is called by name here: whoever registered chose the name, and may have chosen somebody
//! else's address for it to be sent to.

use super::letter::{Block, Letter, PLATFORM};

const BECAUSE: &str = "You get this mail because somebody registered with this address.";

/// With the token, which stands nowhere else, and both ways to use it. There is no page to link to.
#[must_use]
pub fn verify_email(token: &str, public_url: &str, good_hours: i64) -> Letter {
    let url = format!("{public_url}/api/v1/auth/verify-email");
    Letter {
        title: format!("Confirm your address for {PLATFORM}"),
        text: format!(
            "Somebody, most likely you, registered at {PLATFORM} with this address. To show that it is yours, \
             enter this token with your password where you registered, within {good_hours} hours:"
        ),
        blocks: vec![
            Block::Code(token.to_owned()),
            Block::Paragraph(format!("Or send it yourself, as a POST to {url}:")),
            Block::Code(format!(
                "curl -X POST '{url}' -H 'content-type: application/json' -d '{{\"token\":\"{token}\",\"password\":\"…\"}}'"
            )),
            Block::Paragraph(
                "It was not you? Then do nothing: without the token nobody can book with your address."
                    .to_owned(),
            ),
        ],
        because: BECAUSE,
    }
}

#[must_use]
pub fn already_registered(public_url: &str) -> Letter {
    Letter {
        title: format!("You already have an account at {PLATFORM}"),
        text: format!(
            "Somebody, perhaps you, tried to register at {PLATFORM} with this address, which has an account \
             already. Nothing was changed."
        ),
        blocks: vec![
            Block::Paragraph(format!(
                "If it was you, sign in with the password that you chose before: POST {public_url}/api/v1/auth/login"
            )),
            Block::Paragraph("It was not you? Then there is nothing to do.".to_owned()),
        ],
        because: BECAUSE,
    }
}

const BECAUSE_OF_THE_ACCOUNT: &str = "You get this mail because you have an account with this address.";

/// With the token, which stands nowhere else, and both ways to use it.
#[must_use]
pub fn reset_password(token: &str, public_url: &str, good_minutes: i64) -> Letter {
    let url = format!("{public_url}/api/v1/auth/password-reset/confirm");
    Letter {
        title: format!("A new password for {PLATFORM}"),
        text: format!(
            "Somebody, most likely you, forgot the password of your account at {PLATFORM}. To set a new one, enter this \
             token with it where you asked, within {good_minutes} minutes. All your sessions end with that:"
        ),
        blocks: vec![
            Block::Code(token.to_owned()),
            Block::Paragraph(format!("Or send it yourself, as a POST to {url}:")),
            Block::Code(format!(
                "curl -X POST '{url}' -H 'content-type: application/json' -d '{{\"token\":\"{token}\",\"new_password\":\"…\"}}'"
            )),
            Block::Paragraph(
                "It was not you? Then do nothing: your password stays as it is, and without the token nobody can change it."
                    .to_owned(),
            ),
        ],
        because: BECAUSE_OF_THE_ACCOUNT,
    }
}

#[must_use]
pub fn password_changed(public_url: &str) -> Letter {
    Letter {
        title: format!("Your password for {PLATFORM} was changed"),
        text: format!(
            "The password of your account at {PLATFORM} is another now. Other devices were signed out."
        ),
        blocks: vec![Block::Paragraph(format!(
            "It was not you? Then set a new one at once: ask for a token with a POST of your address to \
             {public_url}/api/v1/auth/password-reset."
        ))],
        because: BECAUSE_OF_THE_ACCOUNT,
    }
}

/// With the token, which stands nowhere else, and both ways to use it.
#[must_use]
pub fn new_address(token: &str, public_url: &str, good_hours: i64) -> Letter {
    let url = format!("{public_url}/api/v1/auth/email/confirm");
    Letter {
        title: format!("Confirm your new address for {PLATFORM}"),
        text: format!(
            "Somebody, most likely you, wants to use this address for their account at {PLATFORM}. To show that it is \
             yours, enter this token with your password where you asked, within {good_hours} hours. All your sessions end \
             with that:"
        ),
        blocks: vec![
            Block::Code(token.to_owned()),
            Block::Paragraph(format!("Or send it yourself, as a POST to {url}:")),
            Block::Code(format!(
                "curl -X POST '{url}' -H 'content-type: application/json' -d '{{\"token\":\"{token}\",\"password\":\"…\"}}'"
            )),
            Block::Paragraph("It was not you? Then do nothing: somebody has mistyped theirs.".to_owned()),
        ],
        because: "You get this mail because somebody wants to use this address for their account.",
    }
}

/// To an address that somebody wants and that has an account.
#[must_use]
pub fn address_in_use() -> Letter {
    Letter {
        title: format!("You already have an account at {PLATFORM}"),
        text: format!(
            "Somebody, perhaps you, wants to use this address for another account at {PLATFORM}. It has an account already. \
             Nothing was changed."
        ),
        blocks: vec![Block::Paragraph(
            "An address can have one account. It was not you? Then there is nothing to do.".to_owned(),
        )],
        because: BECAUSE_OF_THE_ACCOUNT,
    }
}

/// To the present address.
#[must_use]
pub fn address_wanted(public_url: &str) -> Letter {
    Letter {
        title: format!("Your account at {PLATFORM} is to get another address"),
        text: format!(
            "Somebody who knows your password, most likely you, asked for another address for your account at {PLATFORM}. As \
             soon as they confirm that the new one is theirs, you will not be able to sign in with this one any more."
        ),
        blocks: vec![Block::Paragraph(format!(
            "It was not you? Then set a new password at once, which stops it: ask for a token with a POST of your address to \
             {public_url}/api/v1/auth/password-reset."
        ))],
        because: BECAUSE_OF_THE_ACCOUNT,
    }
}

/// To the address before.
#[must_use]
pub fn address_changed() -> Letter {
    Letter {
        title: format!("Your account at {PLATFORM} has another address"),
        text: format!(
            "Your account at {PLATFORM} has another address from now on. You cannot sign in with this one any more, and mails \
             go to the new one. All devices were signed out."
        ),
        blocks: vec![Block::Paragraph(
            "It was not you? Then somebody knows your password and has your account. Write to us from this address."
                .to_owned(),
        )],
        because: "You get this mail because you had an account with this address.",
    }
}

#[cfg(test)]
mod tests {
    use super::super::letter::Address;
    use super::*;

    fn mail(letter: &Letter) -> crate::ports::Mail {
        letter.mail(Address {
            to: "ada@example.com".to_owned(),
            name: None,
            message_id: "x@example.com".to_owned(),
        })
    }

    #[test]
    fn the_token_stands_on_a_line_of_its_own_with_the_way_to_use_it() {
        let mail = mail(&verify_email("t0ken-_", "https://api.example.com", 24));
        assert!(mail.text.lines().any(|line| line == "t0ken-_"), "{}", mail.text);
        assert!(mail.text.contains("within 24 hours"));
        assert!(mail.text.contains(
            "curl -X POST 'https://api.example.com/api/v1/auth/verify-email' \
             -H 'content-type: application/json' -d '{\"token\":\"t0ken-_\",\"password\":\"…\"}'"
        ));
        assert!(mail.html.contains(">t0ken-_</pre>"));
        assert!(!mail.subject.contains("t0ken"));
    }

    #[test]
    fn whoever_has_an_account_learns_that_nothing_was_changed() {
        let mail = mail(&already_registered("https://api.example.com"));
        assert_eq!(mail.subject, "You already have an account at TOFIMOTIA");
        assert!(mail.text.contains("Nothing was changed."));
        assert!(mail.text.contains("https://api.example.com/api/v1/auth/login"));
    }
}
