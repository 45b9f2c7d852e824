//! `StartMessageMoveTask` and `ListMessageMoveTasks`.

use serde::{Deserialize, Serialize};

use super::{bounded, required};
use crate::Inner;
use crate::error::SqsError;
use crate::limits::LISTED_MOVE_TASKS;
use crate::store::MoveTask;

/// `MaxNumberOfMessagesPerSecond` is not read: a task moves everything at once.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Start {
    source_arn: Option<String>,
    destination_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTasks {
    source_arn: Option<String>,
    max_results: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Started {
    task_handle: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tasks {
    results: Vec<Task>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Task {
    status: &'static str,
    source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    approximate_number_of_messages_moved: i64,
    approximate_number_of_messages_to_move: i64,
    started_timestamp: i64,
}

pub(super) fn start(inner: &Inner, request: &Start) -> Result<Started, SqsError> {
    let source_arn = required(request.source_arn.as_deref(), "SourceArn")?;
    let moved = inner.store.move_dead_letters(
        source_arn,
        request.destination_arn.as_deref(),
        inner.clock.now_ms(),
    )?;
    for queue in &moved.into {
        inner.arrivals.announce(queue);
    }
    Ok(Started {
        task_handle: format!("{source_arn}/{}", moved.task),
    })
}

pub(super) fn tasks(inner: &Inner, request: &ListTasks) -> Result<Tasks, SqsError> {
    let source_arn = required(request.source_arn.as_deref(), "SourceArn")?;
    let limit =
        bounded(request.max_results, &LISTED_MOVE_TASKS, "MaxResults")?.unwrap_or(*LISTED_MOVE_TASKS.start());
    let tasks = inner.store.move_tasks(source_arn, limit)?;
    Ok(Tasks {
        results: tasks.into_iter().map(Task::from).collect(),
    })
}

impl From<MoveTask> for Task {
    fn from(task: MoveTask) -> Self {
        Self {
            status: "COMPLETED",
            source_arn: task.source_arn,
            destination_arn: task.destination_arn,
            approximate_number_of_messages_moved: task.moved,
            approximate_number_of_messages_to_move: task.to_move,
            started_timestamp: task.started_ms,
        }
    }
}
