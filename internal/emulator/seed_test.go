package emulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

// A resource of thousands is there at once, as trainings would have made it.
func TestSeedModels(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.ListLag = emulator.Duration(time.Hour) }))
	d := s.text("d", jargon)
	seeds := make([]emulator.Seed, 250)
	for i := range seeds {
		seeds[i] = emulator.Seed{
			DisplayName: fmt.Sprintf("m%d", i), Locale: "en-US", Datasets: []string{d.id()}, CustomProperties: map[string]string{"k": "v"},
		}
	}
	seeds[1].Training = true
	ids, err := s.SeedModels(seeds)
	require.NoError(t, err)
	require.Len(t, ids, len(seeds))

	page := s.get(api + "/models?skip=200")
	require.Len(t, page["values"], 50)
	first := s.get(api + "/models/" + ids[0])
	require.Equal(t, "Succeeded", first.text("status"))
	require.Equal(t, "m0", first.text("displayName"))
	require.Equal(t, "v", first.text("customProperties.k"))
	require.NotEmpty(t, first.text("baseModel.self"))
	require.Equal(t, "2028-04-15T00:00:00Z", first.text("properties.deprecationDates.transcriptionDateTime"))

	s.advance(24 * time.Hour)
	require.Equal(t, "Running", s.get(api+"/models/"+ids[1]).text("status"))
	require.NoError(t, s.Finish(ids[1], "", ""))
	ended := s.get(api + "/models/" + ids[1])
	require.Equal(t, "Succeeded", ended.text("status"))
	require.Equal(t, s.Now().Format(time.RFC3339), ended.text("lastActionDateTime"))
}

// What could not be there is refused, and nothing of that request is made.
func TestSeedModelsRefuses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	many := map[string]string{}
	for i := range 11 {
		many[fmt.Sprint(i)] = "v"
	}
	for name, seed := range map[string]object{
		"locale":     {"displayName": "m", "locale": "tlh"},
		"name":       {"locale": "en-US"},
		"base":       {"displayName": "m", "locale": "en-US", "baseModel": "none"},
		"dataset":    {"displayName": "m", "locale": "en-US", "datasets": []string{"none"}},
		"properties": {"displayName": "m", "locale": "en-US", "customProperties": many},
	} {
		said := s.admin(400, "POST", "/models", object{"models": []object{{"displayName": "good", "locale": "en-US"}, seed}}).text("error")
		require.Contains(t, said, "model 2", name)
	}
	s.admin(400, "POST", "/models", object{"model": 1})
	require.Empty(t, s.Objects("model"))
	require.Len(t, s.admin(200, "POST", "/models", object{"models": []object{{"displayName": "good", "locale": "en-US"}}})["ids"], 1)
}
