package emulator

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"speech-retrainer/internal/emulator/recognizer"
)

// score is what an evaluation measured of one model.
type score struct {
	// Measured is false for audio without transcripts: the model was heard, not judged.
	Measured bool `json:"measured"`
	// DisplayOnly tells that the model gives no lexical text.
	DisplayOnly    bool              `json:"displayOnly,omitempty"`
	Words          recognizer.Counts `json:"words"`
	Tokens         recognizer.Counts `json:"tokens"`
	Sentences      int               `json:"sentences"`
	SentenceErrors int               `json:"sentenceErrors"`
	TokenErrors    map[string]int    `json:"tokenErrors"` // edits by class (schema TokenErrorDetails)
	Heard          []heard           `json:"heard"`
}

// heard is what a model made of one audio file.
type heard struct {
	Audio     string        `json:"audio"`
	Reference string        `json:"reference,omitempty"`
	Text      string        `json:"text"`
	Duration  time.Duration `json:"duration"`
}

// ear is a model as the recogniser and the expiry rules see it.
type ear struct {
	recognizer.Model
	locale, status string
	transcription  *time.Time
	displayOnly    bool
}

func (s *Server) recogniser(ref reference) ear {
	if ref.Base {
		b := s.state.BaseModels[ref.ID]
		if b == nil {
			return ear{}
		}
		return ear{recognizer.Model{Quality: b.Quality}, b.Locale, b.Status, b.Transcription, b.DisplayOnly}
	}
	m := s.state.Models[ref.ID]
	if m == nil {
		return ear{}
	}
	return ear{m.ears(s.state.Vocabularies), m.Locale, m.Status, &m.Transcription, m.DisplayOnly}
}

// finishEvaluation listens to every recording of the test data with both models and counts.
func (s *Server) finishEvaluation(e *evaluation) *failure {
	d := s.state.Datasets[e.Dataset]
	if d == nil || d.Import == nil {
		return &failure{"InvalidDataset", "The dataset was deleted."}
	}
	var scores [2]score
	for i, ref := range e.Models {
		own := s.recogniser(ref)
		if expired(own.transcription, e.EndAt) {
			return &failure{"ModelDeprecated", "The specified model is deprecated and cannot be used for this operation."}
		}
		if own.displayOnly && s.settings.DisplayOnlyScore == "fail" {
			return &failure{"InvalidModel", "The model gives display text only, which cannot be evaluated."}
		}
		measured := d.Kind == "Acoustic" && !(own.displayOnly && s.settings.DisplayOnlyScore == "none")
		scores[i] = listen(own.Model, d, measured)
		scores[i].DisplayOnly = own.displayOnly
	}
	e.Scores = &scores
	return nil
}

func listen(m recognizer.Model, d *dataset, measured bool) score {
	s := score{Measured: measured, TokenErrors: map[string]int{}}
	for _, u := range d.Import.Utterances {
		said := u.Text
		if said == "" {
			said = invented(u.Audio)
		}
		h := heard{Audio: u.Audio, Reference: u.Text, Text: m.Listen(u.Audio, said, d.Locale), Duration: u.Duration}
		s.Heard = append(s.Heard, h)
		if !s.Measured {
			continue
		}
		words := recognizer.Count(recognizer.Align(recognizer.Words(u.Text, d.Locale), recognizer.Words(h.Text, d.Locale)))
		s.Words = s.Words.Add(words)
		s.tokens(recognizer.Tokens(u.Text, d.Locale), recognizer.Tokens(h.Text, d.Locale))
		s.Sentences++
		if words.Errors() > 0 {
			s.SentenceErrors++
		}
	}
	return s
}

// invented is what the recogniser hears in audio that nobody wrote down.
func invented(audio string) string {
	return fmt.Sprintf("This is the recording called %s, and nobody has written down what is said in it.",
		strings.Join(recognizer.Words(audio, "en-US"), " "))
}

func (s *score) tokens(reference, hypothesis []string) {
	edits := recognizer.Align(reference, hypothesis)
	s.Tokens = s.Tokens.Add(recognizer.Count(edits))
	i, j := 0, 0
	for _, e := range edits {
		var from, to string
		if e != recognizer.Insertion {
			from = reference[i]
			i++
		}
		if e != recognizer.Deletion {
			to = hypothesis[j]
			j++
		}
		if e != recognizer.Match {
			s.TokenErrors[class(from, to)]++
		}
	}
}

var classes = []string{"punctuation", "capitalization", "inverseTextNormalization", "lexical", "others"}

