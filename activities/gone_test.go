package activities_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// reading is an activity that reads an object which must exist.
type reading struct {
	kind  string
	class lifecycle.FailureClass
	// make puts the object there; do runs the activity on it.
	make func(*bundle) string
	do   func(*bundle, string) error
}

// trained is the wait for the training of a version, tested that for a test.
func (b *bundle) trained(name, id string) activities.AwaitVersionInput {
	return activities.AwaitVersionInput{VersionInput: b.training(scope(), name), ID: id}
}

func (b *bundle) tested(name, step, id string) activities.AwaitEvaluationInput {
	base := activities.ModelRef{ID: b.base("en-US").ID()}
	return activities.AwaitEvaluationInput{
		EvaluationInput: activities.EvaluationInput{Scope: scope(), DisplayName: name, Step: step, DatasetID: b.audio("en-US"), Model1: base, Model2: base}, ID: id,
	}
}

// readings are all activities that take a 404 for a deletion.
func readings() map[string]reading {
	version := func(b *bundle) string { return b.version("v", made{marks: candidate(scope().Run)}) }
	endpoint := func(b *bundle) string { return b.endpoint("Desk", made{marks: ours()}) }
	evaluation := func(b *bundle) string { return b.evaluation("e", made{marks: ours()}) }
	dataset := func(b *bundle) string { return b.dataset("d", made{}) }
	await := func(id string) activities.AwaitInput {
		return activities.AwaitInput{Scope: scope(), ID: id, Label: "it"}
	}
	importing := func(id string) activities.AwaitDatasetsInput {
		return activities.AwaitDatasetsInput{Scope: scope(), Datasets: []activities.Importing{{ID: id, Label: "it"}}}
	}
	deploy := func(b *bundle, id string) activities.DeployInput {
		base := b.base("en-US")
		return activities.DeployInput{Scope: scope(), EndpointID: id, Label: "Desk", Version: activities.ModelRef{ID: base.ID()}}
	}
	return map[string]reading{
		"the wait for a training": {"models", lifecycle.TrainingFailed, version, func(b *bundle, id string) error {
			return b.run(b.doing.AwaitVersion, b.trained("v", id), nil)
		}},
		"the mark of a version": {"models", lifecycle.TrainingFailed, version, func(b *bundle, id string) error {
			return b.run(b.doing.MarkVersion, activities.MarkInput{Scope: scope(), ID: id, State: lifecycle.StateDeploying}, nil)
		}},
		"the promotion of a version": {"models", lifecycle.DeployFailed, version, func(b *bundle, id string) error {
			return b.run(b.doing.PromoteVersion, activities.PromoteInput{Scope: scope(), ID: id, Former: lifecycle.StateRetired}, nil)
		}},
		"the mark of an alarm": {"models", lifecycle.InvalidRequest, version, func(b *bundle, id string) error {
			return b.run(b.doing.MarkAlarm, activities.AlarmInput{Scope: scope(), VersionID: id, Mark: "expiring"}, nil)
		}},
		"the wait for an import": {"datasets", lifecycle.DatasetFailed, dataset, func(b *bundle, id string) error {
			return b.run(b.doing.AwaitDatasets, importing(id), nil)
		}},
		"the wait for a test": {"evaluations", lifecycle.EvaluationFailed, evaluation, func(b *bundle, id string) error {
			return b.run(b.doing.AwaitEvaluation, b.tested("e", "evaluate/calls", id), nil)
		}},
		"the files of a test": {"evaluations", lifecycle.EvaluationFailed, evaluation, func(b *bundle, id string) error {
			return b.run(b.doing.ReadInspection, await(id), nil)
		}},
		"the wait for a deployment": {"endpoints", lifecycle.DeployFailed, endpoint, func(b *bundle, id string) error {
			return b.run(b.doing.AwaitDeployed, deploy(b, id), nil)
		}},
		"the wait for the end of a deployment": {"endpoints", lifecycle.DeployFailed, endpoint, func(b *bundle, id string) error {
			return b.run(b.doing.AwaitEndpointEnd, deploy(b, id), nil)
		}},
		"the change of an endpoint": {"endpoints", lifecycle.DeployFailed, endpoint, func(b *bundle, id string) error {
			return b.run(b.doing.PointEndpoint, deploy(b, id), nil)
		}},
		"the look for twins of an endpoint": {"endpoints", lifecycle.DeployFailed, endpoint, func(b *bundle, id string) error {
			base := b.base("en-US")
			in := activities.EndpointInput{Scope: scope(), Name: "Desk", Version: activities.ModelRef{ID: base.ID()}}
			return b.run(b.doing.SettleEndpoint, activities.SettleEndpointInput{EndpointInput: in, ID: id}, nil)
		}},
	}
}

