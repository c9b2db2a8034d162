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

// Once the version serves, the model's name is put on an endpoint of ours; one of somebody else, of another model, or made by hand, keeps its
// properties.
func TestMarkEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings) { s.CustomPropertiesPatch = "replace" })
	version := b.version("v", made{marks: ours()})
	for name, tt := range map[string]struct{ before, after map[string]string }{
		"ours, of no model": {
			before: map[string]string{"sr.owner": "ours", "team": "wind"},
			after:  map[string]string{"sr.owner": "ours", "team": "wind", "sr.model": "desk"},
		},
		"ours already":           {before: ours("team", "wind")},
		"ours, of another model": {before: map[string]string{"sr.owner": "ours", "sr.model": "other"}},
		"ours, taken over": {
			before: map[string]string{"sr.owner": "ours", "sr.model": "former"},
			after:  ours(),
		},
		"theirs":  {before: map[string]string{"sr.owner": "theirs", "team": "wind"}},
		"by hand": {before: map[string]string{"team": "wind"}},
	} {
		id := b.endpoint(name, made{marks: tt.before, serves: version})
		in := activities.DeployInput{
			Scope: scope(), EndpointID: id, Label: name, Version: activities.ModelRef{ID: version, Custom: true}, TakesOver: "former",
		}
		require.NoError(t, b.run(b.doing.AwaitDeployed, in, nil), name)
		require.Empty(t, b.sent(http.MethodPatch), "%s: a model that is put back changes no mark", name)
		in.Mark = true
		require.NoError(t, b.run(b.doing.AwaitDeployed, in, nil), name)
		if tt.after == nil {
			require.Empty(t, b.sent(http.MethodPatch), name)
			tt.after = tt.before
		}
		require.Equal(t, tt.after, b.marksOf(id), name)
	}
}

// An endpoint that the request names is changed whoever made it, but for one of another installation, of another model,
// or of another locale; the request may say that it takes over another model's.
func TestOneEndpointOneModel(t *testing.T) {
	t.Parallel()
	marked := func(owner, model string) map[string]string {
		return map[string]string{"sr.owner": owner, "sr.model": model}
	}
	for name, tt := range map[string]struct {
		marks    map[string]string
		locale   string
		serves   map[string]string
		takeOver string
		// refused is whether a run is refused when it reads what serves, pointed when it changes the endpoint.
		refused, pointed bool
	}{
		"ours":                    {marks: ours()},
		"made by hand":            {},
		"ours, of no model":       {marks: map[string]string{"sr.owner": "ours"}},
		"of another installation": {marks: marked("theirs", "desk"), refused: true, pointed: true},
		"of another installation, whatever is said": {marks: marked("theirs", "other"), takeOver: "other", refused: true, pointed: true},
		"of another model":                          {marks: marked("ours", "other"), refused: true, pointed: true},
		"of another model, and taken over":          {marks: marked("ours", "other"), takeOver: "other"},
		"of a third model":                          {marks: marked("ours", "third"), takeOver: "other", refused: true, pointed: true},
		"of another locale":                         {marks: ours(), locale: "de-DE", refused: true, pointed: true},
		"it serves the champion of another model":   {serves: map[string]string{"sr.owner": "ours", "sr.model": "other", "sr.state": "champion"}, refused: true},
		"it serves that, and is taken over":         {serves: map[string]string{"sr.owner": "ours", "sr.model": "other", "sr.state": "champion"}, takeOver: "other"},
		"it serves an earlier one of another model": {serves: map[string]string{"sr.owner": "ours", "sr.model": "other", "sr.state": "retired"}},
		"it serves the champion of somebody else":   {serves: map[string]string{"sr.owner": "theirs", "sr.model": "other", "sr.state": "champion"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			next := b.version("next", made{marks: candidate(run("this"))})
			serves := ""
			if tt.serves != nil {
				serves = b.version("serves", made{marks: tt.serves})
			}
			id := b.endpoint("Desk", made{marks: tt.marks, locale: tt.locale, serves: serves})
			holds := func(refused bool, err error) {
				t.Helper()
				if !refused {
					require.NoError(t, err)
					return
				}
				failure, application := failureOf(t, err)
				require.Equal(t, lifecycle.InvalidRequest, failure.Type)
				require.True(t, application.NonRetryable())
			}
			for _, named := range []string{"Desk", id} {
				holds(tt.refused, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: named, TakeOver: tt.takeOver}, nil))
			}
			in := activities.DeployInput{Scope: scope(), EndpointID: id, Label: "Desk", Version: activities.ModelRef{ID: next, Custom: true}, TakesOver: tt.takeOver}
			holds(tt.pointed, b.run(b.doing.PointEndpoint, in, nil))
			require.Equal(t, !tt.pointed, len(b.sent(http.MethodPatch)) == 1)
		})
	}
}

