package speech_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// storage is a host besides the service that holds the content of files.
func storage(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *[]http.Header) {
	t.Helper()
	var seen []http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server, &seen
}

// fileOf is a file as the service gives it, with its content at that address.
func fileOf(t *testing.T, contentURL string) (*service, speech.File) {
	t.Helper()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		reply(200, fmt.Sprintf(`{"values":[{"self":"%s/speechtotext/evaluations/%s/files/%s?api-version=3.2","name":"a.wav.model1_score.json",
			"kind":"EvaluationDetails","links":{"contentUrl":%q},"properties":{"size":7},"createdDateTime":"2031-05-01T00:00:00Z"}]}`,
			s.URL, id1, id2, contentURL))(w, r)
	})
	files, meta, err := s.Client.ListFiles(t.Context(), speech.KindEvaluation, id1, 10)
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Equal(t, serviceNow, meta.ObservedAt)
	require.Equal(t, []string{"10"}, s.sent()[0].Query["sasLifetimeMinutes"])
	return s, files[0]
}

func TestDownload(t *testing.T) {
	t.Parallel()
	blob, headers := storage(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "content") })
	s, f := fileOf(t, blob.URL+"/x?sig=s3cr3t")
	require.Equal(t, int64(7), f.Size)
	require.Equal(t, speech.FileEvaluationDetails, f.Kind)
	got, err := s.Client.Download(t.Context(), f, 7)
	require.NoError(t, err)
	require.Equal(t, "content", string(got))
	require.Len(t, *headers, 1)
	require.Empty(t, (*headers)[0].Get("Ocp-Apim-Subscription-Key"), "no key goes to another host")
	require.Empty(t, (*headers)[0].Get("Authorization"))
	require.NotContains(t, encode(t, f)+fmt.Sprintf("%v %+v %#v %s", f, f, f, f), "s3cr3t", "the address cannot reach a history")

	_, err = s.Client.Download(t.Context(), f, 6)
	require.ErrorContains(t, err, `download file "a.wav.model1_score.json": the answer is larger than 6 bytes`)
	require.False(t, serviceError(t, err).Transient())
}

func TestDownloadRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status    int
		transient bool
		want      string
	}{
		"expired":    {403, false, "the address may have expired"},
		"gone":       {404, false, "the address may have expired"},
		"redirected": {302, false, "302 Found"},
		"overloaded": {503, true, "503 Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blob, headers := storage(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://evil.example")
				w.WriteHeader(tt.status)
			})
			s, f := fileOf(t, blob.URL+"/x?sig=s3cr3t")
			_, err := s.Client.Download(t.Context(), f, 100)
			e := serviceError(t, err)
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, tt.transient, e.Transient())
			require.False(t, e.Auth(), "this says nothing about our key")
			require.False(t, e.NotFound(), "this says nothing about the evaluation")
			require.NotContains(t, err.Error(), "s3cr3t")
			require.Len(t, *headers, 1)
		})
	}
	for name, address := range map[string]string{"no address": "", "http elsewhere": "http://10.0.0.1/x?sig=s3cr3t", "another scheme": "file:///etc/passwd"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := fileOf(t, address)
			_, err := s.Client.Download(t.Context(), f, 100)
			require.ErrorContains(t, err, "address")
			require.NotContains(t, err.Error(), "s3cr3t")
			require.False(t, serviceError(t, err).Transient())
		})
	}
	t.Run("unreachable", func(t *testing.T) {
		t.Parallel()
		blob, _ := storage(t, func(http.ResponseWriter, *http.Request) {})
		s, f := fileOf(t, blob.URL+"/x?sig=s3cr3t")
		blob.Close()
		_, err := s.Client.Download(t.Context(), f, 100)
		require.True(t, serviceError(t, err).Transient())
		require.ErrorContains(t, err, "no answer from "+strings.TrimPrefix(blob.URL, "http://"))
		require.NotContains(t, err.Error(), "s3cr3t")
	})
}

