//! Venues that another business runs from now on, and who ran them before.

use app::App;
use app::venues::{self, TransferOrder};
use axum::extract::State;
use domain::id::{UserId, VendorId, VenueId};
use domain::text::Reason;
use domain::venue::Transfer;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::page::NoParameters;
use web::views::RevisedVenueView;
use web::{Admin, Answer, Body, Listed, MaybeIdempotent, Paged, Parse, PathId, Problems, Reply, needs, ok};

/// To whom a venue goes.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TransferOrder")]
#[serde(deny_unknown_fields)]
pub struct RawTransfer {
    /// An approved business, and not the one that runs the venue.
    vendor_id: String,
    /// Kept with the transfer, for admins alone.
    reason: String,
}

impl Parse for RawTransfer {
    type Into = TransferOrder;

    fn parse(self, problems: &mut Problems) -> Option<TransferOrder> {
        let to = problems.field("vendor_id", self.vendor_id.parse::<VendorId>());
        let reason = problems.field("reason", Reason::parse(&self.reason));
        Some(TransferOrder {
            to: to?,
            reason: reason?,
        })
    }
}

/// That a venue went from one business to another.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Transfer")]
pub struct TransferView {
    #[schemars(with = "String")]
    from_vendor_id: VendorId,
    #[schemars(with = "String")]
    to_vendor_id: VendorId,
    /// The admin who decided it.
    #[schemars(with = "String")]
    by: UserId,
    #[schemars(with = "String")]
    reason: Reason,
    at: Timestamp,
}

impl From<Transfer> for TransferView {
    fn from(transfer: Transfer) -> Self {
        Self {
            from_vendor_id: transfer.from,
            to_vendor_id: transfer.to,
            by: transfer.by,
            reason: transfer.reason,
            at: transfer.at,
        }
    }
}

pub async fn transfer(
    State(app): State<App>,
    Admin(me): Admin<needs::TransferVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    Body(order): Body<RawTransfer>,
) -> Answer<Reply<RevisedVenueView>> {
    let done = venues::transfer(&app, me.user, once.as_ref(), id, &order).await?;
    Ok(ok(RevisedVenueView::of(&app, done.value).await?).replayed(done.replayed))
}

pub async fn list(
    State(app): State<App>,
    _: Admin<needs::SeeAllVenues>,
    PathId(id): PathId<VenueId>,
    Paged { page, .. }: Paged<NoParameters>,
) -> Answer<Reply<Listed<TransferView>>> {
    let (found, next) = venues::transfers(&app, id, page.limit(), page.after()).await?;
    let views = found.into_iter().map(TransferView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}
