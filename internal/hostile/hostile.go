// Package hostile makes values for tests: every text in them is what somebody who may write to a Speech resource
// could put there to take over a screen, a log or a page.
package hostile

import (
	"reflect"
	"time"
)

// Text holds what a terminal obeys (escape sequences, C1 controls, DEL, a bell, line ends, a change of writing
// direction) and what Markdown does.
const Text = "x\x1b[2J\x1b]0;t\x07\u009b31m\u202e\x7f\r\n\n# h\n- a | b `c` *d* <b> [l](https://example.com) www.example.com ![i](u)"

// Filled is a T with text in every string, two entries in every list, and a value behind every pointer and every
// time.
func Filled[T any](text string) T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), text)
	return v
}

func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2031, 5, 4, 3, 2, 1, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), text)
			}
		}
	}
}
