package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// profiles are the two services that the whole path is walked on.
var profiles = []string{stack.Plain, stack.Awkward}

// The example of the whole path, twice: upload, train, measure, deploy.
func TestWholePath(t *testing.T) {
	t.Parallel()
	for _, name := range profiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, profile(name))
			b.worker()
			file := b.example()
			first, r := b.runFile(file)
			require.Zero(t, r.code, r.stderr)
			b.deployed(first)
			require.Equal(t, 4, strings.Count(r.stderr, "uploaded as"), r.stderr)
			require.Equal(t, wholeStages, stagesOf(first))
			require.Nil(t, first.Champion)
			require.Nil(t, first.Endpoint.PreviousVersionID)
			test := first.Tests[0]
			require.Nil(t, test.Champion, "on a first run the base model is the opponent")
			require.Less(t, *test.WordErrorRate, *test.Base)
			require.Greater(t, *test.Words, int64(300))
			require.Equal(t, lifecycle.Pass, first.Verdict.Result, first.Verdict.Reason)
			b.note(first, "there is no champion yet")
			b.count(stack.Datasets, 4)
			b.count(endpoints, 1)

			// The awkward service's lists miss what is newer than this.
			require.NoError(t, b.emulator.Advance(t.Context(), listLag))
			second, r := b.runFile(file)
			require.Zero(t, r.code, r.stderr)
			b.deployed(second)
			require.Equal(t, 4, strings.Count(r.stderr, "unchanged, already dataset"), r.stderr)
			require.NotContains(t, r.stderr, "uploaded as")
			require.Equal(t, wholeStages, stagesOf(second))
			require.Equal(t, first.Version.ID, second.Champion.ID)
			require.Equal(t, first.Endpoint.ID, second.Endpoint.ID)
			require.Equal(t, first.Version.ID, *second.Endpoint.PreviousVersionID)
			again := second.Tests[0]
			require.Equal(t, *test.WordErrorRate, *again.Champion, "the same audio, the same version")
			require.InDelta(t, *again.WordErrorRate-*again.Champion, *again.Difference, 1e-9)
			require.NotNil(t, again.Base, "compare.base is asked for")
			require.Equal(t, lifecycle.Pass, second.Verdict.Result, second.Verdict.Reason)
			b.note(second, "the change of base model gave 0.0 points")
			b.state(first.Version.ID, lifecycle.StateRetired)
			b.count(stack.Datasets, 4)
			b.count(endpoints, 1)
			b.count(stack.Models, 2)
			t.Logf("%d words: %.1f %% against %.1f %% of the base model", *test.Words, 100**test.WordErrorRate, 100**test.Base)
		})
	}
}

var wholeStages = []lifecycle.Stage{
	lifecycle.StageValidate, lifecycle.StageProject, lifecycle.StageBase, lifecycle.StageData, lifecycle.StageTrain,
	lifecycle.StageEvaluate, lifecycle.StageVerdict, lifecycle.StageDeploy, lifecycle.StageVerify, lifecycle.StageRetire, lifecycle.StageReport,
}

func stagesOf(r lifecycle.Report) []lifecycle.Stage {
	var stages []lifecycle.Stage
	for _, s := range r.Stages {
		stages = append(stages, s.Name)
	}
	return stages
}

// A version that fails its tests never serves: the run ends well, as rejected, and the endpoint is not touched.
func TestRejectedVersionNeverServes(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	log, err := b.emulator.Requests(t.Context(), 0)
	require.NoError(t, err)
	impossible := b.gated()
	impossible["tests"].([]data)[0]["maxWordErrorRate"] = 0
	second, r := b.run(impossible)
	require.Equal(t, 3, r.code, r.stderr)
	require.Equal(t, lifecycle.Rejected, second.Outcome)
	require.Equal(t, lifecycle.Fail, second.Verdict.Result)
	require.Contains(t, second.Verdict.Reason, "at most 0.0 % allowed")
	require.NotContains(t, stagesOf(second), lifecycle.StageDeploy)
	b.serves(first.Endpoint.ID, first.Version.ID)
	b.state(first.Version.ID, lifecycle.StateChampion)
	b.state(second.Version.ID, lifecycle.StateRejected)
	since, err := b.emulator.Requests(t.Context(), log[len(log)-1].Number)
	require.NoError(t, err)
	for _, e := range since {
		require.NotEqual(t, "Endpoints_Update", e.Operation, "%+v", e)
	}
}

// A first run that is rejected leaves no endpoint at all.
func TestRejectedFirstVersionMakesNoEndpoint(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	q := b.gated()
	q["tests"].([]data)[0]["minWords"] = 100000
	report, r := b.run(q.with(request{"approval": data{"when": "never"}}))
	require.Equal(t, 3, r.code, r.stderr)
	require.Equal(t, lifecycle.Inconclusive, report.Verdict.Result, "too few words are never a pass")
	require.Contains(t, report.Verdict.Reason, "too few words")
	b.count(endpoints, 0)
	b.state(report.Version.ID, lifecycle.StateRejected)
}

