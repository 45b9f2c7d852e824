//! Message attributes: what AWS accepts, their size, their MD5 and the filter of a receive.
//! Source of the digest: Developer Guide, "Calculating the MD5 message digest for message attributes".

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::error::SqsError;
use crate::limits::{ATTRIBUTE_NAME_CHARS_MAX, MESSAGE_ATTRIBUTES_MAX};

/// Attributes by name; the order of the names is the order of the digest.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// One attribute as the API writes it; `BinaryValue` is base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    #[serde(default, skip_serializing)]
    string_list_values: Vec<String>,
    #[serde(default, skip_serializing)]
    binary_list_values: Vec<String>,
}

/// Attributes that passed every rule, with what was computed on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checked {
    pub(crate) attributes: Attributes,
    /// None without attributes, as AWS answers none then.
    pub(crate) md5: Option<String>,
    pub(crate) bytes: usize,
}

/// The type byte of the digest.
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// The attributes that a sender may set, checked and digested.
pub(crate) fn check(attributes: Attributes) -> Result<Checked, SqsError> {
    if attributes.len() > MESSAGE_ATTRIBUTES_MAX {
        return Err(SqsError::InvalidParameterValue(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MESSAGE_ATTRIBUTES_MAX}].",
            attributes.len()
        )));
    }
    for name in attributes.keys() {
        check_name(name)?;
    }
    measure(attributes)
}

/// The system attributes that a sender may set: the trace header, nothing else.
pub(crate) fn check_system(attributes: Attributes) -> Result<Checked, SqsError> {
    if let Some(unknown) = attributes.keys().find(|name| *name != "AWSTraceHeader") {
        return Err(SqsError::InvalidParameterValue(format!(
            "Message system attribute name '{unknown}' is invalid."
        )));
    }
    measure(attributes)
}

/// The attributes that a receive asks for: by name, by `prefix.*`, or all of them.
pub(crate) fn wanted(attributes: Attributes, names: &[String]) -> Attributes {
    let matches = |attribute: &str, name: &str| match name {
        "All" | ".*" => true,
        name => name.strip_suffix(".*").map_or(name == attribute, |prefix| {
            attribute
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('.') || rest.is_empty())
        }),
    };
    attributes
        .into_iter()
        .filter(|(attribute, _)| names.iter().any(|name| matches(attribute, name)))
        .collect()
}

/// The digest over these attributes, none without any.
pub(crate) fn md5_of(attributes: &Attributes) -> Result<Option<String>, SqsError> {
    Ok(measure(attributes.clone())?.md5)
}

/// The MD5 of a body, in hex.
pub(crate) fn md5_of_body(body: &str) -> String {
    hex::encode(Md5::digest(body.as_bytes()))
}

/// The first character that XML 1.0 does not know, hence Amazon SQS refuses.
pub(crate) fn forbidden_char(text: &str) -> Option<char> {
    text.chars().find(|character| {
        !matches!(character,
            '\u{9}' | '\u{A}' | '\u{D}' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
    })
}

impl Attribute {
    fn text(&self) -> Option<&str> {
        self.string_value.as_deref()
    }

    /// The value in bytes and the type byte of the digest.
    fn payload(&self, name: &str) -> Result<(u8, Vec<u8>), SqsError> {
        let refuse = |reason: &str| {
            Err(SqsError::InvalidParameterValue(format!(
                "The message attribute '{name}' {reason}"
            )))
        };
        if !self.string_list_values.is_empty() || !self.binary_list_values.is_empty() {
            return Err(SqsError::UnsupportedOperation(
                "Message attribute list values in SendMessage operation are not supported.".to_owned(),
            ));
        }
        let logical = self.data_type.split('.').next().unwrap_or_default();
        let text = match (logical, &self.string_value, &self.binary_value) {
            ("String" | "Number", Some(text), None) => text,
            ("Binary", None, Some(encoded)) => {
                let Ok(bytes) = BASE64.decode(encoded) else {
                    return Err(SqsError::Serialization(format!("'{name}' is not base64")));
                };
                return if bytes.is_empty() {
                    refuse("must contain a non-empty value.")
                } else {
                    Ok((BINARY, bytes))
                };
            }
            ("String" | "Number" | "Binary", ..) => {
                return refuse("must contain the one value that its data type names.");
            }
            _ => {
                return refuse(
                    "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
                );
            }
        };
        if text.is_empty() {
            return refuse("must contain a non-empty value.");
        }
        if forbidden_char(text).is_some() {
            return refuse("contains an invalid character.");
        }
        if logical == "Number" && text.parse::<f64>().is_err() {
            return refuse("must be a number.");
        }
        Ok((TEXT, text.as_bytes().to_vec()))
    }
}

/// The text of the trace header among these system attributes.
pub(crate) fn trace_header(system: &Attributes) -> Option<&str> {
    system.get("AWSTraceHeader").and_then(Attribute::text)
}

fn measure(attributes: Attributes) -> Result<Checked, SqsError> {
    let mut digest = Md5::new();
    let mut bytes = 0_usize;
    for (name, attribute) in &attributes {
        let (kind, value) = attribute.payload(name)?;
        for part in [name.as_bytes(), attribute.data_type.as_bytes()] {
            digest.update(length(part));
            digest.update(part);
        }
        digest.update([kind]);
        digest.update(length(&value));
        digest.update(&value);
        bytes = bytes.saturating_add(name.len() + attribute.data_type.len() + value.len());
    }
    let md5 = (!attributes.is_empty()).then(|| hex::encode(digest.finalize()));
    Ok(Checked {
        attributes,
        md5,
        bytes,
    })
}

/// A length as the digest writes it; the door admits no value that u32 could not hold.
fn length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()
}

