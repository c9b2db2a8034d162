package decode

import (
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/web"
)

// maxTitle is the longest display name of a project or endpoint, in characters.
const maxTitle = 100

// Request reads a request as raw JSON into a value with every default filled in, and a list of
// all that is wrong with it. The value may be used only when the list is empty. No problem repeats a
// value that could be a secret.
func Request(raw []byte) (lifecycle.Request, []lifecycle.Problem) {
	return read(raw, lifecycle.DefaultRequest(), readRequest)
}

func readRequest(o *object, r *lifecycle.Request) {
	decodeIdentity(o, r)
	decodeBase(o, &r.BaseModel)
	names := map[string]string{}
	decodeTraining(o, r, names)
	decodeTests(o, r, names)
	if compare, ok := o.child("compare"); ok {
		compare.flag("base", &r.Compare.Base)
		compare.done()
	}
	decodeApproval(o, &r.Approval)
	decodeDeploy(o, r)
	if r.BaseModel.Family != "" && r.Deploy != nil {
		o.problem(o.at("baseModel.family"), "a Whisper model cannot serve an endpoint: leave out deploy, or baseModel.family")
	}
	decodeNotify(o, r)
	oneOf(o, "untested", &r.Untested, lifecycle.Reject, lifecycle.Promote)
	if last, ok := o.child("lastResort"); ok {
		last.duration("before", &r.LastResort.Before, false)
		last.done()
	}
	o.whole("keep", &r.Keep, 0, 100)
	decodeRenew(o, r)
	o.flag("force", &r.Force)
	decodeLimits(o, &r.Limits)
}

// model reads the name and the locale of a model, which every input has.
func (o *object) model(name, locale *string) {
	o.needed("name", "is required", name, Name)
	o.needed("locale", "is required, like en-US", locale, Locale)
}

// needed reads a text that must be there and hold to a rule.
func (o *object) needed(key, missing string, target *string, fault func(string) string) {
	if !o.has(key) {
		o.problem(o.at(key), "%s", missing)
	}
	if !o.text(key, target) {
		return
	}
	if text := fault(*target); text != "" {
		o.problem(o.at(key), "%s", text)
	}
}

func decodeIdentity(o *object, r *lifecycle.Request) {
	o.model(&r.Name, &r.Locale)
	o.line("displayName", &r.DisplayName, maxTitle)
	o.text("description", &r.Description)
	o.named("project", &r.Project, speech.KindProject)
}

func decodeBase(o *object, spec *lifecycle.BaseSpec) {
	n, ok := o.get("baseModel")
	if !ok {
		return
	}
	at := o.at("baseModel")
	if n.kind == kindText {
		spec.Choose = n.text
		o.checkChoice(at, n.text)
		return
	}
	b, ok := o.asObject(n, at)
	if !ok {
		return
	}
	if b.text("choose", &spec.Choose) {
		b.checkChoice(b.at("choose"), spec.Choose)
	}
	b.duration("minAge", &spec.MinAge, false)
	spec.Deny = b.ids("deny", speech.KindBaseModel)
	oneOf(b, "family", &spec.Family, lifecycle.FamilyWhisper)
	b.done()
}

func (c *checker) checkChoice(path, choice string) {
	if choice == lifecycle.Latest {
		return
	}
	n, err := speech.ReadName(choice, speech.KindBaseModel, speech.KindModel)
	switch {
	case err != nil:
		c.problem(path, "%s", err)
	case !n.Exact():
		c.problem(path, "must be \"latest\", or the ID or URL of a model")
	}
}

func decodeTraining(o *object, r *lifecycle.Request, names map[string]string) {
	items, ok := o.list("training")
	if !ok || len(items) == 0 {
		if !o.has("training") || ok {
			o.problem(o.at("training"), "at least one data set is required")
		}
		return
	}
	for i, item := range items {
		at := index(o.at("training"), i)
		if entry, ok := o.asObject(item, at); ok {
			r.Training = append(r.Training, decodeData(entry, trainingKinds, names))
			entry.done()
		}
	}
	kinds := make([]lifecycle.DatasetKind, 0, len(r.Training))
	for _, d := range r.Training {
		kinds = append(kinds, d.Kind)
	}
	// Entries that are no objects have no kind either, and shift the others: then their own problem is enough.
	if i, reason := lifecycle.RefuseCombination(kinds); reason != "" && len(kinds) == len(items) {
		o.problem(index(o.at("training"), i)+".kind", "%s", reason)
	}
}

