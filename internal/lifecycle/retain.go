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

// Retain decides what becomes of a model's versions. champion is the version that serves since this
// run, and previous the one before it; champion is empty after a run that promoted nothing: then only
// rejected and failed versions older than the newest of them go. keep is how many earlier champions stay. What is
// marked champion stays in any case, and what another home made until it is ForeignAge old by now, the service's.
// Candidates, deploying and abandoned versions are the sweep's and are not mentioned.
func Retain(versions []Version, champion, previous string, keep int, now time.Time) Retention {
	r := Retention{Keep: []Disposed{}, Delete: []Disposed{}}
	sorted := slices.Clone(versions)
	SortVersions(sorted)
	earlier, unsuccessful := 0, 0
	for _, v := range sorted {
		var stays bool
		var reason string
		switch {
		case v.ID == champion:
			stays, reason = true, "it is the champion"
		case v.State == StateChampion && champion == "":
			stays, reason = true, "it is the champion"
		case v.State == StateChampion:
			stays, reason = true, "it is marked champion, too: the next check retires the older one"
		case v.State == StateRetired, v.State == StateRolledBack:
			if champion == "" {
				continue
			}
			earlier++
			stays, reason = keepEarlier(v, previous, earlier, keep)
		case v.State == StateRejected, v.State == StateFailed:
			unsuccessful++
			stays, reason = keepUnsuccessful(v, champion != "", unsuccessful)
		default:
			continue
		}
		switch {
		case stays:
		case v.InUse:
			stays, reason = true, "an endpoint refers to it"
		case v.Foreign && now.Sub(timeOf(v.CreatedAt)) <= ForeignAge:
			stays, reason = true, fmt.Sprintf("another installation made it, less than %s ago: it may still count on it", Duration(ForeignAge))
		case !v.Terminal():
			stays, reason = true, "it is not terminal, the service would refuse to delete it"
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

func keepEarlier(v Version, previous string, rank, keep int) (bool, string) {
	switch {
	case v.ID == previous:
		return true, "it was the champion before: it stays until the next success"
	case rank <= keep:
		return true, fmt.Sprintf("it is one of the %d earlier champions that are kept", keep)
	}
	return false, fmt.Sprintf("it was champion, and %d later ones are kept", keep)
}

func keepUnsuccessful(v Version, success bool, rank int) (bool, string) {
	switch {
	case success:
		return false, fmt.Sprintf("it was %s, and a later version succeeded", v.State)
	case rank == 1:
		return true, fmt.Sprintf("it is the newest that was %s: it stays until the next success", v.State)
	}
	return false, fmt.Sprintf("it was %s, and so was a later one", v.State)
}
