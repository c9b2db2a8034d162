package lifecycle_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// What activities have told workflows, and starter history prints, keeps its form: runs that go on replay it.
func TestVersionKeepsItsForm(t *testing.T) {
	t.Parallel()
	const told = `{"id":"v","url":"https://a.example/v","displayName":"desk 1","status":"Succeeded","state":"champion",
		"createdAt":"2026-11-21T00:00:00Z","expiresAt":null,"baseModelId":"b","baseModel":"base","input":"i","alarm":"none",
		"endedAt":"2026-11-22T00:00:00Z","datasetIds":["d"],"run":"test/r","foreign":true,"verdict":"pass","known":{"state":"running"},
		"tests":[{"name":"calls","evaluationId":"e","datasetId":"d","words":504,"wordErrorRate":0.1,"compared":null,"ofBase":true,
			"createdAt":"2026-11-22T00:00:00Z"}]}`
	var v lifecycle.Version
	require.NoError(t, json.Unmarshal([]byte(told), &v))
	v.Step, v.Model, v.InUse = "train", "desk", true
	again, err := json.Marshal(v)
	require.NoError(t, err)
	require.JSONEq(t, told, string(again), "and what one look alone knows stays with it")
}

func TestReportOfAVersion(t *testing.T) {
	t.Parallel()
	v := trained("v1", lifecycle.StateChampion, 3, 300)
	v.URL = "https://a.example/v1"
	require.Equal(t, lifecycle.VersionReport{
		ID: "id-v1", URL: "https://a.example/v1", DisplayName: "v1", Status: "Succeeded", State: lifecycle.StateChampion,
		CreatedAt: v.CreatedAt, ExpiresAt: v.ExpiresAt,
	}, v.Report())
}
