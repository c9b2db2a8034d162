package dataset_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

const bom = "\xef\xbb\xbf"

// recording describes a WAV file; the zero value is one second as the service wants it.
type recording struct {
	tag, channels, bits uint16
	rate                uint32
	length              time.Duration
}

// wav is the file: RIFF, format, data.
func (r recording) wav() []byte {
	set(&r.tag, 1)
	set(&r.channels, 1)
	set(&r.bits, 16)
	set(&r.rate, 16000)
	set(&r.length, time.Second)
	align := r.channels * r.bits / 8
	data := make([]byte, int(r.length.Seconds()*float64(r.rate))*int(align))
	var b bytes.Buffer
	b.WriteString("RIFF")
	put(&b, uint32(36+len(data)))
	b.WriteString("WAVEfmt ")
	put(&b, uint32(16), r.tag, r.channels, r.rate, r.rate*uint32(align), align, r.bits)
	b.WriteString("data")
	put(&b, uint32(len(data)))
	b.Write(data)
	return b.Bytes()
}

func set[T comparable](field *T, standard T) {
	var zero T
	if *field == zero {
		*field = standard
	}
}

func put(b *bytes.Buffer, values ...any) {
	for _, value := range values {
		if err := binary.Write(b, binary.LittleEndian, value); err != nil {
			panic(err)
		}
	}
}

// member is a file in an archive.
type member struct {
	name    string
	content []byte
}

func text(name, content string) member { return member{name, []byte(content)} }

// pack makes a zip archive.
func pack(members ...member) []byte { return archive(zip.Deflate, members) }

func archive(method uint16, members []member) []byte {
	return archiveOf(members, func(m member) zip.FileHeader { return zip.FileHeader{Name: m.name, Method: method} })
}

// archiveOf makes a zip archive whose members have the headers given.
func archiveOf(members []member, header func(member) zip.FileHeader) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		h := header(m)
		f, err := w.CreateHeader(&h)
		if err == nil {
			_, err = f.Write(m.content)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// check checks data in memory.
func check(t require.TestingT, data []byte, kind lifecycle.DatasetKind, locale string, limits dataset.Limits) dataset.Report {
	report, err := dataset.Check(context.Background(), bytes.NewReader(data), int64(len(data)), kind, locale, limits)
	require.NoError(t, err)
	return report
}

// found is the problems without their messages: "error trans.txt:2 transcript".
func found(report dataset.Report) []string {
	list := []string{}
	for _, p := range report.Problems {
		at := p.File
		if p.Line > 0 {
			at = fmt.Sprintf("%s:%d", at, p.Line)
		}
		list = append(list, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", p.Severity, at, p.Rule)), " "))
	}
	return list
}

// dataCase is data, and the problems that it must have: all of them, in order.
type dataCase struct {
	name, locale string
	kind         lifecycle.DatasetKind
	data         []byte
	limits       dataset.Limits
	want         []string
}

func runCases(t *testing.T, cases []dataCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			set(&c.locale, "en-US")
			if c.want == nil {
				c.want = []string{}
			}
			require.Equal(t, c.want, found(check(t, c.data, c.kind, c.locale, c.limits)))
		})
	}
}
