// Package calendar writes the dates of models for people's calendars: an iCalendar file (RFC 5545) of all-day events.
package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// day is what one event is made of.
type day struct {
	kind          string
	at            *time.Time
	summary, text string
}

// File is the calendar of the models of plans: expiry, due day, last-resort day, and the last day to train from the base model
// of what serves. Days are UTC. The UID of an event is that of its model and kind: a calendar that reads the file again moves
// the event. Of a model whose dates are not known there is none; events tells how many there are.
func File(plans []lifecycle.Plan) (content []byte, events int) {
	cal := ics.NewCalendarFor("Speech Retrainer")
	cal.SetProductId("-//Speech Retrainer//plan//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("Speech models")
	for _, p := range plans {
		for _, d := range daysOf(p) {
			if d.at == nil {
				continue
			}
			events++
			e := cal.AddEvent(uid(p, d.kind))
			e.SetDtStampTime(p.ObservedAt)
			first := d.at.UTC().Truncate(lifecycle.Day)
			e.SetAllDayStartAt(first)
			e.SetAllDayEndAt(first.Add(lifecycle.Day))
			e.SetTimeTransparency(ics.TransparencyTransparent)
			e.SetSummary(visible.Line(words.Model(p.Name, p.Locale) + ": " + d.summary))
			e.SetDescription(visible.Line(d.text))
		}
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows)), events
}

// daysOf are the events of a model, in the order in which they come.
func daysOf(p lifecycle.Plan) []day {
	serves := "what serves"
	if p.Champion != nil {
		serves = p.Champion.DisplayName
	}
	days := []day{
		{"due", p.Dates.DueAt, "retrain is due", fmt.Sprintf("%s expires on %s and is to be renewed from this day on. See what will be done: starter plan; "+
			"starter status %s", serves, words.DayOf(p.Dates.ExpiresAt, "-"), p.Name)},
		{"last-resort", p.Dates.LastResortAt, "last resort begins", fmt.Sprintf("From now on a new version is judged against what would serve otherwise, "+
			"since %s expires on %s. Nothing has taken its place yet? starter status %s", serves, words.DayOf(p.Dates.ExpiresAt, "-"), p.Name)},
		{"expiry", p.Dates.ExpiresAt, "model expires", fmt.Sprintf("The last day that %s recognises speech: afterwards its endpoint answers with the bare "+
			"base model. See: starter status %s", serves, p.Name)},
	}
	if b := p.ChampionBase; b != nil {
		days = append(days, day{"base-retirement", b.AdaptationEndsAt, "base model retires", fmt.Sprintf("The last day to train from %s, the base model of %s: "+
			"a later retrain needs another one.", b.DisplayName, serves)})
	}
	return days
}

// uid is the same for a model and kind in every file.
func uid(p lifecycle.Plan, kind string) string {
	sum := sha256.Sum256([]byte(p.Resource + "/" + p.Name + "/" + strings.ToLower(p.Locale)))
	return kind + "-" + hex.EncodeToString(sum[:8]) + "@speech-retrainer"
}
