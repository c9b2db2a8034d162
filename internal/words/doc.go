// Package words is how times, numbers, names and trouble are written for people, in one place for the command line, the
// model card and the page of a run in Temporal's web UI. What histories hold of it must stay as it is, byte by byte.
//
// What package lifecycle puts into its reasons is written there: it imports nothing of ours. Text from outside is made
// harmless by package visible.
package words
