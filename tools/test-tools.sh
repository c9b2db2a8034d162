#!/usr/bin/env bash
# Installs what some tests need and `make test` does not, on Debian or Ubuntu, as root: one function for each tool.
# Usage: tools/test-tools.sh [tool ...], without names all.
set -euo pipefail

# prometheus and promtool, for `make test-alerts`.
prometheus() { apt-get install -y -q --no-install-recommends prometheus; }

tools=("$@")
[ ${#tools[@]} -gt 0 ] || tools=(prometheus)
command -v apt-get >/dev/null || { echo "make test-tools knows only Debian and Ubuntu (apt-get): install ${tools[*]} by hand" >&2; exit 1; }
apt-get update -q
for tool in "${tools[@]}"; do "$tool"; done
