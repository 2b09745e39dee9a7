package commands

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// newZSetBench has a set z of the members m0, m1, ... with their numbers as scores.
func newZSetBench(t *testing.T, packed bool, n int) *bench {
	b := newBench(t)
	b.ks.Settings.Limits.ZSetEntries.Store(0)
	if packed {
		b.ks.Settings.Limits.ZSetEntries.Store(int64(n))
	}
	for i := range n {
		b.do("ZADD", "z", fmt.Sprint(i), fmt.Sprint("m", i))
	}
	return b
}

// words runs a command and returns the bulk strings of the reply, in whatever nesting.
func (b *bench) words(t *testing.T, line string) (words []string) {
	t.Helper()
	r, err := testutil.ParseReply(b.do(split(line)...))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(r testutil.Reply)
	walk = func(r testutil.Reply) {
		for _, e := range r.Elem {
			walk(e)
		}
		if len(r.Elem) == 0 && strings.HasPrefix(string(r.Raw), "$") {
			words = append(words, r.Text)
		}
	}
	walk(r)
	return words
}

// A sample has as many members as asked for, none twice, each with its score,
// and all members are met in the end.
func TestZRandMemberSamples(t *testing.T) {
	for _, packed := range []bool{true, false} {
		b := newZSetBench(t, packed, 100)
		for _, count := range []int{1, 5, 24, 26, 60, 99} {
			met := map[string]bool{}
			for range 600 {
				words := b.words(t, fmt.Sprintf("ZRANDMEMBER z %d WITHSCORES", count))
				own := map[string]bool{}
				for i := 0; i < len(words); i += 2 {
					if words[i] != "m"+words[i+1] {
						t.Fatalf("%s has score %s", words[i], words[i+1])
					}
					own[words[i]], met[words[i]] = true, true
				}
				if len(own) != count || len(words) != 2*count {
					t.Fatalf("%d different members in %d words, want %d", len(own), len(words), count)
				}
			}
			if count > 1 && len(met) != 100 {
				t.Fatalf("%d of 100 members were ever among %d", len(met), count)
			}
		}
		if words := b.words(t, "ZRANDMEMBER z -250"); len(words) != 250 {
			t.Fatalf("%d members, want 250", len(words))
		}
		met := map[string]bool{}
		for range 2000 {
			met[b.words(t, "ZRANDMEMBER z -1")[0]] = true
		}
		if len(met) != 100 {
			t.Fatalf("%d of 100 members were ever met", len(met))
		}
	}
}

// A scan returns what is there from its start to its end, though the set grows and shrinks.
func TestZScanMissesNothing(t *testing.T) {
	for _, packed := range []bool{true, false} {
		b := newZSetBench(t, packed, 500)
		seen := map[string]bool{}
		cursor, step := "0", 0
		for {
			words := b.words(t, "ZSCAN z "+cursor+" COUNT 7")
			for i := 1; i < len(words); i += 2 {
				seen[words[i]] = true
			}
			if cursor = words[0]; cursor == "0" {
				break
			}
			for range 20 {
				step++
				b.do("ZADD", "z", "1", fmt.Sprint("new", step))
				if step%3 == 0 {
					b.do("ZREM", "z", fmt.Sprint("new", step/2))
				}
			}
		}
		for i := range 500 {
			if !seen[fmt.Sprint("m", i)] {
				t.Fatalf("m%d was not returned (packed: %v)", i, packed)
			}
		}
	}
}
