package overview

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// standing is the schedule of a model on a queue.
func standing(model, queue string) fleet.Standing {
	return fleet.NewStanding(model, &client.ScheduleDescription{Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{TaskQueue: queue}}})
}

// Each model is asked for once, on its queue, never too many at a time.
func TestQuestions(t *testing.T) {
	t.Parallel()
	require.Equal(t, []question{{queue: "east", names: []string{}}}, questions(nil, nil, "east"), "all of them")
	var names []string
	scheduled := map[string]fleet.Standing{}
	for i := range 2*lifecycle.MostRows + 1 {
		name := fmt.Sprint("m", i)
		names = append(names, name)
		if i > lifecycle.MostRows {
			scheduled[name] = standing(name, "west")
		}
	}
	all := questions(names, scheduled, "east")
	require.Len(t, all, 3)
	require.Equal(t, question{queue: "east", names: names[:lifecycle.MostRows]}, all[0])
	require.Equal(t, question{queue: "east", names: names[lifecycle.MostRows : lifecycle.MostRows+1]}, all[1])
	require.Equal(t, question{queue: "west", names: names[lifecycle.MostRows+1:]}, all[2])
}

// What the schedules name goes with the question, so that nobody reads them twice; not what no input may hold.
func TestNamed(t *testing.T) {
	t.Parallel()
	west, signed := standing("a", "west"), standing("b", "west")
	west.Locale, west.Endpoint = "de-DE", "desk"
	signed.Endpoint = "https://example.org/desk?sig=secret"
	scheduled := map[string]fleet.Standing{"a": west, "b": signed}
	require.Nil(t, named(nil, scheduled), "the worker finds the names, and reads what they name")
	require.Equal(t, []lifecycle.ScheduledEndpoint{{Name: "a", Locale: "de-DE", Endpoint: "desk"}}, named([]string{"a", "c"}, scheduled))
	require.NotNil(t, named([]string{"c"}, scheduled), "there is none, and that is known")
	require.Nil(t, named([]string{"a", "b"}, scheduled))
}

// The schedule and the retrain of a name belong to one locale; where it is not known they belong to any.
func TestJoin(t *testing.T) {
	t.Parallel()
	german, english := standing("a", "west"), standing("a", "west")
	german.Locale, english.Locale = "de-DE", "en-us"
	seen := []lifecycle.Row{{Name: "a", Locale: "de-DE"}, {Name: "a", Locale: "en-US"}, {Name: "b", Locale: "en-US"}}
	for name, tt := range map[string]struct {
		of fleet.Standing
		on ongoing
		// paused and running are the rows that have the schedule and the retrain.
		paused, running []int
	}{
		"of the schedule's locale":  {german, ongoing{runID: "r"}, []int{0}, []int{0}},
		"in another case":           {english, ongoing{runID: "r"}, []int{1}, []int{1}},
		"the retrain says its own":  {german, ongoing{runID: "r", locale: "en-US"}, []int{0}, []int{1}},
		"of any, as far as is told": {standing("a", "west"), ongoing{runID: "r"}, []int{0, 1}, []int{0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.of.Paused = true
			rows, retrains := join(seen, map[string]fleet.Standing{"a": tt.of}, map[string]ongoing{"a": tt.on})
			var paused, running []int
			for i, r := range rows {
				require.Equal(t, r.Model == "a", r.several)
				require.Equal(t, retrains[i].runID != "", r.RetrainRunID != nil)
				if r.Paused {
					paused = append(paused, i)
				}
				if r.RetrainRunID != nil {
					running = append(running, i)
				}
			}
			require.Equal(t, tt.paused, paused)
			require.Equal(t, tt.running, running)
		})
	}
}

// What was not read has a row all the same: what was asked for, else what trains.
func TestWithUnread(t *testing.T) {
	t.Parallel()
	running := map[string]ongoing{"c": {}, "a": {}}
	names := func(rows []lifecycle.Row) (all []string) {
		for _, r := range rows {
			all = append(all, r.Name)
		}
		return all
	}
	require.Equal(t, []string{"a", "b"}, names(withUnread([]lifecycle.Row{{Name: "b"}}, []string{"a", "b"}, running)))
	require.Equal(t, []string{"a", "b", "c"}, names(withUnread([]lifecycle.Row{{Name: "b"}}, nil, running)))
}
