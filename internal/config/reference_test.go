package config

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/resource"
)

// setting is one variable of the environment as people are told of it.
type setting struct {
	name string
	// who reads it: W the worker, S starter where it uploads, T both, O a library in both, M make and tests.
	who string
	// standard is what counts when it is not set, "" for nothing.
	standard, meaning string
}

// settings are all variables that are read, in the order of the page.
var settings = []setting{
	{"SPEECH_ENDPOINT", "WS", "", "scheme and host of the Speech resource, as the portal shows it; a `/` or `/speechtotext` at its end does no harm. " +
		"Not a host of real-time recognition, of voices or of Azure OpenAI. It, or `SPEECH_REGION`, is needed"},
	{"SPEECH_REGION", "WS", "", "the region (`westeurope`) in place of the address; with a key only"},
	{"SPEECH_CLOUD", "WS", "public", "which cloud `SPEECH_REGION` is of: `public`, `china` or `usgov`"},
	{"SPEECH_KEY", "WS", "", "the key of the resource. Without it and without `SPEECH_KEY_FILE` Entra ID is used (workload identity, managed identity, " +
		"Azure CLI, …), which needs the custom domain of the resource in `SPEECH_ENDPOINT`"},
	{"SPEECH_KEY_FILE", "WS", "", "a file that holds the key. It is read at the start: after changing keys restart the worker"},
	{"SPEECH_TOKEN_SCOPE", "WS", "that of the public cloud", "the scope of Entra tokens, for other clouds"},
	{"SPEECH_API_VERSION", "WS", resource.APIVersions()[0], "version of the service's API: " + strings.Join(quoted(resource.APIVersions()), " or ") +
		"; the latter has no projects"},
	{"SPEECH_QUOTA_SHARE", "WS", "1", "this worker's share of the 100 requests in 10 s that a resource allows: a number up to 1, or `1/4` for four workers. " +
		"A worker that is told of too many requests (429) halves its share until a minute has passed without"},
	{"SPEECH_LIST_LAG", "W", defaultListLag.String(), fmt.Sprintf("how long lists may miss what was just created, at most %s. "+
		"A 404 is taken for a deletion only when it has stood for as long", maxListLag)},
	{"SPEECH_SNAPSHOT_AGE", "W", maxSnapshotAge.String(), fmt.Sprintf("how old what is listed of the resource may be for all who only look, at most %s. "+
		"Below 1s nothing is remembered: each look reads everything", maxSnapshotAge)},
	{"SPEECH_ENDPOINT_QUOTA", "W", fmt.Sprint(defaultEndpointQuota), "how many endpoints the resource may have; 1 on F0. " +
		"A run that would have to create one more is refused before it trains"},
	{"SPEECH_DATASET_QUOTA", "W", fmt.Sprint(defaultDatasetQuota), "the same for datasets; 2 on F0. There is a warning before it is full"},
	{"RETRAINER_OWNER", "WS", "the Temporal namespace", fmt.Sprintf("the value of the mark `sr.owner`, at most %d characters. "+
		"Two installations on one resource should have two: [neighbours.md](neighbours.md)", maxOwner)},
	{"RETRAINER_WEBHOOK_SECRET", "W", "", "the key of the signature of notifications; without it they are not signed"},
	{"TEMPORAL_ADDRESS", "T", "localhost:7233", "the Temporal server, host:port"},
	{"TEMPORAL_NAMESPACE", "T", "default", "the namespace"},
	{"TEMPORAL_API_KEY", "T", "", "an API key of the namespace; it goes out over TLS only, but to this machine"},
	{"TEMPORAL_TLS", "T", "", "`true` for TLS without a certificate of one's own, `false` to turn it off"},
	{"TEMPORAL_TLS_CLIENT_CERT_PATH", "T", "", "own certificate for mTLS, a file"},
	{"TEMPORAL_TLS_CLIENT_CERT_DATA", "T", "", "the same, as PEM"},
	{"TEMPORAL_TLS_CLIENT_KEY_PATH", "T", "", "its key, a file"},
	{"TEMPORAL_TLS_CLIENT_KEY_DATA", "T", "", "the same, as PEM"},
	{"TEMPORAL_TLS_SERVER_CA_CERT_PATH", "T", "", "the authority of the server's certificate, a file"},
	{"TEMPORAL_TLS_SERVER_CA_CERT_DATA", "T", "", "the same, as PEM"},
	{"TEMPORAL_TLS_SERVER_NAME", "T", "", "the name in the server's certificate"},
	{"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "T", "", "refused unless Temporal is on this machine"},
	{"TEMPORAL_CLIENT_AUTHORITY", "T", "", "the authority that requests name, behind a proxy"},
	{"TEMPORAL_CONFIG_FILE", "T", "temporal.toml in the user's folder of settings", "the file with profiles"},
	{"TEMPORAL_PROFILE", "T", "default", "the profile of that file"},
	{"TEMPORAL_GRPC_META_", "T", "", "`TEMPORAL_GRPC_META_NAME=value`: a header of each request"},
	{"TEMPORAL_CODEC_ENDPOINT", "T", "", "has no effect: payloads are not encoded"},
	{"TEMPORAL_CODEC_AUTH", "T", "", "has no effect"},
	{"OTEL_EXPORTER_OTLP_ENDPOINT", "T", "", "the collector of traces, OTLP over HTTP; without it there are none: [metrics.md](metrics.md#traces)"},
	{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "T", "", "the same, for traces alone"},
	{"OTEL_EXPORTER_OTLP_PROTOCOL", "T", "http/protobuf", "no other is known"},
	{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "T", "http/protobuf", "no other is known"},
	{"OTEL_TRACES_EXPORTER", "T", "otlp", "`none` turns traces off"},
	{"OTEL_SDK_DISABLED", "T", "", "`true` turns traces off"},
	{"OTEL_SERVICE_NAME", "O", "the program's name", "as OpenTelemetry says, as all other `OTEL_*`"},
	{"OTEL_RESOURCE_ATTRIBUTES", "O", "", "the same"},
	{"OTEL_EXPORTER_OTLP_HEADERS", "O", "", "the same: headers for the collector, a key among them"},
	{"OTEL_TRACES_SAMPLER", "O", "", "the same: which traces are kept"},
	{"TEMPORAL_CLI", "M", "the one on `PATH`, else `bin/temporal`", "the Temporal CLI that `make` and `starter rehearse` use"},
	{"TEMPORAL_DOWNLOAD", "M", "temporal.download", "where `make` fetches the Temporal CLI from when there is none, an https address; `off` builds it"},
	{"NO_COLOR", "WS", "", "set and not empty: nothing is coloured"},
	{"E2E_BIN", "M", "", "the folder of built programs that end-to-end tests use"},
}

// hidden are variables that programs set for those that they start, or that switch something for tests: no settings.
var hidden = []string{"NO_HOOK", "TEMPORAL_DEBUG", "TEMPORAL_VERSION_CHECK_DISABLED", "AZURE_TOKEN_CREDENTIALS"}

func quoted(words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, "`"+w+"`")
	}
	return out
}

