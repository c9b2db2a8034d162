package workflows_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// endpoint makes one by hand that serves a version; a base model when that is empty.
func (b *bundle) endpoint(name, version string, marks map[string]string) string {
	b.t.Helper()
	model := b.usableBase()
	if version != "" {
		model = b.client().Ref(speech.KindModel, version)
	}
	e, _, err := b.client().CreateEndpoint(b.t.Context(), speech.NewEndpoint{DisplayName: name, Locale: "en-US", Model: &model, CustomProperties: marks})
	require.NoError(b.t, err)
	require.NoError(b.t, b.service.Advance(b.t.Context(), time.Minute))
	return e.ID()
}

// usableBase is a new base model, which can serve.
func (b *bundle) usableBase() speech.Ref {
	b.t.Helper()
	id, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US"})
	require.NoError(b.t, err)
	return b.client().Ref(speech.KindBaseModel, id)
}

// point changes an endpoint by hand.
func (b *bundle) point(endpoint string, model speech.Ref) {
	b.t.Helper()
	_, _, err := b.client().UpdateEndpoint(b.t.Context(), endpoint, speech.EndpointUpdate{Model: &model})
	require.NoError(b.t, err)
	require.NoError(b.t, b.service.Advance(b.t.Context(), time.Minute))
}

// servedBy is what an endpoint refers to.
func (b *bundle) servedBy(endpoint string) string {
	b.t.Helper()
	e, _, err := b.client().GetEndpoint(b.t.Context(), endpoint)
	require.NoError(b.t, err)
	return e.Model.ID()
}

// rollback runs one without an endpoint in its input.
func (b *bundle) rollback() (lifecycle.Report, error) {
	b.t.Helper()
	back := b.again()
	back.SetStartWorkflowOptions(startOptions("rollback/desk"))
	back.ExecuteWorkflow(workflows.TypeRollback, map[string]any{"name": "desk", "locale": "en-US", "by": "ann", "reason": "complaints"})
	return back.result()
}

// twice is a model that was renewed once: first and second are its versions.
func twice(t *testing.T) (b *bundle, first, second lifecycle.Report) {
	t.Helper()
	b, first = championed(t)
	second, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(second.Version.ID)
	return b, first, second
}

// A rollback changes the endpoint that the model's schedule names, else the one with its marks; endpoints made by hand
// that serve a version of the model are nobody's to change, whatever their order in the list.
func TestARollbackChangesTheModelsOwnEndpoint(t *testing.T) {
	t.Parallel()
	for _, scheduled := range []bool{true, false} {
		t.Run(fmt.Sprintf("schedule %t", scheduled), func(t *testing.T) {
			t.Parallel()
			b, first, second := twice(t)
			own := b.service.Objects("endpoint")[0].ID
			canary := b.endpoint("canary", first.Version.ID, nil)
			if scheduled {
				b.runs.live = []lifecycle.LiveRequest{{Name: "desk", Locale: "en-US", Deploy: &lifecycle.LiveDeploy{Endpoint: "Desk"}}}
				b.endpoint("marked too", second.Version.ID, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
			}
			report, err := b.rollback()
			require.NoError(t, err)
			require.Equal(t, own, report.Endpoint.ID)
			require.Equal(t, first.Version.ID, b.servedBy(own))
			require.Equal(t, first.Version.ID, b.servedBy(canary))
			require.Zero(t, b.sent(http.MethodPatch, "/endpoints/"+canary))
		})
	}
}

// A rollback that cannot tell which endpoint is meant changes nothing, marks neither.
func TestARollbackNeverGuesses(t *testing.T) {
	t.Parallel()
	b, _, second := twice(t)
	own := b.service.Objects("endpoint")[0].ID
	b.endpoint("marked too", second.Version.ID, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
	before := b.sent(http.MethodPatch, "/models/"+second.Version.ID)
	report, err := b.rollback()
	require.Error(t, err)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Contains(t, *report.Error.Next, "--endpoint")
	require.Equal(t, second.Version.ID, b.servedBy(own))
	require.Equal(t, before, b.sent(http.MethodPatch, "/models/"+second.Version.ID))
}

// An endpoint that somebody has set to a base model is seen to serve the champion again: marks alone are no rollback.
func TestARollbackFromABaseModel(t *testing.T) {
	t.Parallel()
	b, _, second := twice(t)
	own := b.service.Objects("endpoint")[0].ID
	b.point(own, b.usableBase())
	report, err := b.rollback()
	require.NoError(t, err)
	require.Equal(t, second.Version.ID, report.Version.ID)
	require.Equal(t, second.Version.ID, b.servedBy(own))
}

// The version that served until now stays until the next one has proved itself, also when no earlier ones are kept.
func TestTheVersionBeforeIsKept(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	_, err := b.retrain(gated(b, func(r map[string]any) { r["keep"] = 0 }))
	require.NoError(t, err)
	_, _, err = b.client().GetModel(t.Context(), first.Version.ID)
	require.NoError(t, err)
}

// A version is marked deploying, with its verdict, before the endpoint refers to it: whatever ends the run from then on,
// no sweep takes it for abandoned.
func TestAVersionIsMarkedBeforeTheEndpointChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	second, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	for _, id := range []string{first.Version.ID, second.Version.ID} {
		var marks map[string]string
		told := false
		for _, e := range b.service.Requests() {
			switch {
			case e.After == nil:
			case e.Object == id && e.After.Kind == "model":
				marks = e.After.CustomProperties
			case e.After.Kind == "endpoint" && e.After.Model == id && !told:
				told = true
				require.Equal(t, "deploying", marks["sr.state"])
				require.Contains(t, marks["sr.verdict"], "pass")
			}
		}
		require.True(t, told)
	}
}

// An endpoint that somebody has set by hand is changed only when a person says so, whatever the request says: nobody is
// asked by "never", and "promote" would let even a version serve that has failed.
func TestAPersonIsAskedBeforeAChangeByHandIsUndone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"when: never": func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} },
		"onTimeout: promote, and it fails": func(r map[string]any) {
			test(r)["maxWordErrorRate"] = 0
			r["approval"] = map[string]any{"onTimeout": "promote", "timeout": "1h"}
		},
		"without tests": func(r map[string]any) {
			delete(r, "tests")
			r["untested"] = "promote"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, first := championed(t)
			require.NoError(t, b.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseSetByHand}))
			report, err := b.retrain(gated(b, change))
			require.NoError(t, err)
			require.NotNil(t, report.Approval, "asked")
			require.Equal(t, "timeout", report.Approval.Answer)
			if name == "when: never" {
				return // it passes, and is not worse than what serves
			}
			require.Equal(t, lifecycle.Rejected, report.Outcome)
			require.Equal(t, first.Version.ID, b.serving())
		})
	}
}

