//! What stands in the path. A part that is no id of the kind asked for names nothing: 404.

use std::str::FromStr;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use app::App;
use axum::extract::{FromRequestParts, RawPathParams};
use domain::booking::BookingHandle;
use domain::id::{
    BlockId, BookingId, InvitationId, MediaId, PaymentId, ProposalId, RefundId, SessionId, SpaceId, UserId,
    VendorId, VenueId,
};
use domain::pricing::{PromoCode, QuoteId};
use domain::text::{POLICY_NAME_LENGTH_MAX, PolicyName};
use domain::venue::{Handle, SLUG_LENGTH_MAX};
use http::request::Parts;
use schemars::{Schema, json_schema};

use crate::codes;
use crate::openapi::describe;
use crate::problem::Problem;

/// Something that can stand in a path.
pub trait PathPart: Sized + Send {
    /// The part, percent-decoded.
    fn read(text: &str) -> Option<Self>;

    fn schema() -> Schema;
}

/// Extracts the parts of the path in order: `PathId<VenueId>`, `PathId<(VenueId, SpaceId)>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathId<T>(pub T);

/// One part, or several.
pub trait PathParts: Sized + Send {
    fn read<'a>(parts: impl Iterator<Item = &'a str>) -> Option<Self>;

    fn schemas() -> Vec<Schema>;
}

impl<T: PathParts> FromRequestParts<App> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let nothing = || Problem::new(codes::NOT_FOUND);
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| nothing())?;
        T::read(params.iter().map(|(_, value)| value))
            .map(Self)
            .ok_or_else(nothing)
    }
}

impl<T: PathParts> aide::OperationInput for PathId<T> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::path_parts(operation, T::schemas());
    }

    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        describe::problems(ctx, &[codes::NOT_FOUND])
    }
}

/// An id of the domain, as a schema.
#[must_use]
pub fn id_schema(prefix: &str) -> Schema {
    json_schema!({"type": "string", "pattern": format!("^{prefix}[0-9a-f]{{32}}$")})
}

macro_rules! parts {
    ($($id:ident)*) => {$(
        impl PathPart for $id {
            fn read(text: &str) -> Option<Self> {
                Self::from_str(text).ok()
            }

            fn schema() -> Schema {
                id_schema(Self::PREFIX)
            }
        }
    )*};
}

parts!(UserId SessionId VendorId InvitationId VenueId SpaceId BlockId MediaId BookingId ProposalId PaymentId RefundId);

impl PathPart for jiff::civil::Date {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "format": "date"})
    }
}

impl PathPart for QuoteId {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^quo_[0-9a-f]{116}$"})
    }
}

impl PathPart for PromoCode {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Za-z0-9-]{3,24}$"})
    }
}

impl PathPart for PolicyName {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": format!("^[a-z0-9_]{{2,{POLICY_NAME_LENGTH_MAX}}}$")})
    }
}

/// A booking by its id or by its code, however it is typed.
impl PathPart for BookingHandle {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> Schema {
        let code = json_schema!({"type": "string", "pattern": "^[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}$"});
        json_schema!({"anyOf": [id_schema(BookingId::PREFIX), code]})
    }
}

/// A venue by its id or by a slug that it has or had.
impl PathPart for Handle {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> Schema {
        let slug = json_schema!({
            "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": SLUG_LENGTH_MAX,
        });
        json_schema!({"anyOf": [id_schema(VenueId::PREFIX), slug]})
    }
}

impl PathPart for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn schema() -> Schema {
        json_schema!({"type": "string"})
    }
}

impl<T: PathPart> PathParts for T {
    fn read<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let only = T::read(parts.next()?)?;
        parts.next().is_none().then_some(only)
    }

    fn schemas() -> Vec<Schema> {
        vec![T::schema()]
    }
}

impl<A: PathPart, B: PathPart> PathParts for (A, B) {
    fn read<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let both = (A::read(parts.next()?)?, B::read(parts.next()?)?);
        parts.next().is_none().then_some(both)
    }

    fn schemas() -> Vec<Schema> {
        vec![A::schema(), B::schema()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{app, get, json_of, request, text_of};
    use axum::Router;
    use axum::routing;

    const VENUE: &str = "ven_01900000000070008000000000000001";
    const SPACE: &str = "spc_01900000000070008000000000000002";

    fn router() -> Router {
        let app = app();
        let routes = Router::new()
            .route(
                "/venues/{venue_id}",
                routing::get(async |PathId(id): PathId<VenueId>| id.to_string()),
            )
            .route(
                "/venues/{venue_id}/spaces/{space_id}",
                routing::get(async |PathId((venue, space)): PathId<(VenueId, SpaceId)>| {
                    format!("{venue} {space}")
                }),
            )
            .with_state(app.clone());
        crate::finish(routes, &app)
    }

    #[tokio::test]
    async fn ids_are_read_from_the_path_in_order() {
        let one = request(router(), get(&format!("/venues/{VENUE}"))).await;
        assert_eq!(text_of(one).await, VENUE);
        let two = request(router(), get(&format!("/venues/{VENUE}/spaces/{SPACE}"))).await;
        assert_eq!(text_of(two).await, format!("{VENUE} {SPACE}"));
    }

    #[tokio::test]
    async fn a_part_that_is_no_id_names_nothing() {
        let wrong = [
            "x",
            SPACE,
            "ven_01900000000070008000000000000001x",
            "..%2f",
            "%ff",
            "ven_%00",
        ];
        for part in wrong {
            let response = request(router(), get(&format!("/venues/{part}"))).await;
            assert_eq!(response.status(), 404, "{part}");
            assert_eq!(json_of(response).await["code"], "not_found");
        }
        let mixed_up = format!("/venues/{SPACE}/spaces/{VENUE}");
        assert_eq!(request(router(), get(&mixed_up)).await.status(), 404);
    }
}
