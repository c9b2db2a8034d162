package activities_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// atOnce is a project that two runs create at the same moment: the lists show neither the other's. What the later run
// has made since is in its own.
type atOnce struct {
	*bundle
	first, second activities.ProjectResult
	in            activities.SettleProjectInput
}

func projectAtOnce(t *testing.T) atOnce {
	t.Helper()
	b := atOnce{bundle: setup(t, unlisted)}
	project := activities.ProjectInput{Scope: scope(), Project: "Wind farm"}
	require.NoError(t, b.run(b.doing.EnsureProject, project, &b.first))
	require.Equal(t, 1, b.posted("projects"))
	b.advance(time.Minute)
	// Another worker knows nothing of what this one has made.
	b.doing = b.activities(b.runs, b.hand)
	require.NoError(t, b.run(b.doing.EnsureProject, project, &b.second))
	require.Equal(t, 1, b.posted("projects"))
	require.NotEqual(t, b.first.ID, b.second.ID)
	require.True(t, b.first.Created && b.second.Created)
	for id, name := range map[string]string{b.first.ID: "first", b.second.ID: "second"} {
		b.names[id] = name
	}
	_, marks := mine()
	b.in = activities.SettleProjectInput{
		ProjectInput: project, ID: b.second.ID, VersionID: b.version("v", made{marks: marks, project: b.second.ID}),
		DatasetIDs: []string{b.dataset("c", made{marks: ours(), project: b.second.ID}), b.dataset("d", made{marks: ours(), project: b.second.ID})},
	}
	return b
}

// projectOf is the project that the service shows of an object.
func (b *bundle) projectOf(kind, id string) string {
	b.t.Helper()
	if kind == "models" {
		m, _, err := b.hand.GetModel(b.t.Context(), id)
		require.NoError(b.t, err)
		return m.Project.ID()
	}
	d, _, err := b.hand.GetDataset(b.t.Context(), id)
	require.NoError(b.t, err)
	return d.Project.ID()
}

// Two runs that create a project of one name at the same moment use the earlier one in the end: what the later run has
// made moves there.
func TestProjectsCreatedAtTheSameMomentAreOneInTheEnd(t *testing.T) {
	t.Parallel()
	b := projectAtOnce(t)
	b.advance(time.Hour)
	var settled activities.ProjectResult
	require.NoError(t, b.run(b.doing.SettleProject, b.in, &settled))
	require.Equal(t, activities.ProjectResult{
		ID: b.first.ID, Note: `project "Wind farm" was created twice: ` + b.first.ID + ` is used`,
	}, settled)
	require.Equal(t, []string{"c", "d", "v"}, b.sent(http.MethodPatch))
	require.Empty(t, b.sent(http.MethodDelete), "the sweep's")
	for id, kind := range map[string]string{b.in.VersionID: "models", b.in.DatasetIDs[0]: "datasets", b.in.DatasetIDs[1]: "datasets"} {
		require.Equal(t, b.first.ID, b.projectOf(kind, id), kind)
	}
	_, marks := mine()
	require.Subset(t, b.marksOf(b.in.VersionID), marks)

	require.NoError(t, b.run(b.doing.SettleProject, b.in, &settled), "once more, after a lost answer")
	require.Equal(t, b.first.ID, settled.ID)
}

// The look comes when lists must show what was created at the same moment.
func TestAProjectIsSettledWhenListsHaveCaughtUp(t *testing.T) {
	t.Parallel()
	b := projectAtOnce(t)
	b.advance(time.Hour)
	synctest.Test(t, func(t *testing.T) {
		client, err := speech.New(speech.Config{
			Access: resource.Access{Endpoint: "http://localhost:1", Key: "ours"}, Transport: direct{b}, NoQuota: true,
		})
		require.NoError(t, err)
		a := activities.New(activities.Options{Speech: client, Owner: "ours", ListLag: time.Minute, Runs: b.runs, Now: b.service.Now})
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.SetTestTimeout(day)
		activities.Register(env, a)
		began := time.Now()
		_, err = env.ExecuteActivity(a.SettleProject, b.in)
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(began), time.Minute)
	})
	require.Equal(t, b.first.ID, b.projectOf("models", b.in.VersionID))
}

// The earliest project stays, and so does what is in it: nothing is sent.
func TestTheEarliestProjectStays(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*atOnce){
		"it is the earliest": func(b *atOnce) { b.in.ID = b.first.ID },
		"no list shows any":  func(b *atOnce) { b.in.Project = "Another" },
		"the other one is of another locale": func(b *atOnce) {
			require.NoError(b.t, b.service.Remove(b.first.ID))
			b.aProject("Wind farm", made{locale: "de-DE"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := projectAtOnce(t)
			change(&b)
			b.advance(2 * time.Hour)
			var settled activities.ProjectResult
			require.NoError(t, b.run(b.doing.SettleProject, b.in, &settled))
			require.Equal(t, activities.ProjectResult{ID: b.in.ID}, settled)
			require.Empty(t, b.sent(http.MethodPatch))
		})
	}
}

// A dataset that somebody has deleted meanwhile stops nothing; a version that is gone is a failure.
func TestSettlingAProjectWhoseContentIsGone(t *testing.T) {
	t.Parallel()
	b := projectAtOnce(t)
	b.advance(time.Hour)
	b.in.DatasetIDs = append([]string{"11111111-2222-4333-8444-555555555555"}, b.in.DatasetIDs...)
	require.NoError(t, b.run(b.doing.SettleProject, b.in, nil))
	require.Equal(t, b.first.ID, b.projectOf("datasets", b.in.DatasetIDs[2]))
	require.NoError(t, b.service.Remove(b.in.VersionID))
	failure, application := failureOf(t, b.run(b.doing.SettleProject, b.in, nil))
	require.True(t, application.NonRetryable())
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
}

// A PATCH that meets a machine which does not know the version yet is sent again.
func TestSettlingAProjectInsists(t *testing.T) {
	t.Parallel()
	b := projectAtOnce(t)
	b.advance(time.Hour)
	for kind, id := range map[string]string{"models": b.in.VersionID, "datasets": b.in.DatasetIDs[0]} {
		_, err := b.service.InjectFault(emulator.Fault{
			Method: http.MethodPatch, Path: "/speechtotext/" + kind + "/" + id, Kind: emulator.FaultStatus, Status: http.StatusNotFound, Code: "NotFound",
		})
		require.NoError(t, err)
	}
	require.NoError(t, b.run(b.doing.SettleProject, b.in, nil))
	require.Equal(t, b.first.ID, b.projectOf("models", b.in.VersionID))
	require.Equal(t, b.first.ID, b.projectOf("datasets", b.in.DatasetIDs[0]))
}
