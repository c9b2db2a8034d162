package decode

import (
	"encoding/json"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/speech"
)

// RollbackInput asks to let an earlier champion serve again. VersionID empty = the newest earlier
// champion that has not expired.
type RollbackInput struct {
	Name      string `json:"name"`
	Locale    string `json:"locale"`
	Endpoint  string `json:"endpoint,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
}

// AdoptInput names the version to take over, and who decides.
type AdoptInput struct {
	Name      string `json:"name"`
	Locale    string `json:"locale"`
	VersionID string `json:"versionId"`
	By        string `json:"by"`
}

// ObserveInput names the models to read; none = every model that carries our marks.
type ObserveInput struct {
	Names []string `json:"names"`
	// Datasets asks for the datasets of ours that nothing refers to, too.
	Datasets bool `json:"datasets,omitempty"`
	// After is what the answer before gave as next: this one goes on there. Empty for the first.
	After string `json:"after,omitempty"`
	// Scheduled is what the schedules of these models name, when who asks has just read them: then nobody reads them
	// again. Nil = they are to be read.
	Scheduled []lifecycle.ScheduledEndpoint `json:"scheduled,omitzero"`
}

// SweepInput names the model whose abandoned versions are removed.
type SweepInput struct {
	Name   string `json:"name"`
	Locale string `json:"locale"`
	// Home names another home whose unfinished work is removed too: one that is lost. Empty = only this one's.
	Home string `json:"home,omitempty"`
	// Unused names datasets that a person wants deleted: only those that turn out to be unused are.
	Unused []string `json:"unused,omitempty"`
}

// NotifyInput names the web hooks that get a test message, as a request does.
type NotifyInput struct {
	Name   string             `json:"name"`
	Locale string             `json:"locale"`
	Notify []lifecycle.Notify `json:"notify"`
}

// EvaluateInput asks for the tests of a request on one version.
type EvaluateInput struct {
	Request json.RawMessage `json:"request"`
	// VersionID is the version to test; empty = the champion.
	VersionID string `json:"versionId,omitempty"`
}

// Limits of what people write, in characters.
const (
	maxReason = 200
	maxAnswer = 1000
)

// read decodes one input into the value given, which holds its defaults. What is wrong with it is in the list; the value
// may be used only when that is empty.
func read[T any](raw []byte, in T, fields func(*object, *T)) (T, []lifecycle.Problem) {
	root, problems := parseTree(raw)
	c := &checker{problems: problems}
	if root.kind == "" {
		return in, c.problems // it is no JSON
	}
	if o, ok := c.asObject(root, ""); ok {
		fields(o, &in)
		o.done()
	}
	return in, c.problems
}

// required reads a line that must be there; missing says what it is.
func (o *object) required(key, missing string, target *string, limit int) {
	if !o.has(key) {
		o.problem(o.at(key), "is required: %s", missing)
	}
	o.line(key, target, limit)
}

// Rollback reads the input of the workflow Rollback.
func Rollback(raw []byte) (RollbackInput, []lifecycle.Problem) {
	return read(raw, RollbackInput{}, func(o *object, in *RollbackInput) {
		o.model(&in.Name, &in.Locale)
		o.named("endpoint", &in.Endpoint, speech.KindEndpoint)
		o.version(&in.VersionID)
		o.required("by", "who decides", &in.By, maxTitle)
		o.required("reason", "why", &in.Reason, maxReason)
	})
}

// Adopt reads the input of the workflow Adopt.
func Adopt(raw []byte) (AdoptInput, []lifecycle.Problem) {
	return read(raw, AdoptInput{}, func(o *object, in *AdoptInput) {
		o.model(&in.Name, &in.Locale)
		if !o.has("versionId") {
			o.problem(o.at("versionId"), "is required: the version to take over")
		}
		o.version(&in.VersionID)
		o.required("by", "who decides", &in.By, maxTitle)
	})
}

// Observe reads the input of the workflow Observe.
func Observe(raw []byte) (ObserveInput, []lifecycle.Problem) {
	return read(raw, ObserveInput{Names: []string{}}, func(o *object, in *ObserveInput) {
		in.Names = append(in.Names, o.texts("names")...)
		for i, n := range in.Names {
			if fault := Name(n); fault != "" {
				o.problem(index(o.at("names"), i), "%s", fault)
			}
		}
		o.flag("datasets", &in.Datasets)
		if o.text("after", &in.After) {
			if _, ok := lifecycle.ReadRowKey(in.After); !ok {
				o.problem(o.at("after"), "must be what an answer has given as next")
			}
		}
		in.Scheduled = o.scheduled("scheduled")
	})
}

// scheduled reads what schedules name; nil when it is not there.
func (o *object) scheduled(key string) []lifecycle.ScheduledEndpoint {
	all, is := o.list(key)
	if !is {
		return nil
	}
	scheduled := make([]lifecycle.ScheduledEndpoint, len(all))
	for i, n := range all {
		if one, ok := o.asObject(n, index(o.at(key), i)); ok {
			one.text("name", &scheduled[i].Name)
			one.text("locale", &scheduled[i].Locale)
			one.text("endpoint", &scheduled[i].Endpoint)
			one.done()
		}
	}
	return scheduled
}

// Sweep reads the input of the workflow Sweep.
func Sweep(raw []byte) (SweepInput, []lifecycle.Problem) {
	return read(raw, SweepInput{}, func(o *object, in *SweepInput) {
		o.model(&in.Name, &in.Locale)
		o.line("home", &in.Home, maxTitle)
		in.Unused = o.ids("unused", speech.KindDataset)
	})
}

// Notify reads the input of the workflow Notify.
func Notify(raw []byte) (NotifyInput, []lifecycle.Problem) {
	return read(raw, NotifyInput{}, func(o *object, in *NotifyInput) {
		o.model(&in.Name, &in.Locale)
		var hooks lifecycle.Request
		decodeNotify(o, &hooks)
		if in.Notify = hooks.Notify; !o.has("notify") {
			o.problem(o.at("notify"), "is required: the web hooks that get the message")
		}
	})
}

// Evaluation is the input of the workflow Evaluate, read.
type Evaluation struct {
	Request   lifecycle.Request
	VersionID string
}

// Evaluate reads the input of the workflow Evaluate: an EvaluateInput.
func Evaluate(raw []byte) (Evaluation, []lifecycle.Problem) {
	return read(raw, Evaluation{Request: lifecycle.DefaultRequest()}, func(o *object, in *Evaluation) {
		o.version(&in.VersionID)
		if inner, ok := o.child("request"); ok {
			readRequest(inner, &in.Request)
			inner.done()
			if len(in.Request.Tests) == 0 {
				inner.problem(inner.at("tests"), "at least one test is required")
			}
		} else if !o.has("request") {
			o.problem(o.at("request"), "is required: the request with the tests")
		}
	})
}

// Answer tells what is wrong with who has decided on a version and why, or "" when nothing is. Both are kept.
func Answer(by, reason string) string {
	switch {
	case strings.TrimSpace(by) == "":
		return "by is required: who decides"
	case strings.TrimSpace(reason) == "":
		return "reason is required: why"
	case !printable(by, maxTitle) || !printable(reason, maxAnswer):
		return "by and reason must be one line of printable characters"
	case secret.HoldsSignedURL(by) || secret.HoldsSignedURL(reason):
		return "by and reason must hold no URL with a signature or a password: they are kept"
	}
	return ""
}