// unlisted makes lists lag behind, so that what is new is read by its ID.
func unlisted(s *emulator.Settings) { s.ListLag = emulator.Duration(time.Hour) }

// A 404 right after a create, and one that comes later from a machine that lags behind, is no deletion. One that still
// stands after the lag is: of its kind's class, and with what to do.
func TestOneNotFoundIsNoDeletion(t *testing.T) {
	t.Parallel()
	for name, tt := range readings() {
		t.Run(name+", fresh", func(t *testing.T) {
			t.Parallel()
			b := setup(t, unlisted, func(s *emulator.Settings) { s.ReadLag = emulator.Duration(time.Hour) })
			id := tt.make(b)
			b.after(http.MethodGet, tt.kind+"/"+id, func() { b.advance(2 * time.Hour) })
			require.NoError(t, tt.do(b, id))
			require.Equal(t, http.StatusNotFound, b.firstAnswer(tt.kind, id))
		})
		t.Run(name+", later", func(t *testing.T) {
			t.Parallel()
			b := setup(t, unlisted)
			id := tt.make(b)
			b.once404(tt.kind, id)
			require.NoError(t, tt.do(b, id))
			require.Equal(t, http.StatusNotFound, b.firstAnswer(tt.kind, id))
		})
		t.Run(name+", gone", func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := tt.make(b)
			require.NoError(t, b.service.Remove(id))
			began := time.Now()
			failure, application := failureOf(t, tt.do(b, id))
			require.GreaterOrEqual(t, time.Since(began), lag)
			require.True(t, application.NonRetryable())
			require.Equal(t, tt.class, failure.Type)
			require.Equal(t, "NotFound", *failure.Code)
			require.Contains(t, failure.Message, " was deleted: the service has not known it for 10ms")
			require.Contains(t, *failure.Next, "find out who deletes objects")
			require.Equal(t, tt.class == lifecycle.TrainingFailed || tt.class == lifecycle.EvaluationFailed ||
				tt.class == lifecycle.DeployFailed, activities.Repairable(failure))
		})
	}
}

// firstAnswer is the status of the last activity's first read of an object.
func (b *bundle) firstAnswer(kind, id string) int {
	b.t.Helper()
	for _, e := range b.service.Requests()[b.began:] {
		if e.Method == http.MethodGet && (e.Path == "/speechtotext/"+kind+"/"+id || e.Path == "/speechtotext/"+kind+"/"+id+"/files") {
			return e.Status
		}
	}
	require.Fail(b.t, "it was not read", "%s %s", kind, id)
	return 0
}

// once404 lets the service say once that an object does not exist.
func (b *bundle) once404(kind, id string) {
	b.t.Helper()
	for _, below := range []string{"", "/files"} {
		_, err := b.service.InjectFault(emulator.Fault{
			Method: http.MethodGet, Path: "/speechtotext/" + kind + "/" + id + below, Kind: emulator.FaultStatus,
			Status: http.StatusNotFound, Code: "NotFound", Message: "The specified entity cannot be found.",
		})
		require.NoError(b.t, err)
	}
}

// Waits that share a list are no different: what the list misses is read by itself, and once is not enough there either.
func TestOneNotFoundIsNoDeletionForWaitsThatShareAList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var ins []activities.AwaitVersionInput
	for i := range 6 {
		name, of := fmt.Sprintf("v%d", i), scope()
		of.Run = run(name)
		id := b.version(name, made{marks: candidate(of.Run)})
		b.once404("models", id)
		ins = append(ins, activities.AwaitVersionInput{VersionInput: b.training(of, name), ID: id})
	}
	var waits sync.WaitGroup
	errs := make([]error, len(ins))
	for i := range ins {
		waits.Go(func() {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			activities.Register(env, b.doing)
			_, errs[i] = env.ExecuteActivity(b.doing.AwaitVersion, ins[i])
		})
	}
	waits.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// What serves is not taken for deleted, nor the endpoint that a request names by its ID, because of one 404.
