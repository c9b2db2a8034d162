package dataset_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// sparse is a file that keeps its content and not its zeros, however many.
type sparse struct {
	size int64
	// parts are the pieces that are not zero, in order.
	parts []part
}

type part struct {
	at      int64
	content []byte
}

var zeros = make([]byte, 1<<20)

// Write appends p.
func (s *sparse) Write(p []byte) (int, error) {
	if !bytes.Equal(p, zeros[:len(p)]) {
		s.parts = append(s.parts, part{s.size, bytes.Clone(p)})
	}
	s.size += int64(len(p))
	return len(p), nil
}

// ReadAt implements io.ReaderAt.
func (s *sparse) ReadAt(p []byte, at int64) (int, error) {
	n := int(min(int64(len(p)), max(s.size-at, 0)))
	clear(p[:n])
	for _, part := range s.parts {
		if from, to := max(at, part.at), min(at+int64(n), part.at+int64(len(part.content))); from < to {
			copy(p[from-at:to-at], part.content[from-part.at:])
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// twoGigabytes is an archive of nine recordings of two hours each, stored.
func twoGigabytes(t *testing.T) *sparse {
	t.Helper()
	header := recording{length: time.Millisecond}.wav()[:44]
	const sound = 2 * 60 * 60 * 16000 * 2
	binary.LittleEndian.PutUint32(header[4:], 36+sound)
	binary.LittleEndian.PutUint32(header[40:], sound)
	s := &sparse{}
	w := zip.NewWriter(s)
	for i := range 9 {
		size := uint64(len(header)) + sound
		// No checksum: the reader then compares none, and no test has to compute it over 2 GB.
		f, err := w.CreateRaw(&zip.FileHeader{Name: string(rune('a'+i)) + ".wav", Method: zip.Store, CompressedSize64: size, UncompressedSize64: size})
		require.NoError(t, err)
		_, err = f.Write(header)
		require.NoError(t, err)
		for left := sound; left > 0; left -= min(left, len(zeros)) {
			_, err = f.Write(zeros[:min(left, len(zeros))])
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return s
}

// allocated runs f and returns how many bytes were allocated in all, whether freed since or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Two gigabytes are checked and identified in far less than 64 MiB: all that is allocated on the way,
// freed or not, is counted. It runs alone (no t.Parallel), or others' allocations would count too.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) { //nolint:paralleltest // it measures the process
	const most = 4 << 20
	file := twoGigabytes(t)
	require.Greater(t, file.size, int64(2_000_000_000))

	start := time.Now()
	got := allocated(func() {
		report, err := dataset.Check(t.Context(), file, file.size, lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
		require.NoError(t, err)
		require.Empty(t, report.Problems)
		require.Equal(t, 18*time.Hour, report.AudioDuration)
	})
	t.Logf("check of %d bytes: %d bytes allocated in all, %s", file.size, got, time.Since(start).Round(time.Millisecond))
	require.Less(t, got, uint64(most))

	start = time.Now()
	got = allocated(func() {
		_, err := dataset.Identity(t.Context(), io.NewSectionReader(file, 0, file.size), lifecycle.DatasetAudioFiles, "en-US")
		require.NoError(t, err)
	})
	t.Logf("identity of %d bytes: %d bytes allocated in all, %s", file.size, got, time.Since(start).Round(time.Millisecond))
	require.Less(t, got, uint64(most))
}

// The same for text: 100 MB in one line are not held either.
func TestMemoryDoesNotGrowWithALine(t *testing.T) { //nolint:paralleltest // it measures the process
	for name, line := range map[string]string{"one line": "word ", "many lines": "some words of speech\n"} {
		file := &repeated{[]byte(line)}
		const size = 100 << 20
		// Strings of lines are allocated one by one and freed; what is held is the difference in the heap.
		var before, during runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		report, err := dataset.Check(t.Context(), file, size, lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
		require.NoError(t, err)
		runtime.ReadMemStats(&during)
		require.Less(t, len(report.Problems), 10)
		t.Logf("%s: heap taken from the system grew by %d bytes", name, int64(during.HeapSys)-int64(before.HeapSys))
		require.Less(t, int64(during.HeapSys)-int64(before.HeapSys), int64(64<<20), name)
	}
}

// repeated is an endless file of one piece of text.
type repeated struct{ piece []byte }

// ReadAt implements io.ReaderAt.
func (r *repeated) ReadAt(p []byte, at int64) (int, error) {
	for i := 0; i < len(p); {
		i += copy(p[i:], r.piece[(at+int64(i))%int64(len(r.piece)):])
	}
	return len(p), nil
}
