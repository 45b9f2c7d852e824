//! What a mail's page refers to: its HTML part for the frame, its attachments, its source.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{GUARDS, MailboxError};
use crate::Inner;
use crate::mail::{self, Mail};
use crate::store::Stored;

/// The HTML part is foreign: no script, no form, no frame, an origin of its own. Links open outside of it, so
/// that a person can follow the link of a mail into the application.
const FOREIGN_CONTENT: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; \
     font-src data: http: https:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; \
     sandbox allow-popups allow-popups-to-escape-sandbox";
/// Nothing that is downloaded is ever rendered here.
const DOWNLOAD: &str = "default-src 'none'; sandbox";
/// Makes every link of the part open in a tab of its own.
const LINKS_OPEN_OUTSIDE: &str = "<base target=\"_blank\">";

pub(super) async fn html(
    State(inner): State<Arc<Inner>>,
    Path(id): Path<i64>,
) -> Result<Response, MailboxError> {
    let stored = inner.store.get(id)?.ok_or(MailboxError::NoSuchMail)?;
    let mail = Mail::read(&stored);
    let html = mail.html.as_deref().ok_or(MailboxError::NoSuchMail)?;
    let page = with_links_outside(&with_inline_images(html, &mail, &stored));
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, FOREIGN_CONTENT),
    ];
    Ok((GUARDS, headers, page).into_response())
}

pub(super) async fn raw(
    State(inner): State<Arc<Inner>>,
    Path(id): Path<i64>,
) -> Result<Response, MailboxError> {
    let stored = inner.store.get(id)?.ok_or(MailboxError::NoSuchMail)?;
    Ok(download(
        "message/rfc822".to_owned(),
        &format!("mail-{id}.eml"),
        stored.raw,
    ))
}

pub(super) async fn attachment(
    State(inner): State<Arc<Inner>>,
    Path((id, place)): Path<(i64, u32)>,
) -> Result<Response, MailboxError> {
    let stored = inner.store.get(id)?.ok_or(MailboxError::NoSuchMail)?;
    let bytes = mail::attachment_bytes(&stored.raw, place).ok_or(MailboxError::NoSuchMail)?;
    let place = usize::try_from(place).map_err(|_| MailboxError::NoSuchMail)?;
    let described = Mail::read(&stored)
        .attachments
        .into_iter()
        .nth(place)
        .ok_or(MailboxError::NoSuchMail)?;
    Ok(download(described.content_type, &described.name, bytes))
}

fn download(content_type: String, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_DISPOSITION, disposition(name)),
        (header::CONTENT_SECURITY_POLICY, DOWNLOAD.to_owned()),
    ];
    (GUARDS, headers, bytes).into_response()
}

/// A plain name for old clients and the whole name as RFC 5987 writes it.
fn disposition(name: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-._ ".contains(character);
    let plain: String = name
        .chars()
        .map(|character| if is_plain(character) { character } else { '_' })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// Puts attachments that the HTML refers to by `cid:` into it, as the frame may load nothing from here.
fn with_inline_images(html: &str, mail: &Mail, stored: &Stored) -> String {
    let mut html = html.to_owned();
    for (attachment, place) in mail.attachments.iter().zip(0_u32..) {
        let Some(content_id) = &attachment.content_id else {
            continue;
        };
        let reference = format!("cid:{content_id}");
        if html.contains(&reference)
            && let Some(bytes) = mail::attachment_bytes(&stored.raw, place)
        {
            let data = format!("data:{};base64,{}", attachment.content_type, BASE64.encode(bytes));
            html = html.replace(&reference, &data);
        }
    }
    html
}

/// Behind the head's tag where there is one, so that the document's type stays first.
fn with_links_outside(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let place = lower
        .find("<head")
        .filter(|start| {
            lower
                .get(start + 5..)
                .is_some_and(|rest| rest.starts_with(['>', ' ', '\n', '\r', '\t']))
        })
        .and_then(|start| lower.get(start..)?.find('>').map(|end| start + end + 1));
    match place.and_then(|place| html.split_at_checked(place)) {
        Some((before, after)) => format!("{before}{LINKS_OPEN_OUTSIDE}{after}"),
        None => format!("{LINKS_OPEN_OUTSIDE}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_sent_outside_without_displacing_the_document_type() {
        assert_eq!(with_links_outside("<p>x</p>"), "<base target=\"_blank\"><p>x</p>");
        assert_eq!(
            with_links_outside("<!doctype html><HEAD lang=\"x\"><title>ü</title>"),
            "<!doctype html><HEAD lang=\"x\"><base target=\"_blank\"><title>ü</title>"
        );
        assert_eq!(
            with_links_outside("<header>x</header>"),
            "<base target=\"_blank\"><header>x</header>"
        );
    }

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("in\"voice\r\n: ä.pdf"),
            "attachment; filename=\"in_voice___ _.pdf\"; filename*=UTF-8''in%22voice%0D%0A%3A%20%C3%A4.pdf"
        );
    }
}
