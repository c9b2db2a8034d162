package emulator

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// authorization lets another resource copy a model here (schema ModelCopyAuthorization). The emulator is both sides.
type authorization struct {
	Region   string    `json:"targetResourceRegion"`
	Target   string    `json:"targetResourceId"`
	Endpoint string    `json:"targetResourceEndpoint"`
	Source   string    `json:"sourceResourceId"`
	Expires  time.Time `json:"expirationDateTime"`
	ID       string    `json:"id"`
}

// operationView is schema Operation.
type operationView struct {
	ID         string    `json:"id"`
	Self       string    `json:"self"`
	Created    time.Time `json:"createdDateTime"`
	LastAction time.Time `json:"lastActionDateTime"`
	Status     string    `json:"status"`
	Result     *struct {
		Link string `json:"link"`
	} `json:"result,omitempty"`
	Error *failure `json:"error,omitempty"`
}

func (c *call) operationURL(o *operation) string { return c.url("/operations/models/copy/" + o.ID) }

func (c *call) viewOperation(o *operation) any {
	v := operationView{
		ID: o.ID, Self: c.operationURL(o), Created: seconds(o.Created), LastAction: seconds(o.LastAction),
		Status: o.Status, Error: o.Error,
	}
	if o.Result != "" {
		v.Result = &struct {
			Link string `json:"link"`
		}{c.url("/models/" + o.Result)}
	}
	return v
}

func (c *call) authorizeCopy() (*reply, error) {
	var body struct {
		Source string `json:"sourceResourceId"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	a := authorization{
		Region: "local", Endpoint: c.host(), Source: body.Source, ID: uuid.NewString(),
		Target:  "/subscriptions/local/resourceGroups/local/providers/Microsoft.CognitiveServices/accounts/emulator",
		Expires: seconds(c.now.Add(time.Duration(c.settings.CopyAuthorizationLife))),
	}
	c.state.Authorizations[a.ID] = a
	return ok(a, false), nil
}

func (c *call) copyModel() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return nil, err
	}
	var body authorization
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	a, known := c.state.Authorizations[body.ID]
	switch {
	case !known || a.Source != body.Source || a.Target != body.Target:
		return nil, invalid("InvalidPayload", "The authorization to copy is not valid.")
	case !a.Expires.After(c.now):
		return nil, invalid("ModelCopyAuthorizationExpired", "The authorization to copy has expired.")
	case m.Status != succeeded:
		return nil, invalid("InvalidModel", "The model cannot be copied while its status is %s.", m.Status)
	}
	o := &operation{
		entity: entity{ID: uuid.NewString(), Seq: c.next(), Created: c.now}, Source: m.ID, Copied: uuid.NewString(),
	}
	o.start(c.now, c.settings.QueueTime, c.settings.CopyTime, c.takeOutcome("copy", m.DisplayName))
	c.state.Operations[o.ID] = o
	return &reply{
		status: http.StatusAccepted, body: c.viewOperation(o), location: c.operationURL(o), object: o.ID, wait: true,
	}, nil
}

// finishCopy puts the copy beside its source. It belongs to no project (D-train) and keeps the date of its source.
func (s *Server) finishCopy(o *operation) *failure {
	source := s.state.Models[o.Source]
	if source == nil {
		return &failure{"NotFound", "The model to copy was deleted."}
	}
	m := *source
	m.entity = entity{
		ID: o.Copied, Seq: s.next(), DisplayName: source.DisplayName, Description: source.Description,
		Locale: source.Locale, Created: o.EndAt,
	}
	m.Datasets, m.Learned = slices.Clone(source.Datasets), slices.Clone(source.Learned)
	m.LastAction = o.EndAt
	s.state.Models[m.ID] = &m
	o.Result = m.ID
	return nil
}

func (c *call) getCopy() (*reply, error) {
	o, err := find(c, c.state.Operations)
	if err != nil {
		return nil, err
	}
	return ok(c.viewOperation(o), !o.terminal()), nil
}
