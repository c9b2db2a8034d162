package lifecycle

import (
	"slices"
	"time"
)

// Version is one custom model that carries our marks.
type Version struct {
	ID          string
	DisplayName string
	Status      string
	State       State
	CreatedAt   time.Time
	ExpiresAt   *time.Time
}

// MarkedChampion returns the champion of a model without endpoint: the newest Succeeded version that
// is marked so (of two created together, the one with the higher ID).
func MarkedChampion(versions []Version) (Version, bool) {
	var champions []Version
	for _, v := range versions {
		if v.State == StateChampion && v.Status == StatusSucceeded {
			champions = append(champions, v)
		}
	}
	if len(champions) == 0 {
		return Version{}, false
	}
	return slices.MaxFunc(champions, func(a, b Version) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	}), true
}

// RetrainID is the workflow ID of the one retrain of a model at a time.
func RetrainID(model string) string { return "retrain/" + model }
