//! What people read who are invited to work for a business.

use domain::invitation::Invitation;
use domain::role::MemberRole;
use domain::vendor::Vendor;

use super::letter::{Block, Letter, PLATFORM};
use crate::message::{About, Message};
use crate::{App, Result};

const BECAUSE: &str = "You get this mail because somebody wants to work with you and gave this address.";

/// An invitation was written: whoever it is for is told of it. Called for what was committed.
///
/// # Errors
/// [`crate::Error::Unavailable`]; then it is to be called again.
pub async fn invited(app: &App, invitation: &Invitation) -> Result<()> {
    let about = About::Invited {
        vendor: invitation.vendor,
        invitation: invitation.id,
    };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

const fn work(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "own the business",
        MemberRole::Manager => "run venues, their prices included",
        MemberRole::Finance => "look at bookings and what they cost",
        MemberRole::FrontDesk => "answer requests and receive guests",
    }
}

/// With both ways to take it. There is no page to link to.
#[must_use]
pub fn invitation(vendor: &Vendor, invitation: &Invitation, public_url: &str) -> Letter {
    let Invitation { id, expires_at, .. } = invitation;
    let day = jiff::tz::TimeZone::UTC.to_datetime(*expires_at).date();
    let where_ = match invitation.reach.named().map(std::collections::BTreeSet::len) {
        None => "at all venues".to_owned(),
        Some(1) => "at one venue".to_owned(),
        Some(count) => format!("at {count} venues"),
    };
    Letter {
        title: format!("{} invites you to {PLATFORM}", vendor.business_name),
        text: format!(
            "{} invites you to work for them at {PLATFORM}: to {}, {where_}. The invitation is good until {day} (UTC), \
             for whoever has an account with this address.",
            vendor.business_name,
            work(invitation.role)
        ),
        blocks: vec![
            Block::Paragraph(format!(
                "To take it, sign in with this address, or register with it first, and send this as a POST to \
                 {public_url}/api/v1/users/membership:"
            )),
            Block::Code(format!(
                "{{\"vendor_id\":\"{}\",\"invitation_id\":\"{id}\"}}",
                vendor.id
            )),
            Block::Paragraph("You do not know them? Then there is nothing to do.".to_owned()),
        ],
        because: BECAUSE,
    }
}

#[cfg(test)]
mod tests {
    use super::super::letter::Address;
    use super::*;
    use domain::id::{InvitationId, UserId, VendorId, VenueId};
    use domain::membership::Reach;
    use domain::text::{BusinessName, Country, Email};
    use domain::vendor::VendorState;
    use jiff::Timestamp;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[test]
    fn an_invitation_tells_who_invites_to_what_and_how_to_take_it() {
        let now = Timestamp::UNIX_EPOCH;
        let id = Uuid::from_u128(7);
        let email = Email::parse("ada@example.com").unwrap();
        let vendor = Vendor {
            id: VendorId::from_uuid(id),
            owner: UserId::from_uuid(id),
            business_name: BusinessName::parse("Vera & Sons").unwrap(),
            contact_email: email.clone(),
            country: Country::parse("DE").unwrap(),
            state: VendorState::Approved,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 2,
        };
        let asked = Invitation {
            id: InvitationId::from_uuid(id),
            vendor: vendor.id,
            email,
            role: MemberRole::FrontDesk,
            reach: Reach::Only(BTreeSet::from([VenueId::from_uuid(id)])),
            by: vendor.owner,
            created_at: now,
            expires_at: "1970-01-08T00:00:00Z".parse().unwrap(),
            version: 1,
        };
        let mail = invitation(&vendor, &asked, "https://api.example.com").mail(Address {
            to: "ada@example.com".to_owned(),
            name: None,
            message_id: "x@example.com".to_owned(),
        });
        assert_eq!(mail.subject, "Vera & Sons invites you to TOFIMOTIA");
        for part in [
            "to answer requests and receive guests, at one venue.",
            "until 1970-01-08",
            "https://api.example.com/api/v1/users/membership",
            r#"{"vendor_id":"vnd_00000000000000000000000000000007","invitation_id":"inv_00000000000000000000000000000007"}"#,
        ] {
            assert!(mail.text.contains(part), "{part}: {}", mail.text);
        }
        assert!(mail.html.contains("Vera &amp; Sons"), "{}", mail.html);
    }
}