func class(from, to string) string {
	mark := func(s string) bool { return s != "" && strings.IndexFunc(s, unicode.IsPunct) == 0 }
	digit := func(s string) bool { return strings.IndexFunc(s, unicode.IsDigit) >= 0 }
	switch {
	case mark(from) || mark(to):
		return "punctuation"
	case from != "" && strings.EqualFold(from, to):
		return "capitalization"
	case digit(from) || digit(to):
		return "inverseTextNormalization"
	}
	return "lexical"
}

// properties is schema EvaluationProperties: -1 everywhere until there is a measurement, rates as fractions.
func (e *evaluation) properties() map[string]any {
	p := map[string]any{}
	if e.Error != nil {
		p["error"] = e.Error
	}
	for i := range 2 {
		n := fmt.Sprint(i + 1)
		rates := []float64{-1, -1}
		counts := []int{-1, -1, -1, -1, -1, -1}
		if e.Scores != nil && e.Scores[i].Measured {
			s := e.Scores[i]
			rates = []float64{s.Words.Rate(), float64(s.SentenceErrors) / float64(max(1, s.Sentences))}
			counts = []int{
				s.Sentences, s.Words.Words, s.Words.Correct, s.Words.Substitutions, s.Words.Deletions, s.Words.Insertions,
			}
			s.tokenProperties(p, n)
		}
		p["wordErrorRate"+n], p["sentenceErrorRate"+n] = rates[0], rates[1]
		for k, name := range []string{
			"sentenceCount", "wordCount", "correctWordCount", "wordSubstitutionCount", "wordDeletionCount", "wordInsertionCount",
		} {
			p[name+n] = counts[k]
		}
	}
	return p
}

func (s score) tokenProperties(p map[string]any, n string) {
	t := s.Tokens
	p["tokenErrorRate"+n] = t.Rate()
	p["tokenCount"+n], p["correctTokenCount"+n] = t.Words, t.Correct
	p["tokenSubstitutionCount"+n], p["tokenDeletionCount"+n], p["tokenInsertionCount"+n] = t.Substitutions, t.Deletions, t.Insertions
	details := map[string]any{}
	for _, name := range classes {
		edits := s.TokenErrors[name]
		details[name] = map[string]any{
			"numberOfEdits": edits, "percentageOfAllEdits": 100 * float64(edits) / float64(max(1, t.Errors())),
		}
	}
	p["tokenErrors"+n] = details
}

// evaluationFiles are two for each recording, one for each model.
func (s *Server) evaluationFiles(e *evaluation) []file {
	if e.Scores == nil {
		return nil
	}
	opaque := s.settings.DetailsForm == "opaque"
	var files []file
	for k := range e.Scores[0].Heard {
		for i := range e.Scores {
			h := e.Scores[i].Heard[k]
			files = append(files, file{
				name: fmt.Sprintf("%s.model%d_score.json", h.Audio, i+1), kind: "EvaluationDetails", created: e.LastAction,
				content: func() []byte { return form(details(h, e.Locale, e.Scores[i].DisplayOnly), opaque) },
			})
		}
	}
	return files
}

// details is the form that a public script reads: recognizedPhrases[].nBest[0].scoringResult, text with tags around
// the edits (NOTES section 9).
func details(h heard, locale string, displayOnly bool) any {
	best := map[string]any{"confidence": 0.9, "display": h.Text}
	if !displayOnly {
		best["lexical"] = strings.Join(recognizer.Words(h.Text, locale), " ")
	}
	if h.Reference != "" && !displayOnly {
		best["scoringResult"] = tagged(recognizer.Words(h.Reference, locale), recognizer.Words(h.Text, locale))
	}
	return map[string]any{
		"source": h.Audio, "durationMilliseconds": h.Duration.Milliseconds(),
		"recognizedPhrases": []any{map[string]any{
			"recognitionStatus": "Success", "offsetMilliseconds": 0, "nBest": []any{best},
		}},
	}
}

func tagged(reference, hypothesis []string) string {
	var out []string
	i, j := 0, 0
	tag := func(name, word string) string { return "<" + name + ">" + word + "</" + name + ">" }
	for _, e := range recognizer.Align(reference, hypothesis) {
		switch e {
		case recognizer.Match:
			out = append(out, reference[i])
		case recognizer.Substitution:
			out = append(out, tag("substitution", hypothesis[j]))
		case recognizer.Deletion:
			out = append(out, tag("deletion", reference[i]))
		case recognizer.Insertion:
			out = append(out, tag("insertion", hypothesis[j]))
		}
		if e != recognizer.Insertion {
			i++
		}
		if e != recognizer.Deletion {
			j++
		}
	}
	return strings.Join(out, " ")
}
