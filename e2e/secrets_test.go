package e2e

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// Keys, tokens, signed URLs and web hooks stay where they are needed: whatever an operator does and whatever the
// service, the hosts of data and the receivers of notifications answer, none is found in anything that Temporal
// keeps or that the programs tell. What somebody starts with a signed URL in it is the one exception, which the
// run itself names.
func TestSecretsAreKept(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	stop := v.sample()
	t.Run("everything", func(t *testing.T) {
		for _, part := range []struct {
			name, queue string
			do          func(*vault)
		}{
			{"desk", keys, (*vault).useDesk},
			{"line", entra, (*vault).useEntra},
			{"refused-key", keys, (*vault).useBrokenService},
			{"refused-token", entra, (*vault).useBrokenService},
			{"failed-key", keys, (*vault).useFailures},
			{"failed-file", keyFiles, (*vault).useFailures},
			{"failed-token", entra, (*vault).useFailures},
			{"data", entra, (*vault).useData},
			{"hooks", keys, (*vault).useHooks},
			{"hang", keyFiles, (*vault).useCancel},
			{"crew", entra, (*vault).useFleet},
			{"identity", refusing, (*vault).useBrokenIdentity},
			{"slip", keys, (*vault).useSlips},
			{"wrong", keys, (*vault).useMistakes},
		} {
			t.Run(part.name, func(t *testing.T) {
				t.Parallel()
				part.do(v.on(t, part.queue, part.name))
			})
		}
	})
	stop()
	v.search()
	require.NoError(t, v.server.Stop(20*time.Second))
	v.searchDatabase("after its end")
	t.Logf("\n%s", v.scan.table())

	require.Empty(t, v.front.misled(), "the resource was called in a way that no worker should")
	require.Empty(t, v.hosts.wrong)
	require.NotEmpty(t, v.handed, "files of the service were read by their signed addresses")
	slipped := map[string]map[string]bool{inDatabase: {}, inInput: {}}
	for _, f := range v.scan.findings() {
		if f.secret != control {
			t.Errorf("found: %s", f)
			continue
		}
		group := strings.TrimSuffix(strings.TrimSuffix(f.group, ", as JSON"), ", as bytes")
		if slipped[group] == nil {
			t.Errorf("repeated: %s", f)
			continue
		}
		slipped[group][f.place] = true
	}
	require.Len(t, slipped[inInput], len(v.slips()), "each slip is found where it must be: in the input of its run")
	require.NotEmpty(t, slipped[inDatabase], "what is in the database is found there")
	for _, group := range []string{
		"heartbeats, as bytes", "last failures of activities under way, as JSON", "memos, as JSON", "search attributes, as JSON", "schedules, as JSON",
		"answers to queries, as JSON", "bodies of notifications", "requests to where a redirect leads", "logs of workers", "events of histories, as bytes",
	} {
		require.NotNil(t, v.scan.seen[group], "%s were searched", group)
	}
}

// useDesk does all that is done with a model whose versions turn out well.
func (v *vault) useDesk() {
	q := v.tested(v.about(from("desk signed", "SIGNED"), from("desk user", "USER"), from("desk link", "LINK"))).
		with(request{"project": "Desk", "notify": hooks("FINE", "MOVED"), "compare": data{"base": true}})
	asking := q.with(request{"approval": data{"when": "always"}})
	first := v.background(shared.binaries.Starter, "run", "-f", v.write(asking), "--task-queue", v.queue)
	v.awaitApproval()
	watch := v.background(shared.binaries.Starter, "watch", v.name, "--output", "json")
	v.does(0, "status", v.name, "--task-queue", v.queue)
	v.does(0, "approve", v.name, "--by", "ann", "--reason", "good")
	require.Zero(v, first.wait().code)
	report := v.report(watch.wait())
	v.deployed(report)

	v.does(0, "run", "-f", v.write(q), "--task-queue", v.queue)
	v.does(0, "rollback", v.name, "--by", "ann", "--reason", "worse", "--task-queue", v.queue, "--output", "json")
	v.does(0, "test", v.name, "--output", "json")
	v.does(0, "report", "evaluate/"+v.name)

	// Local files go up with the key, then somebody says no.
	files := q.with(request{
		"approval": data{"when": "always"},
		"training": []data{{"name": "desk file", "kind": "Language", "file": filepath.Join(shared.root, "examples", "data", "training", "related-text.txt")}},
	})
	r := v.uploading([]string{"SPEECH_KEY=" + v.secrets.key}, "run", "-f", v.write(files), "--task-queue", v.queue, "--detach")
	require.Zero(v, r.code, r.stderr)
	rejected := v.awaitApproval().Version.ID
	v.does(0, "reject", v.name, "--by", "bob", "--reason", "names are wrong")
	v.does(3, "watch", v.name)
	v.does(0, "adopt", v.name, "--version", rejected, "--locale", "en-US", "--by", "ann", "--task-queue", v.queue)
	for _, format := range []string{"text", "json", "markdown"} {
		v.does(0, "report", v.name, "--output", format)
	}
	v.does(0, "history", v.name, "--task-queue", v.queue)
	v.does(0, "history", v.name, "--task-queue", v.queue, "--output", "json")
	v.does(-1, "plan", "-f", v.write(q), "--verbose", "--task-queue", v.queue)
	v.temporal("workflow", "show", "--workflow-id", "retrain/"+v.name)
}

