package speech

import "context"

// Project groups objects for the portal (schema Project). API 2024-11-15 has none: there each
// operation on projects fails without sending anything.
type Project struct {
	Object
	FoundryProjectName string `json:"foundryProjectName,omitempty"`
}

// NewProject is the body of a create.
type NewProject struct {
	DisplayName      string            `json:"displayName"`
	Description      string            `json:"description,omitempty"`
	Locale           string            `json:"locale"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
}

// ListProjects lists projects (Projects_List). Status and ChangedAfter of the filter do not apply.
func (c *Client) ListProjects(ctx context.Context, f Filter) ([]Project, Meta, error) {
	return list[Project](ctx, c, KindProject, f)
}

// CreateProject creates a project (Projects_Create). It is not idempotent: look before calling it.
func (c *Client) CreateProject(ctx context.Context, p NewProject) (Project, Meta, error) {
	return create[Project](ctx, c, KindProject, p.DisplayName, p)
}

// GetProject reads one project (Projects_Get).
func (c *Client) GetProject(ctx context.Context, id string) (Project, Meta, error) {
	return get[Project](ctx, c, KindProject, id)
}

// DeleteProject deletes a project (Projects_Delete). One that does not exist is no error.
func (c *Client) DeleteProject(ctx context.Context, id string) (Meta, error) {
	return c.remove(ctx, KindProject, id)
}
