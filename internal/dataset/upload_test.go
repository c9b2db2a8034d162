package dataset_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// block is the size of a block.
const block = 8 << 20

func upload(t *testing.T, s *uploadService, req dataset.UploadRequest) dataset.UploadResult {
	t.Helper()
	result, err := dataset.Upload(t.Context(), s.client, req)
	require.NoError(t, err)
	return result
}

func TestUploadMakesOneDatasetOfAFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		data := uploadData(2*block + 5)
		path := filepath.Join(t.TempDir(), "calls.zip")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		var seen []int64
		req := uploadOf(nil)
		req.ReaderAt, req.Path, req.ProjectID = nil, path, "p1"
		req.Progress = func(done, total int64) {
			require.EqualValues(t, len(data), total)
			seen = append(seen, done)
		}
		result := upload(t, s, req)

		content, err := dataset.Identity(t.Context(), bytes.NewReader(data), "Acoustic", "en-US")
		require.NoError(t, err)
		require.Len(t, s.sets, 1)
		d := s.sets[0]
		require.Empty(t, cmp.Diff(dataset.UploadResult{
			DatasetID: d.id, DisplayName: "calls " + content[:12], Content: content,
			Bytes: int64(len(data)), Sent: int64(len(data)), Notes: []string{},
		}, result))
		require.Empty(t, cmp.Diff(map[string]any{
			"displayName": result.DisplayName, "kind": "Acoustic", "locale": "en-US",
			"project":          map[string]any{"self": resourceURL + "/projects/p1?api-version=2025-10-15"},
			"customProperties": map[string]any{"sr.owner": uploadOwner, "sr.content": content},
		}, d.body))
		require.True(t, bytes.Equal(data, d.content), "the blocks in their order are the file")
		require.True(t, slices.IsSorted(seen))
		require.EqualValues(t, 0, seen[0])
		require.EqualValues(t, len(data), seen[len(seen)-1])
	})
}

func TestUploadOfUnchangedDataSendsNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"Running", "Succeeded", "Validating"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				first := upload(t, s, uploadOf(uploadData(99)))
				s.sets[0].status = status
				s.sent()
				req := uploadOf(uploadData(99))
				req.Progress = func(int64, int64) { t.Error("nothing is sent") }
				again := upload(t, s, req)
				first.Reused, first.Sent = true, 0
				require.Empty(t, cmp.Diff(first, again))
				require.Equal(t, []string{"Datasets_List", "Datasets_List"}, s.sent())
			})
		})
	}
}

func TestUploadMakesAnotherDatasetWhen(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *uploadService, req *dataset.UploadRequest){
		"the data changed": func(_ *uploadService, req *dataset.UploadRequest) {
			req.ReaderAt = bytes.NewReader(append(uploadData(98), 'x'))
		},
		"the kind is another":   func(_ *uploadService, req *dataset.UploadRequest) { req.Kind = "AudioFiles" },
		"the locale is another": func(_ *uploadService, req *dataset.UploadRequest) { req.Locale = "en-GB" },
		"the owner is another":  func(_ *uploadService, req *dataset.UploadRequest) { req.Owner = "others" },
		"the name is another":   func(_ *uploadService, req *dataset.UploadRequest) { req.Name = "more calls" },
		"its import failed":     func(s *uploadService, _ *dataset.UploadRequest) { s.sets[0].status = "Failed" },
		"its mark is gone": func(s *uploadService, _ *dataset.UploadRequest) {
			s.sets[0].body["customProperties"] = map[string]any{lifecycle.MarkOwner: uploadOwner}
		},
		"it was marked abandoned": func(s *uploadService, _ *dataset.UploadRequest) {
			s.sets[0].body["customProperties"].(map[string]any)[lifecycle.MarkState] = "abandoned"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				first := upload(t, s, uploadOf(uploadData(99)))
				req := uploadOf(uploadData(99))
				change(s, &req)
				second := upload(t, s, req)
				require.NotEqual(t, first.DatasetID, second.DatasetID)
				require.False(t, second.Reused)
				require.EqualValues(t, 99, second.Sent)
				require.Len(t, s.sets, 2)
			})
		})
	}
}

func TestUploadGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		data := uploadData(4*block + 7)
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut || blockNumber(r) != "000002" {
				return false
			}
			answerJSON(w, http.StatusForbidden, nil)
			return true
		}
		req := uploadOf(data)
		req.Parallel = 1
		stopped, err := dataset.Upload(t.Context(), s.client, req)
		require.ErrorContains(t, err, `upload data "calls" as dataset "`+stopped.DisplayName+`": upload block "`+s.sets[0].id+`": 403 Forbidden`)
		require.ErrorContains(t, err, "the service has 16 MB of 32 MB, the same upload started again goes on from there")
		require.Equal(t, s.sets[0].id, stopped.DatasetID)
		require.EqualValues(t, 2*block, stopped.Sent)
		require.Zero(t, s.sets[0].commits)

		s.before = nil
		s.sent()
		var first int64
		req.Progress = func(done, _ int64) {
			if first == 0 {
				first = done
			}
		}
		rest := upload(t, s, req)
		require.Equal(t, stopped.DatasetID, rest.DatasetID)
		require.False(t, rest.Reused)
		require.EqualValues(t, 2*block+7, rest.Sent)
		require.EqualValues(t, 2*block, first, "progress begins with what is there")
		require.True(t, bytes.Equal(data, s.sets[0].content))
		require.Equal(t, []string{
			"Datasets_List", "Datasets_GetBlocks", "Datasets_UploadBlock", "Datasets_UploadBlock", "Datasets_UploadBlock",
			"Datasets_List", "Datasets_CommitBlocks", "Datasets_List",
		}, s.sent())
	})
}

func TestUploadSendsWhatDoesNotFitAgain(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(d *storedSet){
		"a block of another size": func(d *storedSet) {
			for n, b := range d.blocks {
				d.blocks[n] = storedBlock{n, b.Size - 1, nil}
			}
		},
		"blocks that are not ours": func(d *storedSet) {
			d.blocks = map[string]storedBlock{speech.BlockName("00000000-0123456789abcdef01234567890123"): {Size: 1}}
		},
		"no blocks": func(d *storedSet) { d.blocks = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				s.before = func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodPost && len(s.sets) == 1 {
						answerJSON(w, http.StatusForbidden, nil)
						return true
					}
					return false
				}
				_, err := dataset.Upload(t.Context(), s.client, uploadOf(uploadData(99)))
				require.ErrorContains(t, err, "commit blocks")
				s.before = func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodGet && len(s.sets[0].blocks) == 0 && filepath.Base(r.URL.Path) == "blocks" {
						// Azure's own storage calls a file of which it has no blocks "not found".
						status, body := refusal(http.StatusNotFound, "NotFound")
						answerJSON(w, status, body)
						return true
					}
					return false
				}
				spoil(s.sets[0])
				if s.sets[0].blocks == nil {
					s.sets[0].blocks = map[string]storedBlock{}
				}
				result := upload(t, s, uploadOf(uploadData(99)))
				require.EqualValues(t, 99, result.Sent)
				require.Len(t, s.sets, 1)
				require.Equal(t, uploadData(99), s.sets[0].content)
			})
		})
	}
}

func TestUploadSendsSeveralBlocksAtOnce(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{0, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			s := setupUpload(t)
			s.forgetful = true
			want := parallel
			if want == 0 {
				want = 4
			}
			var mu sync.Mutex
			var now, most int
			s.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPut {
					return false
				}
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(10 * time.Second) // of the bubble's clock: whatever can be at once is
				mu.Lock()
				now--
				mu.Unlock()
				return false
			}
			req := uploadOf(uploadData(5*block + 1))
			req.Parallel = parallel
			upload(t, s, req)
			require.Equal(t, want, most)
		})
	}
}

func TestUploadStopsWhenAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				cancel()
			}
			return false
		}
		start := time.Now()
		result, err := dataset.Upload(ctx, s.client, uploadOf(uploadData(3*block)))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "goes on from there")
		require.Equal(t, s.sets[0].id, result.DatasetID)
		require.Less(t, time.Since(start), time.Second)
		synctest.Wait() // for the service to be done with the requests that were cut
		require.Zero(t, s.sets[0].commits)
	})
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, c := range map[string]struct {
		change func(*dataset.UploadRequest)
		want   string
	}{
		"an empty file":        {func(r *dataset.UploadRequest) { r.Path, r.ReaderAt = empty, nil }, "empty is empty"},
		"no bytes":             {func(r *dataset.UploadRequest) { r.Size = 0 }, `data "calls" is empty`},
		"a folder":             {func(r *dataset.UploadRequest) { r.Path, r.ReaderAt = folder, nil }, "not a regular file"},
		"a missing file":       {func(r *dataset.UploadRequest) { r.Path, r.ReaderAt = folder+"/none", nil }, "no such file"},
		"a file and a reader":  {func(r *dataset.UploadRequest) { r.Path = empty }, "either a path or a reader"},
		"no data":              {func(r *dataset.UploadRequest) { r.ReaderAt = nil }, "either a path or a reader"},
		"no owner":             {func(r *dataset.UploadRequest) { r.Owner = "" }, "required"},
		"less than one sender": {func(r *dataset.UploadRequest) { r.Parallel = -1 }, "1 to 16"},
		"a short reader":       {func(r *dataset.UploadRequest) { r.Size++ }, dataset.ErrChanged.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				req := uploadOf(uploadData(9))
				c.change(&req)
				_, err := dataset.Upload(t.Context(), s.client, req)
				require.ErrorContains(t, err, c.want)
				require.Empty(t, s.sent())
			})
		})
	}
}
