package emulator

import "time"

// quarterEnd is the end of the service's quarter that holds t: 15 January, 15 April, 15 July, 15 October (D-life).
// The day itself still belongs to the quarter.
func quarterEnd(t time.Time) time.Time {
	t = t.UTC()
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	for _, month := range []time.Month{time.January, time.April, time.July, time.October} {
		if end := time.Date(t.Year(), month, 15, 0, 0, 0, 0, time.UTC); !day.After(end) {
			return end
		}
	}
	return time.Date(t.Year()+1, time.January, 15, 0, 0, 0, 0, time.UTC)
}

// adaptationEnd is the last day of training from a base model: one year after its quarter.
func adaptationEnd(created time.Time) time.Time { return quarterEnd(created).AddDate(1, 0, 0) }

// transcriptionEnd is the last day of recognition with a base or custom model: two years after its quarter.
func transcriptionEnd(created time.Time) time.Time { return quarterEnd(created).AddDate(2, 0, 0) }
