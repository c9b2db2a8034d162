package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

var moment = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// did is one exchange of the log: kind, ID, display name and marks are of the object afterwards; a DELETE leaves none.
func did(caller, method, kind, id, name string, more ...string) stack.Exchange {
	e := stack.Exchange{Method: method, Operation: "Datasets_Update", Object: id, Status: 200, Caller: caller, Time: moment, Arrived: moment}
	switch kind {
	case stack.Models:
		e.Operation = "Models_Update"
	case stack.Endpoints:
		e.Operation = "Endpoints_Update"
	}
	if method == "DELETE" {
		e.Operation, e.Status = "", 204
		return e
	}
	if method == "POST" {
		e.Operation = map[string]string{stack.Models: "Models_Create", stack.Endpoints: "Endpoints_Create"}[kind]
	}
	e.After = &stack.After{Kind: kind, DisplayName: name, CustomProperties: marks(more...), Status: "Succeeded", ModelStatus: "Succeeded"}
	for i := 0; i < len(more); i += 2 {
		if more[i] == "model" {
			e.After.Model = more[i+1]
			delete(e.After.CustomProperties, "model")
		}
	}
	return e
}

// measuring lets the write of an evaluation be about a model.
func measuring(model string, e stack.Exchange) stack.Exchange {
	e.After.Measured = model
	return e
}

// later moves an exchange by the service's clock and in real time.
func later(e stack.Exchange, by time.Duration) stack.Exchange {
	e.Time, e.Arrived = e.Time.Add(by), e.Arrived.Add(by)
	return e
}

// neighbourhood is a world with two installations, "one" and "two", of homes h1 and h2, and a person, "hand".
func neighbourhood(log ...stack.Exchange) world {
	return world{
		owner: "me", log: log, homes: map[string]string{"one": "h1", "two": "h2"}, hands: map[string]bool{"hand": true},
		asked: []asked{{caller: "one", endpoints: []string{"desk"}}, {caller: "two", endpoints: []string{"desk"}}},
	}
}

// deleting is a delete of a version by one, so long after the moment.
func deleting(id string, status int, after time.Duration) stack.Exchange {
	e := did("one", "DELETE", "", id, "")
	e.Operation, e.Status, e.Arrived = "Models_Delete", status, moment.Add(after)
	return e
}

