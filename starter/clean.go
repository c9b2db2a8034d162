package main

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"speech-retrainer/internal/lifecycle"
)

// clean makes text safe for a terminal and for one line: whatever is not a visible character (control
// characters, line breaks, marks that turn the direction of writing, broken UTF-8) becomes a space.
// The service, and who can write display names there, must not be able to drive the screen.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// cleanReport returns report with every text in it cleaned, whichever field it is in.
func cleanReport(report lifecycle.Report) lifecycle.Report {
	var tree any
	var cleaned lifecycle.Report
	data, err := json.Marshal(report)
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err == nil {
		data, err = json.Marshal(cleanTree(tree))
	}
	if err == nil {
		err = json.Unmarshal(data, &cleaned)
	}
	if err != nil {
		// A report came from JSON, so it goes through JSON; a NaN put into it by hand would not.
		panic("report that is not JSON: " + err.Error())
	}
	return cleaned
}

func cleanTree(value any) any {
	switch v := value.(type) {
	case string:
		return clean(v)
	case []any:
		for i := range v {
			v[i] = cleanTree(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = cleanTree(v[key])
		}
	}
	return value
}
