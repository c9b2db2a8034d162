package card

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/visible"
)

// markdown writes the card as a document.
func (d document) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", visible.Markdown(d.title))
	for _, s := range d.sections {
		if s.title != "" {
			fmt.Fprintf(&b, "\n## %s\n", visible.Markdown(s.title))
		}
		for _, p := range s.parts {
			b.WriteString("\n")
			markdownPart(&b, p)
		}
	}
	return b.String()
}

func markdownPart(b *strings.Builder, p any) {
	switch p := p.(type) {
	case paragraph:
		fmt.Fprintln(b, line(p).markdown())
	case []field:
		for _, f := range p {
			fmt.Fprintf(b, "- **%s:** %s\n", visible.Markdown(f.label), f.value.markdown())
		}
	case []item:
		for _, i := range p {
			fmt.Fprintf(b, "- %s\n", i.line.markdown())
			for _, sub := range i.sub {
				fmt.Fprintf(b, "  - %s\n", sub.markdown())
			}
		}
	case grid:
		if p.markdown != nil {
			p = *p.markdown
		}
		w := p.writer(visible.Markdown)
		w.SetColumnConfigs(p.alignments())
		fmt.Fprintln(b, w.RenderMarkdown())
	}
}

// markdown writes a line.
func (l line) markdown() string {
	var b strings.Builder
	for i, s := range l {
		switch {
		case s.code:
			b.WriteString("`" + s.text + "`")
		case i == 0:
			b.WriteString(escapeStart(s.text))
		default:
			b.WriteString(visible.Markdown(s.text))
		}
	}
	return strings.TrimSpace(b.String())
}
