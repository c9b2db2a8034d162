package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
)

// Related text that is right, that the service would drop a line of, and that breaks rules.
const (
	goodText = "\ufeffthe pitch bearing is worn\nthe nacelle hums\n"
	warnText = goodText + "the nacelle hums hums hums hums hums hums hums hums hums hums hums\n"
	badText  = "no mark, no UTF-8: caf\xe9\nbell\a\n"
)

// speechEnv names a Speech resource; nothing listens there.
func speechEnv() env {
	return env{"SPEECH_ENDPOINT": "http://127.0.0.1:1", "SPEECH_KEY": "secret", "TEMPORAL_NAMESPACE": "speech", "SPEECH_LIST_LAG": "2s"}
}

// folder writes files and returns the folder with them.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// shelf is where a fake upload puts what it is given.
type shelf struct {
	requests []dataset.UploadRequest
	settings config.Settings
	result   dataset.UploadResult
	err      error
	// size is how large the data is said to be, and pace how long each part of it takes.
	size, parts int64
	pace        time.Duration
}

func newShelf() *shelf { return &shelf{size: 46, parts: 1} }

func (s *shelf) upload(_ context.Context, settings config.Settings, request dataset.UploadRequest) (dataset.UploadResult, error) {
	if s.err != nil {
		return dataset.UploadResult{}, s.err
	}
	s.settings, s.requests = settings, append(s.requests, request)
	for part := range s.parts + 1 {
		request.Progress(s.size*part/s.parts, s.size)
		time.Sleep(s.pace)
	}
	result := s.result
	result.DatasetID = "id-of-" + strings.ReplaceAll(request.Name, " ", "-")
	result.DisplayName = request.Name + " 1f2e3d4c5b6a"
	return result, nil
}

func TestDataCheckText(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"good.txt": goodText, "bad.txt": badText})
	good, bad, none := filepath.Join(dir, "good.txt"), filepath.Join(dir, "bad.txt"), filepath.Join(dir, "none.txt")
	got := execute(t.Context(), nil, "data", "check", good, bad, none, dir, "--kind", "Language", "--locale", "en-US")
	require.Equal(t, exit.Refused, got.code)
	sample.Golden(t, "data-check", strings.ReplaceAll(got.stdout, dir, "DIR"))
	require.Equal(t, "starter: 3 of 4 files cannot be uploaded; correct what is called an error\n", got.stderr)

	got = execute(t.Context(), nil, "data", "check", good, "--kind", "Language", "--locale", "en-US")
	require.Equal(t, exit.Done, got.code)
	require.Equal(t, good+": usable, 2 lines\n", got.stdout)
	require.Empty(t, got.stderr)
}

// A warning is shown and stops nothing.
func TestDataCheckWarning(t *testing.T) {
	t.Parallel()
	file := filepath.Join(folder(t, map[string]string{"text.txt": warnText}), "text.txt")
	got := execute(t.Context(), nil, "data", "check", file, "--kind", "Language", "--locale", "en-US")
	require.Equal(t, exit.Done, got.code, got.stdout)
	require.Contains(t, got.stdout, file+":3: warning: ")
	require.Contains(t, got.stdout, "1 warning\n")
}

