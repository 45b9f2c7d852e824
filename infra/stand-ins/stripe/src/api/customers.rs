//! `/v1/customers`.

use super::{Outcome, Route, lists, payment_methods, shapes};
use crate::api_error::ApiError;
use crate::http::reply::Reply;
use crate::ids;
use crate::objects::customer::{Customer, Hidden, InvoiceSettings, TaxExempt};
use crate::objects::payment_method::PaymentMethod;
use crate::params::{Metadata, Params};
use crate::store::{Column, Filter, Kind};
use crate::work::Work;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("POST", []) => Route::new("customers.create", create, ""),
        ("GET", []) => Route::new("customers.list", list, ""),
        ("GET", [id]) => Route::new("customers.retrieve", retrieve, id),
        ("POST", [id]) => Route::new("customers.update", update, id),
        ("DELETE", [id]) => Route::new("customers.delete", delete, id),
        ("GET", [id, "payment_methods"]) => Route::new(
            "customers.list_payment_methods",
            payment_methods::list_of_customer,
            id,
        ),
        _ => None,
    }
}

fn create(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let mut customer = Customer {
        id: work.new_id(Kind::Customer),
        created: work.now(),
        address: None,
        description: None,
        email: None,
        invoice_settings: InvoiceSettings::default(),
        metadata: Metadata::new(),
        name: None,
        phone: None,
        preferred_locales: Vec::new(),
        shipping: None,
        tax_exempt: TaxExempt::default(),
        hidden: Hidden {
            deleted: false,
            invoice_prefix: ids::random(8).to_uppercase(),
        },
    };
    read(&mut params, &mut customer)?;
    let payment_method = params.text("payment_method")?;
    params.finish()?;

    work.put(&customer)?;
    if let Some(id) = payment_method {
        payment_methods::attach_to(work, &id, &customer.id)?;
    }
    check_default_payment_method(work, &customer)?;
    work.emit("customer.created", &customer)?;
    Ok(Reply::ok(work.render(&customer)))
}

fn update(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let mut customer = living(work, id, "id")?;
    let before = work.render(&customer);
    read(&mut params, &mut customer)?;
    params.finish()?;

    check_default_payment_method(work, &customer)?;
    work.put(&customer)?;
    work.emit_update("customer.updated", &customer, &before)?;
    Ok(Reply::ok(work.render(&customer)))
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let customer: Customer = work.find(id, "id")?;
    Ok(Reply::ok(work.render(&customer)))
}

fn delete(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let mut customer = living(work, id, "id")?;
    work.emit("customer.deleted", &customer)?;
    let attached: Vec<PaymentMethod> = work.tx.all(&Filter::by(Column::Customer, id))?;
    for mut payment_method in attached {
        payment_method.customer = None;
        payment_method.hidden.spent = true;
        work.put(&payment_method)?;
    }
    customer.hidden.deleted = true;
    work.put(&customer)?;
    Ok(Reply::ok(work.render(&customer)))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    let mut filter = Filter::default();
    lists::created(&mut params, &mut filter)?;
    if let Some(email) = params.text("email")? {
        filter.columns.push((Column::Email, vec![email]));
    }
    params.finish()?;
    let list = lists::list(work, &filter, &page, "/v1/customers", |customer: &Customer| {
        Ok(work.render(customer))
    })?;
    Ok(Reply::ok(list))
}

/// A customer that is not deleted, by a path or a parameter.
pub fn living(work: &Work<'_>, id: &str, param: &str) -> Result<Customer, ApiError> {
    let found: Customer = if param == "id" {
        work.find(id, param)?
    } else {
        work.find_parameter(id, param)?
    };
    if !found.hidden.deleted {
        return Ok(found);
    }
    let refuse = if param == "id" {
        ApiError::no_such
    } else {
        ApiError::no_such_parameter
    };
    Err(refuse("customer", id, param))
}

fn read(params: &mut Params, customer: &mut Customer) -> Result<(), ApiError> {
    shapes::address(params)?.apply(&mut customer.address);
    shapes::shipping(params)?.apply(&mut customer.shipping);
    params.clearable("description")?.apply(&mut customer.description);
    params.clearable("email")?.apply(&mut customer.email);
    params.clearable("name")?.apply(&mut customer.name);
    params.clearable("phone")?.apply(&mut customer.phone);
    if let Some(locales) = params.list("preferred_locales")? {
        customer.preferred_locales = locales;
    }
    if let Some(tax_exempt) = params.choice("tax_exempt", &["exempt", "none", "reverse"])? {
        customer.tax_exempt = tax_exempt;
    }
    if let Some(mut settings) = params.nested("invoice_settings")? {
        settings
            .clearable("default_payment_method")?
            .apply(&mut customer.invoice_settings.default_payment_method);
        settings.finish()?;
    }
    params.metadata()?.apply(&mut customer.metadata)
}

fn check_default_payment_method(work: &Work<'_>, customer: &Customer) -> Result<(), ApiError> {
    let Some(id) = &customer.invoice_settings.default_payment_method else {
        return Ok(());
    };
    let param = "invoice_settings[default_payment_method]";
    let payment_method: PaymentMethod = work.find_parameter(id, param)?;
    if payment_method.customer.as_deref() == Some(customer.id.as_str()) {
        return Ok(());
    }
    let message = format!(
        "The customer does not have a payment method with the ID {id}. The payment method must be attached to \
         the customer."
    );
    Err(ApiError::refused(message).code("resource_missing").param(param))
}
