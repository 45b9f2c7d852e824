//! One's own bookings.

use app::{App, bookings};
use axum::extract::State;
use web::page::NoParameters;
use web::views::BookingView;
use web::{Answer, Listed, Paged, Reply, SignedIn, ok};

pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Paged { page, .. }: Paged<NoParameters>,
) -> Answer<Reply<Listed<BookingView>>> {
    let (found, next) = bookings::history(&app, &me, page.limit(), page.after()).await?;
    let views = found.into_iter().map(BookingView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}
