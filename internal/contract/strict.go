package contract

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// closeSchemas makes every object of the document refuse properties that it does not declare. A schema made with
// allOf is flattened first, for a closed part would refuse the properties of its siblings.
func closeSchemas(doc *openapi3.T) {
	c := closer{done: map[*openapi3.Schema]bool{}}
	for _, ref := range doc.Components.Schemas {
		c.close(ref)
	}
	for _, response := range doc.Components.Responses {
		for _, media := range response.Value.Content {
			c.close(media.Schema)
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					c.close(media.Schema)
				}
			}
			for _, response := range op.Responses.Map() {
				for _, media := range response.Value.Content {
					c.close(media.Schema)
				}
			}
		}
	}
}

type closer struct {
	done map[*openapi3.Schema]bool
}

func (c closer) close(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil || c.done[ref.Value] {
		return
	}
	s := ref.Value
	c.done[s] = true
	for _, part := range s.AllOf {
		c.close(part)
		merge(s, part.Value)
	}
	s.AllOf = nil
	c.close(s.Items)
	for _, p := range s.Properties {
		c.close(p)
	}
	open := s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil
	// An object without properties is one that the contract leaves open.
	if len(s.Properties) > 0 && !open {
		no := false
		s.AdditionalProperties.Has = &no
	}
}

func merge(into, part *openapi3.Schema) {
	if into.Properties == nil {
		into.Properties = openapi3.Schemas{}
	}
	properties := maps.Clone(part.Properties)
	maps.Copy(properties, into.Properties)
	into.Properties = properties
	for _, name := range part.Required {
		if !slices.Contains(into.Required, name) {
			into.Required = append(into.Required, name)
		}
	}
}
