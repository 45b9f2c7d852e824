//! The cancellation policies that vendors choose from.

use domain::Refusal;
use domain::cancellation::{PRESETS_MAX, Policy, Preset, PresetTerms, Setting};
use domain::id::UserId;
use domain::text::PolicyName;
use domain::venue::Location;
use store::Transaction;

use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// All of them, also those that are offered no more.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn presets(app: &App) -> Result<Vec<Preset>> {
    Ok(Preset::all(app.store().presets().await?))
}

/// What was said of one lately, the newest version first; the first of all where no more was said.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`].
pub async fn versions(app: &App, name: &PolicyName) -> Result<Vec<Preset>> {
    let mut versions = app.store().preset_versions(name).await?;
    // Before any admin said anything; not where older versions are left out.
    let oldest = versions.last().map_or(2, |preset| preset.version);
    let built_in = Preset::built_in().into_iter();
    versions.extend(built_in.filter(|preset| preset.name == *name && oldest == 2));
    if versions.is_empty() {
        Err(Error::NotFound)
    } else {
        Ok(versions)
    }
}

/// A new version of a preset, or another preset. Venues and bookings keep the version that they have. `expected` is
/// the version that the admin saw, if they looked: 0 is no preset.
///
/// # Errors
/// [`Error::Invalid`] for tiers that cannot be; [`Error::PreconditionFailed`] when there is another version by now;
/// [`Refusal::LimitReached`].
pub async fn set(
    app: &App,
    admin: UserId,
    once: Option<&Once>,
    name: &PolicyName,
    terms: &PresetTerms,
    expected: Option<u64>,
) -> Result<Outcome<Preset>> {
    let wrong = terms.problems().into_iter();
    let errors: Vec<FieldError> = wrong
        .map(|(place, problem)| FieldError::new(format!("/tiers/{place}"), problem.to_string()))
        .collect();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    once::write(app, once, |now| async move {
        let known = presets(app).await?;
        let before = known.iter().find(|preset| preset.name == *name);
        let version = before.map_or(0, |preset| preset.version);
        if expected.is_some_and(|expected| expected != version) {
            return Err(Error::PreconditionFailed);
        }
        if before.is_none() && known.len() >= PRESETS_MAX {
            return Err(Refusal::LimitReached { limit: PRESETS_MAX }.into());
        }
        let set = Setting { at: now, by: admin };
        let preset = Preset::next(before, name.clone(), terms.clone(), set);
        let mut transaction = Transaction::new();
        transaction.put_preset(&preset, before.filter(|preset| preset.set.is_some()));
        Ok((transaction, preset))
    })
    .await
}

/// What a venue has whose vendor chooses a policy: its version of today, or the one that the venue has already where
/// it is offered no more.
///
/// # Errors
/// [`Error::Invalid`] for one that cannot be chosen.
pub(crate) async fn chosen(
    app: &App,
    name: &PolicyName,
    location: &Location,
    before: Option<&Policy>,
) -> Result<Policy> {
    let all = presets(app).await?;
    let offered = || all.iter().filter(|preset| preset.offered);
    if let Some(preset) = offered().find(|preset| preset.name == *name) {
        return Ok(preset.policy_in(&location.address.country));
    }
    if let Some(before) = before.filter(|policy| policy.name == *name) {
        return Ok(before.clone());
    }
    let names: Vec<&str> = offered().map(|preset| preset.name.as_str()).collect();
    let message = format!("has to be one of {}", names.join(", "));
    Err(Error::Invalid(vec![FieldError::new(
        "/cancellation_policy",
        message,
    )]))
}
