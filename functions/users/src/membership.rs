//! Whom one works for.

use app::{App, members};
use axum::extract::State;
use domain::id::{InvitationId, VendorId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::members::MembershipView;
use web::{
    Answer, Body, Customer, EvenSuspended, MaybeIdempotent, NoContent, Parse, Problems, Reply, SignedIn,
    no_content, ok,
};

/// The business that one works for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MyMembership")]
pub struct MyMembershipView {
    business_name: String,
    #[serde(flatten)]
    membership: MembershipView,
}

pub async fn show(State(app): State<App>, SignedIn(me): SignedIn) -> Answer<Reply<MyMembershipView>> {
    let (membership, vendor) = members::membership(&app, &me).await?;
    Ok(ok(MyMembershipView {
        business_name: vendor.business_name.to_string(),
        membership: membership.into(),
    }))
}

/// The invitation that was mailed.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TakenInvitation")]
#[serde(deny_unknown_fields)]
pub struct RawTaken {
    vendor_id: String,
    invitation_id: String,
}

pub struct Taken {
    vendor: VendorId,
    invitation: InvitationId,
}

impl Parse for RawTaken {
    type Into = Taken;

    fn parse(self, problems: &mut Problems) -> Option<Taken> {
        let vendor = problems.field("vendor_id", self.vendor_id.parse());
        let invitation = problems.field("invitation_id", self.invitation_id.parse());
        Some(Taken {
            vendor: vendor?,
            invitation: invitation?,
        })
    }
}

pub async fn join(
    State(app): State<App>,
    Customer(me): Customer,
    MaybeIdempotent(once): MaybeIdempotent,
    Body(taken): Body<RawTaken>,
) -> Answer<Reply<MembershipView, 201>> {
    let joined = members::join(&app, &me, once.as_ref(), taken.vendor, taken.invitation).await?;
    Ok(Reply::of(joined, MembershipView::from))
}

pub async fn leave(
    State(app): State<App>,
    EvenSuspended(me): EvenSuspended,
    MaybeIdempotent(once): MaybeIdempotent,
) -> Answer<NoContent> {
    let done = members::leave(&app, &me, once.as_ref()).await?;
    Ok(no_content().replayed(done.replayed))
}
