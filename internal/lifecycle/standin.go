package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// StandIn is a dataset of this owner that may hold what a URL gave before.
type StandIn struct {
	ID, DisplayName string
	Kind            DatasetKind
	Locale          string
	Status          string
	// Content is the mark sr.content.
	Content string
	// Source is the mark sr.source; empty on what was made before there was one.
	Source    string
	CreatedAt time.Time
}

// StandInQuestion asks for what stands for data whose server does not tell its content.
type StandInQuestion struct {
	// Source is the mark sr.source of the data; Name is what the request calls it.
	Source, Name string
	Kind         DatasetKind
	Locale       string
	// Versions are the model's, newest first: what they were trained or tested on may stand for the data though it has no
	// mark. Without them only the mark counts.
	Versions []Version
}

// PickStandIn chooses the dataset that stands for data whose server does not tell its content: the newest usable one made
// from the same URL. Without one it is what the newest version of the model was trained or tested on under the name of
// the data, if that was made before there was a mark. Of datasets that are imported still one is used only when there
// is no other.
func PickStandIn(datasets []StandIn, q StandInQuestion) (StandIn, bool) {
	var marked []StandIn
	for _, d := range datasets {
		if d.Source == q.Source && d.Status != StatusFailed {
			marked = append(marked, d)
		}
	}
	if len(marked) > 0 {
		return newestStandIn(marked), true
	}
	for _, v := range q.Versions {
		var used []StandIn
		for _, d := range datasets {
			if d.Source == "" && d.Status == StatusSucceeded && d.Kind == q.Kind && SameLocale(d.Locale, q.Locale) &&
				(LiveData{Name: q.Name}).MayHold(d.DisplayName) && usedBy(v, d.ID) {
				used = append(used, d)
			}
		}
		if len(used) > 0 {
			return newestStandIn(used), true
		}
	}
	return StandIn{}, false
}

func newestStandIn(datasets []StandIn) StandIn {
	return slices.MaxFunc(datasets, func(a, b StandIn) int {
		ready := func(d StandIn) int {
			if d.Status == StatusSucceeded {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(ready(a), ready(b)), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

func usedBy(v Version, dataset string) bool {
	return slices.Contains(v.DatasetIDs, dataset) || slices.ContainsFunc(v.Tests, func(t ObservedTest) bool { return t.DatasetID == dataset })
}

// DataUnknown tells that the server of some data of the request does not tell its content now.
func DataUnknown(o Observed) bool {
	return slices.ContainsFunc(slices.Concat(o.Training, o.Tests), func(d ObservedData) bool { return d.Unknown != "" })
}

// StandInNote says which dataset stands for data whose server does not tell its content. answer is what the server did
// ("the server of training[0] answered 503 Service Unavailable").
func StandInNote(answer, dataset string) string {
	return fmt.Sprintf("%s; a change of the content cannot be seen, and dataset %q is used until it answers", answer, dataset)
}

// NoDatasetFault says that nothing can stand for data whose server does not tell its content.
func NoDatasetFault(answer string) string { return answer + ", and there is no usable dataset of it" }

// StandInAlarm tells a person that a dataset stands for data whose server does not tell its content. lives says until when
// the model lives; name is the model's.
func StandInAlarm(label, answer, dataset, lives, name string) Alarm {
	return Alarm{
		Key: dataKey(label, "unknown"), Kind: AlarmData, Message: fmt.Sprintf("data %q: %s; %s", label, StandInNote(answer, dataset), lives),
		Next: "see why its server does not answer the worker (a signed link may have expired: give the worker's variable a new one); then check " +
			"again: starter trigger " + name,
	}
}

// dataKey is the key of an alarm about data: one for each state of it.
func dataKey(label, state string) string { return AlarmData + "-" + hash(label + "/" + state)[:8] }
