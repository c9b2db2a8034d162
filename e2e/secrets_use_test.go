package e2e

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// useBrokenService meets a service that repeats what it is told in every way that it can.
func (v *vault) useBrokenService() {
	var runs []*running
	names := slices.Sorted(maps.Keys(refusals))
	if v.queue == keys {
		names = []string{"400", "401", "500", "noise"} // the others differ in what the client is told, not in its credential
	}
	for _, name := range names {
		if name == "429" {
			continue
		}
		answer := refusals[name]
		label := v.name + "-" + name
		v.front.spoil(rule{method: http.MethodPost, path: "/datasets", contains: `"` + label + " ", left: -1, answer: answer})
		q := v.about(from(label, "SIGNED")).with(request{"name": label, "limits": data{"unavailable": "4s"}, "notify": hooks("FINE")})
		runs = append(runs, v.background(shared.binaries.Starter, "run", "-f", v.write(q), "--task-queue", v.queue, "--output", "json"))
	}
	for _, run := range runs {
		r := run.wait()
		require.Equal(v, 1, r.code, r.stdout)
		require.Equal(v, lifecycle.Failed, v.report(r).Outcome)
	}
}

// useFailures meets jobs whose failures tell what the service was told.
func (v *vault) useFailures() {
	var runs []*running
	kinds := []string{"dataset", "training", "evaluation", "endpoint"}
	if v.queue != keys {
		kinds = kinds[:2]
	}
	for i, kind := range kinds {
		name := v.name + "-" + kind
		source := []string{"LINK", "SIGNED", "USER"}[i%3]
		v.plan(kind, name, data{"code": "Failed", "message": v.gossip() + " , " + v.hosts.dataURLs(v.secrets)[source]})
		q := v.tested(v.about(from(name+" data", source))).
			with(request{"name": name, "notify": hooks("FINE"), "deploy": data{"endpoint": name}, "approval": data{"when": "never"}})
		runs = append(runs, v.background(shared.binaries.Starter, "run", "-f", v.write(q), "--task-queue", v.queue, "--output", "json"))
	}
	for _, run := range runs {
		r := run.wait()
		require.NotZero(v, r.code, r.stdout)
		require.Contains(v, r.stdout, "told by the service")
	}
}

// useData meets hosts of data that do not answer, or not as they should.
func (v *vault) useData() {
	runs := map[string]*running{}
	for _, way := range []string{"DROPPED", "DENIED", "NOBODY", "MOVED"} {
		q := v.about(from(v.name+" "+way, way)).with(request{"name": v.name + "-" + strings.ToLower(way), "notify": hooks("FINE")})
		runs[way] = v.background(shared.binaries.Starter, "run", "-f", v.write(q), "--task-queue", v.queue)
	}
	for way, run := range runs {
		r := run.wait()
		code := 1
		if way == "MOVED" {
			code = 0
		}
		require.Equal(v, code, r.code, "%s\n%s\n%s", way, r.stdout, r.stderr)
	}
	missing := v.about(from("data missing", "ABSENT")).with(request{"name": v.name + "-absent"})
	require.Equal(v, 1, v.retrain(missing).code)
}

// useHooks tells of a failure to receivers that are away, broken, or elsewhere.
func (v *vault) useHooks() {
	r := v.retrain(v.about(from("hooks missing", "ABSENT")).with(request{"notify": hooks("FINE", "BROKEN", "MOVED", "DROPPED", "NOBODY", "ABSENT")}))
	require.Equal(v, 1, r.code, r.stderr)
	v.note(v.report(r), "HOOK_MOVED: the web hook answered with a redirect")
	require.Equal(v, 0, v.does(0, "report", v.name).code)
}

