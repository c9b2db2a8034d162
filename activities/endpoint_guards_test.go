package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// A second endpoint that a lost answer has left is deleted; one that is older than the run is not, nor is one that is
// not this model's, whatever its name.
func TestSettlingAnEndpointDeletesOnlyWhatTheRunMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("v", made{marks: candidate(scope().Run)})
	put := func(name string, marks map[string]string, hangs bool) string {
		id := b.endpoint("Desk", made{marks: marks, serves: version, hangs: hangs})
		b.names[id] = name
		return id
	}
	first := put("first", ours(), false)
	put("older than the run", ours(), false)
	notBefore := b.service.Now()
	b.advance(time.Minute)
	put("by hand", nil, false)
	put("theirs", map[string]string{lifecycle.MarkOwner: "theirs", lifecycle.MarkModel: "desk"}, false)
	put("of another model", map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkModel: "other"}, false)
	known := put("twin", ours(), false)
	deploying := put("deploying", ours(), true)
	in := activities.SettleEndpointInput{ID: known, NotBefore: notBefore, EndpointInput: activities.EndpointInput{
		Scope: scope(), Name: "Desk", Version: activities.ModelRef{ID: version, Custom: true},
	}}
	var settled activities.EndpointSettled
	require.NoError(t, b.run(b.doing.SettleEndpoint, in, &settled))
	require.Equal(t, first, settled.ID, "the earliest counts")
	require.Equal(t, []string{"twin"}, b.sent(http.MethodDelete))
	require.Equal(t, []string{known}, idsOf(settled.Deleted))
	require.Equal(t, []string{deploying}, settled.Waiting)
	require.Len(t, settled.Kept, 1)
	require.Contains(t, settled.Kept[0].Reason, "older than this run")
}

// An endpoint that was created by a lost answer is found again, and only one that carries our marks is taken for it.
func TestEnsureEndpointAdoptsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("v", made{marks: candidate(scope().Run)})
	b.endpoint("Desk", made{})
	b.endpoint("Desk", made{marks: map[string]string{lifecycle.MarkOwner: "theirs", lifecycle.MarkModel: "desk"}})
	b.endpoint("Desk", made{marks: map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkModel: "other"}})
	in := activities.EndpointInput{Scope: scope(), Name: "Desk", Version: activities.ModelRef{ID: version, Custom: true}}
	var created, again activities.EndpointSeen
	require.NoError(t, b.run(b.doing.EnsureEndpoint, in, &created))
	require.Equal(t, 1, b.posted("endpoints"))
	require.Equal(t, ours(), b.marksOf(created.ID))
	require.NoError(t, b.run(b.doing.EnsureEndpoint, in, &again))
	require.Zero(t, b.posted("endpoints"))
	require.Equal(t, created.ID, again.ID)
}

// A reset run looks twice before it pays for a second endpoint, as it does for everything that it creates.
func TestAResetRunLooksTwiceBeforeItCreatesAnEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings) { s.ListLag = emulator.Duration(time.Hour) })
	version := b.version("v", made{marks: candidate(scope().Run)})
	own := b.endpoint("Desk", made{marks: ours(), serves: version})
	b.after(http.MethodGet, "endpoints", func() { b.advance(2 * time.Hour) })
	s := scope()
	s.Run = run("the-run-before-the-reset")
	var seen activities.EndpointSeen
	in := activities.EndpointInput{Scope: s, Name: "Desk", Version: activities.ModelRef{ID: version, Custom: true}}
	require.NoError(t, b.run(b.doing.EnsureEndpoint, in, &seen))
	require.Zero(t, b.posted("endpoints"))
	require.Equal(t, own, seen.ID)
}

// The model's name is put on an endpoint of ours; one of somebody else, or made by hand, keeps its properties.
func TestMarkEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings) { s.CustomPropertiesPatch = "replace" })
	for name, tt := range map[string]struct{ before, after map[string]string }{
		"ours, of no model": {
			before: map[string]string{"sr.owner": "ours", "team": "wind"},
			after:  map[string]string{"sr.owner": "ours", "team": "wind", "sr.model": "desk"},
		},
		"ours already": {before: ours("team", "wind")},
		"theirs":       {before: map[string]string{"sr.owner": "theirs", "team": "wind"}},
		"by hand":      {before: map[string]string{"team": "wind"}},
	} {
		id := b.endpoint(name, made{marks: tt.before})
		require.NoError(t, b.run(b.doing.MarkEndpoint, activities.MarkEndpointInput{Scope: scope(), EndpointID: id}, nil))
		if tt.after == nil {
			require.Empty(t, b.sent(http.MethodPatch), name)
			tt.after = tt.before
		}
		require.Equal(t, tt.after, b.marksOf(id), name)
	}
}
