//! Files in S3. Uploads go from the browser straight to the bucket; nothing here reads a whole file.

use std::time::Duration;

use app::ports::{Blobs, PortError, Stat, Upload, UploadForm};
use async_trait::async_trait;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;

use crate::failure::port_error;
use crate::post_policy::Signer;

/// How long a URL to read a file is good.
pub const READ_URL_SECONDS: u64 = 15 * 60;

/// Stands for any file where only the bucket's address is wanted.
const ANY_KEY: &str = "any";

pub struct S3Blobs {
    client: Client,
    bucket: String,
    region: String,
    credentials: SharedCredentialsProvider,
}

impl S3Blobs {
    /// The credentials are those of the client; it does not show them, and the upload form is signed
    /// without it.
    #[must_use]
    pub fn new(
        client: Client,
        bucket: impl Into<String>,
        region: impl Into<String>,
        credentials: SharedCredentialsProvider,
    ) -> Self {
        Self {
            client,
            bucket: bucket.into(),
            region: region.into(),
            credentials,
        }
    }

    async fn presigned_read(&self, key: &str) -> Result<String, PortError> {
        let expiry = PresigningConfig::expires_in(Duration::from_secs(READ_URL_SECONDS))
            .map_err(|e| PortError::Refused(format!("presigning: {e}")))?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .presigned(expiry)
            .await;
        request
            .map(|r| r.uri().to_owned())
            .map_err(|e| port_error("presigning", &e))
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn upload_form(&self, upload: &Upload) -> Result<UploadForm, PortError> {
        let credentials = self
            .credentials
            .provide_credentials()
            .await
            .map_err(|_| PortError::Unavailable("no credentials to sign with".to_owned()))?;
        let signer = Signer {
            access_key: credentials.access_key_id(),
            secret_key: credentials.secret_access_key(),
            session_token: credentials.session_token(),
            region: &self.region,
            bucket: &self.bucket,
        };
        let fields = signer.fields(upload);
        // The SDK's own rules know the bucket's address in every region, partition and stand-in.
        let url = bucket_address(&self.presigned_read(ANY_KEY).await?)?;
        Ok(UploadForm {
            url,
            fields,
            expires_at: upload.expires_at,
        })
    }

    async fn stat(&self, key: &str) -> Result<Stat, PortError> {
        let head = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        let head = head.map_err(|e| match e.as_service_error() {
            Some(error) if error.is_not_found() => PortError::Gone,
            _ => port_error("HeadObject", &e),
        })?;
        let bytes = head.content_length().and_then(|n| u64::try_from(n).ok());
        Ok(Stat {
            bytes: bytes.ok_or_else(|| PortError::Unavailable("HeadObject: no length".to_owned()))?,
            content_type: head.content_type().unwrap_or_default().to_owned(),
        })
    }

    async fn head(&self, key: &str, bytes: u32) -> Result<Vec<u8>, PortError> {
        let Some(last) = bytes.checked_sub(1) else {
            return Ok(Vec::new());
        };
        let object = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .range(format!("bytes=0-{last}"));
        let mut object = match object.send().await {
            Ok(object) => object,
            Err(e) => {
                return match e.as_service_error() {
                    Some(error) if error.is_no_such_key() => Err(PortError::Gone),
                    // An empty file has no first byte.
                    Some(error) if error.code() == Some("InvalidRange") => Ok(Vec::new()),
                    _ => Err(port_error("GetObject", &e)),
                };
            }
        };
        let wanted = usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut head = Vec::new();
        // Never more than asked for, whatever the other side thinks of ranges.
        while head.len() < wanted {
            let chunk = object.body.try_next().await;
            match chunk.map_err(|_| PortError::Unavailable("GetObject: the answer broke off".to_owned()))? {
                Some(chunk) => head.extend_from_slice(&chunk),
                None => break,
            }
        }
        head.truncate(wanted);
        Ok(head)
    }

    async fn copy(&self, from: &str, to: &str) -> Result<(), PortError> {
        let source = copy_source(&self.bucket, from);
        let copied = self
            .client
            .copy_object()
            .copy_source(source)
            .bucket(&self.bucket)
            .key(to)
            .send()
            .await;
        copied.map(drop).map_err(
            |e| match e.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some("NoSuchKey") => PortError::Gone,
                _ => port_error("CopyObject", &e),
            },
        )
    }

    async fn read_url(&self, key: &str) -> Result<String, PortError> {
        self.presigned_read(key).await
    }
}

/// What to copy, as the header wants it: percent-encoded, with the slashes of the key kept.
fn copy_source(bucket: &str, key: &str) -> String {
    let mut source = format!("{bucket}/");
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                source.push(byte.into())
            }
            _ => source.push_str(&format!("%{byte:02X}")),
        }
    }
    source
}

