//! What a change replaces, as a number: whoever names the one that they saw overwrites nothing else.
//!
//! Of the content alone. Versions move with much that a change leaves as it is: a price, a pause, a change that was
//! announced and refused.

use aws_lc_rs::digest::{SHA256, digest};
use domain::availability::Rules;
use domain::space::Space;
use domain::venue::Revised;
use jiff::Timestamp;
use serde::Serialize;

use crate::{Error, Result};

/// Of the rules of a space, without its blocks, which no change of the rules replaces, and without what is over, which
/// every change forgets.
///
/// # Errors
/// [`Error::Internal`].
pub fn rules_tag(rules: &Rules, now: Timestamp) -> Result<u64> {
    let mut rules = rules.clone();
    rules.forget_what_is_over(now);
    rules.blocks.clear();
    tag(&rules)
}

/// Of what a vendor says of a space.
///
/// # Errors
/// [`Error::Internal`].
pub fn space_tag(space: &Space) -> Result<u64> {
    let Space {
        id,
        venue: _,
        vendor: _,
        name,
        capacity,
        amenities,
        layouts,
        parts,
        locks: _,
        in_use,
        live: _,
        rules_version: _,
    } = space;
    tag(&(id, name, capacity, amenities, layouts, parts, in_use))
}

/// Of what a vendor wants to be said of a venue, and of its terms.
///
/// # Errors
/// [`Error::Internal`].
pub fn venue_tag(revised: &Revised) -> Result<u64> {
    let venue = &revised.venue;
    let terms = (&venue.policy, &venue.house_rules);
    tag(&(venue.id, revised.wanted(), terms, &venue.location))
}

/// # Errors
/// [`Error::PreconditionFailed`] when something else was seen.
pub(super) fn check(expected: Option<u64>, tag: Result<u64>) -> Result<()> {
    match expected {
        Some(expected) if expected != tag? => Err(Error::PreconditionFailed),
        Some(_) | None => Ok(()),
    }
}

fn tag(content: &impl Serialize) -> Result<u64> {
    let json = serde_json::to_vec(content).map_err(|e| Error::Internal(e.to_string()))?;
    let digest = digest(&SHA256, &json);
    let first = digest.as_ref().first_chunk();
    first
        .map(|bytes| u64::from_be_bytes(*bytes))
        .ok_or_else(|| Error::Internal("a digest of another length".to_owned()))
}
