package page

import (
	"context"
	"net/http"
	"time"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// notYet says why there is nothing to see.
var notYet = []string{"The worker reads its resource and Temporal for the first time. This page loads itself again in a moment."}

// skewTold is the difference between the service's clock and this machine's from which on a page tells the service's now.
const skewTold = 5 * time.Minute

// read is the fleet as far as it is known, what the page has to say of that at its top, and the code of the answer. There is
// none while it is read for the first time, and when that has failed: the head then says which.
func (p *Page) read(r *http.Request, title, at string) (*Fleet, head, int) {
	ctx, cancel := context.WithTimeout(r.Context(), firstPatience)
	defer cancel()
	k := p.Source.fleets.look(ctx)
	h := head{Title: title, At: at, Namespace: p.Source.Namespace(), Resource: k.value.Resource}
	now := p.Now()
	code := http.StatusOK
	if k.err != nil {
		code = http.StatusServiceUnavailable
		what := "Temporal could not be read: what is shown of it is older"
		if !k.known {
			what = "Temporal could not be read: only what the service shows is here"
		}
		h.Troubles = append(h.Troubles, troubleFrom(what, exit.As(k.err)))
	}
	switch {
	case !k.known && k.err == nil:
		h.Title, h.Refresh, h.Self = "The fleet is being read", 3, r.URL.RequestURI()
		return nil, h, http.StatusServiceUnavailable
	case !k.known && len(k.value.Models) == 0:
		h.Title = "The fleet could not be read"
		return nil, h, code
	}
	f := k.value
	if f.Unread != nil {
		what := "The service could not be read: what is shown of it is from the last time"
		if f.LookedAt.IsZero() {
			what = "The service could not be read: only what Temporal knows is here"
		}
		h.Troubles = append(h.Troubles, troubleFrom(what, f.Unread))
	}
	h.Ages = agesOf(f, now)
	if k.known {
		h.Ages = append(h.Ages, "Temporal read "+ago(now, k.at))
	}
	if oldest := p.Source.standings.oldest(); !oldest.IsZero() && now.Sub(oldest) > 2*standingAge {
		h.Ages = append(h.Ages, "schedules up to "+words.Elapsed(now.Sub(oldest))+" old")
	}
	return &f, h, code
}

// agesOf say how old what is shown of the service is.
func agesOf(f Fleet, now time.Time) []string {
	if f.LookedAt.IsZero() {
		return []string{"the service was not read"}
	}
	text := "service read " + ago(now, f.LookedAt)
	var marks lifecycle.Duration
	for _, m := range f.Models {
		if m.CrawlAge != nil {
			marks = max(marks, *m.CrawlAge)
		}
	}
	if marks.Std() >= time.Minute {
		text += ", marks and deletions up to " + words.Elapsed(marks.Std()+now.Sub(f.LookedAt)) + " old"
	}
	ages := []string{text}
	if skew := f.ObservedAt.Sub(f.LookedAt); skew.Abs() > skewTold {
		ages = append(ages, "by the service’s clock it was "+words.Minute(f.ObservedAt))
	}
	return ages
}
