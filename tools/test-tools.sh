#!/usr/bin/env bash
# Installs what the tests outside of `make test` need beside Go, or with --check only tells what is missing.
#   tools/test-tools.sh [--check] [screens ...]
set -euo pipefail
cd "$(dirname "$0")/.."

check=
if [ "${1:-}" = --check ]; then check=1; shift; fi
[ $# -gt 0 ] || set -- screens
browser=${CHROMIUM:-/usr/bin/chromium}
missing=()

lacks() { # lacks WHAT: something is missing
	missing+=("$1")
}

has_node() { command -v node >/dev/null && command -v npm >/dev/null; }

for of in "$@"; do
	case $of in
	screens)
		[ -x "$browser" ] || lacks chromium
		has_node || lacks node
		[ -d tools/screens/node_modules/axe-core ] && [ -d tools/screens/node_modules/playwright-core ] || lacks axe-core
		;;
	*) echo "test-tools: there is nothing named $of: use screens" >&2; exit 2 ;;
	esac
done

[ ${#missing[@]} -gt 0 ] || exit 0
if [ -n "$check" ]; then
	echo "missing: ${missing[*]}; install it with: make test-tools" >&2
	exit 1
fi
packages=()
for what in "${missing[@]}"; do
	case $what in
	chromium) packages+=(chromium) ;;
	node) packages+=(nodejs npm) ;;
	esac
done
if [ ${#packages[@]} -gt 0 ]; then
	as=()
	[ "$(id -u)" = 0 ] || as=(sudo)
	"${as[@]}" apt-get update -q
	"${as[@]}" apt-get install -q -y --no-install-recommends "${packages[@]}"
fi
npm ci --prefix tools/screens --no-audit --no-fund
