//! What an admin decided: that there is something to tell, and what vendors read about it.

use domain::text::{BusinessName, Reason, VenueName};
use domain::vendor::{Vendor, VendorState};
use domain::venue::{Revision, RevisionState, Venue, VenueState};

use crate::message::{About, Message};
use crate::{App, Result};

use super::letter::{Block, Letter, PLATFORM};

const BECAUSE: &str = "You get this mail because you offer venues, or applied to.";

/// A business was written anew: whether it was decided about. Called for what was committed, so that a
/// decision is told however the function that took it ended.
///
/// # Errors
/// [`crate::Error::Unavailable`]; then it is to be called again.
pub async fn vendor_changed(app: &App, before: &Vendor, after: &Vendor) -> Result<()> {
    if before.state != VendorState::Applied || after.state == VendorState::Applied {
        return Ok(());
    }
    let about = About::VendorDecided {
        vendor: after.id,
        at: after.updated_at,
    };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

/// A venue was written anew: whether it was decided about, or handed over. Called as [`vendor_changed`] is.
///
/// # Errors
/// [`crate::Error::Unavailable`]; then it is to be called again.
pub async fn venue_changed(app: &App, before: &Venue, after: &Venue) -> Result<()> {
    if before.vendor != after.vendor {
        let about = About::VenueTransferred {
            venue: after.id,
            version: after.version,
            name: after.name.clone(),
            from: before.vendor,
            to: after.vendor,
            at: after.updated_at,
        };
        return Ok(app.queue()?.send(&Message::notification(about)).await?);
    }
    if before.state != VenueState::Submitted || after.state == VenueState::Submitted {
        return Ok(());
    }
    let about = About::VenueDecided {
        venue: after.id,
        version: after.version,
        at: after.updated_at,
    };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

/// A revision of a venue was written anew: whether it was decided about. Called as [`vendor_changed`] is.
///
/// # Errors
/// [`crate::Error::Unavailable`]; then it is to be called again.
pub async fn revision_changed(app: &App, before: &Revision, after: &Revision) -> Result<()> {
    if !before.is_pending() {
        return Ok(());
    }
    let refused = match after.state {
        RevisionState::Approved => None,
        RevisionState::Refused => after.reason.clone(),
        RevisionState::Pending | RevisionState::Withdrawn => return Ok(()),
    };
    let about = About::RevisionDecided {
        venue: after.venue,
        version: after.version,
        name: after.presentation.name.clone(),
        refused,
        at: after.moved_at,
    };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

/// What is told, and under which name it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub kind: &'static str,
    pub letter: Letter,
}

/// Nothing while the application is open.
#[must_use]
pub fn about_vendor(vendor: &Vendor) -> Option<Decision> {
    let name = &vendor.business_name;
    match vendor.state {
        VendorState::Applied => None,
        VendorState::Approved => Some(decision(
            "VendorApproved",
            format!("{name} is approved"),
            format!("Welcome to {PLATFORM}: {name} is approved. You can set up your venues now."),
            None,
        )),
        VendorState::Rejected => Some(decision(
            "VendorRejected",
            format!("{name} was not approved"),
            format!("We did not approve the application of {name}."),
            vendor.reason.as_ref().map(ToString::to_string),
        )),
    }
}

/// Told from where the venue is now: only its vendor moves it on from there, so that one which has
/// gone live was approved, and a draft with a reason was sent back. Nothing when that is not to be
/// seen any more, because its vendor has submitted it again.
#[must_use]
pub fn about_venue(venue: &Venue) -> Option<Decision> {
    let name = &venue.name;
    match (venue.state, &venue.reason) {
        (VenueState::Live | VenueState::Paused, _) => Some(decision(
            "VenueApproved",
            format!("{name} is approved"),
            format!("{name} is approved: customers can find and book it."),
            None,
        )),
        (VenueState::Draft, Some(reason)) => Some(decision(
            "VenueChangesRequested",
            format!("{name} needs changes"),
            format!("{name} is not live yet: we ask for changes. Submit it again when they are made."),
            Some(reason.to_string()),
        )),
        (VenueState::Draft, None) | (VenueState::Submitted | VenueState::Archived, _) => None,
    }
}

#[must_use]
pub fn about_revision(name: &VenueName, refused: Option<&Reason>) -> Decision {
    match refused {
        None => decision(
            "VenueRevisionApproved",
            format!("The changes of {name} are approved"),
            format!("What you changed of {name} is approved: it is shown that way from now on."),
            None,
        ),
        Some(reason) => decision(
            "VenueRevisionRefused",
            format!("The changes of {name} were not approved"),
            format!("We did not approve what you changed of {name}. It is shown as it was approved before."),
            Some(reason.to_string()),
        ),
    }
}

/// What the business hears that gave a venue away. Why is the admins' to tell: it may concern the other one.
#[must_use]
pub fn about_giving(name: &VenueName, to: &BusinessName) -> Decision {
    decision(
        "VenueHandedOver",
        format!("{name} was handed over to {to}"),
        format!(
            "{name} was handed over to {to}, who runs it from now on. Bookings that were made with you stay yours, \
             with all that was paid for them."
        ),
        None,
    )
}

/// What the business hears that got it.
#[must_use]
pub fn about_taking(name: &VenueName, from: &BusinessName) -> Decision {
    decision(
        "VenueTakenOver",
        format!("{name} was handed over to you"),
        format!(
            "{name} was handed over to you by {from}. It is not live: look at its hours, prices and terms before you \
             bring it to the market. Bookings that were made with {from} stay theirs."
        ),
        None,
    )
}

fn decision(kind: &'static str, title: String, text: String, reason: Option<String>) -> Decision {
    let blocks = reason.map_or_else(Vec::new, |reason| {
        vec![
            Block::Paragraph("The reason that was given:".to_owned()),
            Block::Quote(reason),
        ]
    });
    Decision {
        kind,
        letter: Letter {
            title,
            text,
            blocks,
            because: BECAUSE,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::address::Address;
    use domain::cancellation::Policy;
    use domain::geo::Point;
    use domain::id::{SpaceId, UserId, VendorId, VenueId};
    use domain::text::{BusinessName, City, Country, Description, Email, Reason, VenueName};
    use domain::vendor::Verdict;
    use domain::venue::Location;
    use jiff::Timestamp;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    const ID: Uuid = Uuid::from_u128(1);

    fn vendor() -> Vendor {
        Vendor {
            id: VendorId::from_uuid(ID),
            owner: UserId::from_uuid(ID),
            business_name: BusinessName::parse("Lofts Ltd").unwrap(),
            contact_email: Email::parse("hello@lofts.example").unwrap(),
            country: Country::parse("DE").unwrap(),
            state: VendorState::Applied,
            reason: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            version: 1,
        }
    }

    fn venue(state: VenueState, reason: Option<&str>) -> Venue {
        Venue {
            id: VenueId::from_uuid(ID),
            vendor: VendorId::from_uuid(ID),
            name: VenueName::parse("The Loft").unwrap(),
            slug: None,
            description: Description::parse("").unwrap(),
            location: Location {
                point: Point::new(52.5, 13.4).unwrap(),
                address: Address {
                    street: None,
                    postal_code: None,
                    city: City::parse("Berlin").unwrap(),
                    region: None,
                    country: Country::parse("DE").unwrap(),
                },
                zone: "Europe/Berlin".parse().unwrap(),
            },
            amenities: BTreeSet::new(),
            other_amenities: BTreeSet::new(),
            policy: Policy::preset("very_flexible").unwrap(),
            house_rules: None,
            terms_version: 1,
            main_space: SpaceId::from_uuid(ID),
            capacity: 40,
            price_per_hour: None,
            spaces: Vec::new(),
            photos: Vec::new(),
            state,
            reason: reason.map(|r| Reason::parse(r).unwrap()),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            version: 3,
        }
    }

    fn quoted(decision: &Decision) -> Option<&str> {
        decision.letter.blocks.iter().find_map(|block| match block {
            Block::Quote(text) => Some(text.as_str()),
            Block::Paragraph(_) | Block::Code(_) | Block::Facts(_) => None,
        })
    }

    #[test]
    fn a_rejected_vendor_reads_why() {
        let no = Verdict::Reject(Reason::parse("No licence.").unwrap());
        let rejected = vendor().decided(no, Timestamp::UNIX_EPOCH).unwrap();
        let decision = about_vendor(&rejected).unwrap();
        assert_eq!(decision.kind, "VendorRejected");
        assert_eq!(decision.letter.title, "Lofts Ltd was not approved");
        assert_eq!(quoted(&decision), Some("No licence."));
    }

    #[test]
    fn an_approved_vendor_is_welcome() {
        let approved = vendor().decided(Verdict::Approve, Timestamp::UNIX_EPOCH).unwrap();
        let decision = about_vendor(&approved).unwrap();
        assert_eq!(decision.kind, "VendorApproved");
        assert_eq!(
            decision.letter.text,
            "Welcome to TOFIMOTIA: Lofts Ltd is approved. You can set up your venues now."
        );
        assert_eq!(quoted(&decision), None);
    }

    #[test]
    fn nothing_is_told_before_a_decision() {
        assert_eq!(about_vendor(&vendor()), None);
        assert_eq!(about_venue(&venue(VenueState::Submitted, None)), None);
        assert_eq!(about_venue(&venue(VenueState::Draft, None)), None);
    }

    #[test]
    fn a_venue_that_is_sent_back_comes_with_what_is_to_change() {
        let decision = about_venue(&venue(VenueState::Draft, Some("More photos.\nA price."))).unwrap();
        assert_eq!(decision.kind, "VenueChangesRequested");
        assert_eq!(quoted(&decision), Some("More photos.\nA price."));
    }

    #[test]
    fn whoever_wanted_something_changed_reads_what_becomes_of_it() {
        let name = VenueName::parse("The Attic").unwrap();
        let approved = about_revision(&name, None);
        assert_eq!(
            (approved.kind, approved.letter.title.as_str()),
            ("VenueRevisionApproved", "The changes of The Attic are approved")
        );
        assert_eq!(quoted(&approved), None);
        let refused = about_revision(&name, Some(&Reason::parse("No shouting.").unwrap()));
        assert_eq!(refused.kind, "VenueRevisionRefused");
        assert_eq!(quoted(&refused), Some("No shouting."));
    }

    #[test]
    fn a_venue_that_was_paused_right_after_its_approval_was_still_approved() {
        for state in [VenueState::Live, VenueState::Paused] {
            assert_eq!(about_venue(&venue(state, None)).unwrap().kind, "VenueApproved");
        }
    }
}
