//! What each function may do with the tables: what its role in `infra/roles.yaml` does not allow fails here as it
//! would in AWS.
//!
//! Absent: queues, buckets, sockets and mail, of whose rights `make lint` sees to it that they go with the ports
//! that a function asks for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, Input,
};
use aws_smithy_types::config_bag::ConfigBag;
use serde::Deserialize;
use serde_json::Value;

use crate::keys::TABLE_PREFIX;

static ROLES: LazyLock<Result<Value, String>> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("../../roles.yaml")).map_err(|e| format!("infra/roles.yaml: {e}"))
});

/// A function's rights. Between the store and the SDK it lets through what they allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    function: String,
    /// Action and table, or table and `/index`.
    allowed: BTreeSet<(String, String)>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: OneOrMore,
    resource: OneOrMore,
}

impl Role {
    /// The role of the function of this name (`bookings`, `worker-refunds`).
    ///
    /// # Errors
    /// When there is none, or the file cannot be read.
    pub fn of(function: &str) -> Result<Self, String> {
        let roles = ROLES.as_ref().map_err(String::clone)?;
        let pointer = format!("/Resources/{}/Properties/Policies", logical(function));
        let policies = roles.pointer(&pointer).and_then(Value::as_array);
        let policies = policies.ok_or_else(|| format!("infra/roles.yaml has no role for {function}"))?;
        let mut allowed = BTreeSet::new();
        for statement in policies
            .iter()
            .filter_map(|policy| policy.pointer("/PolicyDocument/Statement")?.as_array())
            .flatten()
        {
            let statement =
                Statement::deserialize(statement).map_err(|e| format!("infra/roles.yaml: {e}"))?;
            let actions = statement.action.into_vec();
            for resource in statement.resource.into_vec() {
                let Some(table) = resource.strip_prefix("${Tables}-") else {
                    continue;
                };
                let table = table.trim_end_matches("/*");
                let actions = actions.iter().filter_map(|a| a.strip_prefix("dynamodb:"));
                allowed.extend(actions.map(|action| (action.to_owned(), table.to_owned())));
            }
        }
        Ok(Self {
            function: function.to_owned(),
            allowed,
        })
    }

    fn check(&self, action: &str, table: Option<&str>, index: bool) -> Result<(), BoxError> {
        let name = table.unwrap_or_default();
        let table = name
            .strip_prefix(TABLE_PREFIX)
            .and_then(|name| name.strip_prefix('-'))
            .unwrap_or(name);
        let resource = if index {
            format!("{table}/index")
        } else {
            table.to_owned()
        };
        if self.allowed.contains(&(action.to_owned(), resource.clone())) {
            return Ok(());
        }
        let denied = format!(
            "AccessDenied: by infra/roles.yaml {} may not dynamodb:{action} on {resource}",
            self.function
        );
        tracing::error!("{denied}");
        Err(denied.into())
    }

    fn check_input(&self, input: &Input) -> Result<(), BoxError> {
        if let Some(get) = input.downcast_ref::<GetItemInput>() {
            return self.check("GetItem", get.table_name(), false);
        }
        if let Some(query) = input.downcast_ref::<QueryInput>() {
            return self.check("Query", query.table_name(), query.index_name().is_some());
        }
        if let Some(update) = input.downcast_ref::<UpdateItemInput>() {
            return self.check("UpdateItem", update.table_name(), false);
        }
        if let Some(batch) = input.downcast_ref::<BatchGetItemInput>() {
            let tables = batch.request_items().into_iter().flat_map(|tables| tables.keys());
            return tables
                .into_iter()
                .try_for_each(|table| self.check("BatchGetItem", Some(table), false));
        }
        if let Some(transaction) = input.downcast_ref::<TransactWriteItemsInput>() {
            for item in transaction.transact_items() {
                let writes = [
                    ("PutItem", item.put().map(|it| it.table_name())),
                    ("DeleteItem", item.delete().map(|it| it.table_name())),
                    ("UpdateItem", item.update().map(|it| it.table_name())),
                    (
                        "ConditionCheckItem",
                        item.condition_check().map(|it| it.table_name()),
                    ),
                ];
                for (action, table) in writes {
                    if table.is_some() {
                        self.check(action, table, false)?;
                    }
                }
            }
            return Ok(());
        }
        Err(format!("a call of {} that no role knows", self.function).into())
    }
}

impl Intercept for Role {
    fn name(&self) -> &'static str {
        "Role"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.check_input(context.input())
    }
}

/// The name of the role's resource: `WorkerRefunds` for `worker-refunds`.
fn logical(function: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    function.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(function: &str, action: &str, table: &str, index: bool) -> bool {
        let table = format!("{TABLE_PREFIX}-{table}");
        Role::of(function)
            .unwrap()
            .check(action, Some(&table), index)
            .is_ok()
    }

    #[test]
    fn a_role_allows_what_it_lists_and_nothing_else() {
        assert!(may("bookings", "PutItem", "bookings", false));
        assert!(may("bookings", "Query", "bookings", true));
        assert!(may("bookings", "GetItem", "users", false));
        assert!(!may("bookings", "PutItem", "users", false));
        assert!(!may("bookings", "Query", "calendar", true));
        assert!(!may("platform", "GetItem", "users", false));
        assert!(!may("worker-refunds", "Scan", "bookings", false));
    }

    #[test]
    fn a_function_without_a_role_is_told() {
        assert_eq!(
            Role::of("reviews"),
            Err("infra/roles.yaml has no role for reviews".to_owned())
        );
    }
}
