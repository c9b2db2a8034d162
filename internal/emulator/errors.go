package emulator

import (
	"fmt"
	"net/http"
)

// failure is an error of the service: the body of an answer, or the reason of a failed entity.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// refusal is an answer that is not a success (schema Error).
type refusal struct {
	status  int
	code    string
	inner   string
	message string
	header  http.Header
	gateway bool // answered before the service, in another envelope (NOTES section 7)
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s/%s: %s", r.status, r.code, r.inner, r.message)
}

// wire is the form that is sent; nulls adds what has been seen live as explicit null.
func (r *refusal) wire(nulls bool) map[string]any {
	if r.gateway {
		return map[string]any{"error": map[string]any{"code": r.code, "message": r.message}}
	}
	b := map[string]any{"code": r.code, "message": r.message}
	empty := func(m map[string]any) {
		if nulls {
			m["target"], m["details"], m["innerError"] = nil, nil, nil
		}
	}
	empty(b)
	if r.inner != "" {
		in := map[string]any{"code": r.inner, "message": r.message}
		empty(in)
		b["innerError"] = in
	}
	return b
}

// invalid is a request that the service does not accept.
func invalid(inner, format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "InvalidRequest", inner: inner, message: fmt.Sprintf(format, args...)}
}

// refused is an operation that the state of things does not allow, with a status that is open (NOTES section 17).
func refused(status int, inner, format string, args ...any) *refusal {
	r := invalid(inner, format, args...)
	r.status = status
	switch status {
	case http.StatusConflict:
		r.code = "Conflict"
	case http.StatusForbidden:
		r.code = "Forbidden"
	case http.StatusTooManyRequests:
		r.code = "TooManyRequests"
	}
	return r
}

func notFound() *refusal {
	return &refusal{status: http.StatusNotFound, code: "NotFound", message: "The specified entity cannot be found."}
}
