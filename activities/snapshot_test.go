package activities_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// idle is a Temporal in which nothing runs.
type idle struct{}

func (idle) State(context.Context, string, string) (lifecycle.RunKnown, error) {
	return lifecycle.RunKnown{State: lifecycle.RunEnded}, nil
}

func (idle) Scheduled(context.Context, string) (lifecycle.LiveRequest, bool, error) {
	return lifecycle.LiveRequest{}, false, nil
}
func (idle) Alive(context.Context, []byte, lifecycle.Pulse) error { return nil }

func (idle) Live(context.Context) ([]lifecycle.LiveRequest, error)  { return nil, nil }
func (idle) Stage(context.Context, string) (lifecycle.Stage, error) { return "", nil }
func (idle) Running(context.Context, string) (string, error)        { return "", nil }

// TestAThousandChecksShareTwoListings: what 1,000 schedules fire in the same minute must not use up the
// quota of the resource.
func TestAThousandChecksShareTwoListings(t *testing.T) {
	t.Parallel()
	service := shared.Service(t, emulator.Options{Settings: emulator.Plain()})
	client := shared.Client(t, shared.Serve(t, service), "test")
	a := activities.New(activities.Options{Speech: client, Owner: "test", Runs: idle{}, Getenv: func(string) string { return "" }})
	check := func(name string, fresh bool) {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		activities.Register(env, a)
		request := lifecycle.DefaultRequest()
		request.Name, request.Locale = name, "en-US"
		in := activities.ObserveModelInput{Scope: activities.Scope{Model: name, Locale: "en-US"}, Request: request, Fresh: fresh}
		value, err := env.ExecuteActivity(a.ObserveModel, in)
		if err != nil {
			t.Error(err)
			return
		}
		var seen activities.ModelObserved
		if err := value.Get(&seen); err != nil || len(seen.Bases) == 0 {
			t.Errorf("%s sees no base models: %v", name, err)
		}
	}
	var group sync.WaitGroup
	for i := range 1000 {
		group.Go(func() { check(fmt.Sprintf("model-%d", i), false) })
	}
	group.Wait()
	listings := func() map[string]int {
		n := map[string]int{}
		for _, r := range service.Requests() {
			if r.Path == "/speechtotext/models/base" && !strings.Contains(r.Query, "filter=locale+eq+%27en-US%27") {
				t.Errorf("the service has hundreds of base models, those of one locale are asked for: %s", r.Query)
			}
			if r.Method == http.MethodGet && !strings.Contains(r.Query, "skip=") {
				n[r.Path]++
			}
		}
		return n
	}
	seen := listings()
	require.Len(t, seen, 5, "%v", seen)
	for path, n := range seen {
		require.LessOrEqual(t, n, 2, path)
	}

	check("model-1", true)
	for path, n := range listings() {
		require.Equal(t, seen[path]+1, n, "what is acted on is listed anew: %s", path)
	}
}
