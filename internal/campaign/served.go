package campaign

import (
	"fmt"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// unfit are the states of a version that must never serve.
var unfit = map[string]bool{
	string(lifecycle.StateFailed): true, string(lifecycle.StateRejected): true,
	string(lifecycle.StateAbandoned): true, string(lifecycle.StateRolledBack): true,
}

// served walks through the log and holds every moment against the rule of the endpoint: it always has a model,
// and never a version that failed, was rejected, or was deleted; and a new one was marked deploying before. What a
// person makes an endpoint serve is his affair, but for this: it is not deleted, nor marked for it. A version whose
// first deployment Failed is referred to and serves nobody: it may be marked failed.
func (w world) served() []string {
	var found []string
	say := func(e stack.Exchange, format string, args ...any) {
		found = append(found, fmt.Sprintf("exchange %d (%s): ", e.Number, e.Operation)+fmt.Sprintf(format, args...))
	}
	serving := map[string]string{} // endpoint -> model
	states := map[string]string{}  // model -> sr.state
	gone := map[string]bool{}
	hand := map[string]bool{} // endpoint -> a person has chosen what it serves
	made := map[string]time.Time{}
	for _, e := range w.log {
		switch e.Operation {
		case "Models_Create", "Models_Update":
			if e.After == nil {
				continue
			}
			states[e.Object] = e.After.CustomProperties[lifecycle.MarkState]
			for endpoint, model := range serving {
				never := states[model] == string(lifecycle.StateFailed) && slices.Contains(e.After.NeverServedBy, endpoint)
				if model == e.Object && unfit[states[model]] && !never && (!hand[endpoint] || states[model] == string(lifecycle.StateAbandoned)) {
					say(e, "version %s becomes %s while endpoint %s serves it", model, states[model], endpoint)
				}
			}
		case "Models_Delete":
			for endpoint, model := range serving {
				// What a person has made a moment ago no list shows yet: then the service refuses.
				unlisted := hand[endpoint] && e.Arrived.Sub(made[endpoint]) <= ListLag && e.Status >= 400
				if model == e.Object && !w.byHand(e) && !unlisted {
					say(e, "version %s was to be deleted while endpoint %s serves it (answer %d)", model, endpoint, e.Status)
				}
			}
			if e.Status < 300 {
				gone[e.Object] = true
			}
		case "Endpoints_Create", "Endpoints_Update":
			if e.After == nil {
				continue
			}
			if e.Operation == "Endpoints_Create" {
				made[e.Object] = e.Arrived
			}
			model := e.After.Model
			chosen := model != serving[e.Object]
			if chosen {
				hand[e.Object] = w.byHand(e)
			}
			serving[e.Object] = model
			switch {
			case hand[e.Object]:
			case model == "":
				say(e, "endpoint %s has no model", e.Object)
			case gone[model]:
				say(e, "endpoint %s was given version %s, which is deleted", e.Object, model)
			case e.After.ModelStatus != "Succeeded":
				say(e, "endpoint %s was given version %s, whose status is %q", e.Object, model, e.After.ModelStatus)
			case unfit[states[model]]:
				say(e, "endpoint %s was given version %s, which is %s", e.Object, model, states[model])
			case chosen && states[model] == string(lifecycle.StateCandidate):
				say(e, "endpoint %s was given version %s, which was not marked deploying before", e.Object, model)
			}
		case "Endpoints_Delete":
			if e.Status < 300 {
				delete(serving, e.Object)
			}
		}
	}
	return found
}

// The service allows 100 requests in 10 s. The limiter promises at most 90, as they are sent; one that is half a second on
// its way can arrive beside 4 more.
const (
	window  = 10 * time.Second
	allowed = 94
)

// busiest is the most requests that arrived within any 10 s, those of people left out.
func (w world) busiest() int {
	most, from := 0, 0
	log := slices.DeleteFunc(slices.Clone(w.log), w.byHand)
	for i, e := range log {
		for e.Arrived.Sub(log[from].Arrived) >= window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func (w world) hurried() []string {
	if n := w.busiest(); n > allowed {
		return []string{fmt.Sprintf("%d requests within %s, more than the limiter allows (%d)", n, window, allowed)}
	}
	return nil
}
