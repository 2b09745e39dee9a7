package commands

import (
	"fmt"
	"math/rand"
	"strconv"
	"testing"
	"time"
)

// Sums of floats, common subsequences and ranges of random operands, compared
// with stock.
func TestRandomOperandsAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	var commands []string
	for i := range 300 {
		if i%5 == 0 {
			commands = append(commands, "SET f "+randomFloat(r))
		} else {
			commands = append(commands, "INCRBYFLOAT f "+randomFloat(r))
		}
	}
	for range 60 {
		commands = append(commands, "MSET x "+randomWord(r)+" y "+randomWord(r), "LCS x y", "LCS x y LEN",
			fmt.Sprintf("LCS x y IDX WITHMATCHLEN MINMATCHLEN %d", r.Intn(3)),
			fmt.Sprintf("GETRANGE x %d %d", r.Intn(60)-30, r.Intn(60)-30),
			fmt.Sprintf("SETRANGE x %d %s", r.Intn(60)-5, randomWord(r)))
	}
	compare(t, commands)
}

func randomFloat(r *rand.Rand) string {
	switch r.Intn(6) {
	case 0:
		return strconv.FormatFloat(r.NormFloat64()*100, 'f', r.Intn(20), 64)
	case 1:
		return strconv.FormatFloat(r.NormFloat64(), 'g', -1, 64)
	case 2:
		return fmt.Sprintf("%de%d", r.Int63n(1e9)-5e8, r.Intn(40)-25)
	case 3:
		return fmt.Sprint(r.Int63() - r.Int63())
	case 4:
		return fmt.Sprintf("%d.%d", r.Intn(1000), r.Int63())
	}
	return strconv.FormatFloat(r.NormFloat64()*1e5, 'x', r.Intn(14), 64)
}

func randomWord(r *rand.Rand) string {
	b := make([]byte, r.Intn(25)+1)
	for i := range b {
		b[i] = "abc"[r.Intn(3)]
	}
	return string(b)
}
