//! `GET /api/v1/openapi.json`

use std::sync::LazyLock;

use web::Asset;
use web::asset::Json;

/// Made from the routers of all functions; a test sees to it that it is as they are.
pub(crate) const OPENAPI: &str = include_str!("../../../docs/openapi.json");

static DESCRIPTION: LazyLock<Asset<Json>> = LazyLock::new(|| Asset::new(OPENAPI));

pub(crate) async fn show() -> Asset<Json> {
    DESCRIPTION.clone()
}
