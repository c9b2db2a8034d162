package fleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// common is what a fleet says once for all its models.
type common struct {
	// pilots are names of models by locale in lower case.
	pilots map[string]string
	// spending holds budget and prices as they were written.
	spending map[string]any
}

// common reads pilots, budget and prices of a fleet.
func (r *reader) common(root map[string]any) common {
	c := common{pilots: map[string]string{}, spending: map[string]any{}}
	for _, key := range []string{"budget", "prices"} {
		if value := root[key]; value != nil {
			c.spending[key] = value
		}
	}
	raw, err := json.Marshal(c.spending)
	if err != nil {
		r.problem(0, "", "%s", err)
	}
	if problems := decode.Spending(raw); len(problems) > 0 {
		for _, p := range problems {
			r.at(p.Path, "%s", p.Message)
		}
		c.spending = nil // told once, not once for each model
	}
	pilots, ok := root["pilots"].(map[string]any)
	if !ok && root["pilots"] != nil {
		r.at("pilots", "must be an object: {<locale>: <model>}")
	}
	for _, locale := range slices.Sorted(maps.Keys(pilots)) {
		path := "pilots." + locale
		if fault := cmp.Or(decode.Locale(locale), decode.Spelling(locale)); fault != "" {
			r.at(path, "%s", fault)
		}
		name, is := pilots[locale].(string)
		if !is || decode.Name(name) != "" {
			r.at(path, "must be the name of the model that goes first with a new base model: 1 to 40 of a-z, 0-9 and -")
			continue
		}
		c.pilots[strings.ToLower(locale)] = name
	}
	return c
}

// into is a copy of the entry of a model with what the fleet says once for all in its renew, and the window that counts when
// nothing is said; what the entry says itself goes before it. zone is that of its schedule.
func (c common) into(entry map[string]any, zone string) map[string]any {
	entry = maps.Clone(entry)
	renew := maps.Clone(c.spending)
	if renew == nil {
		renew = map[string]any{}
	}
	locale, _ := entry["locale"].(string)
	if pilot := c.pilots[strings.ToLower(locale)]; pilot != "" && pilot != entry["name"] {
		renew["pilot"] = pilot
	}
	if zone != "" {
		renew["timeZone"] = zone
	}
	// It stands in every schedule since renewals are spread: without it a schedule is of an earlier version.
	renew["window"] = lifecycle.DefaultRequest().Renew.Window.String()
	if entry["renew"] == nil {
		delete(entry, "renew")
	}
	return merge(map[string]any{"renew": renew}, entry)
}

// pilots warns of pilots that are none: models that name them go by themselves.
func (r *reader) pilots(models []Model, byLocale map[string]string) {
	for _, locale := range slices.Sorted(maps.Keys(byLocale)) {
		if !slices.ContainsFunc(models, func(m Model) bool { return lifecycle.SameLocale(m.Locale, locale) }) {
			r.warnings = append(r.warnings, fmt.Sprintf("pilots: no model of this file is of %s, so that %s is the pilot of none", locale, byLocale[locale]))
		}
	}
	var order []string
	names := map[string][]string{}
	for _, m := range models {
		fault := unfit(m, models)
		if fault == "" {
			continue
		}
		if names[fault] == nil {
			order = append(order, fault)
		}
		names[fault] = append(names[fault], m.Name)
	}
	for _, fault := range order {
		r.warnings = append(r.warnings, fmt.Sprintf("renew.pilot of %s: %s: without a pilot a new base model is tried by each for itself",
			words.Some(names[fault]), fault))
	}
}

