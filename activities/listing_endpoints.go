package activities

import (
	"fmt"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// endpointsNamed are the endpoints that a request or a schedule means by their ID, URL or exact name.
func (l *listing) endpointsNamed(name string) []speech.Endpoint {
	l.need(speech.KindEndpoint)
	n, err := speech.ReadName(name, speech.KindEndpoint)
	if err != nil {
		return nil
	}
	return speech.Lookup(l.endpoints, n)
}

// served is the endpoint that a request names, and its ID. known is false when several have the name, so that nothing can
// be said of it.
func (l *listing) served(in HealInput, locale string) (s lifecycle.Served, id string, known bool) {
	if in.Endpoint == "" {
		return s, "", true
	}
	found := l.endpointsNamed(in.Endpoint)
	switch {
	case len(found) == 0:
		return s, "", true
	case len(found) > 1 || !lifecycle.SameLocale(found[0].Locale, locale):
		return s, "", false
	}
	e := found[0]
	return lifecycle.Served{
		Endpoint: speech.Clean(e.DisplayName), ModelID: refID(e.Model), Status: string(e.Status), ChangedAt: e.LastActionDateTime,
	}, e.ID(), true
}

// endpointOf is the endpoint that the request of a model names, by ID, else by exact name; nil when there is none.
func (l *listing) endpointOf(s Scope, deploy lifecycle.Deploy) *lifecycle.ObservedEndpoint {
	found := l.endpointsNamed(deploy.Endpoint)
	if len(found) == 0 {
		return nil
	}
	seen, facts := endpointSeen(found[0]), endpointFacts(found[0])
	facts.ServesModel = championMark(l.marksOf(seen.ModelID), l.of.owner)
	o := &lifecycle.ObservedEndpoint{
		ID: seen.ID, DisplayName: seen.DisplayName, Status: seen.Status, ModelID: seen.ModelID, ModelGone: l.gone(seen.ModelID),
		ChangedAt: found[0].LastActionDateTime, Marked: l.marked(facts, s.Model),
		Refused: lifecycle.RefuseEndpoint(facts, s.Model, s.Locale, l.of.owner, deploy.TakeOver),
	}
	if len(found) > 1 {
		o.Refused = fmt.Sprintf("is one of %d of that name: name it by its ID", len(found))
	}
	return o
}

// marked tells that an endpoint carries our owner's mark of a model: it was deployed to it before.
func (l *listing) marked(e lifecycle.EndpointFacts, model string) bool {
	return e.Owner == l.of.owner && e.Model == model
}

// inUse tells that some endpoint refers to a model.
func (l *listing) inUse(id string) bool {
	l.need(speech.KindEndpoint)
	return len(l.serving[id]) > 0
}

// servedAt names the endpoints that refer to a model, each with its ID.
func (l *listing) servedAt(id string) []string {
	l.need(speech.KindEndpoint)
	var names []string
	for _, at := range l.serving[id] {
		e := l.endpoints[at]
		names = append(names, fmt.Sprintf("%q (%s)", speech.Clean(e.DisplayName), e.ID()))
	}
	return names
}

// ownEndpoint is the ID of the endpoint of a model that no request and no schedule names, or why it cannot be told
// (lifecycle.FindEndpoint).
func (l *listing) ownEndpoint(model, locale string, versions []lifecycle.Version) (id, fault string) {
	l.need(speech.KindEndpoint)
	// No other endpoint can be it: with thousands of models each looks only at its own.
	own, serves := slices.Clone(l.endpointsOf[model]), map[int]bool{}
	for _, v := range versions {
		for _, at := range l.serving[v.ID] {
			own, serves[at] = append(own, at), true
		}
	}
	slices.Sort(own)
	seen := make([]lifecycle.EndpointSeen, 0, len(own))
	for _, at := range slices.Compact(own) {
		e := l.endpoints[at]
		seen = append(seen, lifecycle.EndpointSeen{
			EndpointFacts: endpointFacts(e), ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Serves: serves[at],
		})
	}
	return lifecycle.FindEndpoint(seen, model, locale, l.of.owner)
}

// leftEndpoints are those that carry the marks of the model beside the one that is its own.
func (l *listing) leftEndpoints(row lifecycle.Row) []lifecycle.LeftEndpoint {
	var left []lifecycle.LeftEndpoint
	for _, at := range l.endpointsOf[row.Name] {
		e := l.endpoints[at]
		if e.ID() != row.Endpoint.ID && l.ours(e.Object) && lifecycle.SameLocale(e.Locale, row.Locale) {
			left = append(left, lifecycle.LeftEndpoint{ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Serves: l.anyModel(refID(e.Model))})
		}
	}
	return left
}

// indexEndpoints finds the endpoints that carry the name of a model, and those that serve a version.
func (l *listing) indexEndpoints() {
	l.endpointsOf, l.serving = map[string][]int{}, map[string][]int{}
	for i, e := range l.endpoints {
		name := e.CustomProperties[lifecycle.MarkModel]
		l.endpointsOf[name] = append(l.endpointsOf[name], i)
		if id := refID(e.Model); id != "" {
			l.serving[id] = append(l.serving[id], i)
		}
	}
}

// neverServed tells that an endpoint refers to a version of a model whose deployment failed.
func (l *listing) neverServed(e speech.Endpoint, s Scope) bool {
	l.need(speech.KindModel)
	marks := l.marksOf(refID(e.Model))
	return lifecycle.Ours(marks, l.of.owner) && marks[lifecycle.MarkModel] == s.Model &&
		lifecycle.NeverServed(string(e.Status), lifecycle.State(marks[lifecycle.MarkState]))
}
