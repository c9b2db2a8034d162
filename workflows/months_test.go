package workflows_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

const (
	// monthsDays is how long a history of TestMonthsOfSilence is.
	monthsDays = 120
	// nearExpiry is the rest of a life in which nobody may be left in the dark.
	nearExpiry = 30 * aDay
)

// months is one model over months: its world, its schedule, and what its operator's web hook has received.
type months struct {
	*bundle

	schedule fired
	endpoint string
	base     speech.Ref
	// champion is the version that was promoted last, serving what the endpoint refers to (empty for a base model),
	// running the candidate of the retrain that goes on; spare are versions that nothing refers to yet.
	champion, serving, running string
	spare                      []string
	expires                    map[string]time.Time
	// answer is what the web hook answers, and received what it was sent, taken or not.
	answer   int
	received []notify.Message
	// outage is the status that the service answers with; empty while it is well.
	outage string
	log    string
}

// TestMonthsOfSilence lets random things go wrong for months, a day at a time: whenever a check runs on a day that
// ends with less than 30 days of life left and no successor, a person was told of why, that day or before.
func TestMonthsOfSilence(t *testing.T) {
	t.Parallel()
	checks, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	require.NoError(t, err)
	// A history costs a second or two: one in 33 is played, and all once one has failed, to find the least.
	played, failing := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SliceOfN(rapid.Custom(drawDay), monthsDays, monthsDays).Draw(rt, "days")
		if played++; !failing && played > max(1, checks/33) {
			return
		}
		m := newMonths(t)
		for i, d := range days {
			if fault := m.live(d); fault != "" {
				failing = true
				rt.Fatalf("day %d: %s\n%s", i+1, fault, m.log)
			}
		}
	})
}

// monthsDay is what happens on one day before its check.
type monthsDay struct {
	// Event is what happens; "" is a day like any other.
	Event string
	// Missed is how many days pass without a check first.
	Missed int
}

func drawDay(t *rapid.T) monthsDay {
	events := []string{
		"", "", "", "", "", "", "", "", "401", "403", "503", "well", "well", "hand", "hand back", "base by hand", "data gone", "data back",
		"hook refuses", "hook well", "retrain begins", "retrain succeeds", "retrain fails",
	}
	d := monthsDay{Event: rapid.SampledFrom(events).Draw(t, "event")}
	d.Missed = rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 30}).Draw(t, "missed")
	return d
}

func newMonths(t *testing.T) *months {
	t.Helper()
	m := &months{expires: map[string]time.Time{}, answer: http.StatusNoContent}
	m.bundle = setup(t, func(_ *emulator.Settings, c *speech.Config) { c.NoQuota = true })
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message notify.Message
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			t.Error(err)
		}
		m.received = append(m.received, message)
		w.WriteHeader(m.answer)
	}))
	t.Cleanup(hook.Close)
	m.env = map[string]string{"OPS_HOOK": hook.URL, "FEED_URL": m.url + "/files/text.txt"}
	m.runs.states = map[string]lifecycle.RunState{}
	m.dataset(t, "words", "en-US", "/files/text.txt")
	require.NoError(t, m.service.Advance(t.Context(), time.Hour))
	data, _, err := m.client().ListDatasets(t.Context(), speech.Filter{})
	require.NoError(t, err)
	base, err := m.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US"})
	require.NoError(t, err)
	m.base = m.client().Ref(speech.KindBaseModel, base)
	for i := range 6 {
		made, _, err := m.client().CreateModel(t.Context(), speech.NewModel{
			DisplayName: fmt.Sprintf("version %d", i), Locale: "en-US", BaseModel: &m.base, Datasets: []speech.Ref{data[0].Ref()},
		})
		require.NoError(t, err)
		m.spare = append(m.spare, made.ID())
	}
	require.NoError(t, m.service.Advance(t.Context(), aDay))
	first := m.client().Ref(speech.KindModel, m.spare[0])
	made, _, err := m.client().CreateEndpoint(t.Context(), speech.NewEndpoint{
		DisplayName: "Desk", Locale: "en-US", Model: &first, CustomProperties: map[string]string{"sr.owner": "tests", "sr.model": "desk"},
	})
	require.NoError(t, err)
	m.endpoint = made.ID()
	require.NoError(t, m.service.Advance(t.Context(), time.Hour))
	m.promote(m.spare[0])
	m.spare = m.spare[1:]
	return m
}

// live plays a day and its check, and says what was kept from the operator; "" is nothing.
func (m *months) live(d monthsDay) string {
	m.pass(d.Missed + 1)
	m.happen(d.Event)
	begun := len(m.received)
	m.schedule.at = m.service.Now()
	report, err := m.check()
	m.log += fmt.Sprintf("%s missed %d, %q: %s %s (%v) told %d, %s left\n", m.schedule.at.Format(time.DateOnly),
		d.Missed, d.Event, report.Outcome, report.Reason, err,
		len(m.received)-begun, m.left().Round(time.Hour))
	if m.left() >= nearExpiry || m.running != "" {
		return ""
	}
	if err != nil {
		return m.toldToday(err)
	}
	if _, ok := m.env["FEED_URL"]; !ok && !m.heardOf(func(a lifecycle.Alarm) bool { return a.Kind == lifecycle.AlarmData }) {
		return "nobody was told that the data is gone"
	}
	return m.toldOf(m.expiry())
}

