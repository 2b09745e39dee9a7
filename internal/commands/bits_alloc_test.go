package commands

import (
	"testing"

	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/testutil"
)

// Commands on bits and HyperLogLogs, once their strings have grown, leave the Go heap alone too.
func TestBitCommandsAllocateNothing(t *testing.T) {
	if testutil.RaceEnabled || invariants.Enabled {
		t.Skip("the race detector and the checks of invariants allocate")
	}
	b := newQuietBench(t)
	for _, words := range [][]string{
		{"SETBIT", "bits", "5000", "1"},
		{"GETBIT", "bits", "70"},
		{"BITCOUNT", "bits", "3", "700", "BIT"},
		{"BITPOS", "bits", "1"},
		{"BITFIELD", "bits", "INCRBY", "u9", "100", "1", "GET", "i4", "0"},
		{"PFADD", "hll", "a", "b", "c"},
		{"PFCOUNT", "hll"},
		{"PFCOUNT", "hll", "other"},
	} {
		p := b.prepare(words)
		if err := b.execute(&p); err != nil {
			t.Fatal(words, err)
		}
		if n := testing.AllocsPerRun(200, func() { b.execute(&p) }); n >= 1 {
			t.Errorf("%v allocates %v times", words, n)
		}
	}
}
