//! The quotas of Amazon SQS that the stand-in enforces. Where no other source is named, a figure is from
//! the Amazon SQS Developer Guide, "Amazon SQS message quotas" and "Amazon SQS standard queue quotas".

use std::ops::RangeInclusive;

/// Body and attributes of one message, and of one batch, in bytes: 1 MiB since August 2025 (256 KiB
/// before). Source: Developer Guide, "Amazon SQS batch actions": "cannot exceed 1,048,576 bytes (1 MiB)".
pub const MESSAGE_BYTES_MAX: usize = 1_048_576;
/// What `MaximumMessageSize` of a queue may be, in bytes.
pub const MAXIMUM_MESSAGE_SIZE_BYTES: RangeInclusive<i64> = 1_024..=1_048_576;
/// What `DelaySeconds` of a queue or a message may be.
pub const DELAY_SECONDS: RangeInclusive<i64> = 0..=900;
/// What `MessageRetentionPeriod` may be: one minute to 14 days.
pub const RETENTION_SECONDS: RangeInclusive<i64> = 60..=1_209_600;
/// What `WaitTimeSeconds` may be.
pub const WAIT_SECONDS: RangeInclusive<i64> = 0..=20;
/// What a visibility timeout may be: up to 12 hours.
pub const VISIBILITY_SECONDS: RangeInclusive<i64> = 0..=43_200;
/// What `maxReceiveCount` of a redrive policy may be.
pub const MAX_RECEIVE_COUNT: RangeInclusive<i64> = 1..=1_000;

/// `VisibilityTimeout` when a queue is created without one.
pub const VISIBILITY_SECONDS_DEFAULT: i64 = 30;
/// `MessageRetentionPeriod` when a queue is created without one: four days.
pub const RETENTION_SECONDS_DEFAULT: i64 = 345_600;

/// Entries of one batch request.
pub const BATCH_ENTRIES_MAX: usize = 10;
/// Length of the `Id` of a batch entry.
pub const BATCH_ID_CHARS_MAX: usize = 80;
/// Messages one receive may ask for.
pub const RECEIVE_MESSAGES: RangeInclusive<i64> = 1..=10;
/// Message attributes of one message.
pub const MESSAGE_ATTRIBUTES_MAX: usize = 10;
/// Length of the name of a message attribute.
pub const ATTRIBUTE_NAME_CHARS_MAX: usize = 256;
/// Length of the name of a queue.
pub const QUEUE_NAME_CHARS_MAX: usize = 80;
/// Messages of one queue that are received and neither deleted nor visible again.
pub const IN_FLIGHT_MAX: i64 = 120_000;
/// Queues in one answer of `ListQueues`.
pub const LISTED_QUEUES: RangeInclusive<i64> = 1..=1_000;
/// Tasks in one answer of `ListMessageMoveTasks`. Source: its API reference.
pub const LISTED_MOVE_TASKS: RangeInclusive<i64> = 1..=10;

/// How long a queue's name rests after `DeleteQueue`. Source: API reference of `CreateQueue`.
pub const DELETED_NAME_REST_SECONDS: i64 = 60;
/// How long one purge of a queue keeps off the next. Source: API reference of `PurgeQueue`.
pub const PURGE_REST_SECONDS: i64 = 60;

/// The largest request body that is read at all, in bytes: a full batch whose every byte JSON writes as a
/// six byte escape, and room for the names around it. The stand-in's own figure.
pub const REQUEST_BYTES_MAX: usize = 7 * MESSAGE_BYTES_MAX;
