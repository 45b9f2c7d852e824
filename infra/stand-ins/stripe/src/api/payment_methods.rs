//! `/v1/payment_methods`: cards, made from test numbers, tokens or the well-known `pm_card_…` ids.

use super::{Outcome, Route, customers, lists, shapes};
use crate::api_error::ApiError;
use crate::cards::{self, TestCard};
use crate::http::reply::Reply;
use crate::objects::payment_method::{AllowRedisplay, BillingDetails, Hidden, PaymentMethod};
use crate::params::{Metadata, Params};
use crate::store::{Column, Filter, Kind};
use crate::work::Work;

const SECONDS_OF_A_YEAR: i64 = 31_556_952;
/// Cards expire at most this far ahead.
pub const EXPIRY_YEAR_AHEAD_MAX: i64 = 50;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("POST", []) => Route::new("payment_methods.create", create, ""),
        ("GET", []) => Route::new("payment_methods.list", list, ""),
        ("GET", [id]) => Route::new("payment_methods.retrieve", retrieve, id),
        ("POST", [id]) => Route::new("payment_methods.update", update, id),
        ("POST", [id, "attach"]) => Route::new("payment_methods.attach", attach, id),
        ("POST", [id, "detach"]) => Route::new("payment_methods.detach", detach, id),
        _ => None,
    }
}

fn create(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let payment_method = read_new(work, &mut params)?;
    params.finish()?;
    work.put(&payment_method)?;
    Ok(Reply::ok(work.render(&payment_method)))
}

/// Reads `type`, `card[…]`, `billing_details` and `metadata`; also `payment_method_data` of a PaymentIntent.
pub fn read_new(work: &Work<'_>, params: &mut Params) -> Result<PaymentMethod, ApiError> {
    let kind = params.required_text("type")?;
    if kind != "card" {
        let message =
            format!("The payment method type \"{kind}\" is invalid: this stand-in knows only card.");
        return Err(ApiError::invalid(message).param("type"));
    }
    let mut card = params
        .nested("card")?
        .ok_or_else(|| ApiError::missing_parameter("card"))?;
    let (card, exp_month, exp_year) = read_card(work, &mut card)?;
    let mut payment_method = new(work, card, exp_month, exp_year);
    shapes::billing_details(params, &mut payment_method.billing_details)?;
    if let Some(redisplay) = params.choice("allow_redisplay", &["always", "limited", "unspecified"])? {
        payment_method.allow_redisplay = redisplay;
    }
    params.metadata()?.apply(&mut payment_method.metadata)?;
    Ok(payment_method)
}

fn read_card(work: &Work<'_>, card: &mut Params) -> Result<(&'static TestCard, u32, u32), ApiError> {
    if let Some(token) = card.text("token")? {
        let found = cards::by_token(&token)
            .ok_or_else(|| ApiError::no_such_parameter("token", &token, "card[token]"))?;
        let (month, year) = default_expiry(work);
        return Ok((found, month, year));
    }
    let number: String = card
        .required_text("number")?
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let month = card.required_integer("exp_month")?;
    let year = card.required_integer("exp_year")?;
    let cvc = card.text("cvc")?;
    card.accept(&["networks"]);

    if !cards::has_valid_check_digit(&number) {
        return Err(ApiError::card("incorrect_number", "Your card number is incorrect.").param("number"));
    }
    let (exp_month, exp_year) = check_expiry(work, month, year)?;
    if cvc.is_some_and(|cvc| !(3..=4).contains(&cvc.len()) || !cvc.chars().all(|c| c.is_ascii_digit())) {
        return Err(ApiError::card("invalid_cvc", "Your card's security code is invalid.").param("cvc"));
    }
    let found = cards::by_number(&number).ok_or_else(|| {
        let message = "Your card was declined. Your request was in test mode, but used a non test card. For a \
                       list of valid test cards, visit: https://stripe.com/docs/testing.";
        ApiError::card("card_declined", message).with("decline_code", "test_mode_live_card")
    })?;
    Ok((found, exp_month, exp_year))
}

