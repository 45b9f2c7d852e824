//! Who works for the business.

use app::App;
use app::members::{self, Colleague, Invite, Member};
use axum::extract::State;
use domain::id::{InvitationId, UserId};
use domain::invitation::Invitation;
use domain::text::Email;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::members::{PersonView, RawRole, RawWork, WorkView, reach};
use web::{
    Answer, Body, MaybeIdempotent, MaybeIfMatch, NoContent, Parse, PathId, Problems, Reply, Vendor, needs,
    no_content, ok,
};

/// Somebody who works for the business.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub struct MemberView {
    #[serde(flatten)]
    person: PersonView,
    #[serde(flatten)]
    work: WorkView,
    since: Timestamp,
    /// For `If-Match`, as `"v1"`.
    version: u64,
}

impl From<Colleague> for MemberView {
    fn from(Colleague { member, user }: Colleague) -> Self {
        Self {
            person: PersonView {
                user_id: user.id,
                name: user.name.to_string(),
                email: user.email.to_string(),
            },
            work: WorkView::of(member.role, member.reach),
            since: member.since,
            version: member.version,
        }
    }
}

/// Somebody who may come to work for the business.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
pub struct InvitationView {
    #[schemars(with = "String")]
    invitation_id: InvitationId,
    email: String,
    #[serde(flatten)]
    work: WorkView,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            invitation_id: invitation.id,
            email: invitation.email.to_string(),
            work: WorkView::of(invitation.role, invitation.reach),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// Who works for a business, and who is invited to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Staff")]
pub struct StaffView {
    /// At most 100, invitations counted.
    members: Vec<MemberView>,
    invitations: Vec<InvitationView>,
}

pub async fn list(State(app): State<App>, Vendor(me): Vendor<needs::SeeMembers>) -> Answer<Reply<StaffView>> {
    let staff = members::staff(&app, &me.member).await?;
    Ok(ok(StaffView {
        members: staff.members.into_iter().map(MemberView::from).collect(),
        invitations: staff.invitations.into_iter().map(InvitationView::from).collect(),
    }))
}

/// Whom to invite, to do what.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewInvitation")]
#[serde(deny_unknown_fields)]
pub struct RawInvitation {
    /// Whoever takes the invitation has to have proved that this address is theirs.
    email: String,
    role: RawRole,
    /// The venues that they are to work at, 1 to 50; left out is all of them, and the business itself.
    venue_ids: Option<Vec<String>>,
}

impl Parse for RawInvitation {
    type Into = Invite;

    fn parse(self, problems: &mut Problems) -> Option<Invite> {
        let email = problems.field("email", Email::parse(&self.email));
        let reach = reach(problems, self.venue_ids);
        Some(Invite {
            email: email?,
            role: self.role.into(),
            reach: reach?,
        })
    }
}

pub async fn invite(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageMembers>,
    MaybeIdempotent(once): MaybeIdempotent,
    Body(ask): Body<RawInvitation>,
) -> Answer<Reply<InvitationView, 201>> {
    let invitation = members::invite(&app, me.caller.user, &me.member, once.as_ref(), &ask).await?;
    Ok(Reply::of(invitation, InvitationView::from))
}

pub async fn withdraw(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageMembers>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<InvitationId>,
) -> Answer<NoContent> {
    let done = members::withdraw_invitation(&app, &me.member, once.as_ref(), id).await?;
    Ok(no_content().replayed(done.replayed))
}

/// What somebody does now, and where.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MemberWork")]
pub struct MemberWorkView {
    #[schemars(with = "String")]
    user_id: UserId,
    #[serde(flatten)]
    work: WorkView,
}

impl From<Member> for MemberWorkView {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user,
            work: WorkView::of(member.role, member.reach),
        }
    }
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageMembers>,
    MaybeIdempotent(once): MaybeIdempotent,
    MaybeIfMatch(expected): MaybeIfMatch,
    PathId(user): PathId<UserId>,
    Body(work): Body<RawWork>,
) -> Answer<Reply<MemberWorkView>> {
    let member = members::set_member(&app, &me.member, once.as_ref(), user, &work, expected).await?;
    let version = member.value.version;
    Ok(Reply::of(member, MemberWorkView::from).version(version))
}

pub async fn remove(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageMembers>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(user): PathId<UserId>,
) -> Answer<NoContent> {
    let done = members::remove(&app, &me.member, once.as_ref(), user).await?;
    Ok(no_content().replayed(done.replayed))
}
