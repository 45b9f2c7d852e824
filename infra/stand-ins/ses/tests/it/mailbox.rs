//! The mail box: pages, JSON, parts.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use ses_stand_in::limits::{JSON_MAILS_MAX, PAGE_MAILS};
use tower::ServiceExt as _;

use crate::bed::{Bed, text};

const HOSTILE: &str = "From: \"<script>alert(1)</script>\" <eve@example.com>\r\n\
To: ada@example.com\r\n\
Subject: <img src=x onerror=alert(2)>\r\n\
X-Note: </pre><script>alert(3)</script>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/related; boundary=b\r\n\
\r\n\
--b\r\n\
Content-Type: text/html\r\n\
\r\n\
<html><head></head><body><script>alert(4)</script><img src=\"cid:logo@x\"><a href=\"https://example.com/\">go</a></body></html>\r\n\
--b\r\n\
Content-Type: image/png; name=\"</a><script>alert(5)</script>.png\"\r\n\
Content-Disposition: inline; filename=\"</a><script>alert(5)</script>.png\"\r\n\
Content-ID: <logo@x>\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
iVBORw==\r\n\
--b--\r\n";

#[tokio::test]
async fn the_list_shows_mails_newest_first_and_by_recipient() {
    let bed = Bed::in_memory().await;
    assert!(text(bed.get("/local/mail").await).await.contains("No mail."));
    bed.send_to("ada@example.com", "first").await;
    bed.send_to("bob@example.com", "second").await;
    let page = text(bed.get("/local/mail").await).await;
    assert!(page.find("second").unwrap() < page.find("first").unwrap());
    let hers = text(bed.get("/local/mail?to=Ada%40example.com").await).await;
    assert!(hers.contains("first") && !hers.contains("second"));
    assert!(hers.contains("value=\"Ada@example.com\""));
}

#[tokio::test]
async fn a_long_list_goes_on_on_another_page() {
    let bed = Bed::in_memory().await;
    for n in 0..=PAGE_MAILS {
        bed.send_to("ada@example.com", &format!("mail-{n}-")).await;
    }
    let first = text(bed.get("/local/mail?to=ada%40example.com").await).await;
    assert!(first.contains("mail-1-") && !first.contains("mail-0-"));
    let link = first
        .split("<a href=\"/local/mail?before=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let second = text(
        bed.get(&format!("/local/mail?before={}", link.replace("&amp;", "&")))
            .await,
    )
    .await;
    assert!(second.contains("mail-0-") && !second.contains("mail-1-") && !second.contains("Older mails"));
}

#[tokio::test]
async fn nothing_that_a_mail_says_becomes_markup_of_the_pages() {
    let bed = Bed::in_memory().await;
    bed.send_raw(HOSTILE).await.unwrap();
    let id = bed.json("").await[0]["id"].clone();
    for path in ["/local/mail".to_owned(), format!("/local/mail/{id}")] {
        let response = bed.get(&path).await;
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script") && !policy.contains("unsafe")
        );
        let page = text(response).await;
        assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;"));
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        assert!(page.contains(&format!("<style nonce=\"{nonce}\">")));
    }
}

#[tokio::test]
async fn the_html_part_is_framed_apart_without_script() {
    let bed = Bed::in_memory().await;
    bed.send_raw(HOSTILE).await.unwrap();
    let id = bed.json("").await[0]["id"].clone();
    let page = text(bed.get(&format!("/local/mail/{id}")).await).await;
    assert!(page.contains(&format!(
        "src=\"/local/mail/{id}/html\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\""
    )));
    let part = bed.get(&format!("/local/mail/{id}/html")).await;
    let policy = part.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox allow-popups"));
    assert!(!policy.contains("script-src") && !policy.contains("allow-scripts"));
    let html = text(part).await;
    assert!(html.starts_with("<html><head><base target=\"_blank\"></head>"));
    assert!(html.contains("<img src=\"data:image/png;base64,iVBORw==\">"));
}

#[tokio::test]
async fn an_attachment_is_downloaded_as_it_was_attached() {
    let bed = Bed::in_memory().await;
    bed.send_raw(HOSTILE).await.unwrap();
    let mail = &bed.json("").await[0];
    let response = bed.get(mail["attachments"][0]["url"].as_str().unwrap()).await;
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let disposition = response.headers()["content-disposition"].to_str().unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"") && !disposition.contains('<'),
        "{disposition}"
    );
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        b"\x89PNG"[..]
    );
    let raw = bed.get(&format!("/local/mail/{}/raw", mail["id"])).await;
    assert_eq!(raw.headers()["content-type"], "message/rfc822");
    assert_eq!(text(raw).await, HOSTILE);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let bed = Bed::in_memory().await;
    bed.send_to("ada@example.com", "plain").await;
    let id = bed.json("").await[0]["id"].clone();
    let missing = [
        "/local/mail/999".to_owned(),
        "/local/mail/999/html".to_owned(),
        "/local/mail/999/raw".to_owned(),
        format!("/local/mail/{id}/html"),
        format!("/local/mail/{id}/attachments/0"),
    ];
    for path in missing {
        assert_eq!(bed.get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn json_is_filtered_and_limited() {
    let bed = Bed::in_memory().await;
    for subject in ["a", "b", "c"] {
        bed.send_to("ada@example.com", subject).await;
    }
    bed.send_to("bob@example.com", "d").await;
    let subjects = async |query: &str| -> Vec<String> {
        let mails = bed.json(query).await;
        mails
            .iter()
            .map(|mail| mail["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(subjects("").await, ["d", "c", "b", "a"]);
    assert_eq!(subjects("to=ADA@example.com").await, ["c", "b", "a"]);
    let first = bed.json("to=ada@example.com").await[2]["id"].clone();
    assert_eq!(
        subjects(&format!("to=ada@example.com&after={first}")).await,
        ["c", "b"]
    );
    assert_eq!(subjects("limit=1").await, ["d"]);
    for refused in [
        format!("limit={}", JSON_MAILS_MAX + 1),
        "limit=0".to_owned(),
        "after=x".to_owned(),
    ] {
        assert_eq!(
            bed.get(&format!("/local/mail.json?{refused}")).await.status(),
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn the_box_can_be_emptied_and_ids_go_on() {
    let bed = Bed::in_memory().await;
    bed.send_to("ada@example.com", "x").await;
    let first = bed.json("").await[0]["id"].as_i64().unwrap();
    let request = Request::delete("/local/mail").body(Body::empty()).unwrap();
    let response = bed.stand_in.mailbox_router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(bed.json("").await.is_empty());
    bed.send_to("ada@example.com", "y").await;
    assert!(bed.json("").await[0]["id"].as_i64().unwrap() > first);
}
