package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// An endpoint that was renamed in the portal, or that the request names no more, goes on serving an old version, unrenewed and paid for.
func TestNeedsTellOfAnEndpointThatIsLeft(t *testing.T) {
	t.Parallel()
	version := func(days int) *lifecycle.Model {
		now := needed(func(*lifecycle.NeedsQuestion) {}).Row.ObservedAt
		return &lifecycle.Model{ID: "e1", DisplayName: "desk 2025-10-12 99", Custom: true, ExpiresAt: lifecycle.Ptr(now.AddDate(0, 0, days))}
	}
	for name, tt := range map[string]struct {
		serves  *lifecycle.Model
		urgency lifecycle.Urgency
		says    string
		until   bool
	}{
		"a version that lives": {
			version(30), lifecycle.UrgencySoon, "it serves desk 2025-10-12 99 until 2026-07-01, and silently the bare base model from then on", true,
		},
		"its end is near":   {version(14), lifecycle.UrgencyNow, "until 2026-06-15", true},
		"it has expired":    {version(-1), lifecycle.UrgencyNow, "it serves the bare base model, since desk 2025-10-12 99 expired on 2026-05-31", false},
		"its model is gone": {nil, lifecycle.UrgencyNow, "it serves the bare base model;", false},
		"a base model":      {&lifecycle.Model{DisplayName: "20260401 Batch"}, lifecycle.UrgencySoon, "it serves the base model 20260401 Batch;", false},
		"without an end":    {&lifecycle.Model{DisplayName: "desk", Custom: true}, lifecycle.UrgencySoon, "it serves desk;", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.NeedsOf(needed(func(q *lifecycle.NeedsQuestion) {
				q.Row.LeftEndpoints = []lifecycle.LeftEndpoint{{ID: "e9", DisplayName: "desk, old", Serves: tt.serves}}
			}))
			require.Len(t, got, 1)
			require.Equal(t, lifecycle.NeedEndpointLeft, got[0].Kind)
			require.Equal(t, tt.urgency, got[0].Urgency)
			require.Contains(t, got[0].Message, `endpoint "desk, old" (e9) carries the marks of this model, and is no longer its endpoint: `)
			require.Contains(t, got[0].Message, tt.says)
			require.Contains(t, got[0].Message, "; nothing renews it, and it is paid for by the hour")
			require.Contains(t, got[0].Next, "delete it in the portal")
			require.Equal(t, tt.until, got[0].Until != nil)
		})
	}
}
