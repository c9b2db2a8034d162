package upload

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
)

// stage is an Uploader whose service gives each file a dataset of its name, and counts what it was sent.
type stage struct {
	Uploader
	err  bytes.Buffer
	sent []dataset.UploadRequest
}

func newStage(settings error) *stage {
	s := &stage{}
	s.Screen = &screen.Screen{Err: &s.err}
	s.Settings = func() (config.Settings, error) { return config.Settings{Owner: "ops"}, settings }
	s.Send = func(_ context.Context, of config.Settings, r dataset.UploadRequest) (dataset.UploadResult, error) {
		s.sent = append(s.sent, r)
		return dataset.UploadResult{DatasetID: "id-of-" + r.Name, DisplayName: r.Name + " of " + of.Owner}, nil
	}
	return s
}

// request reads a request in a folder with one file of related text.
func request(t *testing.T, source, text string) fleet.Given {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text.txt"), []byte(text), 0o600))
	given, err := fleet.ReadRequest(fleet.Document{Name: filepath.Join(dir, "request.yaml"), Dir: dir, Source: []byte(source)})
	require.NoError(t, err)
	return given
}

const (
	withFile    = "name: a\nlocale: en-US\ntraining: [{name: words, kind: Language, file: text.txt}, {dataset: calls}]\n"
	withoutFile = "name: a\nlocale: en-US\ntraining: [{dataset: calls}]\n"
	good        = "\ufeffthe nacelle hums\n"
	broken      = "bell\a\n"
)

// All that keeps a file from being uploaded is told at once; what needs no upload needs no settings.
func TestPackAndWeigh(t *testing.T) {
	t.Parallel()
	unset := exit.Refuse(lifecycle.InvalidRequest, "SPEECH_ENDPOINT is missing")
	for name, tt := range map[string]struct {
		source, text string
		settings     error
		// packed and weighed are how many problems there are.
		packed, weighed int
	}{
		"usable":                      {withFile, good, nil, 0, 0},
		"without files":               {withoutFile, good, unset, 0, 0},
		"nowhere to upload to":        {withFile, good, unset, 1, 0},
		"broken":                      {withFile, broken, nil, 1, 1},
		"broken, nowhere to bring it": {withFile, broken, unset, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(tt.settings)
			given := request(t, tt.source, tt.text)
			for _, try := range []struct {
				do   func(context.Context, fleet.Given) (Cargo, error)
				want int
			}{{s.Pack, tt.packed}, {s.Weigh, tt.weighed}} {
				cargo, err := try.do(t.Context(), given)
				if try.want == 0 {
					require.NoError(t, err)
					require.Len(t, cargo.Locals, len(given.Files()))
					continue
				}
				refused, is := errors.AsType[*exit.Failure](err)
				require.True(t, is, err)
				require.Equal(t, exit.Refused, refused.Code)
				require.Len(t, refused.Cause.Problems, try.want)
			}
			require.Empty(t, s.sent)
		})
	}
}

// The datasets stand in the request where its files stood.
func TestUpload(t *testing.T) {
	t.Parallel()
	s := newStage(nil)
	cargo, err := s.Pack(t.Context(), request(t, withFile, good))
	require.NoError(t, err)
	raw, uploads, err := s.Upload(t.Context(), cargo)
	require.NoError(t, err)
	require.JSONEq(t, `{"name": "a", "locale": "en-US", "training": [{"name": "words", "kind": "Language", "dataset": "id-of-words"}, {"dataset": "calls"}]}`,
		string(raw))
	require.Equal(t, map[string]string{"words of ops": "id-of-words"}, uploads)
	require.Equal(t, "ops", s.sent[0].Owner)
	require.Equal(t, "words: uploaded as dataset id-of-words\n", s.err.String())
}

// A file is known by its content, without a service.
func TestNamed(t *testing.T) {
	t.Parallel()
	one, err := Named(t.Context(), request(t, withFile, good))
	require.NoError(t, err)
	require.Regexp(t, `"dataset":"words [0-9a-f]{12}"`, string(one))
	other, err := Named(t.Context(), request(t, withFile, good+"and turns\n"))
	require.NoError(t, err)
	require.NotEqual(t, string(one), string(other))

	given := request(t, withFile, good)
	require.NoError(t, os.Remove(given.Files()[0].Path))
	_, err = Named(t.Context(), given)
	require.ErrorContains(t, err, "cannot read ")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Named(over, given)
	require.Equal(t, exit.Interrupted, exit.As(err).Code)
}
