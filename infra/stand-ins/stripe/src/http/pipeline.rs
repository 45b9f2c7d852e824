//! One request of `/v1`, from its bytes to its answer:
//!
//! key → route → parameters → faults at the door → idempotency → the operation and everything it changes, in one
//! transaction → faults after the effect.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, Response, header};

use super::idempotency::{InFlightGuard, Keyed};
use super::reply::{Answer, Reply, dropped_connection};
use super::{auth, expand};
use crate::api::{self, Route};
use crate::api_error::ApiError;
use crate::faults::{Call, Fault, FaultKind, Stage, When};
use crate::form;
use crate::ids;
use crate::params::Params;
use crate::work::{Origin, Work};
use crate::{Shared, timers};

/// The largest request body.
pub const BODY_BYTES_MAX: usize = 256 * 1_024;

/// A request that was understood.
struct Understood<'path> {
    route: Route<'path>,
    params: Params,
    expand: Vec<String>,
    keyed: Option<Keyed>,
    origin: Origin,
}

enum Door<'shared> {
    /// Answered before; the operation is not run again.
    Replay(Answer),
    Open(Option<InFlightGuard<'shared>>),
}

/// Answers a request under `/v1/`.
pub(crate) async fn answer(shared: &Shared, request: Request<Body>) -> Response<Body> {
    let request_id = ids::new("req", shared.now_ms());
    let (parts, body) = request.into_parts();
    let version = text(&parts.headers, "stripe-version")
        .unwrap_or(&shared.config.api_version)
        .to_owned();
    let echo = text(&parts.headers, "idempotency-key").map(str::to_owned);
    let outcome = match axum::body::to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => run(shared, &parts, body, &request_id).await,
        Err(_) => Err(ApiError::too_large()),
    };
    let answer = match outcome {
        Ok(Some(answer)) => answer,
        Ok(None) => return dropped_connection(),
        Err(error) => Answer::new(error.status, error.body().to_string()),
    };
    let mut answer = answer
        .header("request-id", request_id)
        .header("stripe-version", version);
    if let Some(key) = echo {
        answer = answer.header("idempotency-key", key);
    }
    answer.into_response()
}

/// `None` when the connection is to be dropped.
async fn run(
    shared: &Shared,
    parts: &Parts,
    body: Bytes,
    request_id: &str,
) -> Result<Option<Answer>, ApiError> {
    auth::check(&parts.headers, &shared.config.secret_key)?;
    let understood = understand(parts, &body, request_id)?;
    let call = Call {
        operation: understood.route.name,
        path: parts.uri.path(),
        key: understood.keyed.as_ref().map(|keyed| keyed.key.as_str()),
    };
    let fault = shared.core().faults.take(Stage::Transport, &call);
    match &fault {
        Some(Fault {
            kind: FaultKind::RateLimited,
            ..
        }) => return Err(ApiError::rate_limited()),
        Some(Fault {
            kind: FaultKind::Drop,
            when: When::Before,
            ..
        }) => return Ok(None),
        Some(_) | None => {}
    }
    timers::run_due(shared)?;

    let guard = match enter(shared, understood.keyed.as_ref())? {
        Door::Replay(answer) => return after(fault, answer).await,
        Door::Open(guard) => guard,
    };
    if let Some(fault) = fault.as_ref().filter(|fault| fault.when == When::Before) {
        fault.pause().await;
    }
    let server_error = shared.core().faults.take(Stage::Execution, &call);
    let answer = execute(shared, understood, server_error, request_id);
    drop(guard);
    after(fault, answer?).await
}

