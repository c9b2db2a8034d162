package fleet

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
)

// In short a new schedule has one line, one that changes some, and one that stays none; whole each value is there.
func TestAppliedLines(t *testing.T) {
	t.Parallel()
	f, err := Read(Document{Name: "fleet.yaml", Source: []byte("fleet: desk\nmodels:\n" +
		"  - {name: one, locale: en-US, training: [{dataset: words}], deploy: {endpoint: desk}, schedule: {every: 1d}}\n",
	)}, time.Date(2026, 7, 29, 12, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	held := Held{Fleet: f, Owner: "us"}
	changes := held.Changes(f.Models)
	var many []string
	for i := range 8 {
		many = append(many, fmt.Sprintf("input.tests[%d].name: \"a\" -> \"b\"", i))
	}
	changes = append(
		changes,
		Change{Schedule: "renew/two", Action: Update, Diff: many, Paused: true},
		Change{Schedule: "renew/three", Action: Leave, Diff: []string{}},
		Change{Schedule: "renew/four", Action: Leave, Diff: []string{}, Paused: true},
		Change{Schedule: "renew/five", Action: Delete, Diff: []string{}},
	)
	for name, whole := range map[string]bool{"applied-short": false, "applied-whole": true} {
		text := ""
		for _, line := range held.Applied(changes, false).Lines(whole) {
			text += line + "\n"
		}
		bundle.Golden(t, name+".golden", text)
	}
}
