//! The pages: the list and one mail. Plain HTML, one style sheet in the page, no script.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{GUARDS, MailboxError};
use crate::Inner;
use crate::escape::escape;
use crate::limits::PAGE_MAILS;
use crate::mail::{Attachment, Mail};
use crate::store::Filter;

const STYLE: &str = include_str!("style.css");

#[derive(Deserialize)]
pub(super) struct Asked {
    to: Option<String>,
    before: Option<i64>,
}

pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Query(asked): Query<Asked>,
) -> Result<Response, MailboxError> {
    let to = asked
        .to
        .filter(|to| !to.trim().is_empty())
        .map(|to| to.trim().to_owned());
    let filter = Filter {
        to: to.clone(),
        after: None,
        before: asked.before,
        limit: PAGE_MAILS,
    };
    let mails: Vec<Mail> = inner.store.list(&filter)?.iter().map(Mail::read).collect();
    let to = to.unwrap_or_default();
    let body = format!(
        "<h1>Mail box</h1>\
         <form><label>Recipient<input name=\"to\" type=\"email\" value=\"{}\"></label><button>Show</button></form>\
         {}{}\
         <p class=\"quiet\">Mails that the local system sent; none left this machine. As JSON: \
         <a href=\"/local/mail.json\">/local/mail.json</a>. Empty the box with <code>curl -X DELETE</code> on \
         this address.</p>",
        escape(&to),
        table(&mails),
        older(&mails, &to),
    );
    Ok(page(StatusCode::OK, "Mail box", &body))
}

pub(super) async fn one(
    State(inner): State<Arc<Inner>>,
    Path(id): Path<i64>,
) -> Result<Response, MailboxError> {
    let mail = Mail::read(&inner.store.get(id)?.ok_or(MailboxError::NoSuchMail)?);
    let subject = subject(&mail);
    let from = match &mail.from_name {
        Some(name) => format!("{name} <{}>", mail.from),
        None => mail.from.clone(),
    };
    let lines = [
        ("From", from),
        ("To", mail.to.join(", ")),
        ("Cc", mail.cc.join(", ")),
        ("Reply to", mail.reply_to.join(", ")),
        ("Delivered to", mail.recipients.join(", ")),
        ("Received", mail.received_at.clone()),
    ];
    let lines: String = lines
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escape(value)))
        .collect();
    let body = format!(
        "<p><a href=\"/local/mail\">All mails</a></p><h1>{}</h1><dl>{lines}</dl>{}{}{}{}\
         <p><a href=\"/local/mail/{id}/raw\">Download the source</a></p>",
        escape(subject),
        attachments(&mail.attachments),
        html_part(&mail),
        text_part(&mail),
        headers(&mail),
    );
    Ok(page(StatusCode::OK, subject, &body))
}

/// A page that only says something.
pub(super) fn message(status: StatusCode, text: &str) -> Response {
    page(
        status,
        text,
        &format!(
            "<h1>{}</h1><p><a href=\"/local/mail\">All mails</a></p>",
            escape(text)
        ),
    )
}

fn table(mails: &[Mail]) -> String {
    if mails.is_empty() {
        return "<p>No mail.</p>".to_owned();
    }
    let rows: String = mails
        .iter()
        .map(|mail| {
            format!(
                "<tr><td><a href=\"/local/mail/{}\">{}</a>{}</td><td>{}</td><td>{}</td>\
                 <td><time datetime=\"{}\">{}</time></td></tr>",
                mail.id,
                escape(subject(mail)),
                attachment_count(mail),
                escape(&mail.recipients.join(", ")),
                escape(mail.from_name.as_deref().unwrap_or(&mail.from)),
                escape(&mail.received_at),
                escape(&readable(&mail.received_at)),
            )
        })
        .collect();
    format!(
        "<table><thead><tr><th scope=\"col\">Subject</th><th scope=\"col\" class=\"who\">To</th>\
         <th scope=\"col\" class=\"who\">From</th><th scope=\"col\" class=\"when\">Received (UTC)</th></tr></thead>\
         <tbody>{rows}</tbody></table>"
    )
}

/// The link to the next page, if this one is full.
fn older(mails: &[Mail], to: &str) -> String {
    let is_full = u32::try_from(mails.len()).is_ok_and(|count| count == PAGE_MAILS);
    match mails.last().filter(|_| is_full) {
        Some(last) => {
            let to: String = to.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!(
                "<p><a href=\"/local/mail?before={}&amp;to={to}\">Older mails</a></p>",
                last.id
            )
        }
        None => String::new(),
    }
}

fn attachment_count(mail: &Mail) -> String {
    match mail.attachments.len() {
        0 => String::new(),
        1 => " <span class=\"quiet\">1 attachment</span>".to_owned(),
        count => format!(" <span class=\"quiet\">{count} attachments</span>"),
    }
}

fn attachments(attachments: &[Attachment]) -> String {
    if attachments.is_empty() {
        return String::new();
    }
    let items: String = attachments
        .iter()
        .map(|attachment| {
            format!(
                "<li><a href=\"{}\" download>{}</a> <span class=\"quiet\">{}, {} bytes</span></li>",
                escape(&attachment.url),
                escape(&attachment.name),
                escape(&attachment.content_type),
                attachment.size_bytes,
            )
        })
        .collect();
    format!("<h2>Attachments</h2><ul>{items}</ul>")
}

fn html_part(mail: &Mail) -> String {
    match &mail.html {
        Some(_) => format!(
            "<h2>HTML part</h2><iframe title=\"HTML part\" src=\"/local/mail/{}/html\" \
             sandbox=\"allow-popups allow-popups-to-escape-sandbox\"></iframe>",
            mail.id
        ),
        None => String::new(),
    }
}

fn text_part(mail: &Mail) -> String {
    match &mail.text {
        Some(text) => format!("<h2>Text part</h2><pre>{}</pre>", escape(text)),
        None => String::new(),
    }
}

fn headers(mail: &Mail) -> String {
    let lines: String = mail
        .headers
        .iter()
        .map(|(name, value)| format!("{}: {}\n", escape(name), escape(value)))
        .collect();
    format!("<details><summary>All headers</summary><pre>{lines}</pre></details>")
}

fn subject(mail: &Mail) -> &str {
    if mail.subject.is_empty() {
        "(no subject)"
    } else {
        &mail.subject
    }
}

/// `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04:05`.
fn readable(received_at: &str) -> String {
    received_at
        .chars()
        .take(19)
        .map(|character| if character == 'T' { ' ' } else { character })
        .collect()
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><style nonce=\"{nonce}\">{STYLE}</style></head><body><main>{body}</main></body></html>",
        escape(title),
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (status, GUARDS, headers, page).into_response()
}