// A question is decided by what is left of the champion when its time is over, not by what was left when it was asked.
func TestAnUnansweredQuestionIsDecidedByWhatIsLeftThen(t *testing.T) {
	t.Parallel()
	for name, passes := range map[string]time.Duration{"there is time": 0, "the last resort has begun": 3 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, first := championed(t)
			old := b.models()[0].BaseModel.ID()
			b.usableBase()
			require.NoError(t, b.service.SetTime(t.Context(), first.Version.ExpiresAt.Add(-16*24*time.Hour)))
			later := b.service.Now().Add(100 * 24 * time.Hour)
			require.NoError(t, b.service.Redate(old, &later, &later))
			b.RegisterDelayedCallback(func() { require.NoError(t, b.service.Advance(t.Context(), passes)) }, 30*time.Minute)
			report, err := b.retrain(gated(b, func(r map[string]any) {
				r["baseModel"] = old
				test(r)["minWords"] = 100000
			}))
			require.NoError(t, err)
			require.Equal(t, "timeout", report.Approval.Answer)
			if passes == 0 {
				require.Equal(t, lifecycle.Rejected, report.Outcome)
				return
			}
			require.Equal(t, lifecycle.Succeeded, report.Outcome, report.Approval.Reason)
			require.Contains(t, report.Approval.Reason, "last resort")
		})
	}
}

// A person is asked at the latest until what is decided can still be deployed before the champion expires.
func TestAQuestionEndsBeforeTheChampion(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	require.NoError(t, b.service.SetTime(t.Context(), first.Version.ExpiresAt.Add(-30*time.Hour)))
	b.usableBase()
	report, err := b.retrain(gated(b, func(r map[string]any) { r["approval"] = map[string]any{"when": "always", "timeout": "72h"} }))
	require.NoError(t, err)
	require.Equal(t, "timeout", report.Approval.Answer)
	for _, s := range report.Stages {
		if s.Name == lifecycle.StageApproval {
			require.Less(t, s.FinishedAt.Sub(s.StartedAt), 29*time.Hour)
			return
		}
	}
	require.Fail(t, "nobody was asked")
}

