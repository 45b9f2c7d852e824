//! An HTTP client that tells what it does.

use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;

/// How long a mail may take to arrive, in seconds.
const MAIL_SECONDS_MAX: u32 = 20;

/// Something went otherwise than expected.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StepError(pub String);

pub(super) fn failed(why: impl Into<String>) -> StepError {
    StepError(why.into())
}

/// Is told what happens.
pub trait Narrator: Send + Sync {
    /// A new step begins.
    fn step(&self, _title: &str) {}
    /// A request, as a person would type it, and its answer.
    fn exchange(&self, _curl: &str, _status: u16, _answer: &Value) {}
    /// Anything else worth knowing.
    fn note(&self, _text: &str) {}
}

/// Tells nobody.
pub struct Silent;

impl Narrator for Silent {}

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    api: String,
    narrator: Arc<dyn Narrator>,
}

/// One request.
pub struct Ask<'a> {
    pub method: Method,
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub key: Option<&'a str>,
    pub body: Option<Value>,
}

impl<'a> Ask<'a> {
    #[must_use]
    pub const fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            token: None,
            key: None,
            body: None,
        }
    }

    #[must_use]
    pub const fn post(path: &'a str, body: Value) -> Self {
        Self {
            method: Method::POST,
            path,
            token: None,
            key: None,
            body: Some(body),
        }
    }

    #[must_use]
    pub fn as_person(self, token: &'a str) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    /// With an `Idempotency-Key`.
    #[must_use]
    pub fn once(self, key: &'a str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }
}

impl Client {
    #[must_use]
    pub fn new(api: impl Into<String>, narrator: Arc<dyn Narrator>) -> Self {
        Self {
            http: reqwest::Client::new(),
            api: api.into(),
            narrator,
        }
    }

    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }

    pub(super) fn narrator(&self) -> &dyn Narrator {
        self.narrator.as_ref()
    }

    /// Sends it; whatever the status.
    ///
    /// # Errors
    /// [`StepError`] when there was no answer, or one that is not JSON.
    pub async fn send(&self, ask: Ask<'_>) -> Result<(u16, Value), StepError> {
        let mut request = self
            .http
            .request(ask.method.clone(), format!("{}{}", self.api, ask.path));
        if let Some(token) = ask.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = ask.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        let answer = request
            .send()
            .await
            .map_err(|e| failed(format!("{} {}: {e}", ask.method, ask.path)))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|e| failed(e.to_string()))?;
        let json = if text.is_empty() {
            Value::Null
        } else {
            parse(&ask, status, &text)?
        };
        self.narrator.exchange(&curl(&self.api, &ask), status, &json);
        Ok((status, json))
    }

    /// Sends it and expects this status.
    ///
    /// # Errors
    /// [`StepError`] with the answer when it has another.
    pub async fn expect(&self, status: u16, ask: Ask<'_>) -> Result<Value, StepError> {
        let what = format!("{} {}", ask.method, ask.path);
        let (got, json) = self.send(ask).await?;
        if got == status {
            Ok(json)
        } else {
            Err(failed(format!("{what} answered {got}: {json}")))
        }
    }

    /// A file with the fields of an upload form.
    ///
    /// # Errors
    /// [`StepError`] unless it is taken.
    pub async fn upload(&self, form: &Value, content_type: &str, file: &[u8]) -> Result<(), StepError> {
        let url = text(form, "/url")?;
        let mut parts = reqwest::multipart::Form::new();
        let mut curl = format!("curl {url}");
        for field in form
            .pointer("/fields")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let (name, value) = (text(field, "/name")?, text(field, "/value")?);
            curl.push_str(&format!(" -F '{name}={value}'"));
            parts = parts.text(name.to_owned(), value.to_owned());
        }
        let part = reqwest::multipart::Part::bytes(file.to_vec())
            .file_name("photo.png")
            .mime_str(content_type)
            .map_err(|e| failed(e.to_string()))?;
        let answer = self
            .http
            .post(url)
            .multipart(parts.part("file", part))
            .send()
            .await
            .map_err(|e| failed(format!("upload: {e}")))?;
        let status = answer.status();
        self.narrator.note(&format!(
            "{curl} -F 'file=@photo.png;type={content_type}'   → {status}"
        ));
        if status.is_success() {
            return Ok(());
        }
        Err(failed(format!(
            "the upload was answered {status}: {}",
            answer.text().await.unwrap_or_default()
        )))
    }

    /// The next mail to somebody whose subject has these words, as soon as it is there.
    ///
    /// # Errors
    /// [`StepError`] when it does not come.
    pub async fn mail(&self, to: &str, about: &str) -> Result<Value, StepError> {
        let mut after = 0;
        loop {
            let path = format!("/local/mail.json?to={to}&after={after}&wait={MAIL_SECONDS_MAX}");
            let answer = self.http.get(format!("{}{path}", self.api)).send().await;
            let text = answer
                .map_err(|e| failed(e.to_string()))?
                .text()
                .await
                .map_err(|e| failed(e.to_string()))?;
            let mails: Value = serde_json::from_str(&text).map_err(|e| failed(format!("{e}: {text}")))?;
            let mails = mails.as_array().cloned().unwrap_or_default();
            if mails.is_empty() {
                return Err(failed(format!(
                    "no mail to {to} about {about:?} came in {MAIL_SECONDS_MAX} s"
                )));
            }
            let is_it = |mail: &&Value| {
                mail.pointer("/subject")
                    .and_then(Value::as_str)
                    .is_some_and(|s| s.contains(about))
            };
            if let Some(mail) = mails.iter().find(is_it) {
                let subject = mail
                    .pointer("/subject")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                self.narrator
                    .note(&format!("mail to {to}: {subject}   ({}/local/mail)", self.api));
                return Ok(mail.clone());
            }
            after = mails
                .iter()
                .filter_map(|m| m.pointer("/id").and_then(Value::as_i64))
                .max()
                .unwrap_or(after);
        }
    }
}

fn parse(ask: &Ask<'_>, status: u16, text: &str) -> Result<Value, StepError> {
    serde_json::from_str(text).map_err(|e| {
        failed(format!(
            "{} {} answered {status}, no JSON: {e}: {text}",
            ask.method, ask.path
        ))
    })
}

/// A text in an answer.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Result<&'v str, StepError> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| failed(format!("{pointer} is missing in {value}")))
}

/// The request as a person would type it.
fn curl(api: &str, ask: &Ask<'_>) -> String {
    let mut line = String::from("curl");
    if ask.method != Method::GET && !(ask.method == Method::POST && ask.body.is_some()) {
        line.push_str(&format!(" -X {}", ask.method));
    }
    line.push_str(&format!(" '{api}{}'", ask.path));
    if ask.token.is_some() {
        line.push_str(" -H \"Authorization: Bearer $TOKEN\"");
    }
    if let Some(key) = ask.key {
        line.push_str(&format!(" -H 'Idempotency-Key: {key}'"));
    }
    if let Some(body) = &ask.body {
        line.push_str(&format!(" -H 'Content-Type: application/json' -d '{body}'"));
    }
    line
}