fn check_name(name: &str) -> Result<(), SqsError> {
    let lower = name.to_ascii_lowercase();
    let is_name = (1..=ATTRIBUTE_NAME_CHARS_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !lower.starts_with("aws.")
        && !lower.starts_with("amazon.");
    if is_name {
        return Ok(());
    }
    Err(SqsError::InvalidParameterValue(format!(
        "Message (user) attribute name '{name}' is invalid."
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(value: serde_json::Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_digest_is_the_one_that_the_developer_guide_describes() {
        // Written out by hand: length, name, length, type, kind, length, value.
        let written =
            b"\0\0\0\x01a\0\0\0\x06Binary\x02\0\0\0\x02\x00\xff\0\0\0\x01b\0\0\0\x06String\x01\0\0\0\x01x";
        let checked = check(attributes(json!({
            "b": { "DataType": "String", "StringValue": "x" },
            "a": { "DataType": "Binary", "BinaryValue": "AP8=" },
        })))
        .unwrap();
        assert_eq!(checked.md5.unwrap(), hex::encode(Md5::digest(written)));
        assert_eq!(checked.bytes, 1 + 6 + 2 + 1 + 6 + 1);
        assert_eq!(md5_of_body("hello"), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(check(Attributes::new()).unwrap().md5, None);
    }

    #[test]
    fn attributes_that_aws_refuses_are_refused() {
        let long_name = "n".repeat(ATTRIBUTE_NAME_CHARS_MAX + 1);
        let refused = [
            json!({ "a": { "DataType": "String", "StringValue": "" } }),
            json!({ "a": { "DataType": "String", "BinaryValue": "AA==" } }),
            json!({ "a": { "DataType": "String", "StringValue": "\u{0}" } }),
            json!({ "a": { "DataType": "Number", "StringValue": "one" } }),
            json!({ "a": { "DataType": "Binary", "BinaryValue": "%" } }),
            json!({ "a": { "DataType": "Float", "StringValue": "1" } }),
            json!({ "a": { "DataType": "String", "StringValue": "x", "StringListValues": ["y"] } }),
            json!({ "AWS.a": { "DataType": "String", "StringValue": "x" } }),
            json!({ ".a": { "DataType": "String", "StringValue": "x" } }),
            json!({ "a b": { "DataType": "String", "StringValue": "x" } }),
            json!({ long_name: { "DataType": "String", "StringValue": "x" } }),
        ];
        for value in refused {
            assert!(check(attributes(value.clone())).is_err(), "{value}");
        }
        assert!(
            check(attributes(
                json!({ "a": { "DataType": "Number.int", "StringValue": "-1.5" } })
            ))
            .is_ok()
        );
    }

    #[test]
    fn a_message_has_at_most_ten_attributes() {
        let many = |count: usize| -> Attributes {
            (0..count)
                .flat_map(|n| {
                    attributes(json!({ format!("a{n}"): { "DataType": "String", "StringValue": "x" } }))
                })
                .collect()
        };
        assert!(check(many(MESSAGE_ATTRIBUTES_MAX)).is_ok());
        assert!(check(many(MESSAGE_ATTRIBUTES_MAX + 1)).is_err());
    }

    #[test]
    fn a_receive_gets_the_attributes_it_names() {
        let all = attributes(json!({
            "kind": { "DataType": "String", "StringValue": "x" },
            "trace.id": { "DataType": "String", "StringValue": "y" },
            "tracer": { "DataType": "String", "StringValue": "z" },
        }));
        let names =
            |asked: &str| -> Vec<String> { wanted(all.clone(), &[asked.to_owned()]).into_keys().collect() };
        assert_eq!(names("All").len(), 3);
        assert_eq!(names(".*").len(), 3);
        assert_eq!(names("kind"), ["kind"]);
        assert_eq!(names("trace.*"), ["trace.id"]);
        assert!(names("other").is_empty());
    }

    #[test]
    fn characters_outside_xml_are_found() {
        assert_eq!(forbidden_char("tab\tline\r\n äß 😀 \u{FFFD}"), None);
        assert_eq!(forbidden_char("a\u{0}"), Some('\u{0}'));
        assert_eq!(forbidden_char("\u{FFFE}"), Some('\u{FFFE}'));
        assert_eq!(forbidden_char("\u{1B}[0m"), Some('\u{1B}'));
    }
}
