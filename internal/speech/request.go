package speech

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
	"go.uber.org/zap"
)

const (
	jsonType   = "application/json"
	binaryType = "application/octet-stream"
	userAgent  = "speech-retrainer"
	// A slow line still moves this many bytes in a second; a block gets that much more time.
	slowestUpload = 64 << 10
)

// call is one request to the service.
type call struct {
	operation, object string // for the operator
	method            string
	url               *url.URL
	query             url.Values // besides the API version, where the URL is still to be made
	body              any        // sent as JSON unless nil
	stream            *stream
	limit             int64 // of the answer in bytes, 0 for the client's
	creates           bool  // it makes an object: sent twice, it makes two
}

// stream is a body that is sent as it is read.
type stream struct {
	reader io.Reader
	length int64
}

// answer is a valid 2xx answer.
type answer struct {
	body     []byte
	location string
	meta     Meta
}

type streamKey struct{}

// newHTTP makes the one HTTP client. Redirects are answers, not followed: a key would go with them.
func newHTTP(transport http.RoundTripper, maxBytes int64) *resty.Client {
	client := resty.NewWithClient(&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	client.SetLogger(silent{})
	client.SetResponseBodyLimit(int(maxBytes))
	client.SetHeader("User-Agent", userAgent)
	// resty would read a stream into memory; this hands it to the transport as it is.
	client.SetPreRequestHook(func(_ *resty.Client, r *http.Request) error {
		if s, ok := r.Context().Value(streamKey{}).(*stream); ok {
			r.Body, r.ContentLength, r.GetBody = io.NopCloser(s.reader), s.length, nil
		}
		return nil
	})
	return client
}

// silent drops what resty would print by itself.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// do sends one request once, within the rate limit and the time-out, and reads the answer.
func (c *Client) do(ctx context.Context, q call) (answer, error) {
	if !c.own(q.url) {
		return answer{}, c.refuse(q, fmt.Sprintf("the URL leads to %s, not to the resource %s; nothing was sent there", clean(q.url.Host), c.base.Host))
	}
	request := c.http.R().SetHeader("Accept", jsonType)
	switch {
	case q.stream != nil:
		request.SetHeader("Content-Type", binaryType)
	case q.body != nil:
		body, err := json.Marshal(q.body)
		if err != nil {
			return answer{}, c.refuse(q, "the request cannot be written as JSON: "+err.Error())
		}
		request.SetHeader("Content-Type", jsonType).SetBody(body)
	}
	authorize := func() error {
		err := c.authorize(ctx, request)
		if err == nil {
			return nil
		}
		e := c.tokenError(q, err)
		c.access.saw(c, e)
		return e
	}
	first, err := c.turn(ctx, q, callerOf(ctx).patience(q), authorize)
	if err != nil {
		return answer{}, err
	}
	timeout := c.timeout
	if q.stream != nil {
		timeout += time.Duration(q.stream.length/slowestUpload) * time.Second
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	going := sending{cancel: end, again: func(ctx context.Context) (*turn, error) { return c.turn(ctx, q, 0, func() error { return nil }) }}
	going.turn.Store(first)
	defer func() { going.turn.Load().end(true) }()
	ctx = going.trace(ctx)

	var asked, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	if q.stream != nil {
		ctx = context.WithValue(ctx, streamKey{}, q.stream)
	}
	ctx, told := c.observer.Sending(ctx, q.operation)
	start := time.Now()
	response, err := request.SetContext(ctx).Execute(q.method, q.url.String())
	status := 0
	if response != nil {
		status = response.StatusCode()
	}
	told(status)
	c.logger.Debug("speech request", zap.String("operation", q.operation), zap.String("object", q.object),
		zap.String("method", q.method), zap.String("path", q.url.Path), zap.Int("status", status), zap.Duration("took", time.Since(start)))
	if tooLarge(err) && !response.IsSuccess() {
		err = nil // the status says what there is to know; such a body is not the service's
	}
	if err != nil {
		sent := !asked.Load() || connected.Load()
		return answer{}, c.networkError(ctx, q, response, err, sent)
	}
	answered(ctx)
	meta := c.meta(response.Header())
	if response.IsSuccess() {
		c.access.saw(c, nil)
		return answer{body: response.Body(), location: response.Header().Get("Location"), meta: meta}, nil
	}
	e := c.statusError(q, response, meta)
	c.access.saw(c, e)
	if e.Throttled() {
		c.limiter.throttled()
	}
	return answer{meta: meta}, e
}

func tooLarge(err error) bool { return errors.Is(err, resty.ErrResponseBodyTooLarge) }

// networkError is the failure of a request that got no whole answer.
func (c *Client) networkError(ctx context.Context, q call, response *resty.Response, err error, sent bool) *Error {
	e := &Error{Operation: q.operation, Object: q.object, Err: err, Unanswered: sent && writes(q.method)}
	switch {
	case tooLarge(err):
		// Asking again would only read it again.
		e.Message, e.refused = fmt.Sprintf("the answer is larger than %d bytes", cmp.Or(q.limit, c.maxBytes)), true
	case ctx.Err() != nil:
		e.Err = errors.Join(context.Cause(ctx), ctx.Err())
		e.Message = c.clean(context.Cause(ctx).Error())
	case response != nil && response.RawResponse != nil:
		e.Message = c.clean("the answer was cut: " + err.Error())
		meta := c.meta(response.Header())
		e.ObservedAt = meta.ObservedAt
	default:
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err // without the URL, which says nothing to the operator
		}
		e.Message = c.clean(fmt.Sprintf("no answer from %s: %v", q.url.Host, err))
	}
	return e
}

// refuse is a call that this client does not make.
func (c *Client) refuse(q call, why string) *Error {
	return &Error{Operation: q.operation, Object: q.object, Message: c.clean(why), refused: true}
}

// garbage is a 2xx answer that cannot be what the service says.
func (c *Client) garbage(q call, meta Meta, why string) *Error {
	message := c.clean("the answer is not one of the Speech service: " + why)
	return &Error{
		Operation: q.operation, Object: q.object, Message: message,
		Unanswered: writes(q.method), ObservedAt: meta.ObservedAt,
	}
}

// decode reads the body of an answer into v.
func (c *Client) decode(q call, a answer, v any) error {
	err := json.Unmarshal(a.body, v)
	if err == nil && bytes.Equal(bytes.TrimSpace(a.body), []byte("null")) {
		err = errors.New("null")
	}
	if err != nil {
		why := "invalid JSON: " + err.Error()
		if excerpt := markup(a.body); excerpt != "" {
			why = excerpt
		}
		return c.garbage(q, a.meta, why)
	}
	return nil
}

func writes(method string) bool { return method != http.MethodGet && method != http.MethodHead }
