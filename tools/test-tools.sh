#!/usr/bin/env bash
# Installs what some tests need and `make test` does not, on Debian or Ubuntu, as root: one function for each tool.
# Usage: tools/test-tools.sh [tool ...], without names all.
set -euo pipefail

# A browser, for `make test-screens`.
chromium() { [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || apt-get install -y -q --no-install-recommends chromium; }

# axe-core and what drives that browser, of the versions in the lock file, for `make test-screens`.
axe() {
	command -v npm >/dev/null || apt-get install -y -q --no-install-recommends nodejs npm
	npm ci --prefix "$(dirname "$0")/screens" --no-audit --no-fund
}

tools=("$@")
[ ${#tools[@]} -gt 0 ] || tools=(chromium axe)
command -v apt-get >/dev/null || { echo "make test-tools knows only Debian and Ubuntu (apt-get): install ${tools[*]} by hand" >&2; exit 1; }
apt-get update -q
for tool in "${tools[@]}"; do "$tool"; done
