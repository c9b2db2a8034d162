package activities

import (
	"context"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// addSpending adds whose installation looks, and, when the request has a budget, what this calendar month and the one
// before have cost it on the resource: whatever was trained and measured for any model of this owner.
func (a *Activities) addSpending(ctx context.Context, l *listing, request lifecycle.Request, o *lifecycle.Observed) error {
	o.Owner = a.owner
	if request.Renew.Budget == nil {
		return nil
	}
	// Whether a training is charged stands at its base model.
	l, err := a.addBases(ctx, l, a.lately(), l.locales()...)
	if err != nil {
		return err
	}
	prices := request.Renew.Prices.List()
	before := lifecycle.PreviousMonth(o.Now)
	o.Spent, o.SpentBefore = lifecycle.Ptr(l.spent(o.Now, o.Now, prices)), lifecycle.Ptr(l.spent(before, o.Now, prices))
	a.spending.set(Spending{At: o.Now, Spent: *o.Spent, Budget: request.Renew.Budget.Month})
	return nil
}

// spent is what the calendar month of a moment has cost this owner.
func (l *listing) spent(month, now time.Time, prices lifecycle.PriceList) lifecycle.Cost {
	var versions []lifecycle.Trained
	for _, m := range l.models {
		if l.ours(m.Object) {
			v := versionOf(m, l.of.home)
			versions = append(versions, lifecycle.Trained{Version: v, Charged: l.charged(v.BaseModelID)})
		}
	}
	audio := l.audio()
	var evaluations []lifecycle.Recognized
	for _, e := range l.evaluations {
		if l.ours(e.Object) {
			evaluations = append(evaluations, lifecycle.Recognized{
				CreatedAt: e.CreatedDateTime, AudioHours: audio[refID(e.Dataset)], Words: words(e.Properties.WordCount2),
			})
		}
	}
	return lifecycle.Spent(month, now, versions, evaluations, prices)
}

// words is the number of words that an evaluation gives; nil when it gives none that counts.
func words(count *int) *int64 {
	if count == nil || *count <= 0 {
		return nil
	}
	return lifecycle.Ptr(int64(*count))
}

// charged tells whether training from a model is charged, which for a custom model is as for its base; nil when that is
// not known.
func (l *listing) charged(id string) *bool {
	if m, ok := l.model(id); ok {
		return l.charged(refID(m.BaseModel))
	}
	if m, ok := l.baseByID[id]; ok {
		return m.Properties.ChargeForAdaptation
	}
	return nil
}

// audio is how many hours of audio each dataset holds, whosever it is; those without, or of which the service does not
// say, are left out.
func (l *listing) audio() map[string]*float64 {
	hours := map[string]*float64{}
	for _, d := range l.datasets {
		if long := audioHours(d); long != nil {
			hours[d.ID()] = long
		}
	}
	return hours
}

// audioOf is how many hours of audio a dataset holds; nil when it holds none, or that is not known.
func (l *listing) audioOf(id string) *float64 {
	for _, d := range l.datasets {
		if d.ID() == id {
			return audioHours(d)
		}
	}
	return nil
}

func audioHours(d speech.Dataset) *float64 {
	if long := d.Properties.DurationMilliseconds; long != nil && *long > 0 {
		return lifecycle.Ptr((time.Duration(*long) * time.Millisecond).Hours())
	}
	return nil
}
