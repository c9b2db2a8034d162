package emulator

import (
	"time"

	"github.com/google/uuid"

	"speech-retrainer/internal/emulator/filter"
)

// definition is the part of a create body that all entities share.
type definition struct {
	DisplayName      string            `json:"displayName"`
	Description      *string           `json:"description"`
	Locale           string            `json:"locale"`
	CustomProperties map[string]string `json:"customProperties"`
	Project          *link             `json:"project"`
}

// newEntity makes the common part of an entity; name is that of the kind in messages.
func (c *call) newEntity(d definition, name string) (entity, error) {
	if _, known := supported[d.Locale]; !known {
		return entity{}, invalid("InvalidLocale", "The locale %q is not supported.", d.Locale)
	}
	if err := checkProperties(d.CustomProperties); err != nil {
		return entity{}, err
	}
	project, err := c.resolveProject(d.Project, name+".Project", d.Locale)
	if err != nil {
		return entity{}, err
	}
	return entity{
		ID: uuid.NewString(), Seq: c.next(), DisplayName: d.DisplayName, Description: d.Description, Locale: d.Locale,
		CustomProperties: d.CustomProperties, Created: c.now, Project: project,
		listedFrom:   c.clock.Steady() + time.Duration(c.settings.ListLag),
		readableFrom: c.clock.Steady() + time.Duration(c.settings.ReadLag),
	}, nil
}

// projectLink is the reference of an entity to its project, which the older version does not know.
func (c *call) projectLink(e *entity) *link {
	if e.Project == "" || c.version == version2024 {
		return nil
	}
	return c.linkTo("/projects/" + e.Project)
}

// projectView is schema Project.
type projectView struct {
	Self             string            `json:"self"`
	DisplayName      string            `json:"displayName"`
	Description      *string           `json:"description,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	Locale           string            `json:"locale"`
	Foundry          *string           `json:"foundryProjectName,omitempty"`
	Created          time.Time         `json:"createdDateTime"`
	Links            map[string]string `json:"links"`
}

func (c *call) viewProject(p *project) any {
	links := map[string]string{}
	for _, kind := range []string{"evaluations", "datasets", "models", "endpoints", "transcriptions"} {
		links[kind] = c.url("/projects/" + p.ID + "/" + kind)
	}
	return projectView{
		Self: c.url("/projects/" + p.ID), DisplayName: p.DisplayName, Description: p.Description,
		CustomProperties: p.CustomProperties, Locale: p.Locale, Foundry: p.Foundry, Created: seconds(p.Created), Links: links,
	}
}

func (c *call) listProjects() (*reply, error) {
	var rows []row
	for _, p := range c.state.Projects {
		r := entityRow(&p.entity, "", p.Created, func() any { return c.viewProject(p) })
		if p.Foundry != nil {
			r = r.and("foundryProjectName", *p.Foundry)
		}
		rows = append(rows, r)
	}
	return c.list(rows, filterProjects)
}

func (c *call) createProject() (*reply, error) {
	var body struct {
		definition
		Foundry *string `json:"foundryProjectName"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	e, err := c.newEntity(body.definition, "project")
	if err != nil {
		return nil, err
	}
	p := &project{entity: e, Foundry: body.Foundry}
	c.state.Projects[p.ID] = p
	return c.created("/projects/", &p.entity, c.viewProject(p)), nil
}

// created is the answer of every create.
func (c *call) created(path string, e *entity, view any) *reply {
	return &reply{status: 201, body: view, location: c.url(path + e.ID), object: e.ID}
}

func (c *call) getProject() (*reply, error) {
	p, err := find(c, c.state.Projects)
	if err != nil {
		return nil, err
	}
	return ok(c.viewProject(p), false), nil
}

func (c *call) updateProject() (*reply, error) {
	p, err := find(c, c.state.Projects)
	if err != nil {
		return nil, err
	}
	u, err := c.patch(&p.entity, "project")
	if err != nil {
		return nil, err
	}
	if u.Foundry != nil || c.nulls["foundryProjectName"] {
		p.Foundry = u.Foundry
	}
	return ok(c.viewProject(p), false), nil
}

// deleteProject leaves the entities of the project in place, without one.
func (c *call) deleteProject() (*reply, error) {
	p, err := find(c, c.state.Projects)
	if err != nil {
		return gone(), nil //nolint:nilerr // deleting what does not exist is a success (204 text)
	}
	for _, e := range c.all() {
		if e.Project == p.ID {
			e.Project = ""
		}
	}
	delete(c.state.Projects, p.ID)
	return gone(), nil
}

// inProject lists what belongs to the project of the path.
func (c *call) inProject(rows []row, properties map[string]filter.Type) (*reply, error) {
	p, err := find(c, c.state.Projects)
	if err != nil {
		return nil, err
	}
	var own []row
	for _, r := range rows {
		if r.entity.Project == p.ID {
			own = append(own, r)
		}
	}
	return c.list(own, properties)
}

// listTranscriptions is always empty: the emulator knows no batch transcription.
func (c *call) listTranscriptions() (*reply, error) { return c.inProject(nil, filterEntities) }
