//! Lists: `limit`, `starting_after`, `ending_before`, `created`, newest first, `has_more`.

use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::params::Params;
use crate::store::{Filter, Page, Record};
use crate::work::Work;

pub const LIMIT_MAX: u32 = 100;
pub const LIMIT_DEFAULT: u32 = 10;

/// Reads what pages a list.
pub fn page(params: &mut Params) -> Result<Page, ApiError> {
    let limit = match params.integer("limit")? {
        None => LIMIT_DEFAULT,
        Some(limit) => u32::try_from(limit)
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| {
                ApiError::invalid(format!("Invalid limit: must be between 1 and {LIMIT_MAX}."))
                    .code("parameter_invalid_integer")
                    .param("limit")
            })?,
    };
    let page = Page {
        limit,
        starting_after: params.text("starting_after")?,
        ending_before: params.text("ending_before")?,
    };
    if page.starting_after.is_some() && page.ending_before.is_some() {
        let message = "You may only specify one of these parameters: ending_before, starting_after.";
        return Err(ApiError::invalid(message).code("parameters_exclusive"));
    }
    Ok(page)
}

/// Reads `created=…` or `created[gte]=…`.
pub fn created(params: &mut Params, filter: &mut Filter) -> Result<(), ApiError> {
    if params.is_text("created") {
        let exactly = params.integer("created")?;
        (filter.created_from, filter.created_to) = (exactly, exactly);
        return Ok(());
    }
    let Some(mut range) = params.nested("created")? else {
        return Ok(());
    };
    let after = range.integer("gt")?.map(|bound| bound.saturating_add(1));
    let before = range.integer("lt")?.map(|bound| bound.saturating_sub(1));
    filter.created_from = after.into_iter().chain(range.integer("gte")?).max();
    filter.created_to = before.into_iter().chain(range.integer("lte")?).min();
    range.finish()
}

/// One page of the objects that pass the filter.
pub fn list<R: Record>(
    work: &Work<'_>,
    filter: &Filter,
    page: &Page,
    url: &str,
    show: impl Fn(&R) -> Result<Value, ApiError>,
) -> Result<Value, ApiError> {
    let Some((records, has_more)) = work.tx.page::<R>(filter, page)? else {
        let (param, id) = match (&page.starting_after, &page.ending_before) {
            (Some(id), _) => ("starting_after", id.as_str()),
            (None, Some(id)) => ("ending_before", id.as_str()),
            (None, None) => ("starting_after", ""),
        };
        return Err(ApiError::no_such_parameter(R::KIND.object(), id, param));
    };
    let data = records.iter().map(show).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
}
