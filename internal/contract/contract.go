// Package contract checks HTTP exchanges against the wire contract of the Speech service, openapi.yaml in
// this folder. It is used by the emulator on every exchange and by tests on every client; it shares no code
// with either, so that it can catch the mistakes of both.
package contract

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed openapi.yaml
var document []byte

// BasePath is the path under which every operation of the contract lives, on any host.
const BasePath = "/speechtotext"

// The two sides of an exchange, as values of Violation.Side.
const (
	SideRequest  = "request"
	SideResponse = "response"
)

// Violation is one departure of an exchange from the contract. Message names the place in the body and the
// rule, never a value: bodies may hold signed URLs.
type Violation struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Side    string `json:"side"`
	Message string `json:"message"`
}

// Checker validates exchanges. It is safe for concurrent use.
type Checker struct {
	router     routers.Router
	options    *openapi3filter.Options
	operations []string
}

// New reads the embedded contract. An error means that the document itself is broken.
//
// The contract is read more strictly than its text in one point: a property that no schema declares is a
// violation, in requests (the service's behaviour is unknown) and in responses (a misspelt field would
// otherwise pass). Maps that the contract declares open (customProperties, innerError.details) stay open, and so
// do the enums that it lists as x-known-values.
func New() (*Checker, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	doc.Servers = openapi3.Servers{{URL: BasePath}}
	closeSchemas(doc)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("route contract: %w", err)
	}
	return &Checker{router: router, operations: operationsOf(doc), options: &openapi3filter.Options{
		MultiError:                        true,
		SkipSettingDefaults:               true,
		RejectWhenRequestBodyNotSpecified: true,
		AuthenticationFunc:                authenticated,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
				"uri":  openapi3.NewCallbackValidator(absoluteURL),
				"uuid": openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC9562),
			}),
			openapi3.DisableSchemaErrorDetails(),
		},
	}}, nil
}

// Check validates one exchange and returns its violations, none when it keeps the contract. The bodies are passed
// apart from the messages, so neither is consumed. The host does not matter. The gateway's envelope of a wrong key
// ({"error": {...}} with status 401, NOTES section 7) is accepted, for it does not come from the service itself.
func (c *Checker) Check(req *http.Request, reqBody []byte, status int, header http.Header, respBody []byte) []Violation {
	in, out := c.request(req, reqBody)
	if in == nil {
		return out
	}
	for _, m := range c.response(context.WithoutCancel(req.Context()), in, status, header, respBody) {
		out = append(out, found(req, SideResponse, m))
	}
	return out
}

// CheckRequest validates the request alone, as Check does. The emulator refuses what it finds.
func (c *Checker) CheckRequest(req *http.Request, body []byte) []Violation {
	_, out := c.request(req, body)
	return out
}

// Operation returns the operation ID that the request is routed to and its path parameters. The error says that
// the contract has no such path, or not with this method.
func (c *Checker) Operation(req *http.Request) (id string, params map[string]string, err error) {
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		return "", nil, fmt.Errorf("find operation of %s %s: %w", req.Method, req.URL.Path, err)
	}
	return route.Operation.OperationID, params, nil
}

// Operations lists the operation IDs of the contract, sorted. Whoever serves a part of them only can tell what it lacks.
func (c *Checker) Operations() []string { return slices.Clone(c.operations) }

func operationsOf(doc *openapi3.T) []string {
	var ids []string
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			ids = append(ids, op.OperationID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (c *Checker) request(req *http.Request, body []byte) (*openapi3filter.RequestValidationInput, []Violation) {
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		return nil, []Violation{found(req, SideRequest, fmt.Sprintf("no such operation in the contract: %v", err))}
	}
	in := &openapi3filter.RequestValidationInput{
		Request: withBody(req, body), PathParams: params, Route: route, Options: c.options,
	}
	all := undeclaredQuery(req.URL.Query(), route)
	if binary(route.Operation) {
		// Bytes have no form to check, and reading 8 MiB as a JSON string takes seconds.
		whole := *c.options
		whole.ExcludeRequestBody = true
		in.Options = &whole
		all = append(all, bytesProblem(req, body)...)
	}
	// Without its cancellation, for else a client that hung up would turn into a violation.
	all = append(all, messages(openapi3filter.ValidateRequest(context.WithoutCancel(req.Context()), in))...)
	var out []Violation
	for _, m := range all {
		out = append(out, found(req, SideRequest, m))
	}
	return in, out
}

const octets = "application/octet-stream"

func binary(op *openapi3.Operation) bool {
	return op.RequestBody != nil && op.RequestBody.Value.Content[octets] != nil
}

func bytesProblem(req *http.Request, body []byte) []string {
	if kind, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || kind != octets {
		return []string{fmt.Sprintf("header Content-Type has unexpected value: expected %s", octets)}
	}
	if len(body) == 0 {
		return []string{"request body has an error: value is required but missing"}
	}
	return nil
}

func found(req *http.Request, side, message string) Violation {
	return Violation{Method: req.Method, Path: req.URL.Path, Side: side, Message: message}
}

func (c *Checker) response(ctx context.Context, in *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) []string {
	if status == http.StatusUnauthorized && isGatewayEnvelope(body) {
		return nil
	}
	declared := in.Route.Operation.Responses.Status(status)
	switch {
	case declared == nil && status < 400:
		// "default" stands for failures only; a success that is not declared must not hide there.
		return []string{fmt.Sprintf("status %d is not declared", status)}
	case declared != nil && len(declared.Value.Content) == 0 && len(body) > 0:
		return []string{fmt.Sprintf("status %d is declared without a body, but has one of %d bytes", status, len(body))}
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: status, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: c.options,
	}
	return messages(openapi3filter.ValidateResponse(ctx, answer))
}

// authenticated checks that a request carries one of the two credentials; whether it is valid is not a matter of form.
func authenticated(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	h := in.RequestValidationInput.Request.Header
	switch in.SecuritySchemeName {
	case "subscriptionKey":
		if h.Get("Ocp-Apim-Subscription-Key") != "" {
			return nil
		}
	case "entraBearer":
		if token, ok := strings.CutPrefix(h.Get("Authorization"), "Bearer "); ok && token != "" {
			return nil
		}
	}
	return errors.New("no key and no bearer token")
}

func isGatewayEnvelope(body []byte) bool {
	var envelope struct {
		Error struct{ Code, Message string }
	}
	return json.Unmarshal(body, &envelope) == nil && envelope.Error.Code != "" && envelope.Error.Message != ""
}

func undeclaredQuery(query url.Values, route *routers.Route) []string {
	var out []string
	for name, values := range query {
		declared := func(ps openapi3.Parameters) bool { return ps.GetByInAndName(openapi3.ParameterInQuery, name) != nil }
		switch {
		case !declared(route.Operation.Parameters) && !declared(route.PathItem.Parameters):
			out = append(out, fmt.Sprintf("query parameter %q is not declared", name))
		case len(values) > 1:
			out = append(out, fmt.Sprintf("query parameter %q is given %d times", name, len(values)))
		}
	}
	slices.Sort(out)
	return out
}

func withBody(req *http.Request, body []byte) *http.Request {
	clone := req.Clone(req.Context())
	clone.Body = io.NopCloser(bytes.NewReader(body))
	clone.ContentLength = int64(len(body))
	return clone
}

func absoluteURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return errors.New("not an absolute URL")
	}
	return nil
}
