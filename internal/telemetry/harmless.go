package telemetry

import (
	"go.uber.org/zap/buffer"
	"go.uber.org/zap/zapcore"

	"speech-retrainer/internal/visible"
)

// harmless is an encoder whose entries cannot drive the terminal that they are read on. The console form writes
// messages as they are, and both forms let DEL, C1 controls and direction marks stand inside fields.
type harmless struct{ zapcore.Encoder }

// Clone keeps the children of a logger harmless too.
func (h harmless) Clone() zapcore.Encoder { return harmless{h.Encoder.Clone()} }

// EncodeEntry makes the message one line and escapes the rest; the colour of the level stays.
func (h harmless) EncodeEntry(entry zapcore.Entry, fields []zapcore.Field) (*buffer.Buffer, error) {
	entry.Message, entry.LoggerName = visible.Line(entry.Message), visible.Line(entry.LoggerName)
	line, err := h.Encoder.EncodeEntry(entry, fields)
	if err != nil {
		return nil, err
	}
	if text := line.String(); visible.Escaped(text) != text {
		line.Reset()
		line.AppendString(visible.Escaped(text))
	}
	return line, nil
}
