package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// localFile is a file on this machine that shall become a dataset.
type localFile struct {
	// entry is the path of the entry that names it: training[0].
	entry  string
	data   lifecycle.Data
	locale string
	// file is the path from here.
	file string
	// test tells that it is for tests.
	test bool
}

// filesOf lists the local files of a request, training first.
func filesOf(given givenRequest) []localFile {
	var files []localFile
	add := func(list string, i int, data lifecycle.Data, test bool) {
		if data.File == "" {
			return
		}
		file := data.File
		if !filepath.IsAbs(file) {
			file = filepath.Join(given.doc.dir, file)
		}
		files = append(files, localFile{entry: fmt.Sprintf("%s[%d]", list, i), data: data, locale: given.Locale, file: file, test: test})
	}
	for i, data := range given.Training {
		add("training", i, data, false)
	}
	for i, test := range given.Tests {
		add("tests", i, test.Data, true)
	}
	return files
}

// cargo is local files that passed their checks, with the settings to upload them.
type cargo struct {
	files    []localFile
	settings config.Settings
	patience patienceFlags
}

// localFiles checks all local files of a request, and that it is known where to upload them. The error is
// a *exit.Failure with every problem of every file. A request without local files needs none of that.
func (a *app) localFiles(ctx context.Context, given givenRequest, f connectionFlags, patience patienceFlags) (cargo, error) {
	c := cargo{files: filesOf(given), patience: patience}
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
		return c, given.refuse(problems)
	}
	return c, nil
}

// unsettled is that it is not known where to upload.
func unsettled(err error) lifecycle.Problem {
	return lifecycle.Problem{Message: "its local files cannot be uploaded: " + err.Error()}
}

// problemsOf are those of files that cannot be uploaded; what else is to be known of them is told. The error is a
// *exit.Failure and means that ctx ended.
func (a *app) problemsOf(ctx context.Context, files []localFile) ([]lifecycle.Problem, error) {
	var problems []lifecycle.Problem
	for _, file := range files {
		report, err := checkFile(ctx, file.file, file.data.Kind, file.locale, limitsOf(file.data, file.test))
		if err != nil {
			return nil, err
		}
		for _, p := range report.Problems {
			text := located(file.file, p)
			if p.Severity == dataset.Error {
				problems = append(problems, lifecycle.Problem{Path: file.entry + ".file", Message: text})
			} else {
				a.out.Tell("%s", text)
			}
		}
	}
	return problems, nil
}

// upload brings the files of a request to the service and returns the request with their datasets in
// place of the files, and the datasets by their display names.
func (a *app) upload(ctx context.Context, given givenRequest, cargo cargo) (raw []byte, uploads map[string]string, err error) {
	datasets := map[string]string{}
	uploads = map[string]string{}
	for _, file := range cargo.files {
		result, err := a.send(ctx, cargo.settings, cargo.patience, file)
		if err != nil {
			return nil, nil, err
		}
		datasets[file.entry], uploads[result.DisplayName] = result.DatasetID, result.DatasetID
	}
	raw, err = withDatasets(given.raw, datasets)
	return raw, uploads, err
}

// withDatasets names datasets in a request where it named files. datasets holds IDs by entry.
func withDatasets(raw []byte, datasets map[string]string) ([]byte, error) {
	var request map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&request); err != nil {
		return nil, err
	}
	for _, list := range []string{"training", "tests"} {
		entries, _ := request[list].([]any)
		for i, entry := range entries {
			fields, is := entry.(map[string]any)
			if id, uploaded := datasets[fmt.Sprintf("%s[%d]", list, i)]; is && uploaded {
				delete(fields, lifecycle.SourceFile)
				fields[lifecycle.SourceDataset] = id
			}
		}
	}
	return json.Marshal(request)
}
