package emulator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestTally(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.RateLimit = 4 }))
	for range 3 {
		s.get(api + "/models")
	}
	s.send("GET", api+"/datasets", nil, false, "Ocp-Apim-Subscription-Key", "another")
	require.Equal(t, 429, s.send("GET", api+"/datasets", nil, false).status)

	all := s.TallyAfter(0, "")
	require.Equal(t, emulator.Tally{
		Last: 5, Requests: 5, Operations: map[string]int{"Models_ListCustomModels": 3, "Datasets_List": 2},
		Statuses: map[string]int{"200": 4, "429": 1}, Busiest: 5,
	}, all)
	require.Equal(t, 2, s.TallyAfter(3, "").Requests)
	require.Equal(t, 1, s.TallyAfter(0, emulator.CallerOf("another")).Requests)
	require.Zero(t, s.TallyAfter(all.Last, "").Requests)

	got := s.admin(200, "GET", "/tally?after=3", nil)
	require.EqualValues(t, 2, got.number("requests"))
	require.EqualValues(t, 1, got.number("statuses.429"))
	s.admin(400, "GET", "/tally?after=x", nil)
}
