package words

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A note that nobody wrote reads as part of the sentence.
func TestPaused(t *testing.T) {
	t.Parallel()
	for note, says := range map[string][2]string{
		"":                              {"paused", ""},
		"the move":                      {"paused: the move", "the move"},
		Unnoted("paused", "ann"):        {"paused by ann without a note", "by ann without a note"},
		"paused by the night shift":     {"paused: paused by the night shift", "paused by the night shift"},
		"resumed by ann without a note": {"paused", ""},
		"Checks Desk. " + Made + ", fleet all: change it there.": {"paused", ""},
	} {
		require.Equal(t, says, [2]string{Paused(note), PauseNote(note)})
	}
	require.True(t, Written("the move"))
	require.False(t, Written(Unnoted("resumed", "ann")))
	require.False(t, Written(""))
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0s": -time.Minute, "12s": 12*time.Second + 900*time.Millisecond, "3m05s": 3*time.Minute + 5*time.Second,
		"2h40m": 2*time.Hour + 40*time.Minute + 59*time.Second, "6d3h": 6*24*time.Hour + 3*time.Hour,
	} {
		require.Equal(t, want, Elapsed(d))
	}
}

func TestWrapKeepsLongWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"see", "https://example.com/a-long-address", "for more"}, Wrap("see  https://example.com/a-long-address\nfor more", 10))
	require.Equal(t, []string{""}, Wrap("", 10))
	require.Equal(t, []string{"日本語", "日本語"}, Wrap("日本語 日本語", 12))
}

func TestSomeNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a, b, c", Some([]string{"a", "b", "c"}))
	require.Equal(t, "a, b, c and 2 more", Some([]string{"a", "b", "c", "d", "e"}))
}

// Every form of a time that somebody reads, and that histories and golden files hold.
func TestForms(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CEST", 2*60*60)
	noon := time.Date(2026, 7, 29, 14, 0, 5, 0, berlin)
	midnight := time.Date(2026, 7, 29, 2, 0, 0, 0, berlin)
	for _, tc := range []struct{ name, want, got string }{
		{"day", "2026-07-29", Day(noon)},
		{"no day", "unknown", DayOf(nil, "unknown")},
		{"day of", "2026-07-29", DayOf(&noon, "unknown")},
		{"moment", "2026-07-29 12:00 UTC", Moment(noon)},
		{"moment at midnight", "2026-07-29", Moment(midnight)},
		{"long moment", "29 July 2026 12:00 UTC", LongMoment(noon)},
		{"long moment at midnight", "29 July 2026", LongMoment(midnight)},
		{"long moment of nothing", "not known", LongMoment(time.Time{})},
		{"minute at midnight", "2026-07-29 00:00 UTC", Minute(midnight)},
		{"second", "2026-07-29 12:00:05 UTC", Second(noon)},
		{"stamp", "2026-07-29 12:00:05", Stamp(noon)},
		{"stamp of the same day", "12:00:05", StampAfter(noon, midnight)},
		{"stamp of another day", "2026-07-29 12:00:05", StampAfter(noon, midnight.Add(-time.Hour))},
		{"took", "26h0m6s", Took(26*time.Hour + 5600*time.Millisecond)},
		{"expiry in days", "expires in 2 days", Expiry(&noon, noon.Add(-71*time.Hour))},
		{"expiry in hours", "expires in 1d23h", Expiry(&noon, noon.Add(-47*time.Hour))},
		{"expiry now", "EXPIRED " + Day(noon), Expiry(&noon, noon)},
		{"expiry that is not known", "expiry unknown", Expiry(nil, noon)},
		{"soon", "in 12s", Soon(noon)(noon.Add(12 * time.Second))},
		{"soon, but over", "now", Soon(noon)(noon.Add(-time.Second))},
		{"not so soon", "on 2026-07-30 12:00 UTC", Soon(noon)(noon.Add(24 * time.Hour))},
	} {
		require.Equal(t, tc.want, tc.got, tc.name)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	rate, interval := 0.112, [2]float64{-0.031, 0.002}
	for want, got := range map[string]string{
		"1 line": Count(1, "line"), "12345 lines": Count(12345, "line"), "12,345 lines": LongCount(12345, "line"), "1 word": LongCount(1, "word"),
		"12,345": Number(12345), "11.2 %": Rate(&rate, "-"), "-": Rate(nil, "-"), "+11.2 points": Points(&rate, "–"), "–": Points(nil, "–"),
		"-3.1 to +0.2 points": Interval(&interval), "": Interval(nil),
	} {
		require.Equal(t, want, got)
	}
}

// A command that is broken over lines can still be copied, all lines together.
func TestLongCommands(t *testing.T) {
	t.Parallel()
	lines := AdviceLines("let it go on: temporal activity unpause --workflow-id retrain/support-calls --activity-id await-training --namespace speech", 78)
	require.Equal(t, []string{
		"what to do: let it go on:",
		`  temporal activity unpause --workflow-id retrain/support-calls \`,
		"    --activity-id await-training --namespace speech",
	}, lines)
	require.Equal(t, []string{"what to do: start one with:", "  worker --task-queue west"}, AdviceLines("start one with: worker --task-queue west", 78))
}
