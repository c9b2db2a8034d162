#!/usr/bin/env bash
# Installs what the tests outside of `make test` need beside Go, or with --check only tells what is missing.
#   tools/test-tools.sh [--check] [screens|alerts ...]    without a name: both
set -euo pipefail
cd "$(dirname "$0")/.."

check=
if [ "${1:-}" = --check ]; then check=1; shift; fi
[ $# -gt 0 ] || set -- screens alerts
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
	alerts)
		command -v prometheus >/dev/null && command -v promtool >/dev/null || lacks prometheus
		;;
	*) echo "test-tools: there is nothing named $of: use screens or alerts" >&2; exit 2 ;;
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
	prometheus) packages+=(prometheus) ;;
	esac
done
if [ ${#packages[@]} -gt 0 ]; then
	command -v apt-get >/dev/null || { echo "make test-tools knows only Debian and Ubuntu (apt-get): install ${packages[*]} by hand" >&2; exit 1; }
	as=()
	[ "$(id -u)" = 0 ] || as=(sudo)
	"${as[@]}" apt-get update -q
	"${as[@]}" apt-get install -q -y --no-install-recommends "${packages[@]}"
fi
case " ${missing[*]} " in *" axe-core "*) npm ci --prefix tools/screens --no-audit --no-fund ;; esac
