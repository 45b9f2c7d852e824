//! The cancellation policies that vendors choose from (`system_settings`), and every version of them.

use domain::cancellation::Preset;
use domain::text::PolicyName;

use crate::item::{Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// Versions of one preset that are read: the newest.
pub const PRESET_VERSIONS_READ_MAX: i32 = 20;
/// As many as there may be, unless they are very large.
const PRESETS_PAGE: i32 = 20;

impl Store {
    /// Those that an admin said something of, by their names.
    pub async fn presets(&self) -> Result<Vec<Preset>> {
        self.query_all(of(keys::PRESETS.to_owned())).await
    }

    /// What admins said of one, the newest first.
    pub async fn preset_versions(&self, name: &PolicyName) -> Result<Vec<Preset>> {
        let page = self
            .query(Query {
                newest_first: true,
                limit: PRESET_VERSIONS_READ_MAX,
                ..of(keys::preset_versions(name))
            })
            .await?;
        Ok(page.items)
    }
}

const fn of(pk: String) -> Query<'static> {
    Query {
        table: Table::SystemSettings,
        index: None,
        pk,
        range: None,
        newest_first: false,
        limit: PRESETS_PAGE,
        after: None,
    }
}

impl Transaction {
    /// The next version of a preset, beside all that there were. `was` is the one before, where an admin set it.
    pub fn put_preset(&mut self, preset: &Preset, was: Option<&Preset>) {
        let was = was.map_or(Was::Absent, |preset| Was::Version(preset.version));
        self.put(
            Table::SystemSettings,
            item(&keys::preset(&preset.name), preset, &[]),
            Guard::PresetUnchanged,
            Condition::Was(was),
        );
        self.put(
            Table::SystemSettings,
            item(&keys::preset_version(&preset.name, preset.version), preset, &[]),
            Guard::PresetUnchanged,
            Condition::Was(Was::Absent),
        );
    }
}
