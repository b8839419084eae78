#!/bin/sh
# Makes the environment with the official Python clients and prints its python; says on the error output why it cannot.
# One folder per set of requirements, so that it is made once on a machine.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v python3 >/dev/null; then echo "python3 is not there; python3-venv brings it" >&2; exit 1; fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then echo "python3 has no venv; python3-venv brings it" >&2; exit 1; fi
mark=$(cksum <"$here/requirements.txt" | cut -d ' ' -f 1)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/switchyard/python-clients-$mark"
if [ ! -e "$folder/ready" ]; then
  # Made beside its place and moved there, so that an interrupted attempt leaves nothing half done.
  work="$folder.$$"
  mkdir -p "$(dirname "$folder")" || exit 1
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  if ! python3 -m venv "$work" >&2; then echo "python3 -m venv failed; python3-venv brings what it needs" >&2; exit 1; fi
  if ! "$work/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2; then
    echo "pip could not install the official Python clients" >&2
    exit 1
  fi
  touch "$work/ready"
  mv "$work" "$folder" 2>/dev/null || [ -e "$folder/ready" ] || exit 1
fi
echo "$folder/bin/python"
