//! The quotas of Amazon SES that the stand-in enforces, and its own.

/// Size of a message with its attachments, in bytes. Source: API reference of `SendRawEmail`: "The maximum
/// message size, including attachments, is 10 MB", which the service counts as 10,485,760 bytes.
pub const MESSAGE_BYTES_MAX: usize = 10_485_760;
/// Recipients across To, Cc and Bcc. Source: API reference of `SendRawEmail`.
pub const RECIPIENTS_MAX: usize = 50;

/// The largest request body that is read at all, in bytes: a whole message in base64 whose every character
/// the form writes as a three byte escape, and room for the other parameters.
pub const REQUEST_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX + 1_048_576;
/// How many mails are kept; the oldest go first.
pub const MAILS_KEPT_MAX: u32 = 5_000;
/// Mails on one page of the list.
pub const PAGE_MAILS: u32 = 50;
/// Mails in one JSON answer.
pub const JSON_MAILS_MAX: u32 = 100;
/// The longest that a JSON request may wait for a mail.
pub const WAIT_SECONDS_MAX: u64 = 60;
