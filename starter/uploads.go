package main

import (
	"context"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// memoUploads is in the memo of a schedule's action: the datasets of its local files by their display names, which end
// in the content's identity. So a file can be told to be unchanged without asking the service.
const memoUploads = "uploads"

// memoTexts reads texts by name from a memo, which come as they were given or as a payload.
func memoTexts(value any) map[string]string {
	var texts map[string]string
	switch v := value.(type) {
	case map[string]string:
		return v
	case *commonpb.Payload:
		if v == nil || converter.GetDefaultDataConverter().FromPayload(v, &texts) != nil {
			return nil
		}
	}
	return texts
}

// compared is a model with the datasets that its schedule knows of the same content in place of its local files. A
// file of new content stands there by its name: with one, it must be known where to upload it. Nothing is sent. The
// error is a *exit.Failure.
func (a *app) compared(ctx context.Context, m fleetModel, files []localFile, known map[string]string, f connectionFlags) (fleetModel, error) {
	datasets := map[string]string{}
	m.uploads = map[string]string{}
	unknown := false
	for _, file := range files {
		name, err := contentName(ctx, file)
		if err != nil {
			return m, err
		}
		id, there := known[name]
		if !there {
			unknown, id = true, "the upload of "+file.file
		}
		datasets[file.entry], m.uploads[name] = id, id
	}
	if unknown {
		if _, err := a.speechSettings(f); err != nil {
			return m, m.refuse([]lifecycle.Problem{unsettled(err)})
		}
	}
	var err error
	m.raw, err = withDatasets(m.raw, datasets)
	return m, err
}

// contentName is the display name that the dataset of a file has. The error is a *exit.Failure.
func contentName(ctx context.Context, file localFile) (string, error) {
	content, err := identityOf(ctx, file)
	switch {
	case ctx.Err() != nil:
		return "", exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while reading %s: nothing was changed", file.file)
	case err != nil:
		return "", exit.Refuse(lifecycle.InvalidRequest, "cannot read %s: %s", file.file, err)
	}
	return lifecycle.DatasetDisplayName(file.data.Name, content), nil
}
