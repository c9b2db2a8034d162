package lifecycle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// growingTries is how often a failed import of one content is tried at growing pauses (1, 2, 4, 8 and 16 days), before a
// person is told that it will not do.
const growingTries = 5

// tryPause is the pause after so many failed imports of one content.
func tryPause(tries int) time.Duration {
	return Day << min(max(tries-1, 0), growingTries-1)
}

// TryMark is the value of sr.try: how many imports of a content have failed, and when the last one did.
func TryMark(tries int, at time.Time) string { return fmt.Sprintf("%d@%s", tries, date(at)) }

// FailedImport is a dataset whose import failed.
type FailedImport struct {
	// Mark is its sr.try; empty when its run could not write it any more.
	Mark    string
	EndedAt time.Time
}

// CountTries tells how many imports of one content have failed, and when the last one ended, by the Failed datasets
// that are left of it. Older ones are deleted: the newest remembers how many there were.
func CountTries(failed []FailedImport) (tries int, at time.Time) {
	sorted := slices.SortedFunc(slices.Values(failed), func(a, b FailedImport) int { return a.EndedAt.Compare(b.EndedAt) })
	for _, f := range sorted {
		number, _, _ := strings.Cut(f.Mark, "@")
		marked, err := strconv.Atoi(number)
		if err != nil || marked < 1 {
			marked = tries + 1
		}
		tries, at = max(tries, marked), f.EndedAt
	}
	return tries, at
}

// ofImports holds a retrain back whose data could not be imported a while ago: the same content would fail again, and
// each try leaves a Failed dataset. It is tried again in any case when the expiry becomes urgent.
func (d *due) ofImports() {
	for _, data := range slices.Concat(d.Training, d.Tests) {
		if data.Tries == 0 || data.DatasetID != "" {
			continue
		}
		failed := fmt.Sprintf("the import of the data %s has failed %s, the last time on %s", data.Label, times(data.Tries), date(data.TriedAt))
		again := data.TriedAt.Add(tryPause(data.Tries))
		if d.expires != nil {
			if begins := d.expires.Add(-d.lastPart()); begins.After(data.TriedAt) && begins.Before(again) {
				again = begins
			}
		}
		if data.Tries > growingTries {
			d.answer.StuckKey += data.Label + "/" + data.Content + "; "
			d.answer.Stuck = fmt.Sprintf("%s: %s; it is tried again on %s", strings.Join(d.reasons, "; also "), failed, date(again))
		}
		if !again.After(d.Now) {
			continue
		}
		d.hold(again, failed)
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
