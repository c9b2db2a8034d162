package main

import (
	"context"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// cargo is local files that passed their checks, with the settings to upload them.
type cargo struct {
	files    []fleet.File
	settings config.Settings
	patience patienceFlags
}

// localFiles checks all local files of a request, and that it is known where to upload them. The error is
// a *exit.Failure with every problem of every file. A request without local files needs none of that.
func (a *app) localFiles(ctx context.Context, given fleet.Given, f connectionFlags, patience patienceFlags) (cargo, error) {
	c := cargo{files: given.Files(), patience: patience}
	if len(c.files) == 0 {
		return c, nil
	}
	problems, err := a.problemsOf(ctx, c.files)
	if err != nil {
		return c, err
	}
	if c.settings, err = a.speechSettings(f); err != nil {
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

// problemsOf are those of files that cannot be uploaded; what else is to be known of them is told. The error is a
// *exit.Failure and means that ctx ended.
func (a *app) problemsOf(ctx context.Context, files []fleet.File) ([]lifecycle.Problem, error) {
	var problems []lifecycle.Problem
	for _, file := range files {
		report, err := checkFile(ctx, file.Path, file.Data.Kind, file.Locale, limitsOf(file.Data, file.Test))
		if err != nil {
			return nil, err
		}
		for _, p := range report.Problems {
			text := located(file.Path, p)
			if p.Severity == dataset.Error {
				problems = append(problems, lifecycle.Problem{Path: file.Entry + ".file", Message: text})
			} else {
				a.out.Tell("%s", text)
			}
		}
	}
	return problems, nil
}

// upload brings the files of a request to the service and returns the request with their datasets in
// place of the files, and the datasets by their display names.
func (a *app) upload(ctx context.Context, given fleet.Given, cargo cargo) (raw []byte, uploads map[string]string, err error) {
	datasets := map[string]string{}
	uploads = map[string]string{}
	for _, file := range cargo.files {
		result, err := a.send(ctx, cargo.settings, cargo.patience, file)
		if err != nil {
			return nil, nil, err
		}
		datasets[file.Entry], uploads[result.DisplayName] = result.DatasetID, result.DatasetID
	}
	raw, err = fleet.WithDatasets(given.Raw, datasets)
	return raw, uploads, err
}
