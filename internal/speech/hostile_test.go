package speech_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// Errors of the service may be as deep, as long and as strange as they like.
func TestHostileErrors(t *testing.T) {
	t.Parallel()
	inner := strings.Repeat(`{"innerError":`, 100_000) + `{}` + strings.Repeat(`}`, 100_000)
	for name, body := range map[string]string{
		"deep":                   `{"error":` + nested(100_000) + `}`,
		"deep inner errors":      `{"code":"c","message":"m","innerError":` + inner + `}`,
		"deep and cut":           strings.Repeat(`[`, 100_000),
		"a message of megabytes": `{"code":"c","message":"` + strings.Repeat("x", 4<<20) + `"}`,
		"controls": `{"code":"c\u001b[2J","message":"a\u001b]0;x\u0007b\u009bc\u202ed\r\ne` + testKey + `",` +
			`"innerError":{"code":"\u2066","message":"\u0000"}}`,
		"a page": "<html><title>\x1b[31m502\u202e</title>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, status := range []int{400, 401, 404, 429, 503} {
				s := setup(t, reply(status, body))
				_, _, err := s.Client.GetModel(t.Context(), id1)
				harmless(t, serviceError(t, err).Error())
			}
		})
	}
}

// A hundred thousand levels, wherever they stand, are an answer that is none.
func TestDeepAnswers(t *testing.T) {
	t.Parallel()
	self := `"self":"https://a.example/speechtotext/models/` + id1 + `"`
	for name, object := range map[string]string{
		"custom properties": `{` + self + `,"customProperties":` + nested(100_000) + `}`,
		"a mark":            `{` + self + `,"customProperties":{"sr.owner":` + nested(100_000) + `}}`,
		"an unknown field":  `{` + self + `,"new":` + nested(100_000) + `}`, "the whole": nested(100_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []string{object, `{"values":[` + object + `]}`, `{"values":[],"@nextLink":` + object + `}`} {
				s := setup(t, reply(http.StatusOK, body))
				_, _, err := s.Client.GetModel(t.Context(), id1)
				require.True(t, serviceError(t, err).Transient())
				harmless(t, err.Error())
				_, _, err = s.Client.ListModels(t.Context(), speech.Filter{})
				require.True(t, serviceError(t, err).Transient())
				harmless(t, err.Error())
			}
		})
	}
}

// No answer is read beyond its limit, packed or not, whatever its status says.
func TestAnswersHaveALimit(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	endless := func(w io.Writer, flush func() error) {
		for block := bytes.Repeat([]byte("[ "), 16<<10); ; {
			if _, err := w.Write(block); err != nil || flush() != nil {
				return
			}
		}
	}
	for name, packed := range map[string]bool{"plain": false, "packed": true} {
		for _, tt := range []struct {
			status    int
			transient bool
			want      string
		}{
			{200, false, "the answer is larger than 65536 bytes"},
			{404, true, "the answer 404 is not one of the Speech service: a body that is too large to be read"},
			{401, false, "check that SPEECH_KEY"},
			{503, true, "503 Service Unavailable: a body that is too large to be read"},
		} {
			t.Run(fmt.Sprintf("%s %d", name, tt.status), func(t *testing.T) {
				t.Parallel()
				answer := func(w http.ResponseWriter, _ *http.Request) {
					flush := http.NewResponseController(w).Flush
					if !packed {
						w.WriteHeader(tt.status)
						endless(w, flush)
						return
					}
					w.Header().Set("Content-Encoding", "gzip")
					w.WriteHeader(tt.status)
					// Each block is sent at once: many megabytes of it would be packed before the first byte is full.
					packer := gzip.NewWriter(w)
					endless(packer, func() error { return errors.Join(packer.Flush(), flush()) })
				}
				s := setup(t, answer, func(c *speech.Config) { c.MaxResponseBytes = limit })
				_, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
				require.ErrorContains(t, err, tt.want)
				require.Equal(t, tt.transient, serviceError(t, err).Transient())

				blob, _ := storage(t, answer)
				files, f := fileOf(t, blob.URL+"/x?sig=s3cr3t")
				_, err = files.Client.Download(t.Context(), f, limit)
				require.Error(t, err)
				require.Equal(t, tt.status == 503, serviceError(t, err).Transient(), err)
			})
		}
	}
}

// An object may say that it lies anywhere: asking for it again asks the resource, and nobody else.
func TestSelfOfAnotherHost(t *testing.T) {
	t.Parallel()
	other := setup(t, reply(http.StatusOK, `{}`))
	s := setup(t, func(w http.ResponseWriter, r *http.Request) {
		reply(200, encode(t, modelJSON(other.URL, id1, "x")))(w, r)
	})
	m, _, err := s.Client.GetModel(t.Context(), id1)
	require.NoError(t, err)
	_, _, err = s.Client.UpdateModel(t.Context(), m.ID(), speech.ModelUpdate{})
	require.NoError(t, err)
	_, err = s.Client.DeleteModel(t.Context(), m.ID())
	require.NoError(t, err)
	require.Len(t, s.sent(), 3)
	require.Empty(t, other.sent(), "no key goes to another host")
}
