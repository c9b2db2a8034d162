package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestPersonSaidNo(t *testing.T) {
	t.Parallel()
	version := func(id string, day int, state lifecycle.State, verdict string) lifecycle.Version {
		at := time.Date(2026, 6, day, 0, 0, 0, 0, time.UTC)
		return lifecycle.Version{ID: id, Input: "i", State: state, Verdict: verdict, CreatedAt: &at}
	}
	const yes, no, mute = "pass; yes by ann: heard", "pass; no by ann: heard", "pass; 0.1 vs 0.2"
	older := func(verdict string) lifecycle.Version { return version("older", 1, lifecycle.StateRetired, verdict) }
	newer := func(verdict string) lifecycle.Version { return version("newer", 2, lifecycle.StateRetired, verdict) }
	for name, tt := range map[string]struct {
		versions []lifecycle.Version
		own      string
		want     bool
	}{
		"nobody has spoken":                      {[]lifecycle.Version{older(mute), newer(mute)}, "newer", false},
		"a no on the newest":                     {[]lifecycle.Version{older(yes), newer(no)}, "older", true},
		"a yes on the newest":                    {[]lifecycle.Version{older(no), newer(yes)}, "newer", false},
		"a new version after a yes":              {[]lifecycle.Version{older(no), newer(yes)}, "new", false},
		"a no on the one that is to serve":       {[]lifecycle.Version{older(no), newer(yes)}, "older", true},
		"a rollback of the one that is to serve": {[]lifecycle.Version{version("older", 1, lifecycle.StateRolledBack, mute), newer(yes)}, "older", true},
		"rolled back, then a yes":                {[]lifecycle.Version{version("older", 1, lifecycle.StateRolledBack, yes)}, "older", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, lifecycle.PersonSaidNo(tt.versions, "i", tt.own))
		})
	}
	require.False(t, lifecycle.PersonSaidNo([]lifecycle.Version{older(no)}, "another", "new"), "of another input")
	require.False(t, lifecycle.PersonSaidNo([]lifecycle.Version{older(no)}, "", "new"), "an input that is not known is nobody's")
}
