//! The environment of the running system, for functions under `cargo lambda watch` and for scripts.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::keys;
use crate::stand_ins::StandIns;

/// Writes the file as a whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, api: &str, sockets: &str, stand_ins: &StandIns) -> io::Result<()> {
    let at = &stand_ins.addresses;
    let one_line = |pem: &str| pem.trim_end().replace('\n', "\\n");
    let variables = [
        ("API_URL", api.to_owned()),
        ("WS_URL", format!("{}/ws", sockets.replacen("http", "ws", 1))),
        ("MAIL_URL", format!("{api}/local/mail")),
        ("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", at.dynamodb)),
        ("AWS_ENDPOINT_URL_S3", format!("http://{}", at.s3)),
        ("AWS_ENDPOINT_URL_SQS", format!("http://{}", at.sqs)),
        ("AWS_ENDPOINT_URL_SES", format!("http://{}", at.ses)),
        ("AWS_ACCESS_KEY_ID", keys::ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", keys::SECRET_KEY.to_owned()),
        ("AWS_REGION", keys::REGION.to_owned()),
        ("STRIPE_API_BASE", format!("http://{}", at.stripe)),
        ("STRIPE_SECRET_KEY", keys::STRIPE_SECRET_KEY.to_owned()),
        ("STRIPE_WEBHOOK_SECRET", keys::STRIPE_WEBHOOK_SECRET.to_owned()),
        ("STAGE", "local".to_owned()),
        ("TABLE_PREFIX", keys::TABLE_PREFIX.to_owned()),
        ("PUBLIC_URL", api.to_owned()),
        ("WS_ENDPOINT", sockets.to_owned()),
        ("ALLOWED_ORIGINS", keys::allowed_origins(api).join(",")),
        ("MEDIA_BUCKET", keys::MEDIA_BUCKET.to_owned()),
        ("MAIL_FROM", keys::MAIL_FROM.to_owned()),
        ("QUEUE_PAYMENTS_URL", stand_ins.queue_url("payments")),
        ("QUEUE_REFUNDS_URL", stand_ins.queue_url("refunds")),
        ("QUEUE_NOTIFICATIONS_URL", stand_ins.queue_url("notifications")),
        ("JWT_ISSUER", keys::JWT_ISSUER.to_owned()),
        ("JWT_SIGNING_KEY_PEM", one_line(keys::JWT_SIGNING_KEY_PEM)),
        ("JWT_PUBLIC_KEY_PEM", one_line(keys::JWT_PUBLIC_KEY_PEM)),
        ("TOKEN_KEY", keys::TOKEN_KEY.to_owned()),
        ("BOOTSTRAP_ADMIN_EMAIL", crate::demo_data::ADMIN_EMAIL.to_owned()),
    ];
    let mut text = String::new();
    for (name, value) in variables {
        let value = if value.contains(' ') {
            format!("\"{value}\"")
        } else {
            value
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{name}={value}");
    }
    let draft = path.with_extension("draft");
    fs::write(&draft, text)?;
    fs::rename(draft, path)
}