// Each rule about neighbours finds what breaks it, and is content with what the contract allows.
func TestNeighbourRulesFindWhatBreaksThem(t *testing.T) {
	t.Parallel()
	const twoRun, long = "h2/r2", 91 * 24 * time.Hour
	dataset := "words 0123456789ab"
	request := asked{
		LiveRequest: lifecycle.LiveRequest{Name: "m", Training: []lifecycle.LiveData{{Name: "words"}, {Dataset: "by-hand"}}},
		caller:      "one", run: "live", from: moment.Add(-time.Minute),
	}
	over := request
	over.to = moment.Add(-time.Second)
	scheduled := request
	scheduled.run, scheduled.schedule = "", "renew/m"
	with := func(w world, more ...asked) world {
		w.asked = append(w.asked, more...)
		w.schedules = map[string]bool{"renew/m": true}
		return w
	}
	for name, tt := range map[string]struct {
		world world
		want  []string
	}{
		"another home's candidate is marked": {
			neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun),
				did("one", "PATCH", stack.Models, "a", "m", "sr.run", twoRun, "sr.state", "failed")),
			[]string{`exchange 0: PATCH of model "m" (a), of a candidate version of another home's run r2`},
		},
		"another home's deploying version is deleted": {
			neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun, "sr.state", "deploying"), later(did("one", "DELETE", "", "a", ""), long)),
			[]string{`exchange 0: DELETE of model "m" (a), of a deploying version of another home's run r2`},
		},
		"an evaluation of another home's candidate is deleted": {
			neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun),
				measuring("a", did("two", "POST", stack.Evaluations, "e", "m", "sr.run", twoRun, "sr.step", "evaluate/x", "sr.state", "")),
				later(did("one", "DELETE", "", "e", ""), long)),
			[]string{`exchange 0: DELETE of evaluation "m" (e), of a candidate version of another home's run r2`},
		},
		"what another home measured of a retired version goes with it": {
			world: neighbourhood(did("one", "POST", stack.Models, "a", "m", "sr.run", "h1/r1", "sr.state", "retired"),
				measuring("a", did("two", "POST", stack.Evaluations, "e", "m", "sr.run", twoRun, "sr.step", "evaluate/x", "sr.state", "")),
				later(did("one", "DELETE", "", "e", ""), time.Hour)),
		},
		"what it measured of another home's candidate does not go": {
			neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun),
				measuring("a", did("one", "POST", stack.Evaluations, "e", "m", "sr.run", "h1/r1", "sr.step", "evaluate/x", "sr.state", "")),
				later(did("one", "DELETE", "", "e", ""), long)),
			[]string{`exchange 0: DELETE of evaluation "m" (e), of a candidate version of another home's run r2`},
		},
		"another home's retired version is deleted soon": {
			neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun, "sr.state", "retired"), later(did("one", "DELETE", "", "a", ""), time.Hour)),
			[]string{`exchange 0: DELETE of model "m" (a), of another home's run r2, 1h0m0s after it was made`},
		},
		"another home's retired version is deleted after 90 days": {
			world: neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun, "sr.state", "retired"), later(did("one", "DELETE", "", "a", ""), long)),
		},
		"another home's champion is marked retired": {
			world: neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun, "sr.state", "champion"),
				did("one", "PATCH", stack.Models, "a", "m", "sr.run", twoRun, "sr.state", "retired")),
		},
		"its own candidate is deleted": {
			world: neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun), did("two", "DELETE", "", "a", "")),
		},
		"a person deletes a candidate": {
			world: neighbourhood(did("two", "POST", stack.Models, "a", "m", "sr.run", twoRun), did("hand", "DELETE", "", "a", "")),
		},
		"a dataset that a run names is deleted": {
			with(neighbourhood(did("one", "POST", stack.Datasets, "d", dataset), did("two", "DELETE", "", "d", "")), request),
			[]string{`exchange 0: DELETE of dataset "words 0123456789ab" (d), run live names it`},
		},
		"a dataset that a schedule names is deleted": {
			with(neighbourhood(did("one", "POST", stack.Datasets, "by-hand", "x"), did("one", "DELETE", "", "by-hand", "")), scheduled),
			[]string{`exchange 0: DELETE of dataset "x" (by-hand), schedule renew/m names it`},
		},
		"a dataset is deleted when the run that named it is over": {
			world: with(neighbourhood(did("one", "POST", stack.Datasets, "d", dataset), did("one", "DELETE", "", "d", "")), over),
		},
		"a second copy is deleted": {
			world: with(neighbourhood(did("one", "POST", stack.Datasets, "d", dataset), did("one", "POST", stack.Datasets, "d2", dataset),
				did("one", "DELETE", "", "d2", "")), request),
		},
		"both copies are deleted": {
			with(neighbourhood(did("one", "POST", stack.Datasets, "d", dataset), did("one", "POST", stack.Datasets, "d2", dataset),
				did("one", "DELETE", "", "d2", ""), did("one", "DELETE", "", "d", "")), request),
			[]string{`exchange 0: DELETE of dataset "words 0123456789ab" (d), run live names it`},
		},
		"a second copy is not deleted after all, and then the first is": {
			world: with(neighbourhood(did("one", "POST", stack.Datasets, "d", dataset), did("one", "POST", stack.Datasets, "d2", dataset),
				func() stack.Exchange {
					e := did("one", "DELETE", "", "d2", "")
					e.Fault, e.Status = "dropBefore", 0
					return e
				}(), did("one", "DELETE", "", "d", "")), request),
		},
		"a person deletes what a run names, and what serves": {
			world: with(neighbourhood(did("one", "POST", stack.Datasets, "d", dataset), did("hand", "DELETE", "", "d", ""),
				did("one", "POST", stack.Models, "a", "m", "sr.state", "champion"), did("one", "POST", stack.Endpoints, "e", "desk", "model", "a"),
				func() stack.Exchange {
					e := did("hand", "DELETE", "", "a", "")
					e.Operation = "Models_Delete"
					return e
				}()), request),
		},
		"what a person has uploaded is deleted": {
			neighbourhood(did("hand", "POST", stack.Datasets, "d", dataset), did("one", "DELETE", "", "d", "")),
			[]string{`exchange 0: DELETE of dataset "words 0123456789ab" (d), which a person has uploaded`},
		},
		"what a run that goes on has made is deleted": {
			with(neighbourhood(did("one", "POST", stack.Models, "a", "m", "sr.run", "h1/live"), did("one", "DELETE", "", "a", "")), request),
			[]string{`exchange 0: DELETE of model "m" (a), run live made it and goes on`},
		},
		"its twin is deleted": {
			world: with(neighbourhood(did("one", "POST", stack.Models, "a", "m", "sr.run", "h1/live"),
				did("one", "POST", stack.Models, "b", "m", "sr.run", "live"), did("one", "DELETE", "", "a", "")), request),
		},
		"an endpoint that a request names is deleted": {
			with(neighbourhood(did("one", "POST", stack.Endpoints, "e", "desk", "model", "b"), did("one", "DELETE", "", "e", "")),
				asked{caller: "one", run: "live", endpoints: []string{"desk"}, from: moment}),
			[]string{`exchange 0: DELETE of endpoint "desk" (e), run live names it`},
		},
		"an endpoint that no request names is changed": {
			neighbourhood(did("hand", "POST", stack.Endpoints, "e", "canary", "model", "b"), did("one", "PATCH", stack.Endpoints, "e", "canary", "model", "c")),
			[]string{`exchange 0: PATCH of endpoint "canary" (e), which no request names`},
		},
		"an endpoint that no request names is made": {
			neighbourhood(did("one", "POST", stack.Endpoints, "e", "canary", "model", "b")),
			[]string{`exchange 0: POST of endpoint "canary" (e), which no request names`},
		},
		"an endpoint that only another installation's request names is changed": {
			func() world {
				w := neighbourhood(did("two", "POST", stack.Endpoints, "e", "theirs", "model", "b"), did("one", "PATCH", stack.Endpoints, "e", "theirs", "model", "c"))
				w.asked = append(w.asked, asked{caller: "two", endpoints: []string{"theirs"}})
				return w
			}(),
			[]string{`exchange 0: PATCH of endpoint "theirs" (e), which no request names`},
		},
		"a schedule is gone": {
			world{asked: []asked{{schedule: "renew/m"}, {schedule: "renew/n"}}, schedules: map[string]bool{"renew/n": true}},
			[]string{"schedule renew/m is gone, though nobody asked for it"},
		},
		"nobody was told in time": {
			world{watches: []watch{
				{model: "m", trouble: "x", due: moment, told: []time.Time{moment.Add(26 * time.Hour)}, ended: []string{"renew: failed"}},
				{model: "told", due: moment, told: []time.Time{moment.Add(24 * time.Hour)}},
				{model: "renewed", due: moment, renewed: true},
			}},
			[]string{`model m (x) is due, was not renewed, and nobody was told within 25h0m0s; its checks: ["renew: failed"]`},
		},
		"a candidate is deployed": {
			neighbourhood(did("one", "POST", stack.Models, "a", "m"), did("one", "POST", stack.Endpoints, "e", "desk", "model", "a")),
			[]string{"exchange 0 (Endpoints_Create): endpoint e was given version a, which was not marked deploying before"},
		},
		"a person deploys what was rejected, and it is marked again": {
			world: neighbourhood(did("one", "POST", stack.Models, "a", "m", "sr.state", "rejected"), did("hand", "POST", stack.Endpoints, "e", "by hand", "model", "a"),
				did("one", "PATCH", stack.Models, "a", "m", "sr.state", "rejected")),
		},
		"what a person deployed is marked abandoned, and deleted": {
			neighbourhood(did("one", "POST", stack.Models, "a", "m"), did("hand", "POST", stack.Endpoints, "e", "by hand", "model", "a"),
				did("one", "PATCH", stack.Models, "a", "m", "sr.state", "abandoned"), deleting("a", 204, 0)),
			[]string{
				"exchange 0 (Models_Update): version a becomes abandoned while endpoint e serves it",
				"exchange 0 (Models_Delete): version a was to be deleted while endpoint e serves it (answer 204)",
			},
		},
		"what a person deployed a moment ago was to be deleted, and the service refused": {
			world: neighbourhood(did("one", "POST", stack.Models, "a", "m"), did("hand", "POST", stack.Endpoints, "e", "by hand", "model", "a"),
				deleting("a", 400, ListLag)),
		},
		"what a person deployed a moment ago was deleted": {
			neighbourhood(did("one", "POST", stack.Models, "a", "m"), did("hand", "POST", stack.Endpoints, "e", "by hand", "model", "a"),
				deleting("a", 204, ListLag)),
			[]string{"exchange 0 (Models_Delete): version a was to be deleted while endpoint e serves it (answer 204)"},
		},
		"what a person deployed was to be deleted when lists showed it": {
			neighbourhood(did("one", "POST", stack.Models, "a", "m"), did("hand", "POST", stack.Endpoints, "e", "by hand", "model", "a"),
				deleting("a", 400, ListLag+1)),
			[]string{"exchange 0 (Models_Delete): version a was to be deleted while endpoint e serves it (answer 400)"},
		},
		"what serves for an installation was to be deleted a moment later": {
			neighbourhood(did("one", "POST", stack.Models, "a", "m", "sr.state", "deploying"), did("one", "POST", stack.Endpoints, "e", "desk", "model", "a"),
				deleting("a", 400, ListLag)),
			[]string{"exchange 0 (Models_Delete): version a was to be deleted while endpoint e serves it (answer 400)"},
		},
		"a run of no home": {
			func() world {
				w := neighbourhood()
				w.objects = []stack.Object{
					{Kind: stack.Models, ID: "a", DisplayName: "m", CustomProperties: marks("sr.run", "h3/r")},
					{Kind: stack.Models, ID: "b", CustomProperties: marks("sr.run", "h2/r")},
				}
				return w
			}(),
			[]string{`model "m" (a) has sr.run h3/r, which is of no installation here`, "two of model r/train: a and b"},
		},
		"a person changes what is somebody else's, and hurries": {
			world: func() world {
				theirs := stack.Object{Kind: stack.Models, ID: "f"}
				w := neighbourhood()
				w.foreign, w.objects = []stack.Object{theirs}, []stack.Object{theirs}
				for range 95 {
					w.log = append(w.log, did("hand", "PATCH", stack.Models, "f", ""))
				}
				return w
			}(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "a run of no home" {
				require.ElementsMatch(t, tt.want, tt.world.violations())
				return
			}
			require.Equal(t, tt.want, tt.world.violations())
		})
	}
}

