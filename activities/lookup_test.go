package activities_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// spellings are all that a person may write for an object.
func (b *bundle) spellings(collection, id, name string) map[string]string {
	return map[string]string{
		"ID": id, "ID in capitals": strings.ToUpper(id), "URL": b.url + "/speechtotext/" + collection + "/" + id + "?api-version=2025-10-15",
		"URL in capitals, of another host": "https://h.example/speechtotext/v3.2/" + collection + "/" + strings.ToUpper(id), "name": name,
	}
}

// absent are IDs and URLs of objects that do not exist.
func (b *bundle) absent(collection string) map[string]string {
	const id = "0DDBA11A-5f8f-4dc2-9f5b-5a8b3e7b6a41"
	return map[string]string{"ID": strings.ToLower(id), "ID in capitals": id, "URL": b.url + "/speechtotext/" + collection + "/" + id}
}

// What a retrain finds, a plan and a check find, too, however the object is named.
func TestAnObjectIsFoundHoweverItIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dataset, endpoint, project := b.dataset("words", made{}), b.endpoint("calls", made{}), b.aProject("desk calls", made{})
	observe := func(dataset, endpoint string) activities.ModelObserved {
		var seen activities.ModelObserved
		request := lifecycle.Request{Name: "desk", Locale: "en-US", Training: []lifecycle.Data{{Dataset: dataset}}, Deploy: &lifecycle.Deploy{Endpoint: endpoint}}
		require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request, Fresh: true}, &seen))
		return seen
	}
	for how, text := range b.spellings("datasets", dataset, "words") {
		var found activities.DataFound
		require.NoError(t, b.run(b.doing.FindData, activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: text}}, &found), how)
		require.Equal(t, dataset, found.ID, how)
		seen := observe(text, "calls").Training[0]
		require.Equal(t, dataset, seen.DatasetID, how)
		require.Empty(t, seen.Fault, how)
		require.Equal(t, found.Content, seen.Content, how)
	}
	for how, text := range b.spellings("endpoints", endpoint, "calls") {
		var found activities.ChampionResult
		require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: text}, &found), how)
		require.Equal(t, endpoint, found.Endpoint.ID, how)
		seen := observe("words", text)
		require.NotNil(t, seen.Endpoint, how)
		require.Equal(t, endpoint, seen.Endpoint.ID, how)
		require.Empty(t, seen.EndpointFault, how)
		b.runs.live = []lifecycle.LiveRequest{{Name: "desk", Locale: "en-US", Deploy: &lifecycle.LiveDeploy{Endpoint: text}}}
		var rows activities.ObservedModels
		require.NoError(t, b.run(b.doing.ObserveModels, activities.ObserveInput{Scope: scope(), Names: []string{"desk"}}, &rows), how)
		require.NotNil(t, rows.Rows[0].Endpoint, how)
		require.Equal(t, endpoint, rows.Rows[0].Endpoint.ID, how)
	}
	for how, text := range b.spellings("projects", project, "desk calls") {
		var found activities.ProjectResult
		require.NoError(t, b.run(b.doing.EnsureProject, activities.ProjectInput{Scope: scope(), Project: text}, &found), how)
		require.Equal(t, activities.ProjectResult{ID: project}, found, how)
	}
	base := b.base("en-US")
	for how, text := range b.spellings("models/base", base.ID(), "") {
		if text == "" {
			continue
		}
		var found activities.BaseResult
		require.NoError(t, b.run(b.doing.ChooseBase, activities.BaseInput{Scope: scope(), Spec: lifecycle.BaseSpec{Choose: text}, Kinds: []string{"Language"}}, &found), how)
		require.Equal(t, base.ID(), found.Model.ID, how)
	}
}

// Nothing is created with an ID or a URL as its name.
func TestAnObjectNamedByAnIDIsNeverCreated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dataset, version := b.dataset("words", made{}), b.version("v1", made{marks: ours()})
	refused := func(activity, input any, path string) lifecycle.Failure {
		failure, _ := failureOf(t, b.run(activity, input, nil))
		require.Equal(t, lifecycle.InvalidRequest, failure.Type)
		require.Contains(t, failure.Message, "does not exist")
		require.Equal(t, path, failure.Problems[0].Path)
		require.Empty(t, b.sent(http.MethodPost))
		return failure
	}
	for how, text := range b.absent("endpoints") {
		refused(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: text}, "deploy.endpoint")
		// It may have been deleted since the run looked for it.
		refused(b.doing.EnsureEndpoint, activities.EndpointInput{Scope: scope(), Name: text, Version: activities.ModelRef{ID: version, Custom: true}}, "deploy.endpoint")
		var seen activities.ModelObserved
		request := lifecycle.Request{Name: "desk", Locale: "en-US", Training: []lifecycle.Data{{Dataset: dataset}}, Deploy: &lifecycle.Deploy{Endpoint: text}}
		require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request, Fresh: true}, &seen))
		require.Nil(t, seen.Endpoint, how)
		require.Contains(t, seen.EndpointFault, "does not exist", how)
	}
	for _, text := range b.absent("projects") {
		refused(b.doing.EnsureProject, activities.ProjectInput{Scope: scope(), Project: text}, "project")
	}
	for how, text := range b.absent("datasets") {
		refused(b.doing.FindData, activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: text}}, "training[0]")
		var seen activities.ModelObserved
		request := lifecycle.Request{Name: "desk", Locale: "en-US", Training: []lifecycle.Data{{Dataset: text}}}
		require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request, Fresh: true}, &seen))
		require.Contains(t, seen.Training[0].Fault, "does not exist", how)
	}
	// What is only a name may be created.
	var found activities.ChampionResult
	require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: "new"}, &found))
	require.Nil(t, found.Endpoint)
}
