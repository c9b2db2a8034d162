package activities_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// observed looks at a model that is trained on a dataset and served by an endpoint.
func (b *bundle) observed(dataset, endpoint string) activities.ModelObserved {
	b.t.Helper()
	var seen activities.ModelObserved
	request := lifecycle.Request{Name: "desk", Locale: "en-US", Training: []lifecycle.Data{{Dataset: dataset}}, Deploy: &lifecycle.Deploy{Endpoint: endpoint}}
	require.NoError(b.t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request, Fresh: true}, &seen))
	return seen
}

// What a retrain finds, a plan and a check find, too, however the object is named.
func TestAnObjectIsFoundHoweverItIsNamed(t *testing.T) {
	t.Parallel()
	for how, spell := range map[string]func(b *bundle, collection, id, name string) string{
		"ID":             func(_ *bundle, _, id, _ string) string { return id },
		"ID in capitals": func(_ *bundle, _, id, _ string) string { return strings.ToUpper(id) },
		"URL": func(b *bundle, collection, id, _ string) string {
			return b.url + "/speechtotext/" + collection + "/" + id + "?api-version=2025-10-15"
		},
		"URL in capitals, of another host": func(_ *bundle, collection, id, _ string) string {
			return "https://h.example/speechtotext/v3.2/" + collection + "/" + strings.ToUpper(id)
		},
		"name": func(_ *bundle, _, _, name string) string { return name },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			base, dataset, endpoint, project := b.base("en-US").ID(), b.dataset("words", made{}), b.endpoint("calls", made{}), b.aProject("desk calls", made{})
			words, calls := spell(b, "datasets", dataset, "words"), spell(b, "endpoints", endpoint, "calls")

			var data activities.DataFound
			require.NoError(t, b.run(b.doing.FindData, activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: words}}, &data))
			require.Equal(t, dataset, data.ID)
			var champion activities.ChampionResult
			require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: calls}, &champion))
			require.Equal(t, endpoint, champion.Endpoint.ID)
			seen := b.observed(words, calls)
			require.Equal(t, dataset, seen.Training[0].DatasetID)
			require.Equal(t, data.Content, seen.Training[0].Content)
			require.Empty(t, seen.Training[0].Fault)
			require.NotNil(t, seen.Endpoint)
			require.Equal(t, endpoint, seen.Endpoint.ID)
			require.Empty(t, seen.EndpointFault)

			b.version("v1", made{marks: ours()})
			b.runs.live = []lifecycle.LiveRequest{{Name: "desk", Locale: "en-US", Deploy: &lifecycle.LiveDeploy{Endpoint: calls}}}
			var rows activities.ObservedModels
			require.NoError(t, b.run(b.doing.ObserveModels, activities.ObserveInput{Scope: scope(), Names: []string{"desk"}}, &rows))
			require.NotNil(t, rows.Rows[0].Endpoint)
			require.Equal(t, endpoint, rows.Rows[0].Endpoint.ID)

			var found activities.ProjectResult
			require.NoError(t, b.run(b.doing.EnsureProject, activities.ProjectInput{Scope: scope(), Project: spell(b, "projects", project, "desk calls")}, &found))
			require.Equal(t, activities.ProjectResult{ID: project}, found)
			if how == "name" {
				return // a base model is named by its ID or URL
			}
			var chosen activities.BaseResult
			spec := lifecycle.BaseSpec{Choose: spell(b, "models/base", base, "")}
			require.NoError(t, b.run(b.doing.ChooseBase, activities.BaseInput{Scope: scope(), Spec: spec, Kinds: []lifecycle.DatasetKind{"Language"}}, &chosen))
			require.Equal(t, base, chosen.Model.ID)
		})
	}
}

