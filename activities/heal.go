package activities

import (
	"context"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// HealInput is what a request says of its model's endpoint.
type HealInput struct {
	// Endpoint is its ID or exact name; empty for a model without one.
	Endpoint string `json:"endpoint,omitempty"`
	// Deploy is how long a deployment may take.
	Deploy lifecycle.Duration `json:"deploy"`
}

// heal puts the marks right that a run could no longer write. Before each it reads version and endpoint anew: what is
// not any more as it was listed is left to the next look.
func (a *Activities) heal(ctx context.Context, in SweepInput, w world, result *SweepResult) error {
	if in.Heal == nil {
		return nil
	}
	marked, err := a.marked(ctx, w.ofModel(in.Scope, a.owner), modelsInUse(w.endpoints))
	if err != nil {
		return err
	}
	served, endpoint, known := w.served(*in.Heal, in.Locale)
	if !known {
		return nil
	}
	for _, mend := range lifecycle.Heal(marked, served, in.Heal.Deploy, w.now, a.now()) {
		m, _, err := a.speech.GetModel(ctx, mend.ID)
		if speech.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		listed := w.marksOf(mend.ID)
		if m.CustomProperties[lifecycle.MarkState] != listed[lifecycle.MarkState] || m.CustomProperties[lifecycle.MarkRun] != listed[lifecycle.MarkRun] {
			continue
		}
		if endpoint != "" {
			e, _, err := a.speech.GetEndpoint(ctx, endpoint)
			if err != nil && !speech.IsNotFound(err) {
				return err
			}
			if err != nil || refID(e.Model) != served.ModelID || string(e.Status) != served.Status {
				return nil
			}
		}
		if _, err := a.mark(ctx, m, map[string]string{lifecycle.MarkState: string(mend.State)}); err != nil {
			return err
		}
		result.Healed = append(result.Healed, mend)
	}
	return nil
}

// served is the endpoint that a request names, as it was listed, and its ID. known is false when several have the name,
// so that nothing can be said of it.
func (w world) served(in HealInput, locale string) (s lifecycle.Served, id string, known bool) {
	if in.Endpoint == "" {
		return s, "", true
	}
	found := findEndpoints(w.endpoints, in.Endpoint)
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

// findEndpoints are the endpoints that a request or a schedule means, among those that were listed.
func findEndpoints(endpoints []speech.Endpoint, name string) []speech.Endpoint {
	n, err := speech.ReadName(name, speech.KindEndpoint)
	if err != nil {
		return nil
	}
	return speech.Lookup(endpoints, n)
}

// marksOf are the marks of a version, as it was listed.
func (w world) marksOf(id string) map[string]string {
	for _, m := range w.models {
		if m.ID() == id {
			return m.CustomProperties
		}
	}
	return nil
}
