package speech

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-resty/resty/v2"

	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/web"
)

const (
	// maxInner is how deep the inner errors of an envelope are followed.
	maxInner = 8
	// maxMessage is the most of a service's text that goes into an error, in characters.
	maxMessage = 600
)

// serviceError is an error as the service writes it. The service sends the error itself as body, the
// gateway before it wraps one in "error" (NOTES 7); parseEnvelope reads both.
type serviceError struct {
	Code    json.RawMessage `json:"code"`
	Message json.RawMessage `json:"message"`
	// Inner stays unread until it is needed: an envelope may be nested to annoy.
	Inner json.RawMessage `json:"innerError"`
}

// text is a JSON string, or a number as it is written; anything else is none. The fields of an error
// are text, but the gateway may send a number as code, and a broken part must not hide the rest.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// parseEnvelope reads an error body; ok is false when it is neither form.
func parseEnvelope(body []byte) (top serviceError, wrapped, ok bool) {
	var wrapper struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &wrapper) != nil {
		return serviceError{}, false, false
	}
	if len(wrapper.Error) > 0 && wrapper.Error[0] == '{' {
		body, wrapped = wrapper.Error, true
	}
	if json.Unmarshal(body, &top) != nil {
		return serviceError{}, false, false
	}
	return top, wrapped, text(top.Code) != "" || text(top.Message) != "" || text(inner(top).Code) != ""
}

// inner is the inner error, empty when there is none.
func inner(s serviceError) serviceError {
	var in serviceError
	if json.Unmarshal(s.Inner, &in) != nil {
		return serviceError{}
	}
	return in
}

// innermost gives the code of the deepest inner error that has one, and the deepest message.
func innermost(s serviceError) (code, message string) {
	for range maxInner {
		if len(s.Inner) == 0 {
			break
		}
		s = inner(s)
		if c := text(s.Code); c != "" {
			code = c
		}
		if m := text(s.Message); m != "" {
			message = m
		}
	}
	return code, message
}

// statusError turns an answer outside 2xx into an error.
func (c *Client) statusError(q call, response *resty.Response, meta Meta) *Error {
	status := response.StatusCode()
	e := &Error{
		Operation: q.operation, Object: q.object, Status: status,
		RetryAfter: meta.RetryAfter, HasRetryAfter: meta.HasRetryAfter, Asked: c.clean(response.Header().Get(web.HeaderRetryAfter)),
		ObservedAt: meta.ObservedAt,
		Unanswered: writes(q.method) && (status >= http.StatusInternalServerError || status == http.StatusRequestTimeout),
	}
	if status < http.StatusBadRequest {
		e.refused = true
		e.Message = c.clean("the service redirects to " + host(response.Header().Get("Location")) + "; redirects are not followed, check SPEECH_ENDPOINT")
		return e
	}
	top, wrapped, ok := parseEnvelope(response.Body())
	if ok {
		code, message := text(top.Code), text(top.Message)
		innerCode, innerMessage := innermost(top)
		if innerMessage != "" && innerMessage != message {
			message = strings.TrimSpace(message + " " + innerMessage)
		}
		e.Code, e.InnerCode, e.Message = c.clean(code), c.clean(innerCode), c.clean(message)
		e.gateway = wrapped && code == strconv.Itoa(status)
		return e
	}
	e.Message = c.clean(foreign(response))
	if !e.Auth() && !e.Throttled() && !e.Transient() {
		// Without the service's own body this says nothing about the object: a proxy's 404 must not
		// look like a deleted model.
		e.Message = c.clean(fmt.Sprintf("the answer %d is not one of the Speech service: %s", status, foreign(response)))
		e.Status, e.Unanswered = 0, writes(q.method)
	}
	return e
}

// host is the host of a URL for a message, or "another place".
func host(rawURL string) string {
	if u := secret.Parsed(rawURL); u != nil && u.Host != "" {
		return u.Host
	}
	return "another place"
}

// foreign describes a body that is not the service's.
func foreign(response *resty.Response) string {
	body := response.Body()
	if body == nil {
		return "a body that is too large to be read"
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return "an empty body"
	}
	if excerpt := markup(body); excerpt != "" {
		return excerpt
	}
	kind, _, err := mime.ParseMediaType(response.Header().Get("Content-Type"))
	if err != nil {
		kind = "unknown type"
	}
	return fmt.Sprintf("%d bytes of %s", len(body), kind)
}

var (
	titleForm = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	blanks    = regexp.MustCompile(`\s+`)
)

// markup describes a page of HTML by its title, "" when the body is none. No other part of a foreign
// body goes into a message.
func markup(body []byte) string {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 1024)]))
	if !bytes.HasPrefix(head, []byte("<!doctype html")) && !bytes.HasPrefix(head, []byte("<html")) {
		return ""
	}
	if m := titleForm.FindSubmatch(body[:min(len(body), 64<<10)]); m != nil {
		title := strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(string(m[1])), " "))
		return fmt.Sprintf("a page of HTML, %q", title)
	}
	return "a page of HTML"
}

// clean makes a text from outside fit for a message: no control or direction characters that could
// forge a line of a log, no secrets, not too long.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = secret.Redact(strings.TrimSpace(s))
	if utf8.RuneCountInString(s) > maxMessage {
		s = string([]rune(s)[:maxMessage]) + "…"
	}
	return s
}
