package page

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// modelView is the page of a model.
type modelView struct {
	head

	Name, Locale string
	// Others are the same name in other locales.
	Others   []link
	Headline string
	Tone     string
	Needs    []needView
	Facts    []fact
	Life     template.HTML
	Versions []versionView
	Tests    []testView
	Money    []fact
	// MoneySays says how the costs were reckoned.
	MoneySays string
}

// link leads to another page.
type link struct{ Text, URL string }

// versionView is a version of the table.
type versionView struct {
	Name, ID, State, Tone, Base string
	Created, Expires            string
	Rate                        string
	Decision                    []string
	Mark                        string
	Cost                        string
	Run                         string
	Trained                     string
}

// testView is what one test has measured.
type testView struct {
	Name    string
	Picture template.HTML
	Legend  []legend
	Rows    []measureView
}

// legend explains the marks of a picture.
type legend struct{ Class, Sign, Text string }

// measureView is one measurement.
type measureView struct {
	Version, At, Words, Rate, RateRange, Champion, Base, Difference, Range, Visible string
}

func (p *Page) model(w http.ResponseWriter, r *http.Request) {
	name, locale := r.PathValue("name"), r.URL.Query().Get("locale")
	f, head, code := p.read(r, name, "fleet")
	head.Self = modelLink(name, locale)
	if f == nil {
		p.show(w, code, "message", messageView{head: head, Lines: notYet})
		return
	}
	var found []Model
	for _, m := range f.Models {
		if m.Model == name {
			found = append(found, m)
		}
	}
	at := slices.IndexFunc(found, func(m Model) bool { return lifecycle.SameLocale(m.Locale, locale) })
	switch {
	case at < 0 && len(found) == 1 && locale == "":
		at = 0
	case at < 0:
		head.Title = "There is no model " + words.Model(name, locale)
		v := messageView{Lines: []string{"Neither the service nor a schedule of this Temporal knows it."}}
		if len(found) > 0 {
			head.Title = "Which " + name + "?"
			v.Lines = []string{"It is a model in each of these locales:"}
			for _, m := range found {
				v.Links = append(v.Links, link{words.Model(name, cmp.Or(m.Locale, "no locale")), modelLink(m.Model, m.Locale)})
			}
		}
		v.head = head
		p.show(w, http.StatusNotFound, "message", v)
		return
	}
	v := p.modelOf(*f, found[at], head)
	for i, m := range found {
		if i != at {
			v.Others = append(v.Others, link{cmp.Or(m.Locale, "no locale"), modelLink(m.Model, m.Locale)})
		}
	}
	p.show(w, code, "model", v)
}

// modelOf is the page of a model.
func (p *Page) modelOf(f Fleet, m Model, head head) modelView {
	clock := p.Now()
	now := m.now(clock)
	v := modelView{head: head, Name: m.Model, Locale: m.Locale, Needs: needsOf(m), Tone: leftTone(m, now)}
	v.Title = words.Model(m.Model, m.Locale)
	switch {
	case m.Elsewhere:
		v.Headline = fmt.Sprintf("Checked on task queue %s, by another worker: its own page knows more", m.Queue)
	case m.ObservedAt == nil:
		v.Headline = "What serves is not known: the service was not read"
	case m.ExpiresAt == nil:
		v.Headline = "No version serves yet"
	case !m.ExpiresAt.After(now):
		v.Headline = "Expired on " + words.Day(*m.ExpiresAt) + ", " + leftUntil(m.ExpiresAt, now)
	default:
		v.Headline = "Serves until " + words.Day(*m.ExpiresAt) + ", for " + strings.TrimPrefix(leftUntil(m.ExpiresAt, now), "in ")
	}
	v.Facts = p.factsOf(f, m, clock)
	v.Life = lifeline("life", "Lives of the versions of "+m.Model, "From creation to expiry, newest first; the table below says the same.", m, clock)
	for _, version := range m.Seen.Versions {
		v.Versions = append(v.Versions, p.versionOf(f, m, version))
	}
	names, of := testsOf(m.Seen)
	for i, name := range names {
		v.Tests = append(v.Tests, testOf(i, name, m, of[name], f.Bare))
	}
	v.addMoney(f, m)
	return v
}