// useCancel looks at a wait that lasts, lets it fail for a while, and cancels it.
func (v *vault) useCancel() {
	v.plan("training", v.name, data{"hang": true})
	q := v.about(from("hang signed", "SIGNED")).with(request{"notify": hooks("FINE")})
	run := v.background(shared.binaries.Starter, "run", "-f", v.write(q), "--task-queue", v.queue, "--output", "json")
	v.awaitActivity("retrain/"+v.name, "await-training")
	id := ""
	for _, m := range v.objects(stack.Models) {
		if strings.HasPrefix(m.DisplayName, v.name+" ") {
			id = m.ID
		}
	}
	broken := v.front.spoil(rule{method: http.MethodGet, path: "/models", left: -1, answer: refusals["500"]})
	v.await("a failure of the wait", func(ctx context.Context) error {
		d, err := describe(ctx, v.client, "retrain/"+v.name, "")
		if err != nil {
			return err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetLastFailure() != nil {
				return nil
			}
		}
		return unless(false, "none yet")
	})
	v.lookAtWaits(v.Context())
	v.front.heal(broken)
	v.does(0, "cancel", v.name, "--output", "json")
	require.Equal(v, 1, run.wait().code)
	v.finish(id)
	v.await("the sweep", func(ctx context.Context) error {
		all, err := v.emulator.Objects(ctx, stack.Models)
		for _, m := range all {
			if m.ID == id {
				return unless(false, "%s is still there", m.DisplayName)
			}
		}
		return err
	})
}

// useFleet lets schedules check, and retrain what is due.
func (v *vault) useFleet() {
	fleet := request{"fleet": v.name, "models": []data{{"name": v.name + "-a"}, {"name": v.name + "-b"}}, "defaults": data{
		"locale": "en-US", "taskQueue": v.queue, "schedule": data{"every": "1h"}, "notify": hooks("FINE"), "training": []data{from("crew signed", "SIGNED")},
	}}
	// A sweep looks a second time after the lag of lists, so it goes on meanwhile.
	v.temporal("workflow", "start", "--type", "Sweep", "--task-queue", v.queue, "--workflow-id", "sweep/"+v.name+"-a",
		"--input", `{"name": "`+v.name+`-a", "locale": "en-US"}`)
	file := v.write(fleet)
	v.does(4, "plan", "-f", file, "--verbose")
	v.does(4, "plan", "-f", file, "--output", "json")
	v.does(0, "apply", "-f", file, "--dry-run")
	v.does(0, "apply", "-f", file, "--output", "json")
	v.does(0, "trigger", v.name+"-a")
	v.await("the retrain", func(ctx context.Context) error {
		_, err := describe(ctx, v.client, "retrain/"+v.name+"-a", "")
		return err
	})
	v.does(0, "watch", v.name+"-a")
	v.does(0, "trigger", v.name+"-a")
	v.does(0, "pause", v.name+"-b", "--note", "waiting")
	v.does(0, "resume", v.name+"-b")
	// It shows those of other queues, too: whether one of them needs a person is theirs.
	require.Contains(v, []int{0, 6}, v.does(-1, "status", "--task-queue", v.queue, "--output", "json").code)
	require.Contains(v, []int{0, 6}, v.does(-1, "status", v.name+"-a").code)
	v.does(0, "apply", "-f", v.write(fleet.with(request{"models": []data{{"name": v.name + "-a"}}})), "--prune", "--yes")
	v.temporal("schedule", "describe", "--schedule-id", "renew/"+v.name+"-a")
	v.temporal("workflow", "start", "--type", "Observe", "--task-queue", v.queue, "--workflow-id", "look", "--input", `{"names": []}`)
	v.temporal("workflow", "result", "--workflow-id", "look")
	v.does(0, "data", "list", "--unused", "--task-queue", v.queue, "--output", "json")
	v.does(0, "sweep", v.name+"-a", "--locale", "en-US", "--task-queue", v.queue)
	v.temporal("workflow", "result", "--workflow-id", "sweep/"+v.name+"-a")
}

// useBrokenIdentity asks an identity endpoint that repeats what it is told.
func (v *vault) useBrokenIdentity() {
	for _, queue := range []string{refusing, garbled} {
		q := v.about(from("identity", "SIGNED")).with(request{"name": queue, "limits": data{"unavailable": "10s"}})
		r := v.does(1, "run", "-f", v.write(q), "--task-queue", queue, "--output", "json")
		require.Contains(v, v.report(r).Error.Message, "no Entra token")
	}
	r := v.uploading(v.identityEnv("/refusing"), "data", "upload", filepath.Join(shared.root, "examples", "data", "training", "related-text.txt"),
		"--name", "identity", "--kind", "Language", "--locale", "en-US")
	require.Equal(v, 1, r.code, r.stderr)
	require.Contains(v, r.stderr, "no Entra token")
}
