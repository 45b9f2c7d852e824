//! Lists of bookings, the latest start first.

use domain::booking::{Booking, BookingState, Filter};
use domain::id::UserId;
use domain::membership::Membership;
use store::history::Part;

use crate::{App, Error, FieldError, Result};

/// Bookings that one page reads at most, whether they are wanted or not; the next page goes on behind them.
pub const HISTORY_READ_MAX: usize = 1_000;
/// Bookings that one file holds at most.
pub const EXPORT_MAX: usize = 1_000;
/// Bookings that are read for one file at most, whether they are wanted or not.
pub const EXPORT_READ_MAX: usize = 5_000;

// Each state is a partition of its own; a page that could not read them all would never get on.
const _: () = assert!(HISTORY_READ_MAX > BookingState::ALL.len() && EXPORT_READ_MAX > EXPORT_MAX);

/// Whose bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    Customer(UserId),
    /// Those at the venues that somebody works at.
    Vendor(&'a Membership),
}

/// A page of somebody's bookings, and where the next one begins. A page may have fewer than the limit, even none, and
/// still not be the last.
///
/// # Errors
/// [`Error::NotFound`] for a member who names a venue that they do not work at; [`Error::Unavailable`].
pub async fn history(
    app: &App,
    whose: Whose<'_>,
    filter: &Filter,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Booking>, Option<String>)> {
    let part = Part {
        limit: usize::try_from(limit).unwrap_or_default(),
        read_max: HISTORY_READ_MAX,
        after,
    };
    list(app, whose, filter, part).await
}

/// All of somebody's bookings that are wanted, as one file holds them.
///
/// # Errors
/// [`Error::Invalid`] when there are more than [`EXPORT_MAX`], or more than [`EXPORT_READ_MAX`] to look at: a file that
/// does not hold everything would look as if it did. Otherwise as [`history`].
pub async fn export(app: &App, whose: Whose<'_>, filter: &Filter) -> Result<Vec<Booking>> {
    let part = Part {
        limit: EXPORT_MAX + 1,
        read_max: EXPORT_READ_MAX,
        after: None,
    };
    let (found, next) = list(app, whose, filter, part).await?;
    if found.len() > EXPORT_MAX || next.is_some() {
        let message = format!("ask for a shorter time, with from and to: a file holds {EXPORT_MAX} bookings");
        return Err(Error::Invalid(vec![FieldError::new("/to", message)]));
    }
    Ok(found)
}

/// What a vendor has to answer, and where the next page begins. What has lapsed meanwhile is left out.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn requests(
    app: &App,
    member: &Membership,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Booking>, Option<String>)> {
    let asked = Filter::in_state(BookingState::Requested);
    let (mut found, next) = history(app, Whose::Vendor(member), &asked, limit, after).await?;
    let now = app.now();
    found.retain(|booking| !booking.has_lapsed(now));
    Ok((found, next))
}

async fn list(
    app: &App,
    whose: Whose<'_>,
    filter: &Filter,
    part: Part<'_>,
) -> Result<(Vec<Booking>, Option<String>)> {
    let store = app.store();
    let page = match (whose, filter.venue) {
        (Whose::Customer(customer), _) => store.bookings_of_customer(customer, filter, part).await?,
        (Whose::Vendor(member), None) => {
            let filter = Filter {
                venues: member.reach.named().cloned(),
                ..filter.clone()
            };
            store.bookings_of_vendor(member.vendor, &filter, part).await?
        }
        (Whose::Vendor(member), Some(venue)) => {
            let found = store.venue(venue).await?.ok_or(Error::NotFound)?;
            if !member.works_at(found.vendor, venue) {
                return Err(Error::NotFound);
            }
            let filter = Filter {
                // What others hosted there before them is not theirs.
                vendor: Some(member.vendor),
                ..filter.clone()
            };
            store.bookings_of_venue(venue, &filter, part).await?
        }
    };
    Ok((page.items, page.next))
}
