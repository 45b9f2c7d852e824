//! Photos: uploaded by the browser straight to the bucket, looked at, then taken over.

use domain::id::{MediaId, VenueId};
use domain::membership::Membership;
use domain::time::plus_seconds;
use domain::venue::{Photo, Revised};

use super::own;
use super::revision::{changes, own_revised};
use crate::once::{self, Once, Outcome};
use crate::ports::{Upload, UploadForm};
use crate::{App, Error, FieldError, Result};

pub const PHOTO_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// What a photo may be. No SVG: it can carry script.
pub const PHOTO_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// How long an upload may take to begin.
const UPLOAD_SECONDS: i64 = 900;
/// Enough of a file to see what it is.
const LOOK_BYTES: u32 = 16;

pub struct PhotoUpload {
    pub media: MediaId,
    pub form: UploadForm,
}

/// Uploads that are never taken over lie under a prefix that the bucket empties by itself.
fn incoming(venue: VenueId, media: MediaId) -> String {
    format!("incoming/{venue}/{media}")
}

fn kept(venue: VenueId, media: MediaId) -> String {
    format!("venues/{venue}/{media}")
}

/// A form with which one photo of this type can be uploaded.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for another type than [`PHOTO_TYPES`].
pub async fn photo_upload(
    app: &App,
    member: &Membership,
    id: VenueId,
    content_type: &str,
) -> Result<PhotoUpload> {
    own(app, member, id).await?;
    if !PHOTO_TYPES.contains(&content_type) {
        let message = format!("must be one of {}", PHOTO_TYPES.join(", "));
        return Err(Error::Invalid(vec![FieldError::new("/content_type", message)]));
    }
    let media = MediaId::from_uuid(app.ids().uuid());
    let now = app.now();
    let upload = Upload {
        key: incoming(id, media),
        content_type: content_type.to_owned(),
        bytes_max: PHOTO_BYTES_MAX,
        now,
        expires_at: plus_seconds(now, UPLOAD_SECONDS),
    };
    Ok(PhotoUpload {
        media,
        form: app.blobs()?.upload_form(&upload).await?,
    })
}

/// Takes an uploaded photo over, when it is what it says it is. At an approved venue it waits for an admin, with
/// whatever else waits.
///
/// # Errors
/// [`Error::NotFound`] when nothing was uploaded; [`Error::Invalid`] for something else than a photo;
/// [`domain::Refusal::LimitReached`]; [`domain::Refusal::InvalidTransition`] as for an edit.
pub async fn add_photo(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    media: MediaId,
) -> Result<Outcome<Revised>> {
    own(app, member, id).await?;
    let (from, to) = (incoming(id, media), kept(id, media));
    let blobs = app.blobs()?;
    // What is not there is not found.
    let stat = blobs.stat(&from).await?;
    let first = blobs.head(&from, LOOK_BYTES).await?;
    if image_type(&first) != Some(stat.content_type.as_str()) {
        let message = format!("the file is no {}", stat.content_type);
        return Err(Error::Invalid(vec![FieldError::new("/media_id", message)]));
    }
    blobs.copy(&from, &to).await?;
    let photo = Photo {
        id: media,
        key: to,
        content_type: stat.content_type,
        bytes: stat.bytes,
        alt: None,
    };
    let photo = &photo;
    once::write(app, once, |now| async move {
        let before = own_revised(app, member, id).await?;
        let after = before.clone().with_photo(photo.clone(), now)?;
        Ok((changes(&before, &after), after))
    })
    .await
}

/// What a file is by its first bytes: the signatures of the PNG, JFIF and WebP container formats.
fn image_type(first: &[u8]) -> Option<&'static str> {
    if first.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if first.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if first.starts_with(b"RIFF") && first.get(8..12) == Some(b"WEBP".as_slice()) {
        Some("image/webp")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_told_by_its_first_bytes() {
        assert_eq!(image_type(b"\x89PNG\r\n\x1a\n0000"), Some("image/png"));
        assert_eq!(image_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(image_type(b"RIFF\x00\x00\x00\x00WEBPVP8 "), Some("image/webp"));
        assert_eq!(image_type(b"<svg xmlns="), None);
        assert_eq!(image_type(b"RIFF\x00\x00\x00\x00WAVE"), None);
        assert_eq!(image_type(b""), None);
    }
}
