package dataset_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// first answers once, the first request that fits, with a status and headers.
func first(fits func(*http.Request) bool, status int, headers ...string) func(http.ResponseWriter, *http.Request) bool {
	var done atomic.Bool
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !fits(r) || !done.CompareAndSwap(false, true) {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		answerJSON(w, status, map[string]any{"code": "X", "message": "x"})
		return true
	}
}

func ofMethod(method string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method }
}

func TestUploadTriesAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method      string
		status      int
		headers     []string
		least, most time.Duration
	}{
		"a throttled block, as the service asks":   {http.MethodPut, 429, []string{"Retry-After", "77"}, 77 * time.Second, 77 * time.Second},
		"a throttled block, at its own pace":       {http.MethodPut, 429, nil, time.Second / 2, 2 * time.Second},
		"a block in an outage":                     {http.MethodPut, 503, []string{"Retry-After", "0"}, time.Second / 2, 2 * time.Second},
		"a create in an outage, after two looks":   {http.MethodPost, 503, nil, 30*time.Second + time.Second/2, 32 * time.Second},
		"a throttled create, which made nothing":   {http.MethodPost, 429, nil, time.Second / 2, 2 * time.Second},
		"a list in an outage, as the service asks": {http.MethodGet, 500, []string{"Retry-After", "9"}, 9 * time.Second, 9 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				s.before = first(ofMethod(c.method), c.status, c.headers...)
				req := uploadOf(uploadData(99))
				req.ListLag = 30 * time.Second
				var seen []int64
				req.Progress = func(done, _ int64) { seen = append(seen, done) }
				start := time.Now()
				upload(t, s, req)
				require.True(t, slices.IsSorted(seen), "what is sent again is not shown to fall: %v", seen)
				require.EqualValues(t, 99, seen[len(seen)-1])
				require.GreaterOrEqual(t, time.Since(start), c.least)
				require.LessOrEqual(t, time.Since(start), c.most)
				require.Len(t, s.sets, 1)
			})
		})
	}
}

func TestUploadGivesUpAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				answerJSON(w, http.StatusServiceUnavailable, nil)
			}
			return r.Method == http.MethodPut
		}
		start := time.Now()
		_, err := dataset.Upload(t.Context(), s.client, uploadOf(uploadData(99)))
		var answer *speech.Error
		require.ErrorAs(t, err, &answer)
		require.Equal(t, http.StatusServiceUnavailable, answer.Status)
		require.InDelta(t, 5*time.Minute, time.Since(start), float64(time.Minute))
	})
}

func TestUploadFindsWhatALostAnswerMade(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"a create": "datasets", "a block": "blocks", "a commit": "blocks:commit"} {
		for _, lag := range []time.Duration{0, 25 * time.Second} {
			t.Run(name+" with lag "+lag.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := setupUpload(t)
					s.lag = lag
					lost := false
					s.lose = func(r *http.Request) bool {
						hit := !lost && r.Method != http.MethodGet && filepath.Base(r.URL.Path) == path
						lost = lost || hit
						return hit
					}
					req := uploadOf(uploadData(99))
					req.ListLag = 30 * time.Second
					result := upload(t, s, req)
					require.True(t, lost)
					require.Len(t, s.sets, 1)
					require.Equal(t, s.sets[0].id, result.DatasetID)
					require.Equal(t, 1, s.sets[0].commits)
					require.Equal(t, uploadData(99), s.sets[0].content)
					require.False(t, result.Reused)
				})
			})
		}
	}
}

func TestUploadOfAFileThatChanges(t *testing.T) {
	t.Parallel()
	data := uploadData(block + 100)
	for name, change := range map[string]func(t *testing.T, path string){
		"bytes": func(t *testing.T, path string) {
			stat, err := os.Stat(path)
			require.NoError(t, err)
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = f.WriteAt([]byte("changed"), block+10)
			require.NoError(t, err)
			require.NoError(t, f.Close())
			require.NoError(t, os.Chtimes(path, stat.ModTime(), stat.ModTime()), "even when its time hides it")
		},
		"size":  func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 5)) },
		"time":  func(t *testing.T, path string) { require.NoError(t, os.Chtimes(path, time.Now(), time.Now())) },
		"place": func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) },
		"file": func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path+".new", data, 0o600))
			require.NoError(t, os.Rename(path+".new", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				path := filepath.Join(t.TempDir(), "calls.zip")
				require.NoError(t, os.WriteFile(path, data, 0o600))
				var once sync.Once
				s.before = func(_ http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodPut && blockNumber(r) == "000000" {
						once.Do(func() { change(t, path) })
					}
					return false
				}
				req := uploadOf(nil)
				req.ReaderAt, req.Path, req.Parallel = nil, path, 1
				start := time.Now()
				_, err := dataset.Upload(t.Context(), s.client, req)
				require.ErrorIs(t, err, dataset.ErrChanged)
				require.Less(t, time.Since(start), time.Second, "another try is no use")
				synctest.Wait() // for the service to be done with the request that was cut
				require.Zero(t, s.sets[0].commits)

				// What is there of the old content is still good for it, and never taken for other bytes.
				s.before = nil
				require.NoError(t, os.WriteFile(path, data, 0o600))
				result := upload(t, s, req)
				require.Equal(t, s.sets[0].id, result.DatasetID)
				require.True(t, bytes.Equal(data, s.sets[0].content))
			})
		})
	}
}

