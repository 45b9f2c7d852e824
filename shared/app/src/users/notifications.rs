//! What one was told.

use store::messages::Note;

use crate::access::Caller;
use crate::{App, Result};

/// Newest first, and where the next page begins.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn notifications(
    app: &App,
    me: &Caller,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Note>, Option<String>)> {
    let page = app.store().notes_of(me.user, limit, after).await?;
    Ok((page.items, page.next))
}