fn check_expiry(work: &Work<'_>, month: i64, year: i64) -> Result<(u32, u32), ApiError> {
    let bad_month = || {
        ApiError::card("invalid_expiry_month", "Your card's expiration month is invalid.").param("exp_month")
    };
    let bad_year =
        || ApiError::card("invalid_expiry_year", "Your card's expiration year is invalid.").param("exp_year");
    let exp_month = u32::try_from(month)
        .ok()
        .filter(|m| (1..=12).contains(m))
        .ok_or_else(bad_month)?;
    let year = if (0..100).contains(&year) {
        year + 2_000
    } else {
        year
    };
    let now = year_of(work);
    if !(now..=now + EXPIRY_YEAR_AHEAD_MAX).contains(&year) {
        return Err(bad_year());
    }
    if year == now && month < month_of(work) {
        return Err(bad_month());
    }
    Ok((exp_month, u32::try_from(year).map_err(|_| bad_year())?))
}

fn new(work: &Work<'_>, card: &TestCard, exp_month: u32, exp_year: u32) -> PaymentMethod {
    PaymentMethod {
        id: work.new_id(Kind::PaymentMethod),
        created: work.now(),
        allow_redisplay: AllowRedisplay::default(),
        billing_details: BillingDetails::default(),
        customer: None,
        metadata: Metadata::new(),
        hidden: Hidden {
            card: card.name.to_owned(),
            exp_month,
            exp_year,
            spent: false,
            set_up: matches!(
                card.behaviour,
                cards::Behaviour::Challenges {
                    when: cards::ChallengeWhen::OnSession,
                    ..
                }
            ),
        },
    }
}

/// A stored payment method, or a new one for a well-known id such as `pm_card_visa`.
pub fn named(work: &Work<'_>, id: &str, param: &str) -> Result<PaymentMethod, ApiError> {
    if let Some(found) = work.tx.get(id)? {
        return Ok(found);
    }
    let card = cards::by_payment_method(id)
        .ok_or_else(|| ApiError::no_such_parameter("PaymentMethod", id, param))?;
    let (month, year) = default_expiry(work);
    Ok(new(work, card, month, year))
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    if cards::by_payment_method(id).is_some() {
        // As at Stripe, a well-known id gives a new payment method of that card.
        let payment_method = named(work, id, "payment_method")?;
        work.put(&payment_method)?;
        return Ok(Reply::ok(work.render(&payment_method)));
    }
    let payment_method = stored(work, id)?;
    Ok(Reply::ok(work.render(&payment_method)))
}

fn stored(work: &Work<'_>, id: &str) -> Result<PaymentMethod, ApiError> {
    work.tx
        .get(id)?
        .ok_or_else(|| ApiError::no_such("PaymentMethod", id, "payment_method"))
}

fn update(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let mut payment_method = stored(work, id)?;
    let before = work.render(&payment_method);
    shapes::billing_details(&mut params, &mut payment_method.billing_details)?;
    if let Some(redisplay) = params.choice("allow_redisplay", &["always", "limited", "unspecified"])? {
        payment_method.allow_redisplay = redisplay;
    }
    if let Some(mut card) = params.nested("card")? {
        let month = card
            .integer("exp_month")?
            .unwrap_or(payment_method.hidden.exp_month.into());
        let year = card
            .integer("exp_year")?
            .unwrap_or(payment_method.hidden.exp_year.into());
        card.finish()?;
        (payment_method.hidden.exp_month, payment_method.hidden.exp_year) = check_expiry(work, month, year)?;
    }
    params.metadata()?.apply(&mut payment_method.metadata)?;
    params.finish()?;

    if payment_method.customer.is_none() {
        let message = "You must save this PaymentMethod to a customer before you can update it.";
        return Err(ApiError::refused(message));
    }
    work.put(&payment_method)?;
    work.emit_update("payment_method.updated", &payment_method, &before)?;
    Ok(Reply::ok(work.render(&payment_method)))
}

