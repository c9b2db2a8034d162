package e2e

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// The task queues of the workers that are set up differently; all are for one Speech resource.
const (
	keys     = "keys"
	keyFiles = "key-files"
	entra    = "entra"
	refusing = "identity-refusing"
	garbled  = "identity-garbled"
)

// vault is a whole installation of its own, Temporal with its database included, that holds secrets.
type vault struct {
	*bench
	secrets  secrets
	scan     *scan
	front    *front
	hosts    *hosts
	database string
	workers  []*stack.Worker
	// handed are the signatures of files that the service has handed out; guarded by the front's lock.
	handed map[string]bool
}

func newVault(t *testing.T) *vault {
	t.Helper()
	s := newSecrets()
	v := &vault{secrets: s, scan: newScan(append(s.kept(), secret{control, s.control})...), front: newFront(t), hosts: newHosts(t, s)}
	v.front.keys, v.front.token = []string{s.key, s.fileKey}, s.token
	v.handed = map[string]bool{}
	v.front.learn = func(value string) {
		if !v.handed[value] {
			v.handed[value] = true
			v.scan.add(secret{"the signature of a file of the service", value})
		}
	}
	v.bench = setUp(t, key(s.key), func(o *stack.EmulatorOptions) {
		o.Speed = 8
		o.Args = []string{"--public-url", v.front.URL, "--content-url-shown", "full", "--page-size", "100", "--rate-limit", "0"}
	})
	v.front.serve(t, v.emulator.URL, s.key)
	v.database = filepath.Join(v.dir, "temporal.db")
	var err error
	v.server, err = v.stack.StartServer(t.Context(), stack.ServerOptions{Binary: shared.binaries.Temporal, Database: v.database})
	require.NoError(t, err)
	v.client, err = v.server.Client(t.Context(), client.DefaultNamespace)
	require.NoError(t, err)
	t.Cleanup(v.client.Close)
	v.env = []string{"TEMPORAL_API_KEY=" + s.temporal, "TEMPORAL_TLS=false"}
	v.printed = func(args []string, r result) { v.heard(args, r) }
	keyFile := v.file("speech.key", s.fileKey+"\n")
	v.hire(keys, "SPEECH_KEY="+s.key)
	v.hire(keys, "SPEECH_KEY="+s.key)
	v.hire(keyFiles, "SPEECH_KEY_FILE="+keyFile)
	v.hire(entra, v.identityEnv("")...)
	v.hire(entra, v.identityEnv("")...)
	v.hire(refusing, v.identityEnv("/refusing")...)
	v.hire(garbled, v.identityEnv("/garbled")...)
	return v
}

// identityEnv is the environment of a program that has a managed identity of App Service.
func (v *vault) identityEnv(path string) []string {
	return []string{
		"AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential", "IDENTITY_ENDPOINT=" + v.hosts.identity.URL + path, "IDENTITY_HEADER=" + v.secrets.identity,
	}
}

// hire starts a worker that logs all that it can and knows all the secrets.
func (v *vault) hire(queue string, env ...string) {
	v.Helper()
	all := append(slices.Clone(v.env), "SPEECH_KEY=", "SSL_CERT_FILE="+v.front.certificate, "RETRAINER_WEBHOOK_SECRET="+v.secrets.webhook)
	for name, u := range v.hosts.dataURLs(v.secrets) {
		all = append(all, "DATA_"+name+"="+u)
	}
	for name, u := range v.hosts.hookURLs(v.secrets) {
		all = append(all, "HOOK_"+name+"="+u)
	}
	w, err := v.stack.StartWorker(v.Context(), stack.WorkerOptions{
		Binary: shared.binaries.Worker, Server: v.server, Emulator: &stack.Emulator{URL: v.front.URL},
		TaskQueue: queue, ListLag: time.Second, Args: []string{"--log-level", "debug", "--heartbeat-throttle", "1s"}, Env: append(all, env...),
	})
	require.NoError(v, err)
	v.workers = append(v.workers, w)
}

// on is the installation for one part of the test, with a model of its own.
func (v *vault) on(t *testing.T, queue, name string) *vault {
	b := *v.bench
	b.T, b.dir, b.queue, b.name = t, t.TempDir(), queue, name
	part := *v
	part.bench = &b
	return &part
}

// file writes a file of the part and returns its path.
func (v *vault) file(name, content string) string {
	v.Helper()
	path := filepath.Join(v.dir, name)
	require.NoError(v, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// uploading runs starter with the settings of the Speech resource, which only uploads need.
func (v *vault) uploading(env []string, args ...string) result {
	v.Helper()
	settings := append([]string{"SPEECH_ENDPOINT=" + v.front.URL, "SSL_CERT_FILE=" + v.front.certificate, "SPEECH_LIST_LAG=1s"}, env...)
	return v.command("/usr/bin/env", append(append(settings, shared.binaries.Starter), args...)...)
}

// heard searches what a command has printed.
func (v *vault) heard(args []string, r result) {
	program := slices.IndexFunc(args, func(arg string) bool { return !strings.Contains(arg, "=") && filepath.Base(arg) != "env" })
	what := filepath.Base(args[program])
	if program+1 < len(args) {
		what += " " + args[program+1]
	}
	group := "printed by " + what
	v.scan.look(group, strings.Join(args[program+1:], " ")+": stdout", []byte(r.stdout))
	v.scan.look(group, strings.Join(args[program+1:], " ")+": stderr", []byte(r.stderr))
}

// plan makes a coming job whose object's name contains a text end as it says.
func (v *vault) plan(kind, contains string, more data) {
	v.Helper()
	outcome := data{"kind": kind, "contains": contains}
	maps.Copy(outcome, more)
	v.admin("POST", "outcomes", outcome, nil)
}

// gossip is a text that holds all that workers of this part's task queue tell the Speech resource.
func (v *vault) gossip() string {
	credential := map[string]string{keys: v.secrets.key, keyFiles: v.secrets.fileKey, entra: v.secrets.token}[v.queue]
	return "told by the service: " + credential + " , " + v.hosts.dataURLs(v.secrets)["SIGNED"] + " , " + credential
}

// retrain runs a request to its end with starter and returns what it printed.
func (v *vault) retrain(q request) result {
	v.Helper()
	return v.starter("run", "-f", v.write(q), "--task-queue", v.queue, "--output", "json")
}

// data from a variable of the worker.
func from(name, variable string) data {
	return data{"name": name, "kind": "Language", "contentUrlFrom": data{"env": "DATA_" + variable}}
}

// about is a request for the part's model on data from a variable.
func (v *vault) about(training ...data) request {
	return request{"name": v.name, "locale": "en-US", "training": training}
}

// tested is the request with a test, and with what follows a good one.
func (v *vault) tested(q request) request {
	return q.with(request{
		"tests": []data{{
			"name": "desk calls", "kind": "Acoustic", "contentUrl": v.emulator.File("testing/audio-and-trans.zip"), "maxRegression": 0.01, "minWords": 300,
		}},
		"deploy": data{"endpoint": v.name},
	})
}

// hooks are web hooks that hear of everything.
func hooks(names ...string) []data {
	var all []data
	for _, name := range names {
		all = append(all, data{"urlFrom": data{"env": "HOOK_" + name}, "on": lifecycle.Events})
	}
	return all
}

// sample looks at the waits that go on, again and again until it is stopped: what they send with heartbeats and
// why they last failed is in no history.
func (v *vault) sample() (stop func()) {
	ctx, cancel := context.WithCancel(v.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				v.lookAtWaits(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
