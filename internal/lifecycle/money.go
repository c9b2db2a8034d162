package lifecycle

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The default prices, in DefaultCurrency: list prices of Azure Speech (tier S1) in East US as of February 2026, from a public
// copy of the price list; Microsoft's own page was not at hand. They differ by region, currency and agreement, so that
// whatever is made of them is an estimate.
const (
	// defaultTrainingHour is the meter "Custom Speech Training", a compute hour.
	defaultTrainingHour = 10.00
	// defaultEndpointHour is the meter "Custom Speech Model Hosting Unit", a model and hour.
	defaultEndpointHour = 0.05375
	// defaultEvaluationAudioHour is the meter "Custom Speech to Text Batch", an audio hour: which meter an evaluation counts
	// for is not documented.
	defaultEvaluationAudioHour = 0.225
	// DefaultPricesSource says where the default prices are from.
	DefaultPricesSource = "list prices of Azure Speech in East US as of February 2026"
)

// What a training is taken to last when no version of the model tells. DefaultTraining is how long a lead must allow for;
// taken for a price it would be many times what most trainings cost.
const (
	// textTrainingHours is for text alone, which takes minutes.
	textTrainingHours = 1
	// hoursForAudio is for an hour of audio: about 10 hours of audio are trained in a day.
	hoursForAudio = 2.4
	// audioTrainingHours is for audio of unknown length.
	audioTrainingHours = 24
)

// wordsAnHour is how many words an hour of speech has, at about 150 a minute.
const wordsAnHour = 9000

// modelsMeasured is how many models recognise the audio of an evaluation.
const modelsMeasured = 2

// PriceList is what each thing costs.
type PriceList struct {
	Currency            string  `json:"currency"`
	TrainingHour        float64 `json:"trainingHour"`
	EndpointHour        float64 `json:"endpointHour"`
	EvaluationAudioHour float64 `json:"evaluationAudioHour"`
	// Source says where the prices are from.
	Source string `json:"source"`
}

// String is the prices as people read them, with their source.
func (l PriceList) String() string {
	return fmt.Sprintf("prices in %s: %s a training hour, %s an endpoint and hour, %s an audio hour and model of an evaluation: %s",
		l.Currency, price(l.TrainingHour), price(l.EndpointHour), price(l.EvaluationAudioHour), l.Source)
}

// List is the prices of a request, with the default where it says none.
func (p Prices) List() PriceList {
	list := PriceList{
		Currency: cmp.Or(p.Currency, DefaultCurrency), TrainingHour: defaultTrainingHour, EndpointHour: defaultEndpointHour,
		EvaluationAudioHour: defaultEvaluationAudioHour, Source: DefaultPricesSource,
	}
	given := 0
	for _, price := range []struct{ from, to *float64 }{
		{p.TrainingHour, &list.TrainingHour}, {p.EndpointHour, &list.EndpointHour}, {p.EvaluationAudioHour, &list.EvaluationAudioHour},
	} {
		if price.from != nil {
			*price.to = *price.from
			given++
		}
	}
	switch given {
	case 0:
	case 3:
		list.Source = "renew.prices"
	default:
		list.Source = "renew.prices, else " + DefaultPricesSource
	}
	return list
}

// Hosting is what endpoints cost from one moment to another, whether they are used or not.
func (l PriceList) Hosting(endpoints int, from, to time.Time) float64 {
	return float64(endpoints) * max(to.Sub(from).Hours(), 0) * l.EndpointHour
}

// Money is an amount as people read it.
func Money(amount float64, currency string) string {
	return strconv.FormatFloat(amount, 'f', 2, 64) + " " + currency
}

