package dataset_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// A byte order mark is put before plain text in UTF-8 that has none, and before nothing else. The identity stays that
// of the file.
func TestUploadAddsTheMark(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind    lifecycle.DatasetKind
		content string
		added   bool
	}{
		"plain text":               {"Language", "one\ntwo\n", true},
		"shorter than the mark":    {"Language", "a", true},
		"letters":                  {"Language", "schöne Grüße\n", true},
		"structured text":          {"LanguageMarkdown", "# A\n- one\n", true},
		"pronunciation":            {"Pronunciation", "IEEE\ti triple e\n", true},
		"display format":           {"OutputFormatting", "#itn\n\\d\n", true},
		"marked already":           {"Language", bom + "one\n", false},
		"ANSI":                     {"Pronunciation", "caf\xe9\tcah fay\n", false},
		"cut within a character":   {"Language", "caf\xc3", false},
		"UTF-16 without mark":      {"Language", "o\x00n\x00e\x00", false},
		"an archive":               {"Acoustic", "PK and so on", false},
		"over the buffer":          {"Language", strings.Repeat("x", 256<<10-1) + "é" + strings.Repeat("ü", 200<<10), true},
		"ANSI behind the buffer":   {"Language", strings.Repeat("x", 256<<10) + "\xe9", false},
		"four bytes at the border": {"Language", strings.Repeat("x", 256<<10-3) + "🙂🙂", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				path := filepath.Join(t.TempDir(), "data.txt")
				require.NoError(t, os.WriteFile(path, []byte(tc.content), 0o600))
				var last int64
				req := uploadOf(nil)
				req.ReaderAt, req.Path, req.Kind = nil, path, tc.kind
				req.Progress = func(done, total int64) { last = done }
				result := upload(t, s, req)
				content, err := dataset.Identity(t.Context(), strings.NewReader(tc.content), tc.kind, "en-US")
				require.NoError(t, err)
				require.Equal(t, content, result.Content, "of the file as it is on disk")
				want := tc.content
				if tc.added {
					want = bom + want
					require.Equal(t, []string{"the file has no byte order mark, which the service asks for: it was added to what was sent"}, result.Notes)
				} else {
					require.Empty(t, result.Notes)
				}
				require.Equal(t, want, string(s.sets[0].content))
				require.EqualValues(t, len(want), result.Bytes)
				require.EqualValues(t, len(want), last)

				again := upload(t, s, req)
				require.True(t, again.Reused, "the file is known again")
				require.Empty(t, again.Notes, "nothing was sent")
				require.Len(t, s.sets, 1)
			})
		})
	}
}

// The mark moves the data across the borders of blocks, and every block is still the right one.
func TestUploadAddsTheMarkToBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		text := []byte(strings.Repeat("the caller asks for order number nine\n", 2*block/38+1))[:2*block-1]
		req := uploadOf(text)
		req.Kind = "Language"
		result := upload(t, s, req)
		require.EqualValues(t, 2*block+2, result.Sent)
		require.True(t, bytes.Equal(append([]byte(bom), text...), s.sets[0].content))
	})
}

func TestUploadOfTextThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		broken := errors.New("the disk is gone")
		for _, from := range []int64{0, 5} {
			req := uploadOf([]byte("one and two"))
			req.Kind, req.ReaderAt = "Language", failing{bytes.NewReader([]byte("one and two")), from, broken}
			_, err := dataset.Upload(t.Context(), s.client, req)
			require.ErrorIs(t, err, broken)
		}
		require.Empty(t, s.sets)
	})
}

// A service that insists on the mark takes the file, and one that does not takes it, too.
func TestMarkedUploadToTheEmulator(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"fail", "accept"} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				settings := emulator.Plain()
				settings.MissingBOM = missing
				server := bundle.Service(t, emulator.Options{Settings: settings})
				client := connectInMemory(t, server)
				req := uploadOf([]byte("buenos días\nhasta luego\n"))
				req.Kind, req.Locale, req.ListLag = "Language", "es-ES", time.Second
				result := upload(t, &uploadService{client: client}, req)
				require.NoError(t, server.Advance(t.Context(), time.Hour))
				d, _, err := client.GetDataset(t.Context(), result.DatasetID)
				require.NoError(t, err)
				require.Equal(t, speech.StatusSucceeded, d.Status, d.Properties.Error)
				require.EqualValues(t, 2, *d.Properties.AcceptedLineCount)
			})
		})
	}
}
