//! The spaces of a venue.

use app::once::Outcome;
use app::venues::SpaceSettings;
use app::{App, venues};
use axum::extract::State;
use domain::id::{SpaceId, VenueId};
use domain::space::{LAYOUTS_MAX, Layout, SPACES_MAX, Space};
use domain::text::{Label, VenueName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::condition::tag;
use web::views::{AmenityId, SpaceView, input};
use web::{Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, Reply, Vendor, needs, ok};

/// What a space is.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSpace")]
#[serde(deny_unknown_fields)]
pub struct RawSpace {
    /// 2 to 120 characters.
    name: String,
    /// How many people fit, however it is furnished.
    capacity: u32,
    /// What it offers besides what its venue does.
    #[serde(default)]
    #[schemars(with = "Vec<AmenityId>")]
    amenities: Vec<String>,
    /// Ways to furnish it; at most 12.
    #[serde(default)]
    layouts: Vec<RawLayout>,
    /// Spaces of the same venue that it consists of: whoever books it has them as well.
    #[serde(default)]
    parts: Vec<String>,
    /// Whether it is offered at all; true when it is left out.
    in_use: Option<bool>,
}

/// A way to furnish a space.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewLayout")]
#[serde(deny_unknown_fields)]
pub struct RawLayout {
    /// 1 to 60 characters (`theatre`, `seated`); no two layouts have the same.
    name: String,
    /// At most the capacity of the space.
    capacity: u32,
}

impl Parse for RawSpace {
    type Into = SpaceSettings;

    fn parse(self, problems: &mut Problems) -> Option<SpaceSettings> {
        let name = problems.field("name", VenueName::parse(&self.name));
        let capacity = input::guests(problems, "capacity", self.capacity);
        let amenities = input::amenities(problems, "amenities", self.amenities);
        let most = self.capacity;
        let layouts = problems.each("layouts", self.layouts, LAYOUTS_MAX, |here, raw| {
            let name = here.field("name", Label::parse(&raw.name));
            let capacity = input::within(here, "capacity", raw.capacity, 1, most);
            Some(Layout {
                name: name?,
                capacity: capacity?,
            })
        });
        if let Some(layouts) = &layouts {
            let mut names: Vec<_> = layouts.iter().map(|layout| &layout.name).collect();
            names.sort();
            names.dedup();
            if names.len() < layouts.len() {
                problems.add("layouts", "layouts need different names");
            }
        }
        let parts = problems.each("parts", self.parts, SPACES_MAX, |here, text| {
            text.parse().map_err(|e: domain::id::IdError| here.here(e)).ok()
        });
        Some(SpaceSettings {
            name: name?,
            capacity: capacity?,
            amenities: amenities?,
            layouts: layouts?,
            parts: parts?,
            in_use: self.in_use.unwrap_or(true),
        })
    }
}

/// All spaces of a venue, in the order in which they were added.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Spaces")]
pub struct SpacesView {
    data: Vec<ManagedSpaceView>,
}

/// A space for whoever runs it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ManagedSpace")]
pub struct ManagedSpaceView {
    #[serde(flatten)]
    space: SpaceView,
    /// Names what is shown here; send it as `If-Match` with a change.
    etag: String,
}

impl ManagedSpaceView {
    fn new(space: Space) -> app::Result<Self> {
        let etag = tag(venues::space_tag(&space)?);
        let space = space.into();
        Ok(Self { space, etag })
    }
}

fn changed<const STATUS: u16>(space: Outcome<Space>) -> Answer<Reply<ManagedSpaceView, STATUS>> {
    let Outcome { value, replayed } = space;
    let tag = venues::space_tag(&value)?;
    let value = ManagedSpaceView::new(value)?;
    Ok(Reply::of(Outcome { value, replayed }, std::convert::identity).replaceable(tag))
}

pub async fn list(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeVenues>,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<SpacesView>> {
    let spaces = venues::spaces(&app, &me.member, id).await?;
    let data: app::Result<Vec<_>> = spaces.into_iter().map(ManagedSpaceView::new).collect();
    Ok(ok(SpacesView { data: data? }))
}

pub async fn add(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    Body(ask): Body<RawSpace>,
) -> Answer<Reply<ManagedSpaceView, 201>> {
    let space = venues::add_space(&app, &me.member, once.as_ref(), id, &ask).await?;
    changed(space)
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId((id, space)): PathId<(VenueId, SpaceId)>,
    MaybeIfMatch(expected): MaybeIfMatch,
    Body(ask): Body<RawSpace>,
) -> Answer<Reply<ManagedSpaceView>> {
    let space = venues::set_space(&app, &me.member, once.as_ref(), id, space, &ask, expected).await?;
    changed(space)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(json: &str) -> Vec<String> {
        let mut problems = Problems::new();
        let read = serde_json::from_str::<RawSpace>(json)
            .unwrap()
            .parse(&mut problems);
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert!(read.is_some() || !pointers.is_empty());
        pointers
    }

    #[test]
    fn a_layout_has_room_for_no_more_than_the_space_and_a_name_of_its_own() {
        let with = |layouts: &str| {
            pointers(&format!(
                r#"{{"name":"Hall","capacity":50,"layouts":[{layouts}]}}"#
            ))
        };
        let seated = r#"{"name":"seated","capacity":50}"#;
        assert!(with(seated).is_empty());
        assert_eq!(with(&[seated, seated].join(",")), ["/layouts"]);
        assert_eq!(
            with(r#"{"name":"seated","capacity":51}"#),
            ["/layouts/0/capacity"]
        );
        let nth = |n: usize| format!(r#"{{"name":"{n}","capacity":1}}"#);
        let many = |count: usize| (0..count).map(nth).collect::<Vec<_>>().join(",");
        assert!(with(&many(LAYOUTS_MAX)).is_empty());
        assert_eq!(with(&many(LAYOUTS_MAX + 1)), ["/layouts"]);
    }

    #[test]
    fn a_part_is_the_id_of_a_space() {
        let json =
            r#"{"name":"Hall","capacity":50,"parts":["spc_01900000000070008000000000000001","kitchen"]}"#;
        assert_eq!(pointers(json), ["/parts/1"]);
    }
}
