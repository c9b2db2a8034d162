package contract

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// String is the violation in one line, for the log of a test.
func (v Violation) String() string {
	return fmt.Sprintf("%s of %s %s: %s", v.Side, v.Method, v.Path, v.Message)
}

// messages turns the tree of errors that the validator returns into one line for each leaf.
func messages(err error) []string {
	if err == nil {
		return nil
	}
	return leaves("", err)
}

func leaves(context string, err error) []string {
	var (
		many     openapi3.MultiError
		request  *openapi3filter.RequestError
		response *openapi3filter.ResponseError
		security *openapi3filter.SecurityRequirementsError
		schema   *openapi3.SchemaError
	)
	switch {
	// The order matters: errors.As looks through wrappers, the outermost type has to be asked for first.
	case isA(err, &many):
		var out []string
		for _, e := range many {
			out = append(out, leaves(context, e)...)
		}
		return out
	case isA(err, &request):
		where := request.Reason
		if request.Parameter != nil {
			where = fmt.Sprintf("%s parameter %q", request.Parameter.In, request.Parameter.Name)
		}
		return inner(join(context, where), request.Err)
	case isA(err, &response):
		return inner(join(context, response.Reason), response.Err)
	case isA(err, &security):
		return []string{join(context, "no key (Ocp-Apim-Subscription-Key) and no bearer token")}
	case isA(err, &schema):
		at := "/" + strings.Join(schema.JSONPointer(), "/")
		return []string{join(context, fmt.Sprintf("at %s: %s", at, schema.Reason))}
	}
	return []string{join(context, err.Error())}
}

func inner(context string, err error) []string {
	if err == nil {
		return []string{context}
	}
	return leaves(context, err)
}

// isA reports whether err itself, not something it wraps, has the type of target: wrapped errors are opened one level
// at a time, each adds to the message.
func isA[T error](err error, target *T) bool {
	t, ok := any(err).(T)
	if ok {
		*target = t
		return true
	}
	return false
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ": " + b
}
