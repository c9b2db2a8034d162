package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// A fleet over two Speech resources whose models have local files: each resource gets those of its own models, and an
// apply for one never touches what is on the other.
func TestAFleetOverTwoResources(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	other, err := b.stack.StartEmulator(t.Context(), stack.EmulatorOptions{Binary: shared.binaries.Emulator, Files: b.dir, Speed: 5})
	require.NoError(t, err)
	b.worker()
	west := *b
	west.emulator, west.queue = other, b.queue+"-west"
	west.worker()

	fleet := b.crew("24h", b.member("here", "1h"), b.member("there", "1h").with(request{"taskQueue": west.queue}))
	fleet["defaults"].(data)["training"] = []data{{"name": "related text", "kind": "Language", "file": relatedText()}}
	path := b.write(fleet)
	datasets := func(e *stack.Emulator) (ids []string) {
		all, err := e.Objects(t.Context(), stack.Datasets)
		require.NoError(t, err)
		for _, d := range all {
			ids = append(ids, d.ID)
		}
		return ids
	}
	// apply returns which schedules it has changed, by model.
	apply := func(on *bench, queue string) map[string]string {
		r := on.uploader("apply", "-f", path, "--task-queue", queue, "--output", "json")
		require.Zero(t, r.code, r.stderr)
		var done applied
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &done), r.stdout)
		actions := map[string]string{}
		for _, c := range done.Changes {
			actions[strings.TrimPrefix(c.Model, b.name+"-")] = c.Action
		}
		return actions
	}

	b.await("both workers to tell their resource", func(context.Context) error {
		r := b.uploader("apply", "-f", path)
		require.Equal(t, 2, r.code, r.stdout)
		return unless(strings.Contains(r.stderr, "works on "+other.URL[len("http://"):]) && strings.Contains(r.stderr, "was refused with 1 problem"), "%s", r.stderr)
	})
	for _, on := range []*bench{b, &west} {
		r := on.uploader("run", "-f", b.write(b.small().with(request{"training": fleet["defaults"].(data)["training"]})), "--task-queue",
			map[*bench]string{b: west.queue, &west: b.queue}[on], "--output", "json")
		require.Equal(t, lifecycle.WrongResource, b.report(r).Error.Type)
		require.Empty(t, datasets(on.emulator), "nothing was uploaded")
	}

	require.Equal(t, map[string]string{"here": "create"}, apply(b, b.queue))
	require.Equal(t, map[string]string{"there": "create"}, apply(&west, west.queue))
	require.Equal(t, map[string]string{"here": "unchanged"}, apply(b, b.queue))
	for model, e := range map[string]*stack.Emulator{"here": b.emulator, "there": other} {
		ids := datasets(e)
		require.Len(t, ids, 1)
		d, err := b.client.ScheduleClient().GetHandle(t.Context(), "renew/"+b.name+"-"+model).Describe(t.Context())
		require.NoError(t, err)
		require.Contains(t, string(d.Schedule.Action.(*client.ScheduleWorkflowAction).Args[0].(*commonpb.Payload).GetData()), ids[0])
	}
}
