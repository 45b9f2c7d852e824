//! Mail through SES (version 1, `SendRawEmail`): one recipient, plain text and HTML of the same.
//!
//! SES puts a `Message-ID` of its own over ours on the way out, so ours is sent a second time in
//! [`REFERENCE_HEADER`]. Absent: attachments, list headers, and bounces, which SES reports elsewhere.

use app::ports::{Mail, Mailer, PortError};
use async_trait::async_trait;
use aws_sdk_ses::Client;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::RawMessage;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;

use crate::failure::port_error;

/// Keeps our id of a mail; mail programs also use it to tell a mail that is sent again from another.
const REFERENCE_HEADER: &str = "X-Entity-Ref-ID";
/// The longest line of a header (RFC 5322, 2.1.1), less room for the header's name.
const HEADER_VALUE_LENGTH_MAX: usize = 900;

#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    from: String,
}

impl SesMailer {
    /// `from` is a bare address of an identity that SES has verified.
    #[must_use]
    pub fn new(client: Client, from: impl Into<String>) -> Self {
        Self {
            client,
            from: from.into(),
        }
    }
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        let message = RawMessage::builder()
            .data(Blob::new(mime(&self.from, mail)?))
            .build();
        let message = message.map_err(|_| PortError::Refused("SendRawEmail: no message".to_owned()))?;
        let request = self
            .client
            .send_raw_email()
            .source(&self.from)
            .destinations(&mail.to)
            .raw_message(message);
        request
            .send()
            .await
            .map(drop)
            .map_err(|e| port_error("SendRawEmail", &e))
    }
}

/// The message as RFC 5322 and 2045 want it.
fn mime(from: &str, mail: &Mail) -> Result<Vec<u8>, PortError> {
    let id = mail.message_id.trim_start_matches('<').trim_end_matches('>');
    MessageBuilder::new()
        .from(plain("From", from)?)
        .to(plain("To", &mail.to)?)
        .subject(one_line(&mail.subject))
        .message_id(plain("Message-ID", id)?)
        .header(REFERENCE_HEADER, Raw::new(id))
        .text_body(mail.text.as_str())
        .html_body(mail.html.as_str())
        .write_to_vec()
        .map_err(|_| PortError::Refused("the mail cannot be written".to_owned()))
}

