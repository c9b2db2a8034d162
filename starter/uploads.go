package main

import (
	"context"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// compared is a model with the datasets that its schedule knows of the same content in place of its local files. A
// file of new content stands there by its name: with one, it must be known where to upload it. Nothing is sent. The
// error is a *exit.Failure.
func (a *app) compared(ctx context.Context, m fleet.Model, files []fleet.File, known map[string]string, f connectionFlags) (fleet.Model, error) {
	names := map[string]string{}
	for _, file := range files {
		var err error
		if names[file.Entry], err = contentName(ctx, file); err != nil {
			return m, err
		}
	}
	m, fresh, err := m.Compared(files, names, known)
	if err == nil && fresh {
		if _, unset := a.speechSettings(f); unset != nil {
			err = m.Refuse([]lifecycle.Problem{unsettled(unset)})
		}
	}
	return m, err
}

// contentName is the display name that the dataset of a file has. The error is a *exit.Failure.
func contentName(ctx context.Context, file fleet.File) (string, error) {
	content, err := identityOf(ctx, file)
	switch {
	case ctx.Err() != nil:
		return "", exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while reading %s: nothing was changed", file.Path)
	case err != nil:
		return "", exit.Refuse(lifecycle.InvalidRequest, "cannot read %s: %s", file.Path, err)
	}
	return lifecycle.DatasetDisplayName(file.Data.Name, content), nil
}
