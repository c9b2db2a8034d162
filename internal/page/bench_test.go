package page

import (
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkFleet is one view of a fleet of a thousand models, all of it read already.
func BenchmarkFleet(b *testing.B) {
	f := sampleFleet()
	desk := f.Models[1]
	for i := range 1000 {
		m := desk
		m.Row.Model = fmt.Sprintf("desk-%04d", i)
		f.Models = append(f.Models, m)
	}
	s := newShown(f)
	for b.Loop() {
		if w := s.get("/"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
