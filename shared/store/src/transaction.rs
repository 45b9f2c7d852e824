//! The one way to write: all of it or nothing, under named conditions.
//!
//! Every commit carries a `ClientRequestToken` of its own, so that the SDK's retry of a write whose reply
//! was lost is answered as the success it was (DynamoDB remembers a token for ten minutes). It is not
//! made of the content: the same may rightly be written again within that time (listen, stop listening,
//! listen), and would be taken for a retry.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use jiff::Timestamp;

use crate::item::{Item, fault, key_item};
use crate::keys::{Key, Table};
use crate::{Fault, Result, Store};

/// Actions of one transaction (DynamoDB's own limit).
pub const ACTIONS_MAX: usize = 100;

/// A condition by its name, told when it did not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Nothing was done under this idempotency key yet.
    OnceFree,
    /// The provider's event was not handled yet.
    ProviderEventUnseen,
    /// The event has no offset in the channel yet.
    ChannelEventUnseen,
    EmailFree,
    UserUnchanged,
    CredentialUnchanged,
    SessionUnchanged,
    /// The session has not ended.
    SessionLive,
    /// The token that was mailed was not used yet.
    MailedTokenOpen,
    TriesUnchanged,
    VendorUnchanged,
    MemberUnchanged,
    /// The invitation was neither taken nor withdrawn.
    InvitationOpen,
    VenueUnchanged,
    RevisionUnchanged,
    /// No venue has or had the slug. Another may be free.
    SlugFree,
    /// Nothing else was announced for the venue.
    AnnouncementUnchanged,
    /// The space is live and its rules are those that were decided on.
    RulesUnchanged,
    RatesUnchanged,
    DayUnchanged,
    BookingUnchanged,
    /// No booking has the code. A new one gets another.
    CodeFree,
    HoldsUnchanged,
    /// A promo code has a use left.
    PromoLeft,
    /// It has one left for this customer.
    PromoLeftForCustomer,
    /// The customer has no booking with the vendor.
    FirstBooking,
    PromoUnchanged,
    PresetUnchanged,
    EventAbsent,
    /// There is an event to mark.
    EventPresent,
    PaymentUnchanged,
    RefundUnchanged,
    ChannelHeadUnchanged,
    NoteUnchanged,
    ConnectionUnchanged,
}

impl Guard {
    /// Whether somebody else was merely faster, so that deciding again may succeed. Otherwise what was
    /// guarded has happened already.
    #[must_use]
    pub const fn is_race(self) -> bool {
        match self {
            Self::UserUnchanged
            | Self::CredentialUnchanged
            | Self::SessionUnchanged
            | Self::TriesUnchanged
            | Self::VendorUnchanged
            | Self::MemberUnchanged
            | Self::InvitationOpen
            | Self::VenueUnchanged
            | Self::RevisionUnchanged
            | Self::SlugFree
            | Self::RulesUnchanged
            | Self::RatesUnchanged
            | Self::DayUnchanged
            | Self::BookingUnchanged
            | Self::CodeFree
            | Self::HoldsUnchanged
            | Self::PromoUnchanged
            | Self::PresetUnchanged
            | Self::EventAbsent
            | Self::PaymentUnchanged
            | Self::RefundUnchanged
            | Self::ChannelHeadUnchanged
            | Self::NoteUnchanged
            | Self::ConnectionUnchanged => true,
            Self::OnceFree
            | Self::ProviderEventUnseen
            | Self::ChannelEventUnseen
            | Self::EmailFree
            | Self::SessionLive
            | Self::MailedTokenOpen
            | Self::PromoLeft
            | Self::PromoLeftForCustomer
            | Self::FirstBooking
            | Self::EventPresent
            | Self::AnnouncementUnchanged => false,
        }
    }
}

/// What an item was when the decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    Absent,
    /// It had this `version`.
    Version(u64),
}