func TestUploadSettlesTwins(t *testing.T) {
	t.Parallel()
	twin := func(s *uploadService, status string) *storedSet {
		d := *s.sets[0]
		d.id, d.status, d.created = "00000000-0000-4000-8000-00000000ffff", status, d.created.Add(-time.Hour)
		d.body = map[string]any{"displayName": d.body["displayName"], "locale": "en-US", "kind": "Acoustic", "customProperties": map[string]any{
			lifecycle.MarkOwner: uploadOwner, lifecycle.MarkContent: d.body["customProperties"].(map[string]any)[lifecycle.MarkContent],
		}}
		d.blocks = map[string]storedBlock{}
		if status == "NotStarted" {
			d.committed = nil
		}
		s.sets = append(s.sets, &d)
		return &d
	}
	state := func(d *storedSet) any { return d.body["customProperties"].(map[string]any)[lifecycle.MarkState] }
	for name, c := range map[string]struct {
		status, twin string // of the later and the earlier one
		inUse        bool
		wantEarlier  bool
		wantDeleted  bool
		wantMarked   bool
		wantNotes    int
	}{
		"both ready: the earlier is used, the later deleted":      {"Succeeded", "Succeeded", false, true, true, false, 1},
		"a model lists the later: both stay":                      {"Succeeded", "Succeeded", true, true, false, false, 0},
		"the later is importing: it is marked":                    {"Running", "Succeeded", false, true, false, true, 1},
		"the earlier waits for blocks: the later is used":         {"Succeeded", "NotStarted", false, false, false, true, 1},
		"the earlier failed: it does not count and stays":         {"Succeeded", "Failed", false, false, false, false, 0},
		"both wait for blocks: the earlier gets them":             {"NotStarted", "NotStarted", false, true, false, true, 1},
		"the later waits, the earlier is ready: it is not filled": {"NotStarted", "Running", false, true, false, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				upload(t, s, uploadOf(uploadData(99)))
				later := s.sets[0]
				earlier := twin(s, c.twin)
				later.status = c.status
				if c.status == "NotStarted" {
					later.committed, later.blocks = nil, map[string]storedBlock{}
				}
				loser, winner := earlier, later
				if c.wantEarlier {
					loser, winner = later, earlier
				}
				if c.inUse {
					s.models = append(s.models, map[string]any{
						"self": resourceURL + "/models/m1?api-version=2025-10-15", "displayName": "m", "locale": "en-US", "status": "Succeeded",
						"createdDateTime": "2026-01-01T00:00:00Z", "lastActionDateTime": "2026-01-01T00:00:00Z",
						"datasets": []any{map[string]any{"self": resourceURL + "/datasets/" + loser.id + "?api-version=2025-10-15"}},
					})
				}
				result := upload(t, s, uploadOf(uploadData(99)))
				require.Equal(t, winner.id, result.DatasetID)
				require.Len(t, result.Notes, c.wantNotes, result.Notes)
				require.Equal(t, c.wantDeleted, len(s.deleted) == 1)
				require.Equal(t, c.wantMarked, state(loser) == "abandoned")
				require.Nil(t, state(winner))

				// The same again says the same and does nothing more.
				again := upload(t, s, uploadOf(uploadData(99)))
				require.Equal(t, winner.id, again.DatasetID)
				require.True(t, again.Reused)
				require.Empty(t, again.Notes)
			})
		})
	}
}

func TestUploadsAtOnceShareOneDataset(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 20 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				s.lag = lag
				s.before = func(_ http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodPut {
						time.Sleep(25 * time.Second) // of the bubble's clock: an upload takes longer than lists lag
					}
					return false
				}
				results := make([]dataset.UploadResult, 3)
				var all sync.WaitGroup
				for i := range results {
					all.Go(func() {
						var err error
						results[i], err = dataset.Upload(t.Context(), s.client, uploadOf(uploadData(block+9)))
						require.NoError(t, err)
					})
				}
				all.Wait()
				commits := 0
				for _, d := range s.sets {
					commits += d.commits
				}
				require.Equal(t, 1, commits)
				for _, r := range results {
					require.Equal(t, results[0].DatasetID, r.DatasetID)
				}
			})
		})
	}
}

// Whatever fails on the way, as often as it does: whoever starts the upload again gets one dataset with
// the whole content, committed once.
func TestUploadHealsByItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.SampledFrom([]int{1, 500, 500, 500, 500, 500, 500, block + 1}).Draw(r, "size")
		faults := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "403", "429", "503", "lost"}), 0, 25).Draw(r, "faults")
		synctest.Test(t, func(t *testing.T) {
			s := setupUpload(t)
			var asked atomic.Int64
			fault := func(n int64) string {
				if int(n) < len(faults) {
					return faults[n]
				}
				return ""
			}
			s.before = func(w http.ResponseWriter, _ *http.Request) bool {
				status := map[string]int{"403": 403, "429": 429, "503": 503}[fault(asked.Add(1))]
				if status != 0 {
					answerJSON(w, status, nil)
				}
				return status != 0
			}
			s.lose = func(*http.Request) bool { return fault(asked.Load()) == "lost" }
			req := uploadOf(uploadData(size))
			req.Parallel = 1
			var result dataset.UploadResult
			err := error(nil)
			for tries := 0; ; tries++ {
				if result, err = dataset.Upload(t.Context(), s.client, req); err == nil {
					break
				}
				require.Less(t, tries, len(faults), err)
			}
			require.Len(t, s.sets, 1)
			require.Equal(t, s.sets[0].id, result.DatasetID)
			require.Equal(t, 1, s.sets[0].commits)
			require.True(t, bytes.Equal(uploadData(size), s.sets[0].content))
		})
	})
}