fn understand<'path>(
    parts: &'path Parts,
    body: &[u8],
    request_id: &str,
) -> Result<Understood<'path>, ApiError> {
    let path = parts.uri.path();
    let route = path
        .strip_prefix("/v1/")
        .and_then(|path| api::route(parts.method.as_str(), path))
        .ok_or_else(|| ApiError::unknown_url(parts.method.as_str(), path))?;
    // A GET or DELETE has its parameters in the query, a POST in the body; some libraries use both.
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let encoded = if body.is_empty() {
        query.to_vec()
    } else {
        [query, b"&", body].concat()
    };
    let tree = form::parse(&encoded).map_err(|error| ApiError::invalid(error.to_string()))?;
    let key = text(&parts.headers, "idempotency-key").filter(|_| parts.method == Method::POST);
    let keyed = match key {
        None => None,
        Some(key) => Some(Keyed::new(key, path, &form::canonical(&tree))?),
    };
    let mut params = Params::root(tree);
    let expand = params.list("expand")?.unwrap_or_default();
    let host = text(&parts.headers, header::HOST.as_str()).unwrap_or("localhost");
    let origin = Origin {
        request: Some(request_id.to_owned()),
        idempotency_key: key.map(str::to_owned),
        base_url: format!("http://{host}"),
    };
    Ok(Understood {
        route,
        params,
        expand,
        keyed,
        origin,
    })
}

/// Looks for a saved answer and marks the key as in flight, both under one lock.
fn enter<'shared>(shared: &'shared Shared, keyed: Option<&Keyed>) -> Result<Door<'shared>, ApiError> {
    let Some(keyed) = keyed else {
        return Ok(Door::Open(None));
    };
    let mut core = shared.core();
    let tx = core.store.begin()?;
    if let Some(saved) = keyed.saved(&tx, shared.now_ms())? {
        let answer = Answer::new(saved.status, saved.body)
            .header("idempotent-replayed", "true")
            .header("original-request", saved.request);
        return Ok(Door::Replay(answer));
    }
    match shared.in_flight.enter(&keyed.key) {
        Some(guard) => Ok(Door::Open(Some(guard))),
        None => Err(ApiError::key_in_use(&keyed.key)),
    }
}

/// Runs the operation; effect, events, deliveries and saved answer are one transaction.
fn execute(
    shared: &Shared,
    understood: Understood<'_>,
    server_error: Option<Fault>,
    request_id: &str,
) -> Result<Answer, ApiError> {
    let Understood {
        route,
        params,
        expand,
        keyed,
        origin,
    } = understood;
    let save = |work: &Work<'_>, status: u16, body: &str| match &keyed {
        Some(keyed) => keyed.save(work.tx, status, body, request_id, work.now_ms),
        None => Ok(()),
    };
    let effective = server_error
        .as_ref()
        .is_none_or(|fault| fault.when == When::After);
    let outcome = shared.transact(&origin, |work| {
        let mut reply = Reply {
            status: 500,
            body: ApiError::server().body(),
        };
        if effective {
            let mut done = (route.run)(work, params, route.id)?;
            // Errors are not expanded; failing here would undo the failed charge of a declined card.
            if done.status == 200 {
                expand::expand(work, &mut done.body, &expand)?;
            }
            if server_error.is_none() {
                reply = done;
            }
        }
        let body = reply.body.to_string();
        save(work, reply.status, &body)?;
        Ok(Answer::new(reply.status, body))
    });
    match outcome {
        // A refusal of an operation that had begun is saved too: its effect is that there is none.
        Err(error) if error.executed => shared.transact(&origin, |work| {
            let body = error.body().to_string();
            save(work, error.status, &body)?;
            Ok(Answer::new(error.status, body))
        }),
        Ok(answer) => Ok(answer),
        Err(error) => Err(error),
    }
}

/// What a fault does to an answer on its way back.
async fn after(fault: Option<Fault>, answer: Answer) -> Result<Option<Answer>, ApiError> {
    let Some(fault) = fault.filter(|fault| fault.when == When::After) else {
        return Ok(Some(answer));
    };
    if fault.kind == FaultKind::Drop {
        return Ok(None);
    }
    fault.pause().await;
    Ok(Some(answer))
}

fn text<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    headers.get(name)?.to_str().ok()
}