/// The address of the bucket in that of a file of it.
fn bucket_address(file: &str) -> Result<String, PortError> {
    let path = file.split_once('?').map_or(file, |(path, _)| path);
    path.strip_suffix(ANY_KEY)
        .map(ToOwned::to_owned)
        .ok_or_else(|| PortError::Refused("the bucket has no address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Answer, Wire};
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};

    fn blobs(endpoint: Option<&str>) -> S3Blobs {
        let credentials = SharedCredentialsProvider::new(Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            Some("token".to_owned()),
            None,
            "test",
        ));
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(credentials.clone());
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint).force_path_style(true);
        }
        S3Blobs::new(
            Client::from_conf(config.build()),
            "media",
            "eu-central-1",
            credentials,
        )
    }

    fn upload() -> Upload {
        let now = "2027-03-01T09:08:07Z".parse().unwrap();
        let expires_at = domain::time::plus_minutes(now, 5);
        Upload {
            key: "incoming/a".into(),
            content_type: "image/png".into(),
            bytes_max: 1_000,
            now,
            expires_at,
        }
    }

    #[tokio::test]
    async fn an_upload_goes_to_the_buckets_own_address() {
        let form = blobs(None).upload_form(&upload()).await.unwrap();
        assert_eq!(form.url, "https://media.s3.eu-central-1.amazonaws.com/");
        assert_eq!(form.expires_at, upload().expires_at);
    }

    #[tokio::test]
    async fn an_upload_to_a_stand_in_goes_to_the_buckets_path() {
        let form = blobs(Some("http://127.0.0.1:9000"))
            .upload_form(&upload())
            .await
            .unwrap();
        assert_eq!(form.url, "http://127.0.0.1:9000/media/");
    }

    #[tokio::test]
    async fn the_form_carries_the_token_of_temporary_credentials() {
        let form = blobs(None).upload_form(&upload()).await.unwrap();
        assert!(form.fields.iter().any(|(name, _)| name == "x-amz-security-token"));
    }

    #[tokio::test]
    async fn a_file_can_be_read_by_its_url_for_a_quarter_of_an_hour() {
        let url = blobs(None).read_url("clean/a b.jpg").await.unwrap();
        assert!(
            url.starts_with("https://media.s3.eu-central-1.amazonaws.com/clean/a%20b.jpg?"),
            "{url}"
        );
        assert!(url.contains("X-Amz-Expires=900&"), "{url}");
    }

    #[test]
    fn a_file_to_copy_is_named_with_everything_odd_encoded() {
        assert_eq!(
            copy_source("media", "incoming/ven_1/med-2.jpg"),
            "media/incoming/ven_1/med-2.jpg"
        );
        assert_eq!(
            copy_source("media", "a b?versionId=1+ü"),
            "media/a%20b%3FversionId%3D1%2B%C3%BC"
        );
    }

    #[tokio::test]
    async fn the_first_no_bytes_are_none() {
        assert_eq!(
            blobs(Some("http://127.0.0.1:1")).head("clean/a", 0).await,
            Ok(Vec::new())
        );
    }

    /// A bucket that answers so.
    fn answering(answer: Answer) -> (S3Blobs, Wire) {
        let wire = Wire::new([answer]);
        let sdk = wire.sdk();
        let credentials = sdk.credentials_provider().unwrap();
        (
            S3Blobs::new(Client::new(&sdk), "media", "eu-central-1", credentials),
            wire,
        )
    }

    const NO_SUCH_KEY: Answer = Some((404, "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>"));

    #[tokio::test]
    async fn what_was_never_uploaded_is_gone() {
        assert_eq!(answering(Some((404, ""))).0.stat("a").await, Err(PortError::Gone));
        assert_eq!(answering(NO_SUCH_KEY).0.head("a", 16).await, Err(PortError::Gone));
        assert_eq!(
            answering(NO_SUCH_KEY).0.copy("a", "b").await,
            Err(PortError::Gone)
        );
    }

    #[tokio::test]
    async fn the_first_bytes_are_asked_for_and_no_more_are_taken() {
        let (blobs, wire) = answering(Some((200, "0123456789 and all the rest of the file")));
        assert_eq!(blobs.head("incoming/a", 10).await, Ok(b"0123456789".to_vec()));
        let [request] = wire.requests().try_into().unwrap();
        assert_eq!(request.header("range"), Some("bytes=0-9"));
    }

    #[tokio::test]
    async fn a_file_shorter_than_asked_for_is_taken_whole() {
        assert_eq!(
            answering(Some((206, "0123"))).0.head("a", 10).await,
            Ok(b"0123".to_vec())
        );
        let empty = "<Error><Code>InvalidRange</Code><Message>no</Message></Error>";
        assert_eq!(
            answering(Some((416, empty))).0.head("a", 10).await,
            Ok(Vec::new())
        );
    }

    #[tokio::test]
    async fn a_copy_is_made_within_the_bucket() {
        let (blobs, wire) = answering(Some((200, "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>")));
        blobs.copy("incoming/a b", "clean/a").await.unwrap();
        let [request] = wire.requests().try_into().unwrap();
        assert!(request.uri.contains("/clean/a"), "{}", request.uri);
        assert_eq!(request.header("x-amz-copy-source"), Some("media/incoming/a%20b"));
    }

    #[tokio::test]
    async fn a_bucket_that_does_not_answer_is_unavailable() {
        assert!(matches!(
            answering(None).0.stat("a").await,
            Err(PortError::Unavailable(_))
        ));
        assert!(matches!(
            answering(Some((503, ""))).0.head("a", 1).await,
            Err(PortError::Unavailable(_))
        ));
        assert!(matches!(
            answering(None).0.copy("a", "b").await,
            Err(PortError::Unavailable(_))
        ));
    }
}
