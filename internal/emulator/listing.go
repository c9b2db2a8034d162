package emulator

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"speech-retrainer/internal/emulator/filter"
)

// Filterable properties (descriptions of the filter parameters in openapi.yaml).
var (
	filterEntities = map[string]filter.Type{
		"displayName": filter.String, "description": filter.String, "createdDateTime": filter.Time,
		"lastActionDateTime": filter.Time, "status": filter.String, "locale": filter.String,
	}
	filterDatasets = with(filterEntities, "kind")
	filterProjects = map[string]filter.Type{
		"displayName": filter.String, "description": filter.String, "createdDateTime": filter.Time,
		"locale": filter.String, "foundryProjectName": filter.String,
	}
	filterFiles = map[string]filter.Type{"name": filter.String, "createdDateTime": filter.Time, "kind": filter.String}
)

func with(base map[string]filter.Type, name string) map[string]filter.Type {
	out := map[string]filter.Type{name: filter.String}
	for n, t := range base {
		out[n] = t
	}
	return out
}

// row is an entry of a list.
type row struct {
	entity *entity
	values func() filter.Values // what a filter sees
	wait   bool                 // not in a terminal state
	wire   func() any           // the entry as it is sent
}

// and adds a value that only this kind has.
func (r row) and(name string, value any) row {
	others := r.values
	r.values = func() filter.Values {
		all := others()
		all[name] = value
		return all
	}
	return r
}

func entityRow(e *entity, status string, lastAction time.Time, wire func() any) row {
	return row{entity: e, wait: status == notStarted || status == running, wire: wire, values: func() filter.Values {
		return filter.Values{
			"displayName": e.DisplayName, "description": or(e.Description, ""), "createdDateTime": seconds(e.Created),
			"lastActionDateTime": seconds(lastAction), "status": status, "locale": e.Locale,
		}
	}}
}

// seconds is a time as it is sent: what a client reads is what it filters by.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// list answers a list request: lag, filter, order, page.
func (c *call) list(rows []row, properties map[string]filter.Type) (*reply, error) {
	query := c.request.URL.Query()
	var f *filter.Filter
	if query.Has("filter") {
		var err error
		f, err = filter.Parse(query.Get("filter"), properties, filter.Options{
			Quote: c.settings.FilterQuote, Parentheses: c.settings.FilterParentheses, FoldCase: c.settings.FilterFoldCase,
		})
		if err != nil {
			return nil, invalid("UnsupportedFilter", "The filter is not supported: %v.", err)
		}
	}
	steady := c.clock.Steady()
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.entity.listedFrom > steady || f != nil && !f.Match(r.values()) })
	slices.SortStableFunc(rows, c.order)

	skip, err := number(query, "skip", 0)
	if err != nil {
		return nil, err
	}
	top, err := number(query, "top", c.settings.PageSize)
	if err != nil {
		return nil, err
	}
	if top > c.settings.MaxTop {
		if c.settings.TopAboveMax == "refuse" {
			return nil, invalid("UnsupportedPagination", "The value of top is %d, the largest is %d.", top, c.settings.MaxTop)
		}
		top = c.settings.MaxTop
	}
	from := min(skip, len(rows))
	to := min(from+top, len(rows))
	values, wait := []any{}, false
	for _, r := range rows[from:to] {
		values = append(values, r.wire())
		wait = wait || r.wait
	}
	page := map[string]any{"values": values}
	if to < len(rows) {
		page["@nextLink"] = c.nextLink(to, top, query)
	} else if c.nullAtEnd() {
		page["@nextLink"] = nil
	}
	return ok(page, wait), nil
}

func (c *call) order(a, b row) int {
	byID := cmp.Compare(a.entity.ID, b.entity.ID)
	byAge := cmp.Or(a.entity.Created.Compare(b.entity.Created), cmp.Compare(a.entity.Seq, b.entity.Seq))
	switch c.settings.ListOrder {
	case "oldest":
		return byAge
	case "newest":
		return -byAge
	case "id":
		return byID
	}
	return cmp.Compare(a.entity.Seq, b.entity.Seq)
}

func (c *call) nextLink(skip, top int, query url.Values) string {
	next := url.Values{"skip": {strconv.Itoa(skip)}, "top": {strconv.Itoa(top)}}
	for _, name := range []string{"filter", "api-version", "sasLifetimeMinutes"} {
		if query.Has(name) {
			next[name] = query[name]
		}
	}
	return c.host() + c.request.URL.Path + "?" + next.Encode()
}

// nullAtEnd says whether the last page has @nextLink null or none; the documentation has it both ways.
func (c *call) nullAtEnd() bool {
	c.lastPage++
	return c.settings.NextLink == "null" || c.settings.NextLink == "alternate" && c.lastPage%2 == 1
}

func number(query url.Values, name string, fallback int) (int, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 0 || name == "top" && n == 0 {
		return 0, invalid("UnsupportedPagination", "The value of %s is not valid.", name)
	}
	return n, nil
}
