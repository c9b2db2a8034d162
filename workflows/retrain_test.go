package workflows_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

func startOptions(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: "q"}
}

func asCanceled(err error, target **temporal.CanceledError) bool { return errors.As(err, target) }

func TestRetrainTrainsOneVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.retrain(func(r map[string]any) {
		r["project"] = "Wind farm"
		r["description"] = "calls"
		r["training"] = []any{
			map[string]any{"name": "text", "kind": "Language", "contentUrl": b.url + "/files/text.txt"},
			map[string]any{"name": "by variable", "kind": "Language", "contentUrlFrom": map[string]any{"env": "DATA_URL"}},
		}
	})
	require.NoError(t, err)
	value, err := b.QueryWorkflow(workflows.QueryStatus)
	require.NoError(t, err)
	var status lifecycle.Report
	require.NoError(t, value.Get(&status))
	require.Empty(t, cmp.Diff(report, status), "the query answers with the report")
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Equal(t, "retrain/desk", *report.WorkflowID)
	require.Equal(t, strings.TrimPrefix(b.url, "http://"), *report.Resource)

	var stages []string
	for _, s := range report.Stages {
		stages = append(stages, string(s.Name))
		require.NotNil(t, s.FinishedAt, s.Name)
	}
	require.Equal(t, []string{"validate", "project", "base", "data", "train", "retire", "report"}, stages)

	require.NotEmpty(t, *report.ProjectID)
	require.Contains(t, report.BaseModel.Reason, "newest of")
	require.NotEmpty(t, report.BaseModelsRefused, "the catalogue holds models that cannot be used")
	require.Len(t, report.Datasets, 2)
	for _, d := range report.Datasets {
		require.True(t, d.Created)
		require.EqualValues(t, 3, *d.Accepted)
		require.EqualValues(t, 0, *d.Rejected)
		require.NotEmpty(t, *d.Content)
	}
	v := report.Version
	require.Equal(t, "Succeeded", v.Status)
	require.Equal(t, lifecycle.StateChampion, v.State)
	require.True(t, v.ExpiresAt.After(time.Now().AddDate(1, 0, 0)), "a new version serves for years, not until %s", v.ExpiresAt)

	models := b.models()
	require.Len(t, models, 1)
	marks := models[0].CustomProperties
	require.Equal(t, "tests", marks["sr.owner"])
	require.Equal(t, "desk", marks["sr.model"])
	require.Equal(t, "train", marks["sr.step"])
	require.Equal(t, "champion", marks["sr.state"])
	require.Len(t, marks["sr.input"], 16)
	require.Equal(t, "test/"+*report.RunID, marks["sr.run"])
	require.Equal(t, "calls", models[0].Description)
	require.True(t, models[0].BaseModel.Is(speech.KindBaseModel, report.BaseModel.ID))
	require.Equal(t, 1, b.sent("POST", "/models"))
}

func TestASecondRunReusesTheDataAndRetiresTheChampion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(nil)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	again := b.again()
	second, err := again.retrain(nil)
	require.NoError(t, err)
	require.Equal(t, first.Datasets[0].ID, second.Datasets[0].ID)
	require.False(t, second.Datasets[0].Created)
	require.Equal(t, first.Version.ID, second.Champion.ID)
	require.NotEqual(t, first.Version.ID, second.Version.ID)
	states := map[string]string{}
	for _, m := range b.models() {
		states[m.ID()] = m.CustomProperties["sr.state"]
	}
	require.Equal(t, map[string]string{first.Version.ID: "retired", second.Version.ID: "champion"}, states)
	require.Equal(t, 1, b.sent("POST", "/datasets"), "unchanged data is imported once")
}

