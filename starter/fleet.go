package main

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

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// fleet is a file of models that are renewed on schedules.
type fleet struct {
	name string
	// id tells this file from others of the same name; empty when it has none.
	id     string
	models []fleetModel
	doc    document
	// warnings are what an operator should know of it, a text each.
	warnings []string
}

// fleetModel is one model of a fleet, with the fleet's defaults merged in.
type fleetModel struct {
	givenRequest

	schedule  timing
	taskQueue string
	// fleetID is the id of its fleet; empty when that has none.
	fleetID string
	// uploads are the datasets of its local files by their display names, once they are known.
	uploads map[string]string
}

// endpoint is the one that the model is deployed to, as its request names it; empty without.
func (m fleetModel) endpoint() string {
	if m.Deploy == nil {
		return ""
	}
	return m.Deploy.Endpoint
}

// fleetReader collects every problem of a fleet file.
type fleetReader struct {
	doc document
	// now is what the firings of schedules are counted from.
	now      time.Time
	problems []lifecycle.Problem
	lines    []int
	warnings []string
	// rhythms are those of the timings read so far: a fleet has few, and some take a moment to count.
	rhythms map[timing]rhythm
}

func (r *fleetReader) problem(line int, path, format string, args ...any) {
	r.problems = append(r.problems, lifecycle.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	r.lines = append(r.lines, line)
}

func (r *fleetReader) at(path, format string, args ...any) {
	r.problem(r.doc.line(path), path, format, args...)
}

// readFleet reads a fleet; the firings of its schedules are counted from now on. The error is a *exit.Failure with every
// problem, its line and path.
func readFleet(d document, now time.Time) (fleet, error) {
	r := &fleetReader{doc: d, now: now, rhythms: map[timing]rhythm{}}
	raw, err := r.doc.json()
	if err != nil {
		return fleet{}, err
	}
	if _, request := fileOf(raw); request {
		return fleet{}, r.doc.mistaken("request", "fleet", "run")
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
	r.read(raw, &f)
	if len(r.problems) == 0 {
		f.warnings = r.warnings
		return f, nil
	}
	return fleet{}, r.refuse()
}

// refuse tells every problem with its line.
func (r *fleetReader) refuse() *exit.Failure {
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s was refused with %s: nothing was applied", r.doc.name, words.Count(len(r.problems), "problem"))
	refused.Cause.Problems, refused.Cause.Object = r.problems, lifecycle.Ptr(r.doc.name)
	refused.Cause.Next = lifecycle.Ptr("correct it and try again")
	for i, p := range r.problems {
		refused.Lines = append(refused.Lines, r.doc.at(r.lines[i])+": "+p.String())
	}
	return refused
}

// fleetFields are those of a fleet.
var fleetFields = []string{"fleet", "id", "defaults", "models"}

// idForm is what an id of a fleet is made of; apply --write-id makes a UUID.
var idForm = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

func (r *fleetReader) read(raw []byte, f *fleet) {
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
			message := "unknown field: a fleet has fleet, id, defaults and models"
			if near := meant.Nearest(key, fleetFields); near != "" {
				message += fmt.Sprintf("; did you mean %q?", near)
			}
			r.at(key, "%s", message)
		}
	}
	f.name, _ = root["fleet"].(string)
	if strings.TrimSpace(f.name) == "" || len(f.name) > 100 {
		r.at("fleet", "is required: the name of the fleet, 1 to 100 characters")
	}
	if id, given := root["id"]; given {
		if f.id, _ = id.(string); !idForm.MatchString(f.id) {
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
	names := map[string]string{}
	for i, entry := range models {
		path := fmt.Sprintf("models[%d]", i)
		own, ok := entry.(map[string]any)
		if !ok {
			r.at(path, "must be an object")
			continue
		}
		m := r.model(path, merge(defaults, own))
		m.doc, m.fleetID = r.doc, f.id
		if before, twice := names[m.Name]; twice && m.Name != "" {
			r.at(path+".name", "%s is %s already", m.Name, before)
		}
		names[m.Name] = path
		f.models = append(f.models, m)
	}
	r.endpoints(f.models)
	r.slow(f.models)
	r.unheard(f.models)
}

// endpoints refuses two models on one endpoint. A task queue is one Speech resource: the same name on another is
// another endpoint.
func (r *fleetReader) endpoints(models []fleetModel) {
	type place struct{ queue, endpoint string }
	taken := map[place]string{}
	for i, m := range models {
		at := place{m.taskQueue, m.endpoint()}
		if at.endpoint == "" {
			continue
		}
		if before, twice := taken[at]; twice {
			r.inherited(fmt.Sprintf("models[%d]", i), "deploy.endpoint", "%s is the endpoint of %s already: an endpoint serves one model", at.endpoint, before)
			continue
		}
		taken[at] = m.Name
	}
}

// unheard warns of a fleet that would fail in silence.
func (r *fleetReader) unheard(models []fleetModel) {
	for _, m := range models {
		for _, n := range m.Notify {
			if slices.Contains(n.On, notify.Failed) || slices.Contains(n.On, notify.Expiring) {
				return
			}
		}
	}
	r.warnings = append(r.warnings, "nobody will be told when something is amiss: no model has a notify that listens to failed or expiring; "+
		"add to the defaults: notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [failed, expiring]}]")
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

// inherited notes a problem where its value was written: at the model, else at the defaults.
func (r *fleetReader) inherited(path, within, format string, args ...any) {
	r.problem(r.lineOf(path, within), path+"."+within, format, args...)
}

func (r *fleetReader) lineOf(path, within string) int {
	line := r.doc.line(path + "." + within)
	if inherited := r.doc.line("defaults." + within); line == r.doc.line(path) && inherited > r.doc.line("defaults") {
		return inherited
	}
	return line
}

// model reads one merged entry.
func (r *fleetReader) model(path string, entry map[string]any) fleetModel {
	report := func(within, format string, args ...any) { r.inherited(path, within, format, args...) }
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
	r.rhythm(path, m)
	return m
}

// choose keeps the models of the given names; the error names one that the fleet does not have.
func (f fleet) choose(names []string) ([]fleetModel, error) {
	if len(names) == 0 {
		return f.models, nil
	}
	var chosen []fleetModel
	for _, name := range names {
		i := slices.IndexFunc(f.models, func(m fleetModel) bool { return m.Name == name })
		if i < 0 {
			return nil, exit.Refuse(lifecycle.InvalidRequest, "%s has no model %s", f.doc.name, name)
		}
		chosen = append(chosen, f.models[i])
	}
	return chosen, nil
}
