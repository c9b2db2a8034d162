package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// probeTimeout bounds the look at a content URL (the contract's "Marks", sr.content).
const probeTimeout = 10 * time.Second

// maxHops bounds the redirects that a look at a content URL follows.
const maxHops = 5

// newProbe makes the client that looks at content URLs. It sends no key, and follows redirects as the service
// would, but never out of https: what is learnt decides whether data has changed.
func newProbe() *http.Client {
	return &http.Client{Timeout: probeTimeout, Transport: speech.NewTransport(), CheckRedirect: hop}
}

// hop decides whether a redirect is followed: to https, or on this machine from http to http.
func hop(next *http.Request, before []*http.Request) error {
	if len(before) > maxHops {
		return fmt.Errorf("more than %d redirects", maxHops)
	}
	if err := speech.CheckURL(next.URL.String()); err != nil {
		return err
	}
	if before[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("a redirect out of https is not followed")
	}
	// It would tell the next host the signature of the URL before.
	next.Header.Del("Referer")
	return nil
}

// identify gives a content URL its identity: of the URL without its signature and of what the server
// says about the content. seen is false when the server says nothing, so that a change would go unnoticed.
func (a *Activities) identify(ctx context.Context, url, kind, locale string) (content string, seen bool) {
	etag, modified := a.validators(ctx, url)
	return dataset.URLIdentity(url, etag, modified, kind, locale)
}

// validators asks the server for ETag and Last-Modified, with HEAD, else with a one-byte ranged GET:
// signed URLs are often valid for GET alone. No answer is no validator.
func (a *Activities) validators(ctx context.Context, url string) (etag, modified string) {
	if speech.CheckURL(url) != nil {
		return "", ""
	}
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		request, err := http.NewRequestWithContext(ctx, method, url, nil)
		if err != nil {
			return "", ""
		}
		if method == http.MethodGet {
			request.Header.Set("Range", "bytes=0-0")
		}
		response, err := a.probe.Do(request)
		if err != nil {
			continue
		}
		_, _ = io.CopyN(io.Discard, response.Body, 1)
		_ = response.Body.Close()
		if response.StatusCode/100 != 2 {
			continue
		}
		etag, modified = response.Header.Get("ETag"), response.Header.Get("Last-Modified")
		if etag != "" || modified != "" {
			return etag, modified
		}
	}
	return "", ""
}

// contentURL is the URL of a data set, read from the worker's environment when the request says so.
// It may hold a secret: it goes to the service and nowhere else.
func (a *Activities) contentURL(d lifecycle.Data, path string) (string, error) {
	if d.ContentURLFrom == nil {
		return d.ContentURL, nil
	}
	name := d.ContentURLFrom.Env
	url := a.getenv(name)
	a.conceal(name)
	if url == "" {
		message := fmt.Sprintf("the worker has no environment variable %s", name)
		return "", refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("data " + d.Name),
			Next:     lifecycle.Ptr("set " + name + " where the worker runs, restart it, then start the run again"),
			Problems: []lifecycle.Problem{{Path: path + ".contentUrlFrom.env", Message: message}},
		})
	}
	if speech.CheckURL(url) != nil {
		message := fmt.Sprintf("the worker's variable %s does not hold an https URL (http only to this machine)", name)
		return "", refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("data " + d.Name),
			Next:     lifecycle.Ptr("correct " + name + " where the worker runs, restart it, then start the run again"),
			Problems: []lifecycle.Problem{{Path: path + ".contentUrlFrom.env", Message: message}},
		})
	}
	return url, nil
}

// conceal keeps what a variable holds out of all messages: the service is told it and may repeat it. A wait may
// run on another worker than the create, so each does it for itself.
func (a *Activities) conceal(variable string) {
	if url := a.getenv(variable); url != "" {
		a.speech.ConcealURL(url)
	}
}