// What holds on to something does so from its start to its end, and names what it was given.
func TestLedger(t *testing.T) {
	t.Parallel()
	var b ledger
	b.note(asked{caller: "one", workflow: "retrain/m", run: "r"}, "Retrain", []byte(`{"name":"m","deploy":{"endpoint":"desk"}}`))
	b.note(asked{caller: "one", workflow: "rollback/m", run: "q"}, "Rollback", []byte(`{"name":"m","endpoint":"other"}`))
	b.note(asked{caller: "two", workflow: "retrain/m", run: "s"}, "Evaluate", []byte(`{"request":{"name":"m","deploy":{"endpoint":"third"}}}`))
	end := time.Now().Add(time.Minute)
	b.ended("one", "retrain/m", "r", end)
	b.ended("one", "retrain/m", "another", end.Add(time.Hour)) // a run that a check has started
	all := b.all()
	require.Equal(t, [][]string{{"desk"}, {"other"}, {"third"}}, [][]string{all[0].endpoints, all[1].endpoints, all[2].endpoints})
	require.True(t, all[0].liveAt(end.Add(-time.Second)))
	require.False(t, all[0].liveAt(end))
	require.False(t, all[0].liveAt(all[0].from.Add(-time.Second)))
	require.False(t, all[1].liveAt(time.Now()), "a rollback holds on to nothing")
	require.True(t, all[2].liveAt(end), "another installation's goes on")
}

// Of two runs of a workflow the first may be heard of last: each ends when it did. A run that a reset has started is the
// last that was asked for.
func TestLedgerOfTwoRuns(t *testing.T) {
	t.Parallel()
	var b ledger
	for _, run := range []string{"first", "second"} {
		b.note(asked{caller: "one", workflow: "retrain/m", run: run}, "Retrain", []byte(`{"name":"m"}`))
	}
	end := time.Now().Add(time.Minute)
	b.ended("one", "retrain/m", "first", end)
	all := b.all()
	require.False(t, all[0].liveAt(end))
	require.True(t, all[1].liveAt(end), "it goes on")
	b.ended("one", "retrain/m", "a reset of the second", end.Add(time.Hour))
	all = b.all()
	require.True(t, all[1].liveAt(end))
	require.False(t, all[1].liveAt(end.Add(time.Hour)))
}
