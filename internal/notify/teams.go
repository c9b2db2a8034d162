package notify

// teamsMessage is what a Teams web hook of a workflow takes: one Adaptive Card (document "Create incoming webhooks
// with Workflows for Microsoft Teams").
type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string      `json:"$schema"`
	Type    string      `json:"type"`
	Version string      `json:"version"`
	Body    []teamsRich `json:"body"`
	// FallbackText is shown where the version of the card is not known.
	FallbackText string `json:"fallbackText"`
	MSTeams      struct {
		Width string `json:"width"`
	} `json:"msteams"`
}

// teamsRich is a RichTextBlock: its runs are shown as they are. A TextBlock would read Markdown in them.
type teamsRich struct {
	Type    string     `json:"type"`
	Inlines []teamsRun `json:"inlines"`
	Spacing string     `json:"spacing,omitempty"`
}

type teamsRun struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Size     string `json:"size,omitempty"`
	Weight   string `json:"weight,omitempty"`
	FontType string `json:"fontType,omitempty"`
	Subtle   bool   `json:"isSubtle,omitempty"`
}

// teamsOf writes a sheet as a card. Nothing in it is Markdown, and mentions need an entity, of which it has none.
func teamsOf(s sheet) teamsMessage {
	card := teamsCard{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
		Body: []teamsRich{
			teamsLine(teamsRun{Text: s.title, Size: "Large", Weight: "Bolder"}),
			teamsLine(teamsRun{Text: s.summary}),
		},
		FallbackText: s.title,
	}
	card.MSTeams.Width = "Full"
	for _, point := range s.points {
		card.Body = append(card.Body, teamsLine(teamsRun{Text: "• " + point}))
	}
	if s.next != "" {
		card.Body = append(card.Body, teamsLine(teamsRun{Text: s.next, FontType: "Monospace"}))
	}
	for _, f := range s.facts {
		line := teamsLine(teamsRun{Text: f.name + ": " + f.value, Size: "Small", Subtle: true})
		line.Spacing = "None"
		card.Body = append(card.Body, line)
	}
	return teamsMessage{Type: "message", Attachments: []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}}
}

func teamsLine(run teamsRun) teamsRich {
	run.Type = "TextRun"
	return teamsRich{Type: "RichTextBlock", Inlines: []teamsRun{run}}
}
