package cli

import (
	"fmt"
	"math"

	"github.com/redstart-db/redstart/internal/client"
)

const keyStatsIntro = `
# Scanning the entire keyspace to find the biggest keys and distribution information.
# Use -i 0.1 to sleep 0.1 sec per 100 SCAN commands (not usually needed).
# Use --cursor <n> to start the scan at the cursor <n> (usually after a Ctrl-C).
# Use --top <n> to display <n> top key sizes (default is 10).
# Ctrl-C to stop the scan.

`

// keyStats are what --keystats collects.
type keyStats struct {
	*survey
	types  []*sizeType
	top    highest    // by memory
	memory *histogram // sizes
	names  [nameClasses]nameClass
}

// A nameClass counts keys by the length of their names.
type nameClass struct{ keys, longest int64 }

// nameLimits are the lengths that the classes of names reach to.
var nameLimits = [...]int64{32, 256, 64 << 10, 1 << 20, 16 << 20, 128 << 20, math.MaxInt64}

const nameClasses = len(nameLimits)

// sizeBits is the precision of the distribution of sizes: below a hundredth of a percent.
const sizeBits = 15

func runKeyStats(a *app) int {
	return a.connected(func() error {
		s, err := a.begin()
		if err != nil {
			return err
		}
		fmt.Fprint(a.out, keyStatsIntro)
		k := &keyStats{survey: s, types: sizeTypes(), top: highest{limit: a.top}, memory: newHistogram(sizeBits)}
		err = a.scan(100, func(keys []client.Reply) error {
			s.step()
			return a.sample(k, keys)
		})
		s.bar.clear()
		if err != nil {
			return err
		}
		a.reportKeys(k)
		if a.stopped() && a.cursor != "0" {
			fmt.Fprintf(a.out, "\nStopped before the end. --keystats --cursor %s goes on from here.\n", a.cursor)
		}
		return nil
	})
}

// sample asks for both sizes of some keys.
func (a *app) sample(k *keyStats, keys []client.Reply) error {
	kinds, err := a.types(keys, &k.types)
	if err != nil {
		return err
	}
	memory, err := a.sizesOf(keys, kinds, true, a.memSamples)
	if err != nil {
		return err
	}
	lengths, err := a.sizesOf(keys, kinds, false, 0)
	if err != nil {
		return err
	}
	for i, t := range kinds {
		if t == nil { // gone meanwhile
			continue
		}
		name := keys[i].Text
		t.keys++
		t.memory.add(memory[i], name)
		if t.command != "" {
			t.length.add(lengths[i], name)
		}
		k.top.add(ranked{memory[i], t.name, name})
		k.memory.add(memory[i])
		k.addName(int64(len(name)))
		k.sampled++
	}
	return nil
}

func (k *keyStats) addName(length int64) {
	k.lengths += length
	i := 0
	for length > nameLimits[i] {
		i++
	}
	k.names[i].keys++
	k.names[i].longest = max(k.names[i].longest, length)
}

func (a *app) reportKeys(k *keyStats) {
	scanned := 100.0
	if a.cursor != "0" {
		scanned = min(100*float64(k.sampled)/float64(max(k.total, 1)), 100)
	}
	total := int64(0)
	for _, t := range k.types {
		total += t.memory.total
	}
	fmt.Fprintf(a.out, "%6.2f%% keys scanned\nKeys sampled: %d\nKeys size: %8s\n", scanned, k.sampled, humanBytes(total))
	fmt.Fprintf(a.out, "\n--- Top %d key sizes ---\n", a.top)
	for i, r := range k.top.keys {
		fmt.Fprintf(a.out, "%3d %8s %-10s %s\n", i+1, humanBytes(r.n), r.kind, quoted(r.key))
	}
	a.reportBiggest(k)
	a.reportDistribution(k)
	a.reportNames(k)
	a.reportTypes(k)
}

func (a *app) reportBiggest(k *keyStats) {
	fmt.Fprintln(a.out, "\n--- Top size per type ---")
	for _, t := range k.types {
		if t.memory.key != nil {
			fmt.Fprintf(a.out, "%-10s %s is %s\n", t.name, bare(t.memory.key), humanBytes(t.memory.biggest))
		}
	}
	fmt.Fprintln(a.out, "\n--- Top length and cardinality per type ---")
	for _, t := range k.types {
		if t.length.key != nil {
			fmt.Fprintf(a.out, "%-10s %s has %s\n", t.name, bare(t.length.key), t.amount(t.length.biggest))
		}
	}
}

// bare is a key with what a terminal must not see escaped, but no quotes around it.
func bare(key []byte) string {
	q := quoted(key)
	return q[1 : len(q)-1]
}

// amount is a length with its unit.
func (t *sizeType) amount(n int64) string {
	if t.unit == "bytes" {
		return humanBytes(n)
	}
	return fmt.Sprintf("%d %s", n, t.unit)
}

func (a *app) reportDistribution(k *keyStats) {
	fmt.Fprint(a.out, "\nKey size Percentile Total keys\n-------- ---------- -----------\n")
	for _, row := range k.memory.distribution() {
		fmt.Fprintf(a.out, "%8s %9.4f%% %11d\n", humanBytes(row.value), row.percent, row.seen)
	}
	fmt.Fprintf(a.out, "Note: 0.01%% size precision, Mean: %s, StdDeviation: %s\n", humanBytes(int64(k.memory.mean())), humanBytes(int64(k.memory.deviation())))
}

func (a *app) reportNames(k *keyStats) {
	fmt.Fprint(a.out, "\nKey name length Percentile Total keys\n--------------- ---------- -----------\n")
	seen := int64(0)
	for _, c := range k.names {
		if c.keys > 0 {
			seen += c.keys
			fmt.Fprintf(a.out, "%15s %9.4f%% %11d\n", humanBytes(c.longest), 100*float64(seen)/float64(k.sampled), seen)
		}
	}
	fmt.Fprintf(a.out, "Total key length is %s (%s avg)\n", humanBytes(k.lengths), humanBytes(k.lengths/max(k.sampled, 1)))
}

func (a *app) reportTypes(k *keyStats) {
	fmt.Fprint(a.out, "\nType        Total keys  Keys % Tot size Avg size  Total length/card Avg ln/card\n"+
		"--------- ------------ ------- -------- -------- ------------------ -----------\n")
	for _, t := range k.types {
		if t.keys == 0 {
			continue
		}
		length, average := "- ", "- " // a module's type has none that is known
		switch {
		case t.unit == "bytes":
			length, average = humanBytes(t.length.total), humanBytes(t.length.total/t.keys)
		case t.command != "":
			length, average = t.amount(t.length.total), fmt.Sprintf("%.2f", float64(t.length.total)/float64(t.keys))
		}
		fmt.Fprintf(a.out, "%-10s %11d %6.2f%% %8s %8s %18s %11s\n", t.name, t.keys, 100*float64(t.keys)/float64(k.sampled),
			humanBytes(t.memory.total), humanBytes(t.memory.total/t.keys), length, average)
	}
}