// Without a request, the endpoint of a model is that of its schedule, else the one that carries its marks. A rollback
// never guesses: an endpoint that only serves a version of the model is nobody's to change.
func TestFindOwnEndpoint(t *testing.T) {
	t.Parallel()
	scheduled := func(locale, endpoint string) []lifecycle.LiveRequest {
		return []lifecycle.LiveRequest{{Name: "desk", Locale: locale, Deploy: &lifecycle.LiveDeploy{Endpoint: endpoint}}}
	}
	for name, tt := range map[string]struct {
		given   string
		live    []lifecycle.LiveRequest
		prepare func(b *bundle, version string)
		want    string
		refused bool
	}{
		"the request names it": {given: "by request", live: scheduled("en-US", "by schedule"), want: "by request"},
		"its schedule names it": {
			live: scheduled("en-US", "by schedule"), want: "by schedule",
			prepare: func(b *bundle, _ string) { b.endpoint("marked", made{marks: ours()}) },
		},
		"the schedule is of another locale": {
			live: scheduled("de-DE", "by schedule"), want: "marked",
			prepare: func(b *bundle, _ string) { b.endpoint("marked", made{marks: ours()}) },
		},
		"its marks name it, and others serve its versions": {want: "marked", prepare: func(b *bundle, version string) {
			b.endpoint("canary", made{serves: version})
			b.endpoint("marked", made{marks: ours()})
			b.endpoint("canary", made{serves: version})
		}},
		"several carry its marks": {refused: true, prepare: func(b *bundle, _ string) {
			b.endpoint("marked", made{marks: ours()})
			b.endpoint("marked too", made{marks: ours()})
		}},
		"only ones made by hand serve it": {refused: true, prepare: func(b *bundle, version string) { b.endpoint("canary", made{serves: version}) }},
		"there is none":                   {prepare: func(b *bundle, _ string) { b.endpoint("by hand", made{}) }},
		"those of others do not count": {prepare: func(b *bundle, _ string) {
			b.endpoint("theirs", made{marks: map[string]string{"sr.owner": "theirs", "sr.model": "desk"}})
			b.endpoint("of another model", made{marks: map[string]string{"sr.owner": "ours", "sr.model": "other"}})
			b.endpoint("in German", made{marks: ours(), locale: "de-DE"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.runs.live = tt.live
			version := b.version("v", made{marks: state(lifecycle.StateChampion)})
			if tt.prepare != nil {
				tt.prepare(b, version)
			}
			var own activities.OwnEndpoint
			err := b.run(b.doing.FindOwnEndpoint, activities.OwnEndpointInput{Scope: scope(), Endpoint: tt.given}, &own)
			if tt.refused {
				failure, _ := failureOf(t, err)
				require.Equal(t, lifecycle.InvalidRequest, failure.Type)
				require.Contains(t, *failure.Next, "--endpoint")
				return
			}
			require.NoError(t, err)
			if name := b.names[own.Endpoint]; name != "" {
				own.Endpoint = name
			}
			require.Equal(t, tt.want, own.Endpoint)
		})
	}
}

// An endpoint is changed only while it serves what the run has seen there or has set: what anybody else has set since stays.
func TestAnEndpointThatSomebodyElseHasChangedIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	next := b.version("next", made{marks: candidate(run("this"))})
	serves := b.version("serves", made{marks: state(lifecycle.StateRetired)})
	id := b.endpoint("Desk", made{marks: ours(), serves: serves})
	in := activities.DeployInput{Scope: scope(), EndpointID: id, Label: "Desk", Version: activities.ModelRef{ID: next, Custom: true}, Over: []string{next}}
	var pointed activities.Pointed
	for _, always := range []bool{false, true} {
		in.Always = always
		require.NoError(t, b.run(b.doing.PointEndpoint, in, &pointed))
		require.Equal(t, activities.Pointed{Left: serves}, pointed)
		require.Empty(t, b.sent(http.MethodPatch))
	}
	in.Over = append(in.Over, serves)
	pointed = activities.Pointed{}
	require.NoError(t, b.run(b.doing.PointEndpoint, in, &pointed))
	require.Empty(t, pointed)
	require.Len(t, b.sent(http.MethodPatch), 1)
}
