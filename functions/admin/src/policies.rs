//! The cancellation policies that vendors choose from.

use std::collections::BTreeMap;

use app::{App, policies};
use axum::extract::State;
use domain::cancellation::{
    GRACE_HOURS_MAX, Grace, NOTES_MAX, Preset, PresetTerms, Setting, TIER_HOURS_MAX, TIERS_MAX, Tier,
};
use domain::id::UserId;
use domain::text::{Country, PolicyName, PolicyNote};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{GraceView, TierView, input};
use web::{Admin, Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, Reply, needs, ok};

/// What comes back, and who may choose it.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewPolicy")]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    /// The most generous first, each ends later and brings less than the one before it; at most 6. After the last one
    /// nothing comes back.
    tiers: Vec<RawTier>,
    /// No grace period when it is left out.
    grace: Option<RawGrace>,
    /// What is to be said besides in a country (ISO 3166-1), by that of the venue: at most 30, of at most 500
    /// characters.
    #[serde(default)]
    notes: BTreeMap<String, String>,
    /// Whether it can be chosen; true when it is left out. Venues that have it keep it.
    offered: Option<bool>,
}

/// Up to some hours before the start, a share of the price comes back.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewTier")]
#[serde(deny_unknown_fields)]
pub struct RawTier {
    /// 1 to 8784.
    hours_before: u32,
    /// 1 to 10000 basis points of the price without the platform's own line.
    refund_bps: u32,
    /// Whether the platform's own line comes back in the same share.
    fees_refundable: bool,
}

/// Soon after a booking was confirmed, and long enough before its start, all of it comes back.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewGrace")]
#[serde(deny_unknown_fields)]
pub struct RawGrace {
    /// 1 to 720.
    hours_after_confirmation: u32,
    /// 1 to 8784.
    hours_before_start: u32,
}

impl Parse for RawPolicy {
    type Into = PresetTerms;

    fn parse(self, problems: &mut Problems) -> Option<PresetTerms> {
        let tiers = problems.each("tiers", self.tiers, TIERS_MAX, |_, raw| {
            Some(Tier {
                hours_before: raw.hours_before,
                refund_bps: raw.refund_bps,
                fees_refundable: raw.fees_refundable,
            })
        });
        let grace = match self.grace {
            Some(raw) => problems.within("grace", |here| raw.parse(here)).map(Some),
            None => Some(None),
        };
        if self.notes.len() > NOTES_MAX {
            problems.add("notes", format!("has to be of at most {NOTES_MAX} countries"));
        }
        let notes = problems.within("notes", |here| {
            let note = |(country, text): (&String, &String)| {
                let note = here.field(country, PolicyNote::parse(text));
                let country = here.field(country, Country::parse(country));
                country.zip(note)
            };
            let read: Vec<_> = self.notes.iter().map(note).collect();
            read.into_iter().collect::<Option<BTreeMap<_, _>>>()
        });
        Some(PresetTerms {
            tiers: tiers?,
            grace: grace?,
            notes: notes?,
            offered: self.offered.unwrap_or(true),
        })
    }
}

impl Parse for RawGrace {
    type Into = Grace;

    fn parse(self, problems: &mut Problems) -> Option<Grace> {
        let (after, before) = (self.hours_after_confirmation, self.hours_before_start);
        let after = input::within(problems, "hours_after_confirmation", after, 1, GRACE_HOURS_MAX);
        let before = input::within(problems, "hours_before_start", before, 1, TIER_HOURS_MAX);
        Some(Grace {
            hours_after_confirmation: after?,
            hours_before_start: before?,
        })
    }
}

/// A cancellation policy that vendors may choose, under one of its versions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyPreset")]
pub struct PresetView {
    #[schemars(with = "String")]
    name: PolicyName,
    version: u64,
    tiers: Vec<TierView>,
    grace: Option<GraceView>,
    /// What is to be said besides, by the country of the venue.
    #[schemars(with = "BTreeMap<String, String>")]
    notes: BTreeMap<Country, PolicyNote>,
    /// Whether it can be chosen.
    offered: bool,
    /// Null for those that there were from the beginning.
    set_at: Option<Timestamp>,
    /// The admin who said so.
    #[schemars(with = "Option<String>")]
    set_by: Option<UserId>,
}

