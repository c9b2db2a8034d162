package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// row is one thing that is measured.
type row struct {
	id, title string
	// how says how it is measured, limits what keeps the figure where it is.
	how, limits string
	// quiet rows wait for most of their time: they run side by side, before the others.
	quiet   bool
	measure func(context.Context, *host) ([]Figure, any, error)
}

// rows are all, in the order of the page.
var rows = []row{
	{
		id: "wall", title: "Wall over service time", quiet: true, measure: measureWall,
		how: "One retrain whose training takes 60 s. Service time is the time in which the service had any job of it in work " +
			"(import, training), by its own dates; wall is from start to end by Temporal's.",
		limits: "the pace of the looks at what goes on, and SPEECH_LIST_LAG where the run waits for lists",
	},
	{
		id: "full", title: "A full run", quiet: true, measure: measureFull,
		how: "A project, three data sets by contentUrl, two tests against the bare base model, and an endpoint; trainings of 3 s. Then the same " +
			"request again, on a new base model. Pauses are the stretches of 5 s and more in which the service has no job in work and gets no request.",
		limits: "SPEECH_LIST_LAG (30 s) where the run waits for lists; the number of activities",
	},
	{
		id: "lone", title: "One lone wait", quiet: true, measure: measureLone,
		how:    "One training that does not end, with Retry-After 1; product and peers side by side on a resource each.",
		limits: "the pace between two looks",
	},
	{
		id: "crawl", title: "The crawl", quiet: true, measure: measureCrawl,
		how: "A resource of 10,000 models and a worker with nothing to do: the log is read until every page of models was asked for, without a " +
			"filter. The share counts all requests of the worker.",
		limits: "the worker's own limit of its crawl",
	},
	{
		id: "crowd", title: "Many retrains at once", measure: measureCrowd,
		how: "Retrains of 1, 100 and 300 models at once, a dataset by reference, trainings of 6 s, polls included. One POST each at the quota: 8 a " +
			"second, the share of a lone worker. Notice is from the end of a training to the event that its wait completed. Peers are as many scripts, afterwards, on " +
			"a resource of their own, that obey Retry-After of a 429 and poll at their pace.",
		limits: "the quota of the service, 100 requests in 10 s",
	},
	{
		id: "thousand", title: "A thousand retrains at once", measure: measureThousand,
		how: "As above, 1,000 models.", limits: "the quota of the service",
	},
	{
		id: "waits", title: "A thousand waits", measure: measureWaits,
		how: "1,000 trainings that do not end, each waited for by the product's own activity. The most requests in any 10 s of 30 s in which nothing " +
			"ends; then all end at once.",
		limits: "the pace of the one shared list; a script's 1,000 loops share the quota",
	},
	{
		id: "large", title: "A large resource", measure: measureLarge,
		how: "10,000 models that another thousand models of the same owner left two and a half minutes ago, and two retrains one after the other: the " +
			"requests of the second, less what the quiet worker asks in as much time.",
		limits: "the first listing: a request a page",
	},
	{
		id: "rate", title: "Rate without a service", measure: measureRate,
		how: "480 retrains, 120 at once, on a service that takes no time and has no quota, over 480 workflows, 120 at once, of as many activities that " +
			"do nothing; in turns of 240, with workers in the same process.",
		limits: "the processor, which the dev server takes most of",
	},
	{
		id: "fleet", title: "A fleet of a thousand", measure: measureFleet,
		how:    "1,000 models with a champion at an endpoint of its own, a dataset by reference: first `starter apply`, then `status`, then `plan`.",
		limits: "the dev server's schedules for apply and status; Temporal's events for plan",
	},
	{
		id: "page", title: "The fleet page", measure: measurePage,
		how: "The same fleet with schedules; the worker serves its page. 200 views of it, one after the other, on the machine that also runs all else. " +
			"After `apply` it takes until the next reading that every model is shown.",
		limits: "a view's own HTML; the dev server, which is asked for each schedule once",
	},
	{
		id: "parked", title: "Parked waits", measure: measureParked,
		how: "Waits on one worker for trainings that do not end; resident memory before and a minute after all have begun, by the kernel. Missed " +
			"heartbeats are attempts that a heartbeat time-out of 60 s has ended, by Temporal; at 10,000 within two minutes.",
		limits: "the dev server's heartbeats",
	},
}

// Rows are the IDs of all rows.
func Rows() []string {
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.id)
	}
	return ids
}

// place is where a row stands on the page; unknown ones go last.
func place(id string) int {
	at := slices.IndexFunc(rows, func(r row) bool { return r.id == id })
	if at < 0 {
		return len(rows)
	}
	return at
}

// choose is the rows with the IDs, all without any.
func choose(ids []string) ([]row, error) {
	if len(ids) == 0 {
		return rows, nil
	}
	var chosen []row
	for _, id := range ids {
		at := place(id)
		if at == len(rows) {
			return nil, fmt.Errorf("there is no row %q: use some of %s", id, strings.Join(Rows(), " "))
		}
		chosen = append(chosen, rows[at])
	}
	return chosen, nil
}

// Measure measures rows, all without any named, and hands each result to take. A row that has not begun when the time
// is over is left out. The error joins those of the rows.
func (r *Rig) Measure(ctx context.Context, ids []string, commit string, within time.Duration, take func(Result) error) error {
	chosen, err := choose(ids)
	if err != nil {
		return err
	}
	var lock sync.Mutex
	var errs []error
	began := time.Now()
	one := func(w row) {
		result := r.measure(ctx, w, commit)
		lock.Lock()
		defer lock.Unlock()
		if result.Failed != "" {
			errs = append(errs, fmt.Errorf("row %s: %s", w.id, result.Failed))
		}
		errs = append(errs, take(result))
	}
	var quiet sync.WaitGroup
	var loud []row
	for _, w := range chosen {
		if w.quiet {
			quiet.Go(func() { one(w) })
		} else {
			loud = append(loud, w)
		}
	}
	// The crawl's round is the longest and costs next to nothing: the others do not wait for it.
	if len(loud) > 0 && len(loud) < len(chosen) {
		_ = pause(ctx, quietFirst)
	}
	for _, w := range loud {
		if ctx.Err() != nil || time.Since(began) > within {
			r.Tell("%s: left out, the time is over", w.id)
			continue
		}
		one(w)
	}
	quiet.Wait()
	return errors.Join(append(errs, context.Cause(ctx))...)
}

// quietFirst is how long the quiet rows have the machine to themselves; all but the crawl have ended by then.
const quietFirst = 2*time.Minute + 15*time.Second

// measure measures one row.
func (r *Rig) measure(ctx context.Context, w row, commit string) Result {
	r.Tell("%s: %s", w.id, w.title)
	result := Result{Row: w.id, Commit: commit, At: time.Now().UTC().Truncate(time.Second)}
	before := load()
	figures, raw, err := r.hosted(ctx, w)
	result.Seconds, result.Load = time.Since(result.At).Round(time.Second).Seconds(), [2]float64{before, load()}
	result.Figures, result.Raw = figures, raw
	if err != nil {
		result.Failed = err.Error()
		r.Tell("%s: failed: %v", w.id, err)
		return result
	}
	for _, f := range figures {
		r.Tell("%s: %s: %s%s", w.id, f.Name, f.text(), f.verdict())
	}
	return result
}

// hosted measures one row on a Temporal of its own.
func (r *Rig) hosted(ctx context.Context, w row) (figures []Figure, raw any, err error) {
	h, err := r.host(ctx, w.id)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	return w.measure(ctx, h)
}
