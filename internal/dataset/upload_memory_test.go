package dataset_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
)

// Not parallel: it measures the whole process.
func TestUploadOfTwoGigabytesInLittleMemory(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() {
		t.Skip("reads 2 GiB twice")
	}
	const size, allowed = 2 << 30, 64 << 20
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		s.forgetful = true
		path := filepath.Join(t.TempDir(), "calls.zip")
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Truncate(path, size), "a sparse file")

		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		var peak uint64
		var sampled int64
		req := uploadOf(nil)
		req.ReaderAt, req.Path = nil, path
		req.Progress = func(done, _ int64) {
			if done-sampled < 4<<20 {
				return
			}
			sampled = done
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapInuse+now.StackInuse)
		}
		result, err := dataset.Upload(t.Context(), s.client, req)
		require.NoError(t, err)
		runtime.ReadMemStats(&now)
		t.Logf("2 GiB: peak of heap and stacks %d KiB, taken from the system besides what was there %d KiB, allocated in all %d KiB",
			peak>>10, (now.Sys-before.Sys)>>10, (now.TotalAlloc-before.TotalAlloc)>>10)
		require.EqualValues(t, size, result.Sent)
		require.Len(t, s.sets[0].committed, size/block)
		require.NotZero(t, peak)
		require.Less(t, peak, uint64(allowed))
		require.Less(t, now.Sys-before.Sys, uint64(allowed))
	})
}
