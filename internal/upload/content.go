package upload

import (
	"context"
	"os"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// namesOf are the display names that the datasets of files have, by the entries that name the files: they end in the
// content's identity, so a file is known without asking the service.
func namesOf(ctx context.Context, files []fleet.File) (map[string]string, error) {
	names := map[string]string{}
	for _, file := range files {
		content, err := identity(ctx, file)
		switch {
		case ctx.Err() != nil:
			return nil, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while reading %s: nothing was changed", file.Path)
		case err != nil:
			return nil, exit.Refuse(lifecycle.InvalidRequest, "cannot read %s: %s", file.Path, err)
		}
		names[file.Entry] = lifecycle.DatasetDisplayName(file.Data.Name, content)
	}
	return names, nil
}

func identity(ctx context.Context, file fleet.File) (string, error) {
	content, err := os.Open(file.Path)
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }() // opened for reading only
	return dataset.Identity(ctx, content, file.Data.Kind, file.Locale)
}

// Named is the JSON of a request that names, in place of local files, the datasets that an upload of them would have.
// Nothing is sent.
func Named(ctx context.Context, given fleet.Given) ([]byte, error) {
	names, err := namesOf(ctx, given.Files())
	if err != nil || len(names) == 0 {
		return given.Raw, err
	}
	raw, err := fleet.WithDatasets(given.Raw, names)
	if err != nil {
		return nil, exit.As(err)
	}
	return raw, nil
}

// Compare is a model with the datasets that its schedule knows of the same content in place of its local files. A file
// of new content stands there by its name: with one, it must be known where to upload it. Nothing is sent.
func (u Uploader) Compare(ctx context.Context, m fleet.Model, files []fleet.File, known map[string]string) (fleet.Model, error) {
	names, err := namesOf(ctx, files)
	if err != nil {
		return m, err
	}
	m, fresh, err := m.Compared(files, names, known)
	if err == nil && fresh {
		if _, unset := u.Settings(); unset != nil {
			err = m.Refuse([]lifecycle.Problem{unsettled(unset)})
		}
	}
	return m, err
}
