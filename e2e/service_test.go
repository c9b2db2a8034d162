package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

const (
	endpoints   = stack.Endpoints
	evaluations = stack.Evaluations
)

// serving is who answers the calls of an endpoint, which only the emulator's admin API shows.
type serving struct {
	Status    string `json:"status"`
	ModelID   string `json:"modelId"`
	ServingID string `json:"servingId"`
	Base      bool   `json:"base"`
	Fallback  bool   `json:"fallback"`
}

func (b *bench) serving(endpoint string) serving {
	b.Helper()
	var s serving
	b.admin(http.MethodGet, "serving/"+endpoint, nil, &s)
	return s
}

// serves checks that an endpoint is well and answers with a version.
func (b *bench) serves(endpoint, version string) {
	b.Helper()
	require.Equal(b, serving{Status: "Succeeded", ModelID: version, ServingID: version}, b.serving(endpoint))
}

// admin makes one request to the emulator's admin API.
func (b *bench) admin(method, path string, body, into any) {
	b.Helper()
	b.exchange(method, b.emulator.URL+"/admin/"+path, body, into)
}

// byHand makes one request to the service's API, as somebody in the portal would.
func (b *bench) byHand(method, path string, body any) {
	b.Helper()
	b.exchange(method, b.emulator.URL+"/speechtotext/"+path+"?api-version=2025-10-15", body, nil)
}

func (b *bench) exchange(method, address string, body, into any) {
	b.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(b, err)
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(b.Context(), method, address, content)
	require.NoError(b, err)
	request.Header.Set("Ocp-Apim-Subscription-Key", b.emulator.Key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	require.Less(b, response.StatusCode, 400, "%s %s: %s", method, address, answer)
	if into != nil {
		require.NoError(b, json.Unmarshal(answer, into), "%s", answer)
	}
}

// withSpeech is a command line of starter with the settings of the Speech resource, which only uploads need.
func (b *bench) withSpeech(args ...string) []string {
	return append([]string{
		"SPEECH_ENDPOINT=" + b.emulator.URL, "SPEECH_KEY=" + b.emulator.Key, "SPEECH_LIST_LAG=" + listLag.String(),
		shared.binaries.Starter,
	}, args...)
}

// uploader runs starter with the settings of the Speech resource.
func (b *bench) uploader(args ...string) result {
	b.Helper()
	return b.command("/usr/bin/env", b.withSpeech(args...)...)
}

// runFile runs a request that names local files to its end and returns the report that it prints.
func (b *bench) runFile(path string) (lifecycle.Report, result) {
	b.Helper()
	r := b.uploader("run", "-f", path, "--task-queue", b.queue, "--output", "json")
	return b.report(r), r
}

// example is the example of the whole path under this bench's name, and the path of a copy of it. The data
// stays where it is shipped.
func (b *bench) example() string {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(shared.root, "examples", "request-full.yaml"))
	require.NoError(b, err)
	changed := strings.NewReplacer(
		"wind-service-desk", b.name, "file: data/", "file: "+filepath.Join(shared.root, "examples", "data")+"/",
	).Replace(string(text))
	path := filepath.Join(b.dir, "request-full.yaml")
	require.NoError(b, os.WriteFile(path, []byte(changed), 0o600))
	return path
}

// gated is a request for a version that is tested before it serves.
func (b *bench) gated() request {
	return b.small().with(request{
		"tests": []data{{
			"name": "desk calls", "kind": "Acoustic", "contentUrl": b.emulator.File("testing/audio-and-trans.zip"),
			"maxRegression": 0.01, "minWords": 300,
		}},
		"deploy": data{"endpoint": b.name},
	})
}

// serve runs the gated request for the first time, which makes the endpoint.
func (b *bench) serve() lifecycle.Report {
	b.Helper()
	report, r := b.run(b.gated())
	require.Zero(b, r.code, r.stderr)
	b.deployed(report)
	return report
}

// deployed checks what every report of a run that ended with a new version on the endpoint says, and that
// the service agrees.
func (b *bench) deployed(r lifecycle.Report) {
	b.Helper()
	require.Equal(b, lifecycle.Succeeded, r.Outcome, "%+v", r.Error)
	require.Nil(b, r.Error)
	require.NotNil(b, r.Endpoint)
	require.NotNil(b, r.Endpoint.VersionID)
	require.Equal(b, r.Version.ID, *r.Endpoint.VersionID)
	require.Equal(b, lifecycle.StateChampion, r.Version.State)
	b.state(r.Version.ID, lifecycle.StateChampion)
	b.serves(r.Endpoint.ID, r.Version.ID)
}

// failNext lets the next deployment of the bench's endpoint fail.
func (b *bench) failNext(code, message string) {
	b.Helper()
	b.admin(http.MethodPost, "outcomes", data{"kind": "endpoint", "displayName": b.name, "code": code, "message": message}, nil)
}

// awaitObject waits for an object of a kind in a status and returns its ID.
func (b *bench) awaitObject(kind, status string) (id string) {
	b.Helper()
	b.await(kind+" "+status, func(ctx context.Context) error {
		all, err := b.emulator.Objects(ctx, kind)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.Status == status {
				id = o.ID
				return nil
			}
		}
		return unless(false, "none of %d", len(all))
	})
	return id
}

// note checks that a report has a note with the text.
func (b *bench) note(r lifecycle.Report, text string) {
	b.Helper()
	require.Contains(b, strings.Join(r.Notes, "\n"), text)
}
