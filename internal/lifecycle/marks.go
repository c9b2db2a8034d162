package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The marks that we set in customProperties of the service's objects. They are what outlives
// Temporal's retention, and the only proof that an object is ours.
const (
	MarkOwner   = "sr.owner"
	MarkModel   = "sr.model"
	MarkRun     = "sr.run"
	MarkStep    = "sr.step"
	MarkInput   = "sr.input"
	MarkContent = "sr.content"
	// MarkSource tells which URL a dataset was made from, whatever its content is: it finds what can be used while the
	// server of the URL does not answer.
	MarkSource  = "sr.source"
	MarkState   = "sr.state"
	MarkVerdict = "sr.verdict"
	// MarkBest keeps, on the champion, the best word error rates that champions of the model ever had (ParseBest).
	MarkBest  = "sr.best"
	MarkAlarm = "sr.alarm"
	// MarkBy tells a dataset that a workflow made (ByRun) from one that a person uploaded.
	MarkBy = "sr.by"
	// MarkSpare is the day of the first look that found a dataset unused; NoMark when it is used again.
	MarkSpare = "sr.spare"
	// MarkTry counts the failed imports of one content: <n>@<day of the last>.
	MarkTry = "sr.try"
	// MarkTestingKind is the portal's own: without it the portal shows no scores.
	MarkTestingKind = "testingKind"
)

// ByRun is the value of sr.by on what a workflow made.
const ByRun = "run"

// NoMark is the value of a mark that is over: the service may keep a key that is left out.
const NoMark = "none"

// StepTrain is the sr.step of the version that a run trains; StepEvaluate begins those of its tests.
const (
	StepTrain    = "train"
	StepEvaluate = "evaluate/"
)

// Limits of customProperties (Azure swagger 2025-10-15, every *.customProperties).
const (
	MaxMarks     = 10
	MaxMarkKey   = 64
	MaxMarkValue = 256
)

// expendable lists the marks of a version that are left out when foreign properties leave no room, first first. One
// without sr.step counts as trained; the other kinds of objects have room for all of theirs.
var expendable = []string{MarkStep, MarkAlarm, MarkBest, MarkVerdict}

// MergeMarks returns the properties of an object with changes applied: foreign keys stay, an empty
// value removes its key, values are cut to what the service takes. With no room for all,
// the expendable marks are left out and named in dropped. It is for versions; an object of another kind that has too many
// foreign properties keeps more than the service takes, and the service refuses the change.
func MergeMarks(existing, changes map[string]string) (merged map[string]string, dropped []string) {
	merged = maps.Clone(existing)
	if merged == nil {
		merged = map[string]string{}
	}
	for k, v := range changes {
		if v == "" {
			delete(merged, k)
			continue
		}
		merged[k] = cut(v, MaxMarkValue)
	}
	for _, k := range expendable {
		if len(merged) <= MaxMarks {
			break
		}
		if _, ok := merged[k]; ok {
			delete(merged, k)
			dropped = append(dropped, k)
		}
	}
	return yieldBest(existing, merged, dropped)
}

// yieldBest leaves a new sr.best out rather than a mark that is there already: a service that merges properties keeps what
// is left out, and would refuse the change as one too many.
func yieldBest(existing, merged map[string]string, dropped []string) (map[string]string, []string) {
	there := func(k string) bool { _, ok := existing[k]; return ok }
	if _, kept := merged[MarkBest]; !kept || there(MarkBest) || !slices.ContainsFunc(dropped, there) {
		return merged, dropped
	}
	delete(merged, MarkBest)
	back := slices.IndexFunc(dropped, there)
	merged[dropped[back]] = existing[dropped[back]]
	return merged, append(slices.Delete(dropped, back, back+1), MarkBest)
}

// MergeMarksBeside is MergeMarks for a service that keeps what a change leaves out, and refuses the change as one too many:
// what is there already stays, and of what is new the expendable marks are left out, first first.
func MergeMarksBeside(existing, changes map[string]string) (merged map[string]string, dropped []string) {
	merged = maps.Clone(existing)
	if merged == nil {
		merged = map[string]string{}
	}
	for k, v := range changes {
		if v != "" {
			merged[k] = cut(v, MaxMarkValue)
		}
	}
	for _, k := range expendable {
		_, there := existing[k]
		if _, set := merged[k]; set && !there && len(merged) > MaxMarks {
			delete(merged, k)
			dropped = append(dropped, k)
		}
	}
	return merged, dropped
}

// cut shortens s to at most limit characters.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	return string(runes[:limit-1]) + "…"
}

// Ours tells whether an object carries our owner.
func Ours(marks map[string]string, owner string) bool {
	return owner != "" && marks[MarkOwner] == owner
}

// RunDisplayName is the display name of a version or evaluation: the model's name, the day on which
// the run began, and eight hex digits that only this run and step give, so that an exact-name listing
// finds what a lost answer left behind. startedAt is the workflow's start time, which a reset keeps.
func RunDisplayName(model string, startedAt time.Time, run, step string) string {
	return model + " " + date(startedAt) + " " + hash(run + "/" + step)[:8]
}

// DatasetDisplayName is the display name of a dataset made from content.
func DatasetDisplayName(dataName, content string) string {
	digest := content
	if len(digest) > 12 {
		digest = digest[:12]
	}
	return dataName + " " + digest
}

// InputMark is the value of sr.input: what a version was trained from, so that a change of base model
// or data can be seen later. A dataset without our content mark counts by its ID.
func InputMark(baseModelID string, contents []string) string {
	sorted := slices.Clone(contents)
	slices.Sort(sorted)
	return hash(baseModelID + "\n" + strings.Join(sorted, "\n"))[:16]
}

// ContentOf is what a dataset counts as in InputMark.
func ContentOf(datasetID string, marks map[string]string) string {
	if c := marks[MarkContent]; c != "" {
		return c
	}
	return "id:" + datasetID
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
