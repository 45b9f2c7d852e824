//! Mail addresses as they come in parameters and headers. Absent: SMTPUTF8 local parts, which SES refuses,
//! and domain literals.

use mail_parser::{Address as Parsed, MessageParser};

use crate::error::SesError;

/// A display name and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) name: Option<String>,
    pub(crate) email: String,
}

/// Reads one address of a parameter, with or without a display name.
pub(crate) fn one(text: &str) -> Result<Address, SesError> {
    if text.chars().any(char::is_control) {
        return Err(SesError::InvalidAddress(
            "Local address contains control or whitespace",
        ));
    }
    // The parser reads whole messages, so the text becomes the header of one.
    let message = format!("To: {text}\r\n\r\n");
    let parsed = MessageParser::default().parse(message.as_bytes());
    let mut addresses = parsed
        .as_ref()
        .map(|message| all(message.to()))
        .unwrap_or_default();
    match (addresses.pop(), addresses.pop()) {
        (Some(address), None) => {
            check(&address.email)?;
            Ok(address)
        }
        (None, _) => Err(SesError::InvalidAddress("Illegal address")),
        (Some(_), Some(_)) => Err(SesError::InvalidAddress("Expected one address")),
    }
}

/// The addresses of a header, groups dissolved.
pub(crate) fn all(header: Option<&Parsed<'_>>) -> Vec<Address> {
    let Some(header) = header else { return Vec::new() };
    header
        .iter()
        .filter_map(|address| {
            Some(Address {
                name: address.name().map(str::to_owned),
                email: address.address()?.to_owned(),
            })
        })
        .collect()
}

/// The form that SES asks for: `UserName@[SubDomain.]Domain.TopLevelDomain`.
pub(crate) fn check(email: &str) -> Result<(), SesError> {
    let Some((local, domain)) = email.rsplit_once('@') else {
        return Err(SesError::InvalidAddress("Missing final '@domain'"));
    };
    if local.is_empty()
        || local
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err(SesError::InvalidAddress(
            "Local address contains control or whitespace",
        ));
    }
    if !local.is_ascii() {
        return Err(SesError::InvalidAddress("Local address contains non-ASCII"));
    }
    let is_domain = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || character == '-')
        });
    if is_domain {
        Ok(())
    } else {
        Err(SesError::InvalidAddress("Domain contains illegal character"))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(formatter, "{name} <{}>", self.email),
            None => formatter.write_str(&self.email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_and_without_a_name() {
        let plain = one("ada@example.com").unwrap();
        assert_eq!(
            (plain.name.as_deref(), plain.email.as_str()),
            (None, "ada@example.com")
        );
        let named = one("\"Lovelace, Ada\" <ada@example.com>").unwrap();
        assert_eq!(
            (named.name.as_deref(), named.email.as_str()),
            (Some("Lovelace, Ada"), "ada@example.com")
        );
        assert_eq!(
            one("Jürgen <j@example.com>").unwrap().name.as_deref(),
            Some("Jürgen")
        );
    }

    #[test]
    fn what_is_not_one_address_is_refused() {
        let refused = [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@exa mple.com",
            "ä@example.com",
            "a@example.com, b@example.com",
            "a@example.com\r\nBcc: b@example.com",
        ];
        for text in refused {
            assert!(one(text).is_err(), "{text}");
        }
    }
}
