package emulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"unicode/utf8"
)

// Limits of customProperties (schema CustomProperties).
const (
	maxProperties    = 10
	maxPropertyKey   = 64  // characters
	maxPropertyValue = 256 // characters
)

// update is the body of a PATCH; each entity reads the fields that its schema has.
type update struct {
	DisplayName      *string           `json:"displayName"`
	Description      *string           `json:"description"`
	CustomProperties map[string]string `json:"customProperties"`
	Project          *link             `json:"project"`
	Foundry          *string           `json:"foundryProjectName"`
	Model            *link             `json:"model"`
	Properties       *struct {
		ContentLogging *bool `json:"contentLoggingEnabled"`
	} `json:"properties"`
}

// withoutNulls takes the nulls out of a merge patch and names them; a custom property as customProperties.<key>.
func withoutNulls(body []byte) ([]byte, map[string]bool) {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return body, nil
	}
	nulls := map[string]bool{}
	strip := func(object map[string]json.RawMessage, prefix string) {
		for name, value := range object {
			if bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
				nulls[prefix+name] = true
				delete(object, name)
			}
		}
	}
	strip(top, "")
	var properties map[string]json.RawMessage
	if json.Unmarshal(top["customProperties"], &properties) == nil {
		strip(properties, "customProperties.")
		top["customProperties"], _ = json.Marshal(properties)
	}
	if len(nulls) == 0 {
		return body, nil
	}
	stripped, err := json.Marshal(top)
	if err != nil {
		return body, nil
	}
	return stripped, nulls
}

// patch applies the fields that all entities share, all of them or none, and returns the body for the others.
func (c *call) patch(e *entity, name string) (*update, error) {
	var u update
	if err := c.decode(&u); err != nil {
		return nil, err
	}
	changed := *e
	if u.DisplayName != nil || c.nulls["displayName"] {
		if u.DisplayName == nil || *u.DisplayName == "" {
			return nil, invalid("InvalidPayload", "The displayName cannot be empty.")
		}
		changed.DisplayName = *u.DisplayName
	}
	if u.Description != nil || c.nulls["description"] {
		changed.Description = u.Description
	}
	if u.Project != nil || c.nulls["project"] {
		id, err := c.resolveProject(u.Project, name+".Project", e.Locale)
		if err != nil {
			return nil, err
		}
		changed.Project = id
	}
	properties, err := c.patchProperties(e.CustomProperties, u.CustomProperties)
	if err != nil {
		return nil, err
	}
	changed.CustomProperties = properties
	*e = changed
	return &u, nil
}

func (c *call) patchProperties(old, given map[string]string) (map[string]string, error) {
	if c.nulls["customProperties"] {
		return nil, nil
	}
	out := maps.Clone(old)
	if given != nil {
		if out == nil || c.settings.CustomPropertiesPatch == "replace" {
			out = map[string]string{}
		}
		maps.Copy(out, given)
	}
	for key := range old {
		if c.nulls["customProperties."+key] {
			delete(out, key)
		}
	}
	return out, checkProperties(out)
}

func checkProperties(p map[string]string) error {
	if len(p) > maxProperties {
		return invalid("InvalidPayload", "There are %d customProperties, the limit is %d.", len(p), maxProperties)
	}
	for key, value := range p {
		if n := utf8.RuneCountInString(key); n == 0 || n > maxPropertyKey {
			return invalid("InvalidPayload", "A key of customProperties has %d characters, the limit is %d.", n, maxPropertyKey)
		}
		if n := utf8.RuneCountInString(value); n > maxPropertyValue {
			return invalid("InvalidPayload", "The value of customProperties[%q] has %d characters, the limit is %d.", key, n, maxPropertyValue)
		}
	}
	return nil
}
