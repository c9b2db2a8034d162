package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// A version of another owner is never marked, whoever asks.
func TestMarkVersionRefusesOtherOwners(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, owner := range []string{"theirs", ""} {
		id := b.version("of "+owner, made{marks: map[string]string{"sr.owner": owner, "sr.model": "desk"}})
		err := b.run(b.doing.MarkVersion, activities.MarkInput{Scope: scope(), ID: id, State: lifecycle.StateRejected}, nil)
		failure, _ := failureOf(t, err)
		require.Equal(t, lifecycle.InvalidRequest, failure.Type)
		require.Empty(t, b.sent(http.MethodPatch))
	}
}

// Marks are changed by read-modify-write: other keys stay as they are, on a service that merges and on one that
// replaces, and nothing is sent when all is as wanted.
func TestMarksLeaveOtherProperties(t *testing.T) {
	t.Parallel()
	for _, patch := range []string{"merge", "replace"} {
		t.Run(patch, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(s *emulator.Settings) { s.CustomPropertiesPatch = patch })
			id := b.version("v", made{marks: ours("team", "wind", "sr.state", "candidate", "sr.input", "i")})
			in := activities.MarkInput{Scope: scope(), ID: id, State: lifecycle.StateRejected, Verdict: "fail"}
			require.NoError(t, b.run(b.doing.MarkVersion, in, nil))
			require.Equal(t, ours("team", "wind", "sr.state", "rejected", "sr.verdict", "fail", "sr.input", "i"), b.marksOf(id))
			require.NoError(t, b.run(b.doing.MarkVersion, in, nil))
			require.Empty(t, b.sent(http.MethodPatch))
			require.NoError(t, b.run(b.doing.MarkAlarm, activities.AlarmInput{Scope: scope(), VersionID: id, Mark: "expiring"}, nil))
			require.Equal(t, "wind", b.marksOf(id)["team"])
			require.Equal(t, "expiring", b.marksOf(id)["sr.alarm"])
		})
	}
}

// An alarm is remembered on versions of ours only; elsewhere the activity says that it is not.
func TestMarkAlarm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	theirs := b.version("theirs", made{marks: map[string]string{"sr.owner": "theirs", "sr.model": "desk"}})
	hand := b.version("by hand", made{})
	full := ours()
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		full[key] = "theirs"
	}
	crowded := b.version("full", made{marks: full})
	for _, id := range []string{theirs, hand, crowded} {
		before := b.marksOf(id)
		dropped := false
		require.NoError(t, b.run(b.doing.MarkAlarm, activities.AlarmInput{Scope: scope(), VersionID: id, Mark: "expiring"}, &dropped))
		require.True(t, dropped, b.names[id])
		require.Equal(t, before, b.marksOf(id), b.names[id])
		if id != crowded {
			require.Empty(t, b.sent(http.MethodPatch))
		}
	}
}
