//! What is wrong with the shape of an input, all of it at once. Deserialising stops at the first wrong
//! field, so when it fails the value is looked at once more against the type's own JSON schema.
//!
//! Not a validator: it knows the keywords that our types produce, and what it lets pass,
//! deserialising still refuses.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use app::FieldError;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problems::Problems;

/// The schema of a type, with all it refers to.
#[derive(Debug)]
pub(crate) struct Shape {
    root: Value,
}

/// Made when a type's input is first looked at, then kept.
static SHAPES: LazyLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(RwLock::default);

/// Reads a value of `R`, or says everything that keeps it from being one.
pub(crate) fn read<R: DeserializeOwned + JsonSchema + 'static>(value: Value) -> Result<R, Vec<FieldError>> {
    let mut problems = Problems::new();
    Shape::of::<R>().check(&value, &mut problems);
    if !problems.is_empty() {
        return Err(problems.into_errors());
    }
    serde_path_to_error::deserialize(value)
        .map_err(|error| vec![FieldError::new(pointer(error.path()), error.inner().to_string())])
}

/// RFC 6901.
pub(crate) fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

impl Shape {
    pub(crate) fn of<R: JsonSchema + 'static>() -> Arc<Self> {
        let id = TypeId::of::<R>();
        if let Some(shape) = SHAPES.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return shape.clone();
        }
        let root = SchemaSettings::draft2020_12()
            .into_generator()
            .into_root_schema_for::<R>()
            .to_value();
        let shape = Arc::new(Self { root });
        SHAPES
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, shape.clone());
        shape
    }

    fn check(&self, value: &Value, problems: &mut Problems) {
        self.look(&self.root, value, problems);
    }

    /// The schema of a property of the outermost object, when it has one.
    pub(crate) fn property(&self, name: &str) -> Option<&Value> {
        self.resolved(&self.root).get("properties")?.get(name)
    }

    /// Whether a schema takes values of a JSON type, `null` alternatives and references included.
    pub(crate) fn takes(&self, schema: &Value, kind: &str) -> bool {
        let schema = self.resolved(schema);
        let named = match schema.get("type") {
            Some(Value::String(one)) => one == kind,
            Some(Value::Array(several)) => several.iter().any(|one| one == kind),
            _ => false,
        };
        named || alternatives(schema).is_some_and(|all| all.iter().any(|one| self.takes(one, kind)))
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix('#'))
        {
            Some(path) => self.root.pointer(path).unwrap_or(&Value::Null),
            None => schema,
        }
    }

    fn look(&self, schema: &Value, value: &Value, problems: &mut Problems) {
        if *schema == Value::Bool(false) {
            return problems.here("is not known here");
        }
        let schema = self.resolved(schema);
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            all.iter().for_each(|one| self.look(one, value, problems));
        }
        if let Some(any) = alternatives(schema) {
            return self.look_at_alternatives(any, value, problems);
        }
        if let Some(message) = wrong_type(schema, value).or_else(|| wrong_value(schema, value)) {
            return problems.here(message);
        }
        match value {
            Value::Object(_) => self.look_into_object(schema, value, problems),
            Value::Array(items) => {
                if let Some(schema) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        problems.within(&index.to_string(), |here| self.look(schema, item, here));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn look_into_object(&self, schema: &Value, value: &Value, problems: &mut Problems) {
        let Some(fields) = value.as_object() else { return };
        let known = schema.get("properties").and_then(Value::as_object);
        let required = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for name in required
            .filter_map(Value::as_str)
            .filter(|name| !fields.contains_key(*name))
        {
            problems.add(name, "is missing");
        }
        for (name, field) in fields {
            let expected = known
                .and_then(|k| k.get(name))
                .or_else(|| schema.get("additionalProperties"));
            if let Some(expected) = expected {
                problems.within(name, |here| self.look(expected, field, here));
            }
        }
    }

    /// One of several: an optional value, or an enum told apart by a tag. Where the one that was meant
    /// is clear, its problems are told.
    fn look_at_alternatives(&self, any: &[Value], value: &Value, problems: &mut Problems) {
        let fits = |one: &&Value| {
            let mut found = Problems::new();
            self.look(one, value, &mut found);
            found.is_empty()
        };
        if any.iter().any(|one| fits(&one)) {
            return;
        }
        let no_null: Vec<_> = any.iter().filter(|one| !only_null(self.resolved(one))).collect();
        let meant = match no_null.as_slice() {
            [only] => Some(*only),
            several => several
                .iter()
                .copied()
                .find(|one| tag_matches(self.resolved(one), value)),
        };
        match meant {
            Some(one) => self.look(one, value, problems),
            None => problems.here("is none of what is possible here"),
        }
    }
}

fn alternatives(schema: &Value) -> Option<&[Value]> {
    schema
        .get("anyOf")
        .or_else(|| schema.get("oneOf"))
        .and_then(Value::as_array)
        .map(Vec::as_slice)
}

fn only_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn tag_matches(schema: &Value, value: &Value) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().any(|(name, property)| {
        property
            .get("const")
            .is_some_and(|tag| value.get(name) == Some(tag))
    })
}

