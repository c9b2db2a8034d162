package activities

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

func (l *listing) indexUses() {
	l.uses = map[string]use{}
	for _, e := range l.evaluations {
		if id := refID(e.Dataset); id != "" {
			l.uses[id] = use{"evaluation", e.DisplayName, "was made on it"}
		}
	}
	for _, m := range l.models {
		for _, ref := range m.Datasets {
			l.uses[ref.ID()] = use{"version", m.DisplayName, "was trained on it"}
		}
	}
}

// datasetLocales are the locales of the datasets, each once.
func (l *listing) datasetLocales() []string {
	locales := map[string]string{}
	for _, d := range l.datasets {
		locales[strings.ToLower(d.Locale)] = d.Locale
	}
	return slices.Sorted(maps.Values(locales))
}

// byRunIn tells that a run of this owner has made a dataset of the locale.
func (l *listing) byRunIn(locale string) bool {
	l.need(speech.KindDataset)
	return slices.ContainsFunc(l.datasets, func(d speech.Dataset) bool {
		return l.ours(d.Object) && d.CustomProperties[lifecycle.MarkBy] == lifecycle.ByRun && lifecycle.SameLocale(d.Locale, locale)
	})
}

// datasetsIn are the datasets of this owner and locale as the rules of tidying up see them, each with what refers to it on
// the service.
func (l *listing) datasetsIn(locale string) []lifecycle.DatasetFacts {
	l.need(speech.KindDataset, speech.KindModel, speech.KindEvaluation)
	var facts []lifecycle.DatasetFacts
	for _, d := range l.datasets {
		p := d.CustomProperties
		if !l.ours(d.Object) || !lifecycle.SameLocale(d.Locale, locale) {
			continue
		}
		facts = append(facts, lifecycle.DatasetFacts{
			ID: d.ID(), DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind), Content: p[lifecycle.MarkContent],
			Source: p[lifecycle.MarkSource], Status: string(d.Status), Terminal: d.Status.Terminal(), CreatedAt: d.CreatedDateTime,
			ByRun: p[lifecycle.MarkBy] == lifecycle.ByRun, Spare: p[lifecycle.MarkSpare], Use: l.uses[d.ID()].String(),
		})
	}
	return facts
}

// standIns are the datasets of ours as the rule of lifecycle.PickStandIn sees them.
func (l *listing) standIns() []lifecycle.StandIn {
	var ours []lifecycle.StandIn
	for _, d := range l.datasets {
		if p := d.CustomProperties; l.ours(d.Object) {
			ours = append(ours, lifecycle.StandIn{
				ID: d.ID(), DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind), Locale: d.Locale, Status: string(d.Status),
				Content: p[lifecycle.MarkContent], Source: p[lifecycle.MarkSource], CreatedAt: d.CreatedDateTime,
			})
		}
	}
	return ours
}

// datasetOf is the ID of the last usable dataset that was made of some content under the name of the data; empty without.
func (l *listing) datasetOf(d lifecycle.Data, content string) (id string) {
	for _, have := range l.datasets {
		if l.ours(have.Object) && have.CustomProperties[lifecycle.MarkContent] == content && have.Status != speech.StatusFailed &&
			have.DisplayName == lifecycle.DatasetDisplayName(d.Name, content) {
			id = have.ID()
		}
	}
	return id
}

// contentOf is what a dataset counts as: its content mark, else its ID.
func (l *listing) contentOf(id string) string {
	l.need(speech.KindDataset)
	for _, d := range l.datasets {
		if d.ID() == id {
			return lifecycle.ContentOf(id, d.CustomProperties)
		}
	}
	return lifecycle.ContentOf(id, nil)
}

// failedImports are the datasets of ours that were to hold a content, and whose import failed.
func failedImports(datasets []speech.Dataset, owner, content string) []lifecycle.FailedImport {
	var failed []lifecycle.FailedImport
	for _, d := range datasets {
		p := d.CustomProperties
		if lifecycle.Ours(p, owner) && p[lifecycle.MarkContent] == content && d.Status == speech.StatusFailed {
			failed = append(failed, lifecycle.FailedImport{Mark: p[lifecycle.MarkTry], EndedAt: d.LastActionDateTime})
		}
	}
	return failed
}

// uploadName is the form of a dataset's name that the starter gives to a file.
var uploadName = regexp.MustCompile(`^.+ [0-9a-f]{12}$`)

// reference finds a dataset that the request names by ID, URL or exact name.
func (l *listing) reference(d lifecycle.Data, locale string, out *lifecycle.ObservedData) {
	l.need(speech.KindDataset)
	n, err := speech.ReadName(d.Dataset, speech.KindDataset)
	var found []speech.Dataset
	if err == nil {
		found = speech.Lookup(l.datasets, n)
	}
	if len(found) != 1 {
		out.Content = "missing:" + d.Dataset
		switch {
		case len(found) > 1:
			out.Fault = fmt.Sprintf("there are %d datasets named %q: name one by its ID", len(found), d.Dataset)
		case uploadName.MatchString(d.Dataset):
			out.Fault = fmt.Sprintf("%q is not on the service yet: starter uploads it", d.Dataset)
			out.Upload = true
		default:
			out.Fault = fmt.Sprintf("dataset %q does not exist", d.Dataset)
		}
		return
	}
	have := found[0]
	out.DatasetID, out.Kind = have.ID(), lifecycle.DatasetKind(have.Kind)
	out.Content = lifecycle.ContentOf(have.ID(), have.CustomProperties)
	seen := lifecycle.DatasetSeen{Kind: lifecycle.DatasetKind(have.Kind), Locale: have.Locale}
	if fault := lifecycle.RefuseDataset(seen, d.Kind, locale); fault != "" {
		out.Fault = fmt.Sprintf("dataset %q %s", speech.Clean(have.DisplayName), fault)
	} else if have.Status == speech.StatusFailed {
		out.Fault = fmt.Sprintf("the import of dataset %q failed", speech.Clean(have.DisplayName))
	}
}
