package speech

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"speech-retrainer/internal/resource"
)

// The service allows 100 requests in 10 seconds for each resource (document
// "speech-services-quotas-and-limits"). A burst of 10 and 8 a second stay at 90 in any 10 seconds.
const (
	quotaWindow = 10 * time.Second
	fullRate    = 8.0
	fullBurst   = 10.0
	fullQuota   = fullBurst + 10*fullRate
	// slowFor is how long a share stays halved after the last answer 429.
	slowFor = time.Minute
)

// quota is the part of a resource's requests that this process may send. Its pace spreads the turns that it gives; its
// window holds for the moments at which requests go out, which may come long after their turns on a machine with much
// to do: no more are sent in any 10 seconds, whatever delays them. The limiter's mutex guards it.
type quota struct {
	share     float64
	pace      *rate.Limiter
	most      int         // in any window
	sent      []time.Time // in the last window, oldest first
	open      int         // turns whose requests have not gone out yet
	slowUntil time.Time   // the share is halved; zero when it is not
	told      time.Time   // when that was last said
}

func newQuota(share float64) *quota {
	return &quota{share: share, pace: rate.NewLimiter(paceOf(share)), most: mostOf(share)}
}

// paceOf is the pace of a share, and its burst.
func paceOf(share float64) (rate.Limit, int) {
	burst := max(1, math.Floor(fullBurst*share))
	// A small share still needs a burst of one; then the rate gives way.
	return rate.Limit(min(fullRate*share, (fullQuota*share-burst)/quotaWindow.Seconds())), int(burst)
}

// mostOf is how many requests a share allows in any window.
func mostOf(share float64) int { return int(fullQuota * share) }

// use changes the share that is in force.
func (q *quota) use(share float64) {
	limit, burst := paceOf(share)
	q.pace.SetLimit(limit)
	q.pace.SetBurst(burst)
	q.most = mostOf(share)
}

// halved is the share after an answer 429; the least share stays as it is.
func (q *quota) halved() float64 { return max(q.share/2, resource.MinQuotaShare) }

// none leaves the quota out.
func (q *quota) none() { q.pace.SetLimit(rate.Inf) }

func (q *quota) unlimited() bool { return q.pace.Limit() == rate.Inf }

// take gives a turn, or says how long there is none; zero when that depends on a request that has yet to go out.
func (q *quota) take(now time.Time) (wait time.Duration, ok bool) {
	if q.unlimited() {
		q.open++
		return 0, true
	}
	for len(q.sent) > 0 && now.Sub(q.sent[0]) > quotaWindow {
		q.sent = q.sent[1:]
	}
	if len(q.sent)+q.open >= q.most {
		if len(q.sent) == 0 {
			return 0, false
		}
		return q.sent[0].Add(quotaWindow).Sub(now) + time.Millisecond, false
	}
	if q.pace.AllowN(now, 1) {
		q.open++
		return 0, true
	}
	missing := 1 - q.pace.TokensAt(now)
	return max(time.Millisecond, time.Duration(missing/float64(q.pace.Limit())*float64(time.Second))), false
}

// went records that the request of a turn went out, or that none will.
func (q *quota) went(now time.Time, out bool) {
	q.open--
	if out && !q.unlimited() {
		q.sent = append(q.sent, now)
	}
}

// slow halves the share for a minute after an answer 429. tell is true when that is to be said: once in a minute.
func (q *quota) slow(now time.Time) (share float64, tell bool) {
	if q.unlimited() {
		return q.share, false
	}
	if q.slowUntil.IsZero() {
		q.use(q.halved())
	}
	q.slowUntil = now.Add(slowFor)
	if tell = q.told.IsZero() || now.Sub(q.told) >= slowFor; tell {
		q.told = now
	}
	return q.halved(), tell
}

// recover gives the whole share back when its minute is over; ended is true when it was.
func (q *quota) recover(now time.Time) (ended bool) {
	if q.slowUntil.IsZero() || now.Before(q.slowUntil) {
		return false
	}
	q.slowUntil, q.told = time.Time{}, time.Time{}
	q.use(q.share)
	return true
}

// Requests is what this process may send to its resource, and what it has sent.
type Requests struct {
	// Share is its part of the resource's requests, Most how many that allows in any 10 seconds, Sent how many went in the
	// last 10. Most is zero when there is no limit.
	Share      float64
	Most, Sent int
	// Slowed tells that the service has answered 429 within the last minute.
	Slowed bool
}

// Requests asks nothing of the service.
func (c *Client) Requests() Requests {
	l := c.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	q, now := l.quota, time.Now()
	r := Requests{Share: q.share, Slowed: !q.slowUntil.IsZero() && now.Before(q.slowUntil)}
	if q.unlimited() {
		return r
	}
	r.Most = mostOf(q.share)
	for _, at := range q.sent {
		if now.Sub(at) <= quotaWindow {
			r.Sent++
		}
	}
	return r
}
