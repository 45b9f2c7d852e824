//! What people call a booking by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::BookingId;

/// Characters that are hard to confuse: Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DIGITS: usize = 8;
/// In the middle, so that it is read out in two parts.
const HYPHEN_AT: usize = 4;

/// What people tell each other (`7KQ2-M9XD`). No two bookings share one. It opens nothing by itself: whoever has it
/// still has to be allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookingCode(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of the form 7KQ2-M9XD")]
pub struct BookingCodeError;

impl BookingCode {
    /// From the random part of the id. Another booking may have it: whoever writes the first of them claims it.
    #[must_use]
    pub fn of(id: BookingId) -> Self {
        let mut random = id.uuid().as_u128();
        let mut symbols = [0; DIGITS];
        for symbol in &mut symbols {
            let digit = usize::try_from(random & 31).unwrap_or(0);
            *symbol = ALPHABET.get(digit).copied().unwrap_or_default();
            random >>= 5;
        }
        Self::written(symbols)
    }

    fn written(symbols: [u8; DIGITS]) -> Self {
        let (first, last) = symbols.split_at(HYPHEN_AT);
        let text = |part: &[u8]| part.iter().map(|b| char::from(*b)).collect::<String>();
        Self(format!("{}-{}", text(first), text(last)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BookingCode {
    type Err = BookingCodeError;

    /// As somebody types it who was told it: in any case, with or without hyphens, with the letters that look like
    /// digits (<https://www.crockford.com/base32.html>).
    fn from_str(text: &str) -> Result<Self, BookingCodeError> {
        let symbol = |byte: u8| match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let symbols: Vec<u8> = text.bytes().filter(|b| *b != b'-').map(symbol).collect();
        if !symbols.iter().all(|symbol| ALPHABET.contains(symbol)) {
            return Err(BookingCodeError);
        }
        symbols
            .try_into()
            .map(Self::written)
            .map_err(|_| BookingCodeError)
    }
}

impl fmt::Display for BookingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for BookingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BookingCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// What a booking is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookingHandle {
    Id(BookingId),
    Code(BookingCode),
}

impl FromStr for BookingHandle {
    type Err = BookingCodeError;

    fn from_str(text: &str) -> Result<Self, BookingCodeError> {
        text.parse()
            .map(Self::Id)
            .or_else(|_| text.parse().map(Self::Code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn of(number: u128) -> BookingCode {
        BookingCode::of(BookingId::from_uuid(Uuid::from_u128(number)))
    }

    #[test]
    fn a_code_is_eight_unmistakable_characters() {
        assert_eq!(of(0).as_str(), "0000-0000");
        assert_eq!(of(u128::MAX).as_str(), "ZZZZ-ZZZZ");
        assert_eq!(of(1 | 31 << 20 | 10 << 35).as_str(), "1000-Z00A");
        assert_eq!(of(1 << 40).as_str(), "0000-0000", "of the last 40 bits");
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code: BookingCode = "7KQ2-M9XD".parse().unwrap();
        for typed in ["7kq2m9xd", "7KQ2M9XD", "7kq2-m9xd", "7K-Q2-M9-XD"] {
            assert_eq!(typed.parse(), Ok(code.clone()));
        }
        assert_eq!("oO1l-IiL0".parse(), "0011-1110".parse::<BookingCode>());
        for wrong in [
            "",
            "7KQ2-M9X",
            "7KQ2-M9XDD",
            "7KQ2-M9XU",
            "7KQ2 M9XD",
            "7KQ2-M9XÄ",
            "--------",
        ] {
            assert_eq!(wrong.parse::<BookingCode>(), Err(BookingCodeError), "{wrong}");
            assert!(serde_json::from_value::<BookingCode>(wrong.into()).is_err());
        }
    }

    #[test]
    fn an_id_and_a_code_are_told_apart() {
        let id = BookingId::from_uuid(Uuid::from_u128(5));
        assert_eq!(id.to_string().parse(), Ok(BookingHandle::Id(id)));
        assert_eq!("5000-0000".parse(), Ok(BookingHandle::Code(BookingCode::of(id))));
        assert_eq!("ven_1".parse::<BookingHandle>(), Err(BookingCodeError));
    }

    proptest! {
        #[test]
        fn a_code_reads_back_as_it_was_written(number: u128) {
            let code = of(number);
            prop_assert_eq!(code.as_str().parse(), Ok(code.clone()));
            prop_assert_eq!(serde_json::from_value(serde_json::json!(code)).ok(), Some(code));
        }
    }
}
