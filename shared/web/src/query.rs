//! Query strings, read like bodies: to a raw value, then to one of the domain, all problems at once.

use app::{App, FieldError};
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::body::{Parse, parse};
use crate::codes;
use crate::openapi::describe;
use crate::problem::Problem;
use crate::shape::{self, Shape};

/// So many parameters are looked at.
pub const QUERY_PAIRS_MAX: usize = 64;

/// Extracts the query. A parameter whose type is a list may be repeated; any other that is repeated,
/// unknown or wrong is a 422 with a pointer to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryParams<R: Parse>(pub R::Into);

impl<R: Parse> FromRequestParts<App> for QueryParams<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let pairs = pairs(parts).map_err(Problem::invalid)?;
        read::<R>(pairs).map(Self)
    }
}

/// The parameters in the order in which they were sent.
pub(crate) fn pairs(parts: &Parts) -> Result<Vec<(String, String)>, Vec<FieldError>> {
    let query = parts.uri.query().unwrap_or_default();
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .take(QUERY_PAIRS_MAX + 1)
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    match pairs.len() {
        0..=QUERY_PAIRS_MAX => Ok(pairs),
        _ => Err(vec![FieldError::new(
            "",
            format!("at most {QUERY_PAIRS_MAX} parameters"),
        )]),
    }
}

pub(crate) fn read<R: Parse>(pairs: Vec<(String, String)>) -> Result<R::Into, Problem> {
    let value = value_of(&Shape::of::<R>(), pairs).map_err(Problem::invalid)?;
    let raw = shape::read::<R>(value).map_err(Problem::invalid)?;
    parse(raw)
}

/// A query has only texts; what the schema wants as a number becomes one here, if it can.
fn value_of(shape: &Shape, pairs: Vec<(String, String)>) -> Result<Value, Vec<FieldError>> {
    let mut object = Map::new();
    let mut errors = Vec::new();
    for (name, text) in pairs {
        let schema = shape.property(&name);
        let is_list = schema.is_some_and(|schema| shape.takes(schema, "array"));
        if is_list {
            let item = schema.and_then(|schema| schema.get("items"));
            let value = one(shape, item, text);
            if let Value::Array(items) = object.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                items.push(value);
            }
        } else if object.contains_key(&name) {
            errors.push(FieldError::new(format!("/{name}"), "is given more than once"));
        } else {
            let value = one(shape, schema, text);
            object.insert(name, value);
        }
    }
    if errors.is_empty() {
        Ok(Value::Object(object))
    } else {
        Err(errors)
    }
}

fn one(shape: &Shape, schema: Option<&Value>, text: String) -> Value {
    let takes = |kind| schema.is_some_and(|schema| shape.takes(schema, kind));
    let number = || {
        text.parse::<i64>()
            .map(Value::from)
            .or_else(|_| text.parse::<u64>().map(Value::from))
            .ok()
    };
    let fraction = || {
        text.parse::<f64>()
            .ok()
            .map(Value::from)
            .filter(|value| !value.is_null())
    };
    let truth = || text.parse::<bool>().map(Value::from).ok();
    let read = if takes("string") {
        None
    } else if takes("integer") {
        number()
    } else if takes("number") {
        number().or_else(fraction)
    } else if takes("boolean") {
        truth()
    } else {
        None
    };
    read.unwrap_or(Value::String(text))
}

impl<R: Parse> aide::OperationInput for QueryParams<R> {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        describe::query::<R>(ctx, operation);
    }

    fn inferred_early_responses(
        ctx: &mut aide::generate::GenContext,
        _: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        describe::problems(ctx, &[codes::INVALID])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problems;
    use schemars::JsonSchema;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Order {
        Near,
        Cheap,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Search {
        text: Option<String>,
        guests: Option<u32>,
        latitude: Option<f64>,
        open: Option<bool>,
        order: Option<Order>,
        #[serde(default)]
        tag: Vec<u32>,
    }

    impl Parse for Search {
        type Into = Self;

        fn parse(self, problems: &mut Problems) -> Option<Self> {
            if self.guests == Some(0) {
                problems.add("guests", "nobody comes");
            }
            Some(self)
        }
    }

    fn search(query: &str) -> Result<Search, Problem> {
        let request = http::Request::get(format!("/venues?{query}")).body(()).unwrap();
        read::<Search>(pairs(&request.into_parts().0).map_err(Problem::invalid)?)
    }

    fn pointers(query: &str) -> Vec<String> {
        let body = format!("{:?}", search(query).unwrap_err());
        let mut found: Vec<_> = body
            .split("pointer: \"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        found.sort();
        found
    }

    #[test]
    fn a_query_is_read_into_its_types() {
        let expected = Search {
            text: Some("7 hills".into()),
            guests: Some(12),
            latitude: Some(-1.5),
            open: Some(true),
            order: Some(Order::Cheap),
            tag: vec![1, 2],
        };
        let query = "text=7+hills&guests=12&latitude=-1.5&open=true&order=cheap&tag=1&tag=2";
        assert_eq!(search(query).unwrap(), expected);
    }

    #[test]
    fn a_text_that_looks_like_a_number_stays_a_text() {
        assert_eq!(search("text=12").unwrap().text.as_deref(), Some("12"));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        assert_eq!(
            pointers("guests=many&latitude=NaN&open=perhaps&order=far&tag=x&colour=red"),
            ["/colour", "/guests", "/latitude", "/open", "/order", "/tag/0"].map(String::from)
        );
        assert_eq!(pointers("guests=0"), ["/guests"]);
        assert_eq!(pointers("guests=1&guests=2"), ["/guests"]);
    }

    #[test]
    fn a_query_has_a_limit() {
        let many = |n: usize| vec!["tag=1"; n].join("&");
        assert_eq!(search(&many(QUERY_PAIRS_MAX)).unwrap().tag.len(), QUERY_PAIRS_MAX);
        assert_eq!(pointers(&many(QUERY_PAIRS_MAX + 1)), [""]);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_fault_of_ours() {
        assert!(search("text=%ff%fe%00").is_ok());
        assert_eq!(pointers("%ff=1").len(), 1);
    }
}
