package tiny

import "testing"

func TestSmaller(t *testing.T) {
	t.Run("first", func(t *testing.T) {
		if Smaller(1, 2) != 1 {
			t.Fatal("1 is smaller")
		}
	})
}