/// A value that goes into a header as it is. A line break in it would be the sender's own header.
fn plain<'a>(name: &str, value: &'a str) -> Result<&'a str, PortError> {
    let fits = (1..=HEADER_VALUE_LENGTH_MAX).contains(&value.len());
    let clean = value
        .chars()
        .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ','));
    if fits && clean {
        Ok(value)
    } else {
        Err(PortError::Refused(format!("the mail's {name} cannot be used")))
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(HEADER_VALUE_LENGTH_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Answer, Wire};

    fn mail() -> Mail {
        Mail {
            to: "ada@example.com".into(),
            subject: "Your booking".into(),
            text: "See you at the Hall.".into(),
            html: "<p>See you at the Hall.</p>".into(),
            message_id: "evt_1.usr_1@tofimotia".into(),
        }
    }

    fn written(mail: &Mail) -> String {
        String::from_utf8(mime("no-reply@example.com", mail).unwrap()).unwrap()
    }

    async fn sent(answer: Answer) -> (Result<(), PortError>, String) {
        let wire = Wire::new([answer]);
        let mailer = SesMailer::new(Client::new(&wire.sdk()), "no-reply@example.com");
        let sent = mailer.send(&mail()).await;
        let [request] = wire.requests().try_into().unwrap();
        (sent, request.body)
    }

    #[tokio::test]
    async fn a_mail_goes_to_its_one_recipient() {
        let answer = "<SendRawEmailResponse><SendRawEmailResult><MessageId>1</MessageId></SendRawEmailResult></SendRawEmailResponse>";
        let (sent, form) = sent(Some((200, answer))).await;
        assert_eq!(sent, Ok(()));
        for part in [
            "Action=SendRawEmail&",
            "&Source=no-reply%40example.com",
            "&Destinations.member.1=ada%40example.com",
            "&RawMessage.Data=",
        ] {
            assert!(form.contains(part), "{part} is not in {form}");
        }
    }

    #[tokio::test]
    async fn a_mail_that_ses_rejects_is_refused_without_its_words() {
        let rejected = "<ErrorResponse><Error><Type>Sender</Type><Code>MessageRejected</Code><Message>Address ada@example.com is suppressed</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
        let expected = "SendRawEmail: 400 MessageRejected, request unknown";
        assert_eq!(
            sent(Some((400, rejected))).await.0,
            Err(PortError::Refused(expected.into()))
        );
    }

    #[tokio::test]
    async fn a_mail_may_go_later_when_ses_is_busy_or_silent() {
        let busy = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
        for answer in [Some((400, busy)), Some((503, "")), None] {
            assert!(
                matches!(sent(answer).await.0, Err(PortError::Unavailable(_))),
                "{answer:?}"
            );
        }
    }

    #[test]
    fn a_mail_has_text_and_html_of_the_same() {
        let written = written(&mail());
        for part in [
            "From: <no-reply@example.com>\r\n",
            "To: <ada@example.com>\r\n",
            "Subject: Your booking\r\n",
            "Message-ID: <evt_1.usr_1@tofimotia>\r\n",
            "X-Entity-Ref-ID: evt_1.usr_1@tofimotia\r\n",
            "Content-Type: multipart/alternative;",
            "See you at the Hall.",
            "<p>See you at the Hall.</p>",
        ] {
            assert!(written.contains(part), "{part:?} is not in {written}");
        }
        let (text, html) = (
            written.find("text/plain").unwrap(),
            written.find("text/html").unwrap(),
        );
        assert!(text < html, "the last alternative is the one that is shown");
        assert!(!written.contains("List-"));
    }

    #[test]
    fn the_id_of_a_mail_is_the_same_with_and_without_its_brackets() {
        let bracketed = Mail {
            message_id: "<evt_1.usr_1@tofimotia>".into(),
            ..mail()
        };
        assert!(written(&bracketed).contains("Message-ID: <evt_1.usr_1@tofimotia>\r\n"));
    }

    #[test]
    fn nothing_can_smuggle_a_header_in() {
        let bcc = "\r\nBcc: eve@example.com";
        for to in [
            format!("ada@example.com{bcc}"),
            "a@example.com, b@example.com".into(),
            "a>b".into(),
            String::new(),
        ] {
            assert!(
                mime(
                    "f@example.com",
                    &Mail {
                        to: to.clone(),
                        ..mail()
                    }
                )
                .is_err(),
                "{to:?}"
            );
        }
        assert!(
            mime(
                "f@example.com",
                &Mail {
                    message_id: format!("x{bcc}"),
                    ..mail()
                }
            )
            .is_err()
        );
        let subject = written(&Mail {
            subject: format!("Hi{bcc}"),
            ..mail()
        });
        assert!(!subject.contains("\r\nBcc:"), "{subject}");
    }

    #[test]
    fn letters_beyond_ascii_arrive_as_they_were_written() {
        let greek = Mail {
            subject: "Κράτηση".into(),
            text: "Zoë & Łukasz".into(),
            ..mail()
        };
        let written = written(&greek);
        assert!(written.is_ascii(), "{written}");
        assert!(written.contains("Subject: =?utf-8?"), "{written}");
    }

    #[test]
    fn a_header_longer_than_a_line_may_be_is_refused_or_cut() {
        let long = "a".repeat(HEADER_VALUE_LENGTH_MAX + 1);
        assert!(plain("To", &long).is_err());
        assert!(plain("To", &long[1..]).is_ok());
        assert_eq!(one_line(&long).len(), HEADER_VALUE_LENGTH_MAX);
    }
}
