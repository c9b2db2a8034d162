package emulator

import (
	"slices"
	"strings"
	"time"
)

// datasetView is schema Dataset.
type datasetView struct {
	Self             string             `json:"self"`
	DisplayName      string             `json:"displayName"`
	Description      *string            `json:"description,omitempty"`
	CustomProperties map[string]string  `json:"customProperties,omitempty"`
	Locale           string             `json:"locale"`
	Created          time.Time          `json:"createdDateTime"`
	LastAction       time.Time          `json:"lastActionDateTime"`
	Kind             string             `json:"kind"`
	Project          *link              `json:"project,omitempty"`
	Links            map[string]string  `json:"links"`
	Properties       datasetPropsOnWire `json:"properties"`
	ContentURL       string             `json:"contentUrl,omitempty"`
	Status           string             `json:"status"`
}

type datasetPropsOnWire struct {
	Accepted          *int     `json:"acceptedLineCount,omitempty"`
	Rejected          *int     `json:"rejectedLineCount,omitempty"`
	Duration          *int64   `json:"durationMilliseconds,omitempty"`
	TextNormalization string   `json:"textNormalizationKind,omitempty"`
	Error             *failure `json:"error,omitempty"`
}

func (c *call) viewDataset(d *dataset) any {
	path := "/datasets/" + d.ID
	v := datasetView{
		Self: c.url(path), DisplayName: d.DisplayName, Description: d.Description, CustomProperties: d.CustomProperties,
		Locale: d.Locale, Created: seconds(d.Created), LastAction: seconds(d.LastAction), Kind: d.Kind, Status: d.Status,
		Project: c.projectLink(&d.entity), Links: map[string]string{"files": c.url(path + "/files")},
		Properties: datasetPropsOnWire{TextNormalization: d.TextNormalization, Error: d.Error},
	}
	if d.Uploaded {
		v.Links["commitBlocks"] = c.url(path + "/blocks:commit")
		v.Links["listBlocks"] = c.url(path + "/blocks")
		v.Links["uploadBlocks"] = c.url(path + "/blocks")
	}
	switch c.settings.ContentURLShown {
	case "full":
		v.ContentURL = d.ContentURL
	case "noQuery":
		v.ContentURL, _, _ = strings.Cut(d.ContentURL, "?")
	}
	if d.terminal() && d.Import != nil {
		duration := d.Import.Duration.Milliseconds()
		v.Properties.Accepted, v.Properties.Rejected, v.Properties.Duration = &d.Import.Accepted, &d.Import.Rejected, &duration
	}
	return v
}

func (c *call) datasetRows() []row {
	var rows []row
	for _, d := range c.state.Datasets {
		rows = append(rows, entityRow(&d.entity, d.Status, d.LastAction, func() any { return c.viewDataset(d) }).and("kind", d.Kind))
	}
	return rows
}

func (c *call) listDatasets() (*reply, error) { return c.list(c.datasetRows(), filterDatasets) }

func (c *call) listProjectDatasets() (*reply, error) {
	return c.inProject(c.datasetRows(), filterDatasets)
}

func (c *call) getDataset() (*reply, error) {
	d, err := find(c, c.state.Datasets)
	if err != nil {
		return nil, err
	}
	return ok(c.viewDataset(d), !d.terminal()), nil
}

func (c *call) createDataset() (*reply, error) {
	var body struct {
		definition
		Kind       string `json:"kind"`
		ContentURL string `json:"contentUrl"`
		Properties struct {
			TextNormalization string `json:"textNormalizationKind"`
		} `json:"properties"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	e, err := c.newEntity(body.definition, "dataset")
	if err != nil {
		return nil, err
	}
	scheme, _, _ := strings.Cut(body.ContentURL, "://")
	switch {
	case !slices.Contains(datasetKinds, body.Kind):
		return nil, invalid("InvalidPayload", "The dataset kind %q is not supported.", body.Kind)
	case !slices.Contains(supported[e.Locale], body.Kind):
		return nil, invalid("InvalidLocale", "Datasets of kind %s are not supported for locale %s.", body.Kind, e.Locale)
	case body.ContentURL != "" && !slices.Contains([]string{"http", "https"}, strings.ToLower(scheme)):
		return nil, invalid("InvalidPayload", "The contentUrl has to be an http or https URL.")
	case c.settings.DatasetQuota > 0 && len(c.state.Datasets) >= c.settings.DatasetQuota:
		return nil, refused(c.settings.QuotaStatus, "QuotaViolation", "The resource has %d datasets, which is the limit.", len(c.state.Datasets))
	}
	d := &dataset{
		entity: e, Kind: body.Kind, ContentURL: body.ContentURL, TextNormalization: body.Properties.TextNormalization,
		Uploaded: body.ContentURL == "",
	}
	if d.TextNormalization == "" {
		d.TextNormalization = "Default"
	}
	d.Status, d.LastAction = notStarted, c.now
	c.state.Datasets[d.ID] = d
	if !d.Uploaded {
		c.beginImport(d)
	}
	return c.created("/datasets/", &d.entity, c.viewDataset(d)), nil
}

// beginImport plans the states of an import and begins to read the content.
func (c *call) beginImport(d *dataset) {
	d.start(c.now, c.settings.QueueTime, c.settings.ImportTime, c.takeOutcome("dataset", d.DisplayName))
	c.startImport(d)
}

// settleDataset enters the states that are due. A dataset is not done before its content has really been read.
func (s *Server) settleDataset(d *dataset, now time.Time) bool {
	if life := time.Duration(s.settings.BlocksLife); d.Status == notStarted && d.waitsForBlocks() && life > 0 && due(d.Created.Add(life), now) {
		d.Status, d.LastAction = failed, d.Created.Add(life)
		d.Error = &failure{"DataImportFailed", "The blocks of the dataset were not committed in time."}
		return true
	}
	at := time.Time{}
	if d.Import != nil {
		at = d.Import.At
	}
	return d.advance(now, d.Import != nil, at, func() *failure {
		if f := d.Import.Failure; f != nil {
			return &failure{f.Code, f.Message}
		}
		return nil
	})
}

func (d *dataset) waitsForBlocks() bool { return d.Uploaded && d.BlockOrder == nil }

func (c *call) updateDataset() (*reply, error) {
	d, err := find(c, c.state.Datasets)
	if err != nil {
		return nil, err
	}
	if _, err := c.patch(&d.entity, "dataset"); err != nil {
		return nil, err
	}
	return ok(c.viewDataset(d), !d.terminal()), nil
}

func (c *call) deleteDataset() (*reply, error) {
	d, err := find(c, c.state.Datasets)
	if err != nil {
		return gone(), nil //nolint:nilerr // deleting what does not exist is a success (204 text)
	}
	if !d.waitsForBlocks() || !c.settings.DeleteUncommitted {
		if err := c.deletable(&d.job, "dataset", c.usersOfDataset(d.ID)); err != nil {
			return nil, err
		}
	}
	delete(c.state.Datasets, d.ID)
	c.removeContent(d)
	return gone(), nil
}

// usersOfDataset names the trainings and evaluations that still need a dataset; finished ones do not (GHA).
func (c *call) usersOfDataset(id string) []string {
	var users []string
	for _, m := range inOrder(c.state.Models) {
		if !m.terminal() && slices.Contains(m.Datasets, id) {
			users = append(users, "the training of model "+m.ID)
		}
	}
	for _, e := range inOrder(c.state.Evaluations) {
		if !e.terminal() && e.Dataset == id {
			users = append(users, "evaluation "+e.ID)
		}
	}
	return users
}
