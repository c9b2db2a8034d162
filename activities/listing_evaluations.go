package activities

import (
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// indexEvaluations finds the evaluations about each model, and those of ours that measured a base model.
func (l *listing) indexEvaluations() {
	l.about, l.ofBases = map[string][]int{}, nil
	for i, e := range l.evaluations {
		first, second := refID(e.Model1), refID(e.Model2)
		l.about[second] = append(l.about[second], i)
		if first != second {
			l.about[first] = append(l.about[first], i)
		}
		if isBase(e.Model2) && l.ours(e.Object) {
			l.ofBases = append(l.ofBases, i)
		}
	}
}

// evaluationsOf are the evaluations with the marks of a model, in the order of the list.
func (l *listing) evaluationsOf(s Scope) []speech.Evaluation {
	return keep(l.evaluations, func(e speech.Evaluation) bool { return isOf(e.CustomProperties, e.Locale, s, l.of.owner) })
}

// measured are the evaluations of ours that measured a version, and the comparisons of base models that its run made, in
// the order of the list. One in which it was only the opponent belongs to the other version.
func (l *listing) measured(m speech.CustomModel) []speech.Evaluation {
	var at []int
	for _, i := range l.about[m.ID()] {
		if e := l.evaluations[i]; l.ours(e.Object) && refersTo(e.Model2, m.ID()) {
			at = append(at, i)
		}
	}
	run, name := m.CustomProperties[lifecycle.MarkRun], m.CustomProperties[lifecycle.MarkModel]
	for _, i := range l.ofBases {
		p := l.evaluations[i].CustomProperties
		if lifecycle.SameRun(p[lifecycle.MarkRun], run) && p[lifecycle.MarkModel] == name {
			at = append(at, i)
		}
	}
	slices.Sort(at)
	evaluations := make([]speech.Evaluation, 0, len(at))
	for _, i := range slices.Compact(at) {
		evaluations = append(evaluations, l.evaluations[i])
	}
	return evaluations
}

// measuredAlready is an evaluation of ours that has Succeeded with the models and the content that are asked for: the
// newest; nil when there is none. It gives the same numbers.
func (l *listing) measuredAlready(in EvaluationInput) *speech.Evaluation {
	var newest *speech.Evaluation
	content := l.contentOf(in.DatasetID)
	for _, i := range l.about[in.Model2.ID] {
		e := &l.evaluations[i]
		if l.ours(e.Object) && e.CustomProperties[lifecycle.MarkModel] == in.Model && e.Status == speech.StatusSucceeded &&
			isModel(e.Model1, in.Model1) && isModel(e.Model2, in.Model2) && l.contentOf(refID(e.Dataset)) == content &&
			(newest == nil || newest.CreatedDateTime.Before(e.CreatedDateTime)) {
			newest = e
		}
	}
	return newest
}

// othersOfInput are what other versions of the model that were trained from the same input gave against the same model on
// the same content: of each version the newest.
func (l *listing) othersOfInput(in EvaluationInput) []lifecycle.Pair {
	input := l.marksOf(in.Model2.ID)[lifecycle.MarkInput]
	if input == "" || !in.Model2.Custom {
		return nil
	}
	var others []lifecycle.Pair
	for _, m := range l.modelsOf(in.Scope) {
		if m.ID() == in.Model2.ID || m.CustomProperties[lifecycle.MarkInput] != input {
			continue
		}
		of := in
		of.Model2.ID = m.ID()
		if e := l.measuredAlready(of); e != nil {
			first, second := numbersOf(*e)
			others = append(others, lifecycle.Pair{Version: m.ID(), Challenger: second, Compared: first})
		}
	}
	return others
}

// numbersOf are what an evaluation says of its two models.
func numbersOf(e speech.Evaluation) (first, second lifecycle.Measurement) {
	p := e.Properties
	return measurement(p.WordErrorRate1, p.WordCount1, p.WordSubstitutionCount1, p.WordDeletionCount1, p.WordInsertionCount1),
		measurement(p.WordErrorRate2, p.WordCount2, p.WordSubstitutionCount2, p.WordDeletionCount2, p.WordInsertionCount2)
}

// isModel tells that a reference is to a model.
func isModel(ref *speech.Ref, m ModelRef) bool {
	return refersTo(ref, m.ID) && isBase(ref) != m.Custom
}

// unended is an evaluation of whomever about a model that has not ended; ok is false when there is none.
func (l *listing) unended(modelID string) (e speech.Evaluation, ok bool) {
	for _, i := range l.about[modelID] {
		if !l.evaluations[i].Status.Terminal() {
			return l.evaluations[i], true
		}
	}
	return e, false
}

// testsOf are the evaluations of ours that measured a version of a model, as the rules see them. The comparison of two
// base models belongs to no version.
func (l *listing) testsOf(v lifecycle.Version) []lifecycle.ObservedTest {
	tests := []lifecycle.ObservedTest{}
	for _, i := range l.about[v.ID] {
		e := l.evaluations[i]
		if l.ours(e.Object) && refersTo(e.Model2, v.ID) && e.Dataset != nil && e.Status == speech.StatusSucceeded &&
			e.CustomProperties[lifecycle.MarkModel] == v.Model {
			tests = append(tests, l.testOf(e))
		}
	}
	return tests
}

func (l *listing) testOf(e speech.Evaluation) lifecycle.ObservedTest {
	first, second := numbersOf(e)
	test := lifecycle.ObservedTest{
		Name:         strings.TrimPrefix(speech.Clean(e.CustomProperties[lifecycle.MarkStep]), lifecycle.StepEvaluate),
		EvaluationID: e.ID(), DatasetID: e.Dataset.ID(), CreatedAt: e.CreatedDateTime, OfBase: isBase(e.Model1),
	}
	if n, fault := second.Read(); fault == "" && !l.silent(e.Model2.ID()) {
		test.WordErrorRate, test.Words = &n.Rate, &n.Words
	}
	if n, fault := first.Read(); fault == "" && !l.silent(refID(e.Model1)) {
		test.Compared = &n.Rate
	}
	return test
}
