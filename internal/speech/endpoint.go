package speech

import "context"

// Endpoint is a deployment of a model (schema Endpoint). After a change of its model it may say
// Succeeded all along: a deployment is done when it says Succeeded and Model is the new one (NOTES 13).
type Endpoint struct {
	Object
	// Model is what the endpoint serves, or is about to; nil when the service does not say.
	Model      *Ref               `json:"model,omitempty"`
	Project    *Ref               `json:"project,omitempty"`
	Properties EndpointProperties `json:"properties"`
	Links      EndpointLinks      `json:"links"`
}

// EndpointProperties holds the state of an endpoint.
type EndpointProperties struct {
	// LoggingEnabled says whether audio and transcriptions are kept; nil when the service does not say.
	LoggingEnabled *bool `json:"loggingEnabled,omitempty"`
	// Error is why the last deployment failed; nil unless it did.
	Error *EntityError `json:"error,omitempty"`
}

// EndpointLinks are the addresses of an endpoint.
type EndpointLinks struct {
	// WebSocket is the address for the Speech SDK, "" when the service gives none.
	WebSocket string `json:"webSocket,omitempty"`
}

// NewEndpoint is the body of a create.
type NewEndpoint struct {
	DisplayName      string                 `json:"displayName"`
	Description      string                 `json:"description,omitempty"`
	Locale           string                 `json:"locale"`
	Model            *Ref                   `json:"model,omitempty"`
	Project          *Ref                   `json:"project,omitempty"`
	CustomProperties map[string]string      `json:"customProperties,omitempty"`
	Properties       *NewEndpointProperties `json:"properties,omitempty"`
}

// NewEndpointProperties are the settings of a new endpoint. A change has another name for the same
// setting, see EndpointSettings.
type NewEndpointProperties struct {
	LoggingEnabled *bool `json:"loggingEnabled,omitempty"`
}

// EndpointUpdate is the body of a change; what is nil stays as it is, the model among it.
type EndpointUpdate struct {
	Update
	Model      *Ref              `json:"model,omitempty"`
	Properties *EndpointSettings `json:"properties,omitempty"`
}

// EndpointSettings are the settings that can be changed (schema EndpointPropertiesUpdate).
type EndpointSettings struct {
	ContentLoggingEnabled *bool `json:"contentLoggingEnabled,omitempty"`
}

// ListEndpoints lists endpoints (Endpoints_List).
func (c *Client) ListEndpoints(ctx context.Context, f Filter) ([]Endpoint, Meta, error) {
	return list[Endpoint](ctx, c, KindEndpoint, f)
}

// CreateEndpoint deploys a model to a new endpoint (Endpoints_Create). It is not idempotent: look
// before calling it.
func (c *Client) CreateEndpoint(ctx context.Context, e NewEndpoint) (Endpoint, Meta, error) {
	e.Project = c.project(e.Project)
	return create[Endpoint](ctx, c, KindEndpoint, e.DisplayName, e)
}

// GetEndpoint reads one endpoint (Endpoints_Get).
func (c *Client) GetEndpoint(ctx context.Context, id string) (Endpoint, Meta, error) {
	return get[Endpoint](ctx, c, KindEndpoint, id)
}

// UpdateEndpoint changes the model, the settings or the metadata of an endpoint (Endpoints_Update).
// Its answer does not say that a deployment is done.
func (c *Client) UpdateEndpoint(ctx context.Context, id string, u EndpointUpdate) (Endpoint, Meta, error) {
	u.Project = c.project(u.Project)
	return update[Endpoint](ctx, c, KindEndpoint, id, u)
}

// DeleteEndpoint deletes an endpoint (Endpoints_Delete). One that does not exist is no error.
func (c *Client) DeleteEndpoint(ctx context.Context, id string) (Meta, error) {
	return c.remove(ctx, KindEndpoint, id)
}