// figure is a number with at most two decimals.
func figure(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

// Cost is what something is estimated to cost, and how that was counted.
type Cost struct {
	Amount        float64 `json:"amount"`
	Currency      string  `json:"currency"`
	Trainings     int     `json:"trainings"`
	TrainingHours float64 `json:"trainingHours"`
	Evaluations   int     `json:"evaluations"`
	// AudioHours are those of the evaluations together, of each counted once.
	AudioHours float64 `json:"audioHours"`
	// Formula is the arithmetic in words; it begins with "estimate".
	Formula string `json:"formula"`
}

// String is the amount as people read it.
func (c Cost) String() string { return Money(c.Amount, c.Currency) }

// TrainingHours is how long a version was trained: by its mark, else from its creation to its end, or until now while it
// goes on; a week at most, as the service gives up then, and marks that change later move the end. known is false when
// the service does not tell.
func TrainingHours(v Version, now time.Time) (hours float64, known bool) {
	if hours := ReadRecord(v.Verdict).Hours; hours > 0 {
		return min(hours, DefaultTraining.Std().Hours()), true
	}
	end := now
	if v.Terminal() {
		if v.EndedAt == nil {
			return 0, false
		}
		end = *v.EndedAt
	}
	if v.CreatedAt == nil || end.Before(*v.CreatedAt) {
		return 0, false
	}
	return min(end.Sub(*v.CreatedAt).Hours(), DefaultTraining.Std().Hours()), true
}

// EstimateRetrain is what the next retrain of a model is estimated to cost: its longest training so far, and what its tests
// recognise. base is what it would be trained from; nil = unknown, which is taken to be charged.
func EstimateRetrain(o Observed, request Request, base *Model) Cost {
	return estimate(o, request, base, nil)
}

// estimate is EstimateRetrain for a retrain that takes a version which is there, unless that is nil. What of its evaluations
// is there is not counted out: they are the most that it may need.
func estimate(o Observed, request Request, base *Model, taken *Version) Cost {
	prices := request.Renew.Prices.List()
	cost := Cost{Currency: prices.Currency, Trainings: 1}
	var terms []string
	hours, from := likelyHours(o)
	switch {
	case taken != nil:
		cost.Trainings = 0
		terms = append(terms, fmt.Sprintf("no training, %s is taken", taken.DisplayName))
	case base != nil && base.Charged != nil && !*base.Charged:
		cost.Trainings = 0
		terms = append(terms, fmt.Sprintf("training from %s is not charged", base.DisplayName))
	default:
		cost.TrainingHours = hours
		cost.Amount = hours * prices.TrainingHour
		terms = append(terms, fmt.Sprintf("%s h of training (%s) x %s", figure(hours), from, price(prices.TrainingHour)))
	}
	each := 1
	if request.Compare.Base {
		each = 2
	}
	for i, test := range request.Tests {
		label := test.Label()
		evaluations := each
		if test.Inspect {
			evaluations = 1
		}
		audio, why := testAudio(o, i, label)
		cost.Evaluations += evaluations
		if why == "" {
			terms = append(terms, fmt.Sprintf("the audio of test %s is not known: left out", label))
			continue
		}
		cost.AudioHours += float64(evaluations) * audio
		cost.Amount += evaluationCost(float64(evaluations)*audio, prices)
		terms = append(terms, fmt.Sprintf("%s of %s h of audio (test %s, %s) x %d models x %s",
			count(evaluations, "evaluation"), figure(audio), label, why, modelsMeasured, price(prices.EvaluationAudioHour)))
	}
	cost.Formula = fmt.Sprintf("estimate: %s = %s; %s", strings.Join(terms, " + "), cost, prices.Source)
	return cost
}

func evaluationCost(audioHours float64, prices PriceList) float64 {
	return audioHours * modelsMeasured * prices.EvaluationAudioHour
}

// price is a price as it was given.
func price(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) }

// likelyHours is how long the next training is likely to take, and how that is known.
func likelyHours(o Observed) (hours float64, from string) {
	for _, v := range o.Versions {
		if v.Status == StatusSucceeded {
			if own, known := TrainingHours(v, o.Now); known {
				hours = max(hours, own)
			}
		}
	}
	if hours > 0 {
		return hours, "its longest so far"
	}
	audio, unknown := 0.0, false
	for _, d := range o.Training {
		if d.Kind != DatasetAcoustic && d.Kind != DatasetAudioFiles {
			continue
		}
		unknown = unknown || d.AudioHours == nil
		audio += deref(d.AudioHours)
	}
	switch {
	case unknown:
		return audioTrainingHours, "none is known yet: a day for audio of unknown length"
	case audio > 0:
		return min(max(audio*hoursForAudio, textTrainingHours), DefaultTraining.Std().Hours()),
			fmt.Sprintf("none is known yet: %s h of audio, of which a day takes 10", figure(audio))
	}
	return textTrainingHours, "none is known yet: text alone takes less"
}

