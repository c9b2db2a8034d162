package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// DatasetFacts is one dataset of this owner, as the rules of tidying up see it.
type DatasetFacts struct {
	ID, DisplayName string
	Kind            DatasetKind
	Content         string
	// Source is the mark sr.source; empty on a file's, and on what was made before there was one.
	Source    string
	Status    string
	Terminal  bool
	CreatedAt time.Time
	// ByRun tells that a workflow made it; else a person uploaded it.
	ByRun bool
	// Spare is the mark sr.spare: the day of the first look that found it unused; empty or NoMark without.
	Spare string
	// Use says what refers to it or may be about to; empty when nothing does.
	Use string
}

// NewUnusedDataset is a dataset that nothing uses, as an operator is shown it.
func NewUnusedDataset(d DatasetFacts, locale string) UnusedDataset {
	u := UnusedDataset{
		ID: d.ID, DisplayName: d.DisplayName, Kind: d.Kind, Locale: locale, Status: d.Status, CreatedAt: d.CreatedAt, Uploaded: !d.ByRun,
		Reason: "a person uploaded it: it stays until a person deletes it",
	}
	if since, spare := spareSince(d.Spare); spare {
		u.Spare = Ptr(d.Spare)
		u.Reason = fmt.Sprintf("found unused on %s: the first check after %s deletes it", d.Spare, date(since.Add(SpareFor)))
	} else if d.ByRun {
		u.Reason = "the next check marks it, and one a week later deletes it"
	}
	return u
}

// The steps of DatasetStep.
const (
	DatasetMark   = "mark"
	DatasetUnmark = "unmark"
	DatasetDelete = "delete"
)

// DatasetStep is what is done with one dataset, and why.
type DatasetStep struct {
	ID     string
	Do     string
	Reason string
}

const (
	// SpareFor is how long after the first look that found it unused a dataset is deleted: until then a run that means
	// to use it takes the mark away.
	SpareFor = 7 * Day
	// FailedFor is how long a Failed dataset of ours stays.
	FailedFor = Day
)

// TidyDatasets decides what becomes of the datasets that runs have made: one that nothing uses is marked with the day,
// and deleted SpareFor later; a use takes the mark away. A Failed one goes FailedFor after its creation, but for the
// newest of a content, which remembers how often that was tried. What a person uploaded is left alone. hold, unless
// empty, says why nothing may be marked or deleted now. now is the service's.
func TidyDatasets(datasets []DatasetFacts, hold string, now time.Time) []DatasetStep {
	newest := map[string]DatasetFacts{}
	for _, d := range datasets {
		if have, ok := newest[d.Content]; d.Status == StatusFailed && (!ok || laterDataset(d, have)) {
			newest[d.Content] = d
		}
	}
	var steps []DatasetStep
	for _, d := range datasets {
		since, spare := spareSince(d.Spare)
		switch {
		case !d.ByRun:
		case d.Status == StatusFailed:
			if d.ID != newest[d.Content].ID && now.Sub(d.CreatedAt) > FailedFor && hold == "" {
				steps = append(steps, DatasetStep{d.ID, DatasetDelete, "its import failed, and a later one of the same content failed, too"})
			}
		case d.Use != "" && spare:
			steps = append(steps, DatasetStep{d.ID, DatasetUnmark, d.Use})
		case d.Use != "", hold != "":
		case !spare:
			steps = append(steps, DatasetStep{d.ID, DatasetMark, "nothing refers to it"})
		case now.Sub(since) >= SpareFor && d.Terminal:
			steps = append(steps, DatasetStep{d.ID, DatasetDelete, fmt.Sprintf("nothing has referred to it since %s", d.Spare)})
		}
	}
	return steps
}

func laterDataset(a, b DatasetFacts) bool {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c > 0
	}
	return strings.Compare(a.ID, b.ID) > 0
}

// spareSince reads sr.spare. A mark that is no day counts as none: it is written anew.
func spareSince(mark string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, mark)
	return day, err == nil
}

// SpareMark is the value of sr.spare for the service's now.
func SpareMark(now time.Time) string { return date(now) }

// HasSpareMark tells whether a dataset is marked as unused, so that a use must take the mark away.
func HasSpareMark(marks map[string]string) bool {
	_, spare := spareSince(marks[MarkSpare])
	return spare
}

// Named says which of the requests names a dataset, by its ID, URL, name or content; empty when none does. means tells
// whether what a request names is the dataset. contentOf tells the present content mark of data that is not there yet;
// known is false when its server does not say, and then every dataset that may hold it counts as named: all that were
// made from its URL, whose newest stands for it now.
func Named(d DatasetFacts, requests []LiveRequest, means func(named string, d DatasetFacts) bool,
	contentOf func(r LiveRequest, data LiveData) (content string, known bool),
) string {
	for _, r := range requests {
		for _, data := range r.Data() {
			if data.Dataset != "" && means(data.Dataset, d) {
				return fmt.Sprintf("a schedule or running retrain of %s names it", r.Name)
			}
			if !d.mayHold(data) {
				continue
			}
			if content, known := contentOf(r, data); !known {
				return fmt.Sprintf("the data %s of %s may be in it: their server did not tell", data.Name, r.Name)
			} else if content == d.Content {
				return fmt.Sprintf("the data %s of %s are in it", data.Name, r.Name)
			}
		}
	}
	return ""
}

// mayHold tells whether a dataset may be what data becomes: by the URL, if both are known, else by its name.
func (d DatasetFacts) mayHold(data LiveData) bool {
	if d.Source != "" && data.Source != "" {
		return d.Source == data.Source
	}
	return data.MayHold(d.DisplayName)
}

// HoldDatasets says why no dataset may be given up now: a version of another home is unfinished, whose run may name
// datasets that only its own Temporal knows of. Empty when there is none.
func HoldDatasets(versions []Version) string {
	i := slices.IndexFunc(versions, func(v Version) bool { return v.Known.State == RunForeign && unfinished(v.State) })
	if i < 0 {
		return ""
	}
	home, _ := SplitRun(versions[i].Run)
	if home == "" {
		home = "unknown"
	}
	return fmt.Sprintf("version %s of another installation (home %s) is unfinished, and its run may use any dataset", versions[i].DisplayName, home)
}

// QuotaNote warns when a collection of the resource is nearly full, or is "".
func QuotaNote(what string, have, quota int) string {
	if quota <= 0 || have*5 < quota*4 {
		return ""
	}
	return fmt.Sprintf("the resource has %d %s, and may have %d: make room before a retrain needs it", have, what, quota)
}
