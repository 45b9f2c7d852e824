//! What somebody is told, as plain text and as HTML.
//!
//! A letter is made of typed blocks that hold text as people typed it. Escaping happens here and
//! nowhere else, so that no family of mails can forget it. Absent: anything that is loaded from
//! elsewhere, and so anything that could tell whether a mail was read.

use crate::ports::Mail;

/// What a mail calls the platform.
pub const PLATFORM: &str = "TOFIMOTIA";

/// The title and the first sentences are a person's note; the mail has all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The mail's subject, too.
    pub title: String,
    /// A few sentences that are enough by themselves.
    pub text: String,
    /// What the mail adds.
    pub blocks: Vec<Block>,
    /// Why this person gets the mail.
    pub because: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Paragraph(String),
    /// Something to copy, on a line of its own.
    Code(String),
    /// In somebody else's words, several lines perhaps.
    Quote(String),
    /// Names and values.
    Facts(Vec<(&'static str, String)>),
}

/// To whom a letter goes as a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub to: String,
    /// Nobody is called by a name that whoever wrote it need not have owned the address for.
    pub name: Option<String>,
    pub message_id: String,
}

impl Letter {
    #[must_use]
    pub fn mail(&self, address: Address) -> Mail {
        let name = address.name.as_deref();
        Mail {
            subject: self.title.clone(),
            text: self.as_text(name),
            html: self.as_html(name),
            to: address.to,
            message_id: address.message_id,
        }
    }

    fn as_text(&self, name: Option<&str>) -> String {
        let mut parts: Vec<String> = vec![greeting(name), self.text.clone()];
        parts.extend(self.blocks.iter().map(Block::as_text));
        parts.push(format!("-- \n{PLATFORM}\n{}", self.because));
        let mut text = parts.join("\n\n");
        text.push('\n');
        text
    }

    fn as_html(&self, name: Option<&str>) -> String {
        let title = escape(&self.title);
        let mut body = paragraph(&greeting(name));
        body.push_str(&paragraph(&self.text));
        for block in &self.blocks {
            body.push_str(&block.as_html());
        }
        let because = escape(self.because);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title></head>\n\
             <body style=\"margin:0;padding:24px;background:#f4f4f2;color:#1d1d1b;\
             font:16px/1.5 Helvetica,Arial,sans-serif\">\n\
             <div style=\"max-width:560px;margin:0 auto;padding:24px 28px;background:#ffffff;\
             border:1px solid #dededa;border-radius:8px\">\n\
             <h1 style=\"margin:0 0 16px;font-size:22px;line-height:1.3\">{title}</h1>\n\
             {body}</div>\n\
             <p style=\"max-width:560px;margin:16px auto 0;padding:0 28px;color:#5c5c58;font-size:13px\">\
             {PLATFORM}<br>{because}</p>\n</body>\n</html>\n"
        )
    }
}

impl Block {
    fn as_text(&self) -> String {
        match self {
            Self::Paragraph(text) | Self::Code(text) => text.clone(),
            Self::Quote(text) => {
                let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
                lines.join("\n")
            }
            Self::Facts(facts) => {
                let lines: Vec<String> = facts
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                lines.join("\n")
            }
        }
    }

    fn as_html(&self) -> String {
        match self {
            Self::Paragraph(text) => paragraph(text),
            Self::Code(text) => format!(
                "<pre style=\"margin:0 0 16px;padding:12px;background:#f4f4f2;border-radius:6px;\
                 font:14px/1.5 Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere\">{}</pre>\n",
                escape(text)
            ),
            Self::Quote(text) => format!(
                "<blockquote style=\"margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #c8c8c2\">\
                 {}</blockquote>\n",
                escape(text).replace('\n', "<br>")
            ),
            Self::Facts(facts) => {
                let rows: String = facts.iter().map(|(name, value)| row(name, value)).collect();
                format!("<table style=\"margin:0 0 16px;border-collapse:collapse\">{rows}</table>\n")
            }
        }
    }
}

fn greeting(name: Option<&str>) -> String {
    name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"))
}

fn paragraph(text: &str) -> String {
    format!("<p style=\"margin:0 0 16px\">{}</p>\n", escape(text))
}

fn row(name: &str, value: &str) -> String {
    format!(
        "<tr><th style=\"padding:4px 16px 4px 0;text-align:left;vertical-align:top;font-weight:normal;\
         color:#5c5c58\">{}</th><td style=\"padding:4px 0\">{}</td></tr>",
        escape(name),
        escape(value)
    )
}

/// Text as HTML shows it, in an element and in a quoted attribute alike.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = r#"<img src=x onerror="a('b')">&amp;"#;

    fn letter() -> Letter {
        Letter {
            title: "Booking confirmed: Tom & Jerry's".to_owned(),
            text: "It is yours.".to_owned(),
            blocks: vec![
                Block::Facts(vec![("Booking", "7KQ2-M9XD".to_owned())]),
                Block::Quote("One.\nTwo.".to_owned()),
                Block::Code("token".to_owned()),
                Block::Paragraph("Bye.".to_owned()),
            ],
            because: "You get this mail because you booked.",
        }
    }

    fn address(name: Option<&str>) -> Address {
        Address {
            to: "ada@example.com".to_owned(),
            name: name.map(ToOwned::to_owned),
            message_id: "x@example.com".to_owned(),
        }
    }

    #[test]
    fn every_character_that_means_something_in_html_is_escaped() {
        assert_eq!(
            escape(EVIL),
            "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;"
        );
        assert_eq!(escape("Café Ωmega 🎉"), "Café Ωmega 🎉");
    }

    #[test]
    fn no_part_of_a_letter_reaches_html_unescaped() {
        let evil = || EVIL.to_owned();
        let letter = Letter {
            title: evil(),
            text: evil(),
            blocks: vec![
                Block::Paragraph(evil()),
                Block::Code(evil()),
                Block::Quote(evil()),
                Block::Facts(vec![("Venue", evil())]),
            ],
            because: "",
        };
        let html = letter.mail(address(Some(EVIL))).html;
        assert!(!html.contains("<img"), "{html}");
        assert!(!html.contains("onerror=\""), "{html}");
        assert_eq!(html.matches("&lt;img src=x").count(), 8);
    }

    #[test]
    fn a_mail_as_text_reads_like_a_letter() {
        assert_eq!(
            letter().mail(address(Some("Ada"))).text,
            "Hello Ada,\n\nIt is yours.\n\nBooking: 7KQ2-M9XD\n\n> One.\n> Two.\n\ntoken\n\nBye.\n\n\
             -- \nTOFIMOTIA\nYou get this mail because you booked.\n"
        );
    }

    #[test]
    fn a_mail_as_html_says_the_same_as_its_text() {
        let mail = letter().mail(address(None));
        for part in [
            "Hello,",
            "It is yours.",
            "7KQ2-M9XD",
            "One.<br>Two.",
            ">token<",
            "Bye.",
            "because you booked",
            "<title>Booking confirmed: Tom &amp; Jerry&#39;s</title>",
        ] {
            assert!(mail.html.contains(part), "{part}");
        }
        assert_eq!(mail.subject, "Booking confirmed: Tom & Jerry's");
    }

    #[test]
    fn a_mail_loads_nothing_and_links_nowhere() {
        let html = letter().mail(address(Some("Ada"))).html;
        for way_out in ["src=", "href=", "url(", "<link", "<script", "<img", "http"] {
            assert!(!html.contains(way_out), "{way_out}");
        }
    }
}
