//! People, and what is decided about them.

use std::collections::BTreeSet;

use app::App;
use app::users::{self, Whom};
use axum::extract::State;
use domain::id::UserId;
use domain::role::{AdminRole, Role};
use domain::text::{Email, Reason};
use domain::user::{Restriction, RestrictionKind, User};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::members::MembershipView;
use web::{Admin, Answer, Body, Listed, MaybeIdempotent, Paged, Parse, PathId, Problems, Reply, needs, ok};

/// Which people: those with an address, or those of a role who registered in a month.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PeopleWanted")]
#[serde(deny_unknown_fields)]
pub struct RawWanted {
    /// Alone.
    email: Option<String>,
    /// Their highest role: `unverified`, `customer`, `vendor` or `admin`; `customer` when it is left out.
    role: Option<String>,
    /// Of their registration, in UTC, as `2027-02`. Needed unless an address is named.
    month: Option<String>,
}

impl Parse for RawWanted {
    type Into = Whom;

    fn parse(self, problems: &mut Problems) -> Option<Whom> {
        let role = problems.optional("role", self.role, |text| match text.as_str() {
            "unverified" => Ok(None),
            "customer" => Ok(Some(Role::Customer)),
            "vendor" => Ok(Some(Role::Vendor)),
            "admin" => Ok(Some(Role::Admin)),
            _ => Err("is none of unverified, customer, vendor and admin"),
        });
        let month = problems.optional("month", self.month, |text| {
            match format!("{text}-01").parse::<jiff::civil::Date>() {
                Ok(day) if day.strftime("%Y-%m").to_string() == text => Ok(text),
                Ok(_) | Err(_) => Err("is no month as 2027-02"),
            }
        });
        let email = problems.optional("email", self.email, |text| Email::parse(&text));
        match (email?, role?, month?) {
            (Some(email), None, None) => Some(Whom::Email(email)),
            (Some(_), _, _) => {
                problems.add("email", "is asked for alone");
                None
            }
            (None, role, Some(month)) => Some(Whom::Role(role.unwrap_or(Some(Role::Customer)), month)),
            (None, _, None) => {
                problems.add("month", "is missing, and so is email");
                None
            }
        }
    }
}

/// What somebody is kept from, and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Restriction")]
pub struct RestrictionView {
    /// `suspended` or `banned`.
    #[schemars(with = "String")]
    kind: RestrictionKind,
    reason: String,
    #[schemars(with = "String")]
    by: UserId,
    at: Timestamp,
}

impl From<Restriction> for RestrictionView {
    fn from(restriction: Restriction) -> Self {
        Self {
            kind: restriction.kind,
            reason: restriction.reason.to_string(),
            by: restriction.by,
            at: restriction.at,
        }
    }
}

