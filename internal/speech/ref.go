package speech

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/secret"
)

// Kind is the kind of an object of the service.
type Kind string

// The kinds of object that a reference can point to.
const (
	KindDataset    Kind = "dataset"
	KindModel      Kind = "model"
	KindBaseModel  Kind = "baseModel"
	KindEvaluation Kind = "evaluation"
	KindEndpoint   Kind = "endpoint"
	KindProject    Kind = "project"
	KindOperation  Kind = "operation"
	KindWebHook    Kind = "webHook"
)

// collections holds the path of each kind below /speechtotext. Base models come before models,
// because the path of a model is a prefix of theirs.
var collections = []struct {
	kind Kind
	path string
	noun string
}{
	{KindDataset, "datasets", "dataset"},
	{KindBaseModel, "models/base", "base model"},
	{KindModel, "models", "model"},
	{KindEvaluation, "evaluations", "evaluation"},
	{KindEndpoint, "endpoints", "endpoint"},
	{KindProject, "projects", "project"},
	{KindOperation, "operations/models/copy", "operation"},
	{KindWebHook, "webhooks", "web hook"},
}

// reserved are path segments that stand where an ID may stand.
var reserved = []string{"base", "locales"}

var versionForm = regexp.MustCompile(`^v\d+(\.\d+)?(-[a-z0-9.-]+)?$`)

// maxID is the most letters that an ID may have.
const maxID = 64

// noun is the kind as a message says it.
func (k Kind) noun() string {
	for _, c := range collections {
		if c.kind == k {
			return c.noun
		}
	}
	return string(k)
}

// path is the collection's path below the root, "" for an unknown kind.
func (k Kind) path() string {
	for _, c := range collections {
		if c.kind == k {
			return c.path
		}
	}
	return ""
}

// validID reports whether id can be a path segment that names one object. The service's IDs are
// UUIDs; other plain words are let through, so that the service itself may answer "not found".
func validID(id string) bool {
	if id == "" || len(id) > maxID || id[0] == '-' || id[0] == '_' {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return !slices.Contains(reserved, strings.ToLower(id))
}

// CanonicalID is an ID in the one spelling in which IDs are compared.
func CanonicalID(id string) string { return canonicalID(id) }

// canonicalID is an ID in the one spelling in which IDs are compared: the case of the letters of a UUID says nothing.
func canonicalID(id string) string { return strings.ToLower(id) }

// ParseRef takes kind and ID from the path of an object's URL; host and query do not matter, and the ID is in small
// letters, so that IDs are compared as they are. The paths of API v3 (/speechtotext/v3.2/...) are understood too. It fails
// for anything else than the URL of one object, for example for a list or for a dataset's files.
func ParseRef(rawURL string) (Kind, string, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", "", fmt.Errorf("%q is not a URL", secret.Redact(rawURL))
	}
	_, rest, ok := strings.Cut(u.Path, resource.RootPath+"/")
	if !ok || u.Host == "" {
		return "", "", fmt.Errorf("%q is not the URL of an object of the Speech service", secret.Redact(rawURL))
	}
	segments := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	if strings.HasPrefix(segments[0], "v") && versionForm.MatchString(segments[0]) {
		segments = segments[1:]
	}
	if len(segments) > 1 {
		last := len(segments) - 1
		parent, id := strings.Join(segments[:last], "/"), segments[last]
		for _, c := range collections {
			if c.path == parent && validID(id) {
				return c.kind, canonicalID(id), nil
			}
		}
	}
	return "", "", fmt.Errorf("%q is not the URL of an object of the Speech service", secret.Redact(rawURL))
}

// Ref is the service's reference to an object (schema EntityReference). References are compared by
// kind and ID, never as strings: the service writes the same object with different hosts and
// api-version parameters.
type Ref struct {
	// Self is the absolute URL of the object.
	Self Link `json:"self"`
}

// Is reports whether the reference points to the object of that kind and ID.
func (r Ref) Is(kind Kind, id string) bool {
	return r.Self.kind != "" && r.Self.kind == kind && r.Self.id == canonicalID(id)
}

// ID is the ID of the object referred to, "" when the reference is not one.
func (r Ref) ID() string { return r.Self.id }

// Kind is the kind of the object referred to, "" when the reference is not one.
func (r Ref) Kind() Kind { return r.Self.kind }

// Same reports whether two references point to the same object. A reference that is none is the
// same as nothing, not even itself.
func Same(a, b Ref) bool { return b.Is(a.Self.kind, a.Self.id) }
