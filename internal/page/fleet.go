package page

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// onePage is how many models a page of the fleet lists, and mostNeeds how many needs it tells before it names the rest.
const (
	onePage   = 100
	mostNeeds = 20
)

// fleetView is the page of the fleet.
type fleetView struct {
	head

	Headline string
	// Calm tells that nothing needs a person.
	Calm      bool
	Needs     []needView
	MoreNeeds int
	Tiles     []tile
	Filter    filter
	Rows      []fleetRow
	// Found is how many models the filter leaves, Total how many there are; From and To are those of this page.
	Found, Total, From, To int
	Previous, Next         string
}

// tile is a number of the fleet.
type tile struct {
	Label string
	Count int
	Link  string
	Tone  string
	Here  bool
}

// filter is what of the fleet is asked for.
type filter struct {
	Text, Show string
	Page       int
}

// link is the address of the fleet with another filter.
func (f filter) link() string {
	q := url.Values{}
	if f.Text != "" {
		q.Set("q", f.Text)
	}
	if f.Show != "" {
		q.Set("show", f.Show)
	}
	if f.Page > 1 {
		q.Set("page", strconv.Itoa(f.Page))
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

// fleetRow is one model of the list.
type fleetRow struct {
	Name, Locale, Link string
	// Tone and Sign are its urgency; empty when nobody is needed.
	Tone, Sign string
	Expires    string
	Left       string
	LeftTone   string
	Bar        template.HTML
	BarSays    []string
	Rate       string
	Trend      template.HTML
	TrendSays  []string
	Endpoint   string
	Version    string
	Outcome    string
	OutcomeOf  string
	RunLink    string
	Checked    string
	NextCheck  string
	Flags      []flag
}

// flag is something to know of a model, in a word or two.
type flag struct{ Text, Tone string }

// shows are the parts of a fleet that can be shown alone, in the order of the tiles; one is the label of a single model.
var shows = []struct {
	name, label, one, tone string
	is                     func(Model, time.Time) bool
}{
	{"", "models", "model", "", func(Model, time.Time) bool { return true }},
	{"needs", "need a person", "needs a person", "now", func(m Model, _ time.Time) bool { return m.urgency() != "" }},
	{"expired", "expired", "expired", "now", func(m Model, now time.Time) bool { return m.ExpiresAt != nil && !m.ExpiresAt.After(m.now(now)) }},
	{"due", "past their due day", "past its due day", "soon", func(m Model, now time.Time) bool {
		n := m.now(now)
		return m.DueAt != nil && !m.DueAt.After(n) && (m.ExpiresAt == nil || m.ExpiresAt.After(n))
	}},
	{"running", "in a retrain", "in a retrain", "busy", func(m Model, _ time.Time) bool { return m.RetrainRunID != nil }},
	{"paused", "paused", "paused", "", func(m Model, _ time.Time) bool { return m.Paused }},
	{"unscheduled", "without a schedule", "without a schedule", "", func(m Model, _ time.Time) bool { return !m.Scheduled }},
}

func (p *Page) fleet(w http.ResponseWriter, r *http.Request) {
	f, head, code := p.read(r, "Fleet", "fleet")
	if f == nil {
		p.show(w, code, "message", messageView{head: head, Lines: notYet})
		return
	}
	asked := filter{Text: strings.TrimSpace(r.URL.Query().Get("q")), Show: r.URL.Query().Get("show")}
	asked.Page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	head.Self = asked.link()
	p.show(w, code, "fleet", fleetOf(*f, asked, head, p.Now()))
}

// fleetOf is the page of a fleet, as far as a filter leaves it.
func fleetOf(f Fleet, asked filter, head head, now time.Time) fleetView {
	v := fleetView{head: head, Filter: asked, Total: len(f.Models)}
	is := shows[0].is
	needing := 0
	for _, s := range shows {
		t := tile{Label: s.label, Link: filter{Text: asked.Text, Show: s.name}.link(), Tone: s.tone, Here: s.name == asked.Show}
		for _, m := range f.Models {
			if s.is(m, now) {
				t.Count++
			}
		}
		if t.Count == 1 {
			t.Label = s.one
		}
		if s.name == "needs" {
			needing = t.Count
		}
		if s.name == asked.Show {
			is = s.is
		}
		if t.Count > 0 || s.name == "" || t.Here {
			v.Tiles = append(v.Tiles, t)
		}
	}
	v.Calm = needing == 0
	switch {
	case v.Total == 0:
		v.Headline = "No models yet"
	case needing == 0:
		v.Headline = "Nothing needs a person"
	case needing == 1:
		v.Headline = "1 model needs a person"
	default:
		v.Headline = fmt.Sprintf("%d models need a person", needing)
	}
	var found []Model
	for _, m := range f.Models {
		if !is(m, now) || !matches(m, asked.Text) {
			continue
		}
		found = append(found, m)
		for _, n := range needsOf(m) {
			switch {
			case n.Urgency == lifecycle.UrgencyNote:
			case len(v.Needs) < mostNeeds:
				v.Needs = append(v.Needs, n)
			default:
				v.MoreNeeds++
			}
		}
	}
	v.Found = len(found)
	pages := max((v.Found+onePage-1)/onePage, 1)
	at := min(max(asked.Page, 1), pages)
	first := (at - 1) * onePage
	for _, m := range found[first:min(first+onePage, v.Found)] {
		v.Rows = append(v.Rows, rowOf(m, now))
	}
	v.From, v.To = min(first+1, v.Found), first+len(v.Rows)
	if at > 1 {
		v.Previous = filter{asked.Text, asked.Show, at - 1}.link()
	}
	if at < pages {
		v.Next = filter{asked.Text, asked.Show, at + 1}.link()
	}
	return v
}

// matches tells whether a model's name, locale, endpoint or version holds a text.
func matches(m Model, text string) bool {
	text = strings.ToLower(text)
	for _, s := range []string{m.Model, m.Locale, opt(m.EndpointName), opt(m.Version)} {
		if strings.Contains(strings.ToLower(s), text) {
			return true
		}
	}
	return false
}

func opt(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// rowOf is a model of the list.
func rowOf(m Model, clock time.Time) fleetRow {
	now := m.now(clock)
	row := fleetRow{
		Name: m.Model, Locale: m.Locale, Link: modelLink(m.Model, m.Locale), Rate: words.Rate(m.WordErrorRate, "–"),
		Endpoint: opt(m.EndpointName), Expires: words.DayOf(m.ExpiresAt, "not known"), Left: leftUntil(m.ExpiresAt, now), LeftTone: leftTone(m, now),
		NextCheck: nextCheckOf(m, clock), Checked: checkedOf(m, clock),
	}
	if u := m.urgency(); u != "" {
		row.Tone = string(u)
		row.Sign = needsOf(m)[0].Title
	}
	if m.Version != nil {
		row.Version = named(*m.Version, m.Model)
	}
	if row.Endpoint == "" {
		row.Endpoint = opt(m.Endpoint)
	}
	switch {
	case m.Elsewhere:
		row.Expires, row.Left = "on another worker", ""
	case m.ObservedAt == nil:
		row.Expires, row.Left = "not read", ""
	default:
		row.Bar = expiryBar(m, now)
		row.BarSays = barSays(m)
	}
	row.Outcome, row.OutcomeOf, row.RunLink = outcomeOf(m)
	row.Trend, row.TrendSays = trendOf(m)
	row.Flags = flagsOf(m)
	return row
}

// leftTone is how near the end of what serves is.
func leftTone(m Model, now time.Time) string {
	switch {
	case m.ExpiresAt == nil:
		return ""
	case !m.ExpiresAt.After(now):
		return "now"
	case m.LastResortAt != nil && !m.LastResortAt.After(now):
		return "now"
	case m.DueAt != nil && !m.DueAt.After(now):
		return "soon"
	}
	return "ok"
}

// outcomeOf says how the newest run has ended or how far it is, what that was a word for, and where it is shown.
func outcomeOf(m Model) (text, tone, link string) {
	if m.RetrainRunID != nil {
		text = "running"
		if m.Stage != nil {
			text = string(*m.Stage)
		}
		if m.WaitingFor != nil && m.WaitingFor.Kind == lifecycle.WaitsForApproval {
			text = "waits for an answer"
		}
		return text, "busy", runLink(lifecycle.RetrainID(m.Model), *m.RetrainRunID)
	}
	if m.LastOutcome == nil {
		return "–", "", ""
	}
	text = *m.LastOutcome
	switch lifecycle.Outcome(text) {
	case lifecycle.Succeeded:
		tone = "ok"
	case lifecycle.Rejected, lifecycle.Canceled:
		tone = "soon"
	case lifecycle.Failed:
		tone = "now"
	}
	if m.LastRunID != nil {
		link = runLink(lifecycle.RetrainID(m.Model), *m.LastRunID)
	}
	return text, tone, link
}

// checkedOf says when the last good check was.
func checkedOf(m Model, clock time.Time) string {
	switch {
	case m.LastGoodCheckAge != nil:
		return "good " + words.Elapsed(m.LastGoodCheckAge.Std()) + " ago"
	case m.LastGoodCheck != nil:
		return "good " + ago(clock, *m.LastGoodCheck)
	case m.Scheduled:
		return "no good one known"
	}
	return "never checked"
}

// nextCheckOf says when the next check is.
func nextCheckOf(m Model, clock time.Time) string {
	switch {
	case m.Paused && m.PauseNote != nil:
		return words.Paused(*m.PauseNote)
	case m.Paused:
		return "paused"
	case !m.Scheduled:
		return "no schedule"
	case m.NextCheck == nil:
		return "not known"
	}
	if left := m.NextCheck.Sub(clock); left < 2*day {
		return "next in " + words.Elapsed(left)
	}
	return "next on " + words.Day(*m.NextCheck)
}

// flagsOf are what else is to be known of a model.
func flagsOf(m Model) []flag {
	var flags []flag
	if m.Elsewhere {
		flags = append(flags, flag{"task queue " + m.Queue, ""})
	}
	if m.Alarm != nil && len(m.Needs) == 0 {
		flags = append(flags, flag{"alarm " + *m.Alarm, "soon"})
	}
	if m.Note != nil {
		flags = append(flags, flag{*m.Note, "soon"})
	}
	if m.EndpointNote != nil && m.Endpoint == nil {
		flags = append(flags, flag{*m.EndpointNote, "soon"})
	}
	if len(m.Trouble) > 0 {
		flags = append(flags, flag{"its retrain does not get on", "soon"})
	}
	return flags
}
