package emulator

import (
	"slices"
	"strconv"
	"time"
)

// busyWindow is the window of Tally.Busiest, as the service's quota has it (D-quota).
const busyWindow = 10 * time.Second

// Tally counts what the log holds.
type Tally struct {
	// Last is the number of the newest exchange: what comes after it is counted by asking with it.
	Last int `json:"last"`
	// Requests is how many exchanges were counted, Operations and Statuses how many of each.
	Requests   int            `json:"requests"`
	Operations map[string]int `json:"operations"`
	Statuses   map[string]int `json:"statuses"`
	// Busiest is the most that arrived within any 10 s of real time.
	Busiest int `json:"busiest"`
}

// TallyAfter counts the exchanges after a number of the log, of one caller only unless that is "" (see CallerOf). The log
// holds the newest 100,000 or somewhat fewer.
func (s *Server) TallyAfter(after int, caller string) Tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := Tally{Last: s.journal.number, Operations: map[string]int{}, Statuses: map[string]int{}}
	var arrived []time.Time
	for _, e := range s.journal.exchanges {
		if e.Number <= after || !fits(caller, e.Caller) {
			continue
		}
		t.Requests++
		t.Operations[e.Operation]++
		t.Statuses[strconv.Itoa(e.Status)]++
		arrived = append(arrived, e.Arrived)
	}
	t.Busiest = busiest(arrived)
	return t
}

// busiest is the most of the times that lie within any window. The log is in the order of the answers, not of arrival.
func busiest(arrived []time.Time) int {
	slices.SortFunc(arrived, time.Time.Compare)
	most, from := 0, 0
	for i, at := range arrived {
		for at.Sub(arrived[from]) >= busyWindow {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}
