package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ProjectInput names the project by ID or display name.
type ProjectInput struct {
	Scope
	Project string `json:"project"`
}

// ProjectResult is the project used; ID is empty when the API version has no projects.
type ProjectResult struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
	Note    string `json:"note,omitempty"`
}

// EnsureProject finds the project by ID, else by exact name and locale (of several the earliest), and
// creates it when it is missing (Projects_List, Projects_Create).
func (a *Activities) EnsureProject(ctx context.Context, in ProjectInput) (ProjectResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ProjectResult{}, err
	}
	if !a.speech.HasProjects() {
		return ProjectResult{Note: fmt.Sprintf("API version %s has no projects: project %q is ignored", a.speech.APIVersion(), in.Project)}, nil
	}
	about := subject{
		class: lifecycle.InvalidRequest, object: fmt.Sprintf("project %q", in.Project),
		next: "check the project's name and locale in the request, then start the run again",
	}
	n, err := speech.ReadName(in.Project, speech.KindProject)
	if err != nil {
		return ProjectResult{}, refuseProject(about, about.object+" "+err.Error())
	}
	if n.Exact() {
		return a.exactProject(ctx, in, n, about)
	}
	s := shelf[speech.Project]{
		shared: true,
		origin: speech.Project.Origin,
		look:   func(ctx context.Context, fresh bool) ([]speech.Project, error) { return a.projectsOf(ctx, in, fresh) },
		put: func(ctx context.Context) (speech.Project, error) {
			p, _, err := a.speech.CreateProject(ctx, speech.NewProject{
				DisplayName: in.Project, Locale: in.Locale,
				CustomProperties: map[string]string{lifecycle.MarkOwner: a.owner},
			})
			return p, err
		},
	}
	f, err := adoptOrCreate(ctx, a, s, laterAttempt(ctx, in.Scope))
	if err != nil {
		return ProjectResult{}, classify(err, about)
	}
	result := ProjectResult{ID: f.item.ID(), Created: f.created}
	if len(f.losers) > 0 {
		result.Note = fmt.Sprintf("there are %d projects named %q for %s: the earliest is used", len(f.losers)+1, in.Project, in.Locale)
	}
	return result, nil
}

// projectsOf are the projects of the name and locale that a request means.
func (a *Activities) projectsOf(ctx context.Context, in ProjectInput, fresh bool) ([]speech.Project, error) {
	var list []speech.Project
	var err error
	if fresh {
		list, _, err = a.speech.ProjectsNamed(ctx, in.Project)
	} else {
		list, _, err = a.speech.Projects(ctx, a.lately())
	}
	return keep(list, func(p speech.Project) bool {
		return p.DisplayName == in.Project && lifecycle.SameLocale(p.Locale, in.Locale)
	}), err
}

// SettleProjectInput is a project that this run has created, and what it has put into it since.
type SettleProjectInput struct {
	ProjectInput
	ID string `json:"id"`
	// VersionID is the version that the run trains, empty when it has taken one; DatasetIDs are the datasets that it has
	// created.
	VersionID  string   `json:"versionId"`
	DatasetIDs []string `json:"datasetIds,omitempty"`
}

// SettleProject looks, when the lists must show it, whether another run has created the project at the same moment. The
// earliest is the one: what this run has made moves there, and the sweep deletes the other a day later (Projects_List,
// Models_Update, Datasets_Update).
func (a *Activities) SettleProject(ctx context.Context, in SettleProjectInput) (ProjectResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ProjectResult{}, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: fmt.Sprintf("project %q", in.Project), next: "move the version to another project in the portal"}
	if err := pause(ctx, a.listLag); err != nil {
		return ProjectResult{}, err
	}
	found, err := a.projectsOf(ctx, in.ProjectInput, true)
	if err != nil {
		return ProjectResult{}, classify(err, about)
	}
	winner, _, ok := lifecycle.PickTwin(found, speech.Project.Origin)
	if !ok || winner.ID() == in.ID {
		return ProjectResult{ID: in.ID}, nil
	}
	to := a.projectRef(winner.ID())
	err = a.insist(ctx, func() error {
		if in.VersionID == "" {
			return nil
		}
		_, _, err := a.speech.UpdateModel(ctx, in.VersionID, speech.ModelUpdate{Project: to})
		return err
	})
	if err != nil {
		return ProjectResult{}, classify(err, about)
	}
	for _, id := range in.DatasetIDs {
		err := a.insist(ctx, func() error {
			_, _, err := a.speech.UpdateDataset(ctx, id, speech.DatasetUpdate{Project: to})
			return err
		})
		if ignoreNotFound(err) != nil {
			return ProjectResult{}, classify(err, about)
		}
	}
	return ProjectResult{ID: winner.ID(), Note: fmt.Sprintf("project %q was created twice: %s is used", in.Project, winner.ID())}, nil
}

// exactProject is the project that the request names by its ID or URL. One that does not exist is refused: nothing may
// be created under that name.
func (a *Activities) exactProject(ctx context.Context, in ProjectInput, n speech.Name, about subject) (ProjectResult, error) {
	listed, _, err := a.speech.Projects(ctx, a.lately())
	if err != nil {
		return ProjectResult{}, classify(err, about)
	}
	found, err := lookUp(ctx, n, listed, insistent(a, a.speech.GetProject), a.speech.ProjectsNamed)
	switch {
	case err != nil:
		return ProjectResult{}, classify(err, about)
	case len(found) == 0:
		return ProjectResult{}, refuseProject(about, about.object+" does not exist, and none can be created with a given ID")
	case !lifecycle.SameLocale(found[0].Locale, in.Locale):
		return ProjectResult{}, refuseProject(about, fmt.Sprintf("%s is of locale %s, the request of %s", about.object, speech.Clean(found[0].Locale), in.Locale))
	}
	return ProjectResult{ID: found[0].ID()}, nil
}

func refuseProject(about subject, message string) error {
	return refuse(lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: &about.object, Next: &about.next,
		Problems: []lifecycle.Problem{{Path: "project", Message: message}},
	})
}
