package speech

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"speech-retrainer/internal/resource"
)

// uuidForm is that of the service's IDs, in any case.
var uuidForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// Name is what a person wrote to name an object of the service: its URL, its ID, or its exact display name. It is the one
// place where that is read; what it names is found by Lookup, whether the objects were listed before or are read afresh.
type Name struct {
	// Text is what was written: a display name is compared with it as it is.
	Text string
	// Kind is what a URL is of; empty for anything else.
	Kind Kind
	// ID is in small letters, as those of the service's objects are; empty when the text can only be a display name.
	ID string
}

// ReadName reads the name of an object of one of the kinds. Host, query and case do not matter. The error says that a
// URL is none of such an object; it holds no part of the text, which may be signed.
func ReadName(text string, kinds ...Kind) (Name, error) {
	n := Name{Text: text}
	trimmed := strings.TrimSpace(text)
	if !strings.Contains(trimmed, "://") && !strings.Contains(trimmed, resource.RootPath+"/") {
		if uuidForm.MatchString(trimmed) {
			n.ID = canonicalID(trimmed)
		}
		return n, nil
	}
	kind, id, err := ParseRef(trimmed)
	if err != nil || !slices.Contains(kinds, kind) {
		nouns := make([]string, 0, len(kinds))
		for _, k := range kinds {
			nouns = append(nouns, k.named())
		}
		return n, fmt.Errorf("is not the URL of %s", strings.Join(nouns, " or "))
	}
	n.Kind, n.ID = kind, id
	return n, nil
}

// Exact reports whether the name is an ID or a URL: then it means one object or none, and nothing may be made of that
// name.
func (n Name) Exact() bool { return n.ID != "" }

// Means reports whether an object is named by the ID of n, and whether by its display name. A URL is no display name.
func (o Object) Means(n Name) (byID, byName bool) {
	return n.ID != "" && o.ID() == n.ID, n.Kind == "" && o.DisplayName == n.Text
}

// Named is an object of the service that can be looked up.
type Named interface {
	Means(n Name) (byID, byName bool)
}

// Lookup is what a name means among objects of one kind: the one of that ID, else all of exactly that display name.
func Lookup[T Named](objects []T, n Name) []T {
	var found []T
	for _, o := range objects {
		byID, byName := o.Means(n)
		if byID {
			return []T{o}
		}
		if byName {
			found = append(found, o)
		}
	}
	return found
}

// named is one of the kind, as a message says it.
func (k Kind) named() string {
	switch k {
	case KindModel:
		return "a custom model"
	case KindEvaluation, KindEndpoint, KindOperation:
		return "an " + k.noun()
	}
	return "a " + k.noun()
}
