package lifecycle

import (
	"fmt"
	"time"
)

// VersionCost is about what a version has cost: its training, up to now while it goes on, and the evaluations that measured
// it, of whichever month. charged is whether training from its base model is (nil = unknown: it is). What was deleted, or the
// service does not tell, is not counted.
func VersionCost(v Version, now time.Time, charged *bool, prices PriceList) Cost {
	cost := Cost{Currency: prices.Currency}
	if charged == nil || *charged {
		cost.Trainings = 1
		cost.TrainingHours, _ = TrainingHours(v, now)
	}
	counted := map[string]bool{}
	for _, t := range v.Tests {
		if t.Words != nil && !counted[t.EvaluationID] {
			counted[t.EvaluationID] = true
			cost.Evaluations++
			cost.AudioHours += float64(*t.Words) / wordsAnHour
		}
	}
	cost.Amount = cost.TrainingHours*prices.TrainingHour + evaluationCost(cost.AudioHours, prices)
	cost.Formula = fmt.Sprintf("estimate: %s h of training x %s + %s of %s h of audio together x %d models x %s = %s; %s", figure(cost.TrainingHours),
		price(prices.TrainingHour), count(cost.Evaluations, "evaluation"), figure(cost.AudioHours), modelsMeasured, price(prices.EvaluationAudioHour), cost,
		prices.Source)
	return cost
}
