package emulator_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

// projects makes n projects, a second apart, and returns their IDs.
func (s *service) projects(n int) []string {
	s.t.Helper()
	var ids []string
	for i := range n {
		p := s.post("/projects", object{"displayName": fmt.Sprintf("p%d", i), "locale": "en-US"})
		ids = append(ids, p.id())
		s.advance(time.Second)
	}
	return ids
}

func ids(list []object) []string {
	var out []string
	for _, o := range list {
		out = append(out, o.id())
	}
	return out
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := setup(t)
	want := s.projects(23)
	require.Equal(t, want, ids(s.all("/projects")))
	require.Equal(t, want, ids(s.all("/projects?top=7")))
	require.Equal(t, want[20:], ids(s.all("/projects?skip=20")))
	require.Empty(t, s.all("/projects?skip=100"))

	first := s.get(api + "/projects?top=7&filter=" + url.QueryEscape("displayName ne 'p3'"))
	require.Len(t, first["values"], 7)
	next, err := url.Parse(first.text("@nextLink"))
	require.NoError(t, err)
	require.Equal(t, url.Values{
		"skip": {"7"}, "top": {"7"}, "filter": {"displayName ne 'p3'"}, "api-version": {"2025-10-15"},
	}, next.Query())
	require.NotContains(t, ids(s.all("/projects?top=7&filter="+url.QueryEscape("displayName ne 'p3'"))), want[3])

	for _, query := range []string{"top=0", "top=-1", "skip=-1"} {
		r := s.refused(400, "GET", "/projects?"+query, nil)
		require.Equal(t, "UnsupportedPagination", r.body.text("innerError.code"))
	}
}

func TestPageSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, awkward(func(v *emulator.Settings) { v.ListLag = 0 }))
	want := s.projects(12)
	page := s.get(api + "/projects")
	require.Len(t, page["values"], 1)
	require.Len(t, s.get(api + "/projects?top=50")["values"], 10)
	got := ids(s.all("/projects"))
	require.ElementsMatch(t, want, got)
	require.IsIncreasing(t, got, "by ID")

	var forms []bool
	for range 2 {
		_, null := s.get(api + "/projects?skip=11")["@nextLink"]
		forms = append(forms, null)
	}
	require.ElementsMatch(t, []bool{true, false}, forms, "@nextLink null and absent in turn")

	v := s.Settings()
	v.TopAboveMax, v.NextLink, v.ListOrder = "refuse", "null", "newest"
	require.NoError(t, s.SetSettings(v))
	s.refused(400, "GET", "/projects?top=50", nil)
	require.Equal(t, want[11], ids(s.all("/projects"))[0])
	require.Contains(t, s.get(api+"/projects?skip=11"), "@nextLink")
	v.ListOrder = "oldest"
	require.NoError(t, s.SetSettings(v))
	require.Equal(t, want, ids(s.all("/projects")))
}

func TestListLag(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.ListLag = emulator.Duration(5 * time.Second) }))
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	require.Equal(t, "p", s.again(p).text("displayName"), "a single read does not lag")
	require.Empty(t, s.all("/projects"))
	s.advance(5 * time.Second)
	require.Len(t, s.all("/projects"), 1)
}

func TestListLagPassesInRealTime(t *testing.T) {
	t.Parallel()
	real := start
	s := setup(t, settings(func(v *emulator.Settings) { v.ListLag = emulator.Duration(5 * time.Second) }),
		func(o *emulator.Options) {
			o.Frozen, o.Speed, o.RealNow = false, 1000, func() time.Time { return real }
		})
	s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	real = real.Add(4 * time.Second)
	require.Equal(t, start.Add(4000*time.Second), s.Now())
	require.Empty(t, s.all("/projects"))
	real = real.Add(time.Second)
	require.Len(t, s.all("/projects"), 1)
}

// The machine that answers may not know yet what another has made: the entity is there, listed and referred to, and
// only reading and changing it fails for a while.
func TestReadLag(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.ReadLag = emulator.Duration(5 * time.Second) }))
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	require.Len(t, s.all("/projects"), 1)
	for range 2 {
		require.Equal(t, "NotFound", s.refused(404, "GET", p.text("self"), nil).body.text("code"))
		s.refused(404, "PATCH", p.text("self"), object{"description": "x"})
		s.advance(2 * time.Second)
	}
	s.post("/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language", "project": object{"self": p.text("self")}})
	s.advance(time.Second)
	require.Equal(t, "p", s.again(p).text("displayName"))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.text("first", jargon)
	s.sounds("second", jargon)
	s.post("/datasets", object{"displayName": "it's", "locale": "de-DE", "kind": "Language", "description": "third"})
	for query, want := range map[string]int{
		"displayName eq 'first'":                                           1,
		"displayName eq 'it''s'":                                           1,
		"kind eq 'Acoustic' and status eq 'Succeeded'":                     1,
		"status eq 'NotStarted' or status eq 'Running'":                    1,
		"not status eq 'Succeeded'":                                        1,
		"description eq 'third'":                                           1,
		"locale ne 'en-US'":                                                1,
		"createdDateTime ge 2026-03-01T12:00:00Z":                          3,
		"createdDateTime gt 2026-03-01T12:00:00Z and locale eq 'en-US'":    1,
		"(locale eq 'de-DE' or kind eq 'Language') and not (locale eq '')": 2,
	} {
		require.Len(t, s.all("/datasets?filter="+url.QueryEscape(query)), want, query)
	}
	// What a client reads as lastActionDateTime is what it filters by.
	last := s.all("/datasets")[0].text("lastActionDateTime")
	require.NotEmpty(t, s.all("/datasets?filter="+url.QueryEscape("lastActionDateTime eq "+last)))
	for _, path := range []string{
		"/datasets?filter=color+eq+'x'", "/datasets?filter=", "/models?filter=kind+eq+'x'", "/projects?filter=status+eq+'x'",
		"/models/base?filter=customProperties+eq+'x'",
	} {
		r := s.refused(400, "GET", path, nil)
		require.Equal(t, "UnsupportedFilter", r.body.text("innerError.code"))
	}
}
