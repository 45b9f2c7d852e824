//! Files that are part of the program: the API's description, a page of HTML and its script.

use std::marker::PhantomData;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described};
use aws_lc_rs::digest;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};

use crate::openapi::describe;

/// What kind of file it is.
pub trait Kind {
    const MEDIA_TYPE: &'static str;
}

/// A kind of [`Asset`].
#[derive(Debug, Clone, Copy)]
pub enum Html {}
/// A kind of [`Asset`].
#[derive(Debug, Clone, Copy)]
pub enum Script {}
/// A kind of [`Asset`].
#[derive(Debug, Clone, Copy)]
pub enum Json {}

impl Kind for Html {
    const MEDIA_TYPE: &'static str = "text/html; charset=utf-8";
}

impl Kind for Script {
    const MEDIA_TYPE: &'static str = "text/javascript; charset=utf-8";
}

impl Kind for Json {
    const MEDIA_TYPE: &'static str = "application/json";
}

/// A file with an `ETag` over its content. Cheap to clone: make it once.
#[derive(Debug, Clone)]
pub struct Asset<K> {
    body: Bytes,
    tag: HeaderValue,
    cache: HeaderValue,
    policy: Option<HeaderValue>,
    kind: PhantomData<K>,
}

impl<K: Kind> Asset<K> {
    pub fn new(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let digest = hex::encode(digest::digest(&digest::SHA256, &body));
        let tag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
        Self {
            body,
            tag: HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\"")),
            // Kept, and asked about each time: a new version is seen at once.
            cache: HeaderValue::from_static("public, no-cache"),
            policy: None,
            kind: PhantomData,
        }
    }

    /// What the page may load and do.
    #[must_use]
    pub fn policy(mut self, policy: &'static str) -> Self {
        self.policy = Some(HeaderValue::from_static(policy));
        self
    }
}

impl<K: Kind> IntoResponse for Asset<K> {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(K::MEDIA_TYPE));
        headers.insert(ETAG, self.tag);
        headers.insert(CACHE_CONTROL, self.cache);
        if let Some(policy) = self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

impl<K: Kind> aide::OperationOutput for Asset<K> {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        let essence = K::MEDIA_TYPE.split(';').next().unwrap_or_default();
        vec![(Some(200), describe::file(essence))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_has_another_tag() {
        let tag = |body: &'static str| Asset::<Html>::new(body).into_response().headers()[ETAG].clone();
        assert_eq!(tag("a"), tag("a"));
        assert_ne!(tag("a"), tag("b"));
    }
}
