package emulator

import (
	"net/http"
	"strings"
	"time"
)

// endpointView is schema Endpoint.
type endpointView struct {
	Self             string            `json:"self"`
	DisplayName      string            `json:"displayName"`
	Description      *string           `json:"description,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	Locale           string            `json:"locale"`
	Created          time.Time         `json:"createdDateTime"`
	LastAction       time.Time         `json:"lastActionDateTime"`
	Status           string            `json:"status"`
	Model            *link             `json:"model"`
	Project          *link             `json:"project,omitempty"`
	Links            map[string]string `json:"links"`
	Properties       struct {
		Logging bool     `json:"loggingEnabled"`
		Error   *failure `json:"error,omitempty"`
	} `json:"properties"`
}

func (c *call) viewEndpoint(e *endpoint) any {
	_, host, _ := strings.Cut(c.host(), "://")
	v := endpointView{
		Self: c.url("/endpoints/" + e.ID), DisplayName: e.DisplayName, Description: e.Description,
		CustomProperties: e.CustomProperties, Locale: e.Locale, Created: seconds(e.Created),
		LastAction: seconds(e.LastAction), Status: e.Status, Model: c.linkTo(modelPath(e.Model)),
		Project: c.projectLink(&e.entity),
		Links:   map[string]string{"webSocket": "wss://" + host + "/stt/speech/universal/v2?cid=" + e.ID},
	}
	v.Properties.Logging, v.Properties.Error = e.Logging, e.Error
	return v
}

func (c *call) endpointRows() []row {
	var rows []row
	for _, e := range c.state.Endpoints {
		rows = append(rows, entityRow(&e.entity, e.Status, e.LastAction, func() any { return c.viewEndpoint(e) }))
	}
	return rows
}

func (c *call) listEndpoints() (*reply, error) { return c.list(c.endpointRows(), filterEntities) }

func (c *call) listProjectEndpoints() (*reply, error) {
	return c.inProject(c.endpointRows(), filterEntities)
}

func (c *call) getEndpoint() (*reply, error) {
	e, err := find(c, c.state.Endpoints)
	if err != nil {
		return nil, err
	}
	return ok(c.viewEndpoint(e), !e.terminal()), nil
}

func (c *call) createEndpoint() (*reply, error) {
	var body struct {
		definition
		Model      *link `json:"model"`
		Properties struct {
			Logging bool `json:"loggingEnabled"`
		} `json:"properties"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	common, err := c.newEntity(body.definition, "endpoint")
	if err != nil {
		return nil, err
	}
	if body.Model == nil {
		return nil, invalid("InvalidModel", "An endpoint needs a model.")
	}
	ref, err := c.deployable(body.Model, common.Locale)
	switch {
	case err != nil:
		return nil, err
	case body.Properties.Logging:
		return nil, noLogging()
	case c.settings.EndpointQuota > 0 && len(c.state.Endpoints) >= c.settings.EndpointQuota:
		return nil, refused(c.settings.QuotaStatus, "QuotaViolation", "The resource has %d endpoints, which is the limit.", len(c.state.Endpoints))
	}
	e := &endpoint{entity: common, Model: ref}
	e.start(c.now, c.settings.QueueTime, c.settings.DeployTime, c.takeOutcome("endpoint", e.DisplayName))
	c.state.Endpoints[e.ID] = e
	return c.created("/endpoints/", &e.entity, c.viewEndpoint(e)), nil
}

// noLogging: logging needs storage of one's own since 2024-11-15 (D-m24), which the emulator does not have.
func noLogging() error {
	return invalid("EndpointLoggingNotSupported", "Logging needs a resource with its own storage.")
}

// deployable finds a model that an endpoint can serve.
func (c *call) deployable(l *link, locale string) (reference, error) {
	ref, err := c.usableModel(l, "endpoint.Model", locale, "ModelDeploymentNotCompleteState")
	if err != nil {
		return ref, err
	}
	if c.noEndpoints(ref) {
		return ref, refused(c.settings.NotDeployableStatus, "ModelNotDeployable", "The model %s does not support endpoints.", ref.ID)
	}
	return ref, nil
}

