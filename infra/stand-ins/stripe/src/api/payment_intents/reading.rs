//! The parameters that create, update and confirm share.

use serde_json::Value;

use super::attempt::Attempt;
use crate::api::{customers, payment_methods, shapes};
use crate::api_error::ApiError;
use crate::currency::Currency;
use crate::objects::payment_intent::{
    CaptureMethod, PaymentIntent, RequestThreeDSecure, SetupFutureUsage, Status,
};
use crate::objects::payment_method::PaymentMethod;
use crate::params::{Field, MetadataChange, Params};
use crate::work::Work;

const CAPTURE_METHODS: &[&str] = &["automatic", "automatic_async", "manual"];
/// Stripe's limit of `statement_descriptor` and its suffix.
pub const DESCRIPTOR_CHARACTERS_MAX: usize = 22;

/// What a request wants of a PaymentIntent, read but not yet applied.
pub struct Changes {
    pub amount: Option<i64>,
    pub currency: Option<String>,
    capture_method: Option<CaptureMethod>,
    customer: Option<String>,
    description: Field<String>,
    metadata: MetadataChange,
    payment_method: Field<String>,
    payment_method_data: Option<PaymentMethod>,
    receipt_email: Field<String>,
    request_three_d_secure: Option<RequestThreeDSecure>,
    setup_future_usage: Option<SetupFutureUsage>,
    shipping: Field<Value>,
    statement_descriptor: Field<String>,
    statement_descriptor_suffix: Field<String>,
    transfer_group: Field<String>,
}

/// `amount` and `currency`, both required.
pub fn amount(params: &mut Params) -> Result<(i64, Currency), ApiError> {
    let amount = params.required_integer("amount")?;
    let currency = Currency::parse(&params.required_text("currency")?)?;
    currency.check_amount(amount)?;
    Ok((amount, currency))
}

/// What creation and update may say, but for the amount.
pub fn changes(work: &Work<'_>, params: &mut Params) -> Result<Changes, ApiError> {
    let mut changes = changes_on_confirm(work, params)?;
    changes.customer = params.text("customer")?;
    changes.description = params.clearable("description")?;
    changes.metadata = params.metadata()?;
    changes.statement_descriptor = descriptor(params, "statement_descriptor")?;
    changes.statement_descriptor_suffix = descriptor(params, "statement_descriptor_suffix")?;
    changes.transfer_group = params.clearable("transfer_group")?;
    Ok(changes)
}

/// What a confirmation may say.
pub fn changes_on_confirm(work: &Work<'_>, params: &mut Params) -> Result<Changes, ApiError> {
    let payment_method_data = match params.nested("payment_method_data")? {
        None => None,
        Some(mut data) => {
            let payment_method = payment_methods::read_new(work, &mut data)?;
            data.finish()?;
            Some(payment_method)
        }
    };
    Ok(Changes {
        amount: None,
        currency: None,
        capture_method: params.choice("capture_method", CAPTURE_METHODS)?,
        customer: None,
        description: Field::Absent,
        metadata: MetadataChange::default(),
        payment_method: params.clearable("payment_method")?,
        payment_method_data,
        receipt_email: params.clearable("receipt_email")?,
        request_three_d_secure: three_d_secure(params)?,
        setup_future_usage: params.choice("setup_future_usage", &["off_session", "on_session"])?,
        shipping: shapes::shipping(params)?,
        statement_descriptor: Field::Absent,
        statement_descriptor_suffix: Field::Absent,
        transfer_group: Field::Absent,
    })
}

/// How a confirmation is to go; without one, these parameters have no meaning and are refused.
pub fn attempt(params: &mut Params, confirming: bool) -> Result<Attempt, ApiError> {
    let off_session = if params.is_text("off_session") {
        // Also `one_off` and `recurring`, which older integrations send.
        params
            .text("off_session")?
            .is_some_and(|text| text != "false" && text != "0")
    } else {
        false
    };
    let attempt = Attempt {
        off_session,
        error_on_requires_action: params.boolean("error_on_requires_action")?.unwrap_or(false),
        return_url: params.text("return_url")?,
        use_stripe_sdk: params.boolean("use_stripe_sdk")?.unwrap_or(false),
    };
    params.accept(&["mandate_data", "radar_options"]);
    if confirming {
        return Ok(attempt);
    }
    let given = [
        ("off_session", attempt.off_session),
        ("error_on_requires_action", attempt.error_on_requires_action),
        ("return_url", attempt.return_url.is_some()),
    ];
    match given.into_iter().find_map(|(name, given)| given.then_some(name)) {
        None => Ok(attempt),
        Some(name) => {
            let message = format!("The parameter {name} can only be passed when confirm=true.");
            Err(ApiError::invalid(message).param(name))
        }
    }
}

