package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/workflows"
)

// Read reads a fleet; the firings of its schedules are counted from now on. The error is a *exit.Failure with every
// problem, its line and path.
func Read(d Document, now time.Time) (Fleet, error) {
	r := &reader{doc: d, now: now, rhythms: map[timing]rhythm{}}
	raw, err := r.doc.JSON()
	if err != nil {
		return Fleet{}, err
	}
	if _, request := fileOf(raw); request {
		return Fleet{}, r.doc.mistaken("request", "fleet", "run")
	}
	if r.doc.isJSON() {
		if line, err := r.doc.bounded(); err != nil {
			return Fleet{}, r.doc.refuse(line, err.Error())
		}
		// JSON is YAML, whose decoder sees a key that stands twice.
		if err := yaml.Unmarshal(r.doc.yaml(), new(any)); err != nil {
			return Fleet{}, r.doc.refuse(0, "is not valid: "+err.Error())
		}
	}
	f := Fleet{Doc: r.doc}
	r.read(raw, &f)
	if len(r.problems) == 0 {
		f.Warnings = r.warnings
		return f, nil
	}
	return Fleet{}, r.refuse()
}

// fleetFields are those of a fleet.
var fleetFields = []string{"fleet", "id", "defaults", "models", "pilots", "budget", "prices"}

// idForm is what an id of a fleet is made of; apply --write-id makes a UUID.
var idForm = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

func (r *reader) read(raw []byte, f *Fleet) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		r.problem(0, "", "%s", err)
		return
	}
	root, ok := value.(map[string]any)
	if !ok {
		r.problem(0, "", "must be a fleet: {fleet: NAME, models: [...]}")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(root)) {
		if !slices.Contains(fleetFields, key) {
			message := "unknown field: a fleet has fleet, id, defaults, models, pilots, budget and prices"
			if near := meant.Nearest(key, fleetFields); near != "" {
				message += fmt.Sprintf("; did you mean %q?", near)
			}
			r.at(key, "%s", message)
		}
	}
	f.Name, _ = root["fleet"].(string)
	if strings.TrimSpace(f.Name) == "" || len(f.Name) > 100 {
		r.at("fleet", "is required: the name of the fleet, 1 to 100 characters")
	}
	if id, given := root["id"]; given {
		if f.ID, _ = id.(string); !idForm.MatchString(f.ID) {
			r.at("id", "must be a text of 8 to 64 letters, digits and -, as apply --write-id makes it")
		}
	}
	defaults, ok := root["defaults"].(map[string]any)
	if !ok && root["defaults"] != nil {
		r.at("defaults", "must be an object")
	}
	models, _ := root["models"].([]any)
	if len(models) == 0 {
		r.at("models", "at least one model is required")
	}
	common := r.common(root)
	names := map[string]string{}
	for i, entry := range models {
		path := fmt.Sprintf("models[%d]", i)
		own, ok := entry.(map[string]any)
		if !ok {
			r.at(path, "must be an object")
			continue
		}
		m := r.model(path, merge(instead(defaults, own), own), common)
		m.Doc, m.fleetID = r.doc, f.ID
		if before, twice := names[m.Name]; twice && m.Name != "" {
			r.at(path+".name", "%s is %s already", m.Name, before)
		}
		names[m.Name] = path
		f.Models = append(f.Models, m)
	}
	r.endpoints(f.Models)
	r.slow(f.Models)
	r.unheard(f.Models)
	r.pilots(f.Models, common.pilots)
	r.budgets(f.Models)
	r.atOnce(f.Models)
	r.outdated(f.Models)
}

// model reads one merged entry, and writes what the fleet says once for all into it.
func (r *reader) model(path string, entry map[string]any, common common) Model {
	report := func(within, format string, args ...any) { r.inherited(path, within, format, args...) }
	m := Model{schedule: daily, TaskQueue: workflows.DefaultTaskQueue}
	if queue, given := entry["taskQueue"]; given {
		if m.TaskQueue, _ = queue.(string); m.TaskQueue == "" {
			report("taskQueue", "must be the name of a task queue")
		}
	}
	if value, given := entry["schedule"]; given {
		m.schedule = readTiming(value, func(within, format string, args ...any) {
			report(strings.TrimSuffix("schedule."+within, "."), format, args...)
		})
	}
	request := common.into(entry, m.schedule.TimeZone)
	delete(request, "taskQueue")
	delete(request, "schedule")
	var err error
	if m.Raw, err = json.Marshal(request); err != nil {
		report("", "%s", err)
		return m
	}
	var problems []lifecycle.Problem
	m.Request, problems = decodeGiven(m.Raw)
	for _, p := range problems {
		report(p.Path, "%s", p.Message)
	}
	if m.Renew.Before > lifecycle.LongestBefore {
		report("renew.before", "must be at most %s, not %s: a version lives for about two years, and one that was just made would be due again",
			lifecycle.LongestBefore, m.Renew.Before)
	}
	if m.Force {
		report("force", "is for one run: a schedule would train the same input again and again; start it with starter run --force")
	}
	r.rhythm(path, m)
	return m
}

// instead is the defaults without what the schedule of a model takes the place of: every of cron and its time zone, and
// cron of every.
func instead(defaults, own map[string]any) map[string]any {
	under, _ := defaults["schedule"].(map[string]any)
	over, _ := own["schedule"].(map[string]any)
	schedule := maps.Clone(under)
	switch {
	case over["every"] != nil:
		delete(schedule, "cron")
		delete(schedule, "timeZone")
	case over["cron"] != nil:
		delete(schedule, "every")
	}
	if len(schedule) == len(under) {
		return defaults
	}
	defaults = maps.Clone(defaults)
	defaults["schedule"] = schedule
	return defaults
}

// merge lays one object over another: objects merge, everything else, lists too, replaces.
func merge(under, over map[string]any) map[string]any {
	merged := maps.Clone(under)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range over {
		below, isBelow := merged[key].(map[string]any)
		above, isAbove := value.(map[string]any)
		if isBelow && isAbove {
			merged[key] = merge(below, above)
			continue
		}
		merged[key] = value
	}
	return merged
}

// ReadAny reads a fleet, or a request as a fleet of one on the given queue. The error is a *exit.Failure.
func ReadAny(d Document, queue string, now time.Time) (Fleet, error) {
	raw, err := d.JSON()
	if err != nil {
		return Fleet{}, err
	}
	if _, request := fileOf(raw); !request {
		return Read(d, now)
	}
	given, err := ReadRequest(d)
	return Fleet{Doc: d, Models: []Model{{Given: given, TaskQueue: queue}}}, err
}
