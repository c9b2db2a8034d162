#!/bin/sh
# Makes the two archives of examples/data from the sentences beside this script.
# Needs espeak-ng, sox and zip. Run it from anywhere; the archives are committed, so only who changes a
# sentence has to run it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# make SET RATE PREFIX: speaks SET.txt sentence by sentence into RATE Hz, PCM 16 bit, mono.
make() {
	set=$1 rate=$2 prefix=$3
	dir=$work/$set
	mkdir "$dir"
	printf '\357\273\277' >"$dir/trans.txt"
	n=0
	while IFS= read -r text; do
		n=$((n + 1))
		name=$(printf '%s-%02d.wav' "$prefix" "$n")
		# Three voices take turns, so that the set is not one speaker.
		case $((n % 3)) in
		0) voice=en-us+f3 ;;
		1) voice=en-us ;;
		*) voice=en-us+m3 ;;
		esac
		espeak-ng -v "$voice" -s 180 -w "$work/raw.wav" "$text"
		# -D: no dither, or silence would not compress. pad: a little silence around the words.
		sox -D "$work/raw.wav" -r "$rate" -c 1 -b 16 -e signed-integer "$dir/$name" gain -3 pad 0.1 0.1
		printf '%s\t%s\r\n' "$name" "$text" >>"$dir/trans.txt"
	done <"$here/$set.txt"
	# One date for all members and no extra fields: the archive depends on its content alone.
	touch -d '2026-01-01T00:00:00Z' "$dir"/*
	rm -f "$here/../data/$set/audio-and-trans.zip"
	(cd "$dir" && TZ=UTC zip -q -X -9 "$here/../data/$set/audio-and-trans.zip" trans.txt ./*.wav)
}

make training 16000 desk
make testing 8000 call
