package speech

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"speech-retrainer/internal/web"
)

// Error is a call that failed. Its text is made for the operator: what was tried on which object,
// what the service said, what to look at next. It never holds a key, a token or a signature.
type Error struct {
	// Operation is what was tried, for example "create model".
	Operation string
	// Object is the ID or display name that it was tried on; "" for lists.
	Object string
	// Status is the HTTP status, 0 when there was no usable answer: the network failed, the answer was
	// cut, or it came from something else than the service.
	Status int
	// Code is the service's code; InnerCode that of the innermost error that has one.
	Code, InnerCode string
	// Message is the service's text, cleaned of control characters and secrets.
	Message string
	// RetryAfter is what the service asked for; it counts only with HasRetryAfter.
	RetryAfter    time.Duration
	HasRetryAfter bool
	// Asked is the header as it came, cleaned.
	Asked string
	// Unanswered is true when a change may have taken effect although no valid answer came.
	Unanswered bool
	// ObservedAt is the service's now at the answer; zero when there was none.
	ObservedAt time.Time
	// Err is the cause when there was no usable answer.
	Err error

	gateway bool // the answer came from the gateway before the service
	refused bool // this client will not do it, now or later
	denied  bool // no token was to be had
	storage bool // the answer is that of a storage host, which knows nothing of our key and objects
}

// Error names the operation, the object, the answer, and where the cause suggests it, what to check.
func (e *Error) Error() string {
	if hint := e.hint(); hint != "" {
		return e.Said() + "; " + hint
	}
	return e.Said()
}

// Said is Error without what to check, for who says that better.
func (e *Error) Said() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.Object != "" {
		fmt.Fprintf(&b, " %q", e.Object)
	}
	b.WriteString(": ")
	var parts []string
	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Code != "" {
		code := e.Code
		if e.InnerCode != "" && e.InnerCode != e.Code {
			code += "/" + e.InnerCode
		}
		parts = append(parts, code)
	}
	switch {
	case strings.TrimSpace(e.Message) != "":
		parts = append(parts, e.Message)
	case e.Err != nil:
		parts = append(parts, clean(e.Err.Error()))
	case e.Code != "":
		parts = append(parts, "the service gives no reason")
	}
	if len(parts) == 0 {
		parts = append(parts, "no answer")
	}
	b.WriteString(strings.Join(parts, ": "))
	return b.String()
}

func (e *Error) hint() string {
	switch {
	case e.refused:
		return ""
	case e.storage && e.Status < http.StatusInternalServerError:
		return "the address may have expired; storage of your own must let it be read"
	case e.StateCode() != "":
		return ""
	case e.Auth():
		return "check that SPEECH_KEY (or the Entra identity and its role) belongs to the resource of SPEECH_ENDPOINT or SPEECH_REGION"
	case e.RetryAfter > 0 && (e.Throttled() || e.Transient()):
		return e.AskedToWait()
	case e.gateway && e.Status == http.StatusNotFound:
		return "check SPEECH_ENDPOINT: nothing of the Speech service answers there"
	case e.Unanswered:
		return "it may have taken effect all the same"
	}
	return ""
}

// AskedToWait says what wait the service asked for, with its own words; "" when it asked for none.
func (e *Error) AskedToWait() string {
	if !e.HasRetryAfter || e.RetryAfter <= 0 {
		return ""
	}
	wait := e.RetryAfter.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(wait, zero) {
			wait = wait[:len(wait)-2]
		}
	}
	text := "the service asked to wait " + wait
	if e.Asked != "" {
		text += " (" + web.HeaderRetryAfter + ": " + e.Asked + ")"
	}
	return text
}

// Unwrap gives the cause when there was no usable answer.
func (e *Error) Unwrap() error { return e.Err }

// Transient reports whether the same call may succeed later by itself: 408, 5xx, a network failure or
// an answer that is not the service's. Throttling is not among them, it has its own pace.
func (e *Error) Transient() bool {
	if e.refused || e.denied || e.StateCode() != "" || errors.Is(e.Err, context.Canceled) {
		return false
	}
	return e.Status == 0 || e.Status == http.StatusRequestTimeout || e.Status >= http.StatusInternalServerError
}

// NotFound reports whether the service itself said that the object does not exist. A 404 of the
// gateway, which knows no objects, is not that.
func (e *Error) NotFound() bool {
	return e.Status == http.StatusNotFound && !e.gateway && !e.storage
}

// Throttled reports whether too many requests were sent (429).
func (e *Error) Throttled() bool {
	return e.Status == http.StatusTooManyRequests && e.StateCode() == ""
}

// stateCodes are the codes by which the service says that the state of things forbids a request: a quota, a use, a
// model that cannot serve. The documentation names them and leaves the statuses of such answers open (schema
// DetailedErrorCode), so that only the code tells them from a refused role (403) and from too many requests (429).
var stateCodes = []string{
	"QuotaViolation", "SkuLimitsExist", "InUseViolation", "DeleteNotAllowed", "EndpointNotUpdatable",
	"ModelDeploymentNotCompleteState", "DeployNotAllowed", "ModelNotDeployable", "DeployingFailedModel", "ModelDeprecated",
}

// StateCode reads a code by which the service says that the state of things forbids a request, as the documentation
// writes it; "" for any other.
func StateCode(code string) string {
	for _, c := range stateCodes {
		if strings.EqualFold(c, code) {
			return c
		}
	}
	return ""
}

// StateCode is that code of the answer; "" when it has none. Asking again does not help, and the key is not at fault.
func (e *Error) StateCode() string { return cmp.Or(StateCode(e.InnerCode), StateCode(e.Code)) }

// Auth reports whether the key, the token or its role was refused (401, 403), or no token could be had.
func (e *Error) Auth() bool {
	if e.storage || e.StateCode() != "" {
		return false
	}
	return e.denied || e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// IsNotFound tells that the service answered that the object does not exist.
func IsNotFound(err error) bool {
	var answer *Error
	return errors.As(err, &answer) && answer.NotFound()
}
