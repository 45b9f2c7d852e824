//! Collects what is wrong with an input, so that all of it is told at once.

use std::fmt::Display;

use app::FieldError;

/// So many are told; after that there is no point in listing more.
pub const PROBLEMS_MAX: usize = 100;

/// What was found so far, and where in the input we are.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<FieldError>,
    /// RFC 6901; empty at the top.
    at: String,
}

impl Problems {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A field is not right.
    pub fn add(&mut self, field: &str, message: impl Display) {
        self.within(field, |here| here.here(message));
    }

    /// The whole of what is being looked at is not right, for no single field's sake.
    pub fn here(&mut self, message: impl Display) {
        if self.found.len() < PROBLEMS_MAX {
            self.found
                .push(FieldError::new(self.at.clone(), message.to_string()));
        }
    }

    /// A field's value, or what is wrong with it.
    pub fn field<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(message) => {
                self.add(field, message);
                None
            }
        }
    }

    /// A field that may be absent: `Some(None)` when it is.
    pub fn optional<R, T, E: Display>(
        &mut self,
        field: &str,
        raw: Option<R>,
        parse: impl FnOnce(R) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match raw {
            None => Some(None),
            Some(raw) => self.field(field, parse(raw)).map(Some),
        }
    }

    /// Looks into a field that is an object.
    pub fn within<T>(&mut self, field: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.at.len();
        self.at.push('/');
        // RFC 6901, section 3.
        self.at.push_str(&field.replace('~', "~0").replace('/', "~1"));
        let looked = look(self);
        self.at.truncate(length);
        looked
    }

    /// Looks into each of a field's items; there may be so many of them.
    pub fn each<R, T>(
        &mut self,
        field: &str,
        items: Vec<R>,
        items_max: usize,
        mut look: impl FnMut(&mut Self, R) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.within(field, |here| {
            if items.len() > items_max {
                here.here(format!("at most {items_max}"));
                return None;
            }
            let count = items.len();
            let good: Vec<T> = items
                .into_iter()
                .enumerate()
                .filter_map(|(index, item)| here.within(&index.to_string(), |here| look(here, item)))
                .collect();
            (good.len() == count).then_some(good)
        })
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    #[must_use]
    pub fn into_errors(self) -> Vec<FieldError> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_has_a_pointer() {
        let mut problems = Problems::new();
        problems.add("na/me~", "too long");
        problems.within("address", |here| here.add("city", "missing"));
        let numbers = problems.each("rules", vec!["1", "x", "3", "y"], 9, |here, text| {
            text.parse::<u8>().map_err(|_| here.here("not a number")).ok()
        });
        assert_eq!(numbers, None);
        let found: Vec<_> = problems
            .into_errors()
            .into_iter()
            .map(|e| (e.pointer, e.message))
            .collect();
        let expected = [
            ("/na~1me~0", "too long"),
            ("/address/city", "missing"),
            ("/rules/1", "not a number"),
            ("/rules/3", "not a number"),
        ];
        assert_eq!(found, expected.map(|(p, m)| (p.to_owned(), m.to_owned())));
    }

    #[test]
    fn an_absent_field_is_no_problem() {
        let mut problems = Problems::new();
        assert_eq!(
            problems.optional("age", None::<&str>, str::parse::<u8>),
            Some(None)
        );
        assert_eq!(
            problems.optional("age", Some("7"), str::parse::<u8>),
            Some(Some(7))
        );
        assert!(problems.is_empty());
        assert_eq!(problems.optional("age", Some("x"), str::parse::<u8>), None);
        assert!(!problems.is_empty());
    }

    #[test]
    fn a_list_has_a_limit() {
        let mut problems = Problems::new();
        assert_eq!(
            problems.each("days", vec![1, 2, 3], 3, |_, day| Some(day)),
            Some(vec![1, 2, 3])
        );
        assert_eq!(
            problems.each("days", vec![1, 2, 3, 4], 3, |_, day| Some(day)),
            None
        );
        assert_eq!(problems.into_errors(), [FieldError::new("/days", "at most 3")]);
    }

    #[test]
    fn not_endlessly_many_problems_are_told() {
        let mut problems = Problems::new();
        for _ in 0..=PROBLEMS_MAX {
            problems.here("no");
        }
        assert_eq!(problems.into_errors().len(), PROBLEMS_MAX);
    }
}