// unfit tells why what a model names as its pilot is none, as far as the file tells; empty when it is one, or none is named.
func unfit(m Model, models []Model) string {
	name := m.Renew.Pilot
	i := slices.IndexFunc(models, func(p Model) bool { return p.Name == name })
	switch {
	case name == "":
		return ""
	case name == m.Name:
		return "a model cannot be its own pilot"
	case i < 0:
		return name + " is not in this file"
	}
	switch p := models[i]; {
	case !lifecycle.SameLocale(p.Locale, m.Locale):
		return fmt.Sprintf("%s is of %s, not of %s", name, p.Locale, m.Locale)
	case p.TaskQueue != m.TaskQueue:
		return fmt.Sprintf("%s is on another Speech resource (task queue %s, not %s)", name, p.TaskQueue, m.TaskQueue)
	case p.Renew.Pilot != "":
		return fmt.Sprintf("%s has a pilot itself, %s", name, p.Renew.Pilot)
	case p.BaseModel.Choose != lifecycle.Latest:
		return name + " has a fixed base model"
	}
	return ""
}

// budgets warns of two budgets on one resource, of which each would take the spending of the other for its own.
func (r *reader) budgets(models []Model) {
	first := map[string]Model{}
	told := map[string]bool{}
	for _, m := range models {
		before, there := first[m.TaskQueue]
		switch {
		case m.Renew.Budget == nil || told[m.TaskQueue]:
		case !there:
			first[m.TaskQueue] = m
		case *before.Renew.Budget != *m.Renew.Budget:
			told[m.TaskQueue] = true
			r.warnings = append(r.warnings, twoBudgets(before.Name, m.Name, m.TaskQueue, *before.Renew.Budget, *m.Renew.Budget))
		}
	}
}

func twoBudgets(one, other, queue string, a, b lifecycle.Budget) string {
	return fmt.Sprintf("%s has a budget of %g a month (%s), %s one of %g (%s), on one Speech resource (task queue %s): each counts what all models "+
		"of this owner spend there; give all the same", one, a.Month, a.OnExceed, other, b.Month, b.OnExceed, queue)
}

// atOnce warns of checks that begin in one moment while a budget is to hold: none of them sees what the others are about to spend.
func (r *reader) atOnce(models []Model) {
	type moment struct {
		queue  string
		timing timing
	}
	names := map[moment][]string{}
	var order []moment
	for _, m := range models {
		if m.Renew.Budget == nil || m.schedule.Jitter > 0 {
			continue
		}
		at := moment{queue: m.TaskQueue, timing: m.schedule}
		if names[at] = append(names[at], m.Name); len(names[at]) == 2 {
			order = append(order, at)
		}
	}
	for _, at := range order {
		r.warnings = append(r.warnings, fmt.Sprintf("the checks of %s begin in one moment (%s), so that none sees what the others are about to spend of the "+
			"budget: new data of all could pass it in one night; give their schedules a jitter, like 1h", words.Some(names[at]), at.timing))
	}
}

// Budgets warns of a budget of another schedule of this owner on the same resource, which stays.
func (f Held) Budgets() []string {
	var warnings []string
	told := map[string]bool{}
	for _, m := range f.Models {
		if m.Renew.Budget == nil || told[m.TaskQueue] {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(f.Have)) {
			s := f.Have[name]
			other := s.Budget
			if other == nil || *other == *m.Renew.Budget || s.TaskQueue != m.TaskQueue || s.owner != f.Owner || f.has(s.Model) || f.Prune && f.left(s) {
				continue
			}
			told[m.TaskQueue] = true
			warnings = append(warnings, twoBudgets(m.Name, s.Model, m.TaskQueue, *m.Renew.Budget, *other))
			break
		}
	}
	return warnings
}

// outdated warns of fields that have no effect any more, each once with the models that have it.
func (r *reader) outdated(models []Model) {
	var order []string
	names := map[string][]string{}
	for _, m := range models {
		for _, note := range m.Outdated() {
			if names[note] == nil {
				order = append(order, note)
			}
			names[note] = append(names[note], m.Name)
		}
	}
	for _, note := range order {
		r.warnings = append(r.warnings, words.Some(names[note])+": "+note)
	}
}
