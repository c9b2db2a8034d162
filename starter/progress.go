package main

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Widths of a progress bar's parts; with share, amounts, pace and times it stays within lineWidth.
const (
	barName  = 14
	barWidth = 10
)

// bar draws how far an upload is. It writes to stderr, since stdout is for results, and only when that is
// a terminal.
type bar struct {
	app  *app
	name string
	mu   sync.Mutex
	bar  *progressbar.ProgressBar
}

func (a *app) newBar(name string) *bar { return &bar{app: a, name: name} }

// show draws done of total bytes.
func (b *bar) show(done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.app.StderrTerminal {
		return
	}
	if b.bar == nil {
		b.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(b.app.Stderr),
			progressbar.OptionSetDescription(words.Fit(visible.Line(b.name), barName)),
			progressbar.OptionSetWidth(barWidth),
			progressbar.OptionShowBytes(true),
			progressbar.OptionShowCount(),
			progressbar.OptionUseIECUnits(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionUseANSICodes(true),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionEnableColorCodes(false),
		)
	}
	// It fails only when the terminal has gone, which must not stop an upload.
	_ = b.bar.Set64(done)
}

// say writes a line above the bar.
func (b *bar) say(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
	b.app.tellFitting(line)
}

// close takes the bar off the screen.
func (b *bar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
