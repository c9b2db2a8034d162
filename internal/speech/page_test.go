package speech_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/speech"
)

// paged serves models in pages of the given size; the last page has the next link as given.
func paged(t *testing.T, host func() string, models []map[string]any, size int, last string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
		end := min(skip+size, len(models))
		body := `{"values":` + encode(t, models[skip:end])
		if end < len(models) {
			next := *r.URL
			query := next.Query()
			query.Set("skip", strconv.Itoa(end))
			next.RawQuery = query.Encode()
			body += fmt.Sprintf(`,"@nextLink":"%s/speechtotext%s"`, host(), next.String())
		} else {
			body += last
		}
		reply(http.StatusOK, body+"}", "Retry-After", strconv.Itoa(5+skip))(w, r)
	}
}

func TestListFollowsPages(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{"absent": "", "null": `,"@nextLink":null`, "empty": `,"@nextLink":""`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *service
			var models []map[string]any
			s = setup(t, func(w http.ResponseWriter, r *http.Request) {
				paged(t, func() string { return s.URL }, models, 1, last)(w, r)
			})
			for i := range 4 {
				models = append(models, modelJSON(s.URL, fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), "m"))
			}
			got, meta, err := s.Client.ListModels(t.Context(), speech.Filter{Locale: "en-US"})
			require.NoError(t, err)
			require.Len(t, got, 4)
			require.Equal(t, speech.Meta{ObservedAt: serviceNow, HasRetryAfter: true, RetryAfter: 9 * time.Second}, meta)
			require.Len(t, s.sent(), 5, "once more, since the last page was as large as the others")
			require.Equal(t, []string{"100"}, s.sent()[0].Query["top"])
			require.Equal(t, []string{"locale eq 'en-US'"}, s.sent()[3].Query["filter"])
		})
	}
}

// What a list costs, and that it is whole, however the service makes its pages.
func TestListIsWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		total, most int // models, and the largest page
		links       string
		requests    int
	}{
		"a short page":                      {total: 37, most: 100, requests: 1},
		"without links":                     {total: 250, most: 100, requests: 3},
		"a full page without a link":        {total: 100, most: 100, requests: 2},
		"full pages without links":          {total: 200, most: 100, requests: 3},
		"links":                             {total: 250, most: 100, links: "own", requests: 3},
		"small pages with links":            {total: 25, most: 10, links: "own", requests: 3},
		"small pages, the last one full":    {total: 30, most: 10, links: "own", requests: 4},
		"links into another list":           {total: 250, most: 100, links: "foreign", requests: 3},
		"links that drop the filter":        {total: 250, most: 100, links: "unfiltered", requests: 3},
		"a service that does not know skip": {total: 100, most: 100, links: "deaf", requests: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *service
			models := []map[string]any{}
			s = setup(t, func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				skip, _ := strconv.Atoi(query.Get("skip"))
				top, err := strconv.Atoi(query.Get("top"))
				if err != nil || r.URL.Path != "/models" {
					reply(http.StatusBadRequest, `{"code":"InvalidRequest","message":"not this list"}`)(w, r)
					return
				}
				if tt.links == "deaf" {
					skip = 0
				}
				from := min(skip, len(models))
				end := min(from+min(top, tt.most), len(models))
				body := `{"values":` + encode(t, models[from:end])
				if path := map[string]string{"own": "models", "foreign": "evaluations/" + id1 + "/files", "unfiltered": "models"}[tt.links]; path != "" &&
					end < len(models) {
					if query.Set("skip", strconv.Itoa(end)); tt.links != "own" {
						query.Del("filter")
					}
					body += fmt.Sprintf(`,"@nextLink":"%s/speechtotext/%s?%s"`, s.URL, path, query.Encode())
				}
				reply(http.StatusOK, body+"}")(w, r)
			})
			for i := range tt.total {
				models = append(models, modelJSON(s.URL, fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), "m"))
			}
			got, _, err := s.Client.ListModels(t.Context(), speech.Filter{Locale: "en-US"})
			require.NoError(t, err)
			require.Len(t, got, tt.total)
			require.Len(t, s.sent(), tt.requests)
			require.Equal(t, []string{"locale eq 'en-US'"}, s.sent()[0].Query["filter"])
		})
	}
}

