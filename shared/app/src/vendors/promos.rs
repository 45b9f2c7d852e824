//! The promo codes of a vendor.

use domain::Refusal;
use domain::id::VenueId;
use domain::membership::Membership;
use domain::money::Money;
use domain::pricing::{Counted, PROMOS_MAX, Promo, PromoCode, PromoEffect};
use jiff::Timestamp;
use store::Transaction;

use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// What a vendor says of a code.
#[derive(Debug, Clone)]
pub struct PromoTerms {
    pub effect: PromoEffect,
    pub uses_max: Option<u32>,
    pub uses_per_customer_max: Option<u32>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub minimum_spend: Option<Money>,
    pub venues: Vec<VenueId>,
}

/// A code, and how often it was used: by bookings that were confirmed, and by those that are held.
#[derive(Debug, Clone)]
pub struct PromoWithUses {
    pub promo: Promo,
    pub uses: u32,
}

/// All of them, by their codes, also those that have ended.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn promos(app: &App, member: &Membership) -> Result<Vec<PromoWithUses>> {
    let promos = app.store().promos(member.vendor).await?;
    let counted: Vec<Counted> = promos
        .iter()
        .map(|promo| Counted::Promo(member.vendor, promo.code.clone()))
        .collect();
    let uses = app.store().uses(&counted).await?;
    let with = |(promo, uses)| PromoWithUses { promo, uses };
    Ok(promos.into_iter().zip(uses).map(with).collect())
}

/// A new code, or other terms for one that there is. Bookings and quotes keep what they were promised; uses go on
/// being counted. `expected` is the version that the caller saw, if they looked: 0 is no code.
///
/// # Errors
/// [`Error::PreconditionFailed`] when the terms are others; [`Refusal::LimitReached`]; [`Error::Invalid`] for venues
/// that are not the vendor's.
pub async fn set_promo(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    code: &PromoCode,
    terms: &PromoTerms,
    expected: Option<u64>,
) -> Result<Outcome<Promo>> {
    once::write(app, once, |now| async move {
        let known = app.store().promos(member.vendor).await?;
        let before = known.iter().find(|promo| promo.code == *code);
        let version = before.map_or(0, |promo| promo.version);
        if expected.is_some_and(|expected| expected != version) {
            return Err(Error::PreconditionFailed);
        }
        if before.is_none() && known.len() >= PROMOS_MAX {
            return Err(Refusal::LimitReached { limit: PROMOS_MAX }.into());
        }
        check_venues(app, member, &terms.venues).await?;
        let PromoTerms {
            effect,
            uses_max,
            uses_per_customer_max,
            from,
            until,
            minimum_spend,
            venues,
        } = terms.clone();
        let promo = Promo {
            code: code.clone(),
            vendor: member.vendor,
            effect,
            uses_max,
            uses_per_customer_max,
            from,
            until,
            minimum_spend,
            venues,
            created_at: before.map_or(now, |promo| promo.created_at),
            updated_at: now,
            version: version.saturating_add(1),
        };
        let mut transaction = Transaction::new();
        transaction.put_promo(&promo);
        Ok((transaction, promo))
    })
    .await
}

async fn check_venues(app: &App, member: &Membership, venues: &[VenueId]) -> Result<()> {
    let found = app.store().venues(venues).await?;
    let is_own = |id: &VenueId| {
        found
            .iter()
            .any(|venue| venue.id == *id && member.works_at(venue.vendor, venue.id))
    };
    let strange = |(n, _)| FieldError::new(format!("/venue_ids/{n}"), "is not a venue of yours");
    let errors: Vec<FieldError> = venues
        .iter()
        .enumerate()
        .filter(|(_, id)| !is_own(id))
        .map(strange)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}
