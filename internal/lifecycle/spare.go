package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Item is one object that may exist twice.
type Item struct {
	// Kind and Name are its kind and display name; items of one Kind and Key are one.
	Kind      ObjectKind
	Name, Key string
	ID        string
	CreatedAt time.Time
	Terminal  bool
	// Used tells that something else refers to it, or that the run it belongs to goes on.
	Used bool
}

// FindTwins names the items that lost against an earlier one of the same kind and key, and that nothing uses: those
// that can be deleted, and those that have to become terminal first.
func FindTwins(items []Item) (spare, waiting []Disposed) {
	keys := []string{}
	groups := map[string][]Item{}
	for _, i := range items {
		key := string(i.Kind) + " " + i.Key
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], i)
	}
	for _, key := range keys {
		group := groups[key]
		slices.SortFunc(group, func(a, b Item) int {
			if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
				return c
			}
			return strings.Compare(a.ID, b.ID)
		})
		for _, lost := range group[1:] {
			d := Disposed{Kind: lost.Kind, ID: lost.ID, DisplayName: lost.Name, Reason: fmt.Sprintf("it was created twice: %s is the one that counts", group[0].ID)}
			switch {
			case lost.Used:
			case lost.Terminal:
				spare = append(spare, d)
			default:
				waiting = append(waiting, d)
			}
		}
	}
	return spare, waiting
}

// SpareAge is how old a second copy of what runs share (projects, datasets) must be before it is deleted: by then no
// run that may have seen only this one is still about to use it.
const SpareAge = 24 * time.Hour

// OldEnough keeps the items that were created at least SpareAge before now.
func OldEnough(items []Item, now time.Time) []Item {
	var old []Item
	for _, i := range items {
		i.Used = i.Used || now.Sub(i.CreatedAt) < SpareAge
		old = append(old, i)
	}
	return old
}
