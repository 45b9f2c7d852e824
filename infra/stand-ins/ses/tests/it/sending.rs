//! `SendRawEmail` and `SendEmail`.

use aws_sdk_ses::error::SdkError;
use aws_sdk_ses::operation::send_raw_email::SendRawEmailError;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{Body, Content, Destination, Message, RawMessage};
use axum::http::{Request, StatusCode};
use serde_json::json;
use ses_stand_in::SesStandIn;
use ses_stand_in::limits::{MESSAGE_BYTES_MAX, RECIPIENTS_MAX, REQUEST_BYTES_MAX};
use tower::ServiceExt as _;

use crate::bed::{Bed, code, plain, text};

const WITH_ATTACHMENT: &str = "From: =?utf-8?q?J=C3=BCrgens_Caf=C3=A9?= <cafe@example.com>\r\n\
To: Ada <ada@example.com>, bob@example.com\r\n\
Cc: cy@example.com\r\n\
Reply-To: help@example.com\r\n\
Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n\
List-Unsubscribe: <https://example.com/\r\n u/1>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=outer\r\n\
\r\n\
--outer\r\n\
Content-Type: multipart/alternative; boundary=inner\r\n\
\r\n\
--inner\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
Gr=C3=BC=C3=9Fe\r\n\
--inner\r\n\
Content-Type: text/html; charset=utf-8\r\n\
\r\n\
<p>Hello</p>\r\n\
--inner--\r\n\
--outer\r\n\
Content-Type: application/pdf; name=invoice.pdf\r\n\
Content-Disposition: attachment; filename=invoice.pdf\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
JVBERi0=\r\n\
--outer--\r\n";

