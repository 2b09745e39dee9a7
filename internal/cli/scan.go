package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/client"
)

// What walks over all keys: --scan, --bigkeys, --memkeys, --keystats, --hotkeys.

// errBroken is what is said when the connection ends in the middle of a mode.
var errBroken = errors.New("\nI/O error")

var errScan = errors.New("Non ARRAY response from SCAN!")

// scan calls f with the keys of each step of a SCAN that begins at a.cursor, and pauses for the interval
// every so many steps. After Ctrl-C it stops; a.cursor says where.
func (a *app) scan(every int, f func(keys []client.Reply) error) error {
	for steps := 1; ; steps++ {
		r, err := a.session.conn.Do(a.scanCommand()...)
		switch {
		case err != nil:
			return errBroken
		case r.IsError():
			return fmt.Errorf("SCAN error: %s", r.Text)
		case len(r.Items) != 2:
			return errScan
		}
		a.cursor = string(r.Items[0].Text)
		if err := f(r.Items[1].Items); err != nil {
			return err
		}
		if steps%every == 0 && a.interval > 0 {
			a.pause(a.interval)
		}
		if a.cursor == "0" || a.stopped() {
			return nil
		}
	}
}

func (a *app) scanCommand() []string {
	args := []string{"SCAN", a.cursor}
	if a.pattern != "" {
		args = append(args, "MATCH", a.pattern)
	}
	if a.count > 0 {
		args = append(args, "COUNT", strconv.Itoa(a.count))
	}
	return args
}

// connected connects and runs a mode; both say what went wrong.
func (a *app) connected(mode func() error) int {
	if a.tell(a.session.connect()) != nil || a.tell(mode()) != nil {
		return 1
	}
	return 0
}

func runScan(a *app) int {
	return a.connected(func() error {
		a.catchInterrupt()
		progress := a.newBar(0, "keys")
		if progress != nil {
			progress.total, _ = a.number("DBSIZE") // unknown: the bar only counts
		}
		defer progress.clear()
		listed := int64(0)
		return a.scan(1, func(keys []client.Reply) error {
			var b strings.Builder
			for i := range keys {
				if a.output == outputTTY {
					quote(&b, keys[i].Text)
				} else {
					b.Write(keys[i].Text)
				}
				b.WriteByte('\n')
			}
			if _, err := fmt.Fprint(a.out, b.String()); err != nil {
				return err
			}
			listed += int64(len(keys))
			progress.show(listed)
			return nil
		})
	})
}

// A sizeType is a type of values, and how its size is asked for.
type sizeType struct {
	name, command, unit string
	keys                int64
	length, memory      sizes
}

// sizes are the sizes of the keys of one type, in one sense.
type sizes struct {
	biggest int64
	key     []byte // the biggest; nil: none is known
	total   int64
}

// add says whether there is none as big so far.
func (s *sizes) add(n int64, key []byte) bool {
	s.total += n
	if n > s.biggest || s.key == nil {
		s.biggest, s.key = n, key
		return true
	}
	return false
}

func sizeTypes() []*sizeType {
	return []*sizeType{
		{name: "list", command: "LLEN", unit: "items"}, {name: "hash", command: "HLEN", unit: "fields"},
		{name: "string", command: "STRLEN", unit: "bytes"}, {name: "stream", command: "XLEN", unit: "entries"},
		{name: "set", command: "SCARD", unit: "members"}, {name: "zset", command: "ZCARD", unit: "members"},
	}
}

func runBigKeys(a *app) int { return a.connected(func() error { return a.biggest(false) }) }
func runMemKeys(a *app) int { return a.connected(func() error { return a.biggest(true) }) }

const scanIntro = `
# Scanning the entire keyspace to find %s as well as
# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec
# per 100 SCAN commands (not usually needed).

`

// A survey is how far a walk over the keys has come.
type survey struct {
	total, sampled int64
	lengths        int64   // of the names of the sampled
	done           float64 // percent, before the step
	bar            *bar
}

// begin finds out how many keys there are.
func (a *app) begin() (*survey, error) {
	total, err := a.number("DBSIZE")
	if err != nil {
		return nil, err
	}
	a.catchInterrupt()
	return &survey{total: total, bar: a.newBar(total, "keys")}, nil
}

// step begins another step.
func (s *survey) step() {
	s.done = 100 * float64(s.sampled) / float64(max(s.total, 1))
	s.bar.show(s.sampled)
}

const sampledTold = 1_000_000 // with every so many there is a line

func (a *app) sampled(s *survey) {
	if s.sampled++; s.sampled%sampledTold == 0 {
		fmt.Fprintf(a.out, "[%05.2f%%] Sampled %d keys so far\n", s.done, s.sampled)
	}
}

// concluded opens the summary.
func (a *app) concluded(s *survey) {
	s.bar.clear()
	fmt.Fprint(a.out, "\n-------- summary -------\n\n")
	if a.stopped() {
		fmt.Fprintf(a.out, "[%05.2f%%] ", s.done)
	}
	fmt.Fprintf(a.out, "Sampled %d keys in the keyspace!\n", s.sampled)
}

