package activities

import (
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/web"
)

// ExamineInput is what the worker is to look at besides itself: the locales, content URLs and web hooks of requests.
type ExamineInput struct {
	Scope
	Requests []lifecycle.Request `json:"requests"`
}

// probesAtOnce bounds how many servers of data are asked side by side.
const probesAtOnce = 16

// Examine looks at the worker's own set-up: its access to the service, what stands on the resource, whether it reaches the
// data of requests and has their web hooks. It changes and sends nothing. That the service cannot be read is an answer.
func (a *Activities) Examine(ctx context.Context, in ExamineInput) (lifecycle.Examined, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return lifecycle.Examined{}, err
	}
	e := lifecycle.Examined{
		Release: build.Read().Version, Owner: a.owner, Home: a.home,
		Resource: a.speech.Resource(), APIVersion: a.speech.APIVersion(), Credential: a.speech.Credential(),
		Locales: []lifecycle.LocaleExamined{}, Owners: []lifecycle.Counted{}, Homes: []lifecycle.Counted{},
		Links: []lifecycle.LinkExamined{}, Hooks: []lifecycle.HookExamined{}, Findings: []lifecycle.Finding{},
		Signs: a.getenv(WebhookSecret) != "",
	}
	if err := a.examineService(ctx, in.Requests, &e); err != nil {
		if ctx.Err() != nil {
			return lifecycle.Examined{}, ctx.Err()
		}
		f := FailureOf(classify(err, subject{
			class: lifecycle.InvalidRequest, object: "Speech resource " + a.speech.Resource(), next: "check SPEECH_ENDPOINT and SPEECH_API_VERSION of the worker",
		}), "read the Speech resource", Budget{})
		e.Failure = &f
	}
	e.LookedAt = a.now().UTC()
	requests := a.speech.Requests()
	e.Requests = lifecycle.RequestsExamined{Share: requests.Share, Most: requests.Most, Sent: requests.Sent, Slowed: requests.Slowed}
	e.Hooks = a.examineHooks(in.Requests)
	e.Links, err = a.examineLinks(ctx, in.Requests)
	return e, err
}

// examineService reads what stands on the resource. The first request is a new one, whatever is known already: the key may
// be another by now.
func (a *Activities) examineService(ctx context.Context, requests []lifecycle.Request, e *lifecycle.Examined) error {
	_, meta, err := a.speech.ListModelLocales(ctx)
	if err != nil {
		return err
	}
	e.ObservedAt, e.LookedAt, e.LocalClock = meta.ObservedAt, a.now().UTC(), meta.LocalClock
	l, err := a.look(ctx)
	if err != nil {
		return err
	}
	e.Room = a.roomOf(l)
	e.Owners, e.Homes = l.holders(e.ObservedAt)
	locales := map[string]bool{}
	for _, r := range requests {
		locales[r.Locale] = true
	}
	for _, locale := range slices.Sorted(maps.Keys(locales)) {
		bases, now, err := a.bases(ctx, locale, a.lately())
		if err != nil {
			return err
		}
		e.Locales = append(e.Locales, lifecycle.ExamineLocale(locale, bases, now))
	}
	return nil
}

// holders count the objects of each owner, and of ours the versions of each home that are unfinished, or recent.
func (l *listing) holders(now time.Time) (owners, homes []lifecycle.Counted) {
	l.need(everything...)
	objects, versions := map[string]int{}, map[string]int{}
	mark := func(marks map[string]string) {
		if owner := marks[lifecycle.MarkOwner]; owner != "" {
			objects[owner]++
		}
	}
	for _, m := range l.models {
		mark(m.CustomProperties)
		home, _ := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun])
		if l.ours(m.Object) && home != "" && lifecycle.StillOfHome(lifecycle.State(m.CustomProperties[lifecycle.MarkState]), m.CreatedDateTime, now) {
			versions[home]++
		}
	}
	for _, e := range l.endpoints {
		mark(e.CustomProperties)
	}
	for _, e := range l.evaluations {
		mark(e.CustomProperties)
	}
	for _, d := range l.datasets {
		mark(d.CustomProperties)
	}
	return counted(objects), counted(versions)
}

func counted(of map[string]int) []lifecycle.Counted {
	all := []lifecycle.Counted{}
	for _, key := range slices.Sorted(maps.Keys(of)) {
		all = append(all, lifecycle.Counted{Of: key, Count: of[key]})
	}
	return all
}

// examineHooks tells which variables of web hooks hold an address.
func (a *Activities) examineHooks(requests []lifecycle.Request) []lifecycle.HookExamined {
	seen, hooks := map[string]bool{}, []lifecycle.HookExamined{}
	for _, r := range requests {
		for _, n := range r.Notify {
			name := n.URLFrom.Env
			if seen[name] {
				continue
			}
			seen[name] = true
			hook := lifecycle.HookExamined{Env: name}
			switch url := a.getenv(name); {
			case url == "":
				hook.Fault = "the worker has no environment variable " + name
			case web.CheckURL(url) != nil:
				hook.Fault = "the worker's variable " + name + " does not hold an https URL (http only to this machine)"
			}
			hooks = append(hooks, hook)
		}
	}
	return hooks
}

// examineLinks asks each server of data once, however many models use it.
func (a *Activities) examineLinks(ctx context.Context, requests []lifecycle.Request) ([]lifecycle.LinkExamined, error) {
	seen, links := map[string]bool{}, []lifecycle.LinkExamined{}
	var urls []string
	for _, r := range requests {
		for _, d := range dataOf(Scope{}, r) {
			if d.Data.ContentURL == "" && d.Data.ContentURLFrom == nil {
				continue
			}
			link := lifecycle.LinkExamined{Model: r.Name, Path: d.Path}
			if d.Data.ContentURLFrom != nil {
				link.Env = d.Data.ContentURLFrom.Env
			}
			url, err := a.contentURL(d.Data, d.Path)
			key := link.Env + " " + url
			if seen[key] {
				continue
			}
			seen[key] = true
			if err != nil {
				link.Missing, link.Fault = true, FailureOf(err, d.Path, Budget{}).Message
			} else {
				link.Host = secret.Host(url)
				if until, ok := secret.SignedUntil(url); ok {
					link.SignedUntil = &until
				}
			}
			links, urls = append(links, link), append(urls, url)
		}
	}
	group, grouped := errgroup.WithContext(ctx)
	group.SetLimit(probesAtOnce)
	for i := range links {
		if links[i].Missing {
			continue
		}
		group.Go(func() error {
			defer speech.Alive(ctx)
			v, err := a.validators(grouped, urls[i])
			links[i].Fault, links[i].Seen = v.answer, v.etag != "" || v.modified != ""
			return err
		})
	}
	return links, group.Wait()
}
