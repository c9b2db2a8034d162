package activities_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// BenchmarkCheckOf10000 is one check of one model on a resource of 10,000 that is listed already: ten versions each of a
// thousand models of ours.
func BenchmarkCheckOf10000(b *testing.B) {
	settings := emulator.Plain()
	settings.RateLimit = 0
	service := shared.Service(b, emulator.Options{Settings: settings})
	seeds := make([]emulator.Seed, 10_000)
	for i := range seeds {
		state := lifecycle.StateRetired
		if i%10 == 9 {
			state = lifecycle.StateChampion
		}
		seeds[i] = emulator.Seed{DisplayName: fmt.Sprintf("v%d", i), Locale: "en-US", CustomProperties: map[string]string{
			lifecycle.MarkOwner: "ours", lifecycle.MarkModel: fmt.Sprintf("model-%d", i/10), lifecycle.MarkStep: lifecycle.StepTrain,
			lifecycle.MarkRun: lifecycle.RunMark(lifecycle.TestHome, fmt.Sprint(i)), lifecycle.MarkState: string(state),
		}}
	}
	_, err := service.SeedModels(seeds)
	require.NoError(b, err)
	client, err := speech.New(speech.Config{
		Access: resource.Access{Endpoint: shared.Serve(b, service), Key: "ours"}, NoQuota: true, Timeout: shared.Patience,
	})
	require.NoError(b, err)
	a := activities.New(activities.Options{
		Speech: client, Owner: "ours", Runs: idle{}, SnapshotAge: time.Hour, Getenv: func(string) string { return "" },
	})
	request := lifecycle.DefaultRequest()
	request.Name, request.Locale = "model-500", "en-US"
	in := activities.ObserveModelInput{Scope: activities.Scope{Model: request.Name, Locale: request.Locale}, Request: request}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	check := func() activities.ModelObserved {
		env := suite.NewTestActivityEnvironment()
		activities.Register(env, a)
		value, err := env.ExecuteActivity(a.ObserveModel, in)
		require.NoError(b, err)
		var seen activities.ModelObserved
		require.NoError(b, value.Get(&seen))
		return seen
	}
	require.Len(b, check().Versions, 10)
	b.ReportAllocs()
	for b.Loop() {
		check()
	}
}
