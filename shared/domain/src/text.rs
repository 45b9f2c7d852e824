//! Text that people type: normalised, bounded, without control characters; one type for each meaning.
//!
//! What looks the same is the same: letters are composed (Unicode normalisation form C), what nobody sees is left out,
//! and in one line any white space is one space. Otherwise text is kept as it was typed, and escaped where it is shown,
//! never here.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{EmojiStatus, UnicodeEmoji};

/// Why a text is refused. The limit is in characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("must have at least {0} characters")]
    TooShort(usize),
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must not contain control or text-direction characters")]
    Control,
    #[error("must not contain emoji")]
    Emoji,
    #[error("is not an e-mail address")]
    NotAnAddress,
    #[error("must be made of lower-case letters, digits and underscores")]
    NotAPolicyName,
    #[error("must be made of letters, digits, spaces and hyphens")]
    NotAPostalCode,
    #[error("must be two upper-case letters (ISO 3166-1)")]
    NotACountry,
}

/// Characters that would let a text reorder or hide what stands around it (Unicode TR #36).
const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that show nothing and join nothing, and come along when text is pasted: the soft hyphen, the zero width
/// space, the word joiner and the byte order mark. The joiners of Persian or Hindi are not among them.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// Whether it is drawn as a picture, also where it would be a letter otherwise.
fn is_emoji(c: char) -> bool {
    const AS_A_PICTURE: char = '\u{FE0F}';
    let is_picture = matches!(
        c.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    );
    is_picture || c == AS_A_PICTURE
}

