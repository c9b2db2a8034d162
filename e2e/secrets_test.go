package e2e

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	// Temporal's list follows what a run answers.
	require.NoError(v, stack.Await(v.Context(), "a status that says who is needed", func(context.Context) error {
		if r := v.starter("status", v.name, "--task-queue", v.queue); r.code != 6 {
			return fmt.Errorf("it ends with %d: %s%s", r.code, r.stdout, r.stderr)
		}
		return nil
	}))
	signed := "heard " + v.hosts.dataURLs(v.secrets)["SIGNED"]
	v.does(2, "approve", v.name, "--by", "ann", "--reason", signed)
	require.NotZero(v, v.update("approve", data{"by": "ann", "reason": signed, "versionId": v.awaitApproval().Version.ID}).code)
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
