package activities

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/web"
)

// probeTimeout bounds the look at a content URL (the contract's "Marks", sr.content).
const probeTimeout = 10 * time.Second

// maxHops bounds the redirects that a look at a content URL follows.
const maxHops = 5

// The redirects that a look does not follow.
var (
	errManyHops  = fmt.Errorf("more than %d redirects", maxHops)
	errWrongHop  = errors.New("a redirect to where the content may not come from")
	errLeavesTLS = fmt.Errorf("%w: out of https", errWrongHop)
)

// newProbe makes the client that looks at content URLs. It sends no key, and follows redirects as the service
// would, but never out of https: what is learnt decides whether data has changed.
func newProbe() *http.Client {
	return &http.Client{Timeout: probeTimeout, Transport: web.NewTransport(), CheckRedirect: hop}
}

// hop decides whether a redirect is followed: to https, or on this machine from http to http.
func hop(next *http.Request, before []*http.Request) error {
	if len(before) > maxHops {
		return errManyHops
	}
	if web.CheckURL(next.URL.String()) != nil {
		return errWrongHop
	}
	if before[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errLeavesTLS
	}
	// It would tell the next host the signature of the URL before.
	next.Header.Del("Referer")
	return nil
}

// glance is what a look at a content URL showed.
type glance struct {
	// source is the mark sr.source, and content the mark sr.content; content is empty while it is not known.
	source, content string
	// seen tells that the server says something about the content, so that a change would be noticed.
	seen bool
	// answer is what the server did instead of telling its content ("answered 403 Forbidden"), in own words: neither its
	// text nor the URL is in it. Empty when the content is known.
	answer string
}

// identify gives a content URL its identity: of the URL without its signature and of what the server says about the
// content. Only an answer of 2xx makes it known: anything else says nothing of the content. The error is ctx's own.
func (a *Activities) identify(ctx context.Context, url string, kind lifecycle.DatasetKind, locale string) (glance, error) {
	g := glance{source: dataset.URLSource(url, kind, locale)}
	v, err := a.validators(ctx, url)
	if err != nil {
		return glance{}, err
	}
	if g.answer = v.answer; g.answer == "" {
		g.content, g.seen = dataset.URLIdentity(url, v.etag, v.modified, kind, locale)
	}
	return g, nil
}

// validators are what a server says about a content. answer is what it did instead; empty when it answered 2xx.
type validators struct{ etag, modified, answer string }

// validators asks the server for ETag and Last-Modified with HEAD; where that is refused, or tells nothing, with a
// one-byte ranged GET: signed URLs are often valid for GET alone. The last answer counts. The error is ctx's own.
func (a *Activities) validators(ctx context.Context, url string) (validators, error) {
	if web.CheckURL(url) != nil {
		return validators{answer: "was not asked, as its address is not https"}, nil
	}
	var v validators
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		request, err := http.NewRequestWithContext(ctx, method, url, nil)
		if err != nil {
			return validators{answer: "was not asked, as its address is no URL"}, nil
		}
		if method == http.MethodGet {
			request.Header.Set("Range", "bytes=0-0")
		}
		response, err := a.probe.Do(request)
		if ctx.Err() != nil {
			return validators{}, ctx.Err()
		}
		if err != nil {
			v = validators{answer: a.noAnswer(err)}
			continue
		}
		_, _ = io.CopyN(io.Discard, response.Body, 1)
		_ = response.Body.Close()
		if response.StatusCode/100 != 2 {
			v = validators{answer: strings.TrimSpace(fmt.Sprintf("answered %d %s", response.StatusCode, http.StatusText(response.StatusCode)))}
			continue
		}
		v = validators{etag: response.Header.Get("ETag"), modified: response.Header.Get("Last-Modified")}
		if v.etag != "" || v.modified != "" {
			return v, nil
		}
	}
	return v, nil
}

// noAnswer says why a server gave no answer. The error itself holds the URL, and is told to nobody.
func (a *Activities) noAnswer(err error) string {
	var slow net.Error
	var untrusted *tls.CertificateVerificationError
	var unnamed *net.DNSError
	switch {
	case errors.As(err, &slow) && slow.Timeout():
		return "did not answer within " + a.probe.Timeout.String()
	case errors.Is(err, errManyHops):
		return "answered with " + errManyHops.Error()
	case errors.Is(err, errWrongHop):
		return "answered with a redirect that is not followed: it leads out of https"
	case errors.As(err, &untrusted):
		return "shows a certificate that is not trusted"
	case errors.As(err, &unnamed) && unnamed.IsNotFound:
		return "was not found: its host has no address"
	}
	return "gave no answer that can be read, or could not be reached"
}

// said is what the server of data did, for messages: where the data stands in the request, and of the URL the host alone.
func said(g glance, d lifecycle.Data, path, address string) string {
	about := "its host is unknown"
	if u, err := url.Parse(address); err == nil {
		about = u.Host
	}
	if d.ContentURLFrom != nil {
		about = "variable " + d.ContentURLFrom.Env + ", " + about
	}
	return fmt.Sprintf("the server of %s %s (%s)", path, g.answer, about)
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
	if web.CheckURL(url) != nil {
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

// DataInput is one data set of a request; Path is where it stands there ("training[0]").
type DataInput struct {
	Scope
	Path string         `json:"path"`
	Data lifecycle.Data `json:"data"`
}

// DataFound is what a data set of a request turned out to be: an existing dataset (ID set), or content
// that is to become one.
type DataFound struct {
	ID          string                `json:"id,omitempty"`
	DisplayName string                `json:"displayName"`
	Kind        lifecycle.DatasetKind `json:"kind"`
	// Content is what the data counts as in sr.input: the content mark, or "id:<id>".
	Content string `json:"content"`
	// Marked tells whether Content is a content mark.
	Marked bool   `json:"marked"`
	Note   string `json:"note,omitempty"`
	// Unknown is what the server of the data did instead of telling its content, when the dataset stands for it; else
	// empty.
	Unknown string `json:"unknown,omitempty"`
	// Ready is what is known of the dataset when it is imported already; nil when its import has to be waited for.
	Ready *DatasetReady `json:"ready,omitempty"`
}

// contentFound is data whose content is known.
func contentFound(d lifecycle.Data, g glance) DataFound {
	return DataFound{DisplayName: lifecycle.DatasetDisplayName(d.Name, g.content), Kind: d.Kind, Content: g.content, Marked: true}
}
