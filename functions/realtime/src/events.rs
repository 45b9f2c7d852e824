//! What was published on a channel.

use app::App;
use app::realtime::{EVENTS_MAX, Events, events_since};
use axum::extract::State;
use domain::channel::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use web::{Answer, Anyone, Parse, Problem, Problems, QueryParams, Reply, ok};

/// Characters of an epoch.
const EPOCH_LENGTH_MAX: usize = 64;

/// Which events.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "EventsQuery")]
#[serde(deny_unknown_fields)]
pub struct RawEvents {
    /// Such as `booking:bkg_…`, `user:usr_…`, `vendor:vnd_…` or `venue:ven_…:availability`.
    channel: String,
    /// The offset of the last event that is known; 0, which is also meant when it is left out, for none.
    since: Option<u64>,
    /// The epoch that `since` is of. When it is another now, nothing follows it.
    epoch: Option<String>,
    /// At most 100, which is also meant when it is left out.
    limit: Option<i32>,
}

pub struct Ask {
    channel: Channel,
    since: u64,
    epoch: Option<String>,
    limit: i32,
}

impl Parse for RawEvents {
    type Into = Ask;

    fn parse(self, problems: &mut Problems) -> Option<Ask> {
        let channel = problems.field("channel", self.channel.parse());
        let limit = self.limit.unwrap_or(EVENTS_MAX);
        if !(1..=EVENTS_MAX).contains(&limit) {
            problems.add("limit", format!("has to be from 1 to {EVENTS_MAX}"));
        }
        if self
            .epoch
            .as_ref()
            .is_some_and(|epoch| epoch.len() > EPOCH_LENGTH_MAX)
        {
            problems.add("epoch", format!("has at most {EPOCH_LENGTH_MAX} characters"));
        }
        Some(Ask {
            channel: channel?,
            since: self.since.unwrap_or(0),
            epoch: self.epoch,
            limit,
        })
    }
}

/// What follows an offset.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChannelEvents")]
pub struct EventsView {
    channel: String,
    /// Oldest first.
    events: Vec<EventView>,
    /// Where the channel is now.
    offset: u64,
    epoch: String,
    /// Whether the events follow `since` without a gap. Otherwise there are none.
    complete: bool,
}

/// One event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChannelEvent")]
pub struct EventView {
    offset: u64,
    /// With `type`, `id`, `at` and `v`, and whatever the type tells.
    data: Value,
}

fn view(channel: &Channel, read: Events) -> Result<EventsView, Problem> {
    let event = |event: store::messages::ChannelEvent| {
        let data = serde_json::from_str(&event.data).map_err(|e| {
            Problem::internal(format!(
                "event {} of {} does not read: {e}",
                event.offset, event.channel
            ))
        })?;
        Ok(EventView {
            offset: event.offset,
            data,
        })
    };
    Ok(EventsView {
        channel: channel.to_string(),
        events: read
            .events
            .into_iter()
            .map(event)
            .collect::<Result<_, Problem>>()?,
        offset: read.offset,
        epoch: read.epoch,
        complete: read.complete,
    })
}

pub async fn list(
    State(app): State<App>,
    Anyone(me): Anyone,
    QueryParams(ask): QueryParams<RawEvents>,
) -> Answer<Reply<EventsView>> {
    let read = events_since(
        &app,
        me.as_ref(),
        &ask.channel,
        ask.since,
        ask.epoch.as_deref(),
        ask.limit,
    )
    .await?;
    Ok(ok(view(&ask.channel, read)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(channel: &str, epoch: usize, limit: i32) -> Vec<String> {
        let raw = RawEvents {
            channel: channel.to_owned(),
            since: None,
            epoch: Some("e".repeat(epoch)),
            limit: Some(limit),
        };
        let mut problems = Problems::new();
        let _parsed = raw.parse(&mut problems);
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_question_has_limits() {
        let channel = "booking:bkg_00000000000000000000000000000001";
        assert_eq!(
            pointers(channel, EPOCH_LENGTH_MAX, EVENTS_MAX),
            Vec::<String>::new()
        );
        assert_eq!(
            pointers("booking:*", EPOCH_LENGTH_MAX + 1, EVENTS_MAX + 1),
            ["/channel", "/limit", "/epoch"]
        );
        assert_eq!(pointers(channel, 0, 0), ["/limit"]);
    }
}
