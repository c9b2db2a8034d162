package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
)

// noon is this machine's clock in the tests, and the service's.
var noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// at is a moment some days from noon.
func at(days int) *time.Time { return lifecycle.Ptr(noon.AddDate(0, 0, days)) }

// shown is a page whose source reads what a test puts there, and counts how often.
type shown struct {
	*Page
	fleet   Fleet
	plans   Plans
	err     error
	reports map[string]lifecycle.Report
	read    int
	clock   time.Time
}

func newShown(f Fleet) *shown {
	s := &shown{fleet: f, clock: noon, reports: map[string]lifecycle.Report{}}
	now := func() time.Time { return s.clock }
	source := NewSource(SourceOptions{Session: follow.Session{Namespace: "default"}, TaskQueue: "speech-retrainer", Now: now})
	source.fleets.read = func(context.Context) (Fleet, error) {
		s.read++
		return s.fleet, s.err
	}
	source.plans.read = func(context.Context) (Plans, error) { return s.plans, nil }
	s.Page = New(Options{Source: source, Now: now, TemporalUI: "http://ui.example", Version: "v1.2.3"})
	return s
}

// tells makes a run tell a report.
func (s *shown) tells(r lifecycle.Report) {
	s.Source.reports.cache(*r.WorkflowID+"\n"+*r.RunID, func(context.Context) (lifecycle.Report, error) { return r, nil })
}

// get asks for a page as a browser on this machine does.
func (s *shown) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "localhost:8081"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// nodes are the elements of a page that is.
func nodes(t *testing.T, page string, is func(*html.Node) bool) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// texts is what a reader sees of a page, on one line.
func texts(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return err.Error()
	}
	var words []string
	var read func(*html.Node)
	read = func(n *html.Node) {
		if n.Data == "head" || n.Data == "svg" {
			return
		}
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
		for c := range n.ChildNodes() {
			read(c)
		}
	}
	read(root)
	return strings.Join(words, " ")
}

// sampleFleet is one model that serves, with a story of three versions, and one that has expired.
func sampleFleet() Fleet {
	version := func(id string, days int, state lifecycle.State, verdict string, tests ...lifecycle.ObservedTest) lifecycle.Version {
		return lifecycle.Version{
			ID: id, DisplayName: "desk " + noon.AddDate(0, 0, days).Format(time.DateOnly) + " " + id, Status: "Succeeded", State: state, CreatedAt: at(days),
			ExpiresAt: at(days + 500), EndedAt: lifecycle.Ptr(at(days).Add(3 * time.Hour)), BaseModelID: "base", BaseModel: "20260610 Base", Verdict: verdict,
			Run: "home/run-" + id, Tests: tests,
		}
	}
	test := func(rate, compared float64, ofBase bool) lifecycle.ObservedTest {
		return lifecycle.ObservedTest{
			Name: "calls", EvaluationID: "e", Words: lifecycle.Ptr(int64(5200)), WordErrorRate: &rate, Compared: &compared, OfBase: ofBase,
		}
	}
	desk := Model{
		Row: overview.Row{
			Model: "desk", Locale: "en-US", Version: lifecycle.Ptr("desk 2026-07-02 c"), VersionID: lifecycle.Ptr("c"), WordErrorRate: lifecycle.Ptr(0.092),
			Endpoint: lifecycle.Ptr("e0e0"), EndpointName: lifecycle.Ptr("desk-endpoint"), ExpiresAt: at(200), DueAt: at(120), LastResortAt: at(186),
			LastOutcome: lifecycle.Ptr("succeeded"), LastRunID: lifecycle.Ptr("run-c"), Scheduled: true, NextCheck: lifecycle.Ptr(noon.Add(15 * time.Hour)),
			LastGoodCheckAge: lifecycle.Ptr(lifecycle.Duration(9 * time.Hour)), ObservedAt: &noon, Needs: []lifecycle.Need{},
		},
		Queue: "speech-retrainer",
		Seen: lifecycle.Row{Name: "desk", Locale: "en-US", ObservedAt: noon, Versions: []lifecycle.Version{
			version("c", -30, lifecycle.StateChampion, "pass; 0.092 vs 0.110; q:1; at:2026-07-02", test(0.092, 0.110, false)),
			version("b", -90, lifecycle.StateRejected, "fail; 0.170 vs 0.110; no by ann: worse on names", test(0.170, 0.110, false)),
			version("a", -200, lifecycle.StateRetired, "pass; 0.110 vs 0.190", test(0.110, 0.190, true)),
		}},
	}
	broker := Model{
		Row: overview.Row{
			Model: "broker", Locale: "en-GB", Version: lifecycle.Ptr("broker 2025-01-01 z"), ExpiresAt: at(-2), LastOutcome: lifecycle.Ptr("succeeded"),
			ObservedAt: &noon, Needs: []lifecycle.Need{{
				Kind: lifecycle.NeedExpired, Urgency: lifecycle.UrgencyNow, Message: "broker expired on 2026-07-30", Commands: []string{"starter run broker"},
			}},
		},
		Seen: lifecycle.Row{Name: "broker", Locale: "en-GB", ObservedAt: noon},
	}
	return Fleet{
		Models: []Model{broker, desk}, Resource: "west.example", ObservedAt: noon, LookedAt: noon.Add(-12 * time.Second),
		Bases: map[string]lifecycle.Model{"base": {ID: "base", DisplayName: "20260610 Base", Locale: "en-US", AdaptationEndsAt: at(90)}},
		Bare:  map[string][]lifecycle.ObservedTest{"c": {{Name: "calls", WordErrorRate: lifecycle.Ptr(0.15), Words: lifecycle.Ptr(int64(5200))}}},
	}
}

// fails makes the reading of a run fail.
func (s *shown) fails(id, runID string, err error) {
	s.Source.reports.cache(id+"\n"+runID, func(context.Context) (lifecycle.Report, error) { return lifecycle.Report{}, err })
}
