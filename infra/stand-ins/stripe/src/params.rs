//! Typed reading of request parameters. What no one read is refused: `parameter_unknown`.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api_error::ApiError;
use crate::form::Node;

/// Stripe's documented limits of metadata.
pub const METADATA_KEYS_MAX: usize = 50;
pub const METADATA_KEY_CHARACTERS_MAX: usize = 40;
pub const METADATA_VALUE_CHARACTERS_MAX: usize = 500;

pub type Metadata = BTreeMap<String, String>;

/// The parameters of a request, or of one hash within it. Reading takes a parameter out.
#[derive(Debug, Default)]
pub struct Params {
    /// The name of this hash, empty at the root.
    path: String,
    fields: BTreeMap<String, Node>,
}

/// A parameter of an update: an empty string unsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<T> {
    Absent,
    Unset,
    Set(T),
}

impl<T> Field<T> {
    /// Changes `target` unless the parameter was absent.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Field::Absent => {}
            Field::Unset => *target = None,
            Field::Set(value) => *target = Some(value),
        }
    }

    pub fn set(self) -> Option<T> {
        match self {
            Field::Absent | Field::Unset => None,
            Field::Set(value) => Some(value),
        }
    }
}

impl Params {
    pub fn root(fields: BTreeMap<String, Node>) -> Self {
        Self {
            path: String::new(),
            fields,
        }
    }

    /// Refuses what was not read.
    pub fn finish(self) -> Result<(), ApiError> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(ApiError::unknown_parameter(&self.path_of(name))),
        }
    }

    /// Accepts parameters of the real API that change nothing here.
    pub fn accept(&mut self, names: &[&str]) {
        for name in names {
            self.fields.remove(*name);
        }
    }

    pub fn clearable(&mut self, name: &str) -> Result<Field<String>, ApiError> {
        match self.fields.remove(name) {
            None => Ok(Field::Absent),
            Some(Node::Text(text)) if text.is_empty() => Ok(Field::Unset),
            Some(Node::Text(text)) => Ok(Field::Set(text)),
            Some(Node::Map(_)) => {
                let path = self.path_of(name);
                Err(ApiError::invalid(format!("Invalid string: {path} is a hash")).param(path))
            }
        }
    }

    pub fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.clearable(name)? {
            Field::Absent => Ok(None),
            Field::Unset => Err(ApiError::empty_parameter(&self.path_of(name))),
            Field::Set(text) => Ok(Some(text)),
        }
    }

    pub fn required_text(&mut self, name: &str) -> Result<String, ApiError> {
        self.text(name)?
            .ok_or_else(|| ApiError::missing_parameter(&self.path_of(name)))
    }

    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let number = text.parse().map_err(|_| {
            ApiError::invalid(format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
                .param(self.path_of(name))
        })?;
        Ok(Some(number))
    }

    pub fn required_integer(&mut self, name: &str) -> Result<i64, ApiError> {
        self.integer(name)?
            .ok_or_else(|| ApiError::missing_parameter(&self.path_of(name)))
    }

    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => {
                Err(ApiError::invalid(format!("Invalid boolean: {other}")).param(self.path_of(name)))
            }
        }
    }

    /// One of `allowed`, read as the enum whose serde names they are.
    pub fn choice<T: DeserializeOwned>(
        &mut self,
        name: &str,
        allowed: &[&str],
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let refuse = || {
            let path = self.path_of(name);
            let message = format!("Invalid {path}: must be one of {}", allowed.join(", "));
            ApiError::invalid(message).param(path)
        };
        if !allowed.contains(&text.as_str()) {
            return Err(refuse());
        }
        serde_json::from_value(Value::String(text))
            .map(Some)
            .map_err(|_| refuse())
    }

    pub fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let invalid = |path: String| ApiError::invalid("Invalid array").param(path);
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Ok(Some(Vec::new())),
            Some(Node::Text(_)) => Err(invalid(self.path_of(name))),
            Some(Node::Map(entries)) => {
                let mut items = Vec::with_capacity(entries.len());
                for (index, node) in entries {
                    match (index.parse::<usize>(), node) {
                        (Ok(index), Node::Text(text)) => items.push((index, text)),
                        (Ok(_), Node::Map(_)) | (Err(_), _) => return Err(invalid(self.path_of(name))),
                    }
                }
                items.sort_by_key(|(index, _)| *index);
                Ok(Some(items.into_iter().map(|(_, text)| text).collect()))
            }
        }
    }

    /// A hash among the parameters; an empty string counts as absent.
    pub fn nested(&mut self, name: &str) -> Result<Option<Params>, ApiError> {
        let path = self.path_of(name);
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Ok(None),
            Some(Node::Text(_)) => Err(ApiError::invalid("Invalid object").param(path)),
            Some(Node::Map(fields)) => Ok(Some(Params { path, fields })),
        }
    }

    /// Whether a parameter is one text rather than a hash: `created=1` against `created[gt]=1`.
    pub fn is_text(&self, name: &str) -> bool {
        matches!(self.fields.get(name), Some(Node::Text(_)))
    }

    pub fn metadata(&mut self) -> Result<MetadataChange, ApiError> {
        match self.fields.remove("metadata") {
            None => Ok(MetadataChange::default()),
            Some(Node::Text(text)) if text.is_empty() => Ok(MetadataChange {
                clear: true,
                set: BTreeMap::new(),
            }),
            Some(Node::Text(_)) => Err(ApiError::invalid("Invalid object").param("metadata")),
            Some(Node::Map(fields)) => {
                let mut inner = Params {
                    path: self.path_of("metadata"),
                    fields,
                };
                let names: Vec<String> = inner.fields.keys().cloned().collect();
                let mut set = BTreeMap::new();
                for name in names {
                    let value = inner.clearable(&name)?.set().unwrap_or_default();
                    check_metadata(&name, &value)?;
                    set.insert(name, value);
                }
                Ok(MetadataChange { clear: false, set })
            }
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.path)
        }
    }
}