// One endpoint, one model: another model's endpoint is refused, and its champion goes on to serve. A request may take it
// over; then that champion is retired, and the endpoint carries the new model's name.
func TestAnEndpointOfAnotherModel(t *testing.T) {
	t.Parallel()
	for _, takeOver := range []string{"", "desk"} {
		t.Run("takeOver "+takeOver, func(t *testing.T) {
			t.Parallel()
			b, first := championed(t)
			b.SetStartWorkflowOptions(startOptions("retrain/other"))
			b.ExecuteWorkflow(workflows.TypeRetrain, b.request(gated(b, func(r map[string]any) {
				r["name"] = "other"
				if takeOver != "" {
					r["deploy"] = map[string]any{"endpoint": "Desk", "takeOver": takeOver}
				}
			})))
			report, err := b.result()
			states := map[string]string{}
			for _, m := range b.models() {
				states[m.ID()] = m.CustomProperties["sr.state"]
			}
			marks := b.service.Objects("endpoint")[0].CustomProperties
			if takeOver == "" {
				require.Error(t, err)
				require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
				require.Equal(t, "desk", marks["sr.model"])
				require.Equal(t, first.Version.ID, b.serving())
				require.Equal(t, "champion", states[first.Version.ID])
				require.Len(t, states, 1, "refused before anything is paid for")
				return
			}
			require.NoError(t, err)
			require.Equal(t, "other", marks["sr.model"])
			require.Equal(t, report.Version.ID, b.serving())
			require.Equal(t, map[string]string{first.Version.ID: "retired", report.Version.ID: "champion"}, states)
		})
	}
}

// Marks that an interrupted run could no longer write are put right by the next check, and by the next retrain: what it
// let serve is neither a change by hand nor an earlier version.
func TestAnInterruptedDeploymentIsHealed(t *testing.T) {
	t.Parallel()
	for _, by := range []string{workflows.TypeRenew, workflows.TypeRetrain} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			b, first, second := twice(t)
			b.runs.states = map[string]lifecycle.RunState{"earlier": lifecycle.RunTerminated}
			for id, state := range map[string]string{first.Version.ID: "champion", second.Version.ID: "deploying"} {
				m, _, err := b.client().GetModel(t.Context(), id)
				require.NoError(t, err)
				m.CustomProperties["sr.state"] = state
				_, _, err = b.client().UpdateModel(t.Context(), id, speech.ModelUpdate{CustomProperties: m.CustomProperties})
				require.NoError(t, err)
			}
			if by == workflows.TypeRenew {
				report, _, err := check[lifecycle.RenewReport](b, by, b.request(gated(b, nil)))
				require.NoError(t, err)
				require.Equal(t, workflows.RenewCurrent, report.Outcome, report.Reason)
				require.Empty(t, report.Alarms)
			} else {
				report, err := b.again().retrain(gated(b, nil))
				require.NoError(t, err)
				require.Equal(t, second.Version.ID, report.Champion.ID)
			}
			states := map[string]string{}
			for _, m := range b.models() {
				states[m.ID()] = m.CustomProperties["sr.state"]
			}
			require.Equal(t, "retired", states[first.Version.ID])
			if by == workflows.TypeRenew {
				require.Equal(t, "champion", states[second.Version.ID])
			} else {
				require.Equal(t, "retired", states[second.Version.ID])
			}
		})
	}
}

// Nobody answers, and the champion is about to expire: the version serves if it is better than the bare base model in
// every test. One test in which it is worse outweighs another in which it is better.
func TestTheWorstTestDecidesForAnUnansweredVersion(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	old := b.models()[0].BaseModel.ID()
	_, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Quality: lifecycle.Ptr(0.92)})
	require.NoError(t, err)
	require.NoError(t, b.service.SetTime(t.Context(), first.Version.ExpiresAt.Add(-5*24*time.Hour)))
	later := b.service.Now().Add(100 * 24 * time.Hour)
	require.NoError(t, b.service.Redate(old, &later, &later))
	other := foreignWords(t)
	report, err := b.retrain(gated(b, func(r map[string]any) {
		r["baseModel"] = old
		r["tests"] = append(r["tests"].([]any), map[string]any{"name": "other calls", "kind": "Acoustic", "contentUrl": other})
		r["approval"] = map[string]any{"when": "always", "timeout": "1h"}
	}))
	require.NoError(t, err)
	require.Len(t, report.Tests, 2)
	require.Less(t, *report.Tests[0].Difference**report.Tests[1].Difference, 0.0, "better in one, worse in the other")
	require.Equal(t, lifecycle.Rejected, report.Outcome)
}

// foreignWords serves the calls of the example with other words in them, none of which anybody has trained.
func foreignWords(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "examples", "data", "testing", "audio-and-trans.zip"))
	require.NoError(t, err)
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	lines := "\ufeff"
	for i, f := range in.File {
		if f.Name == "trans.txt" {
			continue
		}
		w, err := archive.Create(f.Name)
		require.NoError(t, err)
		r, err := f.Open()
		require.NoError(t, err)
		_, err = io.Copy(w, r)
		require.NoError(t, err)
		lines += f.Name + "\t"
		for n := range 8 {
			lines += fmt.Sprintf("%cel%cor%can ", 'b'+rune(i*8+n)%20, 'b'+rune(i*3+n)%20, 'b'+rune(i+n*7)%20)
		}
		lines += "\n"
	}
	w, err := archive.Create("trans.txt")
	require.NoError(t, err)
	_, err = io.WriteString(w, lines)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(out.Bytes()) }))
	t.Cleanup(server.Close)
	return server.URL + "/other.zip"
}
