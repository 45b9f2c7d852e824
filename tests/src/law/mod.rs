//! Laws of the store and the use cases, on the real SDK and a database in this process.

mod announced;
mod answers;
mod bypass;
mod calendar;
mod closing;
mod ending;
mod finding;
mod foreseen;
mod holds;
mod limits;
mod linked;
mod listing;
mod market;
mod once;
mod placing;
mod rate;
mod revising;
mod roundtrip;
mod selling;
mod similar;
mod tabs;
mod transfer;
mod uses;

/// Runs a world in which waiting takes no time.
pub fn under_a_virtual_clock<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}