/// Somebody, for whoever looks after people.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonOnFile")]
pub struct UserView {
    #[schemars(with = "String")]
    user_id: UserId,
    email: String,
    name: String,
    /// Of `customer`, `vendor`, `admin`; none before the address is verified.
    #[schemars(with = "Vec<String>")]
    roles: BTreeSet<Role>,
    membership: Option<MembershipView>,
    /// `super`, `finance`, `support` or `moderation`.
    #[schemars(with = "Option<String>")]
    admin_role: Option<AdminRole>,
    restriction: Option<RestrictionView>,
    email_verified_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            roles: user.roles(),
            user_id: user.id,
            email: user.email.to_string(),
            name: user.name.to_string(),
            membership: user.membership.map(MembershipView::from),
            admin_role: user.admin,
            restriction: user.restriction.map(RestrictionView::from),
            email_verified_at: user.email_verified_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

pub async fn list(
    State(app): State<App>,
    _: Admin<needs::SeeUsers>,
    Paged { ask: whom, page }: Paged<RawWanted>,
) -> Answer<Reply<Listed<UserView>>> {
    let (found, next) = users::people(&app, &whom, page.limit(), page.after()).await?;
    let views = found.into_iter().map(UserView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}

pub async fn show(
    State(app): State<App>,
    _: Admin<needs::SeeUsers>,
    PathId(id): PathId<UserId>,
) -> Answer<Reply<UserView>> {
    Ok(ok(users::person(&app, id).await?.into()))
}

/// What somebody is to be kept from, and why.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewRestriction")]
#[serde(deny_unknown_fields)]
pub struct RawRestriction {
    kind: RawKind,
    /// 1 to 500 characters.
    reason: String,
}

/// `suspended`: may sign in, look at their own things, and cancel their bookings. `banned`: may not sign in.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "RestrictionKind")]
#[serde(rename_all = "snake_case")]
enum RawKind {
    Suspended,
    Banned,
}

pub struct Restricted {
    kind: RestrictionKind,
    reason: Reason,
}

impl Parse for RawRestriction {
    type Into = Restricted;

    fn parse(self, problems: &mut Problems) -> Option<Restricted> {
        Some(Restricted {
            kind: match self.kind {
                RawKind::Suspended => RestrictionKind::Suspended,
                RawKind::Banned => RestrictionKind::Banned,
            },
            reason: problems.field("reason", Reason::parse(&self.reason))?,
        })
    }
}

pub async fn restrict(
    State(app): State<App>,
    Admin(me): Admin<needs::ManageUsers>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<UserId>,
    Body(ask): Body<RawRestriction>,
) -> Answer<Reply<UserView>> {
    let user = users::restrict(&app, &me, once.as_ref(), id, ask.kind, &ask.reason).await?;
    Ok(Reply::of(user, UserView::from))
}

pub async fn reinstate(
    State(app): State<App>,
    _: Admin<needs::ManageUsers>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<UserId>,
) -> Answer<Reply<UserView>> {
    let user = users::reinstate(&app, once.as_ref(), id).await?;
    Ok(Reply::of(user, UserView::from))
}

/// A role of the platform's own, or none.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewAdminRole")]
#[serde(deny_unknown_fields)]
pub struct RawGrant {
    /// Null takes it away.
    #[serde(deserialize_with = "Option::deserialize")]
    role: Option<RawAdminRole>,
}

/// `super` may do everything; `finance` sees bookings and their money; `support` helps customers and vendors;
/// `moderation` decides what is on the market.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "AdminRole")]
#[serde(rename_all = "snake_case")]
enum RawAdminRole {
    Super,
    Finance,
    Support,
    Moderation,
}

impl Parse for RawGrant {
    type Into = Option<AdminRole>;

    fn parse(self, _: &mut Problems) -> Option<Option<AdminRole>> {
        Some(self.role.map(|role| match role {
            RawAdminRole::Super => AdminRole::Super,
            RawAdminRole::Finance => AdminRole::Finance,
            RawAdminRole::Support => AdminRole::Support,
            RawAdminRole::Moderation => AdminRole::Moderation,
        }))
    }
}

pub async fn grant(
    State(app): State<App>,
    Admin(me): Admin<needs::GrantAdminRoles>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<UserId>,
    Body(role): Body<RawGrant>,
) -> Answer<Reply<UserView>> {
    let user = users::set_admin_role(&app, &me, once.as_ref(), id, role).await?;
    Ok(Reply::of(user, UserView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(email: Option<&str>, role: Option<&str>, month: Option<&str>) -> Result<Whom, Vec<String>> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let raw = RawWanted {
            email: text(email),
            role: text(role),
            month: text(month),
        };
        let mut problems = Problems::new();
        let parsed = raw.parse(&mut problems);
        parsed.ok_or_else(|| problems.into_errors().into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn people_are_asked_for_by_their_address_or_by_role_and_month() {
        let customers = Whom::Role(Some(Role::Customer), "2027-02".to_owned());
        assert_eq!(parse(None, None, Some("2027-02")), Ok(customers));
        let newcomers = Whom::Role(None, "2027-02".to_owned());
        assert_eq!(parse(None, Some("unverified"), Some("2027-02")), Ok(newcomers));
        assert!(matches!(
            parse(Some("ada@example.com"), None, None),
            Ok(Whom::Email(_))
        ));
    }

    #[test]
    fn everything_wrong_with_the_question_is_told_at_once() {
        assert_eq!(parse(None, None, None), Err(vec!["/month".to_owned()]));
        assert_eq!(parse(None, Some("vendor"), None), Err(vec!["/month".to_owned()]));
        for month in ["2027-2", "2027-13", "2027", "2027-02-01", "+02027-02"] {
            assert_eq!(
                parse(None, None, Some(month)),
                Err(vec!["/month".to_owned()]),
                "{month}"
            );
        }
        let all = parse(Some("x"), Some("boss"), Some("y"));
        assert_eq!(
            all,
            Err(["/role", "/month", "/email"].map(str::to_owned).to_vec())
        );
        let both = parse(Some("ada@example.com"), None, Some("2027-02"));
        assert_eq!(both, Err(vec!["/email".to_owned()]));
    }
}