// Nothing is created with an ID or a URL as its name.
func TestAnObjectNamedByAnIDIsNeverCreated(t *testing.T) {
	t.Parallel()
	const id = "0DDBA11A-5f8f-4dc2-9f5b-5a8b3e7b6a41"
	for how, spell := range map[string]func(collection string) string{
		"ID":             func(string) string { return strings.ToLower(id) },
		"ID in capitals": func(string) string { return id },
		"URL":            func(collection string) string { return "https://h.example/speechtotext/" + collection + "/" + id },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			version := b.version("v1", made{marks: ours()})
			refused := func(activity, input any, path string) {
				t.Helper()
				failure, _ := failureOf(t, b.run(activity, input, nil))
				require.Equal(t, lifecycle.InvalidRequest, failure.Type)
				require.Contains(t, failure.Message, "does not exist")
				require.Equal(t, path, failure.Problems[0].Path)
				require.Empty(t, b.sent(http.MethodPost))
			}
			refused(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: spell("endpoints")}, "deploy.endpoint")
			// It may have been deleted since the run looked for it.
			refused(b.doing.EnsureEndpoint, activities.EndpointInput{
				Scope: scope(), Name: spell("endpoints"),
				Version: activities.ModelRef{ID: version, Custom: true},
			}, "deploy.endpoint")
			refused(b.doing.EnsureProject, activities.ProjectInput{Scope: scope(), Project: spell("projects")}, "project")
			refused(b.doing.FindData, activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: spell("datasets")}}, "training[0]")
			seen := b.observed(spell("datasets"), spell("endpoints"))
			require.Nil(t, seen.Endpoint)
			require.Contains(t, seen.EndpointFault, "does not exist")
			require.Contains(t, seen.Training[0].Fault, "does not exist")
			// What is only a name may be created.
			require.Empty(t, b.observed("words", "new").EndpointFault)
			var found activities.ChampionResult
			require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: "new"}, &found))
			require.Nil(t, found.Endpoint)
		})
	}
}

// What schedules name is read from Temporal once for each model, and not at all by whoever is told.
func TestObserveModelsReadsSchedulesOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.version("v1", made{marks: ours()})
	one, other := b.endpoint("one", made{}), b.endpoint("other", made{})
	b.runs.live = []lifecycle.LiveRequest{{Name: "desk", Locale: "en-US", Deploy: &lifecycle.LiveDeploy{Endpoint: "one"}}}
	for name, tc := range map[string]struct {
		told     []lifecycle.ScheduledEndpoint
		asked    int
		endpoint string
	}{
		"nobody tells":              {asked: 2, endpoint: one},
		"another":                   {told: []lifecycle.ScheduledEndpoint{{Name: "desk", Locale: "en-us", Endpoint: "other"}}, endpoint: other},
		"of another locale":         {told: []lifecycle.ScheduledEndpoint{{Name: "desk", Locale: "de-DE", Endpoint: "other"}}},
		"that there is no schedule": {told: []lifecycle.ScheduledEndpoint{}},
	} {
		b.runs.asked = 0
		var seen activities.ObservedModels
		require.NoError(t, b.run(b.doing.ObserveModels, activities.ObserveInput{Scope: scope(), Names: []string{"desk", "none"}, Scheduled: tc.told}, &seen))
		require.Equal(t, tc.asked, b.runs.asked, name)
		if tc.endpoint == "" {
			require.Nil(t, seen.Rows[0].Endpoint, name)
		} else {
			require.NotNil(t, seen.Rows[0].Endpoint, name)
			require.Equal(t, tc.endpoint, seen.Rows[0].Endpoint.ID, name)
		}
	}
}

// What carries the marks of the model beside its own endpoint is told: nothing else renews it, or deletes it.
func TestObserveModelsTellsOfAnEndpointThatIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("v1", made{marks: ours()})
	b.endpoint("one", made{marks: ours()})
	left := b.endpoint("renamed", made{marks: ours(), serves: version})
	b.endpoint("another model's", made{marks: ours("sr.model", "till"), serves: version})
	b.endpoint("another's", made{marks: map[string]string{"sr.owner": "theirs", "sr.model": "desk"}, serves: version})
	b.endpoint("of another locale", made{marks: ours(), locale: "de-DE"})
	b.endpoint("without marks", made{serves: version})
	rows := func(endpoint string) []lifecycle.LeftEndpoint {
		t.Helper()
		var seen activities.ObservedModels
		require.NoError(t, b.run(b.doing.ObserveModels, activities.ObserveInput{
			Scope: scope(), Names: []string{"desk"}, Scheduled: []lifecycle.ScheduledEndpoint{{Name: "desk", Locale: "en-US", Endpoint: endpoint}},
		}, &seen))
		require.Len(t, seen.Rows, 1)
		return seen.Rows[0].LeftEndpoints
	}
	found := rows("one")
	require.Len(t, found, 1)
	require.Equal(t, left, found[0].ID)
	require.Equal(t, "renamed", found[0].DisplayName)
	require.Equal(t, version, found[0].Serves.ID)
	require.Empty(t, rows("none of this name"), "which is its own is not known: the alarm endpointGone tells")
}
