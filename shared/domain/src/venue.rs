//! A place that a vendor runs: what it is, where it is, and its way to the public.

mod revision;
mod slug;
mod terms;
mod transfer;

pub use revision::{Presentation, Revised, Revision, RevisionState, RevisionVerdict};
pub use slug::{Handle, SLUG_LENGTH_MAX, Slug, SlugError};
pub use terms::Terms;
pub use transfer::{NoTaker, Transfer};

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::address::Address;
use crate::amenity::Amenity;
use crate::cancellation::Policy;
use crate::geo::Point;
use crate::id::{MediaId, SpaceId, VendorId, VenueId};
use crate::money::Money;
use crate::pricing::Tax;
use crate::space::{Plan, SpaceSummary};
use crate::text::{AltText, Description, HouseRules, Label, Reason, VenueName};
use crate::time::Zone;

pub const PHOTOS_MAX: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VenueState {
    /// Being set up; only its vendor sees it.
    Draft,
    /// Waiting for an admin.
    Submitted,
    /// Found and booked by anybody.
    Live,
    /// Taken off the market by its vendor; bookings made before stand.
    Paused,
    /// Given up for good; kept for the bookings that there were.
    Archived,
}

impl VenueState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }
}

/// What moves a venue from one state to another, or to another business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VenueEvent {
    Submit,
    Approve,
    /// Back to its vendor, who is told why.
    RequestChanges(Reason),
    Pause,
    Resume,
    /// The caller has made sure that nobody is still to come.
    Archive,
    /// Another business runs it from now on. The caller has made sure that nobody is still to come.
    Transfer(VendorId),
}

/// Where it is. The zone is pinned here: opening hours are in it whatever a browser thinks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub point: Point,
    pub address: Address,
    pub zone: Zone,
}

impl Location {
    /// Where everybody sees it: whatever the public is told, or can find out by searching, follows from this point.
    #[must_use]
    pub fn public_point(&self) -> Point {
        self.point.blurred()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    pub id: MediaId,
    /// Key of the object in the media bucket.
    pub key: String,
    pub content_type: String,
    pub bytes: u64,
    /// What is to be seen, for those who do not see it.
    #[serde(default)]
    pub alt: Option<AltText>,
}

/// A photo that shall be shown, and what its vendor says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenPhoto {
    pub id: MediaId,
    pub alt: Option<AltText>,
}

/// A venue as it is stored, with what a search looks at of its spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    pub id: VenueId,
    pub vendor: VendorId,
    pub name: VenueName,
    /// Its part of an address on the web, from when it first comes to the market.
    pub slug: Option<Slug>,
    pub description: Description,
    pub location: Location,
    /// Of all its spaces.
    pub amenities: BTreeSet<Amenity>,
    /// What it offers besides, in its vendor's words.
    #[serde(default)]
    pub other_amenities: BTreeSet<Label>,
    pub policy: Policy,
    pub house_rules: Option<HouseRules>,
    /// Of the policy and the house rules, as [`Terms`] are kept.
    pub terms_version: u64,
    /// The space that a client books who never heard of spaces.
    pub main_space: SpaceId,
    /// Of the main space.
    pub capacity: u32,
    /// Of the main space, once it has one.
    pub price_per_hour: Option<Money>,
    /// Of all its spaces, as [`Venue::showing`] and [`Venue::priced`] keep it.
    #[serde(default)]
    pub spaces: Vec<SpaceSummary>,
    /// In the order in which they are shown.
    pub photos: Vec<Photo>,
    pub state: VenueState,
    /// What an admin asked to change.
    pub reason: Option<Reason>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
}

