package lifecycle_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// manyBases are about as many base models as the service has of all locales, a tenth of them of one.
func manyBases() []lifecycle.Model {
	bases := make([]lifecycle.Model, 1000)
	for i := range bases {
		bases[i] = base(fmt.Sprintf("base-%04d", i), i)
		if i%10 != 0 {
			bases[i].Locale = fmt.Sprintf("l%d-XX", i%10)
		}
	}
	return bases
}

func BenchmarkChooseBase(b *testing.B) {
	bases := manyBases()
	q := question()
	q.Now = noon
	b.ReportAllocs()
	for b.Loop() {
		require.NotNil(b, lifecycle.ChooseBase(bases, q).Model)
	}
}

// BenchmarkDue asks of a model with a long past.
func BenchmarkDue(b *testing.B) {
	o, request := calm(), desk()
	o.Bases = nil
	for _, m := range manyBases() {
		if m.Locale == request.Locale {
			o.Bases = append(o.Bases, m)
		}
	}
	o.Bases = append(o.Bases, base("base-1", 100))
	for i := range 20 {
		o.Versions = append(o.Versions, trained(fmt.Sprintf("old-%d", i), lifecycle.StateRejected, 60+30*i, 200))
	}
	request.Renew.OnNewBaseModel = false
	b.ReportAllocs()
	for b.Loop() {
		require.False(b, lifecycle.Due(o, request).Due)
	}
}

func BenchmarkJudge(b *testing.B) {
	test := lifecycle.Test{MaxWordErrorRate: lifecycle.Ptr(0.2), MaxRegression: lifecycle.Ptr(0.01), MinImprovementOverBase: lifecycle.Ptr(0.01)}
	bare := measured(150, 1000)
	m := lifecycle.Measured{Challenger: measured(112, 1000), Compared: measured(131, 1000), ComparedWith: "the champion", Base: &bare}
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, lifecycle.Pass, lifecycle.Judge(test, m).Verdict)
	}
}
