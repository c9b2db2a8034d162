// Package lifecycle holds the rules of the product and the values they speak about: what a request
// and a report are, which base model to train from, which of several versions is the run's own, what
// counts as abandoned. It is pure: values in, values and reasons out. It knows no clock, no network
// and no Temporal, so every rule can be tested by calling it.
package lifecycle
