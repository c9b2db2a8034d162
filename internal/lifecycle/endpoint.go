package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// EndpointFacts is what the rules need to know of an endpoint.
type EndpointFacts struct {
	Locale string
	// Owner is its mark sr.owner; empty for one made by hand.
	Owner string
	// Model is its mark sr.model; empty without.
	Model string
	// ServesModel is the model whose champion it serves; empty when that is no model of ours.
	ServesModel string
}

// RefuseEndpoint tells why an endpoint may not be used for a model of the locale, or "". One made by hand may be used;
// one of another installation may not, nor one of another model, unless that is the model to take it over from.
func RefuseEndpoint(e EndpointFacts, model, locale, owner, takeOver string) string {
	switch {
	case !SameLocale(e.Locale, locale):
		return fmt.Sprintf("is of locale %s, the request of %s", e.Locale, locale)
	case e.Owner != "" && e.Owner != owner:
		return fmt.Sprintf("belongs to another installation (sr.owner %q, ours is %q)", e.Owner, owner)
	case e.Model != "" && e.Model != model && e.Model != takeOver:
		return fmt.Sprintf("is the endpoint of the model %s (sr.model): give each model one of its own, or let this one take it over with deploy: "+
			"{takeOver: %s}", e.Model, e.Model)
	case e.ServesModel != "" && e.ServesModel != model && e.ServesModel != takeOver:
		return fmt.Sprintf("serves the champion of the model %s: give each model one of its own, or let this one take it over with deploy: {takeOver: %s}",
			e.ServesModel, e.ServesModel)
	}
	return ""
}

// NoSuchEndpoint refuses an endpoint that is named by its ID or URL and does not exist: one cannot be created with an ID
// that is given.
func NoSuchEndpoint(name string) string {
	return fmt.Sprintf("endpoint %s does not exist, and none can be created with a given ID: name one that exists, or give the name of one that is to "+
		"be created", name)
}

// NeverServed tells that an endpoint refers to a version whose deployment failed: it was let serve, or not yet, and never
// did. state is that of the version, which is of the model itself.
func NeverServed(endpointStatus string, state State) bool {
	return endpointStatus == StatusFailed && (state == StateCandidate || state == StateDeploying || state == StateFailed)
}

// Overtaken tells that an endpoint serves what nobody of this run has set: another run or a hand has changed it since the
// run looked at it. known are the models that the run has seen there, or has set. What has Failed serves nothing, and
// is nobody's wish.
func Overtaken(endpointStatus, modelID string, known []string) bool {
	return endpointStatus != StatusFailed && modelID != "" && !slices.Contains(known, modelID)
}

// TakesOver is the model from which an endpoint is taken over; empty when that is done already, or not asked for.
func TakesOver(e EndpointFacts, model, takeOver string) string {
	if takeOver != "" && takeOver != model && (e.Model == takeOver || e.ServesModel == takeOver) {
		return takeOver
	}
	return ""
}

// EndpointSeen is one endpoint of the resource, as the rule that finds a model's own sees it.
type EndpointSeen struct {
	EndpointFacts

	ID, DisplayName string
	// Serves tells that it refers to a version of the model in question.
	Serves bool
}

// FindEndpoint is the endpoint of a model that no request and no schedule names: the one that carries our owner and the
// model's name. fault says why it cannot be told: there are several, or none is marked but some that were made by hand
// serve versions of the model. Both empty: the model has none.
func FindEndpoint(endpoints []EndpointSeen, model, locale, owner string) (id, fault string) {
	var marked, serving []EndpointSeen
	for _, e := range endpoints {
		switch {
		case !SameLocale(e.Locale, locale):
		case e.Owner == owner && e.Model == model:
			marked = append(marked, e)
		case e.Serves:
			serving = append(serving, e)
		}
	}
	switch {
	case len(marked) == 1:
		return marked[0].ID, ""
	case len(marked) > 1:
		return "", fmt.Sprintf("%d endpoints carry the mark of the model %s: %s", len(marked), model, listed(marked))
	case len(serving) > 0:
		return "", fmt.Sprintf("no endpoint carries the mark of the model %s, and no schedule names one, but a version of it serves on: %s", model, listed(serving))
	}
	return "", ""
}

func listed(endpoints []EndpointSeen) string {
	sorted := slices.SortedFunc(slices.Values(endpoints), func(a, b EndpointSeen) int {
		return cmp.Or(strings.Compare(a.DisplayName, b.DisplayName), strings.Compare(a.ID, b.ID))
	})
	texts := make([]string, 0, len(sorted))
	for _, e := range sorted {
		texts = append(texts, fmt.Sprintf("%q (%s)", e.DisplayName, e.ID))
	}
	return strings.Join(texts, ", ")
}