func TestRetrainFailsWithOneClearError(t *testing.T) {
	t.Parallel()
	training := func(entry map[string]any) func(map[string]any) {
		return func(r map[string]any) { r["training"] = []any{entry} }
	}
	cases := []struct {
		name    string
		prepare func(*testing.T, *bundle)
		change  func(*bundle) func(map[string]any)
		class   lifecycle.FailureClass
		code    string
		says    string
		next    string
		path    string
		// created is how many versions there are afterwards.
		created int
	}{
		{
			name:   "a request full of mistakes",
			change: func(*bundle) func(map[string]any) { return func(r map[string]any) { r["locale"], r["extra"] = "x", 1 } },
			class:  lifecycle.InvalidRequest, says: "locale: must have the form of a locale, like en-US; extra: unknown field",
			next: "correct the request", path: "locale",
		},
		{
			name: "a signed URL",
			change: func(*bundle) func(map[string]any) {
				return training(map[string]any{"name": "a", "kind": "Language", "contentUrl": "https://h/x?sig=s3cr3t"})
			},
			class: lifecycle.InvalidRequest, says: "holds a signature", next: "revoke it at once", path: "training[0].contentUrl",
		},
		{
			name:   "a locale that cannot be trained",
			change: func(*bundle) func(map[string]any) { return func(r map[string]any) { r["locale"] = "en-XX" } },
			class:  lifecycle.InvalidRequest, says: "cannot train models for en-XX", next: "en-US", path: "locale",
		},
		{
			name:   "a dataset that does not exist",
			change: func(*bundle) func(map[string]any) { return training(map[string]any{"dataset": "nowhere"}) },
			class:  lifecycle.InvalidRequest, says: `dataset "nowhere" does not exist`, next: "correct training[0]", path: "training[0]",
		},
		{
			name: "a dataset of another locale",
			prepare: func(t *testing.T, b *bundle) {
				b.dataset(t, "deutsch", "de-DE", "/files/text.txt")
			},
			change: func(*bundle) func(map[string]any) { return training(map[string]any{"dataset": "deutsch"}) },
			class:  lifecycle.InvalidRequest, says: "is of locale de-DE, the request of en-US", path: "training[0]",
		},
		{
			name: "two datasets of one name",
			prepare: func(t *testing.T, b *bundle) {
				b.dataset(t, "twice", "en-US", "/files/text.txt")
				b.dataset(t, "twice", "en-US", "/files/text.txt")
			},
			change: func(*bundle) func(map[string]any) { return training(map[string]any{"dataset": "twice"}) },
			class:  lifecycle.InvalidRequest, says: `there are 2 datasets named "twice"`, path: "training[0]",
		},
		{
			name:    "a dataset of another kind than the request says",
			prepare: func(t *testing.T, b *bundle) { b.dataset(t, "words", "en-US", "/files/text.txt") },
			change: func(*bundle) func(map[string]any) {
				return training(map[string]any{"dataset": "words", "kind": "Pronunciation"})
			},
			class: lifecycle.InvalidRequest, says: "is of kind Language, the request says Pronunciation", path: "training[0]",
		},
		{
			name: "a variable that the worker lacks",
			change: func(*bundle) func(map[string]any) {
				return training(map[string]any{"name": "a", "kind": "Language", "contentUrlFrom": map[string]any{"env": "NOT_SET"}})
			},
			class: lifecycle.InvalidRequest, says: "no environment variable NOT_SET", next: "set NOT_SET where the worker runs", path: "training[0].contentUrlFrom.env",
		},
		{
			name: "a link to nothing",
			change: func(b *bundle) func(map[string]any) {
				return training(map[string]any{"name": "a", "kind": "Language", "contentUrl": b.url + "/files/missing.txt"})
			},
			class: lifecycle.InvalidRequest, says: "the server of training[0] answered 404 Not Found", next: "correct the link", path: "training[0].contentUrl",
		},
		{
			name: "an import that fails",
			change: func(b *bundle) func(map[string]any) {
				require.NoError(b.t, b.service.Plan(emulator.Outcome{Kind: "dataset", Code: "InvalidData", Message: "nothing in it"}))
				return training(map[string]any{"name": "a", "kind": "Language", "contentUrl": b.url + "/files/text.txt"})
			},
			class: lifecycle.DatasetFailed, says: "ended as Failed", next: "correct the data",
		},
		{
			name: "a base model that does not exist",
			change: func(*bundle) func(map[string]any) {
				return func(r map[string]any) { r["baseModel"] = "6F1E8A3E-0000-4000-8000-000000000000" }
			},
			class: lifecycle.InvalidRequest, says: "neither a base nor a custom model 6f1e8a3e-0000-4000-8000-000000000000", path: "baseModel",
		},
		{
			name: "no base model old enough",
			change: func(*bundle) func(map[string]any) {
				return func(r map[string]any) { r["baseModel"] = map[string]any{"minAge": "20000d"} }
			},
			class: lifecycle.NoUsableBaseModel, says: "it is younger than the asked-for 20000d", next: "relax baseModel",
		},
		{
			name: "a training that fails",
			prepare: func(t *testing.T, b *bundle) {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "training", Code: "InvalidDataset", Message: "too little data"}))
			},
			class: lifecycle.TrainingFailed, code: "InvalidDataset", says: "too little data", next: "correct the request", created: 1,
		},
		{
			name: "a training that ended for want of room: the same run would find the same Failed version",
			prepare: func(t *testing.T, b *bundle) {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "training", Code: "QuotaViolation", Message: "too many models"}))
			},
			class: lifecycle.TrainingFailed, code: "QuotaViolation", says: "too many models",
			next: "so that a run is refused before it trains, then start the run again", created: 1,
		},
		{
			name: "a training that ended because something else was not found",
			prepare: func(t *testing.T, b *bundle) {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "training", Code: "NotFound", Message: "a dataset is gone"}))
			},
			class: lifecycle.TrainingFailed, code: "NotFound", says: "a dataset is gone", next: "then start the run again", created: 1,
		},
		{
			name: "a service that is away for longer than allowed",
			prepare: func(t *testing.T, b *bundle) {
				_, err := b.service.InjectFault(emulator.Fault{Operation: "Models_ListBaseModels", Kind: emulator.FaultStatus, Status: 503, Count: -1})
				require.NoError(t, err)
			},
			class: lifecycle.Unavailable, says: "could not be used for 2m (limits.unavailable)", next: "check that the worker reaches",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if c.prepare != nil {
				c.prepare(t, b)
			}
			var change func(map[string]any)
			if c.change != nil {
				change = c.change(b)
			}
			report, err := b.retrain(change)
			require.Error(t, err)
			require.Equal(t, lifecycle.Failed, report.Outcome)
			require.Equal(t, c.class, report.Error.Type, report.Error.Message)
			require.Contains(t, report.Error.Message, c.says)
			require.NotContains(t, report.Error.Message, "s3cr3t")
			require.Contains(t, *report.Error.Next, c.next)
			require.NotEmpty(t, *report.Error.Object)
			require.False(t, report.Error.Ended, "no part of a report")
			if c.code != "" {
				require.Equal(t, c.code, *report.Error.Code)
			}
			if c.path != "" {
				require.Equal(t, c.path, report.Error.Problems[0].Path)
			}
			if c.class == lifecycle.NoUsableBaseModel {
				require.NotEmpty(t, report.BaseModelsRefused)
			}
			models := b.models()
			require.Len(t, models, c.created)
			for _, m := range models {
				require.Equal(t, "failed", m.CustomProperties["sr.state"], "a failed version says so")
				require.Equal(t, lifecycle.StateFailed, report.Version.State)
				require.Equal(t, lifecycle.StatusFailed, report.Version.Status)
				require.Nil(t, report.Version.ExpiresAt, "what was never trained recognises nothing")
			}
			for _, o := range b.service.Objects("") {
				if o.Kind != "project" && !strings.Contains("deutsch twice words", o.DisplayName) {
					require.Equal(t, "tests", o.CustomProperties["sr.owner"], "%s %s", o.Kind, o.DisplayName)
				}
			}
		})
	}
}

