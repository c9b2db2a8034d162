package page

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// everyPage are the pages of the sample fleet, by their names.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	s := newShown(sampleFleet())
	s.clock = sample.At(2 * time.Hour)
	report := sample.AtApproval()
	report.Tests = []lifecycle.TestReport{{
		Name: "calls", Words: lifecycle.Ptr(int64(5200)), WordErrorRate: lifecycle.Ptr(0.092), Champion: lifecycle.Ptr(0.11), Base: lifecycle.Ptr(0.19),
		Difference: lifecycle.Ptr(-0.018), Interval: &[2]float64{-0.03, -0.006}, Visible: lifecycle.Ptr(0.012), Verdict: lifecycle.Inconclusive,
		Reason: "too few words",
	}}
	s.tells(report)
	s.plans = Plans{
		Plans: []lifecycle.Plan{{Name: "desk", Locale: "en-US", ObservedAt: noon, PlannedMoney: lifecycle.PlannedMoney{
			Prices: &lifecycle.PriceList{Currency: "EUR", TrainingHour: 10, EndpointHour: 0.05}, Estimate: &lifecycle.Cost{Trainings: 1, TrainingHours: 3},
			NextRetrainAt: at(120), Hosted: true,
		}, Endpoint: lifecycle.Ptr("stays")}},
		Unplanned: []string{"broker: no schedule"},
	}
	pages := map[string]string{}
	for name, path := range map[string]string{
		"fleet": "/", "model": "/model/desk?locale=en-US", "run": runLink(*report.WorkflowID, *report.RunID), "calendar": "/calendar", "message": "/nothing",
	} {
		w := s.get(path)
		require.Equal(t, name == "message", w.Code == http.StatusNotFound, name)
		pages[name] = w.Body.String()
	}
	return pages
}

// What each page says, word by word. See them as pictures with make test-screens.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, page := range everyPage(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bundle.Golden(t, name+".golden", texts(page)+"\n")
		})
	}
}

// A page can be used without a mouse, without seeing it, and under the policy of its content.
func TestPagesAreForEverybody(t *testing.T) {
	t.Parallel()
	for name, page := range everyPage(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tag := func(names ...string) []*html.Node {
				return nodes(t, page, func(n *html.Node) bool { return slices.Contains(names, n.Data) })
			}
			require.Empty(t, tag("script", "style", "iframe", "object", "embed", "base"))
			require.Empty(t, nodes(t, page, func(n *html.Node) bool {
				return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "style" || strings.HasPrefix(a.Key, "on") })
			}), "the policy blocks them")
			require.Equal(t, "en", attribute(tag("html")[0], "lang"))
			require.Len(t, tag("h1"), 1)
			require.Len(t, tag("main"), 1)
			require.NotEmpty(t, tag("nav"))
			require.Contains(t, page, `href="#content"`)
			require.Contains(t, page, `name="viewport"`)
			for _, table := range tag("table") {
				require.Equal(t, "caption", first(table).Data)
			}
			for _, th := range tag("th") {
				require.Contains(t, []string{"col", "row"}, attribute(th, "scope"))
			}
			ids := map[string]bool{}
			for _, n := range nodes(t, page, func(n *html.Node) bool { return attribute(n, "id") != "" }) {
				require.False(t, ids[attribute(n, "id")], "twice: %s", attribute(n, "id"))
				ids[attribute(n, "id")] = true
			}
			for _, n := range nodes(t, page, func(*html.Node) bool { return true }) {
				for _, of := range strings.Fields(attribute(n, "aria-labelledby")) {
					require.True(t, ids[of], "there is no %s", of)
				}
			}
			for _, picture := range tag("svg") {
				if attribute(picture, "aria-hidden") == "true" {
					continue
				}
				require.Equal(t, "img", attribute(picture, "role"))
				require.Equal(t, "title", first(picture).Data)
				require.NotEmpty(t, first(picture).FirstChild.Data)
			}
			for _, n := range tag("a", "link", "img", "form") {
				for _, of := range []string{"href", "src", "action"} {
					to := attribute(n, of)
					require.True(t, to == "" || strings.HasPrefix(to, "/") || to == "#content" || strings.HasPrefix(to, "http://ui.example/"), to)
				}
			}
		})
	}
}

func first(n *html.Node) *html.Node {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return n
}

