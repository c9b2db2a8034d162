package lifecycle

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Vitals are the figures of one model that outlive the runs which made them: what a dashboard shows.
type Vitals struct {
	Name, Locale string
	// ExpiresAt is the last moment at which the version that serves recognises speech; nil when nothing serves, or the
	// service does not say.
	ExpiresAt *time.Time
	// Rates are at most MostRates, by test and side.
	Rates []VitalRate
	// RatesLeftOut is how many more there are.
	RatesLeftOut int
	// Alarms are the kinds that stand and that somebody was told of.
	Alarms []string
}

// MoreUrgent tells, as a comparison, whether the figures of a model are shown rather than another's when there are too many: one
// with an alarm, then the one that expires first, then one whose expiry is not known; names decide between equals.
func (v Vitals) MoreUrgent(o Vitals) int {
	if one, other := len(v.Alarms) > 0, len(o.Alarms) > 0; one != other {
		return order(one)
	}
	if one, other := v.ExpiresAt != nil, o.ExpiresAt != nil; one != other {
		return order(one)
	}
	if v.ExpiresAt != nil && !v.ExpiresAt.Equal(*o.ExpiresAt) {
		return v.ExpiresAt.Compare(*o.ExpiresAt)
	}
	return cmp.Or(strings.Compare(v.Name, o.Name), strings.Compare(v.Locale, o.Locale))
}

// order puts what is so first.
func order(so bool) int {
	if so {
		return -1
	}
	return 1
}

// VitalRate is the word error rate (a fraction) of one side in one test.
type VitalRate struct {
	Test string
	// Side is SideChampion, SideChallenger or SideBase.
	Side string
	Rate float64
}

// The sides of a test: the version that serves, the newest one that does not, and the bare base model.
const (
	SideChampion   = "champion"
	SideChallenger = "challenger"
	SideBase       = "base"
)

// MostRates is how many rates of a model are shown: a hundred tests would make three hundred.
const MostRates = 30

// VitalsOf reads the figures of a model out of its row.
func VitalsOf(row Row) Vitals {
	v := Vitals{Name: row.Name, Locale: row.Locale}
	champion := MarkedChampion(row.Versions)
	switch {
	case row.Serving != nil && row.Serving.Custom:
		v.ExpiresAt = row.Serving.ExpiresAt
		serving := slices.IndexFunc(row.Versions, func(own Version) bool { return own.ID == row.Serving.ID })
		if champion = nil; serving >= 0 {
			champion = &row.Versions[serving]
		}
	case row.Endpoint == nil && champion != nil:
		v.ExpiresAt = champion.ExpiresAt
	}
	v.Rates = vitalRates(row.Versions, champion)
	if more := len(v.Rates) - MostRates; more > 0 {
		v.Rates, v.RatesLeftOut = v.Rates[:MostRates], more
	}
	v.Alarms = alarmKinds(AlarmMark(Observed{Versions: row.Versions, Serving: row.Serving}))
	return v
}

// alarmKinds are the kinds of the alarms in a mark sr.alarm, each once.
func alarmKinds(mark string) []string {
	var kinds []string
	for key := range strings.SplitSeq(mark, "; ") {
		kind, _, _ := strings.Cut(key, "-")
		if slices.Contains(AlarmKinds, kind) && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// vitalRates are the newest rates of each test and side. What a version was measured against is its champion at that time
// or its base: the former counts only when it is the champion still.
func vitalRates(versions []Version, champion *Version) []VitalRate {
	type place struct{ test, side string }
	newest := map[place]ObservedTest{}
	rates := map[place]float64{}
	take := func(test ObservedTest, side string, rate *float64) {
		at := place{test.Name, side}
		if before, is := newest[at]; rate != nil && test.Name != "" && (!is || before.CreatedAt.Before(test.CreatedAt)) {
			newest[at], rates[at] = test, *rate
		}
	}
	challenger := challengerOf(versions, champion)
	for i := range versions {
		v := &versions[i]
		for _, test := range v.Tests {
			switch {
			case champion != nil && v.ID == champion.ID:
				take(test, SideChampion, test.WordErrorRate)
			case challenger != nil && v.ID == challenger.ID:
				take(test, SideChallenger, test.WordErrorRate)
			}
			if test.OfBase {
				take(test, SideBase, test.Compared)
			}
		}
	}
	all := make([]VitalRate, 0, len(rates))
	for at, rate := range rates {
		all = append(all, VitalRate{Test: at.test, Side: at.side, Rate: rate})
	}
	slices.SortFunc(all, func(a, b VitalRate) int { return cmp.Or(cmp.Compare(a.Test, b.Test), cmp.Compare(a.Side, b.Side)) })
	return all
}

// challengerOf is the newest version that is newer than the champion and was measured; nil when there is none.
func challengerOf(versions []Version, champion *Version) *Version {
	for i := range versions {
		switch {
		case champion != nil && versions[i].ID == champion.ID:
			return nil
		case len(versions[i].Tests) > 0:
			return &versions[i]
		}
	}
	return nil
}
