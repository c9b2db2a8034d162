// Package composetest holds docker-compose.yml, Dockerfile and deploy/ to what they name: it reads them as
// the tools do and checks each name against the project. It starts no container.
package composetest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
)

const root = "../.."

var profiles = []string{"dev", "full"}

// load reads a compose file as `docker compose --profile profile config` does, schema included, with
// nothing set in the environment.
func load(ctx context.Context, text []byte, profile string) (*types.Project, error) {
	dir, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	return loadIn(ctx, dir, text, profile, types.Mapping{})
}

// loadIn is load for a compose file that lies in dir, with what .env sets.
func loadIn(ctx context.Context, dir string, text []byte, profile string, dotEnv types.Mapping) (*types.Project, error) {
	return loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, "docker-compose.yml"), Content: text}},
		Environment: dotEnv,
	}, func(o *loader.Options) {
		o.SetProjectName("composetest", true)
		o.Profiles = []string{profile}
	})
}

func composeFile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	return text
}

func project(t *testing.T, profile string) *types.Project {
	t.Helper()
	p, err := load(t.Context(), composeFile(t), profile)
	require.NoError(t, err)
	return p
}

func TestProfilesHoldTheirServices(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, []string{"temporal-dev", "temporal-dev-setup", "emulator", "worker-dev"}, project(t, "dev").ServiceNames())
	require.ElementsMatch(t, []string{"postgres", "temporal-schema", "temporal", "temporal-setup", "temporal-ui", "worker"},
		project(t, "full").ServiceNames())
}

func TestComposeFileKeepsTheRules(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles {
		require.Empty(t, problems(project(t, profile)), profile)
	}
}

// Each rule is shown to bite: one slip of the pen, one problem that names it.
func TestComposeRulesBite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ profile, old, new, want string }{
		"latest":          {"full", "temporalio/server:1.31.2", "temporalio/server:latest", "temporal: image temporalio/server:latest is not pinned"},
		"no tag":          {"full", "temporalio/ui:2.52.0", "temporalio/ui", "temporal-ui: image temporalio/ui is not pinned"},
		"major only":      {"full", "postgres:16.10-bookworm", "postgres:16", "postgres: image postgres:16 is not pinned"},
		"open port":       {"dev", `"127.0.0.1:8090:8090"`, `"8090:8090"`, "emulator: port 8090 is open to the network"},
		"port used twice": {"dev", `"127.0.0.1:8090:8090"`, `"127.0.0.1:7233:8090"`, "port 7233 of this machine is taken twice"},
		"no health check": {"full", `test: ["CMD", "nc", "-z", "127.0.0.1", "7233"]`, `disable: true`, "temporal: no health check"},
		"impatient":       {"full", "stop_grace_period: 20s", "stop_grace_period: 10s", "worker: stop_grace_period 10s is not above --stop-timeout 10s"},
		"missing file":    {"full", "./deploy/temporal:/deploy", "./deploy/temporel:/deploy", "temporal: there is no"},
		"missing script":  {"full", "/deploy/schema.sh", "/deploy/scheme.sh", "temporal-schema: there is no"},
		"missing target":  {"dev", "target: cli", "target: client", "temporal-dev: the Dockerfile has no stage client"},
		"missing folder":  {"dev", "build: {context: ., target: cli}", "build: {context: nowhere, target: cli}", "temporal-dev: there is no"},
		"database forgotten": {
			"full", "postgres:/var/lib/postgresql/data", "/var/lib/postgresql/data",
			"postgres: the volume at /var/lib/postgresql/data has no name",
		},
		"job never awaited": {
			"full", "temporal-setup: {condition: service_completed_successfully}", "temporal-setup: {condition: service_started}",
			"temporal-setup: nobody waits for its end",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := string(composeFile(t))
			require.Contains(t, text, c.old)
			p, err := load(t.Context(), []byte(strings.ReplaceAll(text, c.old, c.new)), c.profile)
			require.NoError(t, err)
			require.Contains(t, strings.Join(problems(p), "\n"), c.want)
		})
	}
}

func TestComposeFileOfAnotherFormIsRefused(t *testing.T) {
	t.Parallel()
	text := strings.Replace(string(composeFile(t)), "retries: 12", "retrys: 12", 1)
	_, err := load(t.Context(), []byte(text), "dev")
	require.ErrorContains(t, err, "retrys")
}

// The workers' variables are ones that the settings read, and those of profile dev are enough to start.
func TestWorkerSettingsAreKnown(t *testing.T) {
	t.Parallel()
	for profile, name := range map[string]string{"dev": "worker-dev", "full": "worker"} {
		worker := project(t, profile).Services[name]
		read := map[string]bool{}
		getenv := func(variable string) string {
			read[variable] = true
			if value := worker.Environment[variable]; value != nil {
				return *value
			}
			return ""
		}
		settings, err := config.FromEnv(getenv)
		if profile == "dev" {
			require.NoError(t, err)
			require.Equal(t, "127.0.0.1:8090", strings.TrimPrefix(settings.Speech.Endpoint, "http://"))
		} else {
			require.ErrorContains(t, err, "SPEECH_ENDPOINT", "an empty .env is told what is missing")
		}
		for variable := range worker.Environment {
			known := read[variable] || strings.HasPrefix(variable, "TEMPORAL_") || strings.HasPrefix(variable, "AZURE_")
			require.True(t, known || readOnlyWithEntra[variable], "%s: nothing reads %s", name, variable)
		}
	}
}

// readOnlyWithEntra are read only on a path that these settings do not take.
var readOnlyWithEntra = map[string]bool{"SPEECH_TOKEN_SCOPE": true}
