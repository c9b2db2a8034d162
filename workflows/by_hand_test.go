package workflows_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// base is the newest base model of a locale that can be trained from.
func (b *bundle) base(locale string) speech.BaseModel {
	b.t.Helper()
	bases, _, err := b.client().ListBaseModels(b.t.Context(), speech.Filter{Locale: locale})
	require.NoError(b.t, err)
	var newest speech.BaseModel
	for _, m := range bases {
		d := m.Properties.DeprecationDates
		if m.Status == speech.StatusSucceeded && d.AdaptationDateTime != nil && d.AdaptationDateTime.After(b.service.Now()) &&
			m.CreatedDateTime.After(newest.CreatedDateTime) {
			newest = m
		}
	}
	require.NotEmpty(b.t, newest.ID())
	return newest
}

// put makes a version by hand, waits until it is trained, and gives it marks.
func (b *bundle) put(name, locale string, marks map[string]string) string {
	b.t.Helper()
	b.dataset(b.t, "by hand for "+name, locale, "/files/text.txt")
	data, _, err := b.client().ListDatasets(b.t.Context(), speech.Filter{DisplayName: "by hand for " + name})
	require.NoError(b.t, err)
	b.eventually("dataset", data[0].ID())
	m, _, err := b.client().CreateModel(b.t.Context(), speech.NewModel{
		DisplayName: name, Locale: locale, BaseModel: lifecycle.Ptr(b.base(locale).Ref()), Datasets: []speech.Ref{data[0].Ref()}, CustomProperties: marks,
	})
	require.NoError(b.t, err)
	b.eventually("model", m.ID())
	return m.ID()
}

// marks are those of a version of the model desk of this installation.
func marks(state, run string, more ...string) map[string]string {
	m := map[string]string{"sr.owner": "tests", "sr.model": "desk", "sr.state": state, "sr.run": run, "sr.step": "train"}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

// point makes an endpoint by hand that serves a model, and waits until it does.
func (b *bundle) point(name, model string, marks map[string]string) string {
	b.t.Helper()
	e, _, err := b.client().CreateEndpoint(b.t.Context(), speech.NewEndpoint{
		DisplayName: name, Locale: "en-US", Model: lifecycle.Ptr(b.client().Ref(speech.KindModel, model)), CustomProperties: marks,
	})
	require.NoError(b.t, err)
	b.eventually("endpoint", e.ID())
	return e.ID()
}

// repoint changes an endpoint by hand.
func (b *bundle) repoint(endpoint string, model speech.Ref) {
	b.t.Helper()
	_, _, err := b.client().UpdateEndpoint(b.t.Context(), endpoint, speech.EndpointUpdate{Model: &model})
	require.NoError(b.t, err)
	require.NoError(b.t, b.service.Advance(b.t.Context(), time.Hour))
	b.eventually("endpoint", endpoint)
}

func (b *bundle) eventually(kind, id string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		for _, o := range b.service.Objects(kind) {
			if o.ID == id {
				return o.Status == "Succeeded"
			}
		}
		return false
	}, 20*time.Second, 5*time.Millisecond, "%s %s", kind, id)
}

// states are the versions by ID.
func (b *bundle) states() map[string]string {
	b.t.Helper()
	states := map[string]string{}
	for _, m := range b.models() {
		states[m.ID()] = m.CustomProperties["sr.state"]
	}
	return states
}

// serves is what an endpoint serves.
func (b *bundle) serves(endpoint string) string {
	b.t.Helper()
	e, _, err := b.client().GetEndpoint(b.t.Context(), endpoint)
	require.NoError(b.t, err)
	return e.Model.ID()
}

func (b *bundle) rollback(input map[string]any) (lifecycle.Report, error) {
	b.t.Helper()
	for key, value := range map[string]any{"name": "desk", "locale": "en-US", "by": "ann", "reason": "it is worse"} {
		input[key] = value
	}
	next := b.again()
	next.SetStartWorkflowOptions(startOptions("rollback/desk"))
	next.ExecuteWorkflow(workflows.TypeRollback, input)
	return next.result()
}

// scheduled lets Temporal know a schedule of the model whose request names an endpoint.
func (b *bundle) scheduled(model, endpoint string) {
	b.runs.live = append(b.runs.live, lifecycle.LiveRequest{Name: model, Locale: "en-US", Deploy: &lifecycle.LiveDeploy{Endpoint: endpoint}})
}