// testAudio is how many hours of audio a test has, and how that is known; empty when it is not.
func testAudio(o Observed, i int, label string) (hours float64, from string) {
	dataset := ""
	if i < len(o.Tests) {
		if hours := o.Tests[i].AudioHours; hours != nil {
			return *hours, "by its dataset"
		}
		dataset = o.Tests[i].DatasetID
	}
	for _, v := range o.Versions {
		for _, t := range v.Tests {
			if t.Words != nil && (dataset != "" && t.DatasetID == dataset || t.Name == label) {
				return float64(*t.Words) / wordsAnHour, fmt.Sprintf("%d words", *t.Words)
			}
		}
	}
	return 0, ""
}

func deref(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}

// Trained is a version of the owner, whichever model's, and whether its training is charged (nil = unknown: it is).
type Trained struct {
	Version Version
	Charged *bool
}

// Recognized is an evaluation of the owner, and how much audio it has: hours, else words; both nil = unknown.
type Recognized struct {
	CreatedAt  time.Time
	AudioHours *float64
	Words      *int64
}

// Spent is what the calendar month (UTC) of a moment has cost an owner on a resource, as far as versions and evaluations
// still tell: what was begun in it counts. A training that goes on counts as long as the longest of its model (an hour without
// any), more when it has lasted longer: counted only so far, all that begin in one night would see a budget that nobody has used.
func Spent(month, now time.Time, versions []Trained, evaluations []Recognized, prices PriceList) Cost {
	from, to := monthOf(month)
	in := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	cost := Cost{Currency: prices.Currency}
	unknown := 0
	longest := longestTrainings(versions, now)
	for _, t := range versions {
		if t.Version.CreatedAt == nil || !in(*t.Version.CreatedAt) || t.Charged != nil && !*t.Charged {
			continue
		}
		cost.Trainings++
		hours, known := TrainingHours(t.Version, now)
		if !known {
			unknown++
		}
		if !t.Version.Terminal() {
			hours = max(hours, cmp.Or(longest[t.Version.Model], textTrainingHours))
		}
		cost.TrainingHours += hours
	}
	for _, e := range evaluations {
		if !in(e.CreatedAt) {
			continue
		}
		cost.Evaluations++
		switch {
		case e.AudioHours != nil:
			cost.AudioHours += *e.AudioHours
		case e.Words != nil:
			cost.AudioHours += float64(*e.Words) / wordsAnHour
		default:
			unknown++
		}
	}
	cost.Amount = cost.TrainingHours*prices.TrainingHour + evaluationCost(cost.AudioHours, prices)
	cost.Formula = fmt.Sprintf("estimate of %s: %s of %s h together x %s + %s of %s h of audio together x %d models x %s = %s; %s",
		from.Format("2006-01"), count(cost.Trainings, "charged training"), figure(cost.TrainingHours), price(prices.TrainingHour),
		count(cost.Evaluations, "evaluation"), figure(cost.AudioHours), modelsMeasured, price(prices.EvaluationAudioHour), cost, prices.Source)
	if unknown > 0 {
		cost.Formula += fmt.Sprintf("; of %d of them the service does not tell how long they are", unknown)
	}
	return cost
}

// longestTrainings is how long the longest training of each model took that succeeded, in hours.
func longestTrainings(versions []Trained, now time.Time) map[string]float64 {
	longest := map[string]float64{}
	for _, t := range versions {
		if t.Version.Status != StatusSucceeded {
			continue
		}
		if hours, known := TrainingHours(t.Version, now); known {
			longest[t.Version.Model] = max(longest[t.Version.Model], hours)
		}
	}
	return longest
}

// monthOf is the calendar month (UTC) of a moment: its beginning, and that of the next.
func monthOf(t time.Time) (from, to time.Time) {
	year, month, _ := t.UTC().Date()
	from = time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 1, 0)
}

// PreviousMonth is a moment of the calendar month (UTC) before that of t.
func PreviousMonth(t time.Time) time.Time {
	from, _ := monthOf(t)
	return from.Add(-time.Second)
}
