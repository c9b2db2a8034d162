package lifecycle

import (
	"fmt"
	"time"
)

// PilotSeen is what the service shows of the model that goes first with a new base model.
type PilotSeen struct {
	Name string `json:"name"`
	// Versions are its own, newest first.
	Versions []Version `json:"versions"`
	// Fault says why it is none (it is not there, it has a pilot itself, ...); empty when it is one.
	Fault string `json:"fault,omitempty"`
}

// RefusePilot says why a model is no pilot for another, or "". pilot is what its schedule was given, and scheduled tells
// that it has one; taskQueue is the one of the model.
func RefusePilot(name, model, locale, taskQueue string, pilot LiveRequest, scheduled bool) string {
	switch {
	case name == model:
		return "it is the model itself"
	case !scheduled:
		return "it has no schedule here"
	case !SameLocale(pilot.Locale, locale):
		return fmt.Sprintf("it is of locale %s", pilot.Locale)
	case pilot.TaskQueue != taskQueue:
		return fmt.Sprintf("it is on another Speech resource (task queue %s)", pilot.TaskQueue)
	case pilot.Renew.Pilot != "" && pilot.Renew.Pilot != name:
		return fmt.Sprintf("it has a pilot itself, %s", pilot.Renew.Pilot)
	case pilot.BaseModel != "" && pilot.BaseModel != Latest:
		return "its base model is fixed"
	}
	return ""
}

// pilotPatience is how long after its creation a base model waits for the pilot's judgement.
const pilotPatience = 60 * Day

// refused says why the pilot's trial of a base model speaks against it; empty when it does not, or there was none. The
// newest version of the base decides.
func (p *PilotSeen) refused(baseID string) string {
	v := p.newestOf(baseID)
	if v == nil {
		return ""
	}
	r := ReadRecord(v.Verdict)
	switch {
	case r.Said == SaidBack || v.State == StateRolledBack:
		return fmt.Sprintf("the pilot %s was rolled back from its version of it, %s", p.Name, v.DisplayName)
	case r.Said == SaidNo:
		return fmt.Sprintf("a person rejected the version of it of the pilot %s, %s", p.Name, v.DisplayName)
	case r.Said == "" && r.Verdict == string(Fail) && v.State == StateRejected:
		return fmt.Sprintf("the version of it of the pilot %s, %s, did not pass", p.Name, v.DisplayName)
	}
	return ""
}

// newestOf is the pilot's newest version of a base model; nil without.
func (p *PilotSeen) newestOf(baseID string) *Version {
	if p == nil || p.Fault != "" {
		return nil
	}
	return newest(p.Versions, func(v Version) bool { return v.BaseModelID == baseID })
}

// servesSince tells since when the pilot serves a version of a base model.
func (p *PilotSeen) servesSince(baseID string) (since time.Time, serves bool) {
	v := newest(p.Versions, func(v Version) bool { return v.BaseModelID == baseID && v.State == StateChampion })
	if v == nil {
		return time.Time{}, false
	}
	if since = ReadRecord(v.Verdict).Serves; since.IsZero() {
		since = timeOf(v.CreatedAt) // its mark found no room: it does not serve for longer than it exists
	}
	return since, true
}

// await tells whether a new base model has to wait for the pilot, until when by itself (zero: nobody knows), and why.
// passed tells that it is passed over altogether.
func (p *PilotSeen) await(base Model, soak Duration, now time.Time) (until time.Time, passed bool, why string) {
	if p == nil || p.Fault != "" {
		return time.Time{}, false, ""
	}
	if no := p.refused(base.ID); no != "" {
		return time.Time{}, true, no
	}
	if since, serves := p.servesSince(base.ID); serves {
		if until = since.Add(soak.Std()); until.After(now) {
			return until, false, fmt.Sprintf("the pilot %s serves a version of it since %s, and %s are asked for", p.Name, date(since), soak)
		}
		return time.Time{}, false, ""
	}
	if until = base.CreatedAt.Add(pilotPatience); until.After(now) {
		return until, false, fmt.Sprintf("the pilot %s has not served a version of it yet; without its judgement it is waited for until %s", p.Name, date(until))
	}
	return time.Time{}, false, ""
}
