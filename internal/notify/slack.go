package notify

import (
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// slackMessage is what a Slack incoming web hook takes: blocks, and the text that is shown where blocks are not
// (document "Sending messages using incoming webhooks").
type slackMessage struct {
	Text   string       `json:"text"`
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// Emoji lets a name like :skull: stand as it is when it is false; only plain text has it.
	Emoji *bool `json:"emoji,omitempty"`
	// Verbatim keeps Slack from making links of what looks like one; only mrkdwn has it.
	Verbatim *bool `json:"verbatim,omitempty"`
}

// slackControls are the characters that begin links, mentions and entities wherever Slack reads a text.
var slackControls = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slackMarks are those that mark emphasis and code in mrkdwn, and what is shown in their place: Slack knows no escape
// for them.
var slackMarks = strings.NewReplacer("*", "∗", "_", "ˍ", "~", "∼", "`", "'")

// slackOf writes a sheet. What comes from outside stands in plain text, in which nothing is emphasis; what is to be
// copied stands in a block of code, which nothing in it can end.
func slackOf(s sheet) slackMessage {
	m := slackMessage{
		Text: slackMarks.Replace(slackEscaped(s.title+": "+s.summary, mostSlack)),
		Blocks: []slackBlock{
			{Type: "header", Text: slackPlain(s.title, mostTitle)},
			{Type: "section", Text: slackPlain(s.summary, mostSlack)},
		},
	}
	for _, point := range s.points {
		m.Blocks = append(m.Blocks, slackBlock{Type: "section", Text: slackPlain("• "+point, mostSlack)})
	}
	if s.next != "" {
		code := "```" + slackEscaped(strings.ReplaceAll(s.next, "`", "'"), mostSlack-6) + "```"
		m.Blocks = append(m.Blocks, slackBlock{Type: "section", Text: &slackText{Type: "mrkdwn", Text: code, Verbatim: lifecycle.Ptr(true)}})
	}
	var facts []slackText
	for _, f := range s.facts {
		facts = append(facts, *slackPlain(f.name+": "+f.value, mostSlack))
	}
	m.Blocks = append(m.Blocks, slackBlock{Type: "context", Elements: facts})
	return m
}

func slackPlain(text string, most int) *slackText {
	return &slackText{Type: "plain_text", Text: slackEscaped(text, most), Emoji: lifecycle.Ptr(false)}
}

// mostSlack is the most that a text of a section may have, in characters as they are sent.
const mostSlack = 3000

// slackEscaped is a text whose entities are whole and that Slack does not refuse for its length.
func slackEscaped(text string, most int) string {
	var out strings.Builder
	length := 0
	for _, r := range text {
		escaped := slackControls.Replace(string(r))
		if length += max(1, len(escaped)-len(string(r))+1); length > most {
			break
		}
		out.WriteString(escaped)
	}
	return out.String()
}
