use super::super::tests::{draft, photo};
use super::*;
use crate::text::AltText;
use crate::time::tests::at;

fn now() -> Timestamp {
    at("2027-01-02T00:00Z")
}

/// With one photo.
fn in_state(state: VenueState) -> Revised {
    Revised {
        venue: Venue {
            state,
            photos: vec![photo(0)],
            ..draft()
        },
        revision: None,
    }
}

fn live() -> Revised {
    in_state(VenueState::Live)
}

fn named(revised: &Revised, name: &str) -> Presentation {
    Presentation {
        name: VenueName::parse(name).unwrap(),
        ..revised.wanted()
    }
}

/// A live venue whose vendor wants another name, and the version of that.
fn asked(name: &str) -> (Revised, u64) {
    let venue = live();
    let wanted = named(&venue, name);
    let revised = venue.present(wanted, now()).unwrap();
    let version = revised.open().unwrap().version;
    (revised, version)
}

fn refusal() -> RevisionVerdict {
    RevisionVerdict::Refuse(Reason::parse("No shouting.").unwrap())
}

fn state(revised: &Revised) -> Option<RevisionState> {
    revised.revision.as_ref().map(|revision| revision.state)
}

#[test]
fn a_draft_is_changed_at_once_and_an_approved_venue_stays_as_it_is_until_it_is_looked_at() {
    for state in [
        VenueState::Draft,
        VenueState::Submitted,
        VenueState::Live,
        VenueState::Paused,
        VenueState::Archived,
    ] {
        let before = in_state(state);
        let wanted = named(&before, "The Attic");
        let after = before.clone().present(wanted.clone(), now());
        match state {
            VenueState::Draft => {
                let after = after.unwrap();
                assert_eq!((after.venue.presentation(), after.revision), (wanted, None));
            }
            VenueState::Live | VenueState::Paused => {
                let after = after.unwrap();
                assert_eq!(after.venue.presentation(), before.venue.presentation());
                assert_eq!(after.wanted(), wanted);
                assert!(after.venue.version > before.venue.version);
            }
            VenueState::Submitted | VenueState::Archived => {
                assert!(
                    matches!(after, Err(Refusal::InvalidTransition { .. })),
                    "{state:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_approved_is_what_was_asked_for_and_terms_stay() {
    let (pending, version) = asked("The Attic");
    let wanted = pending.wanted();
    let approved = pending
        .clone()
        .decided(version, RevisionVerdict::Approve, now())
        .unwrap();
    assert_eq!(approved.venue.presentation(), wanted);
    assert_eq!(state(&approved), Some(RevisionState::Approved));
    assert_eq!(approved.open(), None);
    let back = approved.venue.presenting(pending.venue.presentation());
    assert_eq!(
        Venue {
            version: pending.venue.version,
            ..back
        },
        pending.venue
    );
}

#[test]
fn what_is_refused_is_kept_with_the_reason_until_the_vendor_goes_on() {
    let (pending, version) = asked("THE ATTIC!!!");
    let public = pending.venue.presentation();
    let refused = pending.decided(version, refusal(), now()).unwrap();
    assert_eq!(refused.venue.presentation(), public);
    let open = refused.open().unwrap();
    assert_eq!(open.reason.as_ref().unwrap().as_str(), "No shouting.");
    assert_eq!(
        refused.wanted(),
        public,
        "what comes next begins from what there is"
    );
    let wanted = named(&refused, "The Attic");
    let again = refused.clone().present(wanted, now()).unwrap();
    assert_eq!(state(&again), Some(RevisionState::Pending));
    assert_eq!(again.open().unwrap().reason, None);
    let same = refused.clone().present(open.presentation.clone(), now()).unwrap();
    assert_eq!(
        state(&same),
        Some(RevisionState::Pending),
        "it can be asked again"
    );
    assert_eq!(refused.without_open(now()).open(), None);
}

#[test]
fn nobody_decides_about_what_they_did_not_see() {
    let (first, seen) = asked("The Attic");
    let wanted = named(&first, "The Cellar");
    let second = first.clone().present(wanted, now()).unwrap();
    let current = second.open().unwrap().version;
    assert!(current > seen);
    let gone = [
        second.clone(),
        first.clone().without_open(now()),
        first.clone().decided(seen, refusal(), now()).unwrap(),
        first
            .clone()
            .decided(seen, RevisionVerdict::Approve, now())
            .unwrap(),
        live(),
    ];
    for revised in gone {
        for verdict in [RevisionVerdict::Approve, refusal()] {
            assert_eq!(
                revised.clone().decided(seen, verdict, now()),
                Err(Refusal::RevisionOutdated)
            );
        }
    }
    assert!(second.decided(current, RevisionVerdict::Approve, now()).is_ok());
}

#[test]
fn no_version_comes_twice_however_a_vendor_goes_to_and_fro() {
    let mut revised = live();
    let mut seen = Vec::new();
    for name in ["The Attic", "The Cellar", "The Attic"] {
        let wanted = named(&revised, name);
        revised = revised.present(wanted, now()).unwrap();
        seen.push(revised.open().unwrap().version);
        revised = revised.without_open(now());
    }
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
}

#[test]
fn asking_for_what_waits_or_for_what_there_is_needs_no_other_look() {
    let (pending, version) = asked("The Attic");
    let same = pending.clone().present(pending.wanted(), now()).unwrap();
    assert_eq!(same.open().unwrap().version, version);
    let public = pending.venue.presentation();
    let back = pending.present(public.clone(), now()).unwrap();
    assert_eq!(state(&back), Some(RevisionState::Withdrawn));
    assert_eq!(live().present(public, now()).unwrap().revision, None);
}

#[test]
fn it_is_told_what_a_revision_changes() {
    let before = live().venue.presentation();
    let with = |change: fn(&mut Presentation)| {
        let mut after = before.clone();
        change(&mut after);
        after.changes_to(&before)
    };
    assert_eq!(with(|_| ()), Vec::<&str>::new());
    assert_eq!(with(|p| p.name = VenueName::parse("Attic").unwrap()), ["name"]);
    assert_eq!(
        with(|p| p.description = Description::parse("Low.").unwrap()),
        ["description"]
    );
    assert_eq!(
        with(|p| p.amenities = BTreeSet::from([Amenity::Wifi])),
        ["amenities"]
    );
    assert_eq!(
        with(|p| p.other_amenities = [Label::parse("Ice machine").unwrap()].into()),
        ["other_amenities"]
    );
    assert_eq!(with(|p| p.photos.push(photo(1))), ["photos"]);
}

#[test]
fn photos_are_counted_and_added_once() {
    for state in [VenueState::Draft, VenueState::Live] {
        let mut revised = in_state(state);
        for n in 0..PHOTOS_MAX as u128 {
            revised = revised
                .with_photo(photo(n), now())
                .unwrap()
                .with_photo(photo(n), now())
                .unwrap();
        }
        assert_eq!(revised.wanted().photos.len(), PHOTOS_MAX);
        assert_eq!(
            revised.with_photo(photo(999), now()),
            Err(Refusal::LimitReached { limit: PHOTOS_MAX })
        );
    }
}

#[test]
fn a_photo_of_a_live_venue_is_looked_at_first() {
    let revised = live().with_photo(photo(1), now()).unwrap();
    assert_eq!(revised.venue.photos, [photo(0)]);
    assert_eq!(revised.wanted().photos, [photo(0), photo(1)]);
    let submitted = in_state(VenueState::Submitted).with_photo(photo(1), now());
    assert!(matches!(submitted, Err(Refusal::InvalidTransition { .. })));
}

fn showing(revised: &Revised, ids: &[u128]) -> Result<Presentation, usize> {
    let chosen = |n: &u128| ChosenPhoto {
        id: photo(*n).id,
        alt: None,
    };
    let chosen: Vec<_> = ids.iter().map(chosen).collect();
    let photos = revised.photos_of(&chosen)?;
    Ok(Presentation {
        photos,
        ..revised.wanted()
    })
}

#[test]
fn what_is_said_of_a_photo_is_looked_at_as_well() {
    let chosen = |text: &str| {
        [ChosenPhoto {
            id: photo(0).id,
            alt: AltText::parse(text).ok(),
        }]
    };
    let revised = live();
    let said = |revised: &Revised, text| Presentation {
        photos: revised.photos_of(&chosen(text)).unwrap(),
        ..revised.wanted()
    };
    let described = revised
        .clone()
        .present(said(&revised, "A bare hall."), now())
        .unwrap();
    assert_eq!(described.venue.photos, [photo(0)]);
    let waits = described.open().unwrap();
    assert_eq!(
        waits.presentation.changes_to(&revised.venue.presentation()),
        ["photos"]
    );
    let alt = |photos: &[Photo]| photos[0].alt.as_ref().map(ToString::to_string);
    assert_eq!(alt(&waits.presentation.photos).as_deref(), Some("A bare hall."));
    let version = waits.version;
    let approved = described
        .decided(version, RevisionVerdict::Approve, now())
        .unwrap();
    assert_eq!(alt(&approved.venue.photos).as_deref(), Some("A bare hall."));
    let taken_back = said(&approved, "");
    assert_eq!(alt(&taken_back.photos), None);
}

#[test]
fn photos_are_put_into_an_order_and_taken_away() {
    let pending = live().with_photo(photo(1), now()).unwrap();
    let turned = showing(&pending, &[1, 0]).unwrap();
    assert_eq!(turned.photos, [photo(1), photo(0)]);
    assert_eq!(turned.changes_to(&pending.venue.presentation()), ["photos"]);
    let without = showing(&pending, &[1]).unwrap();
    let without = pending.clone().present(without, now()).unwrap();
    assert_eq!(without.venue.photos, [photo(0)]);
    assert_eq!(without.wanted().photos, [photo(1)]);
    // What the public sees can be had back, and what was refused can be asked for again.
    assert!(showing(&without, &[0, 1]).is_ok());
    let version = without.open().unwrap().version;
    let refused = without.decided(version, refusal(), now()).unwrap();
    assert_eq!(refused.wanted().photos, [photo(0)]);
    assert_eq!(showing(&refused, &[1, 0]).unwrap().photos, [photo(1), photo(0)]);
    for (ids, place) in [(&[0, 7][..], 1), (&[1, 0, 1], 2), (&[7], 0)] {
        assert_eq!(showing(&refused, ids), Err(place), "{ids:?}");
    }
    assert_eq!(showing(&refused.without_open(now()), &[1]), Err(0));
}

#[test]
fn an_approved_venue_keeps_a_photo() {
    let none = showing(&live(), &[]).unwrap();
    assert_eq!(
        live().present(none.clone(), now()),
        Err(Refusal::Incomplete {
            missing: vec!["photo"]
        })
    );
    let draft = in_state(VenueState::Draft).present(none, now()).unwrap();
    assert_eq!(draft.venue.photos, []);
}
