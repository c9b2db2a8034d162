package notify

import (
	"fmt"
	"strings"
	"time"

	"speech-retrainer/internal/visible"
)

// The most of a message that a chat is given, in characters: Slack refuses a header above 150 and a section above
// 3,000, Teams a message above 28 KB.
const (
	mostTitle = 150
	mostText  = 1500
	mostFact  = 200
	// mostAlarms is how many alarms are told in full.
	mostAlarms = 5
)

// sheet is a message as people read it in a chat. Each text is one line without control characters; what marks a
// chat would obey, its format has to make harmless.
type sheet struct {
	title, summary string
	// points are the alarms, when there are several.
	points []string
	// next is what people can do.
	next  string
	facts []fact
}

type fact struct{ name, value string }

func newSheet(m Message) sheet {
	s := sheet{title: cut(fmt.Sprintf("%s (%s): %s", m.Model, m.Locale, m.Event), mostTitle), summary: cut(m.Summary, mostText)}
	if m.Next != nil {
		s.next = cut(*m.Next, mostText)
	}
	if len(m.Alarms) > 1 {
		for i, alarm := range m.Alarms {
			if i == mostAlarms {
				s.points = append(s.points, fmt.Sprintf("and %d more", len(m.Alarms)-i))
				break
			}
			s.points = append(s.points, cut(alarm.Message+"; "+alarm.Next, mostText/mostAlarms))
		}
	}
	s.fact("at", m.At.UTC().Format(time.RFC3339))
	if v := m.Version; v != nil {
		s.fact("version", v.DisplayName)
		if v.ExpiresAt != nil {
			s.fact("expires", v.ExpiresAt.UTC().Format(time.DateOnly))
		}
	}
	if v := m.Verdict; v != nil {
		s.fact("verdict", string(v.Result))
	}
	if m.Resource != nil {
		s.fact("resource", *m.Resource)
	}
	s.fact("run", m.WorkflowID+" "+m.RunID)
	return s
}

func (s *sheet) fact(name, value string) {
	s.facts = append(s.facts, fact{name: name, value: cut(value, mostFact)})
}

// cut is a text as one harmless line of at most so many characters.
func cut(text string, most int) string {
	line := []rune(strings.TrimSpace(visible.Line(text)))
	if len(line) > most {
		return string(line[:most-1]) + "…"
	}
	return string(line)
}
