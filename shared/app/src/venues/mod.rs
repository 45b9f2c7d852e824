//! Venues: setting one up, bringing it to the market, finding it, seeing when it is free and what it
//! costs.

mod alternatives;
mod availability;
mod block;
mod calendar;
mod check;
mod create;
mod decide;
mod details;
mod edit;
mod hours;
mod lifecycle;
mod list;
mod location;
mod managed;
mod overview;
mod photo;
mod plan;
mod price;
mod quote;
mod review;
mod revision;
mod search;
mod seen;
mod similar;
mod slug;
mod spaces;
mod transfer;

pub(crate) use alternatives::alternatives;
pub use availability::{Availability, Look, availability};
pub use block::{block, unblock};
pub use calendar::{
    CALENDAR_DATES_MAX, CALENDAR_DAYS_READ_MAX, CALENDAR_SHOWN_MAX, CalendarPage, Days, SpaceDays, Taken,
    VenueDays, calendar,
};
pub use check::{Checked, check};
pub use create::{NewVenue, create};
pub use decide::{Verdict, decide, decide_revision};
pub use details::{details, details_of, photo_url, sold_spaces};
pub use edit::{VenueEdit, edit};
pub use hours::{clear_special_day, foresee_rules, foresee_special_days, rules, set_rules, set_special_days};
pub use lifecycle::{archive, pause, resume, submit};
pub use list::{mine, revised, waiting};
pub use location::NewLocation;
pub use managed::managed;
pub use overview::{Overview, overview};
pub use photo::{PHOTO_BYTES_MAX, PHOTO_TYPES, PhotoUpload, add_photo, photo_upload};
pub(crate) use plan::withdraw_overdue;
pub use plan::{ANNOUNCED_SECONDS_MAX, FORESEEN_DAYS, Foreseen, RULES_BYTES_MAX, Shift};
pub(crate) use price::plain_total;
pub use price::{Trial, set_rates, try_rates};
pub use quote::{QuoteRequest, quote, show_quote};
pub use review::review;
pub use revision::withdraw_revision;
pub use search::{
    CANDIDATES_AT_ONCE, CANDIDATES_MAX, DAYS_READ_MAX, Found, SLOTS_SHOWN_MAX, Summary, search,
};
pub use seen::{rules_tag, space_tag, venue_tag};
pub use similar::{Wish, similar};
pub use spaces::{SpaceSettings, add_space, set_space, spaces};
pub use store::venues::Sold;
pub use transfer::{TransferOrder, transfer, transfers};

use domain::id::VenueId;
use domain::membership::Membership;
use domain::venue::Venue;

use crate::{App, Error, Result};

/// A venue that a member works at; any other does not exist for them.
async fn own(app: &App, member: &Membership, id: VenueId) -> Result<Venue> {
    let venue = app.store().venue(id).await?.ok_or(Error::NotFound)?;
    if member.works_at(venue.vendor, id) {
        Ok(venue)
    } else {
        Err(Error::NotFound)
    }
}
