//! `payments`: payments, refunds, and which of the provider's events were handled.

use domain::id::{BookingId, PaymentId, RefundId};
use domain::payment::Payment;
use domain::refund::Refund;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// Payments and refunds that one booking has at most.
const PER_BOOKING_MAX: i32 = 100;

#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    at: Timestamp,
}

impl Store {
    pub async fn payment(&self, booking: BookingId, id: PaymentId) -> Result<Option<Payment>> {
        self.get(Table::Payments, &keys::payment(booking, id)).await
    }

    /// The first is the first that was begun.
    pub async fn payments_of(&self, booking: BookingId) -> Result<Vec<Payment>> {
        self.of_booking(booking, "PAYMENT#").await
    }

    pub async fn refund(&self, booking: BookingId, id: RefundId) -> Result<Option<Refund>> {
        self.get(Table::Payments, &keys::refund(booking, id)).await
    }

    pub async fn refunds_of(&self, booking: BookingId) -> Result<Vec<Refund>> {
        self.of_booking(booking, "REFUND#").await
    }

    async fn of_booking<T: serde::de::DeserializeOwned>(
        &self,
        booking: BookingId,
        kind: &str,
    ) -> Result<Vec<T>> {
        let page = self
            .query(Query {
                table: Table::Payments,
                index: None,
                pk: format!("BOOKING#{booking}"),
                range: Some((kind.to_owned(), format!("{kind}~"))),
                newest_first: false,
                limit: PER_BOOKING_MAX,
                after: None,
            })
            .await?;
        Ok(page.items)
    }

    /// Whether the provider's event was handled: its effect is there, too.
    pub async fn provider_event_seen(&self, event_id: &str) -> Result<bool> {
        let seen: Option<Seen> = self.get(Table::Payments, &keys::provider_event(event_id)).await?;
        Ok(seen.is_some())
    }
}

impl Transaction {
    pub fn put_payment(&mut self, payment: &Payment) {
        let mut indexes = vec![keys::payments_by_vendor(
            payment.vendor,
            payment.created_at,
            payment.id,
        )];
        indexes.extend(payment.intent.as_deref().map(keys::payments_by_provider));
        let item = item(&keys::payment(payment.booking, payment.id), payment, &indexes);
        self.put(
            Table::Payments,
            item,
            Guard::PaymentUnchanged,
            Condition::Was(Was::before(payment.version)),
        );
    }

    pub fn put_refund(&mut self, refund: &Refund) {
        let indexes: Vec<_> = refund
            .provider_id
            .as_deref()
            .map(keys::payments_by_provider)
            .into_iter()
            .collect();
        let item = item(&keys::refund(refund.booking, refund.id), refund, &indexes);
        self.put(
            Table::Payments,
            item,
            Guard::RefundUnchanged,
            Condition::Was(Was::before(refund.version)),
        );
    }

    /// Once the effect is there the event is handled, and not before.
    pub fn mark_provider_event(&mut self, event_id: &str, now: Timestamp) {
        let item = item(&keys::provider_event(event_id), &Seen { at: now }, &[]);
        self.put(
            Table::Payments,
            item,
            Guard::ProviderEventUnseen,
            Condition::Was(Was::Absent),
        );
    }
}
