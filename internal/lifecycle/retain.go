package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// ForeignAge is how old a version of another home must be before retention deletes it: that home may still count on it.
const ForeignAge = 90 * Day

// Retention is what is kept and what is deleted, each with its reason.
type Retention struct {
	Keep, Delete []Disposed
}

// Remembered is how many rejected, rolled back and failed versions of a model are kept at most.
const Remembered = 20

// RetainQuestion is what is known when versions are let go.
type RetainQuestion struct {
	// Champion is the ID of the version that serves since this run, and Previous of the one before it; Champion is empty
	// after a run that promoted nothing: then no earlier champion goes.
	Champion, Previous string
	// Keep is how many earlier champions stay.
	Keep int
	// Sources are the models that are there to train from: base models, and custom ones that a request may name.
	Sources []Model
	// Budget tells that a budget counts what was trained in this month, by its versions.
	Budget bool
	// Now is the service's.
	Now time.Time
}

// Retain decides what becomes of a model's versions. What did not serve to the end (rejected, rolled back, failed) is the
// memory of what was tried: it stays as long as its base model can be trained from, Remembered of them at most. What is
// marked champion stays in any case, and what another home made until it is ForeignAge old.
// Candidates, deploying and abandoned versions are the sweep's and are not mentioned.
func Retain(versions []Version, q RetainQuestion) Retention {
	r := Retention{Keep: []Disposed{}, Delete: []Disposed{}}
	sorted := slices.Clone(versions)
	SortVersions(sorted)
	earlier, remembered := 0, 0
	for _, v := range sorted {
		var stays bool
		var reason string
		switch {
		case v.ID == q.Champion, v.State == StateChampion && q.Champion == "":
			stays, reason = true, "it is the champion"
		case v.State == StateChampion:
			stays, reason = true, "it is marked champion, too: the next check retires the older one"
		case v.State == StateRetired:
			if q.Champion == "" {
				continue
			}
			earlier++
			stays, reason = keepEarlier(v, q.Previous, earlier, q.Keep)
		case v.Tried():
			remembered++
			stays, reason = q.remember(v, remembered)
		default:
			continue
		}
		switch {
		case stays:
		case v.InUse:
			stays, reason = true, "an endpoint refers to it"
		case v.Foreign && q.Now.Sub(timeOf(v.CreatedAt)) <= ForeignAge:
			stays, reason = true, fmt.Sprintf("another installation made it, less than %s ago: it may still count on it", Duration(ForeignAge))
		case !v.Terminal():
			stays, reason = true, "it is not terminal, the service would refuse to delete it"
		case q.Budget && sameMonth(timeOf(v.CreatedAt), q.Now):
			stays, reason = true, "it was trained in this month, whose budget counts it"
		}
		d := Disposed{Kind: ObjectModel, ID: v.ID, DisplayName: v.DisplayName, Reason: reason}
		if !stays && v.Foreign {
			d.Reason += fmt.Sprintf("; another installation made it, more than %s ago", Duration(ForeignAge))
		}
		if stays {
			r.Keep = append(r.Keep, d)
		} else {
			r.Delete = append(r.Delete, d)
		}
	}
	return r
}

func sameMonth(a, b time.Time) bool {
	a, b = a.UTC(), b.UTC()
	return a.Year() == b.Year() && a.Month() == b.Month()
}

func keepEarlier(v Version, previous string, rank, keep int) (bool, string) {
	switch {
	case v.ID == previous:
		return true, "it was the champion before: it stays until the next success"
	case rank <= keep:
		return true, fmt.Sprintf("it is one of the %d earlier champions that are kept", keep)
	}
	return false, fmt.Sprintf("it was champion, and %d later ones are kept", keep)
}

// remember keeps what was tried in vain as long as it could be tried again.
func (q RetainQuestion) remember(v Version, rank int) (bool, string) {
	was := string(v.State)
	if v.State == StateRolledBack {
		was = "rolled back"
	}
	i := slices.IndexFunc(q.Sources, func(m Model) bool { return m.ID == v.BaseModelID })
	switch {
	case rank > Remembered:
		return false, fmt.Sprintf("it was %s, and so were %d later ones", was, Remembered)
	case v.BaseModelID == "":
		return true, fmt.Sprintf("it was %s, and what it was trained from is not known: the same is not trained again", was)
	case i < 0:
		return false, fmt.Sprintf("it was %s, and its base model is gone: the same cannot be trained again", was)
	}
	ends := q.Sources[i].AdaptationEndsAt
	if q.Sources[i].Custom {
		ends = q.Sources[i].ExpiresAt
	}
	if ends != nil && !ends.After(q.Now) {
		return false, fmt.Sprintf("it was %s, and training from its base model ended on %s: the same cannot be trained again", was, date(*ends))
	}
	return true, fmt.Sprintf("it was %s: as long as its base model can be trained from, the same is not trained again", was)
}
