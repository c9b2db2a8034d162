#!/bin/sh
# Makes the namespace and the search attributes that the workflows set. What is there already stays as it
# is. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where, RETENTION how long finished runs can be looked at.
set -eu

# The container is healthy when its port answers; the server behind it may need a little longer.
tries=0
until temporal operator cluster health; do
	tries=$((tries + 1))
	if [ "$tries" -ge 30 ]; then
		echo "Temporal at $TEMPORAL_ADDRESS did not become healthy within a minute" >&2
		exit 1
	fi
	sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"

# A new namespace is known everywhere only after a few seconds.
tries=0
until known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"); do
	tries=$((tries + 1))
	[ "$tries" -lt 30 ] || exit 1
	sleep 2
done

# attribute NAME TYPE
attribute() {
	echo "$known" | grep -q "^ *$1 " ||
		temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}

attribute SpeechModel Keyword
attribute SpeechLocale Keyword
attribute SpeechStage Keyword
attribute SpeechOutcome Keyword
attribute SpeechAlarm Keyword
attribute SpeechExpiry Datetime
