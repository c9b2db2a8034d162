package fleet

import (
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// Upgraded tells what is new by default for models whose schedules an earlier version has written. Once: their new requests
// name the window.
func (f Held) Upgraded() []string {
	var names []string
	for _, m := range f.Chosen() {
		if s, there := f.Have[m.Name]; there && s.earlier && !s.byHand() {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: applied with an earlier version; new by default: a test without limits of its own lets a version pass that is at most "+
		"%.1f points worse (was 0), with 0 every second version that is equal was rejected; renewals of a fleet are spread over renew.window, %s before the "+
		"lead (was none; 0s turns it off); renew.retryAfter has no effect any more: an input that was trained is not trained again. "+
		"To keep what was: maxRegression: 0 in the tests, renew: {window: 0s}",
		words.Some(names), lifecycle.DefaultMaxRegression*100, lifecycle.DefaultRequest().Renew.Window)}
}