impl From<Preset> for PresetView {
    fn from(preset: Preset) -> Self {
        Self {
            name: preset.name,
            version: preset.version,
            tiers: preset.tiers.into_iter().map(TierView::from).collect(),
            grace: preset.grace.map(GraceView::from),
            notes: preset.notes,
            offered: preset.offered,
            set_at: preset.set.map(|Setting { at, .. }| at),
            set_by: preset.set.map(|Setting { by, .. }| by),
        }
    }
}

/// Cancellation policies as they are by now, or versions of one.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyPresets")]
pub struct PresetsView {
    data: Vec<PresetView>,
}

impl From<Vec<Preset>> for PresetsView {
    fn from(presets: Vec<Preset>) -> Self {
        Self {
            data: presets.into_iter().map(PresetView::from).collect(),
        }
    }
}

pub async fn list(State(app): State<App>, _: Admin<needs::SeePolicies>) -> Answer<Reply<PresetsView>> {
    Ok(ok(policies::presets(&app).await?.into()))
}

pub async fn versions(
    State(app): State<App>,
    _: Admin<needs::SeePolicies>,
    PathId(name): PathId<PolicyName>,
) -> Answer<Reply<PresetsView>> {
    Ok(ok(policies::versions(&app, &name).await?.into()))
}

pub async fn set(
    State(app): State<App>,
    Admin(me): Admin<needs::SetPolicies>,
    MaybeIdempotent(once): MaybeIdempotent,
    MaybeIfMatch(expected): MaybeIfMatch,
    PathId(name): PathId<PolicyName>,
    Body(terms): Body<RawPolicy>,
) -> Answer<Reply<PresetView>> {
    let preset = policies::set(&app, me.user, once.as_ref(), &name, &terms, expected).await?;
    let version = preset.value.version;
    Ok(Reply::of(preset, PresetView::from).version(version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::POLICY_NOTE_LENGTH_MAX;
    use serde_json::{Value, json};

    fn pointers(raw: Value) -> Vec<String> {
        let raw: RawPolicy = serde_json::from_value(raw).unwrap();
        let mut problems = Problems::new();
        let parsed = raw.parse(&mut problems);
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert!(parsed.is_some() || !pointers.is_empty());
        pointers
    }

    #[test]
    fn everything_wrong_with_a_policy_is_told_at_once() {
        let none: [&str; 0] = [];
        assert_eq!(pointers(json!({"tiers": []})), none);
        let tier = json!({"hours_before": 1, "refund_bps": 1, "fees_refundable": false});
        assert_eq!(pointers(json!({"tiers": vec![tier.clone(); TIERS_MAX]})), none);
        let found = pointers(json!({
            "tiers": vec![tier; TIERS_MAX + 1],
            "grace": {"hours_after_confirmation": GRACE_HOURS_MAX + 1, "hours_before_start": 0},
            "notes": {"DE": "", "fr": "Oui.", "IT": "x".repeat(POLICY_NOTE_LENGTH_MAX + 1)},
        }));
        assert_eq!(
            found,
            [
                "/tiers",
                "/grace/hours_after_confirmation",
                "/grace/hours_before_start",
                "/notes/DE",
                "/notes/IT",
                "/notes/fr"
            ]
        );
    }

    #[test]
    fn notes_have_a_limit() {
        let notes = |n: u8| -> BTreeMap<String, &str> {
            let letter = |n: u8| char::from(b'A' + n);
            let code = |n: u8| format!("{}{}", letter(n / 26), letter(n % 26));
            (0..n).map(|n| (code(n), "A note.")).collect()
        };
        let none: [&str; 0] = [];
        let most = u8::try_from(NOTES_MAX).unwrap();
        assert_eq!(pointers(json!({"tiers": [], "notes": notes(most)})), none);
        assert_eq!(
            pointers(json!({"tiers": [], "notes": notes(most + 1)})),
            ["/notes"]
        );
    }
}
