#!/bin/sh
# Runs the tests whose names contain each word given, over the whole workspace (so that features unify as in `make test`
# and nothing is built twice), and fails for a word that no test answers to: a renamed rule must not pass by absence.
set -eu
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for word in "$@"; do
  if ! cargo test --workspace --lib --bins --tests -- "$word" >"$log" 2>&1; then
    tail -n 60 "$log" >&2 # of a build from nothing, the reason is at the end
    exit 1
  fi
  passed=$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  if [ "$passed" = 0 ]; then
    echo "rules: no test is called …$word…" >&2
    exit 1
  fi
  echo "rules: $word, $passed passed"
done