fn plain(text: &str, min: usize, max: usize, lines: bool) -> Result<String, TextError> {
    let forbidden = |c: char| (c.is_control() && !(lines && c == '\n')) || is_direction_control(c);
    let text = text.trim();
    if text.chars().any(forbidden) {
        return Err(TextError::Control);
    }
    let text: String = if text.is_ascii() {
        text.to_owned()
    } else {
        text.chars().filter(|c| !is_invisible(*c)).nfc().collect()
    };
    let text = if lines {
        text.trim().to_owned()
    } else {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let length = text.chars().count();
    if length < min {
        return Err(TextError::TooShort(min));
    }
    if length > max {
        return Err(TextError::TooLong(max));
    }
    Ok(text)
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// [`TextError`], which says what is wrong with it.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                let parse: fn(&str) -> Result<String, TextError> = $parse;
                parse(text).map(Self)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// RFC 5321, 4.5.3.1: a path of at most 256 octets with its angle brackets.
pub const EMAIL_LENGTH_MAX: usize = 254;
pub const PERSON_NAME_LENGTH_MAX: usize = 100;
pub const BUSINESS_NAME_LENGTH_MAX: usize = 120;
pub const VENUE_NAME_LENGTH_MAX: usize = 120;
pub const LABEL_LENGTH_MAX: usize = 60;
pub const DESCRIPTION_LENGTH_MAX: usize = 4_000;
pub const HOUSE_RULES_LENGTH_MAX: usize = 2_000;
pub const STREET_LENGTH_MAX: usize = 120;
/// The longest in use have ten characters (UPU, "Postal addressing systems").
pub const POSTAL_CODE_LENGTH_MAX: usize = 12;
pub const CITY_LENGTH_MAX: usize = 100;
pub const REGION_LENGTH_MAX: usize = 100;
pub const REASON_LENGTH_MAX: usize = 1_000;
/// Longer ones are descriptions, and the description of the venue is the place for them.
pub const ALT_TEXT_LENGTH_MAX: usize = 250;
pub const POLICY_NAME_LENGTH_MAX: usize = 40;
pub const POLICY_NOTE_LENGTH_MAX: usize = 500;
pub const PASSWORD_LENGTH_MIN: usize = 12;
/// Longer ones would only make hashing dearer; NIST SP 800-63B asks for at least 64.
pub const PASSWORD_LENGTH_MAX: usize = 128;

text!(
    /// An e-mail address in lower case: one person, one spelling.
    Email,
    |text| {
        let text = plain(text, 3, EMAIL_LENGTH_MAX, false)?.to_lowercase();
        let (local, host) = text.rsplit_once('@').ok_or(TextError::NotAnAddress)?;
        let local_fine = (1..=64).contains(&local.len())
            && local.is_ascii()
            && !local.contains(|c: char| c.is_whitespace() || "\"(),:;<>@[\\]".contains(c))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_fine = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let host_fine = host.contains('.') && host.split('.').all(label_fine);
        if local_fine && host_fine { Ok(text) } else { Err(TextError::NotAnAddress) }
    }
);
text!(
    /// How a person wants to be called.
    PersonName,
    |text| plain(text, 1, PERSON_NAME_LENGTH_MAX, false)
);
text!(
    /// What a business is called towards customers.
    BusinessName,
    |text| plain(text, 2, BUSINESS_NAME_LENGTH_MAX, false)
);
text!(
    /// What a venue or one of its spaces is called.
    VenueName,
    |text| {
        let text = plain(text, 2, VENUE_NAME_LENGTH_MAX, false)?;
        if text.chars().any(is_emoji) { Err(TextError::Emoji) } else { Ok(text) }
    }
);
text!(
    /// What a vendor calls a season, a package, a layout or a rule, one of its kind in a space, or a special day.
    Label,
    |text| plain(text, 1, LABEL_LENGTH_MAX, false)
);
text!(
    /// Several lines about a venue.
    Description,
    |text| plain(text, 0, DESCRIPTION_LENGTH_MAX, true)
);
text!(
    /// What a venue asks of its guests, several lines of it.
    HouseRules,
    |text| plain(text, 1, HOUSE_RULES_LENGTH_MAX, true)
);
text!(
    /// A street and the number of a house in it.
    Street,
    |text| plain(text, 1, STREET_LENGTH_MAX, false)
);
text!(
    /// What a post office sorts letters by.
    PostalCode,
    |text| {
        let text = plain(text, 2, POSTAL_CODE_LENGTH_MAX, false)?;
        let fine = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b' ');
        if fine { Ok(text) } else { Err(TextError::NotAPostalCode) }
    }
);
text!(
    /// A city, town or village.
    City,
    |text| plain(text, 1, CITY_LENGTH_MAX, false)
);
text!(
    /// A state, province, county or the like.
    Region,
    |text| plain(text, 1, REGION_LENGTH_MAX, false)
);
text!(
    /// Why somebody did something, told to those it concerns.
    Reason,
    |text| plain(text, 1, REASON_LENGTH_MAX, true)
);
text!(
    /// What is to be seen in a picture, for those who do not see it.
    AltText,
    |text| plain(text, 1, ALT_TEXT_LENGTH_MAX, false)
);
text!(
    /// What a cancellation policy goes by (`standard_30_day`).
    PolicyName,
    |text| {
        let text = plain(text, 2, POLICY_NAME_LENGTH_MAX, false)?;
        let fine = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fine { Ok(text) } else { Err(TextError::NotAPolicyName) }
    }
);
text!(
    /// What is to be said of a cancellation policy in one country, several lines of it.
    PolicyNote,
    |text| plain(text, 1, POLICY_NOTE_LENGTH_MAX, true)
);
text!(
    /// An ISO 3166-1 alpha-2 country code.
    Country,
    |text| {
        let fine = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        if fine { Ok(text.to_owned()) } else { Err(TextError::NotACountry) }
    }
);
impl Label {
    /// Out of a text that was not written to be one: without what a label must not have, cut to its length. Nothing
    /// where nothing is left.
    #[must_use]
    pub fn out_of(text: &str) -> Option<Self> {
        let spaced = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        let clean: String = spaced.filter(|c| !is_direction_control(*c)).collect();
        let cut: String = clean.trim().chars().take(LABEL_LENGTH_MAX).collect();
        Self::parse(&cut).ok()
    }
}

/// A password as it was typed. It shows itself to nobody and is wiped when dropped.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// For a new password: any characters, 12 to 128 of them.
    ///
    /// # Errors
    /// [`TextError::TooShort`], [`TextError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        match text.chars().count() {
            n if n < PASSWORD_LENGTH_MIN => Err(TextError::TooShort(PASSWORD_LENGTH_MIN)),
            n if n > PASSWORD_LENGTH_MAX => Err(TextError::TooLong(PASSWORD_LENGTH_MAX)),
            _ => Ok(Self(SecretString::from(text))),
        }
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        assert_eq!(
            Email::parse(" Ada@Example.COM ").unwrap().as_str(),
            "ada@example.com"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "a b@example.com",
            "a@b@example.com",
            "ada@-x.com",
            "ada@x..com",
            ".ada@x.com",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?} was accepted");
        }
        assert_eq!(
            Email::parse(&format!("{}@example.com", "a".repeat(300))),
            Err(TextError::TooLong(EMAIL_LENGTH_MAX))
        );
    }

    #[test]
    fn a_name_holds_no_control_or_direction_characters() {
        assert_eq!(VenueName::parse("Loft\u{0}"), Err(TextError::Control));
        assert_eq!(VenueName::parse("Loft\u{202E}txt"), Err(TextError::Control));
        assert_eq!(VenueName::parse("Loft\nTwo"), Err(TextError::Control));
        assert!(Description::parse("One\nTwo").is_ok());
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        let spellings = [
            "Café  Ölberg",
            "Cafe\u{301} O\u{308}lberg",
            " Café\u{A0}Ölberg\u{2003}",
            "\u{FEFF}Ca\u{AD}fé\u{200B} Öl\u{2060}berg",
        ];
        for spelling in spellings {
            assert_eq!(
                VenueName::parse(spelling).unwrap().as_str(),
                "Café Ölberg",
                "{spelling:?}"
            );
        }
        let lines = Description::parse("Cafe\u{301}\n\n  two  spaces\u{200B} ").unwrap();
        assert_eq!(lines.as_str(), "Café\n\n  two  spaces");
        assert_eq!(Label::parse("\u{200B}\u{AD} "), Err(TextError::TooShort(1)));
    }

    #[test]
    fn joiners_are_letters_of_their_scripts() {
        for name in ["می\u{200C}خانه", "क्\u{200D}ष Hall"] {
            assert_eq!(VenueName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_venue_has_no_pictures_in_its_name_and_may_have_them_in_its_description() {
        for name in [
            "Loft 🎉",
            "Loft ❤\u{FE0F}",
            "Loft 👍🏽",
            "Loft 🇩🇪",
            "Loft \u{1F3FB}",
        ] {
            assert_eq!(VenueName::parse(name), Err(TextError::Emoji), "{name:?}");
            assert_eq!(Description::parse(name).unwrap().as_str(), name);
        }
        for name in ["Studio 54 #1", "N°5 & Co*", "Loft®", "Bar ™ ©", "北京会议室"] {
            assert_eq!(VenueName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_text_that_was_parsed_is_parsed_to_itself() {
        proptest::proptest!(|(text in "\\PC{0,40}")| {
            if let Ok(label) = Label::parse(&text) {
                assert_eq!(Label::parse(label.as_str()).unwrap(), label);
            }
        });
    }

    #[test]
    fn a_postal_code_is_letters_and_digits() {
        for text in ["10119", "SW1A 1AA", "1234-567", "AD500"] {
            assert_eq!(PostalCode::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(PostalCode::parse("10119!"), Err(TextError::NotAPostalCode));
        assert_eq!(PostalCode::parse("1"), Err(TextError::TooShort(2)));
        assert_eq!(Street::parse("Torstr. 1\nBerlin"), Err(TextError::Control));
        assert_eq!(City::parse(" "), Err(TextError::TooShort(1)));
    }

    #[test]
    fn a_policy_has_a_name_that_programs_can_use() {
        assert_eq!(
            PolicyName::parse("standard_30_day").unwrap().as_str(),
            "standard_30_day"
        );
        for name in ["Strict", "very-strict", "very strict", "strikt é"] {
            assert_eq!(
                PolicyName::parse(name),
                Err(TextError::NotAPolicyName),
                "{name:?}"
            );
        }
    }

    #[test]
    fn every_length_has_its_limit() {
        let long = |n: usize| "x".repeat(n + 1);
        assert_eq!(
            PersonName::parse(&long(PERSON_NAME_LENGTH_MAX)),
            Err(TextError::TooLong(PERSON_NAME_LENGTH_MAX))
        );
        assert_eq!(
            BusinessName::parse(&long(BUSINESS_NAME_LENGTH_MAX)),
            Err(TextError::TooLong(BUSINESS_NAME_LENGTH_MAX))
        );
        assert_eq!(
            VenueName::parse(&long(VENUE_NAME_LENGTH_MAX)),
            Err(TextError::TooLong(VENUE_NAME_LENGTH_MAX))
        );
        assert_eq!(
            Description::parse(&long(DESCRIPTION_LENGTH_MAX)),
            Err(TextError::TooLong(DESCRIPTION_LENGTH_MAX))
        );
        assert_eq!(
            HouseRules::parse(&long(HOUSE_RULES_LENGTH_MAX)),
            Err(TextError::TooLong(HOUSE_RULES_LENGTH_MAX))
        );
        assert_eq!(
            Street::parse(&long(STREET_LENGTH_MAX)),
            Err(TextError::TooLong(STREET_LENGTH_MAX))
        );
        assert_eq!(
            PostalCode::parse(&long(POSTAL_CODE_LENGTH_MAX)),
            Err(TextError::TooLong(POSTAL_CODE_LENGTH_MAX))
        );
        assert_eq!(
            City::parse(&long(CITY_LENGTH_MAX)),
            Err(TextError::TooLong(CITY_LENGTH_MAX))
        );
        assert_eq!(
            Region::parse(&long(REGION_LENGTH_MAX)),
            Err(TextError::TooLong(REGION_LENGTH_MAX))
        );
        assert_eq!(
            Reason::parse(&long(REASON_LENGTH_MAX)),
            Err(TextError::TooLong(REASON_LENGTH_MAX))
        );
        assert_eq!(
            AltText::parse(&long(ALT_TEXT_LENGTH_MAX)),
            Err(TextError::TooLong(ALT_TEXT_LENGTH_MAX))
        );
        assert_eq!(
            PolicyName::parse(&long(POLICY_NAME_LENGTH_MAX)),
            Err(TextError::TooLong(POLICY_NAME_LENGTH_MAX))
        );
        assert_eq!(
            PolicyNote::parse(&long(POLICY_NOTE_LENGTH_MAX)),
            Err(TextError::TooLong(POLICY_NOTE_LENGTH_MAX))
        );
        assert_eq!(
            Password::parse(&long(PASSWORD_LENGTH_MAX)).unwrap_err(),
            TextError::TooLong(PASSWORD_LENGTH_MAX)
        );
        assert_eq!(
            Password::parse("short").unwrap_err(),
            TextError::TooShort(PASSWORD_LENGTH_MIN)
        );
    }

    #[test]
    fn a_label_out_of_any_text_is_cleaned_and_cut_between_characters() {
        let of = |text: &str| Label::out_of(text).map(|label| label.as_str().to_owned());
        assert_eq!(of(" Day of\nWork\u{202E} ").as_deref(), Some("Day of Work"));
        assert_eq!(
            of(&"é".repeat(LABEL_LENGTH_MAX + 1)),
            Some("é".repeat(LABEL_LENGTH_MAX))
        );
        // What is cut off behind a space leaves none.
        let spaced = format!("{} x", "a".repeat(LABEL_LENGTH_MAX - 1));
        assert_eq!(of(&spaced), Some("a".repeat(LABEL_LENGTH_MAX - 1)));
        for nothing in ["", " ", "\u{0}\n", "\u{200F}"] {
            assert_eq!(of(nothing), None);
        }
    }

    #[test]
    fn a_password_does_not_show_itself() {
        assert_eq!(
            format!("{:?}", Password::parse("correct horse battery").unwrap()),
            "Password(…)"
        );
    }
}