fn wrong_type(schema: &Value, value: &Value) -> Option<String> {
    let expected: Vec<&str> = match schema.get("type")? {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let fits = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    let named = || {
        expected
            .iter()
            .filter(|kind| **kind != "null")
            .copied()
            .collect::<Vec<_>>()
            .join(" or ")
    };
    (!expected.iter().any(fits)).then(|| format!("has to be of type {}", named()))
}

fn wrong_value(schema: &Value, value: &Value) -> Option<String> {
    if value.is_null() {
        return None;
    }
    if let Some(all) = schema
        .get("enum")
        .and_then(Value::as_array)
        .filter(|all| !all.contains(value))
    {
        let names: Vec<_> = all.iter().filter_map(Value::as_str).collect();
        return Some(format!("has to be one of {}", names.join(", ")));
    }
    if let Some(one) = schema.get("const").filter(|one| *one != value) {
        return Some(format!("has to be {one}"));
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    match value {
        Value::Number(_) => {
            let (least, most) = bounds(schema, format);
            let number = value
                .as_i64()
                .map(i128::from)
                .or_else(|| value.as_u64().map(i128::from))?;
            (number < least || number > most).then(|| format!("has to be from {least} to {most}"))
        }
        Value::String(text) => match format {
            "date-time" if text.parse::<Timestamp>().is_err() => {
                Some("has to be an instant of RFC 3339, such as 2027-03-01T10:00:00Z".to_owned())
            }
            "date" if text.parse::<Date>().is_err() => {
                Some("has to be a date, such as 2027-03-01".to_owned())
            }
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What fits a Rust integer, narrowed by the schema's own bounds.
fn bounds(schema: &Value, format: &str) -> (i128, i128) {
    let (least, most) = match format {
        "uint8" => (0, i128::from(u8::MAX)),
        "uint16" => (0, i128::from(u16::MAX)),
        "uint32" => (0, i128::from(u32::MAX)),
        "uint64" | "uint" => (0, i128::from(u64::MAX)),
        "int8" => (i128::from(i8::MIN), i128::from(i8::MAX)),
        "int16" => (i128::from(i16::MIN), i128::from(i16::MAX)),
        "int32" => (i128::from(i32::MIN), i128::from(i32::MAX)),
        "int64" | "int" => (i128::from(i64::MIN), i128::from(i64::MAX)),
        _ => (i128::MIN, i128::MAX),
    };
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64).map(i128::from);
    (
        bound("minimum").map_or(least, |b| b.max(least)),
        bound("maximum").map_or(most, |b| b.min(most)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Party {
        name: String,
        guests: u8,
        starts_at: Timestamp,
        day: Option<Date>,
        kind: Kind,
        tables: Vec<Table>,
        note: Option<Note>,
        pay: Option<Pay>,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Wedding,
        Funeral,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Table {
        seats: u32,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Note {
        text: String,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
    enum Pay {
        Card { number: String },
        Invoice { to: String },
    }

    fn good() -> Value {
        json!({
            "name": "Ada", "guests": 7, "starts_at": "2027-03-01T10:00:00Z", "day": "2027-03-01",
            "kind": "wedding", "tables": [{"seats": 1}], "note": {"text": "hi"}, "pay": {"how": "card", "number": "1"},
        })
    }

    fn found(value: Value) -> Vec<(String, String)> {
        read::<Party>(value)
            .unwrap_err()
            .into_iter()
            .map(|e| (e.pointer, e.message))
            .collect()
    }

    #[test]
    fn a_good_value_is_read() {
        assert_eq!(read::<Party>(good()).unwrap().guests, 7);
        let mut bare = good();
        for absent in ["day", "note", "pay"] {
            bare[absent] = Value::Null;
        }
        assert_eq!(read::<Party>(bare).unwrap().note, None);
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        let found = found(json!({
            "guests": 256, "starts_at": "tomorrow", "day": "2027-02-30", "kind": "party",
            "tables": [{"seats": 1}, {"seats": "2"}, {"chairs": 3}], "note": {"text": 7},
            "pay": {"how": "card", "to": "me"}, "extra": 1, "a/b": 2,
        }));
        let pointers: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        for pointer in [
            "/name",
            "/guests",
            "/starts_at",
            "/day",
            "/kind",
            "/tables/1/seats",
            "/tables/2/seats",
            "/tables/2/chairs",
            "/note/text",
            "/pay/number",
            "/pay/to",
            "/extra",
            "/a~1b",
        ] {
            assert!(pointers.contains(&pointer), "{pointer} is not in {found:?}");
        }
        assert_eq!(pointers.len(), 13, "{found:?}");
    }

    #[test]
    fn a_text_is_not_taken_for_a_number_nor_a_number_for_a_text() {
        let mut value = good();
        value["guests"] = json!("2");
        value["name"] = json!(2);
        let expected = [
            ("/guests", "has to be of type integer"),
            ("/name", "has to be of type string"),
        ];
        assert_eq!(found(value), expected.map(|(p, m)| (p.to_owned(), m.to_owned())));
    }

    #[test]
    fn an_unknown_alternative_is_told() {
        let mut value = good();
        value["pay"] = json!({"how": "shells"});
        assert_eq!(
            found(value),
            [("/pay".to_owned(), "is none of what is possible here".to_owned())]
        );
    }

    #[test]
    fn what_the_schema_lets_pass_is_still_refused() {
        #[derive(Debug, Deserialize, JsonSchema)]
        struct Loose {
            #[schemars(with = "String")]
            #[serde(rename = "at")]
            _at: Vec<Timestamp>,
        }
        let errors = read::<Loose>(json!({"at": "now"})).unwrap_err();
        assert_eq!(errors[0].pointer, "/at");
    }
}