// check runs the check of a day. The retrain that it may start is played by the days.
func (m *months) check() (lifecycle.RenewReport, error) {
	input := m.request(func(r map[string]any) {
		hooked(r)
		r["deploy"] = map[string]any{"endpoint": "Desk"}
		r["training"] = []any{map[string]any{"name": "text", "kind": "Language", "contentUrlFrom": map[string]any{"env": "FEED_URL"}}}
		r["renew"] = map[string]any{"before": "40d"}
	})
	m.schedule.prepare = func(env *bundle) {
		env.OnWorkflow(workflows.TypeRetrain, mock.Anything, mock.Anything).Return(lifecycle.Report{}, nil)
	}
	return m.fire(&m.schedule, input)
}

// toldToday says that the failure of the day's check was not told that day.
func (m *months) toldToday(failure error) string {
	today := m.schedule.at.UTC().Format(time.DateOnly)
	for _, message := range m.received {
		if message.Event == lifecycle.EventFailed && message.At.UTC().Format(time.DateOnly) == today && strings.Contains(message.Summary, m.outage) {
			return ""
		}
	}
	return "the check failed, and nobody was told that day: " + failure.Error()
}

// toldOf says that the nearness of an expiry was never told.
func (m *months) toldOf(at time.Time) string {
	key := "expiring-30-"
	switch left := at.Sub(m.schedule.at); {
	case left <= 0:
		key = "expired-"
	case left <= 7*aDay:
		key = "expiring-7-"
	}
	key += at.UTC().Format(time.DateOnly)
	if m.heardOf(func(a lifecycle.Alarm) bool { return a.Key == key }) {
		return ""
	}
	return "nobody was told of " + key
}

func (m *months) heardOf(is func(lifecycle.Alarm) bool) bool {
	return slices.ContainsFunc(m.received, func(n notify.Message) bool { return slices.ContainsFunc(n.Alarms, is) })
}

// expiry is the last day of what serves; a base model that somebody has set lives long.
func (m *months) expiry() time.Time {
	if at, ok := m.expires[m.serving]; ok {
		return at
	}
	return m.schedule.at.Add(1000 * aDay)
}

func (m *months) left() time.Duration { return m.expiry().Sub(m.schedule.at) }

// pass lets whole days pass, until three in the morning.
func (m *months) pass(n int) {
	to := m.service.Now().UTC().Truncate(aDay).Add(time.Duration(n)*aDay + 3*time.Hour)
	require.NoError(m.t, m.service.SetTime(m.t.Context(), to))
}

// happen plays an event. An outage does not stop who acts on the service by hand.
func (m *months) happen(event string) {
	m.service.ClearFaults(0)
	switch event {
	case "401", "403", "503":
		m.outage = event
	case "well":
		m.outage = ""
	case "hand":
		if m.running == "" && len(m.spare) > 1 {
			m.live60(m.spare[1])
			m.point(m.client().Ref(speech.KindModel, m.spare[1]), m.spare[1])
		}
	case "hand back":
		if !m.expires[m.champion].After(m.service.Now()) {
			break // the service refuses it
		}
		m.point(m.client().Ref(speech.KindModel, m.champion), m.champion)
	case "base by hand":
		m.point(m.base, "")
	case "data gone":
		delete(m.env, "FEED_URL")
	case "data back":
		m.env["FEED_URL"] = m.url + "/files/text.txt"
	case "hook refuses":
		m.answer = http.StatusBadRequest
	case "hook well":
		m.answer = http.StatusNoContent
	case "retrain begins":
		if m.running == "" && len(m.spare) > 0 {
			m.running, m.spare = m.spare[0], m.spare[1:]
			m.runs.running = "run-" + m.running
			m.mark(m.running, lifecycle.StateCandidate)
		}
	case "retrain succeeds":
		if m.running != "" {
			m.promote(m.running)
			m.running, m.runs.running = "", ""
		}
	case "retrain fails":
		if m.running != "" {
			m.mark(m.running, lifecycle.StateFailed)
			m.running, m.runs.running = "", ""
		}
	}
	if m.outage != "" {
		status, err := strconv.Atoi(m.outage)
		require.NoError(m.t, err)
		m.refuse(status)
	}
}

// live60 lets a version live for 60 days, to three in the afternoon: no check meets the very moment.
func (m *months) live60(id string) {
	at := m.service.Now().UTC().Truncate(aDay).Add(60*aDay + 15*time.Hour)
	require.NoError(m.t, m.service.Redate(id, nil, &at))
	m.expires[id] = at
}

// promote lets a version serve as the retrain of the model does.
func (m *months) promote(id string) {
	if m.champion != "" {
		m.mark(m.champion, lifecycle.StateRetired)
	}
	m.live60(id)
	m.mark(id, lifecycle.StateChampion)
	m.point(m.client().Ref(speech.KindModel, id), id)
	m.champion = id
}

func (m *months) mark(id string, state lifecycle.State) {
	v, _, err := m.client().GetModel(m.t.Context(), id)
	require.NoError(m.t, err)
	marks := map[string]string{}
	maps.Copy(marks, v.CustomProperties)
	maps.Copy(marks, map[string]string{"sr.owner": "tests", "sr.model": "desk", "sr.step": "train", "sr.run": "run-" + id, "sr.state": string(state)})
	_, _, err = m.client().UpdateModel(m.t.Context(), id, speech.ModelUpdate{CustomProperties: marks})
	require.NoError(m.t, err)
}

func (m *months) point(ref speech.Ref, serving string) {
	_, _, err := m.client().UpdateEndpoint(m.t.Context(), m.endpoint, speech.EndpointUpdate{Model: &ref})
	require.NoError(m.t, err)
	require.NoError(m.t, m.service.Advance(m.t.Context(), 10*time.Minute)) // until then it shows its old model
	m.serving = serving
}
