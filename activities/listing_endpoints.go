package activities

import (
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// endpointsNamed are the endpoints that a request or a schedule means by their ID, URL or exact name.
func (l *listing) endpointsNamed(name string) []speech.Endpoint {
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
		ID: seen.ID, DisplayName: seen.DisplayName, Status: seen.Status, ModelID: seen.ModelID, ChangedAt: found[0].LastActionDateTime,
		Refused: lifecycle.RefuseEndpoint(facts, s.Model, s.Locale, l.of.owner, deploy.TakeOver),
	}
	if len(found) > 1 {
		o.Refused = fmt.Sprintf("is one of %d of that name: name it by its ID", len(found))
	}
	return o
}

// ownEndpoint is the ID of the endpoint of a model that no request and no schedule names, or why it cannot be told
// (lifecycle.FindEndpoint).
func (l *listing) ownEndpoint(model, locale string, versions []lifecycle.Version) (id, fault string) {
	own := map[string]bool{}
	for _, v := range versions {
		own[v.ID] = true
	}
	seen := make([]lifecycle.EndpointSeen, 0, len(l.endpoints))
	for _, e := range l.endpoints {
		seen = append(seen, lifecycle.EndpointSeen{
			EndpointFacts: endpointFacts(e), ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Serves: own[refID(e.Model)],
		})
	}
	return lifecycle.FindEndpoint(seen, model, locale, l.of.owner)
}
