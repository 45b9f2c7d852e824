//! A stored mail, read: what its headers say, its text and HTML parts, its attachments.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use serde::Serialize;

use crate::address::{self, Address};
use crate::store::Stored;

/// A mail as scripts and tests read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Grows with every mail.
    pub id: i64,
    /// What the sender was answered.
    pub message_id: String,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// The address of the From header, or of the envelope where there is none.
    pub from: String,
    /// The display name of the From header.
    pub from_name: Option<String>,
    /// The addresses of the To header.
    pub to: Vec<String>,
    /// The addresses of the Cc header.
    pub cc: Vec<String>,
    /// The addresses of the Reply-To header.
    pub reply_to: Vec<String>,
    /// Whom SES would deliver to, Bcc too, in lower case.
    pub recipients: Vec<String>,
    /// The subject, decoded; empty without one.
    pub subject: String,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
    /// Every header in order, unfolded and otherwise as it came.
    pub headers: Vec<(String, String)>,
    /// The attachments, inline ones too.
    pub attachments: Vec<Attachment>,
}

/// An attachment without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// The file name, or a made up one.
    pub name: String,
    /// The media type that the mail declares.
    pub content_type: String,
    /// Decoded.
    pub size_bytes: usize,
    /// The Content-ID that the HTML part may refer to.
    pub content_id: Option<String>,
    /// Where it can be downloaded.
    pub url: String,
}

impl Mail {
    pub(crate) fn read(stored: &Stored) -> Self {
        let message = parse(&stored.raw).unwrap_or_default();
        let from = address::all(message.from()).into_iter().next();
        let emails = |addresses: Vec<Address>| addresses.into_iter().map(|address| address.email).collect();
        Self {
            id: stored.id,
            message_id: stored.message_id.clone(),
            received_at: instant(stored.received_ms),
            from: from
                .as_ref()
                .map_or_else(|| stored.sender.clone(), |from| from.email.clone()),
            from_name: from.and_then(|from| from.name),
            to: emails(address::all(message.to())),
            cc: emails(address::all(message.cc())),
            reply_to: emails(address::all(message.reply_to())),
            recipients: stored.recipients.clone(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: part(&message, |body| match body {
                PartType::Text(text) => Some(text.to_string()),
                PartType::Html(_)
                | PartType::Binary(_)
                | PartType::InlineBinary(_)
                | PartType::Message(_)
                | PartType::Multipart(_) => None,
            }),
            html: part(&message, |body| match body {
                PartType::Html(html) => Some(html.to_string()),
                PartType::Text(_)
                | PartType::Binary(_)
                | PartType::InlineBinary(_)
                | PartType::Message(_)
                | PartType::Multipart(_) => None,
            }),
            headers: headers(&message),
            attachments: message
                .attachments()
                .enumerate()
                .map(|(place, part)| Attachment::read(stored.id, place, part))
                .collect(),
        }
    }
}

impl Attachment {
    fn read(mail_id: i64, place: usize, part: &MessagePart<'_>) -> Self {
        Self {
            name: part
                .attachment_name()
                .map_or_else(|| format!("attachment-{}", place + 1), str::to_owned),
            content_type: content_type(part),
            size_bytes: part.contents().len(),
            content_id: part.content_id().map(str::to_owned),
            url: format!("/local/mail/{mail_id}/attachments/{place}"),
        }
    }
}

/// Reads a message; none if there is not even a header.
pub(crate) fn parse(raw: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(raw)
}

/// The bytes of one attachment.
pub(crate) fn attachment_bytes(raw: &[u8], place: u32) -> Option<Vec<u8>> {
    Some(parse(raw)?.attachment(place)?.contents().to_vec())
}

/// The first part among the bodies that is of the wanted kind. The parser lists a lone part as both text and
/// HTML, so the lists alone do not tell.
fn part(message: &Message<'_>, read: impl Fn(&PartType<'_>) -> Option<String>) -> Option<String> {
    message
        .text_bodies()
        .chain(message.html_bodies())
        .find_map(|part| read(&part.body))
}

fn headers(message: &Message<'_>) -> Vec<(String, String)> {
    message
        .headers_raw()
        .map(|(name, value)| {
            (
                name.to_owned(),
                value.split_whitespace().collect::<Vec<_>>().join(" "),
            )
        })
        .collect()
}

/// The declared media type if it is one, so that it can go into a header.
fn content_type(part: &MessagePart<'_>) -> String {
    let is_token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-+._".contains(&byte))
    };
    part.content_type()
        .and_then(|declared| Some((declared.c_type.as_ref(), declared.c_subtype.as_deref()?)))
        .filter(|(kind, subtype)| is_token(kind) && is_token(subtype))
        .map_or_else(
            || "application/octet-stream".to_owned(),
            |(kind, subtype)| format!("{kind}/{subtype}"),
        )
}

fn instant(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|at| at.to_string())
        .unwrap_or_default()
}