impl Was {
    /// The version that precedes this one: none for the first.
    #[must_use]
    pub const fn before(version: u64) -> Self {
        match version {
            0 | 1 => Self::Absent,
            _ => Self::Version(version - 1),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Was(Was),
    /// Not there, or its time (attribute `expires`, milliseconds) has come.
    AbsentOrExpired(Timestamp),
    /// As before, or worked on under a lease (attribute `lease`) that has run out.
    AbsentOrExpiredOrLeaseOver(Timestamp),
    /// There, and its time has not come.
    Open(Timestamp),
    /// An attribute has this value.
    Equals(Vec<(&'static str, AttributeValue)>),
    /// An attribute is missing, or less than this.
    Below(&'static str, u32),
    Always,
}

#[derive(Debug, Clone)]
enum Action {
    Put(Item),
    Delete(Key),
    Check(Key),
    /// Takes attributes away.
    Remove(Key, &'static [&'static str]),
    /// Makes an attribute more, or less; what is not there counts as nothing.
    Add(Key, &'static str, i64),
}

#[derive(Debug, Clone)]
struct Write {
    table: Table,
    action: Action,
    guard: Option<Guard>,
    condition: Condition,
}

/// What is to be written. Built by the methods that stand with each table.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    writes: Vec<Write>,
}

impl Transaction {
    #[must_use]
    pub const fn new() -> Self {
        Self { writes: Vec::new() }
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Adds everything another one would write.
    pub fn extend(&mut self, other: Self) {
        self.writes.extend(other.writes);
    }

    pub(crate) fn put(&mut self, table: Table, item: Item, guard: Guard, condition: Condition) {
        self.writes.push(Write {
            table,
            action: Action::Put(item),
            guard: Some(guard),
            condition,
        });
    }

    pub(crate) fn put_always(&mut self, table: Table, item: Item) {
        self.writes.push(Write {
            table,
            action: Action::Put(item),
            guard: None,
            condition: Condition::Always,
        });
    }

    pub(crate) fn delete(&mut self, table: Table, key: Key) {
        self.writes.push(Write {
            table,
            action: Action::Delete(key),
            guard: None,
            condition: Condition::Always,
        });
    }

    pub(crate) fn delete_guarded(&mut self, table: Table, key: Key, guard: Guard, condition: Condition) {
        self.writes.push(Write {
            table,
            action: Action::Delete(key),
            guard: Some(guard),
            condition,
        });
    }

    pub(crate) fn check(&mut self, table: Table, key: Key, guard: Guard, condition: Condition) {
        self.writes.push(Write {
            table,
            action: Action::Check(key),
            guard: Some(guard),
            condition,
        });
    }

    /// Changes a number without reading it first, so that nobody who does the same is in the way.
    pub(crate) fn add(
        &mut self,
        table: Table,
        key: Key,
        (attribute, more): (&'static str, i64),
        guard: Option<Guard>,
        condition: Condition,
    ) {
        self.writes.push(Write {
            table,
            action: Action::Add(key, attribute, more),
            guard,
            condition,
        });
    }

    pub(crate) fn remove(
        &mut self,
        table: Table,
        key: Key,
        attributes: &'static [&'static str],
        guard: Guard,
    ) {
        let exists = Condition::Equals(vec![("sk", AttributeValue::S(key.sk.clone()))]);
        self.writes.push(Write {
            table,
            action: Action::Remove(key, attributes),
            guard: Some(guard),
            condition: exists,
        });
    }
}

/// 32 characters of the 36 that DynamoDB allows.
fn token() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// A condition as DynamoDB reads it. Values never stand in the expression itself.
struct Expression {
    text: Option<String>,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

fn expression(condition: &Condition) -> Expression {
    let number = |n: i64| AttributeValue::N(n.to_string());
    let (text, names, values) = match condition {
        Condition::Always => (None, vec![], vec![]),
        Condition::Was(Was::Absent) => (Some("attribute_not_exists(pk)".to_owned()), vec![], vec![]),
        Condition::Was(Was::Version(version)) => (
            Some("#version = :version".to_owned()),
            vec![("#version".to_owned(), "version".to_owned())],
            vec![(":version".to_owned(), AttributeValue::N(version.to_string()))],
        ),
        Condition::AbsentOrExpired(now) => (
            Some("attribute_not_exists(pk) OR expires <= :now".to_owned()),
            vec![],
            vec![(":now".to_owned(), number(now.as_millisecond()))],
        ),
        Condition::AbsentOrExpiredOrLeaseOver(now) => (
            Some("attribute_not_exists(pk) OR expires <= :now OR lease <= :now".to_owned()),
            vec![],
            vec![(":now".to_owned(), number(now.as_millisecond()))],
        ),
        Condition::Open(now) => (
            Some("expires > :now".to_owned()),
            vec![],
            vec![(":now".to_owned(), number(now.as_millisecond()))],
        ),
        Condition::Below(name, max) => (
            Some("attribute_not_exists(#counted) OR #counted < :max".to_owned()),
            vec![("#counted".to_owned(), (*name).to_owned())],
            vec![(":max".to_owned(), number(i64::from(*max)))],
        ),
        Condition::Equals(pairs) => {
            let text = (0..pairs.len())
                .map(|i| format!("#n{i} = :v{i}"))
                .collect::<Vec<_>>()
                .join(" AND ");
            let names = pairs
                .iter()
                .enumerate()
                .map(|(i, (name, _))| (format!("#n{i}"), (*name).to_owned()))
                .collect();
            let values = pairs
                .iter()
                .enumerate()
                .map(|(i, (_, value))| (format!(":v{i}"), value.clone()))
                .collect();
            (Some(text), names, values)
        }
    };
    Expression { text, names, values }
}

fn update(action: &Action) -> String {
    match action {
        Action::Remove(_, attributes) => format!("REMOVE {}", attributes.join(", ")),
        Action::Add(..) => "ADD #added :more".to_owned(),
        Action::Put(_) | Action::Delete(_) | Action::Check(_) => String::new(),
    }
}

fn build(
    store: &Store,
    write: &Write,
) -> std::result::Result<TransactWriteItem, aws_sdk_dynamodb::error::BuildError> {
    let table = store.name(write.table);
    let Expression {
        text,
        mut names,
        mut values,
    } = expression(&write.condition);
    if let Action::Add(_, name, more) = &write.action {
        names.push(("#added".to_owned(), (*name).to_owned()));
        values.push((":more".to_owned(), AttributeValue::N(more.to_string())));
    }
    let names = (!names.is_empty()).then(|| names.into_iter().collect());
    let values = (!values.is_empty()).then(|| values.into_iter().collect());
    let action = TransactWriteItem::builder();
    let action = match &write.action {
        Action::Put(item) => action.put(
            Put::builder()
                .table_name(table)
                .set_item(Some(item.clone()))
                .set_condition_expression(text)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()?,
        ),
        Action::Delete(key) => action.delete(
            Delete::builder()
                .table_name(table)
                .set_key(Some(key_item(key)))
                .set_condition_expression(text)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()?,
        ),
        Action::Check(key) => action.condition_check(
            ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(key_item(key)))
                .set_condition_expression(text)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()?,
        ),
        Action::Remove(key, _) | Action::Add(key, _, _) => action.update(
            Update::builder()
                .table_name(table)
                .set_key(Some(key_item(key)))
                .update_expression(update(&write.action))
                .set_condition_expression(text)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()?,
        ),
    };
    Ok(action.build())
}

impl Store {
    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// [`Fault::Guard`] names the first condition that did not hold, [`Guard::OnceFree`] before any
    /// other; [`Fault::Conflict`] when another transaction was at the same items;
    /// [`Fault::Unavailable`] when nobody knows whether it was written.
    pub async fn commit(&self, transaction: Transaction) -> Result<()> {
        if transaction.writes.len() > ACTIONS_MAX {
            return Err(Fault::Corrupt(format!(
                "{} actions in one transaction",
                transaction.writes.len()
            )));
        }
        let items = transaction
            .writes
            .iter()
            .map(|write| build(self, write))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|e| Fault::Corrupt(e.to_string()))?;
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(refused(&transaction, &error)),
        }
    }
}

fn refused<R>(transaction: &Transaction, error: &SdkError<TransactWriteItemsError, R>) -> Fault {
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
        let codes: Vec<&str> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|r| r.code().unwrap_or("None"))
            .collect();
        let mut failed: Vec<Guard> = transaction
            .writes
            .iter()
            .zip(&codes)
            .filter(|(_, code)| **code == "ConditionalCheckFailed")
            .filter_map(|(write, _)| write.guard)
            .collect();
        // What was done before under the same key explains every other guard that failed.
        failed.sort_by_key(|guard| (*guard != Guard::OnceFree, guard.is_race()));
        if let Some(guard) = failed.first() {
            return Fault::Guard(*guard);
        }
        if codes.contains(&"TransactionConflict") {
            return Fault::Conflict;
        }
        if codes
            .iter()
            .any(|c| matches!(*c, "ThrottlingError" | "ProvisionedThroughputExceeded"))
        {
            return Fault::Throttled;
        }
        return Fault::Corrupt(format!("transaction cancelled: {}", codes.join(", ")));
    }
    match error.code() {
        Some("TransactionConflictException" | "TransactionInProgressException") => Fault::Conflict,
        _ => fault(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commit_has_a_token_of_its_own_within_dynamodbs_limit() {
        const TOKEN_LENGTH_MAX: usize = 36;
        let tokens: std::collections::BTreeSet<String> = (0..1_000).map(|_| token()).collect();
        assert_eq!(tokens.len(), 1_000);
        assert!(tokens.iter().all(|t| t.len() <= TOKEN_LENGTH_MAX));
    }

    #[test]
    fn the_first_version_has_nothing_before_it() {
        assert_eq!(Was::before(1), Was::Absent);
        assert_eq!(Was::before(2), Was::Version(1));
    }
}
