package e2e

import (
	"context"
	"crypto/rand"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// secrets are all that the product is given and must not tell. None has the length of a key of the service, so
// that it is not taken out of texts by its shape alone; some hold characters that are escaped in URLs.
type secrets struct {
	// shaped has the form of a key of the service: it is put where another setting should stand.
	shaped string
	// key and fileKey are the Speech resource's keys, token its Entra token, identity what that is asked for with.
	key, fileKey, token, identity string
	// signature, password and link give a right to data.
	signature, password, link string
	// hookPath and hookCode are in the URL of a web hook, webhook signs what is sent there.
	hookPath, hookCode, webhook string
	// temporal is the API key for Temporal.
	temporal string
	// control is the one that somebody lets slip.
	control string
}

func newSecrets() secrets {
	text := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(rand.Text())
		}
		return b.String()[:n]
	}
	return secrets{
		shaped: text(84), key: text(27) + "+" + text(14) + "/" + text(12) + "=", fileKey: text(61),
		token:    "ey" + text(70) + "." + strings.ToLower(text(60)) + "_" + text(50) + "." + text(43),
		identity: text(36), signature: text(20) + "+" + text(11) + "/" + text(20) + "=",
		password: text(30), link: strings.ToLower(text(41)), hookPath: text(43), hookCode: text(33) + "/" + text(9) + "==", webhook: text(48),
		temporal: text(29) + "." + text(31), control: text(20) + "/" + text(22) + "=",
	}
}

// kept are the secrets that must be found nowhere, by their names.
func (s secrets) kept() []secret {
	return []secret{
		{"SPEECH_KEY", s.key},
		{"a key in another setting", s.shaped},
		{"the key of SPEECH_KEY_FILE", s.fileKey},
		{"the Entra token", s.token},
		{"IDENTITY_HEADER", s.identity},
		{"the signature of a content URL", s.signature},
		{"the password of a content URL", s.password},
		{"the path of a content URL", s.link},
		{"the path of a web hook", s.hookPath},
		{"the query of a web hook", s.hookCode},
		{"RETRAINER_WEBHOOK_SECRET", s.webhook},
		{"TEMPORAL_API_KEY", s.temporal},
	}
}

// control is the name of the secret that somebody starts with the Temporal CLI.
const control = "a signed URL in a request"

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
		all = append(all, data{"urlFrom": data{"env": "HOOK_" + name}, "on": []string{"failed", "rejected", "approval", "expiring", "promoted"}})
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