func TestListRefusesToLeave(t *testing.T) {
	t.Parallel()
	other := setup(t, reply(http.StatusOK, `{"values":[]}`))
	tests := map[string]struct{ link, want string }{
		"another host":    {"https://evil.example/speechtotext/models?skip=1&sig=s3cr3t", "https://evil.example"},
		"another port":    {other.URL + "/speechtotext/models?skip=1", other.URL},
		"another scheme":  {"https://HOST/speechtotext/models", "https://"},
		"another path":    {"http://HOST/admin/keys", "http://HOST"},
		"userinfo":        {"http://u:s3cr3t@HOST/speechtotext/models", "http://HOST"},
		"a relative link": {"/speechtotext/models?skip=1", "not a URL"},
		"rubbish":         {"http://[::1", "not a URL"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *service
			s = setup(t, func(w http.ResponseWriter, r *http.Request) {
				link := strings.ReplaceAll(tt.link, "HOST", s.Client.Resource())
				reply(http.StatusOK, fmt.Sprintf(`{"values":[],"@nextLink":%q}`, link))(w, r)
			})
			_, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
			require.ErrorContains(t, err, strings.ReplaceAll(tt.want, "HOST", s.Client.Resource()))
			require.NotContains(t, err.Error(), "s3cr3t")
			require.False(t, serviceError(t, err).Transient())
			require.Len(t, s.sent(), 1)
		})
	}
	t.Cleanup(func() { require.Empty(t, other.sent(), "no key goes to another port") })
}

// The host's spelling does not matter.
func TestNextLinkInCapitals(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("skip") != "" {
			reply(http.StatusOK, `{"values":[]}`)(w, r)
			return
		}
		link := strings.Replace(s.URL, "http://127.0.0.1", "HTTP://127.0.0.1", 1)
		reply(http.StatusOK, fmt.Sprintf(`{"values":[],"@nextLink":"%s/speechtotext/models?skip=1&api-version=2025-10-15"}`, link))(w, r)
	})
	_, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
	require.NoError(t, err)
}

func TestListThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		skip := map[string]string{"": "1", "1": "2", "2": "1"}[r.URL.Query().Get("skip")]
		reply(http.StatusOK, fmt.Sprintf(`{"values":[],"@nextLink":"%s/speechtotext/models?skip=%s&api-version=2025-10-15"}`, s.URL, skip))(w, r)
	})
	_, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
	require.ErrorContains(t, err, "its pages do not end (page 3)")
	require.Len(t, s.sent(), 3)
}

// An object that moves to the next page while the list is read is listed once, as last seen.
func TestListOfAMovingTarget(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		paged(t, func() string { return s.URL }, []map[string]any{
			modelJSON(s.URL, id1, "a"), modelJSON(s.URL, id2, "b"), modelJSON(s.URL, id1, "a", "status", "Succeeded"),
		}, 2, "")(w, r)
	})
	got, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, speech.StatusSucceeded, got[0].Status)
}

func TestListThatIsNone(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no values":         `{}`,
		"null values":       `{"values":null}`,
		"null":              `null`,
		"an error":          `{"error":{"code":"500","message":"x"}}`,
		"another kind":      `{"values":[{"self":"https://a.example/speechtotext/datasets/` + id1 + `"}]}`,
		"without self":      `{"values":[{"displayName":"x"}]}`,
		"a date that isn't": `{"values":[{"self":"https://a.example/speechtotext/models/` + id1 + `","createdDateTime":"tomorrow"}]}`,
		"too deep":          `{"values":[` + strings.Repeat("[", 20_000),
		"a list":            `[]`,
		"cut":               `{"values":[{"self":"https://a.exam`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(http.StatusOK, body))
			got, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
			require.Nil(t, got, "an empty list would mean that nothing exists")
			e := serviceError(t, err)
			require.True(t, e.Transient())
			require.False(t, e.Unanswered)
		})
	}
}