func TestOneNotFoundChangesNothingOfWhatServes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("v", made{marks: ours(lifecycle.MarkState, "champion", lifecycle.MarkRun, run("another"))})
	endpoint := b.endpoint("Desk", made{marks: ours(), serves: version})
	b.once404("models", version)
	b.once404("endpoints", endpoint)
	var found activities.ChampionResult
	require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: endpoint}, &found))
	require.NotNil(t, found.Endpoint)
	require.NotNil(t, found.Champion)
	require.Equal(t, version, found.Champion.ID)
}

// Data that was uploaded a moment ago is found by its ID.
func TestOneNotFoundOfADatasetByItsID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.dataset("d", made{})
	b.once404("datasets", id)
	var found activities.DataFound
	in := activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: id}}
	require.NoError(t, b.run(b.doing.FindData, in, &found))
	require.Equal(t, id, found.ID)
}

// A version that was deleted is trained again after a reset, and the evaluation of the one before does not stand for it.
func TestAnEvaluationOfADeletedVersionIsNotAdopted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.version("v", made{marks: candidate(scope().Run)})
	audio, base := b.audio("en-US"), b.base("en-US")
	of := func(version string) activities.EvaluationInput {
		return activities.EvaluationInput{
			Scope: scope(), DisplayName: "desk", Step: "evaluate/calls", DatasetID: audio,
			Model1: activities.ModelRef{ID: base.ID()}, Model2: activities.ModelRef{ID: version, Custom: true},
		}
	}
	var first, again, second activities.EvaluationCreated
	require.NoError(t, b.run(b.doing.CreateEvaluation, of(before), &first))
	require.NoError(t, b.run(b.doing.CreateEvaluation, of(before), &again))
	require.Equal(t, first.ID, again.ID)
	require.NoError(t, b.service.Remove(before))
	version := b.version("w", made{marks: candidate(scope().Run)})
	require.NoError(t, b.run(b.doing.CreateEvaluation, of(version), &second))
	require.NotEqual(t, first.ID, second.ID)
	b.advance(time.Hour)
	var measured activities.Measured
	require.NoError(t, b.run(b.doing.AwaitEvaluation, activities.AwaitEvaluationInput{EvaluationInput: of(version), ID: second.ID}, &measured))
	require.Equal(t, second.ID, measured.ID)
}

// A change that meets a machine which does not know the object yet is sent again.
func TestOneNotFoundStopsNoChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("v", made{marks: candidate(scope().Run)})
	endpoint := b.endpoint("Desk", made{marks: map[string]string{lifecycle.MarkOwner: "ours"}})
	change := func(kind, id string, activity, input any) {
		_, err := b.service.InjectFault(emulator.Fault{
			Method: http.MethodPatch, Path: "/speechtotext/" + kind + "/" + id, Kind: emulator.FaultStatus, Status: http.StatusNotFound, Code: "NotFound",
		})
		require.NoError(t, err)
		require.NoError(t, b.run(activity, input, nil))
	}
	change("models", version, b.doing.MarkVersion, activities.MarkInput{Scope: scope(), ID: version, State: lifecycle.StateDeploying})
	require.Equal(t, "deploying", b.stateOf(version))
	deployed := activities.DeployInput{
		Scope: scope(), EndpointID: endpoint, Label: "Desk", Version: activities.ModelRef{ID: version, Custom: true}, Mark: true,
	}
	change("endpoints", endpoint, b.doing.PointEndpoint, deployed)
	b.advance(time.Minute)
	change("endpoints", endpoint, b.doing.AwaitDeployed, deployed)
	require.Equal(t, "desk", b.marksOf(endpoint)[lifecycle.MarkModel])
	serves, err := b.service.ServingOf(endpoint)
	require.NoError(t, err)
	require.Equal(t, version, serves.ServingID)
}