// does runs starter, which must end with the code unless that is less than zero.
func (v *vault) does(code int, args ...string) result {
	v.Helper()
	r := v.starter(args...)
	if code >= 0 {
		require.Equal(v, code, r.code, "%v\n%s\n%s", args, r.stdout, r.stderr)
	}
	return r
}

// useEntra does with a token what workers and starter do with a key; it is throttled once.
func (v *vault) useEntra() {
	v.front.spoil(rule{method: http.MethodPost, path: "/datasets", contains: `"line signed `, left: 1, answer: refusals["429"]})
	q := v.tested(v.about(from("line signed", "SIGNED"))).with(request{"notify": hooks("FINE")})
	q["tests"] = append(q["tests"].([]data), data{
		"name": "line heard", "kind": "Acoustic", "contentUrl": v.emulator.File("testing/audio-and-trans.zip"), "inspect": true,
	})
	r := v.retrain(q)
	require.Zero(v, r.code, r.stderr)
	v.deployed(v.report(r))
	file := filepath.Join(shared.root, "examples", "data", "training", "related-text.txt")
	v.does(0, "data", "check", file, "--kind", "Language", "--locale", "en-US")
	upload := []string{"data", "upload", file, "--name", "line file", "--kind", "Language", "--locale", "en-US", "--output", "json"}
	r = v.uploading(v.identityEnv(""), upload...)
	require.Zero(v, r.code, r.stderr)
	// What can pass by itself is tried again, until it does.
	for name, code := range map[string]int{"400": 1, "401": 1, "500": 0, "page": 0} {
		broken := v.front.spoil(rule{method: http.MethodPost, path: "/datasets", contains: `"again `, left: 2, answer: refusals[name]})
		upload[4] = "again " + name
		r = v.uploading(v.identityEnv(""), upload...)
		require.Equal(v, code, r.code, r.stderr)
		v.front.heal(broken)
	}
}

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
	broken := v.front.spoil(rule{method: http.MethodGet, path: "/models/" + id, left: -1, answer: refusals["500"]})
	v.await("a failure of the wait", func(ctx context.Context) error {
		d, err := v.client.DescribeWorkflowExecution(ctx, "retrain/"+v.name, "")
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
	file := v.write(fleet)
	v.does(4, "plan", "-f", file, "--verbose")
	v.does(4, "plan", "-f", file, "--output", "json")
	v.does(0, "apply", "-f", file, "--dry-run")
	v.does(0, "apply", "-f", file, "--output", "json")
	v.does(0, "trigger", v.name+"-a")
	v.await("the retrain", func(ctx context.Context) error {
		_, err := v.client.DescribeWorkflowExecution(ctx, "retrain/"+v.name+"-a", "")
		return err
	})
	v.does(0, "watch", v.name+"-a")
	v.does(0, "trigger", v.name+"-a")
	v.does(0, "pause", v.name+"-b", "--note", "waiting")
	v.does(0, "resume", v.name+"-b")
	v.does(0, "status", "--task-queue", v.queue, "--output", "json")
	v.does(0, "status", v.name+"-a")
	v.does(0, "apply", "-f", v.write(fleet.with(request{"models": []data{{"name": v.name + "-a"}}})), "--prune")
	v.temporal("schedule", "describe", "--schedule-id", "renew/"+v.name+"-a")
	v.temporal("workflow", "start", "--type", "Observe", "--task-queue", v.queue, "--workflow-id", "look", "--input", `{"names": []}`)
	v.temporal("workflow", "start", "--type", "Sweep", "--task-queue", v.queue, "--workflow-id", "sweep/"+v.name+"-a", "--input", `{"name": "`+v.name+`-a", "locale": "en-US"}`)
	v.temporal("workflow", "result", "--workflow-id", "look")
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
