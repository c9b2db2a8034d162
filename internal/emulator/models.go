package emulator

import (
	"fmt"
	"slices"
	"time"
)

// modelView is schema CustomModel.
type modelView struct {
	Self             string            `json:"self"`
	DisplayName      string            `json:"displayName"`
	Description      *string           `json:"description,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	Locale           string            `json:"locale"`
	Created          time.Time         `json:"createdDateTime"`
	LastAction       time.Time         `json:"lastActionDateTime"`
	Status           string            `json:"status"`
	BaseModel        *link             `json:"baseModel,omitempty"`
	Datasets         []*link           `json:"datasets"`
	Project          *link             `json:"project,omitempty"`
	Links            map[string]string `json:"links"`
	Properties       modelPropsOnWire  `json:"properties"`
}

type modelPropsOnWire struct {
	Dates    datesView    `json:"deprecationDates"`
	Weight   *int         `json:"customModelWeightPercent,omitempty"`
	Features featuresView `json:"features"`
	Error    *failure     `json:"error,omitempty"`
}

func (c *call) viewModel(m *model) any {
	path := "/models/" + m.ID
	v := modelView{
		Self: c.url(path), DisplayName: m.DisplayName, Description: m.Description, CustomProperties: m.CustomProperties,
		Locale: m.Locale, Created: seconds(m.Created), LastAction: seconds(m.LastAction), Status: m.Status,
		BaseModel: c.linkTo(modelPath(m.Base)), Project: c.projectLink(&m.entity), Datasets: []*link{},
		Links: map[string]string{
			"manifest": c.url(path + "/manifest"), "copy": c.url(path + ":copy"), "files": c.url(path + "/files"),
		},
		Properties: modelPropsOnWire{
			Dates: datesView{Transcription: &m.Transcription}, Weight: m.Weight, Features: features(m.NoEndpoints, m.DisplayOnly), Error: m.Error,
		},
	}
	for _, d := range m.Datasets {
		v.Datasets = append(v.Datasets, c.linkTo("/datasets/"+d))
	}
	return v
}

func (c *call) modelRows() []row {
	var rows []row
	for _, m := range c.state.Models {
		rows = append(rows, entityRow(&m.entity, m.Status, m.LastAction, func() any { return c.viewModel(m) }))
	}
	return rows
}

func (c *call) listModels() (*reply, error)        { return c.list(c.modelRows(), filterEntities) }
func (c *call) listProjectModels() (*reply, error) { return c.inProject(c.modelRows(), filterEntities) }

func (c *call) getModel() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return nil, err
	}
	return ok(c.viewModel(m), !m.terminal()), nil
}

func (c *call) createModel() (*reply, error) {
	var body struct {
		definition
		BaseModel  *link   `json:"baseModel"`
		Datasets   []*link `json:"datasets"`
		Properties struct {
			Weight *int `json:"customModelWeightPercent"`
		} `json:"properties"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	e, err := c.newEntity(body.definition, "model")
	if err != nil {
		return nil, err
	}
	base, err := c.chooseBase(body.BaseModel, e.Locale)
	if err != nil {
		return nil, err
	}
	datasets, err := c.trainingData(body.Datasets, e.Locale, base)
	if err != nil {
		return nil, err
	}
	m := &model{
		entity: e, Base: base.reference, Quality: base.quality, NoEndpoints: base.noEndpoints, DisplayOnly: base.displayOnly, Audio: base.audio,
		Learned: slices.Clone(base.learned), Weight: body.Properties.Weight, Transcription: transcriptionEnd(c.now),
	}
	for _, d := range datasets {
		m.Datasets = append(m.Datasets, d.ID)
		m.Audio += d.audioFor("Acoustic", "AudioFiles")
		if d.Import.Vocabulary != "" {
			m.Learned = append(m.Learned, d.Import.Vocabulary)
		}
	}
	m.start(c.now, c.settings.QueueTime, c.settings.TrainingTime, c.takeOutcome("training", m.DisplayName))
	c.state.Models[m.ID] = m
	return c.created("/models/", &m.entity, c.viewModel(m)), nil
}

func (d *dataset) audioFor(kinds ...string) time.Duration {
	if slices.Contains(kinds, d.Kind) {
		return d.Import.Duration
	}
	return 0
}

// foundation is what a training begins from: a base model, or a custom model.
type foundation struct {
	reference
	kinds       []string
	quality     float64
	noEndpoints bool
	displayOnly bool
	learned     []string
	audio       time.Duration
}

// chooseBase finds the model that a training begins from and refuses one that cannot be used.
func (c *call) chooseBase(l *link, locale string) (*foundation, error) {
	if l == nil {
		b := c.newestAdaptable(locale)
		if b == nil {
			return nil, invalid("InvalidBaseModel", "The locale %s has no base model for training.", locale)
		}
		return fromBase(b), nil
	}
	ref, err := c.resolveModel(l, "model.BaseModel")
	if err != nil {
		return nil, err
	}
	if ref.Base {
		b := c.state.BaseModels[ref.ID]
		if b.Locale != locale {
			return nil, invalid("InvalidLocale", "The base model has locale %s, the model %s.", b.Locale, locale)
		}
		if err := c.adaptable(b); err != nil {
			return nil, err
		}
		return fromBase(b), nil
	}
	m := c.state.Models[ref.ID]
	switch {
	case m.Locale != locale:
		return nil, invalid("InvalidLocale", "The base model has locale %s, the model %s.", m.Locale, locale)
	case m.Status != succeeded:
		return nil, invalid("InvalidBaseModel", "The base model isn't valid for this operation.")
	case expired(&m.Transcription, c.now):
		return nil, invalid("ModelDeprecated", "The specified model is deprecated and cannot be used for this operation.")
	}
	return &foundation{
		reference: ref, kinds: datasetKinds, quality: m.Quality, noEndpoints: m.NoEndpoints, displayOnly: m.DisplayOnly,
		learned: m.Learned, audio: m.Audio,
	}, nil
}

