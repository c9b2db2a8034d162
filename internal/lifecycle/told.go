package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ServedUntil is the last day of what serves, or would serve if its endpoint were there; nil when that is not known.
func ServedUntil(o Observed) *time.Time {
	at, _ := servedUntil(o)
	return at
}

// Lives says until when a version lives, and what happens then if nobody acts, or happened when it has expired. now is the
// service's; endpoint tells that one serves it.
func Lives(name string, at *time.Time, now time.Time, endpoint bool) string {
	switch {
	case at == nil:
		return "until when " + name + " lives is not known"
	case !at.After(now):
		return fmt.Sprintf("%s expired on %s: %s", name, date(*at), fallenBack(endpoint))
	}
	return fmt.Sprintf("%s lives until %s; %s", name, date(*at), afterwards(endpoint))
}

// afterwards is what becomes of a model on the day after its last.
func afterwards(endpoint bool) string {
	if !endpoint {
		return "from then on it recognises no speech"
	}
	return "from then on its endpoint silently serves the bare base model"
}

func fallenBack(endpoint bool) string {
	if !endpoint {
		return "it recognises no speech"
	}
	return "its endpoint has silently fallen back to the bare base model"
}

// Told is what a failing check remembers for the next one of its schedule: what a person was told on which day, so
// that it is told once, and what was known of the model when it was last seen. The zero value remembers nothing.
type Told struct {
	// Since is when the first of the checks that fail in a row failed.
	Since time.Time `json:"since"`
	// Day is the day in UTC (2006-01-02) on which a person was told of Causes.
	Day    string   `json:"day,omitempty"`
	Causes []string `json:"causes,omitempty"`
	// ExpiresAt is the last day of what served when it was last seen; nil when it is not known.
	ExpiresAt *time.Time `json:"expiresAt"`
}

// Of tells whether a person was told of the cause on that day.
func (t Told) Of(day, cause string) bool { return t.Day == day && slices.Contains(t.Causes, cause) }

// And is t after a person was told of the cause on that day.
func (t Told) And(day, cause string) Told {
	if t.Day != day {
		t.Day, t.Causes = day, nil
	}
	t.Causes = append(slices.Clone(t.Causes), cause)
	return t
}

// FailureCause is the key by which two failures of checks have one cause, whatever the words.
func FailureCause(f Failure) string {
	parts := []string{string(f.Type)}
	for _, part := range []*string{f.Code, f.Object} {
		if part != nil {
			parts = append(parts, *part)
		}
	}
	for _, p := range f.Problems {
		parts = append(parts, p.String())
	}
	return parts[0] + "-" + hash(strings.Join(parts, "\n"))[:8]
}

// CheckFailed is what a person is told of a check that failed: what, since when, what nobody sees meanwhile, until when
// the model lives, and what to do.
func CheckFailed(request Request, title string, f Failure, told Told, at time.Time) (summary, next string) {
	since := "; nobody sees its expiry, its endpoint and its data, and nothing renews it, until a check succeeds"
	if told.Since.Before(at) {
		since += "; no check has succeeded since " + told.Since.UTC().Format("2006-01-02 15:04 UTC")
	}
	life := Lives("what was last seen to serve", told.ExpiresAt, at, request.Deploy != nil)
	next = "see what serves: starter status " + request.Name
	if f.Next != nil {
		next = strings.TrimSuffix(Meanwhile(*f.Next), " and start the run again")
	}
	if f.Type == InvalidRequest && len(f.Problems) > 0 {
		next += "; then: starter apply --file FILE"
	}
	return fmt.Sprintf("%s: the check failed: %s%s; %s", title, f.Message, since, life), next + "; then check again: starter trigger " + request.Name
}
