package sample

import (
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Observed is what the service remembers of a model with one version.
func Observed() []lifecycle.Row {
	made := Succeeded().Version
	return []lifecycle.Row{{
		Name: "support-calls", Locale: "en-US", Resource: "westeurope.api.cognitive.microsoft.com", ObservedAt: At(24 * time.Hour),
		Endpoint: &lifecycle.EndpointReport{ID: "e0e0", VersionID: lifecycle.Ptr(VersionID)},
		Versions: []lifecycle.Version{{
			ID: made.ID, URL: made.URL, DisplayName: made.DisplayName, Status: made.Status, State: made.State,
			CreatedAt: made.CreatedAt, ExpiresAt: made.ExpiresAt, BaseModelID: BaseID, Run: "run-0", Verdict: "pass; 0.112 vs 0.131; ann: checked",
			Tests: []lifecycle.ObservedTest{{
				Name: "calls", EvaluationID: "0e0e", DatasetID: "0c0c", Words: lifecycle.Ptr(int64(5200)),
				WordErrorRate: lifecycle.Ptr(0.112), Compared: lifecycle.Ptr(0.131),
			}},
		}},
	}}
}

// Champion is a model whose champion expires in 20 days.
func Champion(name string) lifecycle.Row {
	row := Observed()[0]
	row.Name = name
	v := &row.Versions[0]
	v.DisplayName, v.State, v.ExpiresAt = name+" 2026-07-29 1a2b3c4d", lifecycle.StateChampion, lifecycle.Ptr(row.ObservedAt.Add(20*24*time.Hour))
	v.BaseModel = "20260401 Batch Transcription"
	row.EndpointName = name + " desk"
	row.Serving = &lifecycle.Model{
		ID: v.ID, DisplayName: v.DisplayName, Locale: row.Locale, Status: v.Status, Custom: true, ExpiresAt: v.ExpiresAt, BaseID: BaseID,
	}
	return row
}