// A deployment that the service fails ends with the previous version back on the endpoint, seen to serve.
func TestFailedDeployIsPutBack(t *testing.T) {
	t.Parallel()
	for _, name := range profiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, profile(name))
			b.worker()
			first := b.serve()
			require.NoError(t, b.emulator.Advance(t.Context(), listLag))
			b.failNext("DeploymentFailed", "no capacity in this region")
			second, r := b.run(b.gated())
			require.Equal(t, 1, r.code, r.stderr)
			failure := b.refused(second, lifecycle.DeployFailed)
			require.Equal(t, "DeploymentFailed", *failure.Code)
			require.Contains(t, failure.Message, "no capacity in this region")
			require.Contains(t, failure.Message, first.Version.ID+" was put back and serves")
			require.Equal(t, first.Endpoint.ID, second.Endpoint.ID)
			require.Equal(t, first.Version.ID, *second.Endpoint.VersionID)
			b.serves(first.Endpoint.ID, first.Version.ID)
			b.state(first.Version.ID, lifecycle.StateChampion)
			b.state(second.Version.ID, lifecycle.StateFailed)
		})
	}
}

// Somebody deleted the version that serves: the next run says so and heals it.
func TestChampionDeletedByHand(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	b.admin(http.MethodDelete, "objects/"+first.Version.ID, nil, nil)
	second, r := b.run(b.gated())
	require.Zero(t, r.code, r.stderr)
	b.deployed(second)
	require.Equal(t, first.Endpoint.ID, second.Endpoint.ID)
	b.note(second, "refers to model "+first.Version.ID+", which no longer exists")
	require.Nil(t, second.Tests[0].Champion)
	require.NotNil(t, second.Tests[0].Base, "what serves is the base model")
}

// A version that has expired or is about to is no measure: what would serve otherwise is.
func TestLastResort(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		left     time.Duration
		fallback bool
		says     string
	}{
		"expired":         {-time.Hour, true, "expired on "},
		"about to expire": {72 * time.Hour, false, "in less than 14d: after that the base model"},
	}
	b := setUp(t)
	b.worker()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b.sub(t)
			first := b.serve()
			b.admin(http.MethodPatch, "models/"+first.Version.ID, data{"transcriptionDateTime": time.Now().Add(test.left)}, nil)
			require.Equal(t, test.fallback, b.serving(first.Endpoint.ID).Fallback)
			second, r := b.run(b.gated())
			require.Zero(t, r.code, r.stderr)
			b.deployed(second)
			b.note(second, "the champion "+first.Version.DisplayName+" expire")
			b.note(second, test.says)
			require.Equal(t, first.Version.ID, second.Champion.ID)
			require.Nil(t, second.Tests[0].Champion)
			require.NotNil(t, second.Tests[0].Base)
			require.Equal(t, first.Endpoint.ID, second.Endpoint.ID)
		})
	}
}

// The endpoint was given another model while the version was measured: the numbers say nothing about that
// one, so a person is asked, and a no leaves what was set by hand.
func TestEndpointChangedByHandDuringRun(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	require.NoError(t, b.emulator.Plan(t.Context(), stack.Outcome{Kind: evaluations, Hang: true}))
	starter := b.background(shared.binaries.Starter, "run", "-f", b.write(b.gated()), "--task-queue", b.queue, "--output", "json")
	measuring := b.awaitObject(evaluations, "Running")
	base := first.BaseModel.ID
	b.byHand(http.MethodPatch, "endpoints/"+first.Endpoint.ID, data{
		"model": data{"self": b.emulator.URL + "/speechtotext/models/base/" + base + "?api-version=2025-10-15"},
	})
	b.await("the change by hand", func(context.Context) error {
		s := b.serving(first.Endpoint.ID)
		return unless(s.ServingID == base && s.Status == "Succeeded", "%+v", s)
	})
	b.finish(measuring)
	waiting := b.awaitApproval()
	require.Equal(t, lifecycle.Inconclusive, waiting.Verdict.Result)
	require.Contains(t, waiting.Verdict.Reason, "the endpoint's model was changed during the run")
	r := b.starter("reject", b.name, "--by", "ann", "--reason", "somebody works on it")
	require.Zero(t, r.code, r.stderr)
	r = starter.wait()
	require.Equal(t, 3, r.code, r.stderr)
	report := b.report(r)
	require.Equal(t, lifecycle.Inconclusive, report.Verdict.Result)
	require.Equal(t, serving{Status: "Succeeded", ModelID: base, ServingID: base, Base: true}, b.serving(first.Endpoint.ID))
}

// Two installations on one Speech resource: neither touches the endpoint of the other.
func TestEndpointOfAnotherOwner(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker("RETRAINER_OWNER=north")
	first := b.serve()
	require.Equal(t, "north", b.object(endpoints, first.Endpoint.ID).CustomProperties["sr.owner"])
	other := *b
	other.name, other.queue = b.name+"-2", b.queue+"-2"
	other.worker("RETRAINER_OWNER=south")
	report, r := other.run(other.gated().with(request{"deploy": data{"endpoint": b.name}}))
	require.Equal(t, 1, r.code, r.stderr)
	failure := other.refused(report, lifecycle.InvalidRequest)
	require.Contains(t, failure.Message, "north")
	require.Equal(t, "deploy.endpoint", failure.Problems[0].Path)
	b.count(stack.Models, 1)
	b.serves(first.Endpoint.ID, first.Version.ID)
}
