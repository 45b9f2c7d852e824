//! `/v1/charges`: retrieve, list, update. Charges are made by PaymentIntents only.

use super::{Outcome, Route, lists};
use crate::http::reply::Reply;
use crate::objects::charge::Charge;
use crate::params::Params;
use crate::store::{Column, Filter};
use crate::work::Work;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("GET", []) => Route::new("charges.list", list, ""),
        ("GET", [id]) => Route::new("charges.retrieve", retrieve, id),
        ("POST", [id]) => Route::new("charges.update", update, id),
        _ => None,
    }
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let charge: Charge = work.find(id, "id")?;
    Ok(Reply::ok(work.render(&charge)))
}

fn update(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let mut charge: Charge = work.find(id, "id")?;
    let before = work.render(&charge);
    params.clearable("description")?.apply(&mut charge.description);
    params
        .clearable("receipt_email")?
        .apply(&mut charge.receipt_email);
    params
        .clearable("transfer_group")?
        .apply(&mut charge.transfer_group);
    params.metadata()?.apply(&mut charge.metadata)?;
    params.finish()?;
    work.put(&charge)?;
    work.emit_update("charge.updated", &charge, &before)?;
    Ok(Reply::ok(work.render(&charge)))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    let mut filter = Filter::default();
    lists::created(&mut params, &mut filter)?;
    if let Some(customer) = params.text("customer")? {
        filter.columns.push((Column::Customer, vec![customer]));
    }
    if let Some(payment_intent) = params.text("payment_intent")? {
        filter.columns.push((Column::PaymentIntent, vec![payment_intent]));
    }
    params.finish()?;
    let list = lists::list(work, &filter, &page, "/v1/charges", |charge: &Charge| {
        Ok(work.render(charge))
    })?;
    Ok(Reply::ok(list))
}
