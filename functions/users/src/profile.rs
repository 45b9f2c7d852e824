//! One's own profile.

use std::collections::BTreeSet;

use app::{App, users};
use axum::extract::State;
use domain::id::{UserId, VendorId};
use domain::role::{AdminRole, Role};
use domain::text::{Email, PersonName};
use domain::user::{Restriction, RestrictionKind, User};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use web::{Answer, Body, IfMatch, Parse, Problems, Reply, SignedIn, ok};

/// A person, as they see themselves.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Profile")]
pub struct ProfileView {
    #[schemars(with = "String")]
    user_id: UserId,
    #[schemars(with = "String")]
    email: Email,
    #[schemars(with = "String")]
    name: PersonName,
    /// Of `customer`, `vendor`, `admin`; none before the address is verified.
    #[schemars(with = "Vec<String>")]
    roles: BTreeSet<Role>,
    /// The business that they run or applied for.
    #[schemars(with = "Option<String>")]
    vendor_id: Option<VendorId>,
    /// What they do for the platform: `super`, `finance`, `support` or `moderation`.
    #[schemars(with = "Option<String>")]
    admin_role: Option<AdminRole>,
    /// What they are kept from, and why.
    restriction: Option<MyRestrictionView>,
    email_verified_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What somebody is kept from, and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MyRestriction")]
pub struct MyRestrictionView {
    /// `suspended`: whoever it is may look at their own things, and cancel their bookings.
    #[schemars(with = "String")]
    kind: RestrictionKind,
    reason: String,
    at: Timestamp,
}

impl From<Restriction> for MyRestrictionView {
    fn from(restriction: Restriction) -> Self {
        Self {
            kind: restriction.kind,
            reason: restriction.reason.to_string(),
            at: restriction.at,
        }
    }
}

impl From<User> for ProfileView {
    fn from(user: User) -> Self {
        Self {
            roles: user.roles(),
            vendor_id: user.vendor(),
            user_id: user.id,
            email: user.email,
            name: user.name,
            admin_role: user.admin,
            restriction: user.restriction.map(MyRestrictionView::from),
            email_verified_at: user.email_verified_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

fn shown(user: User) -> Reply<ProfileView> {
    let version = user.version;
    ok(ProfileView::from(user)).version(version)
}

pub async fn show(State(app): State<App>, SignedIn(me): SignedIn) -> Answer<Reply<ProfileView>> {
    Ok(shown(users::profile(&app, &me).await?))
}

/// What may be changed of a profile.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ProfilePatch")]
#[serde(deny_unknown_fields)]
pub struct RawPatch {
    /// How the person wants to be called; 1 to 100 characters. It cannot be removed.
    #[serde(default, deserialize_with = "no_null")]
    #[schemars(with = "String")]
    name: Option<String>,
}

/// In a merge patch null removes a value, which is another thing than leaving it as it is.
fn no_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl Parse for RawPatch {
    type Into = PersonName;

    fn parse(self, problems: &mut Problems) -> Option<PersonName> {
        match self.name {
            Some(name) => problems.field("name", PersonName::parse(&name)),
            None => {
                problems.here("changes nothing");
                None
            }
        }
    }
}

pub async fn change(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    IfMatch(version): IfMatch,
    Body(name): Body<RawPatch>,
) -> Answer<Reply<ProfileView>> {
    Ok(shown(users::rename(&app, &me, name, version).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(name: Option<&str>) -> String {
        let mut problems = Problems::new();
        let name = name.map(str::to_owned);
        assert!(RawPatch { name }.parse(&mut problems).is_none());
        problems.into_errors().remove(0).pointer
    }

    #[test]
    fn a_patch_has_to_change_something_that_can_be_changed() {
        assert_eq!(pointer(None), "");
        assert_eq!(pointer(Some("\u{202E}")), "/name");
    }
}