func TestFilterQuery(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 1, 12, 0, 0, 999, time.FixedZone("", 7200))
	running := []speech.Status{speech.StatusNotStarted, speech.StatusRunning}
	tests := map[string]struct {
		filter speech.Filter
		want   string
	}{
		"nothing":               {speech.Filter{}, ""},
		"name":                  {speech.Filter{DisplayName: "My calls & more, 50% + ü"}, "displayName eq 'My calls & more, 50% + ü'"},
		"name with a quote":     {speech.Filter{DisplayName: "it's", Locale: "en-US"}, "locale eq 'en-US'"},
		"name with a control":   {speech.Filter{DisplayName: "a\nb"}, ""},
		"one status and a name": {speech.Filter{DisplayName: "x", Statuses: running[:1]}, "displayName eq 'x' and status eq 'NotStarted'"},
		"statuses":              {speech.Filter{Statuses: running}, "status eq 'NotStarted' or status eq 'Running'"},
		"statuses and a name":   {speech.Filter{DisplayName: "x", Statuses: running}, "displayName eq 'x'"},
		"an unquotable status":  {speech.Filter{Statuses: []speech.Status{"a", "b' or 'c"}}, ""},
		"names":                 {speech.Filter{AnyName: []string{"a", "b"}}, "displayName eq 'a' or displayName eq 'b'"},
		"names and a locale":    {speech.Filter{Locale: "en-US", AnyName: []string{"a", "b"}}, "locale eq 'en-US'"},
		"an unquotable name":    {speech.Filter{AnyName: []string{"a", "b' or 'c"}}, ""},
		"a date and a locale":   {speech.Filter{Locale: "en-US", ChangedAfter: at}, "locale eq 'en-US' and lastActionDateTime gt 2031-05-01T10:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(http.StatusOK, `{"values":[]}`))
			_, _, err := s.Client.ListModels(t.Context(), tt.filter)
			require.NoError(t, err)
			require.Equal(t, tt.want, strings.Join(s.sent()[0].Query["filter"], "|"))
		})
	}
	t.Run("a project has no status", func(t *testing.T) {
		t.Parallel()
		s := setup(t, reply(http.StatusOK, `{"values":[{"self":"https://a.example/speechtotext/projects/`+id1+`","displayName":"x","locale":"en-US"}]}`))
		got, _, err := s.Client.ListProjects(t.Context(), speech.Filter{DisplayName: "x", Statuses: running, ChangedAfter: at})
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, []string{"displayName eq 'x'"}, s.sent()[0].Query["filter"])
	})
}

// A service that ignores the filter changes nothing: what comes back is what was asked for.
func TestFilterComparedAgain(t *testing.T) {
	t.Parallel()
	type facts struct {
		name, locale string
		status       speech.Status
		changed      time.Time
	}
	names := []string{"a", "A", "it's", "a "}
	locales := []string{"en-US", "de-DE"}
	statuses := []speech.Status{speech.StatusRunning, speech.StatusFailed, "Odd"}
	day := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	var answer string
	s := setup(t, func(w http.ResponseWriter, r *http.Request) { reply(http.StatusOK, answer)(w, r) },
		func(c *speech.Config) { c.Transport = http.DefaultTransport })
	client := speech.Unlimited(s.Client)
	rapid.Check(t, func(rt *rapid.T) {
		var models []map[string]any
		var all []facts
		for i := range rapid.IntRange(0, 6).Draw(rt, "count") {
			f := facts{
				rapid.SampledFrom(names).Draw(rt, "name"), rapid.SampledFrom(locales).Draw(rt, "locale"), rapid.SampledFrom(statuses).Draw(rt, "status"),
				day.AddDate(0, 0, rapid.IntRange(0, 3).Draw(rt, "changed")),
			}
			all = append(all, f)
			models = append(models, modelJSON(s.URL, fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), f.name, "locale", f.locale, "status", f.status,
				"lastActionDateTime", f.changed))
		}
		if models == nil {
			models = []map[string]any{}
		}
		answer = `{"values":` + encode(t, models) + `}`
		f := speech.Filter{
			DisplayName: rapid.SampledFrom(append(names, "")).Draw(rt, "want name"), Locale: rapid.SampledFrom(append(locales, "", "EN-us")).Draw(rt, "want locale"),
			AnyName:  rapid.SliceOfN(rapid.SampledFrom(names), 0, 2).Draw(rt, "want names"),
			Statuses: rapid.SliceOfN(rapid.SampledFrom(statuses), 0, 2).Draw(rt, "want status"),
		}
		if rapid.Bool().Draw(rt, "dates") {
			f.ChangedAfter = day.AddDate(0, 0, 2)
		}
		want := 0
		for _, a := range all {
			status := len(f.Statuses) == 0
			for _, st := range f.Statuses {
				status = status || st == a.status
			}
			named := (f.DisplayName == "" || f.DisplayName == a.name) && (len(f.AnyName) == 0 || slices.Contains(f.AnyName, a.name))
			if named && (f.Locale == "" || strings.EqualFold(f.Locale, a.locale)) && status &&
				(f.ChangedAfter.IsZero() || a.changed.After(f.ChangedAfter)) {
				want++
			}
		}
		got, _, err := client.ListModels(t.Context(), f)
		require.NoError(rt, err)
		require.Len(rt, got, want)
	})
}
