package activities

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// Bounds of an inspection: what fits into a report that people read and Temporal carries.
const (
	inspectedFiles = 100
	inspectedText  = 500
	inspectedBytes = 4 << 20
	// detailMinutes is how long the addresses of the detail files are asked to be good for.
	detailMinutes    = 60
	secondModelScore = ".model2_score.json"
)

// ReadInspection reads what the second model of an evaluation recognised in each audio file
// (Evaluations_ListFiles). The format of the detail files is undocumented: a file that is not in the form
// known from v3.2 has no text.
func (a *Activities) ReadInspection(ctx context.Context, in AwaitInput) ([]lifecycle.InspectionFile, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return nil, err
	}
	about := evaluationSubject(in.Label)
	var files []speech.File
	err = a.existing(ctx, about, func() (err error) {
		files, _, err = a.speech.ListFiles(ctx, speech.KindEvaluation, in.ID, detailMinutes)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b speech.File) int { return strings.Compare(a.Name, b.Name) })
	read := []lifecycle.InspectionFile{}
	for _, f := range files {
		audio, ok := strings.CutSuffix(f.Name, secondModelScore)
		if !ok || f.Kind != speech.FileEvaluationDetails || len(read) == inspectedFiles {
			continue
		}
		entry := lifecycle.InspectionFile{Name: speech.Clean(audio)}
		content, err := a.speech.Download(ctx, f, inspectedBytes)
		if err != nil && transient(err) {
			return nil, classify(err, about)
		}
		if text, ok := recognisedText(content); err == nil && ok {
			entry.Text = &text
		}
		read = append(read, entry)
	}
	return read, nil
}

// recognisedText joins the best hypotheses of a detail file.
func recognisedText(content []byte) (string, bool) {
	var details struct {
		RecognizedPhrases []struct {
			NBest []struct {
				Display string `json:"display"`
				Lexical string `json:"lexical"`
			} `json:"nBest"`
		} `json:"recognizedPhrases"`
	}
	if json.Unmarshal(content, &details) != nil || len(details.RecognizedPhrases) == 0 {
		return "", false
	}
	var phrases []string
	for _, p := range details.RecognizedPhrases {
		if len(p.NBest) == 0 {
			return "", false
		}
		best := p.NBest[0].Display
		if best == "" {
			best = p.NBest[0].Lexical
		}
		phrases = append(phrases, best)
	}
	text := []rune(speech.Clean(strings.Join(phrases, " ")))
	if len(text) > inspectedText {
		text = append(text[:inspectedText], '…')
	}
	return string(text), true
}
