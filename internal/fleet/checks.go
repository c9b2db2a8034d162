package fleet

import (
	"fmt"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
)

// endpointKey is what the endpoints of requests are compared by: the ID where one is given, by itself or in a URL, else
// the name.
func endpointKey(name string) string {
	if n, err := speech.ReadName(name, speech.KindEndpoint); err == nil && n.Exact() {
		return n.ID
	}
	return name
}

// endpoints refuses two models on one endpoint. A task queue is one Speech resource: the same name on another is
// another endpoint.
func (r *reader) endpoints(models []Model) {
	type place struct{ queue, endpoint string }
	taken := map[place]string{}
	for i, m := range models {
		at := place{m.TaskQueue, endpointKey(m.endpoint())}
		if at.endpoint == "" {
			continue
		}
		if before, twice := taken[at]; twice {
			r.inherited(fmt.Sprintf("models[%d]", i), "deploy.endpoint", "%s is the endpoint of %s already: an endpoint serves one model", m.endpoint(), before)
			continue
		}
		taken[at] = m.Name
	}
}

// unheard warns of a fleet that would fail in silence.
func (r *reader) unheard(models []Model) {
	for _, m := range models {
		for _, n := range m.Notify {
			if slices.Contains(n.On, lifecycle.EventFailed) || slices.Contains(n.On, lifecycle.EventExpiring) {
				return
			}
		}
	}
	r.warnings = append(r.warnings, "nobody will be told when something is amiss: no model has a notify that listens to failed or expiring; "+
		"add to the defaults: notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [failed, expiring]}]")
}

// rhythm refuses a schedule that never fires, and notes how long it leaves its model alone.
func (r *reader) rhythm(path string, m Model) {
	found, counted := r.rhythms[m.schedule]
	if !counted {
		found = m.schedule.rhythm(r.now)
		r.rhythms[m.schedule] = found
	}
	if found.never {
		r.inherited(path, "schedule.cron", "%q has no next firing: there is no such day", m.schedule.Cron)
	}
}

// slow warns of schedules whose checks are so far apart that an expiry can come between two of them. Models of one
// timing are named together: it often stands in the defaults.
func (r *reader) slow(models []Model) {
	type group struct {
		path  string
		lead  lifecycle.Duration
		names []string
	}
	groups := map[timing]*group{}
	var order []timing
	for i, m := range models {
		lead, _ := lifecycle.Lead(nil, m.Request)
		if r.rhythms[m.schedule].longest <= lead.Std()/3 {
			continue
		}
		g := groups[m.schedule]
		if g == nil {
			g = &group{path: fmt.Sprintf("models[%d]", i), lead: lead}
			groups[m.schedule], order = g, append(order, m.schedule)
		}
		g.lead, g.names = min(g.lead, lead), append(g.names, m.Name)
	}
	for _, t := range order {
		g := groups[t]
		r.warnings = append(r.warnings, fmt.Sprintf(
			"%s: %s.schedule: %s: up to %s pass between two checks of %s, more than a third of the %s before the expiry at which it is due: check more often",
			r.doc.at(r.lineOf(g.path, "schedule")), g.path, t, words.Days(r.rhythms[t].longest), words.Some(g.names), g.lead))
	}
}
