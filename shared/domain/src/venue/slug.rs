//! The name of a venue as a part of an address on the web.

use std::fmt;
use std::iter::once;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Venue;
use crate::id::VenueId;

/// Characters that a name comes to. More of it says no more.
pub const SLUG_NAME_LENGTH_MAX: usize = 60;
pub const SLUG_CITY_LENGTH_MAX: usize = 30;
/// Characters of a slug: name, city and number, with a hyphen between them.
pub const SLUG_LENGTH_MAX: usize = SLUG_NAME_LENGTH_MAX + 1 + SLUG_CITY_LENGTH_MAX + 1 + NUMBER_LENGTH;
/// Hexadecimal digits of an id.
const NUMBER_LENGTH: usize = 32;
/// What a name of nothing but signs comes to.
const NAMELESS: &str = "venue";

/// `the-loft`: ASCII letters in lower case and digits, with single hyphens between them. A venue gets one when it
/// comes to the market and another when its name changes; those that it had stay its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be made of lower-case letters, digits and single hyphens, at most {SLUG_LENGTH_MAX} characters"
)]
pub struct SlugError;

impl Slug {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Venue {
    /// Slugs that its name asks for, the best first. Only another venue of that name in that city comes to the
    /// number, which nobody else has.
    pub fn slugs(&self) -> impl Iterator<Item = Slug> + use<> {
        let name = cut(&self.name.to_string(), SLUG_NAME_LENGTH_MAX);
        let name = if name.is_empty() {
            NAMELESS.to_owned()
        } else {
            name
        };
        let city = cut(&self.location.address.city.to_string(), SLUG_CITY_LENGTH_MAX);
        let place = if city.is_empty() {
            name.clone()
        } else {
            format!("{name}-{city}")
        };
        let numbered = format!("{place}-{}", self.id.uuid().simple());
        once(name).chain(once(place)).chain(once(numbered)).map(Slug)
    }
}

/// Of so many characters at most, with no hyphen at the end.
fn cut(text: &str, length: usize) -> String {
    let mut slug = slug::slugify(text);
    slug.truncate(length);
    slug.trim_end_matches('-').to_owned()
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if text.len() <= SLUG_LENGTH_MAX && text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError)
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Slug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// What an address on the web names a venue by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handle {
    Id(VenueId),
    Slug(Slug),
}

impl FromStr for Handle {
    type Err = SlugError;

    /// No slug has the underscore that every id has.
    fn from_str(text: &str) -> Result<Self, SlugError> {
        text.parse()
            .map(Self::Id)
            .or_else(|_| text.parse().map(Self::Slug))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::draft;
    use super::*;
    use crate::text::{City, VenueName};
    use proptest::prelude::*;

    fn named(name: &str, city: &str) -> Vec<String> {
        let mut venue = draft();
        venue.name = VenueName::parse(name).unwrap();
        venue.location.address.city = City::parse(city).unwrap();
        venue.slugs().map(|slug| slug.to_string()).collect()
    }

    #[test]
    fn a_venue_is_called_by_its_name_or_else_by_its_city_or_its_number_as_well() {
        assert_eq!(
            named("The Loft", "Berlin"),
            [
                "the-loft",
                "the-loft-berlin",
                "the-loft-berlin-00000000000000000000000000000001"
            ]
        );
    }

    #[test]
    fn a_name_in_any_script_comes_to_letters_that_everybody_can_type() {
        let best = |name: &str| named(name, "Berlin").remove(0);
        assert_eq!(best("Café Zürich & Söhne"), "cafe-zurich-sohne");
        assert_eq!(best("Ателье № 5"), "atel-e-no-5");
        assert_eq!(best("--- Loft 7/8 ---"), "loft-7-8");
        assert_eq!(best("!!!"), "venue");
        assert_eq!(named("!!!", "···")[1], "venue");
    }

    #[test]
    fn a_slug_is_cut_where_its_name_or_city_says_no_more() {
        let name = "a".repeat(SLUG_NAME_LENGTH_MAX - 1);
        let all = named(&format!("{name} and more"), &"b".repeat(SLUG_CITY_LENGTH_MAX + 1));
        assert_eq!(all[0], name, "and no hyphen at the end");
        assert_eq!(all[1].len(), SLUG_NAME_LENGTH_MAX - 1 + 1 + SLUG_CITY_LENGTH_MAX);
        let longest = named(
            &"a".repeat(SLUG_NAME_LENGTH_MAX + 1),
            &"b".repeat(SLUG_CITY_LENGTH_MAX),
        );
        assert_eq!(longest[2].len(), SLUG_LENGTH_MAX);
        assert!(longest[2].parse::<Slug>().is_ok());
    }

    #[test]
    fn what_is_no_slug_is_refused() {
        let long = "a".repeat(SLUG_LENGTH_MAX + 1);
        for wrong in ["", "-", "a--b", "-a", "a-", "A", "é", "a b", "a_b", "a/b", &long] {
            assert_eq!(wrong.parse::<Slug>(), Err(SlugError), "{wrong}");
            assert!(serde_json::from_value::<Slug>(wrong.into()).is_err());
        }
        assert!(long[1..].parse::<Slug>().is_ok());
    }

    #[test]
    fn an_id_and_a_slug_are_told_apart() {
        let venue = draft();
        assert_eq!(venue.id.to_string().parse(), Ok(Handle::Id(venue.id)));
        assert_eq!("the-loft".parse(), Ok(Handle::Slug("the-loft".parse().unwrap())));
        assert_eq!("bkg_1".parse::<Handle>(), Err(SlugError));
    }

    proptest! {
        #[test]
        fn whatever_a_venue_is_called_it_gets_slugs(name in "\\PC{1,120}", city in "\\PC{1,100}") {
            let mut venue = draft();
            if let (Ok(name), Ok(city)) = (VenueName::parse(&name), City::parse(&city)) {
                venue.name = name;
                venue.location.address.city = city;
            }
            let slugs: Vec<Slug> = venue.slugs().collect();
            prop_assert_eq!(slugs.len(), 3);
            for slug in slugs {
                prop_assert_eq!(slug.as_str().parse::<Slug>(), Ok(slug.clone()));
            }
        }
    }
}
