//! Through the whole system over real HTTP: the journey itself, and what a person runs into.

mod bad_input;
mod late_payment;
mod queues;
mod sdk;
mod slow_refund;
mod whole;

use std::sync::Arc;

use local::journey::{Ask, Client, Silent};
use local::{Options, System};
use serde_json::Value;
use tempfile::TempDir;

/// A system of its own for a test, in a folder of its own.
pub(crate) struct Running {
    pub system: System,
    pub client: Client,
    _data: TempDir,
}

pub(crate) async fn running() -> Running {
    // One address asks for many people, and as often as it takes.
    let options = Options {
        limits: false,
        ..Options::default()
    };
    running_with(options).await
}

pub(crate) async fn running_with(options: Options) -> Running {
    let data = tempfile::tempdir().unwrap();
    let options = Options {
        port: 0,
        data: data.path().join("data"),
        ..options
    };
    let system = System::start(&options).await.unwrap();
    let client = Client::new(system.api_url.clone(), Arc::new(Silent));
    Running {
        system,
        client,
        _data: data,
    }
}

/// The field of an answer that has to be there.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} is missing in {value}"))
}

/// Attempts at a condition that something in the background brings about. Each asks the system, so that
/// time passes; it is a bound on work and not on the clock.
const LOOKS_MAX: usize = 20_000;

/// Looks until a booking is in this state of payment.
pub(crate) async fn until_payment_state(client: &Client, token: &str, booking: &str, state: &str) -> Value {
    let path = format!("/api/v1/bookings/status/{booking}");
    let mut last = Value::Null;
    for _ in 0..LOOKS_MAX {
        last = client
            .expect(200, Ask::get(&path).as_person(token))
            .await
            .unwrap();
        if text(&last, "/payment_state") == state {
            return last;
        }
    }
    panic!("{booking} never became {state}: {last}");
}
