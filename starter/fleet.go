package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones are checked on machines without a database of them

	"github.com/goccy/go-yaml"
	"github.com/robfig/cron"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// fleet is a file of models that are renewed on schedules.
type fleet struct {
	name   string
	models []fleetModel
	doc    document
}

// fleetModel is one model of a fleet, with the fleet's defaults merged in.
type fleetModel struct {
	givenRequest

	schedule  timing
	taskQueue string
}

// timing says when a schedule fires.
type timing struct {
	Cron     string             `json:"cron,omitempty"`
	Every    lifecycle.Duration `json:"every,omitempty"`
	TimeZone string             `json:"timeZone,omitempty"`
	Jitter   lifecycle.Duration `json:"jitter,omitempty"`
}

// String is the timing as people read it.
func (t timing) String() string {
	text := "cron " + t.Cron
	if t.Cron == "" {
		text = "every " + t.Every.String()
	}
	if t.TimeZone != "" {
		text += " in " + t.TimeZone
	}
	if t.Jitter > 0 {
		text += ", up to " + t.Jitter.String() + " later"
	}
	return text
}

// daily is when a model is looked at whose fleet does not say. The jitter keeps a thousand checks from
// falling on one minute.
var daily = timing{Every: lifecycle.Duration(24 * time.Hour), Jitter: lifecycle.Duration(time.Hour)}

// leastEvery keeps a slip of the pen ("1s") from firing checks all the time. Tests are quicker.
const leastEvery = time.Second

// fleetReader collects every problem of a fleet file.
type fleetReader struct {
	doc      document
	problems []lifecycle.Problem
	lines    []int
}

