package workflows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/lifecycle"
)

// TestDetails holds the page that operators see in the web UI to golden files.
func TestDetails(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 23, 58, 0, 0, time.UTC)
	r := lifecycle.NewReport("desk", "en-US")
	r.Resource = lifecycle.Ptr("westeurope.api.cognitive.microsoft.com")
	r.Stages = []lifecycle.StageRecord{
		{Name: "train", StartedAt: at, FinishedAt: lifecycle.Ptr(at.Add(90 * time.Second)), Note: lifecycle.Ptr("Succeeded, expires 2029-01-15")},
		{Name: "approval", StartedAt: at.Add(5 * time.Minute)},
	}
	r.WaitingFor = &lifecycle.Waiting{Kind: "approval", ID: lifecycle.Ptr("v2"), Since: at, Deadline: lifecycle.Ptr(at.Add(72 * time.Hour))}
	r.BaseModel = &lifecycle.BaseReport{ID: "b", DisplayName: "20260908 <b>|evil*_[x](y)`", Reason: "newest"}
	r.BaseModelsRefused = []lifecycle.Refusal{{ID: "c", DisplayName: "20261102", Reason: "it cannot be trained with Acoustic data"}}
	r.Datasets = []lifecycle.DatasetReport{{DisplayName: "text 0123", Kind: "Language", Accepted: lifecycle.Ptr[int64](62), Rejected: lifecycle.Ptr[int64](1)}}
	r.Version = &lifecycle.VersionReport{
		ID: "v2", DisplayName: "desk 2026-11-22 aa", Status: "Succeeded", State: "candidate",
		ExpiresAt: lifecycle.Ptr(at.AddDate(2, 0, 0)),
	}
	r.Champion = &lifecycle.ChampionReport{ID: "v1", DisplayName: "desk 2026-01-01 bb", ExpiresAt: lifecycle.Ptr(at.AddDate(0, 1, 0))}
	r.Endpoint = &lifecycle.EndpointReport{ID: "e", VersionID: lifecycle.Ptr("v1")}
	r.Tests = []lifecycle.TestReport{
		{
			Name: "calls", Words: lifecycle.Ptr[int64](504), WordErrorRate: lifecycle.Ptr(0.112), Champion: lifecycle.Ptr(0.131),
			Difference: lifecycle.Ptr(-0.019), Visible: lifecycle.Ptr(0.0214), Verdict: "pass",
		},
		{Name: "broken", Verdict: "inconclusive"},
	}
	r.Verdict = &lifecycle.Verdict{Result: "inconclusive", Reason: "broken: no numbers"}
	r.Deleted = []lifecycle.Disposed{{Kind: "model", DisplayName: "desk old", Reason: "its run was canceled"}}
	r.Notes = []string{"one note"}
	bundle.Golden(t, "details-waiting.md", details("Desk", "Started by its check `renew/desk-2026`: what serves comes to its end, or has expired.", r))

	r.WaitingFor, r.Outcome = nil, lifecycle.Failed
	r.Approval = &lifecycle.ApprovalReport{By: "ann", Reason: "go", At: at, Answer: "approved"}
	r.Error = &lifecycle.Failure{Type: lifecycle.DeployFailed, Message: "no capacity", Next: lifecycle.Ptr("start the run again")}
	bundle.Golden(t, "details-failed.md", details("Desk", "", r))
}

// What starter has uploaded a moment ago was not imported by the run, and is nothing old either.
func TestDataNote(t *testing.T) {
	t.Parallel()
	require.Equal(t, "imported 2", dataNote(2, 0))
	require.Equal(t, "3 there already", dataNote(0, 3))
	require.Equal(t, "imported 1, 2 there already", dataNote(1, 2))
}
