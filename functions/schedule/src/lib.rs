//! Does what is due, once a minute: lets holds lapse, completes bookings, publishes events that nobody
//! has published, takes back changes that nobody decided.

use app::{App, Error, timers};
use aws_lambda_events::eventbridge::EventBridgeEvent;
use cloud::emf;

/// What the metric of things that were due is called.
pub const METRIC: &str = "timer";

/// Which tick it is does not matter: what is due follows from the clock.
///
/// # Errors
/// When something that was due could not be moved, so that the function's alarm hears of it. Everything
/// else was done, and the next tick tries the rest again.
pub async fn handle(app: &App, _tick: EventBridgeEvent) -> app::Result<()> {
    let summary = timers::run(app).await?;
    for (outcome, things) in [
        ("expired", summary.expired),
        ("settled", summary.settled),
        ("abandoned", summary.abandoned),
        ("completed", summary.completed),
        ("closed", summary.closed),
        ("published", summary.published),
        ("withdrawn", summary.withdrawn),
        ("untouched", summary.untouched),
        ("left", summary.left),
        ("failed", summary.failed),
    ] {
        emf::count(METRIC, outcome, things);
    }
    if summary.failed > 0 {
        return Err(Error::Unavailable(format!(
            "{} things that are due could not be moved",
            summary.failed
        )));
    }
    tracing::debug!(?summary, "what was due is done");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_reads_as_a_scheduled_event() {
        let event = include_str!("../../../events/schedule.json");
        let tick: EventBridgeEvent = serde_json::from_str(event).unwrap();
        assert_eq!(
            (tick.source.as_str(), tick.detail_type.as_str()),
            ("aws.events", "Scheduled Event")
        );
    }
}