// decodeData reads one data set; names holds the paths of the names used so far.
func decodeData(o *object, kinds []lifecycle.DatasetKind, names map[string]string) lifecycle.Data {
	var d lifecycle.Data
	o.text("name", &d.Name)
	oneOf(o, "kind", &d.Kind, kinds...)
	var sources []string
	for _, key := range []string{lifecycle.SourceDataset, lifecycle.SourceContentURL, lifecycle.SourceContentURLFrom, lifecycle.SourceFile} {
		if o.has(key) {
			sources = append(sources, key)
		}
	}
	if o.text(lifecycle.SourceDataset, &d.Dataset) {
		o.checkDatasetRef(o.at(lifecycle.SourceDataset), d.Dataset)
	}
	if o.text(lifecycle.SourceContentURL, &d.ContentURL) {
		o.checkURL(o.at(lifecycle.SourceContentURL), d.ContentURL)
	}
	d.ContentURLFrom = decodeEnv(o, lifecycle.SourceContentURLFrom)
	if o.text(lifecycle.SourceFile, &d.File) && d.File == "" {
		o.problem(o.at(lifecycle.SourceFile), "must be a path")
	}
	if share := o.fraction("maxRejected"); share != nil {
		d.MaxRejected = share
	}
	switch {
	case len(sources) == 0:
		o.problem(o.path, "must name its data: dataset, contentUrl, contentUrlFrom or file")
	case len(sources) > 1:
		o.problem(o.path, "must name exactly one source, not %s", strings.Join(sources, " and "))
	case sources[0] != lifecycle.SourceDataset:
		for _, key := range []string{"name", "kind"} {
			if !o.has(key) {
				o.problem(o.at(key), "is required with %s", sources[0])
			}
		}
	}
	o.checkDataName(d.Name, names)
	return d
}

func (o *object) checkDataName(name string, names map[string]string) {
	if !o.has("name") {
		return
	}
	if fault := DataName(name); fault != "" {
		o.problem(o.at("name"), "%s", fault)
		return
	}
	if first, used := names[name]; used {
		o.problem(o.at("name"), "is also the name of %s", first)
		return
	}
	names[name] = o.path
}

func (c *checker) checkDatasetRef(path, ref string) {
	n, err := speech.ReadName(ref, speech.KindDataset)
	switch {
	case err != nil:
		c.problem(path, "%s", err)
	case !n.Exact() && !printable(ref, 200):
		c.problem(path, "must be the ID, URL or exact name of a dataset")
	}
}

// checkURL holds a URL to the contract: https, or http to this machine, and never a signed one.
func (c *checker) checkURL(path, raw string) {
	if secret.SignedURL(raw) {
		c.problems = slices.DeleteFunc(c.problems, func(p lifecycle.Problem) bool { return p.Secret && p.Path == path })
		c.problems = append(c.problems, lifecycle.Problem{
			Path: path, Secret: true,
			Message: "holds a signature or a password, which would be kept in Temporal's history: " +
				"put the URL into an environment variable of the worker and name it with contentUrlFrom: {env: NAME}",
		})
		return
	}
	if web.CheckURL(raw) != nil {
		c.problem(path, "must be an https URL (http only to this machine)")
	}
}

func decodeEnv(o *object, key string) *lifecycle.FromEnv {
	e, ok := o.child(key)
	if !ok {
		return nil
	}
	from := &lifecycle.FromEnv{}
	given := e.text("env", &from.Env)
	switch {
	case !given && !e.has("env"):
		e.problem(e.at("env"), "is required: the name of an environment variable of the worker")
	case !given:
	case !envForm.MatchString(from.Env):
		e.problem(e.at("env"), "must be the name of an environment variable")
	case slices.ContainsFunc(withheldEnv, func(prefix string) bool { return strings.HasPrefix(strings.ToUpper(from.Env), prefix) }):
		e.problem(e.at("env"), "may not begin with %s: those hold our own settings", strings.Join(withheldEnv, ", "))
	}
	e.done()
	return from
}

// maxHooks bounds how many messages one event can make.
const maxHooks = 10

func decodeNotify(o *object, r *lifecycle.Request) {
	items, _ := o.list("notify")
	if len(items) > maxHooks {
		o.problem(o.at("notify"), "at most %d web hooks", maxHooks)
	}
	for i, item := range items {
		before := len(o.problems)
		hook, ok := o.asObject(item, index(o.at("notify"), i))
		if !ok {
			continue
		}
		n := lifecycle.Notify{}
		for _, event := range hook.texts("on") {
			n.On = append(n.On, lifecycle.Event(event))
		}
		if !hook.has("urlFrom") {
			hook.problem(hook.at("urlFrom"), "is required: {env: NAME} with the name of the worker's variable that holds the URL")
		}
		if from := decodeEnv(hook, "urlFrom"); from != nil {
			n.URLFrom = *from
		}
		oneOf(hook, "format", &n.Format, lifecycle.Formats...)
		if len(n.On) == 0 {
			hook.problem(hook.at("on"), "at least one of %s is required", listed(lifecycle.Events))
		}
		for j, event := range n.On {
			switch fault := unlisted(event, lifecycle.Events); {
			case fault != "":
				hook.problem(index(hook.at("on"), j), "%s", fault)
			case slices.Contains(n.On[:j], event):
				hook.problem(index(hook.at("on"), j), "%s is named twice", event)
			}
		}
		hook.done()
		// The failure of a refused request is told to its sound hooks only: a variable that is withheld is not read.
		if len(o.problems) == before && len(r.Notify) < maxHooks {
			r.Notify = append(r.Notify, n)
		}
	}
}

func decodeLimits(o *object, l *lifecycle.Limits) {
	limits, ok := o.child("limits")
	if !ok {
		return
	}
	limits.duration("import", &l.Import, true)
	limits.duration("training", &l.Training, true)
	limits.duration("evaluation", &l.Evaluation, true)
	limits.duration("deploy", &l.Deploy, true)
	limits.duration("unavailable", &l.Unavailable, true)
	limits.done()
}