// biggest looks for the biggest key of each type, by its elements or its memory.
func (a *app) biggest(memory bool) error {
	s, err := a.begin()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, scanIntro, "biggest keys")
	types := sizeTypes()
	samples := a.memSamples
	err = a.scan(100, func(keys []client.Reply) error {
		s.step()
		kinds, err := a.types(keys, &types)
		if err != nil {
			return err
		}
		sizes, err := a.sizesOf(keys, kinds, memory, samples)
		if err != nil {
			return err
		}
		for i, t := range kinds {
			if t == nil { // gone meanwhile
				continue
			}
			t.keys++
			s.lengths += int64(len(keys[i].Text))
			of := t.in(memory)
			if sizes[i] == 0 { // never the biggest
				a.sampled(s)
				continue
			}
			if of.add(sizes[i], keys[i].Text) {
				fmt.Fprintf(a.out, "[%05.2f%%] Biggest %-6s found so far '%s' with %d %s\n", s.done, t.name, quoted(of.key), of.biggest, t.unitIn(memory))
			}
			a.sampled(s)
		}
		return nil
	})
	s.bar.clear()
	if err != nil {
		return err
	}
	a.concluded(s)
	a.summary(types, s, memory)
	return nil
}

// in is the sizes in bytes of memory, or in what the type has of elements.
func (t *sizeType) in(memory bool) *sizes {
	if memory {
		return &t.memory
	}
	return &t.length
}

func (t *sizeType) unitIn(memory bool) string {
	if memory {
		return "bytes"
	}
	return t.unit
}

func quoted(s []byte) string {
	var b strings.Builder
	quote(&b, s)
	return b.String()
}

func (a *app) summary(types []*sizeType, s *survey, memory bool) {
	average := 0.0
	if s.sampled > 0 {
		average = float64(s.lengths) / float64(s.sampled)
	}
	fmt.Fprintf(a.out, "Total key length in bytes is %d (avg len %.2f)\n\n", s.lengths, average)
	for _, t := range types {
		if of := t.in(memory); of.key != nil {
			fmt.Fprintf(a.out, "Biggest %6s found '%s' has %d %s\n", t.name, quoted(of.key), of.biggest, t.unitIn(memory))
		}
	}
	fmt.Fprintln(a.out)
	for _, t := range types {
		share, each := 0.0, 0.0
		if t.keys > 0 {
			share, each = 100*float64(t.keys)/float64(s.sampled), float64(t.in(memory).total)/float64(t.keys)
		}
		fmt.Fprintf(a.out, "%d %ss with %d %s (%05.2f%% of keys, avg size %.2f)\n", t.keys, t.name, t.in(memory).total, t.unitIn(memory), share, each)
	}
}

// types asks for the types of keys, all at once. Nil: the key is gone. A type
// of a module is added to known.
func (a *app) types(keys []client.Reply, known *[]*sizeType) ([]*sizeType, error) {
	kinds := make([]*sizeType, len(keys))
	err := a.each(keys, func(i int) []string { return []string{"TYPE", string(keys[i].Text)} }, func(i int, r *client.Reply) error {
		if r.Kind != client.Simple {
			return fmt.Errorf("Invalid reply type (%c) for TYPE on key '%s'!", r.Kind, keys[i].Text)
		}
		if string(r.Text) == "none" {
			return nil
		}
		for _, t := range *known {
			if t.name == string(r.Text) {
				kinds[i] = t
				return nil
			}
		}
		kinds[i] = &sizeType{name: string(r.Text), unit: "?"}
		*known = append(*known, kinds[i])
		return nil
	})
	return kinds, err
}

// sizesOf asks for the sizes of keys: of memory, estimated by so many samples of each (-1: the server's default), or of elements.
func (a *app) sizesOf(keys []client.Reply, kinds []*sizeType, memory bool, samples int) ([]int64, error) {
	sizes := make([]int64, len(keys))
	err := a.each(keys, func(i int) []string {
		switch {
		case kinds[i] == nil:
			return nil
		case memory && samples >= 0:
			return []string{"MEMORY", "USAGE", string(keys[i].Text), "SAMPLES", strconv.Itoa(samples)}
		case memory:
			return []string{"MEMORY", "USAGE", string(keys[i].Text)}
		case kinds[i].command != "":
			return []string{kinds[i].command, string(keys[i].Text)}
		}
		return nil
	}, func(i int, r *client.Reply) error {
		if r.Kind != client.Int { // another type meanwhile, or gone
			fmt.Fprintf(os.Stderr, "Warning:  %s on '%s' failed (may have changed type)\n", kinds[i].name, keys[i].Text)
			return nil
		}
		sizes[i] = r.N
		return nil
	})
	return sizes, err
}

// each sends a command for every key (nil: none) and hands over the replies.
func (a *app) each(keys []client.Reply, command func(i int) []string, reply func(i int, r *client.Reply) error) error {
	c := a.session.conn
	asked := make([]bool, len(keys))
	for i := range keys {
		words := command(i)
		if asked[i] = words != nil; !asked[i] {
			continue
		}
		argv := make([][]byte, len(words))
		for j, w := range words {
			argv[j] = []byte(w)
		}
		if err := c.Send(argv...); err != nil {
			return err
		}
	}
	if err := c.Flush(); err != nil {
		return err
	}
	for i := range keys {
		if !asked[i] {
			continue
		}
		r, err := c.Read()
		if err != nil {
			return errBroken
		}
		if err := reply(i, &r); err != nil {
			return err
		}
	}
	return nil
}

// number runs a command whose reply is an integer.
func (a *app) number(args ...string) (int64, error) {
	r, err := a.session.conn.Do(args...)
	switch {
	case err != nil:
		return 0, errBroken
	case r.IsError():
		return 0, fmt.Errorf("Couldn't determine %s: %s", args[0], r.Text)
	case r.Kind != client.Int:
		return 0, fmt.Errorf("Non INTEGER response from %s!", args[0])
	}
	return r.N, nil
}