fn three_d_secure(params: &mut Params) -> Result<Option<RequestThreeDSecure>, ApiError> {
    let Some(mut options) = params.nested("payment_method_options")? else {
        return Ok(None);
    };
    let mut wanted = None;
    if let Some(mut card) = options.nested("card")? {
        wanted = card.choice("request_three_d_secure", &["any", "automatic", "challenge"])?;
        card.finish()?;
    }
    options.finish()?;
    Ok(wanted)
}

fn descriptor(params: &mut Params, name: &str) -> Result<Field<String>, ApiError> {
    let field = params.clearable(name)?;
    if let Field::Set(text) = &field
        && text.chars().count() > DESCRIPTOR_CHARACTERS_MAX
    {
        let message = format!("The {name} must be at most {DESCRIPTOR_CHARACTERS_MAX} characters.");
        return Err(ApiError::invalid(message).param(name));
    }
    Ok(field)
}

impl Changes {
    /// Whether they change what will be paid, by whom or with what.
    pub fn concern_payment(&self) -> bool {
        self.amount.is_some()
            || self.currency.is_some()
            || self.capture_method.is_some()
            || self.customer.is_some()
            || self.payment_method != Field::Absent
            || self.payment_method_data.is_some()
            || self.setup_future_usage.is_some()
    }

    /// Changes the intent. Gives the payment method if one was named: not yet stored when it is a new one.
    pub fn apply(
        self,
        work: &mut Work<'_>,
        intent: &mut PaymentIntent,
    ) -> Result<Option<PaymentMethod>, ApiError> {
        if let Some(currency) = self.currency {
            intent.currency = Currency::parse(&currency)?.code().to_owned();
        }
        if let Some(amount) = self.amount {
            intent.amount = amount;
        }
        Currency::parse(&intent.currency)?.check_amount(intent.amount)?;
        if let Some(customer) = self.customer {
            customers::living(work, &customer, "customer")?;
            intent.customer = Some(customer);
        }
        if let Some(capture_method) = self.capture_method {
            intent.capture_method = capture_method;
        }
        if let Some(wanted) = self.request_three_d_secure {
            intent.hidden.request_three_d_secure = wanted;
        }
        if self.setup_future_usage.is_some() {
            intent.setup_future_usage = self.setup_future_usage;
        }
        self.description.apply(&mut intent.description);
        self.metadata.apply(&mut intent.metadata)?;
        self.receipt_email.apply(&mut intent.receipt_email);
        self.shipping.apply(&mut intent.shipping);
        self.statement_descriptor.apply(&mut intent.statement_descriptor);
        self.statement_descriptor_suffix
            .apply(&mut intent.statement_descriptor_suffix);
        self.transfer_group.apply(&mut intent.transfer_group);

        let given = match (self.payment_method, self.payment_method_data) {
            (Field::Set(id), _) => Some(payment_methods::named(work, &id, "payment_method")?),
            (Field::Unset, None) => {
                intent.payment_method = None;
                if intent.status == Status::RequiresConfirmation {
                    intent.status = Status::RequiresPaymentMethod;
                }
                None
            }
            (Field::Absent | Field::Unset, data) => data,
        };
        if let Some(payment_method) = &given {
            check_owner(intent, payment_method)?;
            payment_methods::refuse_spent(payment_method)?;
            work.put(payment_method)?;
            intent.payment_method = Some(payment_method.id.clone());
            if intent.status == Status::RequiresPaymentMethod {
                intent.status = Status::RequiresConfirmation;
            }
        }
        Ok(given)
    }
}

/// A payment method of a customer pays only for that customer.
fn check_owner(intent: &PaymentIntent, payment_method: &PaymentMethod) -> Result<(), ApiError> {
    let message = match (&payment_method.customer, &intent.customer) {
        (None, _) => return Ok(()),
        (Some(owner), Some(customer)) if owner == customer => return Ok(()),
        (Some(_), None) => {
            "The payment method you provided is attached to a customer so for security purposes \
                            you must provide the customer in the request."
                .to_owned()
        }
        (Some(_), Some(customer)) => format!(
            "The payment method {} does not belong to the Customer you supplied {customer}. Please use this \
             payment method with the Customer that it belongs to instead.",
            payment_method.id
        ),
    };
    Err(ApiError::refused(message).param("payment_method"))
}