func fromBase(b *baseModel) *foundation {
	return &foundation{
		reference: reference{ID: b.ID, Base: true}, kinds: b.Kinds, quality: b.Quality, noEndpoints: b.NoEndpoints,
		displayOnly: b.DisplayOnly,
	}
}

// trainingData finds the datasets of a training and refuses what cannot be used with its base.
func (c *call) trainingData(links []*link, locale string, base *foundation) ([]*dataset, error) {
	if len(links) == 0 {
		return nil, invalid("InvalidDataset", "A training needs at least one dataset.")
	}
	var out []*dataset
	kinds := map[string]bool{}
	for _, l := range links {
		id, err := c.resolve(l, "model.Datasets", "datasets")
		d := c.state.Datasets[id]
		switch {
		case err != nil:
			return nil, err
		case d == nil:
			return nil, unresolved("model.Datasets")
		case d.Locale != locale:
			return nil, invalid("InvalidLocale", "The dataset %s has locale %s, the model %s.", d.ID, d.Locale, locale)
		case d.Status == failed:
			return nil, invalid("FailedDataset", "The dataset %s failed.", d.ID)
		case d.Status != succeeded:
			return nil, invalid("InvalidDataset", "The dataset %s is not ready, its status is %s.", d.ID, d.Status)
		case !slices.Contains(base.kinds, d.Kind):
			return nil, invalid("InvalidAdaptationMapping", "The base model does not support adaptation with data of kind %s.", d.Kind)
		}
		kinds[d.Kind] = true
		out = append(out, d)
	}
	if mixesPhonetics(kinds) && c.settings.MixPhonetics == "refuse" {
		return nil, invalid("InvalidAdaptationMapping", mixedPhonetics)
	}
	return out, nil
}

const mixedPhonetics = "Pronunciation data cannot be combined with structured text."

func mixesPhonetics(kinds map[string]bool) bool {
	return kinds["Pronunciation"] && kinds["LanguageMarkdown"]
}

// maxTrainingAudio is the length above which a file contributes its text only (D-data), maxWhisperAudio that for Whisper.
const (
	maxTrainingAudio = 40 * time.Second
	maxWhisperAudio  = 30 * time.Second
)

// finishTraining fails a training on audio of which every file is too long, and on data that cannot be combined.
func (s *Server) finishTraining(m *model) *failure {
	sounds, usable, limit := 0, 0, maxTrainingAudio
	if m.DisplayOnly {
		limit = maxWhisperAudio
	}
	kinds := map[string]bool{}
	for _, id := range m.Datasets {
		d := s.state.Datasets[id]
		if d == nil || d.Import == nil {
			continue
		}
		kinds[d.Kind] = true
		for _, u := range d.Import.Utterances {
			sounds++
			if u.Duration <= limit {
				usable++
			}
		}
	}
	if sounds > 0 && usable == 0 {
		return &failure{"InvalidDataset", fmt.Sprintf("All audio files of the training data are longer than %.0f seconds.", limit.Seconds())}
	}
	if mixesPhonetics(kinds) {
		return &failure{"InvalidDataset", mixedPhonetics}
	}
	return nil
}

func (c *call) updateModel() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return nil, err
	}
	if _, err := c.patch(&m.entity, "model"); err != nil {
		return nil, err
	}
	return ok(c.viewModel(m), !m.terminal()), nil
}

func (c *call) deleteModel() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return gone(), nil //nolint:nilerr // deleting what does not exist is a success (204 text)
	}
	if err := c.deletable(&m.job, "model", c.usersOfModel(m.ID)); err != nil {
		return nil, err
	}
	delete(c.state.Models, m.ID)
	return gone(), nil
}

// deletable refuses to delete what is being worked on, and what something else needs.
func (c *call) deletable(j *job, name string, users []string) error {
	switch {
	case !j.terminal():
		return refused(c.settings.BusyStatus, "DeleteNotAllowed", "The %s cannot be deleted while its status is %s.", name, j.Status)
	case len(users) > 0:
		return refused(c.settings.InUseStatus, "InUseViolation", "The %s is in use by %s and cannot be deleted.", name, users[0])
	}
	return nil
}

// usersOfModel names what refers to a custom model and needs it.
func (c *call) usersOfModel(id string) []string {
	own := reference{ID: id}
	var users []string
	for _, e := range inOrder(c.state.Endpoints) {
		if e.Model == own || e.Serving != nil && *e.Serving == own || e.Next != nil && *e.Next == own {
			users = append(users, "endpoint "+e.ID)
		}
	}
	for _, e := range inOrder(c.state.Evaluations) {
		if !e.terminal() && (e.Models[0] == own || e.Models[1] == own) {
			users = append(users, "evaluation "+e.ID)
		}
	}
	for _, m := range inOrder(c.state.Models) {
		if !m.terminal() && m.Base == own {
			users = append(users, "the training of model "+m.ID)
		}
	}
	for _, o := range inOrder(c.state.Operations) {
		if !o.terminal() && o.Source == id {
			users = append(users, "copy "+o.ID)
		}
	}
	return users
}
