//! The operations that the stand-in knows, named as `X-Amz-Target` names them.

use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};

use crate::error::SqsError;

/// One operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each is named and described by the API reference of Amazon SQS"
)]
pub enum Operation {
    ChangeMessageVisibility,
    ChangeMessageVisibilityBatch,
    CreateQueue,
    DeleteMessage,
    DeleteMessageBatch,
    DeleteQueue,
    GetQueueAttributes,
    GetQueueUrl,
    ListDeadLetterSourceQueues,
    ListMessageMoveTasks,
    ListQueues,
    PurgeQueue,
    ReceiveMessage,
    SendMessage,
    SendMessageBatch,
    SetQueueAttributes,
    StartMessageMoveTask,
}

/// Operations of Amazon SQS that the stand-in leaves out.
const LEFT_OUT: [&str; 6] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "ListQueueTags",
    "RemovePermission",
    "TagQueue",
    "UntagQueue",
];

impl Operation {
    /// Reads the value of `X-Amz-Target`.
    pub(crate) fn from_target(target: Option<&str>) -> Result<Self, SqsError> {
        let name = target
            .and_then(|target| target.strip_prefix("AmazonSQS."))
            .unwrap_or_default();
        let named: StrDeserializer<'_, Error> = name.into_deserializer();
        Self::deserialize(named).map_err(|_| {
            if LEFT_OUT.contains(&name) {
                SqsError::UnsupportedOperation(format!("The local queue service does not implement {name}."))
            } else {
                SqsError::UnknownOperation(target.unwrap_or("without X-Amz-Target").to_owned())
            }
        })
    }
}