impl Venue {
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == VenueState::Live
    }

    /// What customers need and it has not got yet, by names that clients know.
    #[must_use]
    pub fn missing(&self, has_hours: bool) -> Vec<&'static str> {
        let needed = [
            ("opening_hours", has_hours),
            ("price_per_hour", self.price_per_hour.is_some()),
            ("photo", !self.photos.is_empty()),
        ];
        needed
            .into_iter()
            .filter_map(|(name, is_there)| (!is_there).then_some(name))
            .collect()
    }

    /// Whether its words and terms may be changed: not while an admin looks at them, and not once it is given up.
    ///
    /// # Errors
    /// [`Refusal::InvalidTransition`].
    pub fn check_editable(&self) -> Result<(), Refusal> {
        match self.state {
            VenueState::Draft | VenueState::Live | VenueState::Paused => Ok(()),
            VenueState::Submitted | VenueState::Archived => Err(Refusal::InvalidTransition {
                from: self.state.as_str(),
                allowed: self.allowed(),
            }),
        }
    }

    /// # Errors
    /// [`Refusal::InvalidTransition`]; [`Refusal::Incomplete`] when it is submitted, approved or resumed without
    /// what customers need: opening hours, a price and a photo. Hours can be taken away while an admin looks.
    pub fn apply(mut self, event: VenueEvent, has_hours: bool, now: Timestamp) -> Result<Self, Refusal> {
        use VenueEvent as E;
        use VenueState as S;
        let to = match (self.state, &event) {
            (S::Draft, E::Submit) => S::Submitted,
            (S::Submitted, E::Approve) => S::Live,
            (S::Submitted, E::RequestChanges(_)) => S::Draft,
            (S::Live, E::Pause) => S::Paused,
            (S::Paused, E::Resume) => S::Live,
            (S::Draft | S::Paused, E::Archive) => S::Archived,
            // Still to be set up, or to be brought back, by whoever has it now.
            (state @ (S::Draft | S::Paused), E::Transfer(_)) => state,
            (S::Draft, E::Approve | E::RequestChanges(_) | E::Pause | E::Resume)
            | (S::Submitted, E::Submit | E::Pause | E::Resume | E::Archive | E::Transfer(_))
            | (
                S::Live,
                E::Submit | E::Approve | E::RequestChanges(_) | E::Resume | E::Archive | E::Transfer(_),
            )
            | (S::Paused, E::Submit | E::Approve | E::RequestChanges(_) | E::Pause)
            | (
                S::Archived,
                E::Submit
                | E::Approve
                | E::RequestChanges(_)
                | E::Pause
                | E::Resume
                | E::Archive
                | E::Transfer(_),
            ) => {
                return Err(Refusal::InvalidTransition {
                    from: self.state.as_str(),
                    allowed: self.allowed(),
                });
            }
        };
        if matches!(to, S::Submitted | S::Live) {
            self.check_complete(has_hours)?;
        }
        self.state = to;
        match event {
            E::RequestChanges(reason) => self.reason = Some(reason),
            // What an admin asked to change is still to be changed.
            E::Transfer(vendor) => self.vendor = vendor,
            E::Submit | E::Approve | E::Pause | E::Resume | E::Archive => self.reason = None,
        }
        Ok(self.touched(now))
    }

    /// Its ways to other states. A transfer is none.
    fn allowed(&self) -> Vec<&'static str> {
        match self.state {
            VenueState::Draft => vec!["submit", "archive"],
            VenueState::Submitted => vec!["approve", "request_changes"],
            VenueState::Live => vec!["pause"],
            VenueState::Paused => vec!["resume", "archive"],
            VenueState::Archived => Vec::new(),
        }
    }

    fn check_complete(&self, has_hours: bool) -> Result<(), Refusal> {
        let missing = self.missing(has_hours);
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Incomplete { missing })
        }
    }

    #[must_use]
    pub fn presentation(&self) -> Presentation {
        Presentation {
            name: self.name.clone(),
            description: self.description.clone(),
            amenities: self.amenities.clone(),
            other_amenities: self.other_amenities.clone(),
            photos: self.photos.clone(),
        }
    }

    fn presenting(self, presentation: Presentation) -> Self {
        let Presentation {
            name,
            description,
            amenities,
            other_amenities,
            photos,
        } = presentation;
        Self {
            name,
            description,
            amenities,
            other_amenities,
            photos,
            ..self
        }
    }

    /// It with what it shows of its spaces, after any of them or their rules changed.
    #[must_use]
    pub fn showing(mut self, plan: &Plan) -> Self {
        let taxed = |space| {
            let known = self.spaces.iter().find(|summary| summary.id == space);
            known.and_then(|summary| summary.tax)
        };
        self.spaces = plan
            .iter()
            .map(|planned| SpaceSummary {
                id: planned.space.id,
                name: planned.space.name.clone(),
                capacity: planned.space.capacity,
                amenities: planned.space.amenities.clone(),
                price_per_hour: self.price_of(planned.space.id),
                tax: taxed(planned.space.id),
                instant: planned.rules.answer_minutes.is_none(),
                in_use: planned.space.in_use,
            })
            .collect();
        if let Some(main) = self.spaces.iter().find(|space| space.id == self.main_space) {
            self.capacity = main.capacity;
        }
        self
    }

    /// It with another base price of one of its spaces, and what tax that is with or comes on top.
    #[must_use]
    pub fn priced(mut self, space: SpaceId, price_per_hour: Money, tax: Option<Tax>) -> Self {
        if space == self.main_space {
            self.price_per_hour = Some(price_per_hour);
        }
        for summary in self.spaces.iter_mut().filter(|summary| summary.id == space) {
            summary.price_per_hour = Some(price_per_hour);
            summary.tax = tax;
        }
        self
    }

    fn price_of(&self, space: SpaceId) -> Option<Money> {
        if space == self.main_space {
            return self.price_per_hour;
        }
        self.spaces
            .iter()
            .find(|summary| summary.id == space)?
            .price_per_hour
    }

    /// It with a new version, after a change.
    #[must_use]
    pub const fn touched(mut self, now: Timestamp) -> Self {
        self.updated_at = now;
        self.version = self.version.saturating_add(1);
        self
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::address::tests::address;
    use crate::availability::Rules;
    use crate::space::{Planned, Space};
    use crate::time::tests::at;
    use uuid::Uuid;

    pub(crate) fn draft() -> Venue {
        let now = at("2027-01-01T00:00Z");
        Venue {
            id: VenueId::from_uuid(Uuid::from_u128(1)),
            vendor: VendorId::from_uuid(Uuid::from_u128(2)),
            name: VenueName::parse("The Loft").unwrap(),
            slug: None,
            description: Description::parse("").unwrap(),
            location: Location {
                point: Point::new(52.5, 13.4).unwrap(),
                address: address(),
                zone: "Europe/Berlin".parse().unwrap(),
            },
            amenities: BTreeSet::new(),
            other_amenities: BTreeSet::new(),
            policy: Policy::preset("very_flexible").unwrap(),
            house_rules: None,
            terms_version: 1,
            main_space: SpaceId::from_uuid(Uuid::from_u128(3)),
            capacity: 40,
            price_per_hour: None,
            spaces: Vec::new(),
            photos: Vec::new(),
            state: VenueState::Draft,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    pub(crate) fn photo(n: u128) -> Photo {
        Photo {
            id: MediaId::from_uuid(Uuid::from_u128(n)),
            key: "k".into(),
            content_type: "image/png".into(),
            bytes: 1,
            alt: None,
        }
    }

    #[test]
    fn a_venue_is_submitted_only_when_customers_could_book_it() {
        let now = at("2027-01-02T00:00Z");
        let missing = |v: Venue, hours| match v.apply(VenueEvent::Submit, hours, now) {
            Err(Refusal::Incomplete { missing }) => missing,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            missing(draft(), false),
            ["opening_hours", "price_per_hour", "photo"]
        );
        let mut venue = Venue {
            photos: vec![photo(1)],
            ..draft()
        };
        assert_eq!(missing(venue.clone(), true), ["price_per_hour"]);
        venue.price_per_hour = Some(Money::new(100, "EUR".parse().unwrap()));
        let live = venue
            .apply(VenueEvent::Submit, true, now)
            .unwrap()
            .apply(VenueEvent::Approve, true, now)
            .unwrap();
        assert!(live.is_live());
        assert_eq!(live.version, 3);
        // Nor does it come to the public without, when it lost something on its way.
        let missing = Err(Refusal::Incomplete {
            missing: vec!["opening_hours"],
        });
        for (state, event) in [
            (VenueState::Submitted, VenueEvent::Approve),
            (VenueState::Paused, VenueEvent::Resume),
        ] {
            let venue = Venue {
                state,
                ..live.clone()
            };
            assert_eq!(venue.apply(event, false, now), missing);
        }
        let paused = live.apply(VenueEvent::Pause, false, now).unwrap();
        assert!(paused.apply(VenueEvent::Archive, false, now).is_ok());
    }

    /// Each state, and where each event leads from there.
    const CELLS: &str = "
                   submit     approve  request_changes  pause   resume  archive   transfer
        draft      submitted  .        .                .       .       archived  draft
        submitted  .          live     draft            .       .       .         .
        live       .          .        .                paused  .       .         .
        paused     .          .        .                .       live    archived  paused
        archived   .          .        .                .       .       .         .";

    #[test]
    fn every_cell_of_state_and_event_is_as_it_was_written_down() {
        let now = at("2027-01-02T00:00Z");
        let said = |text: &str| Reason::parse(text).unwrap();
        let other = VendorId::from_uuid(Uuid::from_u128(77));
        let states = [
            VenueState::Draft,
            VenueState::Submitted,
            VenueState::Live,
            VenueState::Paused,
            VenueState::Archived,
        ];
        let events = [
            VenueEvent::Submit,
            VenueEvent::Approve,
            VenueEvent::RequestChanges(said("Another photo.")),
            VenueEvent::Pause,
            VenueEvent::Resume,
            VenueEvent::Archive,
            VenueEvent::Transfer(other),
        ];
        let mut lines = CELLS.lines().skip(1).map(str::split_whitespace);
        let names: Vec<&str> = lines.next().unwrap().collect();
        for (state, mut line) in states.into_iter().zip(lines.by_ref()) {
            assert_eq!(line.next(), Some(state.as_str()));
            let leads: Vec<&str> = line.collect();
            assert_eq!((leads.len(), names.len()), (events.len(), events.len()));
            let leads_on = |(_, to): &(&&str, &&str)| **to != "." && **to != state.as_str();
            let possible = names.iter().zip(&leads).filter(leads_on);
            let allowed: Vec<&str> = possible.map(|(name, _)| *name).collect();
            for ((event, name), to) in events.iter().zip(&names).zip(&leads) {
                let cell = format!("{} {name}", state.as_str());
                let before = Venue {
                    state,
                    price_per_hour: Some(Money::new(100, "EUR".parse().unwrap())),
                    photos: vec![photo(1)],
                    reason: Some(said("What was said before.")),
                    ..draft()
                };
                match before.clone().apply(event.clone(), true, now) {
                    Ok(after) => {
                        let asked = match *name {
                            "request_changes" => Some(said("Another photo.")),
                            "transfer" => before.reason.clone(),
                            _ => None,
                        };
                        assert_eq!((after.state.as_str(), &after.reason), (*to, &asked), "{cell}");
                        let is_others = *name == "transfer";
                        assert_eq!(after.vendor == other, is_others, "{cell}");
                        assert_eq!(after.vendor == before.vendor, !is_others, "{cell}");
                        assert_eq!((after.version, after.updated_at), (before.version + 1, now));
                        assert_eq!(after.is_live(), *to == "live", "{cell}");
                    }
                    Err(refusal) => {
                        let (from, allowed) = (state.as_str(), allowed.clone());
                        assert_eq!(*to, ".", "{cell}");
                        assert_eq!(refusal, Refusal::InvalidTransition { from, allowed }, "{cell}");
                    }
                }
            }
        }
        assert_eq!(lines.next().map(Iterator::count), None);
    }

    #[test]
    fn words_are_not_changed_while_an_admin_looks_at_them() {
        let at_state = |state| Venue { state, ..draft() }.check_editable().is_ok();
        assert!(
            [VenueState::Draft, VenueState::Live, VenueState::Paused]
                .into_iter()
                .all(at_state)
        );
        assert!(
            ![VenueState::Submitted, VenueState::Archived]
                .into_iter()
                .any(at_state)
        );
    }

    #[test]
    fn what_a_venue_shows_of_its_spaces_is_what_they_are_and_keeps_their_prices() {
        let space = |n: u128, capacity, answer_minutes| Planned {
            space: Space {
                id: SpaceId::from_uuid(Uuid::from_u128(n)),
                venue: VenueId::from_uuid(Uuid::from_u128(1)),
                vendor: VendorId::from_uuid(Uuid::from_u128(2)),
                name: VenueName::parse("Hall").unwrap(),
                capacity,
                amenities: BTreeSet::new(),
                layouts: Vec::new(),
                parts: Vec::new(),
                locks: Vec::new(),
                in_use: true,
                live: false,
                rules_version: 1,
            },
            rules: Rules {
                answer_minutes,
                ..Rules::closed("Europe/Berlin".parse().unwrap())
            },
        };
        let euros = |amount| Money::new(amount, "EUR".parse().unwrap());
        let main = draft().main_space.uuid().as_u128();
        let plan: Plan = [space(main, 70, None), space(99, 5, Some(60))]
            .into_iter()
            .collect();
        let shown = |venue: &Venue| -> Vec<_> {
            let spaces = venue.spaces.iter();
            spaces
                .map(|s| (s.id, s.capacity, s.instant, s.price_per_hour, s.tax))
                .collect()
        };
        let other = SpaceId::from_uuid(Uuid::from_u128(99));
        let venue = draft().showing(&plan);
        assert_eq!(venue.capacity, 70);
        assert_eq!(
            shown(&venue),
            [
                (venue.main_space, 70, true, None, None),
                (other, 5, false, None, None)
            ]
        );
        let on_top = Some(Tax {
            bps: 1_900,
            included: false,
        });
        let venue = venue.priced(other, euros(900), on_top);
        assert_eq!(venue.price_per_hour, None);
        let main_space = venue.main_space;
        let venue = venue.priced(main_space, euros(4_000), None).showing(&plan);
        assert_eq!(venue.price_per_hour, Some(euros(4_000)));
        assert_eq!(
            shown(&venue),
            [
                (main_space, 70, true, Some(euros(4_000)), None),
                (other, 5, false, Some(euros(900)), on_top)
            ]
        );
    }
}
