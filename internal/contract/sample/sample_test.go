package sample

import (
	"slices"
	"testing"
)

func TestIndexesCoverBothEnds(t *testing.T) {
	defer func(was bool) { full = was }(full)
	full = false
	for _, tt := range []struct {
		n, some int
		want    []int
	}{
		{0, 4, nil}, {1, 4, []int{0}}, {3, 4, []int{0, 1, 2}}, {100, 4, []int{0, 33, 66, 99}}, {5, 1, []int{0}},
	} {
		if got := slices.Collect(Indexes(tt.n, tt.some)); !slices.Equal(got, tt.want) {
			t.Errorf("Indexes(%d, %d): got %v, want %v", tt.n, tt.some, got, tt.want)
		}
	}
}

func TestFullSweepSkipsNothing(t *testing.T) {
	if Race {
		t.Skip("the race detector runs a part")
	}
	defer func(was bool) { full = was }(full)
	full = true
	if got := len(slices.Collect(Indexes(1000, 4))); got != 1000 {
		t.Errorf("a full sweep has %d indexes, want 1000", got)
	}
	for v := range 3 {
		if !Turn(1, v, 3) {
			t.Errorf("variant %d is not tested in full", v)
		}
	}
}