func TestListFiles(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("skip") == "" {
			reply(200, fmt.Sprintf(`{"values":[{"self":"x","name":"report.json","kind":"DatasetReport"}],"@nextLink":"%s/speechtotext%s&skip=1"}`, s.URL, r.URL))(w, r)
			return
		}
		if r.URL.Query().Get("skip") == "2" { // asked once more: the last page was as large as the first
			reply(200, `{"values":[]}`)(w, r)
			return
		}
		reply(200, `{"values":[{"self":"y","name":"data.txt","kind":"Odd","properties":{"size":0}}]}`)(w, r)
	})
	files, _, err := s.Client.ListFiles(t.Context(), speech.KindDataset, id1, 5)
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.Equal(t, int64(-1), files[0].Size)
	require.Equal(t, int64(0), files[1].Size)
	require.Equal(t, speech.FileKind("Odd"), files[1].Kind)
	for _, err := range []error{
		second(s.Client.ListFiles(t.Context(), speech.KindProject, id1, 5)), second(s.Client.ListFiles(t.Context(), speech.KindDataset, "", 5)),
		second(s.Client.ListFiles(t.Context(), speech.KindDataset, id1, 0)), second(s.Client.ListFiles(t.Context(), speech.KindDataset, "a/b", 1)),
	} {
		require.Error(t, err)
	}
	require.Len(t, s.sent(), 3)
}

func second[T any](_ T, _ speech.Meta, err error) error { return err }

func TestBlocks(t *testing.T) {
	t.Parallel()
	var length int64
	s := setup(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPut:
			length = r.ContentLength
			w.WriteHeader(http.StatusCreated)
		case http.MethodGet:
			reply(200, `{"committedBlocks":[],"uncommittedBlocks":[{"name":"YS8x","size":3}]}`)(w, r)
		default:
			w.WriteHeader(http.StatusOK)
		}
	})
	content := strings.Repeat("0123456789", 100_000)
	name := speech.BlockName("a?~000001")
	_, err := s.Client.PutBlock(t.Context(), id1, name, io.MultiReader(strings.NewReader(content)), int64(len(content)))
	require.NoError(t, err)
	sent := s.sent()[0]
	require.Equal(t, "/speechtotext/datasets/"+id1+"/blocks", sent.Path)
	require.Equal(t, []string{name}, sent.Query["blockid"])
	require.Equal(t, "application/octet-stream", sent.Header.Get("Content-Type"))
	require.Equal(t, int64(len(content)), length)
	require.Equal(t, sha256.Sum256([]byte(content)), sha256.Sum256([]byte(sent.Body)))

	blocks, _, err := s.Client.ListBlocks(t.Context(), id1)
	require.NoError(t, err)
	require.Equal(t, speech.Blocks{Committed: []speech.Block{}, Uncommitted: []speech.Block{{Name: "YS8x", Size: 3}}}, blocks)

	_, err = s.Client.CommitBlocks(t.Context(), id1, []string{name})
	require.NoError(t, err)
	require.Equal(t, "/speechtotext/datasets/"+id1+"/blocks:commit", s.sent()[2].Path)
	require.JSONEq(t, fmt.Sprintf(`[{"kind":"Latest","id":%q}]`, name), s.sent()[2].Body)
}

func TestBlocksRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, reply(201, ``))
	put := func(name string, length int64) error {
		_, err := s.Client.PutBlock(t.Context(), id1, name, strings.NewReader("x"), length)
		return err
	}
	require.ErrorContains(t, put(speech.BlockName("a"), 0), "1 to 8388608 bytes")
	require.ErrorContains(t, put(speech.BlockName("a"), speech.MaxBlockBytes+1), "1 to 8388608 bytes")
	require.ErrorContains(t, put("not base64!", 1), "base64")
	require.ErrorContains(t, put(speech.BlockName(strings.Repeat("x", 65)), 1), "base64 of 1 to 64 bytes")
	_, err := s.Client.CommitBlocks(t.Context(), id1, nil)
	require.ErrorContains(t, err, "no blocks given")
	require.Empty(t, s.sent())
	require.Error(t, put(speech.BlockName("a"), 2), "a reader that is shorter than said")
}
