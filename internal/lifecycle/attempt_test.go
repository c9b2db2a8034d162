package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestLaterAttempts(t *testing.T) {
	t.Parallel()
	back := func(attempt int) *lifecycle.Pulse { return &lifecycle.Pulse{Attempt: attempt, WentBack: true} }
	for name, tt := range map[string]struct {
		attempt lifecycle.Attempt
		later   string
	}{
		"the first":                             {lifecycle.Attempt{Number: 1, Delay: time.Second}, ""},
		"the second":                            {lifecycle.Attempt{Number: 2, Left: &lifecycle.Pulse{Attempt: 1}}, "it is attempt 2"},
		"the second, and nothing is left":       {lifecycle.Attempt{Number: 2}, "it is attempt 2"},
		"right after one that went back":        {lifecycle.Attempt{Number: 2, Left: back(1)}, ""},
		"the same, an hour after it began":      {lifecycle.Attempt{Number: 9, Left: back(8), Delay: time.Hour}, ""},
		"one after the one after that":          {lifecycle.Attempt{Number: 3, Left: back(1)}, "it is attempt 3"},
		"after one that went back, and a reset": {lifecycle.Attempt{Number: 1, Left: back(1)}, "attempt 1 was here before"},
		"the same, after more of them":          {lifecycle.Attempt{Number: 2, Left: back(3)}, "it is attempt 2"},
		"attempts counted anew":                 {lifecycle.Attempt{Number: 1, Left: &lifecycle.Pulse{Attempt: 4}}, "attempt 4 was here before"},
		"run once more":                         {lifecycle.Attempt{Number: 2, Repeated: true, Left: back(1)}, "the workflow runs this step once more"},
		"after a reset of the workflow":         {lifecycle.Attempt{Number: 2, Reset: true, Left: back(1)}, "the workflow was reset"},
		"a minute late":                         {lifecycle.Attempt{Number: 1, Delay: time.Minute}, ""},
		"more than a minute late":               {lifecycle.Attempt{Number: 1, Delay: time.Minute + time.Second}, "it starts 1m1s after it was scheduled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.later, tt.attempt.Later())
		})
	}
}
