package screen

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Widths of a progress bar's parts; with share, amounts, pace and times it stays within words.Width.
const (
	barName  = 14
	barWidth = 10
)

// Bar draws how far an upload is, on Err, and only when that is a terminal. It may be used by several at once.
type Bar struct {
	screen *Screen
	name   string
	mu     sync.Mutex
	bar    *progressbar.ProgressBar
}

// NewBar is a bar that is not on the screen yet.
func (s *Screen) NewBar(name string) *Bar { return &Bar{screen: s, name: name} }

// Show draws done of total bytes.
func (b *Bar) Show(done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.screen.ErrTerminal {
		return
	}
	if b.bar == nil {
		b.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(b.screen.Err),
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

// Say writes a line above the bar.
func (b *Bar) Say(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
	b.screen.TellFitting(line)
}

// Close takes the bar off the screen.
func (b *Bar) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