func (s *Server) noEndpoints(ref reference) bool {
	if ref.Base {
		return s.state.BaseModels[ref.ID].NoEndpoints
	}
	return s.state.Models[ref.ID].NoEndpoints
}

// updateEndpoint changes names at once; a new model is deployed while the old one goes on to serve.
func (c *call) updateEndpoint() (*reply, error) {
	e, err := find(c, c.state.Endpoints)
	if err != nil {
		return nil, err
	}
	var body update
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	next := e.Model
	if body.Model != nil {
		if next, err = c.deployable(body.Model, e.Locale); err != nil {
			return nil, err
		}
	}
	if p := body.Properties; p != nil && p.ContentLogging != nil && *p.ContentLogging {
		return nil, noLogging()
	}
	settled := e.Status == succeeded && e.Next == nil
	redeploy := body.Model != nil && (!settled || next != e.Model)
	if redeploy && (!e.terminal() || e.Next != nil) {
		return nil, refused(c.settings.BusyStatus, "EndpointNotUpdatable", "The endpoint is being deployed and cannot take another model.")
	}
	if _, err := c.patch(&e.entity, "endpoint"); err != nil {
		return nil, err
	}
	if redeploy {
		c.redeploy(e, next)
	}
	return ok(c.viewEndpoint(e), !e.terminal()), nil
}

// redeploy plans the change. Whether the status tells of it is a setting.
func (c *call) redeploy(e *endpoint, next reference) {
	shown := e.job
	e.Next = &next
	e.start(c.now, 0, c.settings.RedeployTime, c.takeOutcome("endpoint", e.DisplayName))
	if e.Status, e.LastAction = running, c.now; c.settings.EndpointPatchStatus == "succeeded" {
		e.Status, e.LastAction, e.Error = shown.Status, shown.LastAction, shown.Error
	}
}

// settleEndpoint enters the states that are due and lets the new model serve.
func (s *Server) settleEndpoint(e *endpoint, now time.Time) bool {
	if e.Next == nil {
		return e.advance(now, true, time.Time{}, func() *failure {
			e.Serving = &reference{e.Model.ID, e.Model.Base}
			return nil
		})
	}
	if !due(e.EndAt, now) {
		return false
	}
	e.Status, e.LastAction, e.Error = succeeded, e.EndAt, e.Planned
	next := e.Next
	e.Next = nil
	if e.Error == nil {
		e.Model, e.Serving = *next, next
		return true
	}
	if e.Status = failed; s.settings.FailedPatchShows == "new" {
		e.Model = *next
	}
	return true
}

func (c *call) deleteEndpoint() (*reply, error) {
	e, err := find(c, c.state.Endpoints)
	if err != nil {
		if c.settings.MissingEndpointStatus == http.StatusNotFound {
			return nil, err
		}
		return gone(), nil
	}
	if err := c.deletable(&e.job, "endpoint", nil); err != nil {
		return nil, err
	}
	delete(c.state.Endpoints, e.ID)
	return gone(), nil
}

// Serving is what answers the calls of an endpoint. The service does not show it: after the expiry of its model an
// endpoint falls back to the newest base model of the locale, silently (D-life).
type Serving struct {
	EndpointID string     `json:"endpointId"`
	Status     string     `json:"status"`
	ModelID    string     `json:"modelId"`   // what the entity shows
	ServingID  string     `json:"servingId"` // "" while nothing serves yet
	Base       bool       `json:"base"`      // a bare base model serves
	Fallback   bool       `json:"fallback"`  // because the deployed model has expired
	ExpiredAt  *time.Time `json:"expiredAt,omitempty"`
}

// serving reads who answers. The lock is held.
func (s *Server) serving(e *endpoint, now time.Time) Serving {
	out := Serving{EndpointID: e.ID, Status: e.Status, ModelID: e.Model.ID}
	if e.Serving == nil {
		return out
	}
	out.ServingID, out.Base = e.Serving.ID, e.Serving.Base
	if own := s.recogniser(*e.Serving); expired(own.transcription, now) {
		out.Fallback, out.ExpiredAt, out.Base, out.ServingID = true, own.transcription, true, ""
		if b := s.newestServing(e.Locale, now); b != nil {
			out.ServingID = b.ID
		}
	}
	return out
}