#[tokio::test]
async fn a_raw_mail_is_read_with_its_parts_headers_and_attachments() {
    let bed = Bed::in_memory().await;
    let sent = bed.send_raw(WITH_ATTACHMENT).await.unwrap();
    let mails = bed.json("").await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["message_id"], sent.message_id());
    assert_eq!(
        (&mail["from"], &mail["from_name"]),
        (&json!("cafe@example.com"), &json!("Jürgens Café"))
    );
    assert_eq!(mail["to"], json!(["ada@example.com", "bob@example.com"]));
    assert_eq!(
        mail["recipients"],
        json!(["ada@example.com", "bob@example.com", "cy@example.com"])
    );
    assert_eq!(
        (&mail["cc"], &mail["reply_to"]),
        (&json!(["cy@example.com"]), &json!(["help@example.com"]))
    );
    assert_eq!(mail["subject"], "Grüße");
    assert_eq!(mail["text"].as_str().unwrap().trim_end(), "Grüße");
    assert_eq!(mail["html"].as_str().unwrap().trim_end(), "<p>Hello</p>");
    let unsubscribe = json!(["List-Unsubscribe", "<https://example.com/ u/1>"]);
    assert!(mail["headers"].as_array().unwrap().contains(&unsubscribe));
    assert_eq!(
        mail["attachments"],
        json!([{
            "name": "invoice.pdf", "content_type": "application/pdf", "size_bytes": 5, "content_id": null,
            "url": format!("/local/mail/{}/attachments/0", mail["id"]),
        }])
    );
    assert!(mail["received_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn the_envelope_decides_who_gets_a_raw_mail() {
    let bed = Bed::in_memory().await;
    let message = RawMessage::builder()
        .data(Blob::new(plain("header@example.com", "x")))
        .build()
        .unwrap();
    let send = bed
        .client
        .send_raw_email()
        .raw_message(message)
        .source("Bounces <bounce@example.com>");
    send.destinations("envelope@example.com").send().await.unwrap();
    let mail = &bed.json("").await[0];
    assert_eq!(mail["recipients"], json!(["envelope@example.com"]));
    assert_eq!(
        (&mail["from"], &mail["to"]),
        (&json!("shop@example.com"), &json!(["header@example.com"]))
    );
}

#[tokio::test]
async fn a_mail_of_one_part_has_only_that_part() {
    let bed = Bed::in_memory().await;
    bed.send_to("ada@example.com", "plain").await;
    let html = "From: a@example.com\r\nTo: b@example.com\r\nContent-Type: text/html\r\n\r\n<b>x</b>";
    bed.send_raw(html).await.unwrap();
    let mails = bed.json("").await;
    assert_eq!(
        (&mails[0]["text"], &mails[0]["html"]),
        (&json!(null), &json!("<b>x</b>"))
    );
    assert!(mails[1]["text"].as_str().unwrap().starts_with("Hello"));
    assert_eq!(
        (&mails[1]["html"], &mails[0]["subject"]),
        (&json!(null), &json!(""))
    );
}

fn content(data: &str) -> Content {
    Content::builder().data(data).build().unwrap()
}

#[tokio::test]
async fn send_email_composes_the_message_and_keeps_bcc_out_of_it() {
    let bed = Bed::in_memory().await;
    let body = Body::builder()
        .text(content("Grüße & mehr"))
        .html(content("<p>Grüße</p>"))
        .build();
    let to = Destination::builder()
        .to_addresses("Ada Lovelace <ada@example.com>")
        .cc_addresses("cy@example.com")
        .bcc_addresses("secret@example.com")
        .build();
    let sent = bed
        .client
        .send_email()
        .source("Jürgens Café <cafe@example.com>")
        .destination(to)
        .reply_to_addresses("help@example.com")
        .message(Message::builder().subject(content("Grüße")).body(body).build())
        .send()
        .await
        .unwrap();
    let mail = &bed.json("to=secret@example.com").await[0];
    assert_eq!(mail["message_id"], sent.message_id());
    assert_eq!(
        (&mail["from_name"], &mail["subject"]),
        (&json!("Jürgens Café"), &json!("Grüße"))
    );
    assert_eq!(
        (&mail["text"], &mail["html"]),
        (&json!("Grüße & mehr"), &json!("<p>Grüße</p>"))
    );
    assert_eq!(
        mail["recipients"],
        json!(["ada@example.com", "cy@example.com", "secret@example.com"])
    );
    assert_eq!(mail["reply_to"], json!(["help@example.com"]));
    let source = text(bed.get(&format!("/local/mail/{}/raw", mail["id"])).await).await;
    assert!(source.contains("ada@example.com") && !source.contains("secret@example.com"));
}

#[tokio::test]
async fn send_email_refuses_a_subject_that_would_start_a_header() {
    let bed = Bed::in_memory().await;
    let message = Message::builder()
        .subject(content("x\r\nBcc: eve@example.com"))
        .body(Body::builder().text(content("x")).build())
        .build();
    let send = bed
        .client
        .send_email()
        .source("shop@example.com")
        .message(message);
    let send = send.destination(Destination::builder().to_addresses("ada@example.com").build());
    assert_eq!(code(send.send().await), "InvalidParameterValue");
    assert!(bed.json("").await.is_empty());
}

#[tokio::test]
async fn a_message_that_breaks_a_rule_is_refused_with_the_code_of_ses() {
    let bed = Bed::in_memory().await;
    let refused = [
        "To: ada@example.com\r\n\r\nno sender",
        "From: shop@example.com\r\n\r\nno recipient",
        "From: shop@example.com\r\nTo: ada@nowhere\r\n\r\nno such domain",
        "From: shop\r\nTo: ada@example.com\r\n\r\nno such sender",
    ];
    for raw in refused {
        assert_eq!(code(bed.send_raw(raw).await), "InvalidParameterValue", "{raw}");
    }
    assert!(bed.json("").await.is_empty());
}

#[tokio::test]
async fn a_message_has_at_most_fifty_recipients() {
    let bed = Bed::in_memory().await;
    let to = |count: usize| {
        (0..count)
            .map(|n| format!("r{n}@example.com"))
            .collect::<Vec<_>>()
            .join(",\r\n ")
    };
    bed.send_to(&to(RECIPIENTS_MAX), "whole").await;
    assert_eq!(
        code(bed.send_raw(plain(&to(RECIPIENTS_MAX + 1), "more")).await),
        "InvalidParameterValue"
    );
    assert_eq!(bed.json("").await.len(), 1);
}

#[tokio::test]
async fn a_message_has_at_most_ten_megabytes() {
    let bed = Bed::in_memory().await;
    let header = plain("ada@example.com", "x");
    let whole = header.clone() + &"x".repeat(MESSAGE_BYTES_MAX - header.len());
    bed.send_raw(whole.clone()).await.unwrap();
    assert_eq!(code(bed.send_raw(whole + "x").await), "InvalidParameterValue");
}

#[tokio::test]
async fn only_verified_identities_may_send_where_some_are_named() {
    let stand_in = SesStandIn::with_verified(None, &["example.com", "one@other.example"]).unwrap();
    let bed = Bed::start(stand_in).await;
    let from = |sender: &str| format!("From: {sender}\r\nTo: ada@example.net\r\n\r\nx");
    bed.send_raw(from("Shop@Example.com")).await.unwrap();
    bed.send_raw(from("one@other.example")).await.unwrap();
    for stranger in ["two@other.example", "shop@sub.example.com"] {
        let refused = bed.send_raw(from(stranger)).await.unwrap_err();
        assert!(matches!(
            refused,
            SdkError::ServiceError(e) if matches!(e.err(), SendRawEmailError::MessageRejected(_))
        ));
    }
    assert_eq!(bed.json("").await.len(), 2);
}

async fn post(form: impl Into<axum::body::Body>) -> (StatusCode, String) {
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let router = SesStandIn::open(None).unwrap().api_router();
    let response = router.oneshot(request.body(form.into()).unwrap()).await.unwrap();
    (response.status(), text(response).await)
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_with_a_code() {
    let cases = [
        ("", "MissingAction"),
        ("Action=Fly", "InvalidAction"),
        ("Action=SendRawEmail", "ValidationError"),
        ("Action=SendRawEmail&RawMessage.Data=%25", "InvalidParameterValue"),
        ("Action=SendEmail", "ValidationError"),
        ("Action=SendEmail&Source=a%40example.com", "ValidationError"),
        (
            "Action=SendEmail&Source=a%40example.com&Message.Subject.Data=x",
            "ValidationError",
        ),
    ];
    for (form, code) in cases {
        let (status, body) = post(form).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{form}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{form}: {body}");
    }
    let (_, body) = post("Action=%3Cb%3E").await;
    assert!(body.contains("operation &lt;b&gt; for"), "{body}");
}

#[tokio::test]
async fn a_request_larger_than_any_message_is_not_read() {
    let (status, body) = post(vec![b'a'; REQUEST_BYTES_MAX + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(body.contains("<Code>RequestEntityTooLarge</Code>"));
    let (status, _) = post(vec![b'a'; REQUEST_BYTES_MAX]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