func TestDataCheckJSON(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"good.txt": goodText, "bad.txt": badText})
	got := execute(t.Context(), nil, "data", "check", filepath.Join(dir, "good.txt"), filepath.Join(dir, "bad.txt"),
		"--kind", "Language", "--locale", "en-US", "--output", "json")
	require.Equal(t, exit.Refused, got.code)
	var checked struct {
		Usable bool `json:"usable"`
		Files  []struct {
			File   string `json:"file"`
			Usable bool   `json:"usable"`
			Report struct {
				Lines    int               `json:"lines"`
				Problems []dataset.Problem `json:"problems"`
			} `json:"report"`
		} `json:"files"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &checked))
	require.False(t, checked.Usable)
	require.Len(t, checked.Files, 2)
	require.True(t, checked.Files[0].Usable)
	require.Equal(t, 2, checked.Files[0].Report.Lines)
	require.False(t, checked.Files[1].Usable)
	require.Equal(t, "bom", checked.Files[1].Report.Problems[0].Rule)
	require.Equal(t, 1, checked.Files[1].Report.Problems[0].Line)
}

// lost is n lines of which the service drops the first ones.
func lost(dropped, n int) string {
	return "\ufeff" + strings.Repeat("see https://example.com\n", dropped) + strings.Repeat("the nacelle hums\n", n-dropped)
}

// One share decides what may be lost, in a check, in an upload and in a request.
func TestMaxRejected(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, content, share string
		code                 int
		says                 string
	}{
		{"5 % by default", lost(1, 20), "", exit.Done, "rule"},
		{"more than 5 %", lost(2, 20), "", exit.Refused, "error: rejected-share: the service drops 2 of 20 lines, more than the 5 %"},
		{"10 % allowed", lost(2, 20), "10%", exit.Done, ""},
		{"a fraction", lost(2, 20), "0.1", exit.Done, ""},
		{"none allowed", lost(1, 100), "0", exit.Refused, "drops 1 of 100 lines, more than the 0 %"},
		{"few lines", lost(3, 19), "0", exit.Done, "warning: rejected-share: the service drops 3 of 19 lines, more than the 0 %"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"text.txt": tc.content})
			file := filepath.Join(dir, "text.txt")
			flags := []string{"--kind", "Language", "--locale", "en-US"}
			inRequest := ""
			if tc.share != "" {
				flags = append(flags, "--max-rejected", tc.share)
				inRequest = ", maxRejected: " + tc.share
			}
			checked := execute(t.Context(), nil, append([]string{"data", "check", file}, flags...)...)
			require.Equal(t, tc.code, checked.code, checked.stdout)
			s := newShelf()
			uploaded := executeOptions(t.Context(), nil,
				Options{Args: append([]string{"data", "upload", file, "--name", "text"}, flags...), Env: speechEnv(), Upload: s.upload})
			require.Equal(t, tc.code, uploaded.code, uploaded.stderr)
			require.Len(t, s.requests, map[int]int{exit.Done: 1}[tc.code])
			request := "name: support-calls\nlocale: en-US\ntraining:\n  - {name: text, kind: Language, file: text.txt" + inRequest + "}\n"
			require.NoError(t, os.WriteFile(filepath.Join(dir, "request.yaml"), []byte(request), 0o600))
			s = newShelf()
			var ran console
			bubble(t, func(t *testing.T) {
				ran = executeOptions(t.Context(), ended(sample.Succeeded(), nil), Options{
					Args: []string{"run", "-f", filepath.Join(dir, "request.yaml"), "--detach"}, Env: speechEnv(), Upload: s.upload,
				})
			})
			require.Equal(t, tc.code, ran.code, ran.stderr)
			require.Len(t, s.requests, map[int]int{exit.Done: 1}[tc.code])
			if tc.says != "rule" {
				require.Contains(t, checked.stdout, tc.says)
				require.Contains(t, uploaded.stderr, tc.says)
				require.Contains(t, ran.stderr, tc.says)
			}
		})
	}
	for _, wrong := range []string{"20", "much", "-1%", ""} {
		got := execute(t.Context(), nil, "data", "check", "x", "--kind", "Language", "--locale", "en-US", "--max-rejected", wrong)
		require.Equal(t, exit.Refused, got.code, wrong)
		require.Contains(t, got.stderr, "--max-rejected ", wrong)
	}
}

func TestDataUpload(t *testing.T) {
	t.Parallel()
	file := filepath.Join(folder(t, map[string]string{"text.txt": goodText}), "text.txt")
	args := []string{"data", "upload", file, "--name", "related text", "--kind", "Language", "--locale", "en-US"}
	t.Run("prints the ID and nothing else", func(t *testing.T) {
		t.Parallel()
		s := newShelf()
		got := executeOptions(t.Context(), nil, Options{Args: args, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Equal(t, "id-of-related-text\n", got.stdout)
		require.Equal(t, "related text: uploaded as dataset id-of-related-text\n", got.stderr, "no bar where nobody looks")
		request := s.requests[0]
		request.Progress, request.Waiting = nil, nil
		require.Equal(t, dataset.UploadRequest{
			Path: file, Name: "related text", Kind: "Language", Locale: "en-US", Owner: "speech", ListLag: 2 * time.Second,
			FirstAnswer: 2 * time.Minute,
		}, request)
		require.Equal(t, "http://127.0.0.1:1", s.settings.Speech.Endpoint)
	})
	t.Run("JSON", func(t *testing.T) {
		t.Parallel()
		s := &shelf{size: 46, parts: 1, result: dataset.UploadResult{Content: "1f2e3d4c5b6a99", Bytes: 46, Reused: true, Notes: []string{"a twin was left"}}}
		e := speechEnv()
		e["RETRAINER_OWNER"] = "ops"
		got := executeOptions(t.Context(), nil, Options{Args: append(args, "-o", "json"), Env: e, Upload: s.upload})
		require.JSONEq(t, `{"datasetId": "id-of-related-text", "displayName": "related text 1f2e3d4c5b6a", "content": "1f2e3d4c5b6a99",
			"reused": true, "bytes": 46}`, got.stdout)
		require.Contains(t, got.stderr, "note: a twin was left\n")
		require.Contains(t, got.stderr, "related text: unchanged, already dataset id-of-related-text\n")
		require.Equal(t, "ops", s.requests[0].Owner)
	})
	t.Run("a bar on a terminal", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			s := &shelf{size: 2047 << 20, parts: 2000, pace: 3200 * time.Millisecond}
			long := append(args[:3:3], "--name", strings.Repeat("long name ", 6)[:59], "--kind", "Language", "--locale", "en-US")
			got := executeOptions(t.Context(), nil, Options{Args: long, Env: speechEnv(), Upload: s.upload, StderrTerminal: true})
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.NotContains(t, got.stdout, "%")
			bar, _, found := strings.Cut(got.stderr, "long name long name long")
			require.True(t, found)
			require.Contains(t, bar, "\rlong name lon…  50% |█████     | (1.0/2.0 GiB, ")
			require.True(t, strings.HasSuffix(bar, "\x1b[2K\r"), "it leaves nothing behind: %q", bar)
			for _, drawn := range strings.Split(strings.NewReplacer("\x1b[2K", "", "\x1b[0K", "").Replace(bar), "\r") {
				require.Less(t, runewidth.StringWidth(drawn), words.Width, "%q", drawn)
			}
		})
	})
}

func TestDataUploadRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"good.txt": goodText, "bad.txt": badText})
	withName := []string{"--name", "text", "--kind", "Language", "--locale", "en-US"}
	for _, tc := range []struct {
		name, file string
		flags      []string
		env        env
		says       []string
	}{
		{name: "no settings", file: "good.txt", flags: withName, env: env{}, says: []string{"SPEECH_ENDPOINT"}},
		{
			name: "settings in contradiction", file: "good.txt", flags: withName,
			env: env{"SPEECH_ENDPOINT": "http://127.0.0.1:1", "SPEECH_KEY": "secret", "SPEECH_KEY_FILE": "x"}, says: []string{"SPEECH_KEY and "},
		},
		{
			name: "bad data", file: "bad.txt", flags: withName, env: speechEnv(),
			says: []string{
				"FILE:1: warning: bom: ", "FILE:1: error: encoding: ", "FILE:2: error: control-characters: ",
				"starter: FILE breaks the service's rules for Language data: nothing was uploaded; correct",
			},
		},
		{name: "no such file", file: "none.txt", flags: withName, env: speechEnv(), says: []string{"FILE: error: readable: cannot be read: no such file"}},
		{name: "no flags", file: "good.txt", env: speechEnv(), says: []string{"--name is required;", "--kind is required", "--locale is required, like en-US"}},
		{
			name: "wrong flags", file: "good.txt", flags: []string{"--name", "a/b", "--kind", "Text", "--locale", "english"}, env: speechEnv(),
			says: []string{"--name must be", "--kind must be one of", "--locale must have"},
		},
		{
			name: "locale in small letters", file: "good.txt", flags: []string{"--name", "text", "--kind", "Language", "--locale", "en-us"},
			env: speechEnv(), says: []string{"--locale must be spelled as the service does: en-US was probably meant"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			path := filepath.Join(dir, tc.file)
			got := executeOptions(t.Context(), nil, Options{Args: append([]string{"data", "upload", path, "-o", "json"}, tc.flags...), Env: tc.env, Upload: s.upload})
			require.Equal(t, exit.Refused, got.code)
			require.Empty(t, s.requests)
			require.NotContains(t, got.stderr, "secret")
			for _, says := range tc.says {
				require.Contains(t, got.stderr, strings.ReplaceAll(says, "FILE", path))
			}
			report := got.report(t)
			require.Equal(t, lifecycle.Failed, report.Outcome)
			require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
		})
	}
}

func TestDataUploadFailed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(folder(t, map[string]string{"text.txt": goodText}), "text.txt")
	args := []string{"data", "upload", file, "--name", "text", "--kind", "Language", "--locale", "en-US", "-o", "json"}
	for _, tc := range []struct {
		name  string
		err   error
		class lifecycle.FailureClass
		says  string
	}{
		{name: "wrong key", err: &speech.Error{Operation: "create dataset", Status: 401, Code: "401"}, class: lifecycle.Unauthorized, says: "SPEECH_KEY"},
		{name: "service away", err: &speech.Error{Operation: "put block", Status: 503}, class: lifecycle.Unavailable, says: "the same command goes on from there"},
		{name: "throttled", err: &speech.Error{Operation: "put block", Status: 429}, class: lifecycle.Unavailable, says: "the same command goes on from there"},
		{
			name:  "refused by the service",
			err:   &speech.Error{Operation: "create dataset", Status: 400, Code: "InvalidLocale", Message: "no such locale"},
			class: lifecycle.DatasetFailed, says: "no such locale",
		},
		{
			name:  "no room",
			err:   &speech.Error{Operation: "create dataset", Status: 403, Code: "Forbidden", InnerCode: "QuotaViolation", Message: "2 datasets"},
			class: lifecycle.DatasetFailed, says: "delete what is not needed",
		},
		{name: "changed meanwhile", err: dataset.ErrChanged, class: lifecycle.DatasetFailed, says: "start again"},
		{name: "gone meanwhile", err: &fs.PathError{Op: "open", Path: "x", Err: errors.New("gone")}, class: lifecycle.InvalidRequest, says: "gone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := executeOptions(t.Context(), nil, Options{Args: args, Env: speechEnv(), Upload: (&shelf{err: tc.err}).upload})
			require.Equal(t, exit.Failed, got.code)
			require.Contains(t, got.stderr, tc.says)
			require.Equal(t, tc.class, got.report(t).Error.Type)
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		upload := func(ctx context.Context, _ config.Settings, _ dataset.UploadRequest) (dataset.UploadResult, error) {
			cancel()
			return dataset.UploadResult{}, ctx.Err()
		}
		got := executeOptions(ctx, nil, Options{Args: args, Env: speechEnv(), Upload: upload})
		require.Equal(t, exit.Interrupted, got.code)
		require.Contains(t, got.stderr, "interrupted during the upload; nothing was started; what was sent is kept")
	})
}
