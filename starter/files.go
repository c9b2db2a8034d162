package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
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
	problems, err := problemsOf(ctx, a.out, c.files)
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
func problemsOf(ctx context.Context, out *screen.Screen, files []fleet.File) ([]lifecycle.Problem, error) {
	var problems []lifecycle.Problem
	for _, file := range files {
		report, err := checkFile(ctx, file.Path, file.Data.Kind, file.Locale, limitsOfFile(file))
		if err != nil {
			return nil, err
		}
		for _, p := range report.Problems {
			text := located(file.Path, p)
			if p.Severity == dataset.Error {
				problems = append(problems, lifecycle.Problem{Path: file.Entry + ".file", Message: text})
			} else {
				out.Tell("%s", text)
			}
		}
	}
	return problems, nil
}

// limitsOfFile says how a file of a request is checked.
func limitsOfFile(file fleet.File) dataset.Limits {
	limits := limitsOf(file.Data, file.Test)
	if file.Whisper {
		limits.TrainingRecording = dataset.WhisperRecording
	}
	return limits
}

// limitsOf says how the file of data is checked.
func limitsOf(data lifecycle.Data, test bool) dataset.Limits {
	// For the check zero is its own default; the least share there is refuses one line of any number.
	return dataset.Limits{Test: test, RejectedShare: max(data.RejectedLimit(), math.SmallestNonzeroFloat64)}
}

// checkFile holds a file against the service's rules. What is wrong with it, also that it cannot be read,
// is in the report; the error is a *exit.Failure and means that ctx ended.
func checkFile(ctx context.Context, path string, kind lifecycle.DatasetKind, locale string, limits dataset.Limits) (dataset.Report, error) {
	report, err := func() (dataset.Report, error) {
		// Not opened before it is known to be a file: a pipe would be waited for.
		info, err := os.Stat(path)
		if err != nil {
			return dataset.Report{}, err
		}
		if !info.Mode().IsRegular() {
			return dataset.Report{}, errors.New("it is not a regular file")
		}
		file, err := os.Open(path)
		if err != nil {
			return dataset.Report{}, err
		}
		defer func() { _ = file.Close() }() // opened for reading only
		return dataset.Check(ctx, file, info.Size(), kind, locale, limits)
	}()
	if ctx.Err() != nil {
		return report, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while checking %s: nothing was uploaded or started", path)
	}
	if err != nil {
		if pathError, is := errors.AsType[*fs.PathError](err); is {
			err = pathError.Err
		}
		report = dataset.Report{Kind: kind, Locale: locale, Problems: []dataset.Problem{
			{Severity: dataset.Error, Rule: ruleReadable, Message: "cannot be read: " + err.Error()},
		}}
	}
	return report, nil
}

// ruleReadable stands beside the rules of package dataset: data that cannot be read breaks it.
const ruleReadable = "readable"

// located is a problem with the file that it is in, and its line: calls.zip: trans.txt:7: error: ...
func located(path string, p dataset.Problem) string {
	if p.File == "" && p.Line > 0 {
		return path + p.String()
	}
	return path + ": " + p.String()
}

// speechSettings is what the environment says of the Speech resource. The error is a *exit.Failure that names
// every variable that is missing or wrong.
func (a *app) speechSettings(f connectionFlags) (config.Settings, error) {
	options, err := a.clientOptions(f)
	if err != nil {
		return config.Settings{}, err
	}
	settings, err := config.FromEnv(func(name string) string {
		value, _ := a.Env.LookupEnv(name)
		return value
	})
	if err != nil {
		return config.Settings{}, exit.Refuse(lifecycle.InvalidRequest, "%s", err)
	}
	settings.Owner = cmp.Or(settings.Owner, options.Namespace)
	return settings, nil
}

func identityOf(ctx context.Context, file fleet.File) (string, error) {
	content, err := os.Open(file.Path)
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }() // opened for reading only
	return dataset.Identity(ctx, content, file.Data.Kind, file.Locale)
}

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
