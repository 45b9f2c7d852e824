//! Time that a vendor keeps for themselves.

use domain::Refusal;
use domain::availability::{BLOCKS_MAX, Block, BlockTime};
use domain::id::{BlockId, SpaceId, VenueId};
use domain::membership::Membership;
use domain::text::Label;

use super::plan::change_plan;
use crate::once::{Once, Outcome};
use crate::{App, Error, Result};

/// Blocks a space, and with it every space that has anything in common with it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BookingsInTheWay`]; [`Refusal::LimitReached`] at [`BLOCKS_MAX`];
/// [`Refusal::Past`].
pub async fn block(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    time: BlockTime,
    reason: Option<Label>,
) -> Result<Outcome<Block>> {
    let block_id = BlockId::from_uuid(app.ids().uuid());
    change_plan(app, member, once, id, |venue, plan, now| {
        let space = space.unwrap_or(venue.main_space);
        let planned = plan.get_mut(space).ok_or(Error::NotFound)?;
        let rules = &mut planned.rules;
        if time.is_over(&rules.zone, now) {
            return Err(Refusal::Past.into());
        }
        if rules.blocks.len() >= BLOCKS_MAX {
            return Err(Refusal::LimitReached { limit: BLOCKS_MAX }.into());
        }
        let block = Block {
            id: block_id,
            space,
            time: time.clone(),
            reason: reason.clone(),
        };
        rules.blocks.push(block.clone());
        Ok(block)
    })
    .await
}

/// Takes a block away, wherever it holds.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn unblock(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    block: BlockId,
) -> Result<Outcome<()>> {
    change_plan(app, member, once, id, |_, plan, _| {
        if plan.unblock(block) {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    })
    .await
}