func TestReferenceOfSettings(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	out.WriteString("| variable | read by | default | meaning |\n| --- | --- | --- | --- |\n")
	who := map[string]string{
		"W": "worker", "S": "starter, to upload", "WS": "worker; starter, to upload", "T": "worker, starter", "O": "worker, starter", "M": "make, tests",
	}
	for _, s := range settings {
		standard := s.standard
		if standard != "" && !strings.ContainsAny(standard, " `") {
			standard = "`" + standard + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", s.name, who[s.who], standard, s.meaning)
	}
	bundle.Region(t, filepath.Join("..", "..", "docs", "settings.md"), "variables", out.String())
}

var variable = regexp.MustCompile(`"((?:SPEECH|RETRAINER|TEMPORAL|OTEL|AZURE|E2E|NO)_[A-Z0-9_]+)[" %=:]`)

// The page has every variable that our programs name, and every one that the SDK reads; and no other.
func TestSettingsAreAllTold(t *testing.T) {
	t.Parallel()
	sdk, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "go.temporal.io/sdk/contrib/envconfig").Output()
	require.NoError(t, err)
	found := map[string]string{}
	for _, dir := range []string{filepath.Join("..", ".."), strings.TrimSpace(string(sdk))} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") && filepath.Base(path) != "main_test.go" {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range variable.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = path
			}
			return err
		}))
	}
	for name, path := range found {
		if slices.Contains(hidden, name) || slices.Contains([]string{"SPEECH_", "TEMPORAL_", "AZURE_"}, name) {
			continue
		}
		require.True(t, slices.ContainsFunc(settings, func(s setting) bool { return s.name == name }), "%s of %s is not in the table of settings", name, path)
	}
	for _, s := range settings {
		if s.who != "O" {
			require.Contains(t, found, s.name, "nobody reads it")
		}
	}
}
