package e2e

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// The main path, on a service that behaves and on one that is awkward wherever the contract lets it be.
func TestRetrain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{stack.Plain, stack.Awkward} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, profile(name))
			b.worker(shipped)
			first, r := b.run(b.whole())
			require.Zero(t, r.code, r.stderr)
			b.succeeded(first)
			b.marked(first)
			for _, d := range first.Datasets {
				require.True(t, d.Created, d.DisplayName)
				require.Positive(t, *d.Accepted, d.DisplayName)
			}
			require.Nil(t, first.Champion)

			// The awkward service's lists miss what is newer than this.
			require.NoError(t, b.emulator.Advance(t.Context(), listLag))
			second, r := b.run(b.whole())
			require.Zero(t, r.code, r.stderr)
			b.succeeded(second)
			b.marked(second)
			for _, d := range second.Datasets {
				require.False(t, d.Created, "%s: the data has not changed", d.DisplayName)
			}
			require.Equal(t, first.ProjectID, second.ProjectID)
			require.NotEqual(t, first.Version.ID, second.Version.ID)
			require.NotNil(t, second.Champion)
			require.Equal(t, first.Version.ID, second.Champion.ID)
			b.state(first.Version.ID, lifecycle.StateRetired)
			b.state(second.Version.ID, lifecycle.StateChampion)
			b.count(stack.Models, 2)
			b.count(stack.Datasets, 3)
			b.count(stack.Projects, 1)

			_, checked, err := b.emulator.Violations(t.Context())
			require.NoError(t, err)
			require.Greater(t, checked, 20, "every exchange is held against the contract")
		})
	}
}

// Without JSON the same run is told in lines, readable at 80 columns and in a pipe.
func TestRetrainInWords(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	r := b.starter("run", "-f", b.write(b.whole()), "--task-queue", b.queue)
	require.Zero(t, r.code, r.stderr)
	for _, stage := range []string{"validate", "project", "base", "data", "train", "report"} {
		require.Regexp(t, `(?m)\b`+stage+`\b`, r.stdout)
	}
	require.Contains(t, r.stdout, "succeeded")
	require.Regexp(t, `expires \d{4}-\d{2}-\d{2}`, r.stdout)
	require.NotContains(t, r.stdout, "\x1b", "no colours in a pipe")
	require.NotContains(t, r.stdout, "\r", "no redrawing in a pipe")
}

// succeeded checks what every report of a successful run says.
func (b *bench) succeeded(r lifecycle.Report) {
	b.Helper()
	require.Equal(b, lifecycle.Succeeded, r.Outcome, "%+v", r.Error)
	require.Nil(b, r.Error)
	require.Equal(b, b.name, r.Name)
	require.Equal(b, "retrain/"+b.name, *r.WorkflowID)
	var stages []lifecycle.Stage
	for _, s := range r.Stages {
		stages = append(stages, s.Name)
		require.NotNil(b, s.FinishedAt, s.Name)
	}
	require.Equal(b, []lifecycle.Stage{
		lifecycle.StageValidate, lifecycle.StageProject, lifecycle.StageBase,
		lifecycle.StageData, lifecycle.StageTrain, lifecycle.StageRetire, lifecycle.StageReport,
	}, stages)
	require.NotEmpty(b, r.BaseModel.Reason)
	require.Equal(b, "Succeeded", r.Version.Status)
	require.Equal(b, lifecycle.StateChampion, r.Version.State)
	require.NotNil(b, r.Version.ExpiresAt)
	require.True(b, r.Version.ExpiresAt.After(time.Now()), "expires %s", r.Version.ExpiresAt)
	require.Contains(b, b.emulator.URL, *r.Resource)
	for _, refused := range r.BaseModelsRefused {
		require.NotEmpty(b, refused.Reason, refused.ID)
	}
}

var versionName = regexp.MustCompile(`^\S+ \d{4}-\d{2}-\d{2} [0-9a-f]{8}$`)

// marked checks the version's marks on the service itself.
func (b *bench) marked(r lifecycle.Report) {
	b.Helper()
	v := b.object(stack.Models, r.Version.ID)
	require.Regexp(b, versionName, v.DisplayName)
	require.Equal(b, "Succeeded", v.Status)
	require.Equal(b, "default", v.CustomProperties["sr.owner"])
	require.Equal(b, b.name, v.CustomProperties["sr.model"])
	require.Regexp(b, "^[0-9a-f-]{36}/"+*r.RunID+"$", v.CustomProperties["sr.run"])
	require.Equal(b, "train", v.CustomProperties["sr.step"])
	require.Regexp(b, `^[0-9a-f]{16}$`, v.CustomProperties["sr.input"])
	require.Equal(b, "champion", v.CustomProperties["sr.state"])
	for _, d := range r.Datasets {
		require.NotEmpty(b, b.object(stack.Datasets, d.ID).CustomProperties["sr.content"], d.DisplayName)
	}
}

func (b *bench) state(id string, want lifecycle.State) {
	b.Helper()
	require.Equal(b, string(want), b.object(stack.Models, id).CustomProperties["sr.state"])
}

// objects are all objects of a kind that the service holds, whatever its lists show.
func (b *bench) objects(kind string) []stack.Object {
	b.Helper()
	all, err := b.emulator.Objects(b.Context(), kind)
	require.NoError(b, err)
	return all
}

func (b *bench) object(kind, id string) stack.Object {
	b.Helper()
	for _, o := range b.objects(kind) {
		if o.ID == id {
			return o
		}
	}
	require.Fail(b, "the service has no such object", "%s %s", kind, id)
	return stack.Object{}
}

// count checks how many objects of a kind the service holds.
func (b *bench) count(kind string, want int) {
	b.Helper()
	all := b.objects(kind)
	require.Len(b, all, want, "%s: %+v", kind, all)
}
