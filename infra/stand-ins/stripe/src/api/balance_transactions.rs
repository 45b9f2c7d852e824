//! `/v1/balance_transactions`: what reconciliation reads.

use super::{Outcome, Route, lists};
use crate::http::reply::Reply;
use crate::objects::balance_transaction::BalanceTransaction;
use crate::params::Params;
use crate::store::{Column, Filter};
use crate::work::Work;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("GET", []) => Route::new("balance_transactions.list", list, ""),
        ("GET", [id]) => Route::new("balance_transactions.retrieve", retrieve, id),
        _ => None,
    }
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let transaction: BalanceTransaction = work.find(id, "id")?;
    Ok(Reply::ok(work.render(&transaction)))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    let mut filter = Filter::default();
    lists::created(&mut params, &mut filter)?;
    if let Some(source) = params.text("source")? {
        filter.columns.push((Column::Source, vec![source]));
    }
    if let Some(type_) = params.text("type")? {
        filter.columns.push((Column::Type, vec![type_]));
    }
    params.finish()?;
    let list = lists::list(
        work,
        &filter,
        &page,
        "/v1/balance_transactions",
        |found: &BalanceTransaction| Ok(work.render(found)),
    )?;
    Ok(Reply::ok(list))
}
