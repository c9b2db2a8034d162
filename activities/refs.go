package activities

import (
	"speech-retrainer/internal/speech"
)

func refID(ref *speech.Ref) string {
	if ref == nil {
		return ""
	}
	return ref.ID()
}

func isBase(ref *speech.Ref) bool { return ref != nil && ref.Kind() == speech.KindBaseModel }

func refersTo(ref *speech.Ref, id string) bool { return ref != nil && ref.ID() == id }
