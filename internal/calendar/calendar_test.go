package calendar_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/calendar"
	"speech-retrainer/internal/lifecycle"
)

func at(text string) *time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return &t
}

// plan is one of a model whose champion has a hard name: what the service gives as names is anybody's text.
func plan(name string) lifecycle.Plan {
	p := lifecycle.Plan{Name: name, Locale: "de-DE", Resource: "here", ObservedAt: *at("2026-06-01T12:00:00Z")}
	p.Champion = &lifecycle.ChampionReport{DisplayName: "Käufer; \"Straße\", \\ 2025\r\nBEGIN:VEVENT " + strings.Repeat("ü", 80)}
	p.Dates = lifecycle.Dates{ExpiresAt: at("2027-08-19T00:00:00Z"), DueAt: at("2027-06-11T23:30:00Z"), LastResortAt: at("2027-08-05T00:00:00Z")}
	p.ChampionBase = &lifecycle.ChampionBase{ID: "b", DisplayName: "20250801 Batch", AdaptationEndsAt: at("2027-01-15T00:00:00Z")}
	return p
}

// read is a calendar as another library reads it.
func read(t *testing.T, content []byte) *ical.Calendar {
	t.Helper()
	cal, err := ical.NewDecoder(bytes.NewReader(content)).Decode()
	require.NoError(t, err)
	// It writes nothing that the standard does not allow.
	require.NoError(t, ical.NewEncoder(new(bytes.Buffer)).Encode(cal))
	return cal
}

func TestAnotherLibraryReadsTheFile(t *testing.T) {
	t.Parallel()
	unknown := plan("unknown")
	unknown.Dates, unknown.ChampionBase, unknown.Champion = lifecycle.Dates{}, nil, nil
	content, events := calendar.File([]lifecycle.Plan{plan("desk"), unknown, plan("hotline")})
	require.Equal(t, 8, events)
	cal := read(t, content)
	require.Len(t, cal.Events(), 8)
	seen := map[string]bool{}
	for i, e := range cal.Events() {
		want := []struct{ kind, day, summary string }{
			{"due", "2027-06-11", "retrain is due"},
			{"last-resort", "2027-08-05", "last resort begins"},
			{"expiry", "2027-08-19", "model expires"},
			{"base-retirement", "2027-01-15", "base model retires"},
		}[i%4]
		start := e.Props.Get(ical.PropDateTimeStart)
		require.Equal(t, ical.ValueDate, start.ValueType(), "all day")
		begins, err := e.DateTimeStart(time.UTC)
		require.NoError(t, err)
		ends, err := e.DateTimeEnd(time.UTC)
		require.NoError(t, err)
		require.Equal(t, want.day, begins.Format(time.DateOnly))
		require.Equal(t, 24*time.Hour, ends.Sub(begins))
		summary, err := e.Props.Text(ical.PropSummary)
		require.NoError(t, err)
		require.Equal(t, []string{"desk (de-DE): ", "hotline (de-DE): "}[i/4]+want.summary, summary)
		text, err := e.Props.Text(ical.PropDescription)
		require.NoError(t, err)
		require.Contains(t, text, `Käufer; "Straße", \ 2025`)
		require.NotContains(t, text, "\n")
		uid, err := e.Props.Text(ical.PropUID)
		require.NoError(t, err)
		require.Regexp(t, "^"+want.kind+"-[0-9a-f]{16}@speech-retrainer$", uid)
		require.False(t, seen[uid], "each event has its own")
		seen[uid] = true
	}
}

// A calendar that reads the file again moves its events: their UIDs stay when the dates move.
func TestUIDsStay(t *testing.T) {
	t.Parallel()
	uids := func(p lifecycle.Plan) (all []string) {
		content, _ := calendar.File([]lifecycle.Plan{p})
		for _, e := range read(t, content).Events() {
			uid, err := e.Props.Text(ical.PropUID)
			require.NoError(t, err)
			all = append(all, uid)
		}
		return all
	}
	before, moved := plan("desk"), plan("desk")
	moved.Dates.ExpiresAt, moved.ObservedAt, moved.Champion = at("2029-01-01T00:00:00Z"), *at("2026-07-01T12:00:00Z"), nil
	require.Equal(t, uids(before), uids(moved))
	english := plan("desk")
	english.Locale = "en-US"
	require.NotContains(t, uids(before), uids(english)[0], "a model of another locale is another model")
}

// Lines as RFC 5545, section 3.1, has them: CRLF, at most 75 octets, no letter cut in two, nothing but a property, and begun
// with a blank where one goes on.
func TestLines(t *testing.T) {
	t.Parallel()
	content, _ := calendar.File([]lifecycle.Plan{plan("desk")})
	require.True(t, bytes.HasSuffix(content, []byte("END:VCALENDAR\r\n")))
	folded := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(string(content), "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75, line)
		require.True(t, utf8.ValidString(line), line)
		require.NotContains(t, line, "\n")
		require.NotContains(t, line, "\r")
		if strings.HasPrefix(line, " ") {
			folded++
			continue
		}
		require.Regexp(t, `^[A-Z-]+(;[A-Z]+=[A-Z-]+)*:.`, line)
	}
	require.Positive(t, folded)
	require.Equal(t, 4, bytes.Count(content, []byte("\r\nBEGIN:VEVENT\r\n")))
}

func TestFile(t *testing.T) {
	t.Parallel()
	p := plan("desk")
	p.Champion.DisplayName = "desk 2025-09-01 1a2b3c4d"
	content, _ := calendar.File([]lifecycle.Plan{p})
	bundle.Golden(t, "models.ics", strings.ReplaceAll(string(content), "\r\n", "\n"))
	empty, events := calendar.File(nil)
	require.Zero(t, events)
	require.True(t, strings.HasPrefix(string(empty), "BEGIN:VCALENDAR\r\n"), fmt.Sprintf("%q", empty))
}