fn attach(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let customer = params.required_text("customer")?;
    params.finish()?;
    customers::living(work, &customer, "customer")?;
    let payment_method = attach_to(work, id, &customer)?;
    Ok(Reply::ok(work.render(&payment_method)))
}

/// Attaches a payment method to a customer; a card that declines is refused, as its bank is asked.
pub fn attach_to(work: &mut Work<'_>, id: &str, customer: &str) -> Result<PaymentMethod, ApiError> {
    let mut payment_method = named(work, id, "payment_method")?;
    match &payment_method.customer {
        Some(owner) if owner == customer => return Ok(payment_method),
        Some(_) => {
            let message = "The payment method you provided has already been attached to a customer.";
            return Err(ApiError::refused(message).code("payment_method_unexpected_state"));
        }
        None => {}
    }
    refuse_spent(&payment_method)?;
    let card = cards::named(&payment_method.hidden.card);
    if let Some(decline) = card.decline_on_attach() {
        let error = ApiError::card(decline.code, decline.message);
        return Err(match decline.decline_code {
            Some(decline_code) => error.with("decline_code", decline_code),
            None => error,
        });
    }
    payment_method.customer = Some(customer.to_owned());
    work.put(&payment_method)?;
    work.emit("payment_method.attached", &payment_method)?;
    Ok(payment_method)
}

fn detach(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let mut payment_method = stored(work, id)?;
    if payment_method.customer.is_none() {
        let message =
            "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(ApiError::refused(message).code("payment_method_unexpected_state"));
    }
    let before = work.render(&payment_method);
    payment_method.customer = None;
    payment_method.hidden.spent = true;
    work.put(&payment_method)?;
    work.emit_update("payment_method.detached", &payment_method, &before)?;
    Ok(Reply::ok(work.render(&payment_method)))
}

/// Refuses a payment method that was used without a customer, or detached.
pub fn refuse_spent(payment_method: &PaymentMethod) -> Result<(), ApiError> {
    if !payment_method.hidden.spent {
        return Ok(());
    }
    Err(ApiError::refused(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared \
         with a connected account without Customer attachment, or was detached from a Customer. It may not be \
         used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
    )
    .param("payment_method"))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let customer = params.required_text("customer")?;
    list_of(work, params, &customer, "customer", "/v1/payment_methods")
}

pub fn list_of_customer(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    list_of(
        work,
        params,
        id,
        "id",
        &format!("/v1/customers/{id}/payment_methods"),
    )
}

fn list_of(work: &mut Work<'_>, mut params: Params, customer: &str, param: &str, url: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    // Every payment method here is a card, so the type only decides between all and none.
    let type_ = params.text("type")?;
    params.accept(&["allow_redisplay"]);
    params.finish()?;
    customers::living(work, customer, param)?;
    let mut filter = Filter::by(Column::Customer, customer);
    if type_.is_some_and(|type_| type_ != "card") {
        filter = Filter::by(Column::Customer, "");
    }
    let list = lists::list(work, &filter, &page, url, |found: &PaymentMethod| {
        Ok(work.render(found))
    })?;
    Ok(Reply::ok(list))
}

/// Test payment methods expire in the year after next.
fn default_expiry(work: &Work<'_>) -> (u32, u32) {
    (12, u32::try_from(year_of(work) + 2).unwrap_or(2_099))
}

fn year_of(work: &Work<'_>) -> i64 {
    1_970 + work.now() / SECONDS_OF_A_YEAR
}

fn month_of(work: &Work<'_>) -> i64 {
    1 + work.now() % SECONDS_OF_A_YEAR / (SECONDS_OF_A_YEAR / 12)
}
