// Package upload is the local files of requests on their way to the service: held against its rules, known by their
// content, sent, and named in the request as the datasets that they have become. Every error is a *exit.Failure.
package upload

import (
	"context"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// Cargo is a request with its local files, which passed their checks.
type Cargo struct {
	fleet.Given

	// Locals are the files, none for a request that names datasets only.
	Locals   []fleet.File
	settings config.Settings
}

// Weigh checks all local files of a request. What is only to be warned of is told.
func (u Uploader) Weigh(ctx context.Context, given fleet.Given) (Cargo, error) {
	c := Cargo{Given: given, Locals: given.Files()}
	problems, err := u.problems(ctx, c.Locals)
	if err == nil && len(problems) > 0 {
		err = given.Refuse(problems)
	}
	return c, err
}

// Pack is Weigh for files that are to be uploaded: it must be known where to, also, and all that is wrong is told at
// once. A request without local files needs no settings.
func (u Uploader) Pack(ctx context.Context, given fleet.Given) (Cargo, error) {
	c := Cargo{Given: given, Locals: given.Files()}
	if len(c.Locals) == 0 {
		return c, nil
	}
	problems, err := u.problems(ctx, c.Locals)
	if err != nil {
		return c, err
	}
	if c.settings, err = u.Settings(); err != nil {
		problems = append(problems, unsettled(err))
	}
	if len(problems) > 0 {
		return c, given.Refuse(problems)
	}
	return c, nil
}

// unsettled is that it is not known where to upload.
func unsettled(err error) lifecycle.Problem {
	return lifecycle.Problem{Message: "its local files cannot be uploaded: " + err.Error()}
}

// problems are those of files that cannot be uploaded; what else is to be known of them is told. The error means that
// ctx ended.
func (u Uploader) problems(ctx context.Context, files []fleet.File) ([]lifecycle.Problem, error) {
	var problems []lifecycle.Problem
	for _, file := range files {
		checked, err := Check(ctx, file.Path, file.Data.Kind, file.Locale, limitsOfFile(file))
		if err != nil {
			return nil, err
		}
		for _, p := range checked.Report.Problems {
			if p.Severity == dataset.Error {
				problems = append(problems, lifecycle.Problem{Path: file.Entry + ".file", Message: checked.located(p)})
			} else {
				u.Screen.Tell("%s", checked.located(p))
			}
		}
	}
	return problems, nil
}

// Upload brings the files of a request to the service and returns the request with their datasets in place of the
// files, and the datasets by their display names.
func (u Uploader) Upload(ctx context.Context, c Cargo) (raw []byte, uploads map[string]string, err error) {
	datasets, uploads := map[string]string{}, map[string]string{}
	for _, file := range c.Locals {
		result, err := u.send(ctx, c.settings, file)
		if err != nil {
			return nil, nil, err
		}
		datasets[file.Entry], uploads[result.DisplayName] = result.DatasetID, result.DatasetID
	}
	raw, err = fleet.WithDatasets(c.Raw, datasets)
	if err != nil {
		return nil, nil, exit.As(err)
	}
	return raw, uploads, nil
}

// One checks a file that is of no request and uploads it. What is to be known of it is told.
func (u Uploader) One(ctx context.Context, file fleet.File, limits dataset.Limits) (dataset.UploadResult, error) {
	settings, err := u.Settings()
	if err != nil {
		return dataset.UploadResult{}, err
	}
	checked, err := Check(ctx, file.Path, file.Data.Kind, file.Locale, limits)
	if err == nil {
		err = checked.Refuse()
	}
	if err != nil {
		return dataset.UploadResult{}, err
	}
	u.Screen.TellLines(checked.Problems())
	return u.send(ctx, settings, file)
}
