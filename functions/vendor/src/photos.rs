//! Photos: a form to upload one with, and taking it over once it is there.

use app::App;
use app::venues::{self, PHOTO_BYTES_MAX, PhotoUpload};
use axum::extract::State;
use domain::id::{MediaId, VenueId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::RevisedVenueView;
use web::{Answer, Body, MaybeIdempotent, Parse, PathId, Problems, Reply, Vendor, created, needs};

use crate::lifecycle::revised;

/// What will be uploaded.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewPhoto")]
#[serde(deny_unknown_fields)]
pub struct RawPhoto {
    /// `image/jpeg`, `image/png` or `image/webp`.
    content_type: String,
}

impl Parse for RawPhoto {
    type Into = String;

    /// Which types may be uploaded is the use case's to say.
    fn parse(self, _: &mut Problems) -> Option<String> {
        Some(self.content_type)
    }
}

/// A form with which one photo can be uploaded straight to the bucket.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PhotoUpload")]
pub struct UploadView {
    #[schemars(with = "String")]
    media_id: MediaId,
    /// Where to `POST` it as `multipart/form-data`.
    url: String,
    /// To send before the file, in this order; the file's own field is `file` and comes last.
    fields: Vec<FormFieldView>,
    /// How large the file may be.
    bytes_max: u64,
    /// The upload has to begin before.
    expires_at: Timestamp,
}

/// A field of a form.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FormField")]
pub struct FormFieldView {
    name: String,
    value: String,
}

impl From<PhotoUpload> for UploadView {
    fn from(upload: PhotoUpload) -> Self {
        let field = |(name, value)| FormFieldView { name, value };
        Self {
            media_id: upload.media,
            url: upload.form.url,
            fields: upload.form.fields.into_iter().map(field).collect(),
            bytes_max: PHOTO_BYTES_MAX,
            expires_at: upload.form.expires_at,
        }
    }
}

/// No key is needed: a form is nothing until it is used.
pub async fn begin(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    PathId(id): PathId<VenueId>,
    Body(content_type): Body<RawPhoto>,
) -> Answer<Reply<UploadView, 201>> {
    let upload = venues::photo_upload(&app, &me.member, id, &content_type).await?;
    Ok(created(upload.into()))
}

pub async fn take(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId((id, media)): PathId<(VenueId, MediaId)>,
) -> Answer<Reply<RevisedVenueView>> {
    let venue = venues::add_photo(&app, &me.member, once.as_ref(), id, media).await?;
    revised(&app, venue).await
}
