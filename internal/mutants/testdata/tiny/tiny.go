// Package tiny is what the tests of mutants change.
package tiny

// Smaller is the smaller of two numbers.
func Smaller(a, b int) int {
	if a < b {
		return a
	}
	return b
}
