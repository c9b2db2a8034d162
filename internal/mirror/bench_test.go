package mirror

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// many is a store of 10,000 models.
func many(tb testing.TB) (s *store[speech.CustomModel], change func()) {
	tb.Helper()
	s = newStore[speech.CustomModel](nil, Options{}.defaults(), speech.KindModel, nil)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	all := make([]speech.CustomModel, 10_000)
	for i := range all {
		text := fmt.Appendf(nil, `{"self": "https://calls.example/speechtotext/models/%08x-0000-4000-8000-000000000000", "createdDateTime": %q}`,
			i*2654435761%(1<<32), at.Add(time.Duration(i/3)*time.Minute).Format(time.RFC3339))
		require.NoError(tb, json.Unmarshal(text, &all[i]))
	}
	s.put(at, all...)
	return s, func() { s.put(at, all[7]) }
}

// After a change of one model the listing is in order again, and that is no matter of each of them: with an allocation or more
// for each a thousand retrains made a hundred gigabytes of garbage.
func TestAChangeOfOneIsCheap(t *testing.T) {
	s, change := many(t)
	all, _ := s.remembered()
	require.Len(t, all, 10_000)
	require.True(t, slices.IsSortedFunc(all, func(a, b speech.CustomModel) int {
		return cmp.Or(a.CreatedDateTime.Compare(b.CreatedDateTime), cmp.Compare(a.ID(), b.ID()))
	}))
	require.Less(t, testing.AllocsPerRun(3, func() {
		change()
		s.remembered()
	}), 100.0)
}

// BenchmarkCurrent is what a look costs after one of 10,000 models has changed.
func BenchmarkCurrent(b *testing.B) {
	s, change := many(b)
	b.ReportAllocs()
	for b.Loop() {
		change()
		s.remembered()
	}
}
