package emulator

import (
	"slices"
	"time"
)

// evaluationView is schema Evaluation.
type evaluationView struct {
	Self             string            `json:"self"`
	DisplayName      string            `json:"displayName"`
	Description      *string           `json:"description,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	Locale           string            `json:"locale"`
	Created          time.Time         `json:"createdDateTime"`
	LastAction       time.Time         `json:"lastActionDateTime"`
	Status           string            `json:"status"`
	Model1           *link             `json:"model1"`
	Model2           *link             `json:"model2"`
	Dataset          *link             `json:"dataset"`
	Project          *link             `json:"project,omitempty"`
	Links            map[string]string `json:"links"`
	Properties       map[string]any    `json:"properties"`
}

func (c *call) viewEvaluation(e *evaluation) any {
	path := "/evaluations/" + e.ID
	return evaluationView{
		Self: c.url(path), DisplayName: e.DisplayName, Description: e.Description, CustomProperties: e.CustomProperties,
		Locale: e.Locale, Created: seconds(e.Created), LastAction: seconds(e.LastAction), Status: e.Status,
		Model1: c.linkTo(modelPath(e.Models[0])), Model2: c.linkTo(modelPath(e.Models[1])),
		Dataset: c.linkTo("/datasets/" + e.Dataset), Project: c.projectLink(&e.entity),
		Links: map[string]string{"files": c.url(path + "/files")}, Properties: e.properties(),
	}
}

func (c *call) evaluationRows() []row {
	var rows []row
	for _, e := range c.state.Evaluations {
		rows = append(rows, entityRow(&e.entity, e.Status, e.LastAction, func() any { return c.viewEvaluation(e) }))
	}
	return rows
}

func (c *call) listEvaluations() (*reply, error) { return c.list(c.evaluationRows(), filterEntities) }

func (c *call) listProjectEvaluations() (*reply, error) {
	return c.inProject(c.evaluationRows(), filterEntities)
}

func (c *call) getEvaluation() (*reply, error) {
	e, err := find(c, c.state.Evaluations)
	if err != nil {
		return nil, err
	}
	return ok(c.viewEvaluation(e), !e.terminal()), nil
}

func (c *call) createEvaluation() (*reply, error) {
	var body struct {
		definition
		Model1  *link `json:"model1"`
		Model2  *link `json:"model2"`
		Dataset *link `json:"dataset"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	common, err := c.newEntity(body.definition, "evaluation")
	if err != nil {
		return nil, err
	}
	e := &evaluation{entity: common}
	for i, l := range []*link{body.Model1, body.Model2} {
		field := []string{"evaluation.Model1", "evaluation.Model2"}[i]
		if e.Models[i], err = c.usableModel(l, field, e.Locale, "InvalidModel"); err != nil {
			return nil, err
		}
	}
	if e.Dataset, err = c.testData(body.Dataset, e.Locale); err != nil {
		return nil, err
	}
	e.start(c.now, c.settings.QueueTime, c.settings.EvaluationTime, c.takeOutcome("evaluation", e.DisplayName))
	c.state.Evaluations[e.ID] = e
	return c.created("/evaluations/", &e.entity, c.viewEvaluation(e)), nil
}

// usableModel finds a model that recognises speech of the locale today; code is the error of one that is not ready.
func (c *call) usableModel(l *link, field, locale, code string) (reference, error) {
	ref, err := c.resolveModel(l, field)
	if err != nil {
		return ref, err
	}
	own := c.recogniser(ref)
	switch {
	case own.locale != locale:
		return ref, invalid("InvalidLocale", "The model %s has locale %s, the entity has %s.", ref.ID, own.locale, locale)
	case own.status == failed && code != "InvalidModel":
		return ref, invalid("DeployingFailedModel", "The model %s failed and cannot be deployed.", ref.ID)
	case own.status != succeeded:
		return ref, invalid(code, "The model %s cannot be used while its status is %s.", ref.ID, own.status)
	case expired(own.transcription, c.now):
		return ref, invalid("ModelDeprecated", "The specified model is deprecated and cannot be used for this operation.")
	}
	return ref, nil
}

// testData finds a dataset with audio.
func (c *call) testData(l *link, locale string) (string, error) {
	id, err := c.resolve(l, "evaluation.Dataset", "datasets")
	d := c.state.Datasets[id]
	switch {
	case err != nil:
		return "", err
	case d == nil:
		return "", unresolved("evaluation.Dataset")
	case d.Locale != locale:
		return "", invalid("InvalidLocale", "The dataset %s has locale %s, the evaluation %s.", d.ID, d.Locale, locale)
	case d.Status == failed:
		return "", invalid("FailedDataset", "The dataset %s failed.", d.ID)
	case d.Status != succeeded:
		return "", invalid("InvalidDataset", "The dataset %s is not ready, its status is %s.", d.ID, d.Status)
	case !slices.Contains([]string{"Acoustic", "AudioFiles"}, d.Kind):
		return "", invalid("InvalidTest", "The dataset %s is of kind %s and has no audio to test with.", d.ID, d.Kind)
	}
	return d.ID, nil
}

func (c *call) updateEvaluation() (*reply, error) {
	e, err := find(c, c.state.Evaluations)
	if err != nil {
		return nil, err
	}
	if _, err := c.patch(&e.entity, "evaluation"); err != nil {
		return nil, err
	}
	return ok(c.viewEvaluation(e), !e.terminal()), nil
}

func (c *call) deleteEvaluation() (*reply, error) {
	e, err := find(c, c.state.Evaluations)
	if err != nil {
		return gone(), nil //nolint:nilerr // deleting what does not exist is a success (204 text)
	}
	if err := c.deletable(&e.job, "evaluation", nil); err != nil {
		return nil, err
	}
	delete(c.state.Evaluations, e.ID)
	return gone(), nil
}

func (c *call) listEvaluationFiles() (*reply, error) {
	e, err := find(c, c.state.Evaluations)
	if err != nil {
		return nil, err
	}
	return c.listFiles("/evaluations/", e.ID, c.evaluationFiles(e), !e.terminal())
}

func (c *call) getEvaluationFile() (*reply, error) {
	e, err := find(c, c.state.Evaluations)
	if err != nil {
		return nil, err
	}
	return c.getFile("/evaluations/", e.ID, c.evaluationFiles(e))
}