// What was seen in between is there: the doubt begins anew with the next 404.
func TestAWaitThatHasSeenItsObjectDoubtsAnew(t *testing.T) {
	t.Parallel()
	b := setup(t, unlisted)
	name, marks := mine()
	id := b.version(name, made{marks: marks, hangs: true})
	gone := func(answers int) {
		_, err := b.service.InjectFault(emulator.Fault{
			Method: http.MethodGet, Path: "/speechtotext/models/" + id, Count: answers,
			Kind: emulator.FaultStatus, Status: http.StatusNotFound, Code: "NotFound",
		})
		require.NoError(t, err)
	}
	gone(1)
	in := b.trained(name, id)
	after := func(do func()) { b.after(http.MethodGet, "models/"+id, do) }
	after(func() {}) // 404
	after(func() {}) // it is there
	after(func() { gone(2) })
	after(func() {})                                                   // 404, of the look, which comes when the lag has passed
	after(func() { require.NoError(t, b.service.Finish(id, "", "")) }) // 404, of the wait
	require.NoError(t, b.run(b.doing.AwaitVersion, in, nil))
	require.Greater(t, b.reads("models", id), 5)
}

// What a request names, and the base model of a version, are not taken for missing after one 404 either: the run would
// be refused, or choose and compare without them.
func TestOneNotFoundOfWhatARequestNames(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(*bundle){
		"the base model": func(b *bundle) {
			base := b.base("en-US")
			b.once404("models/base", base.ID())
			var chosen activities.BaseResult
			require.NoError(b.t, b.run(b.doing.ChooseBase,
				activities.BaseInput{Scope: scope(), Spec: lifecycle.BaseSpec{Choose: base.ID()}, Kinds: []lifecycle.DatasetKind{"Language"}}, &chosen))
			require.Equal(b.t, base.ID(), chosen.Report.ID)
		},
		"a custom model to train from": func(b *bundle) {
			id := b.version("v", made{})
			b.once404("models", id)
			_ = b.run(b.doing.ChooseBase, activities.BaseInput{Scope: scope(), Spec: lifecycle.BaseSpec{Choose: id}}, nil)
			require.Greater(b.t, b.reads("models", id), 1)
		},
		"the project": func(b *bundle) {
			id := b.aProject("Desk", made{})
			b.once404("projects", id)
			var found activities.ProjectResult
			require.NoError(b.t, b.run(b.doing.EnsureProject, activities.ProjectInput{Scope: scope(), Project: id}, &found))
			require.Equal(b.t, id, found.ID)
		},
		"a version, and its base model": func(b *bundle) {
			id := b.version("v", made{marks: candidate(scope().Run)})
			b.once404("models", id)
			var found activities.VersionFound
			in := activities.AwaitInput{Scope: scope(), ID: id, Label: "v"}
			require.NoError(b.t, b.run(b.doing.FindVersion, in, &found))
			require.NotNil(b.t, found.Base)
			b.once404("models/base", found.Base.ID)
			require.NoError(b.t, b.run(b.doing.FindVersion, in, &found))
			require.NotNil(b.t, found.Base)
		},
		"a base model that serves": func(b *bundle) {
			endpoint := b.endpoint("Desk", made{marks: ours()})
			var found activities.ChampionResult
			require.NoError(b.t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: endpoint}, &found))
			require.False(b.t, found.Champion.Custom)
			b.once404("models/base", found.Champion.ID)
			require.NoError(b.t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: endpoint}, &found))
			require.NotNil(b.t, found.Champion)
		},
		"the base model of a refused training": func(b *bundle) {
			in := b.training(scope(), "desk")
			_, err := b.service.InjectFault(emulator.Fault{
				Operation: "Models_Create", Kind: emulator.FaultStatus,
				Status: http.StatusBadRequest, Code: "InvalidDataset", Message: "no",
			})
			require.NoError(b.t, err)
			b.once404("models/base", in.BaseID)
			failure, _ := failureOf(b.t, b.run(b.doing.CreateVersion, in, nil))
			require.Equal(b.t, lifecycle.TrainingFailed, failure.Type, failure.Message)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			try(setup(t))
		})
	}
}

// reads counts how often the last activity read an object.
func (b *bundle) reads(kind, id string) int {
	n := 0
	for _, e := range b.service.Requests()[b.began:] {
		if e.Method == http.MethodGet && e.Path == "/speechtotext/"+kind+"/"+id {
			n++
		}
	}
	return n
}
