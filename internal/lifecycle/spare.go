package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// PickTwin orders objects that are one by name and marks: the earliest created, then the lowest ID, is the one; the rest
// are losers. All parts of the program, in whatever order they look, pick the same one. of tells an object's ID and when
// it was created; an object that is given twice counts once, as it was given last.
func PickTwin[T any](objects []T, of func(T) (id string, created time.Time)) (winner T, losers []T, ok bool) {
	if len(objects) == 0 {
		return winner, nil, false
	}
	last := map[string]int{}
	for i, o := range objects {
		id, _ := of(o)
		last[id] = i
	}
	sorted := make([]T, 0, len(last))
	for i, o := range objects {
		if id, _ := of(o); last[id] == i {
			sorted = append(sorted, o)
		}
	}
	slices.SortFunc(sorted, func(a, b T) int {
		idA, createdA := of(a)
		idB, createdB := of(b)
		return cmp.Or(createdA.Compare(createdB), cmp.Compare(idA, idB))
	})
	return sorted[0], sorted[1:], true
}

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
		counts, losers, _ := PickTwin(groups[key], func(i Item) (string, time.Time) { return i.ID, i.CreatedAt })
		for _, lost := range losers {
			d := Disposed{
				Kind: lost.Kind, ID: lost.ID, DisplayName: lost.Name, Reason: fmt.Sprintf("it was created twice: %s is the one that counts", counts.ID),
			}
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
