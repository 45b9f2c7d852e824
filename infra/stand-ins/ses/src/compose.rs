//! `SendEmail` hands over parts; this makes the message of them that SES would send. Absent: `Charset`, as
//! the form is UTF-8 already and the message is written in UTF-8.

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as Header;

use crate::address::{self, Address};
use crate::error::SesError;
use crate::form::Parameters;

/// A composed message and its envelope.
pub(crate) struct Composed {
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) raw: Vec<u8>,
}

/// Composes the message that the parameters of `SendEmail` describe.
pub(crate) fn compose(parameters: &Parameters) -> Result<Composed, SesError> {
    let from = address::one(parameters.required("Source", "source")?)?;
    let [to, cc, bcc] = ["ToAddresses", "CcAddresses", "BccAddresses"]
        .map(|field| addresses(&parameters.list(&format!("Destination.{field}"))));
    let (to, cc, bcc) = (to?, cc?, bcc?);
    let reply_to = addresses(&parameters.list("ReplyToAddresses"))?;
    let subject = parameters.required("Message.Subject.Data", "message.subject.data")?;
    // A line break would start a header of the sender's choosing.
    if subject.chars().any(char::is_control) {
        return Err(SesError::ControlInSubject);
    }
    let text = parameters.get("Message.Body.Text.Data");
    let html = parameters.get("Message.Body.Html.Data");
    if text.is_none() && html.is_none() {
        return Err(SesError::MissingMember("message.body"));
    }

    let mut builder = MessageBuilder::new().from(header(&from)).subject(subject);
    // A header without addresses is not written. Bcc never is: it is in the envelope only.
    if !to.is_empty() {
        builder = builder.to(header_list(&to));
    }
    if !cc.is_empty() {
        builder = builder.cc(header_list(&cc));
    }
    if !reply_to.is_empty() {
        builder = builder.reply_to(header_list(&reply_to));
    }
    if let Some(text) = text {
        builder = builder.text_body(text);
    }
    if let Some(html) = html {
        builder = builder.html_body(html);
    }
    let raw = builder.write_to_vec()?;
    let recipients = [to, cc, bcc]
        .concat()
        .into_iter()
        .map(|address| address.email)
        .collect();
    Ok(Composed {
        sender: from.email,
        recipients,
        raw,
    })
}

fn addresses(texts: &[&str]) -> Result<Vec<Address>, SesError> {
    texts.iter().map(|text| address::one(text)).collect()
}

fn header(address: &Address) -> Header<'_> {
    match &address.name {
        Some(name) => Header::from((name.as_str(), address.email.as_str())),
        None => Header::from(address.email.as_str()),
    }
}

fn header_list(addresses: &[Address]) -> Header<'_> {
    Header::new_list(addresses.iter().map(header).collect())
}