// Whatever others write into names, marks and messages, a page shows it as text: no element, no link, no control character, no
// change of the direction of writing.
func TestNamesOfOthersAreHarmless(t *testing.T) {
	t.Parallel()
	text := hostile.Text + `"'></a><script>alert(1)</script>{{.}}javascript:alert(1)` + "\u202e\u2066\u200f\x00"
	fleet := sampleFleet()
	evil := hostile.Filled[Model](text)
	evil.Row.Needs[0].Urgency, evil.Row.Needs[1].Urgency = lifecycle.UrgencyNow, lifecycle.UrgencySoon
	evil.Seen.Versions[0].State, evil.Seen.Versions[1].State = lifecycle.StateChampion, lifecycle.StateRetired
	for i := range evil.Seen.Versions {
		evil.Seen.Versions[i].CreatedAt = at(-40 - i)
	}
	fleet.Models = append(fleet.Models, evil)
	fleet.Unread = exit.New(exit.Failed, lifecycle.Unavailable, "%s", text).Next("%s", text)
	fleet.Resource = text
	s := newShown(fleet)
	report := hostile.Filled[lifecycle.Report](text)
	report.Outcome, report.WorkflowID, report.RunID = lifecycle.Running, lifecycle.Ptr("retrain/x"), lifecycle.Ptr("r")
	s.tells(report)
	s.plans = Plans{Unplanned: []string{text}, Plans: []lifecycle.Plan{hostile.Filled[lifecycle.Plan](text)}}
	calm := newShown(sampleFleet())
	for _, path := range []string{"/", "/?q=" + "%22%3E%3Cscript%3E", modelLink(text, text), "/run/retrain/x/r", "/calendar", "/?show=%22%3E%3Cb%3E"} {
		w := s.get(path)
		require.Equal(t, http.StatusOK, w.Code, path)
		page := w.Body.String()
		for _, r := range page {
			require.True(t, r == '\n' || unicode.IsPrint(r), "%q in %s", r, path)
		}
		require.Empty(t, nodes(t, page, func(n *html.Node) bool {
			return n.Data == "script" || n.Data == "style" || slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
				return strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.TrimSpace(a.Val), "javascript:")
			})
		}), path)
		for _, n := range nodes(t, page, func(n *html.Node) bool { return n.Data == "a" || n.Data == "b" || n.Data == "h1" }) {
			require.NotContains(t, attribute(n, "href"), "<")
		}
		// The same page of a calm fleet has the same kinds of elements.
		require.Subset(t, kindsOf(t, page), []string{"html", "main"})
		require.Subset(t, append(kindsOf(t, calm.get("/").Body.String()), "details", "summary", "ul", "figure", "figcaption", "dl", "dt", "dd", "div", "code",
			"pre", "ol", "circle", "text", "desc", "strong", "br", "nav", "meta"), kindsOf(t, page), path)
	}
}

func kindsOf(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	for _, n := range nodes(t, page, func(*html.Node) bool { return true }) {
		all = append(all, n.Data)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A page says how old what it shows is, and what could not be read, in words and in its code.
func TestAgesAndErrors(t *testing.T) {
	t.Parallel()
	s := newShown(sampleFleet())
	s.fleet.Models[1].CrawlAge = lifecycle.Ptr(lifecycle.Duration(9 * time.Minute))
	page := texts(s.get("/").Body.String())
	require.Contains(t, page, "service read 12s ago, marks and deletions up to 9m12s old · Temporal read 0s ago · Load again")
	s.clock = noon.Add(10 * time.Second)
	require.Contains(t, texts(s.get("/").Body.String()), "service read 22s ago")
	require.Equal(t, 1, s.read)

	s.clock = noon.Add(time.Minute)
	s.err = exit.New(exit.Unreachable, lifecycle.Unavailable, "cannot reach Temporal at here:7233").Next("start it")
	w := s.get("/")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	page = texts(w.Body.String())
	require.Contains(t, page, "Temporal could not be read: what is shown of it is older. cannot reach Temporal at here:7233 What to do: start it.")
	require.Contains(t, page, "Temporal read 1m00s ago")
	require.Contains(t, page, "desk-endpoint", "it can be used all the same")

	s = newShown(sampleFleet())
	s.fleet.Unread = exit.New(exit.Failed, lifecycle.Unauthorized, "the service refuses the key")
	w = s.get("/")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, texts(w.Body.String()), "The service could not be read: what is shown of it is from the last time. the service refuses the key")

	s = newShown(Fleet{})
	s.err = exit.New(exit.Unreachable, lifecycle.Unavailable, "cannot reach Temporal")
	w = s.get("/model/desk")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, texts(w.Body.String()), "The fleet could not be read")

	skewed := sampleFleet()
	skewed.ObservedAt = noon.AddDate(0, 2, 0)
	require.Contains(t, texts(newShown(skewed).get("/").Body.String()), "by the service’s clock it was 2026-10-01 12:00 UTC")
}

