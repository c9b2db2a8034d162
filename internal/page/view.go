package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

//go:embed views/*.html
var files embed.FS

// views are the templates of the pages.
type views map[string]*template.Template

// kinds are the pages that there are, each a file of views/.
var kinds = []string{"fleet", "model", "run", "calendar", "message"}

func newViews(p *Page) views {
	style, icon := p.addAsset("style.css", "text/css; charset=utf-8"), p.addAsset("icon.svg", "image/svg+xml")
	functions := template.FuncMap{
		"style": func() string { return style }, "icon": func() string { return icon }, "version": func() string { return p.Version },
		"day":    func(t *time.Time) string { return words.DayOf(t, "not known") },
		"moment": momentOf, "rate": func(r *float64) string { return words.Rate(r, "–") },
		"count": func(n int, noun string) string { return words.Count(n, noun) },
		"text":  textOf,
	}
	all := views{}
	for _, kind := range kinds {
		all[kind] = template.Must(template.New("layout.html").Funcs(functions).ParseFS(files, "views/layout.html", "views/parts.html", "views/"+kind+".html"))
	}
	return all
}

// momentOf is a time for people.
func momentOf(t any) string {
	switch t := t.(type) {
	case time.Time:
		if !t.IsZero() {
			return words.Moment(t)
		}
	case *time.Time:
		if t != nil {
			return words.Moment(*t)
		}
	}
	return "not known"
}

// textOf is a text that may be absent.
func textOf(s *string) string {
	if s == nil || *s == "" {
		return "–"
	}
	return *s
}

// head is what is at the top of each page.
type head struct {
	Title string
	// At is the page of the navigation that this is, or belongs to.
	At string
	// Resource and Namespace say of what the page tells.
	Resource, Namespace string
	// Ages say how old what is shown is.
	Ages []string
	// Troubles are what could not be read.
	Troubles []trouble
	// Self is the address of this page, for its link to itself.
	Self string
	// Refresh asks the browser to load the page again after so many seconds: only while there is nothing to read yet.
	Refresh int
}

// trouble is something that could not be read, in words.
type trouble struct{ What, Why, Next string }

// troubleFrom is a failure for people.
func troubleFrom(what string, f *exit.Failure) trouble {
	t := trouble{What: what, Why: f.Cause.Message}
	if f.Cause.Next != nil {
		t.Next = *f.Cause.Next
	}
	return t
}

// messageView is a page that only says something.
type messageView struct {
	head

	Lines []string
	// Links are where to go from here, beside the fleet.
	Links []link
}

// show writes a page. Whatever is not visible in what the service and Temporal hold becomes a blank: no name turns the
// direction of writing, or hides.
func (p *Page) show(w http.ResponseWriter, code int, kind string, view any) {
	var out bytes.Buffer
	if err := p.views[kind].Execute(&out, view); err != nil {
		p.Logger.Error("a page could not be made", zap.String("page", kind), zap.Error(err))
		refuse(w, http.StatusInternalServerError, "this page could not be made: see the worker's log")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(bytes.Map(printable, out.Bytes())) // a viewer who has gone needs no answer
}

// printable keeps what can be seen, and line ends.
func printable(r rune) rune {
	if r == '\n' || r != utf8.RuneError && unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// fact is one line of a list of facts.
type fact struct {
	Name, Value string
	// Note is said smaller, Link leads to more; empty without.
	Note, Link string
	// Code tells that the value is to be copied.
	Code bool
}

// needView is a need of a model, for the page.
type needView struct {
	lifecycle.Need

	Model, Link, Title string
}

// Sign is what stands before it: urgency is not told by colour alone.
func (n needView) Sign() string {
	switch n.Urgency {
	case lifecycle.UrgencyNow:
		return "Now"
	case lifecycle.UrgencySoon:
		return "Soon"
	}
	return "Note"
}

// Tone is its class.
func (n needView) Tone() string { return string(n.Urgency) }

// needKinds say what a need is about, in a word or two.
var needKinds = map[lifecycle.NeedKind]string{
	lifecycle.NeedApproval: "waits for an answer", lifecycle.NeedExpired: "expired", lifecycle.NeedMissing: "nothing serves",
	lifecycle.NeedChanged: "changed by hand", lifecycle.NeedExpiring: "expires soon", lifecycle.NeedStuck: "stuck",
	lifecycle.NeedBudget: "over budget", lifecycle.NeedData: "data cannot be read", lifecycle.NeedEndpointGone: "endpoint is gone",
	lifecycle.NeedEndpointUnknown: "endpoint not known", lifecycle.NeedChecks: "checks fail", lifecycle.NeedSchedule: "nobody renews it",
	lifecycle.NeedPaused: "paused", lifecycle.NeedOwners: "two owners", lifecycle.NeedHomes: "two homes", lifecycle.NeedRetrain: "retrain in trouble",
	lifecycle.NeedFailed: "retrain failed", lifecycle.NeedEndpointLeft: "endpoint left behind",
}

func needsOf(m Model) []needView {
	views := make([]needView, 0, len(m.Needs))
	for _, n := range m.Needs {
		v := needView{Need: n, Model: words.Model(m.Model, m.Locale), Link: modelLink(m.Model, m.Locale), Title: needKinds[n.Kind]}
		if v.Title == "" {
			v.Title = string(n.Kind)
		}
		views = append(views, v)
	}
	return views
}

// ago is how long ago something was, as a page says it.
func ago(now, then time.Time) string { return words.Elapsed(now.Sub(then)) + " ago" }

// leftUntil is how long until a day, by the service's now: "in 45 days", "today", "3 days ago".
func leftUntil(at *time.Time, now time.Time) string {
	if at == nil {
		return ""
	}
	left := at.Sub(now)
	switch days := int(left.Abs() / day); {
	case left <= 0 && days == 0:
		return "today"
	case left <= 0:
		return words.Count(days, "day") + " ago"
	case days == 0:
		return "in " + words.Elapsed(left)
	default:
		return "in " + words.Count(days, "day")
	}
}

// line is a text from outside, on one line.
func line(s string) string { return strings.TrimSpace(visible.Line(s)) }

// percent is a rate for people.
func percent(r float64) string { return words.Rate(&r, "") }

// named is a display name without the model's, which stands beside it.
func named(display, model string) string {
	if short := strings.TrimPrefix(display, model+" "); short != "" {
		return short
	}
	return fmt.Sprintf("(%s)", model)
}
