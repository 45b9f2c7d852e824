//! The parameters of the query protocol: names with dots, lists as `Name.member.1`.

use std::collections::HashMap;

use crate::error::SesError;

/// The parameters of one request.
pub(crate) struct Parameters(HashMap<String, String>);

impl Parameters {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// A value that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A value that must be there; `member` is its name in the refusal.
    pub(crate) fn required(&self, name: &str, member: &'static str) -> Result<&str, SesError> {
        self.get(name).ok_or(SesError::MissingMember(member))
    }

    /// The members of a list, in order.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        (1..)
            .map_while(|n: usize| self.get(&format!("{name}.member.{n}")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_at_the_first_number_that_is_missing() {
        let pairs = [
            ("To.member.1", "a"),
            ("To.member.2", "b"),
            ("To.member.4", "d"),
            ("Empty", ""),
        ];
        let parameters = Parameters::new(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        );
        assert_eq!(parameters.list("To"), ["a", "b"]);
        assert!(parameters.list("Cc").is_empty());
        assert_eq!(parameters.get("Empty"), None);
    }
}