// The models that need a person come first, with the command to copy; a name that is none has no command.
func TestWhatNeedsAPersonComesFirst(t *testing.T) {
	t.Parallel()
	page := texts(newShown(sampleFleet()).get("/").Body.String())
	require.Regexp(t, `1 model needs a person.*Now broker \(en-GB\) expired broker expired on 2026-07-30 starter run broker.*Models`, page)
	require.Contains(t, page, "Models 2 models 1 needs a person 1 expired")
	require.Less(t, strings.Index(page, "broker en-GB"), strings.Index(page, "desk en-US"))
	calm := sampleFleet()
	calm.Models = calm.Models[1:]
	page = texts(newShown(calm).get("/").Body.String())
	require.Contains(t, page, "Nothing needs a person")
	require.Contains(t, page, "Models 1 model ")
	require.Contains(t, texts(newShown(Fleet{LookedAt: noon}).get("/").Body.String()), "No models yet")
}

// A large fleet comes in pages, and can be narrowed.
func TestPagesOfModels(t *testing.T) {
	t.Parallel()
	f := sampleFleet()
	desk := f.Models[1]
	f.Models = nil
	for i := range 1001 {
		m := desk
		m.Row.Model = fmt.Sprintf("desk-%04d", i)
		m.Row.Paused = i%10 == 0
		f.Models = append(f.Models, m)
	}
	s := newShown(f)
	rows := func(path string) []string {
		return regexp.MustCompile(`href="/model/(desk-\d+)`).FindAllString(s.get(path).Body.String(), -1)
	}
	require.Len(t, rows("/"), onePage)
	require.Contains(t, rows("/?page=2")[0], "desk-0100")
	require.Len(t, rows("/?page=11"), 1)
	require.Len(t, rows("/?page=999"), 1, "the last one")
	require.Len(t, rows("/?page=-5"), onePage)
	require.Len(t, rows("/?q=DESK-000"), 10)
	require.Len(t, rows("/?show=paused&page=2"), 1)
	require.Contains(t, s.get("/?show=paused").Body.String(), `href="/?page=2&amp;show=paused"`)
	require.Contains(t, texts(s.get("/?q=nothing-like-it").Body.String()), "No model is left")
}

// One name can be several models, each of a locale.
func TestModelsOfOneName(t *testing.T) {
	t.Parallel()
	f := sampleFleet()
	german := f.Models[1]
	german.Row.Locale = "de-DE"
	f.Models = append(f.Models, german)
	s := newShown(f)
	require.Equal(t, http.StatusNotFound, s.get("/model/desk").Code, "which one is meant is not guessed")
	which := s.get("/model/desk").Body.String()
	require.Contains(t, texts(which), "Which desk? It is a model in each of these locales: desk (")
	require.Contains(t, which, `<li><a href="/model/desk?locale=de-DE">desk (de-DE)</a></li>`)
	require.Equal(t, http.StatusOK, s.get("/model/desk?locale=DE-de").Code)
	require.Contains(t, texts(s.get("/model/desk?locale=en-US").Body.String()), "Also in de-DE")
	require.Equal(t, http.StatusNotFound, s.get("/model/nobody").Code)
	require.Equal(t, http.StatusOK, s.get("/model/broker").Code, "there is only one")
}

// Runs of other workflows of the namespace are not shown; one that Temporal has forgotten is made from the marks.
func TestRuns(t *testing.T) {
	t.Parallel()
	s := newShown(sampleFleet())
	for _, path := range []string{"/run/payroll/1", "/run/retrain/", "/run/x", "/run/", "/run/retrain/desk", "/run/renew/desk/r"} {
		require.Equal(t, http.StatusNotFound, s.get(path).Code, path)
	}
	gone := exit.New(exit.Failed, exit.NotFound, "Temporal knows no run")
	s.fails("retrain/desk", "run-b", gone)
	w := s.get("/run/retrain/desk/run-b")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, texts(w.Body.String()), "Rejected: the version does not serve")
	require.Contains(t, texts(w.Body.String()), "made from what the service shows, read 12s ago")
	require.Contains(t, w.Body.String(), "http://ui.example/namespaces/default/workflows/retrain%2Fdesk/run-b")
	s.fails("retrain/desk", "run-x", gone)
	require.Equal(t, http.StatusNotFound, s.get("/run/retrain/desk/run-x").Code)
	s.fails("retrain/desk", "run-c", exit.New(exit.Unreachable, lifecycle.Unavailable, "cannot reach Temporal"))
	w = s.get("/run/retrain/desk/run-c")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, texts(w.Body.String()), "Temporal could not be read. cannot reach Temporal")
}
