package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
)

// fleetWithFile is a fleet whose one model has a local file.
const fleetWithFile = `fleet: desk
models:
  - name: one
    locale: en-US
    training: [{name: words, kind: Language, file: good.txt}]
`

// unheard is an address of this machine that takes connections and never answers.
func unheard(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	return "http://" + listener.Addr().String()
}

// A dead SPEECH_ENDPOINT ends every command that uploads with 1 when the time for the first answer is over, and
// nothing is started.
func TestADeadServiceEndsEveryUpload(t *testing.T) {
	t.Parallel()
	fleetPath := filepath.Join(folder(t, map[string]string{"good.txt": goodText, "fleet.yaml": fleetWithFile}), "fleet.yaml")
	_, requestPath := withFiles(t, "good.txt")
	file := filepath.Join(filepath.Dir(requestPath), "good.txt")
	for name, args := range map[string][]string{
		"data upload": {"data", "upload", file, "--name", "text", "--kind", "Language", "--locale", "en-US"},
		"run":         {"run", "-f", requestPath},
		"apply":       {"apply", "-f", fleetPath},
		"test":        {"test", "support-calls", "-f", requestPath},
	} {
		for dead, endpoint := range map[string]string{"nobody listens": "http://127.0.0.1:1", "nobody answers": unheard(t)} {
			t.Run(name+", "+dead, func(t *testing.T) {
				t.Parallel()
				e := speechEnv()
				e["SPEECH_ENDPOINT"] = endpoint
				k := &fakeTemporal{}
				got := executeOptions(t.Context(), k, Options{Args: append(slices.Clone(args), "--timeout", "1s", "-o", "json"), Env: e})
				require.Equal(t, exit.Failed, got.code, got.stderr)
				require.Contains(t, got.stderr, "starter: the Speech service at "+endpoint+" gave no ")
				require.Contains(t, got.stderr, "answer within 1s")
				require.Contains(t, got.stderr, "nothing was uploaded or started; check SPEECH_ENDPOINT (or SPEECH_REGION)")
				require.Equal(t, lifecycle.Unavailable, got.report(t).Error.Type)
				require.Nil(t, k.started)
				require.Empty(t, k.did())
			})
		}
	}
}

// While it waits, the operator is told: what does not answer, for how long, why, and until when.
func TestWaitingForTheServiceIsTold(t *testing.T) {
	t.Parallel()
	refused := &speech.Error{Operation: "list datasets", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}}
	file := filepath.Join(folder(t, map[string]string{"text.txt": goodText}), "text.txt")
	args := []string{"data", "upload", file, "--name", "text", "--kind", "Language", "--locale", "en-US", "--timeout", "3m"}
	var asked time.Duration
	upload := func(_ context.Context, _ config.Settings, r dataset.UploadRequest) (dataset.UploadResult, error) {
		asked = r.FirstAnswer
		r.Waiting(dataset.Waiting{Silent: 5 * time.Second})
		r.Waiting(dataset.Waiting{Silent: 20 * time.Second, Last: refused})
		r.Progress(1, 2)
		r.Waiting(dataset.Waiting{Silent: 35 * time.Second, Last: &speech.Error{Operation: "put block", Status: 503}, Answered: true})
		return dataset.UploadResult{DatasetID: "id"}, nil
	}
	got := executeOptions(t.Context(), nil, Options{Args: args, Env: speechEnv(), Upload: upload})
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, 3*time.Minute, asked)
	require.Equal(t, []string{
		"http://127.0.0.1:1: no answer for 5s; still trying, for 3m00s at most (--timeout)",
		"http://127.0.0.1:1: no usable answer for 20s: dial tcp: i/o timeout; still trying, for 3m00s at most (--timeout)",
		"http://127.0.0.1:1: no usable answer for 35s: put block: 503 Service Unavailable; still trying; Ctrl-C stops, and what was sent is kept",
		"text: uploaded as dataset id",
	}, strings.Split(strings.TrimSpace(got.stderr), "\n"))

	got = executeOptions(t.Context(), nil, Options{Args: args, Env: speechEnv(), Upload: upload, StderrTerminal: true})
	for line := range strings.SplitSeq(got.stderr, "\n") {
		require.LessOrEqual(t, len(line[strings.LastIndex(line, "\r")+1:]), words.Width, "%q", line)
	}
	got = executeOptions(t.Context(), nil, Options{Args: append(args, "--timeout", "10ms"), Env: speechEnv(), Upload: upload})
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "--timeout must be at least 1s, not 10ms")
}
