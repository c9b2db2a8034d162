package meant_test

import (
	"errors"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/meant"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"name", "training", "tests", "contentUrl", "on", "deploy"}
	for word, want := range map[string]string{
		"nam": "name", "Name": "name", "traning": "training", "trainings": "training", "content_url": "contentUrl", "test": "tests",
		"depoly": "deploy", "om": "on",
		"extra": "", "x": "", "": "", "locale": "", "trampoline": "", "épreuve": "",
	} {
		require.Equal(t, want, meant.Nearest(word, known), "%q", word)
	}
	require.Empty(t, meant.Nearest("name", nil))
	require.Equal(t, "naming", meant.Nearest("nameing", []string{"name", "naming"}), "the nearest, not the first")
}

func TestLocale(t *testing.T) {
	t.Parallel()
	for _, right := range []string{"en-US", "es-419", "zh-Hans-CN", "sr-Latn-RS", "zh-CN-sichuan", "zh-CN-GUANGXI", "iu-Cans-CA", "wuu-CN", "fil-PH"} {
		require.Equal(t, right, meant.Locale(right))
	}
	for wrong, right := range map[string]string{
		"EN-us": "en-US", "en-us": "en-US", "en_US": "en-US", "EN_us": "en-US", "sr-latn-rs": "sr-Latn-RS", "ZH-hans-cn": "zh-Hans-CN",
		"zh-cn-sichuan": "zh-CN-sichuan", "ES-419": "es-419",
		"english": "", "en": "", "": "", "en-US ": "", "en US": "", "en-": "", "https://h/x?sig=s": "", "é-US": "",
	} {
		require.Equal(t, right, meant.Locale(wrong), "%q", wrong)
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"--detatch": "unknown flag: --detatch: did you mean --detach?",
		"-detach":   "unknown shorthand flag: 'd' in -detach: did you mean --detach?",
		"--fast":    "unknown flag: --fast",
		"--hiden":   "unknown flag: --hiden",
		"-x":        "unknown shorthand flag: 'x' in -x",
	} {
		flags := pflag.NewFlagSet("program", pflag.ContinueOnError)
		flags.Bool("detach", false, "")
		flags.Bool("hidden", false, "")
		require.NoError(t, flags.MarkHidden("hidden"))
		require.EqualError(t, meant.Flag(flags, flags.Parse([]string{arg})), want)
	}
	other := errors.New("another")
	require.Equal(t, other, meant.Flag(nil, other))
	require.NoError(t, meant.Flag(nil, nil))
}