// factsOf are what is known of a model now.
func (p *Page) factsOf(f Fleet, m Model, clock time.Time) []fact {
	now := m.now(clock)
	facts := []fact{}
	add := func(name, value, note string) {
		if value != "" {
			facts = append(facts, fact{Name: name, Value: value, Note: note})
		}
	}
	if m.Version != nil {
		add("Serves", *m.Version, opt(m.VersionID))
	}
	if m.Endpoint != nil {
		add("Endpoint", cmp.Or(opt(m.EndpointName), *m.Endpoint), *m.Endpoint)
	} else {
		add("Endpoint", "none", opt(m.EndpointNote))
	}
	if c := m.served(); c != nil {
		note := ""
		if b, ok := f.Bases[c.BaseModelID]; ok && b.AdaptationEndsAt != nil {
			note = "can be trained from until " + words.Day(*b.AdaptationEndsAt)
		}
		add("Base model", cmp.Or(c.BaseModel, c.BaseModelID), note)
		if record := lifecycle.ReadRecord(c.Verdict); !record.Serves.IsZero() {
			add("In service", "since "+words.Day(record.Serves), "")
		}
	}
	add("Word error rate", words.Rate(m.WordErrorRate, ""), "")
	if m.DueAt != nil {
		add("Due", words.Day(*m.DueAt), leftUntil(m.DueAt, now))
	}
	if m.LastResortAt != nil {
		add("Last resort", words.Day(*m.LastResortAt), "from then on judged against what would serve otherwise")
	}
	outcome, _, run := outcomeOf(m)
	facts = append(facts, fact{Name: "Last run", Value: outcome, Link: run})
	add("Last check", checkedOf(m, clock), "")
	schedule := fact{Name: "Next check", Value: strings.TrimPrefix(nextCheckOf(m, clock), "next ")}
	if m.Scheduled {
		schedule.Link = p.scheduleLink(lifecycle.ScheduleID(m.Model))
		schedule.Note = "task queue " + m.Queue
	}
	facts = append(facts, schedule)
	if m.Alarm != nil {
		add("Alarm", *m.Alarm, "")
	}
	if m.Note != nil {
		add("Note", *m.Note, "")
	}
	return facts
}

// stateWords say what a version is to us.
var stateWords = map[lifecycle.State]string{
	lifecycle.StateCandidate: "candidate", lifecycle.StateDeploying: "being deployed", lifecycle.StateChampion: "serves", lifecycle.StateRetired: "served before",
	lifecycle.StateRejected: "rejected", lifecycle.StateRolledBack: "rolled back", lifecycle.StateFailed: "failed", lifecycle.StateAbandoned: "abandoned",
}

// versionOf is a version for the table.
func (p *Page) versionOf(f Fleet, m Model, v lifecycle.Version) versionView {
	view := versionView{
		Name: named(v.DisplayName, m.Model), ID: v.ID, State: cmp.Or(stateWords[v.State], string(v.State), "unmarked"), Tone: string(lifeTone(v)),
		Base: cmp.Or(v.BaseModel, v.BaseModelID), Created: words.DayOf(v.CreatedAt, "not known"), Expires: words.DayOf(v.ExpiresAt, "–"), Mark: v.Verdict,
		Rate: "–",
	}
	if v.Status != lifecycle.StatusSucceeded {
		view.State += ", " + strings.ToLower(v.Status)
	}
	for _, t := range v.Tests {
		if t.WordErrorRate != nil {
			view.Rate = percent(*t.WordErrorRate)
			break
		}
	}
	view.Decision = decisionOf(v)
	if home, run := lifecycle.SplitRun(v.Run); run != "" && !v.Foreign && home != "" {
		view.Run = runLink(lifecycle.RetrainID(m.Model), run)
	}
	cost := costOf(f, m, v)
	if hours, known := lifecycle.TrainingHours(v, m.now(p.Now())); known {
		view.Trained = words.Elapsed(time.Duration(hours * float64(time.Hour)))
	}
	view.Cost = cost.String()
	return view
}

// decisionOf is the mark sr.verdict in words: the gate's arithmetic, what a person has said, and what failed.
func decisionOf(v lifecycle.Version) (lines []string) {
	r := lifecycle.ReadRecord(v.Verdict)
	if decision := r.Decision(); decision != "" {
		lines = append(lines, decision)
	}
	if r.Failures > 0 {
		lines = append(lines, fmt.Sprintf("%s of its tests or deployments, the last on %s", words.Count(r.Failures, "failure"), words.Moment(r.FailedAt)))
	}
	return lines
}

// prices are those of the model's schedule, else the defaults.
func prices(m Model) lifecycle.PriceList {
	if m.Request != nil {
		return m.Request.Renew.Prices.List()
	}
	return lifecycle.Prices{}.List()
}

// costOf is about what a version has cost: its training and its evaluations.
func costOf(f Fleet, m Model, v lifecycle.Version) lifecycle.Cost {
	var charged *bool
	if b, ok := f.Bases[v.BaseModelID]; ok {
		charged = b.Charged
	}
	return lifecycle.VersionCost(v, m.now(time.Time{}), charged, prices(m))
}

// addMoney says about what the model has cost.
func (v *modelView) addMoney(f Fleet, m Model) {
	if len(m.Seen.Versions) == 0 {
		return
	}
	list := prices(m)
	total, hours, audio := 0.0, 0.0, 0.0
	for _, version := range m.Seen.Versions {
		cost := costOf(f, m, version)
		total, hours, audio = total+cost.Amount, hours+cost.TrainingHours, audio+cost.AudioHours
	}
	v.Money = []fact{{
		Name: "These versions", Value: lifecycle.Money(total, list.Currency),
		Note: fmt.Sprintf("%.1f h of charged training, %.1f h of audio in evaluations", hours, audio),
	}}
	if m.Endpoint != nil {
		at := m.now(time.Time{})
		v.Money = append(v.Money, fact{
			Name: "Endpoint", Value: lifecycle.Money(list.Hosting(1, at, at.AddDate(0, 1, 0)), list.Currency), Note: "a month, used or not",
		})
	}
	v.MoneySays = "Estimates: " + list.String() + ". What was deleted is not counted."
}