func TestRetrainInsistsOnItsWorkflowID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.SetStartWorkflowOptions(startOptions("my-run"))
	b.ExecuteWorkflow(workflows.TypeRetrain, b.request(nil))
	report, err := b.result()
	require.Error(t, err)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Contains(t, report.Error.Message, "must be retrain/desk, not my-run")
	require.Equal(t, "temporal workflow start --type Retrain --task-queue q --workflow-id retrain/desk --input-file request.json", *report.Error.Next)
	require.Empty(t, b.service.Requests(), "nothing was asked of the service")
}

// ofAnEarlierRun makes a version that of another run: the test environment gives all runs one ID, and so one name to their
// versions.
func (b *bundle) ofAnEarlierRun(id string) {
	b.t.Helper()
	m, _, err := b.client().GetModel(b.t.Context(), id)
	require.NoError(b.t, err)
	marks := maps.Clone(m.CustomProperties)
	marks["sr.run"] = "test/earlier"
	_, _, err = b.client().UpdateModel(b.t.Context(), id, speech.ModelUpdate{DisplayName: lifecycle.Ptr(earlierName(id)), CustomProperties: marks})
	require.NoError(b.t, err)
	for _, e := range b.service.Objects("evaluation") {
		evaluation, _, err := b.client().GetEvaluation(b.t.Context(), e.ID)
		require.NoError(b.t, err)
		marks := evaluation.CustomProperties
		marks["sr.run"] = "test/earlier"
		b.patch("evaluations/"+e.ID, map[string]any{"displayName": "of an earlier run " + e.ID[:8], "customProperties": marks})
	}
}

// patch changes an object as no part of the product does.
func (b *bundle) patch(object string, change map[string]any) {
	b.t.Helper()
	body, err := json.Marshal(change)
	require.NoError(b.t, err)
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPatch,
		b.url+"/speechtotext/"+object+"?api-version=2025-10-15", bytes.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Ocp-Apim-Subscription-Key", "by hand")
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	require.NoError(b.t, response.Body.Close())
	require.Equal(b.t, http.StatusOK, response.StatusCode)
}

// earlierName is what a version is called that was made one of another run.
func earlierName(id string) string { return "desk of an earlier run " + id[:8] }

// dataset is one made by hand.
func (b *bundle) dataset(t *testing.T, name, locale, file string) {
	t.Helper()
	_, _, err := b.client().CreateDataset(t.Context(), speech.NewDataset{DisplayName: name, Locale: locale, Kind: "Language", ContentURL: b.url + file})
	require.NoError(t, err)
}
