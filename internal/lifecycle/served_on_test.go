package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestServedOn(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		return at
	}
	version := func(id string, state lifecycle.State, at, expires string) lifecycle.Version {
		mark := "pass; 0.1 vs 0.2"
		if at != "" {
			mark += "; at:" + at
		}
		return lifecycle.Version{ID: id, DisplayName: id, State: state, Verdict: mark, ExpiresAt: lifecycle.Ptr(day(expires))}
	}
	row := lifecycle.Row{
		Name: "desk", ObservedAt: day("2026-06-01").Add(12 * time.Hour), Serving: &lifecycle.Model{ID: "c", DisplayName: "c"},
		Versions: []lifecycle.Version{
			version("c", lifecycle.StateChampion, "2026-03-01", "2028-01-01"), version("never", lifecycle.StateRejected, "", "2028-01-01"),
			version("b", lifecycle.StateRetired, "2025-03-01", "2026-02-01"), version("a", lifecycle.StateRetired, "2024-03-01", "2025-06-01"),
			version("old", lifecycle.StateRetired, "", "2025-06-01"),
		},
	}
	byHand := row
	byHand.Serving = &lifecycle.Model{ID: "h", DisplayName: "by hand"}
	for name, tt := range map[string]struct {
		row             lifecycle.Row
		on              string
		version, before string
		reason          string
		unknown         int
	}{
		"today":             {row, "2026-06-01", "c", "", "c serves since 2026-03-01", 2},
		"today, by hand":    {byHand, "2026-06-01", "c", "", "now the endpoint serves by hand, which was set by hand", 2},
		"the day it came":   {row, "2026-03-01", "c", "b", "c took the place of b on that day", 2},
		"the day before":    {row, "2026-02-28", "b", "", "it expired on 2026-02-01: from then on the bare base model served", 3},
		"while it lived":    {row, "2025-12-24", "b", "", "b serves since 2025-03-01", 3},
		"long ago":          {row, "2024-12-24", "a", "", "a serves since 2024-03-01", 3},
		"before them all":   {row, "2023-12-24", "", "", "no version that is still there", 3},
		"nothing is marked": {lifecycle.Row{Name: "desk"}, "2023-12-24", "", "", "no version that is still there", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.row.OnDay(day(tt.on))
			require.NoError(t, err)
			id := func(v *lifecycle.ServedVersion) string {
				if v == nil {
					return ""
				}
				return v.ID
			}
			require.Equal(t, tt.on, got.Date)
			require.Equal(t, tt.version, id(got.Version))
			require.Equal(t, tt.before, id(got.Before))
			require.Contains(t, got.Reason, tt.reason)
			require.Len(t, got.Unknown, tt.unknown)
		})
	}
	_, err := row.OnDay(day("2026-06-02"))
	require.ErrorContains(t, err, "2026-06-02 is yet to come: the service's now is 2026-06-01 12:00 UTC")
}
