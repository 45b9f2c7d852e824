//! What a venue or a space offers.

use domain::amenity::Amenity;
use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use schemars::{Schema, json_schema};
use std::borrow::Cow;

/// How the document shows an [`Amenity`].
pub struct AmenityId;

impl JsonSchema for AmenityId {
    fn schema_name() -> Cow<'static, str> {
        "Amenity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ids: Vec<_> = Amenity::ALL.iter().map(|amenity| amenity.as_str()).collect();
        json_schema!({
            "description": "What a venue or a space offers.",
            "type": "string",
            "enum": ids,
        })
    }
}
