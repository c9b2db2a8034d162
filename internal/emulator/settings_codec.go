package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/pflag"
)

// Duration is a time.Duration that is written as a string: Go's form, plus d = 24 h.
type Duration time.Duration

// ParseDuration reads "90m" or "60d".
func ParseDuration(s string) (Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		return Duration(n * float64(24*time.Hour)), err
	}
	d, err := time.ParseDuration(s)
	return Duration(d), err
}

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the form that UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form of ParseDuration.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is no duration like 90m or 60d", b)
	}
	*d = v
	return nil
}

// Profile returns the settings of a profile by name.
func Profile(name string) (Settings, error) {
	switch name {
	case "plain", "":
		return Plain(), nil
	case "awkward":
		return Awkward(), nil
	}
	return Settings{}, fmt.Errorf("profile %q does not exist: use plain or awkward", name)
}

// Patch returns the settings with the fields that the JSON object names. Unknown fields and values outside of the
// choices are refused.
func (s Settings) Patch(object []byte) (Settings, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	return s, s.validate()
}

// validate holds every field against its tags enum and min; numbers and durations are never negative.
func (s Settings) validate() error {
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		tag, value := v.Type().Field(i).Tag, v.Field(i)
		name, text := tag.Get("json"), fmt.Sprint(value.Interface())
		if choices := tag.Get("enum"); choices != "" && !slices.Contains(strings.Split(choices, ","), text) {
			return fmt.Errorf("setting %s is %q: use one of %s", name, text, choices)
		}
		least, _ := strconv.ParseFloat(tag.Get("min"), 64)
		switch {
		case value.CanInt() && float64(value.Int()) < least, value.CanFloat() && value.Float() < least:
			return fmt.Errorf("setting %s is %s: use at least %g", name, text, least)
		}
	}
	return nil
}

// flagName turns pageSize into page-size.
func flagName(field string) string {
	var b strings.Builder
	for _, c := range field {
		if unicode.IsUpper(c) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// SettingFlags are the command-line flags of Settings: one for each field, and --profile.
type SettingFlags struct {
	profile string
	given   map[string]json.RawMessage
}

// AddFlags adds a flag for every setting. Settings gives the values once the flags are parsed.
func (f *SettingFlags) AddFlags(flags *pflag.FlagSet) {
	f.given = map[string]json.RawMessage{}
	plain, awkward := reflect.ValueOf(Plain()), reflect.ValueOf(Awkward())
	for i := range plain.NumField() {
		field := plain.Type().Field(i)
		name, doc := field.Tag.Get("json"), field.Tag.Get("doc")
		if name == "profile" {
			flags.StringVar(&f.profile, "profile", "plain", "`name` of the profile, plain or awkward: the values of all settings below")
			continue
		}
		if choices := field.Tag.Get("enum"); choices != "" {
			doc += ": " + strings.ReplaceAll(choices, ",", ", ")
		}
		p, a := fmt.Sprint(plain.Field(i).Interface()), fmt.Sprint(awkward.Field(i).Interface())
		if a != p {
			p += ", awkward " + a
		}
		v := &settingValue{kind: field.Type, set: func(raw json.RawMessage) { f.given[name] = raw }}
		flag := flags.VarPF(v, flagName(name), "", fmt.Sprintf("%s (%s)", doc, p))
		if field.Type.Kind() == reflect.Bool {
			flag.NoOptDefVal = "true"
		}
	}
}

// Settings returns the profile's values, changed by the flags that were given.
func (f *SettingFlags) Settings() (Settings, error) {
	s, err := Profile(f.profile)
	if err != nil {
		return s, err
	}
	object, err := json.Marshal(f.given)
	if err != nil {
		return s, fmt.Errorf("read flags: %w", err)
	}
	return s.Patch(object)
}

type settingValue struct {
	kind reflect.Type
	text string
	set  func(json.RawMessage)
}

func (v *settingValue) String() string { return v.text }

func (v *settingValue) Type() string {
	switch {
	case v.kind == reflect.TypeFor[Duration]():
		return "duration"
	case v.kind.Kind() == reflect.Float64:
		return "number"
	}
	return v.kind.Kind().String()
}

func (v *settingValue) Set(text string) error {
	value := reflect.New(v.kind)
	raw := json.RawMessage(text)
	if v.kind.Kind() == reflect.String || v.kind == reflect.TypeFor[Duration]() {
		raw, _ = json.Marshal(text)
	}
	if err := json.Unmarshal(raw, value.Interface()); err != nil {
		return fmt.Errorf("expected a %s", v.Type())
	}
	v.text = text
	v.set(raw)
	return nil
}
