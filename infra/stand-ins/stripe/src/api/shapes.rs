//! Hashes that several operations read: addresses, shipping, billing details.

use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::objects::payment_method::BillingDetails;
use crate::params::{Field, Params};

pub fn address(params: &mut Params) -> Result<Field<Value>, ApiError> {
    let cleared = params.is_text("address");
    let Some(mut address) = params.nested("address")? else {
        return Ok(if cleared { Field::Unset } else { Field::Absent });
    };
    let value = json!({
        "city": address.clearable("city")?.set(),
        "country": address.clearable("country")?.set(),
        "line1": address.clearable("line1")?.set(),
        "line2": address.clearable("line2")?.set(),
        "postal_code": address.clearable("postal_code")?.set(),
        "state": address.clearable("state")?.set(),
    });
    address.finish()?;
    Ok(Field::Set(value))
}

pub fn shipping(params: &mut Params) -> Result<Field<Value>, ApiError> {
    let cleared = params.is_text("shipping");
    let Some(mut shipping) = params.nested("shipping")? else {
        return Ok(if cleared { Field::Unset } else { Field::Absent });
    };
    let address = address(&mut shipping)?
        .set()
        .ok_or_else(|| ApiError::missing_parameter("shipping[address]"))?;
    let value = json!({
        "address": address,
        "name": shipping.required_text("name")?,
        "carrier": shipping.clearable("carrier")?.set(),
        "phone": shipping.clearable("phone")?.set(),
        "tracking_number": shipping.clearable("tracking_number")?.set(),
    });
    shipping.finish()?;
    Ok(Field::Set(value))
}

/// Changes billing details by what the request says of them.
pub fn billing_details(params: &mut Params, details: &mut BillingDetails) -> Result<(), ApiError> {
    let Some(mut given) = params.nested("billing_details")? else {
        return Ok(());
    };
    address(&mut given)?.apply(&mut details.address);
    given.clearable("email")?.apply(&mut details.email);
    given.clearable("name")?.apply(&mut details.name);
    given.clearable("phone")?.apply(&mut details.phone);
    given.clearable("tax_id")?.apply(&mut details.tax_id);
    given.finish()
}
