// Package fleet is what a file says and what its schedules should be: a document becomes a request or the models of a
// fleet, each model the schedule that it should have, and that, held against the one that is there, a list of
// differences. Everything is a value: nothing here reads a file, asks Temporal or sends anything. Whatever is refused is
// a *exit.Failure with every problem and its line.
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

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// Fleet is a file of models that are renewed on schedules.
type Fleet struct {
	Name string
	// ID tells this file from others of the same name; empty when it has none.
	ID     string
	Models []Model
	Doc    Document
	// Warnings are what an operator should know of it, a text each.
	Warnings []string
}

// Model is one model of a fleet, with the fleet's defaults merged in.
type Model struct {
	Given

	schedule timing
	// TaskQueue is that of the worker for its Speech resource.
	TaskQueue string
	// fleetID is the id of its fleet; empty when that has none.
	fleetID string
	// Uploads are the datasets of its local files by their display names, once they are known.
	Uploads map[string]string
}

// endpoint is the one that the model is deployed to, as its request names it; empty without.
func (m Model) endpoint() string {
	if m.Deploy == nil {
		return ""
	}
	return m.Deploy.Endpoint
}

// reader collects every problem of a fleet file.
type reader struct {
	doc Document
	// now is what the firings of schedules are counted from.
	now      time.Time
	problems []lifecycle.Problem
	lines    []int
	warnings []string
	// rhythms are those of the timings read so far: a fleet has few, and some take a moment to count.
	rhythms map[timing]rhythm
}

func (r *reader) problem(line int, path, format string, args ...any) {
	r.problems = append(r.problems, lifecycle.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	r.lines = append(r.lines, line)
}

func (r *reader) at(path, format string, args ...any) {
	r.problem(r.doc.line(path), path, format, args...)
}

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

// refuse tells every problem with its line.
func (r *reader) refuse() *exit.Failure {
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s was refused with %s: nothing was applied", r.doc.Name, words.Count(len(r.problems), "problem"))
	refused.Cause.Problems, refused.Cause.Object = r.problems, lifecycle.Ptr(r.doc.Name)
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
			message := "unknown field: a fleet has fleet, id, defaults and models"
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
	names := map[string]string{}
	for i, entry := range models {
		path := fmt.Sprintf("models[%d]", i)
		own, ok := entry.(map[string]any)
		if !ok {
			r.at(path, "must be an object")
			continue
		}
		m := r.model(path, merge(defaults, own))
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
}

// endpoints refuses two models on one endpoint. A task queue is one Speech resource: the same name on another is
// another endpoint.
func (r *reader) endpoints(models []Model) {
	type place struct{ queue, endpoint string }
	taken := map[place]string{}
	for i, m := range models {
		at := place{m.TaskQueue, m.endpoint()}
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
func (r *reader) unheard(models []Model) {
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
func (r *reader) inherited(path, within, format string, args ...any) {
	r.problem(r.lineOf(path, within), path+"."+within, format, args...)
}

func (r *reader) lineOf(path, within string) int {
	line := r.doc.line(path + "." + within)
	if inherited := r.doc.line("defaults." + within); line == r.doc.line(path) && inherited > r.doc.line("defaults") {
		return inherited
	}
	return line
}

// model reads one merged entry.
func (r *reader) model(path string, entry map[string]any) Model {
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
	request := maps.Clone(entry)
	delete(request, "taskQueue")
	delete(request, "schedule")
	var err error
	if m.Raw, err = json.Marshal(request); err != nil {
		report("", "%s", err)
		return m
	}
	var problems []lifecycle.Problem
	m.Request, problems = workflows.DecodeRequest(m.Raw)
	for _, p := range problems {
		report(p.Path, "%s", p.Message)
	}
	r.rhythm(path, m)
	return m
}

// Choose keeps the models of the given names; the error names one that the fleet does not have.
func (f Fleet) Choose(names []string) ([]Model, error) {
	if len(names) == 0 {
		return f.Models, nil
	}
	var chosen []Model
	for _, name := range names {
		i := slices.IndexFunc(f.Models, func(m Model) bool { return m.Name == name })
		if i < 0 {
			return nil, exit.Refuse(lifecycle.InvalidRequest, "%s has no model %s", f.Doc.Name, name)
		}
		chosen = append(chosen, f.Models[i])
	}
	return chosen, nil
}