fn check_metadata(name: &str, value: &str) -> Result<(), ApiError> {
    let refuse = |what: &str, longest: usize| {
        let message = format!("Metadata {what} can have up to {longest} characters, but you passed more.");
        Err(ApiError::invalid(message).param("metadata"))
    };
    if name.chars().count() > METADATA_KEY_CHARACTERS_MAX {
        return refuse("keys", METADATA_KEY_CHARACTERS_MAX);
    }
    if value.chars().count() > METADATA_VALUE_CHARACTERS_MAX {
        return refuse("values", METADATA_VALUE_CHARACTERS_MAX);
    }
    Ok(())
}

/// A change of metadata: keys are merged, an empty value removes its key, `metadata=` removes all.
#[derive(Debug, Default)]
pub struct MetadataChange {
    clear: bool,
    set: Metadata,
}

impl MetadataChange {
    pub fn apply(self, metadata: &mut Metadata) -> Result<(), ApiError> {
        if self.clear {
            metadata.clear();
        }
        for (name, value) in self.set {
            if value.is_empty() {
                metadata.remove(&name);
            } else {
                metadata.insert(name, value);
            }
        }
        if metadata.len() > METADATA_KEYS_MAX {
            let message = format!("You can have up to {METADATA_KEYS_MAX} metadata keys on one object.");
            return Err(ApiError::invalid(message).param("metadata"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(form: &str) -> Params {
        Params::root(crate::form::parse(form.as_bytes()).unwrap())
    }

    #[test]
    fn what_was_not_read_is_an_unknown_parameter_with_its_full_name() {
        let mut params = params("a[b]=1&a[c]=2");
        let mut inner = params.nested("a").unwrap().unwrap();
        assert_eq!(inner.integer("b").unwrap(), Some(1));
        let error = inner.finish().unwrap_err();
        assert_eq!(error.error["param"], "a[c]");
        assert_eq!(error.error["code"], "parameter_unknown");
        params.finish().unwrap();
    }

    #[test]
    fn an_empty_string_unsets_where_that_is_possible_and_is_refused_elsewhere() {
        assert_eq!(params("email=").clearable("email").unwrap(), Field::Unset);
        let error = params("amount=").integer("amount").unwrap_err();
        assert_eq!(error.error["code"], "parameter_invalid_empty");
    }

    #[test]
    fn a_list_keeps_the_order_of_its_indexes_beyond_ten() {
        let form = (0..12)
            .map(|n| format!("expand[{n}]=v{n}"))
            .collect::<Vec<_>>()
            .join("&");
        let list = params(&form).list("expand").unwrap().unwrap();
        assert_eq!(list[2], "v2");
        assert_eq!(list[11], "v11");
    }

    #[test]
    fn metadata_is_merged_and_an_empty_value_removes_its_key() {
        let mut metadata = Metadata::from([("a".into(), "1".into()), ("b".into(), "2".into())]);
        let change = params("metadata[a]=&metadata[c]=3").metadata().unwrap();
        change.apply(&mut metadata).unwrap();
        assert_eq!(
            metadata,
            Metadata::from([("b".into(), "2".into()), ("c".into(), "3".into())])
        );
        params("metadata=")
            .metadata()
            .unwrap()
            .apply(&mut metadata)
            .unwrap();
        assert!(metadata.is_empty());
    }

    #[test]
    fn metadata_keeps_within_its_limits() {
        let long_key = "k".repeat(METADATA_KEY_CHARACTERS_MAX + 1);
        assert!(params(&format!("metadata[{long_key}]=1")).metadata().is_err());
        let long_value = "v".repeat(METADATA_VALUE_CHARACTERS_MAX + 1);
        assert!(params(&format!("metadata[k]={long_value}")).metadata().is_err());
        let many = (0..=METADATA_KEYS_MAX)
            .map(|n| format!("metadata[k{n}]=1"))
            .collect::<Vec<_>>();
        let change = params(&many.join("&")).metadata().unwrap();
        assert!(change.apply(&mut Metadata::new()).is_err());
    }
}
