//! The address of a place, part by part.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{City, Country, PostalCode, Region, Street};

/// As much of it as there is: a boathouse has no street, and Hong Kong no postal codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub street: Option<Street>,
    pub postal_code: Option<PostalCode>,
    pub city: City,
    pub region: Option<Region>,
    pub country: Country,
}

/// In one line: `Torstr. 1, 10119 Berlin, DE`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(street) = &self.street {
            write!(f, "{street}, ")?;
        }
        if let Some(postal_code) = &self.postal_code {
            write!(f, "{postal_code} ")?;
        }
        write!(f, "{}, ", self.city)?;
        if let Some(region) = &self.region {
            write!(f, "{region}, ")?;
        }
        write!(f, "{}", self.country)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn address() -> Address {
        Address {
            street: Some(Street::parse("Torstr. 1").unwrap()),
            postal_code: Some(PostalCode::parse("10119").unwrap()),
            city: City::parse("Berlin").unwrap(),
            region: None,
            country: Country::parse("DE").unwrap(),
        }
    }

    #[test]
    fn an_address_is_one_line_of_the_parts_that_it_has() {
        assert_eq!(address().to_string(), "Torstr. 1, 10119 Berlin, DE");
        let little = Address {
            street: None,
            postal_code: None,
            region: Some(Region::parse("Uusimaa").unwrap()),
            ..address()
        };
        assert_eq!(little.to_string(), "Berlin, Uusimaa, DE");
    }
}
