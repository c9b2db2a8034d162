// Package page serves what a worker knows of its fleet as pages for people: read-only, without scripts, without a login of
// its own. It looks at the worker's own listing and at Temporal, shares what it has read among all viewers, and says how
// old that is. Nothing that the service or Temporal holds can do more on a page than be read.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
)

//go:embed assets/style.css assets/icon.svg
var assets embed.FS

// Options are what a Page is made of.
type Options struct {
	// Source is where it reads.
	Source *Source
	// Hosts are names by which browsers may call it, besides loopback and the address at which a request arrives: those of
	// a proxy, for example.
	Hosts []string
	// TemporalUI is the address of Temporal's web UI, without a slash at its end; empty = no links into it.
	TemporalUI string
	// Version is that of the program.
	Version string
	Logger  *zap.Logger
	// Now is this machine's clock.
	Now func() time.Time
}

// Page is the handler of all pages.
type Page struct {
	Options
	views  views
	assets map[string]asset
	mux    *http.ServeMux
}

// asset is a file that belongs to the pages.
type asset struct {
	kind string
	body []byte
}

// New makes the pages.
func New(o Options) *Page {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	p := &Page{Options: o, assets: map[string]asset{}, mux: http.NewServeMux()}
	p.views = newViews(p)
	p.mux.HandleFunc("/{$}", p.fleet)
	p.mux.HandleFunc("/model/{name}", p.model)
	p.mux.HandleFunc("/run/{run...}", p.run)
	p.mux.HandleFunc("/calendar", p.calendar)
	p.mux.HandleFunc("/calendar.ics", p.calendarFile)
	p.mux.HandleFunc("/assets/{name}", p.asset)
	p.mux.HandleFunc("/", p.missing)
	return p
}

// ServeHTTP serves a page to who may see it.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard{hosts: p.Hosts, next: p.mux}.ServeHTTP(w, r)
}

// addAsset makes a file known under a name that changes with it, so that browsers may keep it, and returns its path.
func (p *Page) addAsset(file, kind string) string {
	body, err := assets.ReadFile("assets/" + file)
	if err != nil {
		panic(err) // it is embedded
	}
	sum := sha256.Sum256(body)
	stem, end, _ := strings.Cut(file, ".")
	name := stem + "-" + hex.EncodeToString(sum[:6]) + "." + end
	p.assets[name] = asset{kind: kind, body: body}
	return "/assets/" + name
}

func (p *Page) asset(w http.ResponseWriter, r *http.Request) {
	a, ok := p.assets[r.PathValue("name")]
	if !ok {
		p.missing(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.body) // a viewer who has gone needs no answer
}

func (p *Page) missing(w http.ResponseWriter, _ *http.Request) {
	p.show(w, http.StatusNotFound, "message", messageView{
		head:  head{Title: "There is no such page"},
		Lines: []string{"Models, runs and the calendar are reached from the fleet."},
	})
}

// runLink is where a run is shown.
func runLink(workflowID, runID string) string {
	return "/run/" + (&url.URL{Path: workflowID}).EscapedPath() + "/" + url.PathEscape(runID)
}

// modelLink is where a model is shown.
func modelLink(name, locale string) string {
	link := "/model/" + url.PathEscape(name)
	if locale != "" {
		link += "?locale=" + url.QueryEscape(locale)
	}
	return link
}

// temporalLink is where Temporal's web UI shows a run; empty when its address is not known.
func (p *Page) temporalLink(workflowID, runID string) string {
	if p.TemporalUI == "" || workflowID == "" {
		return ""
	}
	link := p.TemporalUI + "/namespaces/" + url.PathEscape(p.Source.Namespace()) + "/workflows/" + url.PathEscape(workflowID)
	if runID != "" {
		link += "/" + url.PathEscape(runID)
	}
	return link
}

// scheduleLink is where Temporal's web UI shows the schedule of a model.
func (p *Page) scheduleLink(id string) string {
	if p.TemporalUI == "" {
		return ""
	}
	return p.TemporalUI + "/namespaces/" + url.PathEscape(p.Source.Namespace()) + "/schedules/" + url.PathEscape(id)
}
