//! One's own bookings.

use app::bookings::Whose;
use app::{App, bookings};
use axum::extract::State;
use web::views::{BookingView, RawHistory};
use web::{Answer, BookingsReply, Paged, SignedIn};

pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Paged { ask, page }: Paged<RawHistory>,
) -> Answer<BookingsReply> {
    let mine = Whose::Customer(me.user);
    if let Some(format) = ask.file {
        let found = bookings::export(&app, mine, &ask.filter).await?;
        return Ok(BookingsReply::File(format.file(&found)?));
    }
    let (found, next) = bookings::history(&app, mine, &ask.filter, page.limit(), page.after()).await?;
    let views = found.into_iter().map(BookingView::from).collect();
    Ok(BookingsReply::Page(page.of(&app, views, next.as_deref())?))
}
