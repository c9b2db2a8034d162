package activities_test

import (
	"cmp"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// made is what an object is like; its zero value is nobody's, Succeeded, and of en-US.
type made struct {
	marks  map[string]string
	locale string
	// hangs leaves it not terminal, fails Failed.
	hangs, fails bool
	// datasets are what a version is trained on; a dataset of its own when none is named.
	datasets []string
	// dataset, first and second are what an evaluation measures on, and what; serves is the version of an endpoint, which
	// refers to a base model without one.
	dataset, first, second, serves string
	project                        string
}

// ours are the marks of an object of ours of the model desk, with further ones: key, value, …
func ours(more ...string) map[string]string {
	m := map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkModel: "desk"}
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

// version trains one and returns its ID.
func (b *bundle) version(name string, m made) string {
	b.t.Helper()
	if len(m.datasets) == 0 {
		m.datasets = []string{b.shared(m.where())}
	}
	var refs []speech.Ref
	for _, id := range m.datasets {
		refs = append(refs, b.hand.Ref(speech.KindDataset, id))
	}
	b.plan("training", m)
	base := b.base(m.where())
	v, _, err := b.hand.CreateModel(b.t.Context(), speech.NewModel{
		DisplayName: name, Locale: m.where(), BaseModel: &base, Datasets: refs, Project: b.project(m), CustomProperties: m.marks,
	})
	require.NoError(b.t, err)
	return b.put(name, v.ID())
}

// evaluation measures m.second, and m.first beside it; the base model in place of an empty one.
func (b *bundle) evaluation(name string, m made) string {
	b.t.Helper()
	ref := func(id string) speech.Ref {
		if id == "" {
			return b.base(m.where())
		}
		return b.hand.Ref(speech.KindModel, id)
	}
	b.plan("evaluation", m)
	if m.dataset == "" {
		m.dataset = b.audio(m.where())
	}
	e, _, err := b.hand.CreateEvaluation(b.t.Context(), speech.NewEvaluation{
		DisplayName: name, Locale: m.where(), Model1: ref(m.first), Model2: ref(m.second), Project: b.project(m),
		Dataset: b.hand.Ref(speech.KindDataset, m.dataset), CustomProperties: m.marks,
	})
	require.NoError(b.t, err)
	return b.put(name, e.ID())
}

// dataset imports some text.
func (b *bundle) dataset(name string, m made) string {
	b.t.Helper()
	return b.data(name, speech.DatasetKind("Language"), "text.txt", m)
}

func (b *bundle) data(name string, kind speech.DatasetKind, file string, m made) string {
	b.t.Helper()
	b.plan("dataset", m)
	d, _, err := b.hand.CreateDataset(b.t.Context(), speech.NewDataset{
		DisplayName: name, Locale: m.where(), Kind: kind, ContentURL: b.url + "/files/" + file, Project: b.project(m), CustomProperties: m.marks,
	})
	require.NoError(b.t, err)
	return b.put(name, d.ID())
}

// endpoint deploys m.serves, or the base model.
func (b *bundle) endpoint(name string, m made) string {
	b.t.Helper()
	b.plan("endpoint", m)
	model := b.base(m.where())
	if m.serves != "" {
		model = b.hand.Ref(speech.KindModel, m.serves)
	}
	e, _, err := b.hand.CreateEndpoint(b.t.Context(), speech.NewEndpoint{
		DisplayName: name, Locale: m.where(), Model: &model, Project: b.project(m), CustomProperties: m.marks,
	})
	require.NoError(b.t, err)
	return b.put(name, e.ID())
}

// aProject makes one, empty.
func (b *bundle) aProject(name string, m made) string {
	b.t.Helper()
	p, _, err := b.hand.CreateProject(b.t.Context(), speech.NewProject{DisplayName: name, Locale: m.where(), CustomProperties: m.marks})
	require.NoError(b.t, err)
	return b.put(name, p.ID())
}

// put remembers the name, and lets the jobs end.
func (b *bundle) put(name, id string) string {
	b.names[id] = name
	b.advance(time.Minute)
	return id
}

func (m made) where() string { return cmp.Or(m.locale, "en-US") }

func (b *bundle) plan(kind string, m made) {
	b.t.Helper()
	switch {
	case m.hangs:
		require.NoError(b.t, b.service.Plan(emulator.Outcome{Kind: kind, Hang: true}))
	case m.fails:
		require.NoError(b.t, b.service.Plan(emulator.Outcome{Kind: kind, Code: "InternalServerError", Message: "it failed"}))
	}
}

func (b *bundle) project(m made) *speech.Ref {
	if m.project == "" {
		return nil
	}
	return lifecycle.Ptr(b.hand.Ref(speech.KindProject, m.project))
}

// shared and audio are datasets made by hand, to train and to measure with.
func (b *bundle) shared(locale string) string {
	return b.byHand("text of "+locale, "Language", "text.txt", locale)
}

func (b *bundle) audio(locale string) string {
	return b.byHand("calls of "+locale, "Acoustic", "audio.zip", locale)
}

func (b *bundle) byHand(name string, kind speech.DatasetKind, file, locale string) string {
	b.t.Helper()
	if b.datasets[name] == "" {
		b.datasets[name] = b.data(name, kind, file, made{locale: locale})
	}
	return b.datasets[name]
}

// base is a base model of the locale that can be trained from and deployed.
func (b *bundle) base(locale string) speech.Ref {
	b.t.Helper()
	if ref, known := b.bases[locale]; known {
		return ref
	}
	id, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: locale})
	require.NoError(b.t, err)
	b.bases[locale] = b.hand.Ref(speech.KindBaseModel, id)
	return b.bases[locale]
}
