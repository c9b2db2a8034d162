package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

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
	if uuid.Validate(in.Project) == nil {
		p, err := a.projectByID(ctx, in, about)
		if err != nil || p.ID != "" {
			return p, err
		}
	}
	s := shelf[speech.Project]{
		shared: true,
		object: func(p speech.Project) speech.Object { return p.Object },
		look: func(ctx context.Context, _ bool) ([]speech.Project, error) {
			list, _, err := a.speech.ListProjects(ctx, speech.Filter{DisplayName: in.Project})
			return keep(list, func(p speech.Project) bool { return lifecycle.SameLocale(p.Locale, in.Locale) }), err
		},
		put: func(ctx context.Context) (speech.Project, error) {
			p, _, err := a.speech.CreateProject(ctx, speech.NewProject{
				DisplayName: in.Project, Locale: in.Locale,
				CustomProperties: map[string]string{lifecycle.MarkOwner: a.owner},
			})
			return p, err
		},
	}
	f, err := adoptOrCreate(ctx, s, laterAttempt(ctx, in.Scope), a.listLag)
	if err != nil {
		return ProjectResult{}, classify(err, about)
	}
	result := ProjectResult{ID: f.item.ID(), Created: f.created}
	if len(f.losers) > 0 {
		result.Note = fmt.Sprintf("there are %d projects named %q for %s: the earliest is used", len(f.losers)+1, in.Project, in.Locale)
	}
	return result, nil
}

// projectByID reads a project whose ID the request gives; an empty result means there is none, and
// the text may still be a name.
func (a *Activities) projectByID(ctx context.Context, in ProjectInput, about subject) (ProjectResult, error) {
	p, _, err := a.speech.GetProject(ctx, in.Project)
	var answer *speech.Error
	if errors.As(err, &answer) && answer.NotFound() {
		return ProjectResult{}, nil
	}
	if err != nil {
		return ProjectResult{}, classify(err, about)
	}
	if !lifecycle.SameLocale(p.Locale, in.Locale) {
		return ProjectResult{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Object: &about.object, Next: &about.next,
			Message:  fmt.Sprintf("project %q is of locale %s, the request of %s", in.Project, p.Locale, in.Locale),
			Problems: []lifecycle.Problem{{Path: "project", Message: "is of locale " + speech.Clean(p.Locale)}},
		})
	}
	return ProjectResult{ID: p.ID()}, nil
}

// keep returns the items that satisfy is.
func keep[T any](items []T, is func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if is(item) {
			kept = append(kept, item)
		}
	}
	return kept
}
