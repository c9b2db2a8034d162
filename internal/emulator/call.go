package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"speech-retrainer/internal/contract"
)

// The API versions that the emulator serves (NOTES section 16).
const (
	version2024 = "2024-11-15"
	version2025 = "2025-10-15"
)

// call is one request being answered. The server's lock is held all the while.
type call struct {
	*Server
	request   *http.Request
	operation string
	params    map[string]string
	body      []byte
	nulls     map[string]bool // what a PATCH sets to null, if that removes
	settings  Settings
	now       time.Time
	version   string
}

// reply is a success.
type reply struct {
	status   int
	body     any
	location string // URL of what was made
	object   string // its ID
	wait     bool   // something in the answer is not in a terminal state
}

func (r *reply) locationHeader() string {
	if r.status == http.StatusAccepted {
		return "Operation-Location"
	}
	return "Location"
}

func ok(body any, wait bool) *reply { return &reply{status: http.StatusOK, body: body, wait: wait} }

func gone() *reply { return &reply{status: http.StatusNoContent} }

// do runs the gates that every request passes and then the operation.
func (c *call) do(malformed []contract.Violation) (*reply, error) {
	if err := c.authorize(); err != nil {
		return nil, err
	}
	if err := c.throttle(); err != nil {
		return nil, err
	}
	handle := operations[c.operation]
	switch {
	case c.operation == "":
		return nil, notFound()
	case handle == nil:
		return nil, &refusal{status: http.StatusNotFound, code: "NotFound", message: lacking(c.operation)}
	case c.version == "":
		return nil, invalid("InvalidParameter", "The query parameter api-version is missing.")
	case c.version != version2024 && c.version != version2025:
		return nil, invalid("InvalidParameterValue", "The api-version %q is not supported: use %s or %s.", c.version, version2025, version2024)
	case c.version == version2024 && strings.HasPrefix(c.operation, "Projects_"):
		return nil, notFound()
	case len(malformed) > 0:
		var all []string
		for _, v := range malformed {
			all = append(all, v.Message)
		}
		return nil, invalid("InvalidPayload", "The request is not valid: %s.", strings.Join(all, "; "))
	}
	return handle(c)
}

// credentials are the key and the token of a request, each empty without one.
func credentials(r *http.Request) (key, token string) {
	if t, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); bearer {
		token = t
	}
	return r.Header.Get("Ocp-Apim-Subscription-Key"), token
}

func (c *call) authorize() error {
	key, token := credentials(c.request)
	switch {
	case key == "" && token == "":
		return &refusal{status: http.StatusUnauthorized, code: "Unauthorized", message: "Authentication is required to access the resource."}
	case key != "" && c.key != "" && key != c.key:
		return &refusal{
			status: http.StatusUnauthorized, gateway: true, code: "401",
			message: "Access denied due to invalid subscription key or wrong API endpoint. " +
				"Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
		}
	}
	return nil
}

// host is the scheme and host of all links.
func (c *call) host() string {
	switch {
	case c.publicURL != "":
		return c.publicURL
	case c.request.TLS != nil:
		return "https://" + c.request.Host
	}
	return "http://" + c.request.Host
}

// url is the link to a path of the API.
func (c *call) url(path string) string {
	return c.host() + contract.BasePath + path + "?api-version=" + c.version
}

// link is a reference as it is sent (schema EntityReference).
type link struct {
	Self string `json:"self"`
}

func (c *call) linkTo(path string) *link { return &link{Self: c.url(path)} }

func modelPath(r reference) string {
	if r.Base {
		return "/models/base/" + r.ID
	}
	return "/models/" + r.ID
}

var referencePath = regexp.MustCompile(`^` + contract.BasePath + `/(models/base|models|datasets|projects)/([0-9a-fA-F-]{36})$`)

// resolve reads a reference; field is its name in the request, for the message seen live (NOTES section 7). The host
// does not matter: references are compared by kind and ID.
func (c *call) resolve(l *link, field, kind string) (string, error) {
	found := pathOf(l)
	if found == nil || found[1] != kind {
		return "", unresolved(field)
	}
	return strings.ToLower(found[2]), nil
}

func pathOf(l *link) []string {
	u, err := url.Parse(l.Self)
	if err != nil {
		return nil
	}
	return referencePath.FindStringSubmatch(u.Path)
}

func unresolved(field string) error {
	return invalid("InvalidPayload", "The value of %s.Self does not reference an entity.", field)
}

// resolveModel reads a reference to a base or custom model that exists.
func (c *call) resolveModel(l *link, field string) (reference, error) {
	if found := pathOf(l); found != nil {
		id := strings.ToLower(found[2])
		if found[1] == "models/base" && c.state.BaseModels[id] != nil {
			return reference{ID: id, Base: true}, nil
		}
		if found[1] == "models" && c.state.Models[id] != nil {
			return reference{ID: id}, nil
		}
	}
	return reference{}, unresolved(field)
}

// resolveProject reads an optional project reference and returns its ID.
func (c *call) resolveProject(l *link, field, locale string) (string, error) {
	if l == nil {
		return "", nil
	}
	if c.version == version2024 {
		return "", invalid("InvalidPayload", "The property project is not known in API version %s.", version2024)
	}
	id, err := c.resolve(l, field, "projects")
	if err != nil {
		return "", err
	}
	p := c.state.Projects[id]
	switch {
	case p == nil:
		return "", unresolved(field)
	case p.Locale != locale:
		return "", invalid("InvalidProject", "The project %s has locale %s, the entity has %s.", id, p.Locale, locale)
	}
	return id, nil
}

// decode reads the body. Its form was checked against the contract before.
func (c *call) decode(v any) error {
	if err := json.Unmarshal(c.body, v); err != nil {
		return invalid("InvalidRequestBodyFormat", "The body cannot be read: %v.", err)
	}
	return nil
}
