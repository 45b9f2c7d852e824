#!/bin/sh
# Makes a virtual environment and installs a requirements file into it: venv.sh FOLDER REQUIREMENTS. Asks nothing.
set -eu
cd "$(dirname "$0")/../.."
venv=$1 requirements=$2

python=
for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || { echo "tools: needs Python 3.11 or later" >&2; exit 1; }

# Debian ships Python without the part that makes a venv.
if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
  rm -rf "$venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv >/dev/null
  else
    echo "tools: '$python -m venv' does not work here; on Debian: apt-get install python3-venv" >&2
    exit 1
  fi
  "$python" -m venv "$venv"
fi

"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
