// Package telemetry makes what the programs tell about themselves: their log.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
)

// Log formats.
const (
	// FormatAuto is FormatConsole on a terminal and FormatJSON elsewhere.
	FormatAuto    = "auto"
	FormatConsole = "console"
	FormatJSON    = "json"
)

// LogOptions says how to log. The zero value logs info and above as JSON to nowhere.
type LogOptions struct {
	// Out receives the log, one entry a line; nil discards it.
	Out io.Writer
	// Format is FormatAuto (also ""), FormatConsole or FormatJSON.
	Format string
	// Level is debug, info (also ""), warn or error.
	Level string
	// Terminal tells that Out is one; Color that it may be coloured.
	Terminal bool
	Color    bool
}

// NewLogger returns the logger that o asks for. Times are UTC. It returns an error that lists the
// choices when the format or the level is none of them.
func NewLogger(o LogOptions) (*zap.Logger, error) {
	level, err := parseLevel(o.Level)
	if err != nil {
		return nil, err
	}
	encoder, err := newEncoder(o)
	if err != nil {
		return nil, err
	}
	out := o.Out
	if out == nil {
		out = io.Discard
	}
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(out)), level)
	return zap.New(core, zap.AddCaller(), zap.AddStacktrace(zapcore.DPanicLevel)), nil
}

// SDKLogger lets the Temporal SDK, and through it workflows and activities, write to logger.
func SDKLogger(logger *zap.Logger) log.Logger {
	return log.NewStructuredLogger(slog.New(zapslog.NewHandler(logger.Core(),
		zapslog.WithCaller(true), zapslog.AddStacktraceAt(slog.LevelError+1))))
}

func parseLevel(level string) (zapcore.Level, error) {
	switch level {
	case "", "info":
		return zapcore.InfoLevel, nil
	case "debug":
		return zapcore.DebugLevel, nil
	case "warn":
		return zapcore.WarnLevel, nil
	case "error":
		return zapcore.ErrorLevel, nil
	}
	return 0, fmt.Errorf("log level %q is none of debug, info, warn, error", level)
}

func newEncoder(o LogOptions) (zapcore.Encoder, error) {
	config := zapcore.EncoderConfig{
		TimeKey: "time", LevelKey: "level", NameKey: "logger", CallerKey: "caller", MessageKey: "msg",
		StacktraceKey: "stack", LineEnding: zapcore.DefaultLineEnding,
		EncodeDuration: zapcore.StringDurationEncoder, EncodeCaller: zapcore.ShortCallerEncoder,
		EncodeName: zapcore.FullNameEncoder,
	}
	format := o.Format
	if format == "" || format == FormatAuto {
		format = FormatJSON
		if o.Terminal {
			format = FormatConsole
		}
	}
	switch format {
	case FormatJSON:
		config.EncodeLevel = zapcore.LowercaseLevelEncoder
		config.EncodeTime = utc(time.RFC3339Nano)
		return harmless{zapcore.NewJSONEncoder(config)}, nil
	case FormatConsole:
		config.EncodeLevel = zapcore.CapitalLevelEncoder
		if o.Color {
			config.EncodeLevel = zapcore.CapitalColorLevelEncoder
		}
		config.EncodeTime = utc("15:04:05.000Z")
		config.ConsoleSeparator = "  "
		return harmless{zapcore.NewConsoleEncoder(config)}, nil
	}
	return nil, fmt.Errorf("log format %q is none of %s", o.Format,
		strings.Join([]string{FormatAuto, FormatConsole, FormatJSON}, ", "))
}

func utc(layout string) zapcore.TimeEncoder {
	return func(t time.Time, e zapcore.PrimitiveArrayEncoder) { e.AppendString(t.UTC().Format(layout)) }
}
