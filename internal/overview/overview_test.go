package overview

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// standing is the schedule of a model on a queue.
func standing(model, queue string) fleet.Standing {
	return fleet.NewStanding(model, &client.ScheduleDescription{Schedule: client.Schedule{
		Action: &client.ScheduleWorkflowAction{TaskQueue: queue, Workflow: workflows.TypeRenew},
	}})
}

// Each model is asked for once, on its queue, never too many at a time.
func TestQuestions(t *testing.T) {
	t.Parallel()
	var names []string
	l := look{fallback: "east", scheduled: map[string]fleet.Standing{}, running: map[string]ongoing{"m0": {queue: "north"}}}
	for i := range 2*lifecycle.MostRows + 2 {
		name := fmt.Sprint("m", i)
		names = append(names, name)
		if i > lifecycle.MostRows+1 {
			l.scheduled[name] = standing(name, "west")
		}
	}
	all := l.questions(names)
	require.Len(t, all, 4)
	require.Equal(t, question{queue: "north", names: names[:1]}, all[0], "where its retrain goes on")
	require.Equal(t, question{queue: "east", names: names[1 : lifecycle.MostRows+1]}, all[1])
	require.Equal(t, question{queue: "east", names: names[lifecycle.MostRows+1 : lifecycle.MostRows+2]}, all[2])
	require.Equal(t, question{queue: "west", names: names[lifecycle.MostRows+2:]}, all[3])
}

// A resource with two queues gives its models on both: the row of the model's own queue stays. Another resource's is another model.
func TestOneRowForTwoQueues(t *testing.T) {
	t.Parallel()
	l := look{fallback: "east", scheduled: map[string]fleet.Standing{"a": standing("a", "west")}}
	row := func(name, resource, queue string) found {
		return found{Row: lifecycle.Row{Name: name, Locale: "en-US", Resource: resource}, queue: queue}
	}
	got := l.single([]found{row("a", "one", "east"), row("a", "one", "west"), row("b", "one", "east"), row("b", "one", "west"), row("b", "two", "west")})
	require.Equal(t, []found{row("a", "one", "west"), row("b", "one", "east"), row("b", "two", "west")}, got)
}

// What the schedules name goes with the question, so that nobody reads them twice; not what no input may hold.
func TestNamed(t *testing.T) {
	t.Parallel()
	west, signed := standing("a", "west"), standing("b", "west")
	west.Locale, west.Endpoint = "de-DE", "desk"
	signed.Endpoint = "https://example.org/desk?sig=secret"
	scheduled := map[string]fleet.Standing{"a": west, "b": signed}
	require.Nil(t, named(nil, scheduled), "one of all holds what no input may")
	require.Len(t, named(nil, map[string]fleet.Standing{"a": west, "b": west}), 2)
	require.Equal(t, []lifecycle.ScheduledEndpoint{{Name: "a", Locale: "de-DE", Endpoint: "desk"}}, named([]string{"a", "c"}, scheduled))
	require.NotNil(t, named([]string{"c"}, scheduled), "there is none, and that is known")
	require.Nil(t, named([]string{"a", "b"}, scheduled))
}

// The schedule and the retrain of a name belong to one locale; where it is not known they belong to any.
func TestJoin(t *testing.T) {
	t.Parallel()
	german, english := standing("a", "west"), standing("a", "west")
	german.Locale, english.Locale = "de-DE", "en-us"
	var seen []found
	for _, row := range []lifecycle.Row{{Name: "a", Locale: "de-DE"}, {Name: "a", Locale: "en-US"}, {Name: "b", Locale: "en-US"}} {
		seen = append(seen, found{Row: row})
	}
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
			l := look{scheduled: map[string]fleet.Standing{"a": tt.of}, running: map[string]ongoing{"a": tt.on}}
			rows := l.join(slices.Clone(seen))
			var paused, running []int
			for i, r := range rows {
				require.Equal(t, r.Model == "a", r.several)
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

// A row of another queue is of another resource: the schedule is not its own.
func TestJoinKeepsQueuesApart(t *testing.T) {
	t.Parallel()
	l := look{scheduled: map[string]fleet.Standing{"a": standing("a", "west")}}
	rows := l.join([]found{{Row: lifecycle.Row{Name: "a"}, queue: "east"}, {Row: lifecycle.Row{Name: "a"}, queue: "west"}})
	require.False(t, rows[0].Scheduled)
	require.True(t, rows[1].Scheduled)
}

// What was not read has a row all the same: what was asked for, else what has a schedule or trains.
func TestWithUnread(t *testing.T) {
	t.Parallel()
	names := func(rows []found) (all []string) {
		for _, r := range rows {
			all = append(all, r.Name)
		}
		return all
	}
	l := look{running: map[string]ongoing{"c": {}, "a": {}}, scheduled: map[string]fleet.Standing{"a": {}, "d": {}}}
	require.Equal(t, []string{"a", "c", "d"}, l.known())
	require.Equal(t, []string{"a", "b", "c", "d"}, names(withUnread([]found{{Row: lifecycle.Row{Name: "b"}}}, l.known())))
	l.names = []string{"a", "b"}
	require.Equal(t, l.names, l.known())
}

// Those that need a person come first, the most urgent of them at the top; the others keep their order.
func TestUrgency(t *testing.T) {
	t.Parallel()
	row := func(name string, urgencies ...lifecycle.Urgency) Row {
		r := Row{Model: name}
		for _, u := range urgencies {
			r.Needs = append(r.Needs, lifecycle.Need{Urgency: u})
		}
		return r
	}
	rows := []Row{row("a"), row("b", lifecycle.UrgencyNote), row("c"), row("d", lifecycle.UrgencyNow, lifecycle.UrgencyNote), row("e", lifecycle.UrgencySoon)}
	slices.SortStableFunc(rows, urgency)
	var names []string
	for _, r := range rows {
		names = append(names, r.Model)
	}
	require.Equal(t, []string{"d", "e", "b", "a", "c"}, names)
}
