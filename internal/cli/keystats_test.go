package cli

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// The report has the form of the one in Redis's documentation.
func TestKeyStatsReport(t *testing.T) {
	var out strings.Builder
	a := &app{config: *newConfig(), out: &out}
	a.top = 2
	k := &keyStats{survey: &survey{total: 4}, types: sizeTypes(), top: highest{limit: a.top}, memory: newHistogram(sizeBits)}
	k.types = append(k.types, &sizeType{name: "MBbloomCF", unit: "?"})
	for _, key := range []struct {
		kind           int
		name           string
		memory, length int64
	}{{0, "bikes:finished", 104, 1}, {2, "all_bikes", 120, 36}, {2, "b\n", 64, 3}, {6, "bikes:models", 1048680, 0}} {
		kind := k.types[key.kind]
		kind.keys++
		kind.memory.add(key.memory, []byte(key.name))
		if kind.command != "" {
			kind.length.add(key.length, []byte(key.name))
		}
		k.top.add(ranked{key.memory, kind.name, []byte(key.name)})
		k.memory.add(key.memory)
		k.addName(int64(len(key.name)))
		k.sampled++
	}
	a.cursor = "0"
	a.reportKeys(k)
	want := `100.00% keys scanned
Keys sampled: 4
Keys size:    1.00M

--- Top 2 key sizes ---
  1    1.00M MBbloomCF  "bikes:models"
  2     120B string     "all_bikes"

--- Top size per type ---
list       bikes:finished is 104B
string     all_bikes is 120B
MBbloomCF  bikes:models is 1.00M

--- Top length and cardinality per type ---
list       bikes:finished has 1 items
string     all_bikes has 36B

Key size Percentile Total keys
-------- ---------- -----------
     64B    0.0000%           1
    104B   50.0000%           2
    120B   75.0000%           3
   1.00M  100.0000%           4
Note: 0.01% size precision, Mean: 256.10K, StdDeviation: 443.41K

Key name length Percentile Total keys
--------------- ---------- -----------
            14B  100.0000%           4
Total key length is 37B (9B avg)

Type        Total keys  Keys % Tot size Avg size  Total length/card Avg ln/card
--------- ------------ ------- -------- -------- ------------------ -----------
list                 1  25.00%     104B     104B            1 items        1.00
string               2  50.00%     184B      92B                39B         19B
MBbloomCF            1  25.00%    1.00M    1.00M                 -           - ` + "\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}

// What --keystats counts is there, whether the whole or from a cursor on.
func TestKeyStatsOfServer(t *testing.T) {
	ours, s := ours(t), testutil.Stock(t)
	c := s.Dial(t)
	c.Must(t, "MSET", "a", "1", "bb", "22")
	c.Must(t, "RPUSH", "l", "1", "2", "3")
	got := result(t, "", ours, "-p", port(s), "--keystats", "--top", "1")
	for _, part := range []string{`Keys sampled: 3\n`, `--- Top 1 key sizes ---\n  1 `, `list       l has 3 items\n`, `string     bb has 2B\n`, `string               2  66.67% `, "status 0"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in %s", part, got)
		}
	}
	for args, want := range map[string]string{
		"--keystats-samples 0 --cursor 0": "Keys sampled: 3", "--keystats --cursor x": "Invalid cursor", "--keystats --pattern no*": "Keys sampled: 0",
	} {
		if got := result(t, "", ours, append([]string{"-p", port(s)}, strings.Fields(args)...)...); !strings.Contains(got, want) {
			t.Errorf("%s: %s", args, got)
		}
	}
}

// A histogram agrees with a sorted list, as closely as its precision promises.
func TestHistogram(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	h := newHistogram(11)
	var all []int64
	for range 10_000 {
		v := r.Int64N(1 << r.IntN(40))
		all = append(all, v)
		h.add(v)
	}
	slices.Sort(all)
	for _, p := range []float64{0, 1, 50, 90, 99, 99.9, 100} {
		exact := all[max(int(p/100*float64(len(all))+0.5)-1, 0)]
		if got := h.percentile(p); got < exact || float64(got-exact) > float64(exact)/1000 {
			t.Errorf("%v%%: %d, exactly %d", p, got, exact)
		}
	}
	rows := h.distribution()
	if rows[0].percent != 0 || rows[1].percent != 50 || rows[2].percent != 75 || rows[len(rows)-1].percent != 100 || rows[len(rows)-1].seen != h.total {
		t.Errorf("rows %v", rows)
	}
	for i := 1; i < len(rows); i++ {
		if rows[i].seen <= rows[i-1].seen || rows[i].value <= rows[i-1].value {
			t.Errorf("rows %v and %v", rows[i-1], rows[i])
		}
	}
}

// --rdb brings the file that the server would have saved, with a size in front of it or a mark behind it.
func TestRDBOfStock(t *testing.T) {
	ours, s := ours(t), testutil.Stock(t, "--repl-diskless-sync-delay", "0")
	check := testutil.Need(t, "redis-check-rdb", "Debian package redis-tools")
	c := s.Dial(t)
	c.Must(t, "SET", "a", strings.Repeat("long", 10_000))
	for _, diskless := range []string{"yes", "no"} {
		c.Must(t, "CONFIG", "SET", "repl-diskless-sync", diskless)
		file := filepath.Join(t.TempDir(), "dump.rdb")
		for _, how := range []struct{ option, file, say string }{
			{"--rdb", file, "Transfer finished with success"}, {"--functions-rdb", file, "rdb-filter-only functions"}, {"--rdb", filepath.Join(file, "no"), "Error opening"},
		} {
			got := result(t, "", ours, "-p", port(s), how.option, how.file)
			if ok := how.file == file; !strings.Contains(got, how.say) || ok != strings.HasSuffix(got, "status 0") {
				t.Errorf("diskless %s, %v: %s", diskless, how, got)
			}
			if got := result(t, "", check, file); !strings.HasSuffix(got, "status 0") {
				t.Errorf("diskless %s, %v: %s", diskless, how, got)
			}
		}
		got := result(t, "", ours, "-p", port(s), "--rdb", "-")
		if !strings.HasPrefix(got, `out "REDIS00`) {
			t.Errorf("to standard output: %.200s", got)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
