package composetest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
)

// workerOf is the worker of profile full in a folder of its own, with what .env and worker.env say. No worker.env is
// written for an empty one.
func workerOf(t *testing.T, dotEnv types.Mapping, workerEnv string) (types.ServiceConfig, *types.Project) {
	t.Helper()
	dir := t.TempDir()
	if workerEnv != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "worker.env"), []byte(workerEnv), 0o600))
	}
	require.NoError(t, os.CopyFS(filepath.Join(dir, "deploy"), os.DirFS(filepath.Join(root, "deploy"))))
	p, err := loadIn(t.Context(), dir, composeFile(t), "full", dotEnv)
	require.NoError(t, err)
	return p.Services["worker"], p
}

// set is what a container's environment has for a variable; none tells that it is not set.
func set(s types.ServiceConfig, name string) string {
	if value := s.Environment[name]; value != nil {
		return *value
	}
	return "none"
}

func TestWorkerTakesWhatDotEnvSets(t *testing.T) {
	t.Parallel()
	w, _ := workerOf(t, types.Mapping{}, "")
	for _, name := range []string{"OPS_WEBHOOK", activities.WebhookSecret, "RETRAINER_OWNER", "SPEECH_ENDPOINT_QUOTA", "SPEECH_DATASET_QUOTA"} {
		require.Equal(t, "none", set(w, name), "nothing is made up")
	}
	w, _ = workerOf(t, types.Mapping{"SPEECH_ENDPOINT_QUOTA": "1", "SPEECH_DATASET_QUOTA": "2"}, "")
	require.Equal(t, "1 2", set(w, "SPEECH_ENDPOINT_QUOTA")+" "+set(w, "SPEECH_DATASET_QUOTA"))
	w, _ = workerOf(t, types.Mapping{"OPS_WEBHOOK": "https://hooks.example.org/ops", activities.WebhookSecret: "s", "RETRAINER_OWNER": "desk"}, "")
	require.Equal(t, "https://hooks.example.org/ops s desk", set(w, "OPS_WEBHOOK")+" "+set(w, activities.WebhookSecret)+" "+set(w, "RETRAINER_OWNER"))
}

// Links to data and further web hooks have names of the operator's choice: they come from a file that may be absent.
func TestWorkerTakesWhatWorkerEnvSets(t *testing.T) {
	t.Parallel()
	w, _ := workerOf(t, types.Mapping{}, "CALLS_URL=https://data.example.org/calls.zip?sig=1\n# a comment\n"+
		"TEAM_HOOK=https://hooks.example.org/team\nOPS_WEBHOOK=https://hooks.example.org/ops\n")
	require.Equal(t, "https://data.example.org/calls.zip?sig=1", set(w, "CALLS_URL"))
	require.Equal(t, "https://hooks.example.org/team", set(w, "TEAM_HOOK"))
	require.Equal(t, "https://hooks.example.org/ops", set(w, "OPS_WEBHOOK"), "also what .env could have set")
	require.Equal(t, "temporal:7233", set(w, "TEMPORAL_ADDRESS"))
	w, _ = workerOf(t, types.Mapping{"OPS_WEBHOOK": "https://hooks.example.org/env"}, "OPS_WEBHOOK=https://hooks.example.org/file\n")
	require.Equal(t, "https://hooks.example.org/file", set(w, "OPS_WEBHOOK"), "worker.env goes before")
}

// The key's file is mounted where the worker is told to find it; without one there is nothing to find.
func TestWorkerFindsTheKeysFile(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct{ source, told string }{
		"":                    {"/dev/null", ""},
		"/etc/keys/speech":    {"/etc/keys/speech", "/run/secrets/speech-key"},
		"./speech.key":        {"speech.key", "/run/secrets/speech-key"},
		"secrets/speech.key":  {"secrets/speech.key", "/run/secrets/speech-key"},
		"/with blanks/speech": {"/with blanks/speech", "/run/secrets/speech-key"},
	} {
		dotEnv := types.Mapping{}
		if path != "" {
			dotEnv["SPEECH_KEY_FILE"] = path
		}
		w, p := workerOf(t, dotEnv, "")
		require.Equal(t, want.told, set(w, "SPEECH_KEY_FILE"), path)
		require.Len(t, w.Secrets, 1)
		mounted := w.Secrets[0].Target
		if mounted == "" {
			mounted = w.Secrets[0].Source
		}
		if want.told != "" {
			require.Equal(t, want.told, "/run/secrets/"+strings.TrimPrefix(mounted, "/run/secrets/"), path)
		}
		source := p.Secrets[w.Secrets[0].Source].File
		require.True(t, filepath.IsAbs(source), source)
		require.True(t, strings.HasSuffix(source, want.source), source)
	}
}

// named finds the variables that a text has a worker read.
var named = regexp.MustCompile(`\{env: ([A-Z0-9_]+)\}`)

// What the examples and the documents name has a place in profile full: a variable of its own, or worker.env, which
// the documents tell of.
func TestDocumentedVariablesReachTheWorker(t *testing.T) {
	t.Parallel()
	texts, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	examples, err := filepath.Glob(filepath.Join(root, "examples", "*.yaml"))
	require.NoError(t, err)
	seen := map[string]bool{}
	documented := false
	for _, path := range append(append(texts, examples...), filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		documented = documented || strings.Contains(string(text), "`worker.env`")
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			seen[m[1]] = true
		}
	}
	require.True(t, seen["OPS_WEBHOOK"] && seen["CALLS_URL"], "the test looks at the documents: %v", seen)
	require.True(t, documented, "worker.env is told of")
	w, _ := workerOf(t, types.Mapping{}, "")
	require.Len(t, w.EnvFiles, 2)
	require.Equal(t, "worker.env", filepath.Base(w.EnvFiles[1].Path))
	require.False(t, bool(w.EnvFiles[1].Required), "the file need not be there")
	for _, file := range []string{".dockerignore", ".gitignore"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		require.Contains(t, string(text), "/worker.env\n", "what it holds is secret")
	}
}
