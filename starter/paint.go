package main

// paint colours words on a terminal. The zero value does not.
type paint bool

func (a *app) paint() paint {
	terminal := a.StdoutTerminal
	if a.asJSON {
		terminal = a.StderrTerminal
	}
	// https://no-color.org: present and not empty.
	noColor, _ := a.Env.LookupEnv("NO_COLOR")
	kind, _ := a.Env.LookupEnv("TERM")
	return paint(terminal && noColor == "" && kind != "dumb")
}

func (p paint) code(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) good(text string) string { return p.code("32", text) }
func (p paint) bad(text string) string  { return p.code("31", text) }
func (p paint) busy(text string) string { return p.code("36", text) }
