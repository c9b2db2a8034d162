package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTextToModel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.dataset("words.txt", "Language", bom+jargon+"see https://example.com\n")
	require.Equal(t, "NotStarted", d.text("status"))
	require.Equal(t, "2026-03-01T12:00:00Z", d.text("createdDateTime"))
	s.advance(time.Second)
	d = s.again(d)
	require.Equal(t, "Running", d.text("status"))
	require.Equal(t, "2026-03-01T12:00:01Z", d.text("lastActionDateTime"))
	require.Nil(t, d.at("properties.acceptedLineCount"))
	s.advance(2 * time.Second)
	d = s.again(d)
	require.Equal(t, "Succeeded", d.text("status"), d)
	require.Equal(t, "2026-03-01T12:00:03Z", d.text("lastActionDateTime"))
	require.EqualValues(t, 2, d.number("properties.acceptedLineCount"))
	require.EqualValues(t, 1, d.number("properties.rejectedLineCount"))
	require.EqualValues(t, 0, d.number("properties.durationMilliseconds"))

	base := s.base("en-US")
	m := s.post("/models", trainingOf("words", base, d))
	require.Equal(t, "NotStarted", m.text("status"))
	require.Equal(t, base.text("self"), m.text("baseModel.self"))
	require.Equal(t, "2028-04-15T00:00:00Z", m.text("properties.deprecationDates.transcriptionDateTime"))
	require.Nil(t, m.at("properties.features.supportsAdaptationsWith"))
	s.advance(time.Second)
	require.Equal(t, "Running", s.again(m).text("status"))
	s.advance(5 * time.Second)
	m = s.again(m)
	require.Equal(t, "Succeeded", m.text("status"))
	require.Equal(t, "2026-03-01T12:00:09Z", m.text("lastActionDateTime"))
}