func (r *fleetReader) problem(line int, path, format string, args ...any) {
	r.problems = append(r.problems, lifecycle.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	r.lines = append(r.lines, line)
}

func (r *fleetReader) at(path, format string, args ...any) {
	r.problem(r.doc.line(path), path, format, args...)
}

// readFleet reads the fleet in the file at path. The error is a *failure with every problem, its line and path.
func (a *app) readFleet(path string) (fleet, error) {
	source, shown, err := a.readFile(path)
	if err != nil {
		return fleet{}, err
	}
	r := &fleetReader{doc: document{name: shown, source: source}}
	raw, err := r.doc.json()
	if err != nil {
		return fleet{}, err
	}
	if r.doc.isJSON() {
		if line, err := r.doc.bounded(); err != nil {
			return fleet{}, r.doc.refuse(line, err.Error())
		}
		// JSON is YAML, whose decoder sees a key that stands twice.
		if err := yaml.Unmarshal(r.doc.yaml(), new(any)); err != nil {
			return fleet{}, r.doc.refuse(0, "is not valid: "+err.Error())
		}
	}
	f := fleet{doc: r.doc}
	dir := ""
	if path != "-" {
		dir = filepath.Dir(path)
	}
	r.read(raw, dir, &f)
	if len(r.problems) == 0 {
		return f, nil
	}
	refused := refuse(lifecycle.InvalidRequest, "%s was refused with %s: nothing was applied", shown, count(int64(len(r.problems)), "problem"))
	refused.cause.Problems, refused.cause.Object = r.problems, lifecycle.Ptr(shown)
	refused.cause.Next = lifecycle.Ptr("correct it and try again")
	for i, p := range r.problems {
		refused.lines = append(refused.lines, r.doc.at(r.lines[i])+": "+p.String())
	}
	return fleet{}, refused
}

func (r *fleetReader) read(raw []byte, dir string, f *fleet) {
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
		if !slices.Contains([]string{"fleet", "defaults", "models"}, key) {
			r.at(key, "unknown field: a fleet has fleet, defaults and models")
		}
	}
	f.name, _ = root["fleet"].(string)
	if strings.TrimSpace(f.name) == "" || len(f.name) > 100 {
		r.at("fleet", "is required: the name of the fleet, 1 to 100 characters")
	}
	defaults, ok := root["defaults"].(map[string]any)
	if !ok && root["defaults"] != nil {
		r.at("defaults", "must be an object")
	}
	models, _ := root["models"].([]any)
	if len(models) == 0 {
		r.at("models", "at least one model is required")
	}
	names := map[string]string{}
	for i, entry := range models {
		path := fmt.Sprintf("models[%d]", i)
		own, ok := entry.(map[string]any)
		if !ok {
			r.at(path, "must be an object")
			continue
		}
		m := r.model(path, merge(defaults, own))
		m.doc, m.dir = r.doc, dir
		if before, twice := names[m.Name]; twice && m.Name != "" {
			r.at(path+".name", "%s is %s already", m.Name, before)
		}
		names[m.Name] = path
		f.models = append(f.models, m)
	}
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

// model reads one merged entry. A problem is where its value was written: at the model, else at the defaults.
func (r *fleetReader) model(path string, entry map[string]any) fleetModel {
	report := func(within, format string, args ...any) {
		line := r.doc.line(path + "." + within)
		if inherited := r.doc.line("defaults." + within); line == r.doc.line(path) && inherited > r.doc.line("defaults") {
			line = inherited
		}
		r.problem(line, path+"."+within, format, args...)
	}
	m := fleetModel{schedule: daily, taskQueue: workflows.DefaultTaskQueue}
	if queue, given := entry["taskQueue"]; given {
		if m.taskQueue, _ = queue.(string); m.taskQueue == "" {
			report("taskQueue", "must be the name of a task queue")
		}
	}
	if value, given := entry["schedule"]; given {
		m.schedule = readTiming(value, func(within, format string, args ...any) {
			report(strings.TrimSuffix("schedule."+within, "."), format, args...)
		})
	}
	request := maps.Clone(entry)
	delete(request, "taskQueue")
	delete(request, "schedule")
	var err error
	if m.raw, err = json.Marshal(request); err != nil {
		report("", "%s", err)
		return m
	}
	var problems []lifecycle.Problem
	m.Request, problems = workflows.DecodeRequest(m.raw)
	for _, p := range problems {
		report(p.Path, "%s", p.Message)
	}
	return m
}

func readTiming(value any, report func(within, format string, args ...any)) timing {
	entry, ok := value.(map[string]any)
	if !ok {
		report("", "must be an object: {cron | every, timeZone, jitter}")
		return daily
	}
	var t timing
	text := func(key string) string {
		value, given := entry[key]
		s, is := value.(string)
		if given && (!is || s == "") {
			report(key, "must be a text")
		}
		return s
	}
	length := func(key string, least time.Duration) lifecycle.Duration {
		s := text(key)
		if s == "" {
			return 0
		}
		d, err := lifecycle.ParseDuration(s)
		if err != nil || d.Std() < least {
			report(key, "must be a duration like \"24h\" or \"7d\"")
		}
		return d
	}
	for _, key := range slices.Sorted(maps.Keys(entry)) {
		if !slices.Contains([]string{"cron", "every", "timeZone", "jitter"}, key) {
			report(key, "unknown field")
		}
	}
	t.Cron, t.TimeZone = text("cron"), text("timeZone")
	t.Every, t.Jitter = length("every", leastEvery), length("jitter", 0)
	_, hasCron := entry["cron"]
	_, hasEvery := entry["every"]
	if hasCron == hasEvery {
		report("", "must have either cron or every")
	}
	if t.Cron != "" {
		if _, err := cron.ParseStandard(t.Cron); err != nil {
			report("cron", "must be a cron expression of five fields, like \"0 3 * * *\": %s", err)
		}
	}
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "Local" {
		report("timeZone", "must be the name of a time zone, like Europe/Berlin")
	} else if t.TimeZone != "" && hasEvery {
		report("timeZone", "is for cron: every counts from one firing to the next")
	}
	return t
}

// select keeps the models of the given names; the error names one that the fleet does not have.
func (f fleet) choose(names []string) ([]fleetModel, error) {
	if len(names) == 0 {
		return f.models, nil
	}
	var chosen []fleetModel
	for _, name := range names {
		i := slices.IndexFunc(f.models, func(m fleetModel) bool { return m.Name == name })
		if i < 0 {
			return nil, refuse(lifecycle.InvalidRequest, "%s has no model %s", f.doc.name, name)
		}
		chosen = append(chosen, f.models[i])
	}
	return chosen, nil
}
