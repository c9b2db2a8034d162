package page

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
)

// How old what is shown may be before it is read anew, when somebody looks.
const (
	fleetAge = 15 * time.Second
	// runAge is that of one run, plansAge that of the plans that costs are reckoned from.
	runAge   = 5 * time.Second
	plansAge = 10 * time.Minute
)

// How long one reading may take.
const (
	fleetLimit = 90 * time.Second
	runLimit   = 20 * time.Second
	plansLimit = 10 * time.Minute
)

// How long a viewer waits for a reading when there is something to show meanwhile, and for the first one.
const (
	patience      = time.Second
	firstPatience = 8 * time.Second
	plansPatience = 4 * time.Second
)

// SourceOptions are what a Source is made of.
type SourceOptions struct {
	// Session is the connection to Temporal.
	Session follow.Session
	// TaskQueue is the worker's.
	TaskQueue string
	// Glance is what the worker's own listing shows, however old with atAll. Its error is an activity's.
	Glance func(ctx context.Context, scheduled []lifecycle.ScheduledEndpoint, atAll bool) (activities.Glance, error)
	// Now is this machine's clock; time.Now when nil.
	Now func() time.Time
}

// Source is what the pages read: the worker's own listing and Temporal. What it has read is shared by all viewers.
type Source struct {
	SourceOptions
	session   follow.Session
	fleets    *cache[Fleet]
	plans     *cache[Plans]
	reports   *reports
	standings *standings
}

// NewSource makes a source. It reads nothing yet.
func NewSource(o SourceOptions) *Source {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Source{SourceOptions: o, session: o.Session, reports: newReports(o.Now), standings: newStandings(o.Session, o.Now)}
	s.fleets = &cache[Fleet]{read: s.readFleet, least: fleetAge, limit: fleetLimit, now: o.Now}
	s.plans = &cache[Plans]{read: s.readPlans, least: plansAge, limit: plansLimit, now: o.Now}
	return s
}

// Namespace is that of Temporal.
func (s *Source) Namespace() string { return s.session.Namespace }

// Warm reads the fleet once, so that the first viewer need not wait. It returns when that is done, or ctx ends.
func (s *Source) Warm(ctx context.Context) { s.fleets.get(ctx, 0) }

// readFleet reads what the listing and Temporal know of all models. The error is why Temporal could not be read; the fleet
// is then what the service shows.
func (s *Source) readFleet(ctx context.Context) (Fleet, error) {
	f := Fleet{}
	byKey := map[lifecycle.RowKey]lifecycle.Row{}
	look := overview.Local{
		Queue: s.TaskQueue, Standings: s.standings.of,
		Rows: func(ctx context.Context, scheduled []lifecycle.ScheduledEndpoint) ([]lifecycle.Row, *exit.Failure) {
			seen, err := s.Glance(ctx, scheduled, false)
			if err != nil {
				f.Unread = serviceFailure(err)
				// What was seen before is shown all the same, with its age.
				if seen, err = s.Glance(ctx, scheduled, true); err != nil {
					return nil, f.Unread
				}
			}
			f.Bases, f.Bare, f.Resource, f.ObservedAt, f.LookedAt = seen.Bases, seen.Bare, seen.Resource, seen.ObservedAt, seen.LookedAt
			for _, row := range seen.Rows {
				byKey[row.Key()] = row
			}
			return seen.Rows, nil
		},
	}
	rows, scheduled, err := overview.ReadLocal(ctx, s.session, look)
	for _, row := range rows {
		m := Model{Row: row, Seen: byKey[lifecycle.RowKey{Name: row.Model, Locale: row.Locale}]}
		if row.Scheduled {
			of := scheduled[row.Model]
			m.Queue, m.Elsewhere = of.TaskQueue, of.TaskQueue != s.TaskQueue
			if given, bad := of.Given(); bad == nil {
				m.Request, m.Raw = &given.Request, given.Raw
			}
		}
		m.Needs = speakable(m.Model, m.Needs)
		f.Models = append(f.Models, m)
	}
	slices.SortStableFunc(f.Models, urgentFirst)
	return f, err
}

// speakable are the needs of a model: what somebody has put into a mark and is no name is not put into a command to copy.
func speakable(name string, needs []lifecycle.Need) []lifecycle.Need {
	if decode.Name(name) == "" {
		return needs
	}
	needs = slices.Clone(needs)
	for i := range needs {
		needs[i].Commands = nil
	}
	return needs
}

// urgentFirst orders models by their needs; of those that need nobody, what expires first is first.
func urgentFirst(a, b Model) int {
	switch {
	case len(a.Needs) > 0 && len(b.Needs) > 0:
		return a.Needs[0].Compare(b.Needs[0])
	case len(a.Needs)+len(b.Needs) > 0:
		return cmp.Compare(len(b.Needs), len(a.Needs))
	case a.ExpiresAt == nil || b.ExpiresAt == nil:
		return cmp.Compare(btoi(a.ExpiresAt == nil), btoi(b.ExpiresAt == nil))
	}
	return a.ExpiresAt.Compare(*b.ExpiresAt)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// serviceFailure is why the listing could not be read.
func serviceFailure(err error) *exit.Failure {
	return &exit.Failure{Code: exit.Failed, Cause: activities.FailureOf(err, "read the service", activities.Budget{})}
}

// forecast is what would be done for the models of this resource, as it was planned some minutes ago at most; a viewer
// does not wait for it long.
func (s *Source) forecast(ctx context.Context) kept[Plans] {
	ctx, cancel := context.WithTimeout(ctx, plansPatience)
	defer cancel()
	return s.plans.get(ctx, patience)
}

// readPlans asks for the plans of all models with a schedule on this queue, many in one question.
func (s *Source) readPlans(ctx context.Context) (Plans, error) {
	made := Plans{Plans: []lifecycle.Plan{}}
	known := s.fleets.get(ctx, patience)
	if !known.known {
		return made, cmp.Or(known.err, errors.New("the fleet is not read yet"))
	}
	var asked []follow.PlanAsked
	for _, m := range known.value.Models {
		if m.Request != nil && !m.Elsewhere {
			asked = append(asked, follow.PlanAsked{Name: m.Model, Raw: m.Raw})
		}
	}
	var first error
	for _, some := range s.session.AskPlans(ctx, s.TaskQueue, asked) {
		for i, plan := range some.Plans {
			name := asked[some.At[i]].Name
			if plan.Error != nil && plan.Error.Type != lifecycle.InvalidRequest && plan.Error.Type != lifecycle.NoUsableBaseModel {
				made.Unplanned = append(made.Unplanned, name+": "+plan.Error.Message)
				continue
			}
			made.Plans = append(made.Plans, plan)
		}
		if some.Err != nil {
			first = cmp.Or(first, some.Err)
			for _, at := range some.At {
				made.Unplanned = append(made.Unplanned, asked[at].Name+": "+some.Err.Error())
			}
		}
	}
	if len(made.Plans) == 0 && first != nil {
		return made, first
	}
	return made, nil
}
