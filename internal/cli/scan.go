package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

// What walks over all keys: --scan, --bigkeys, --memkeys, --hotkeys.

var errScan = errors.New("Non ARRAY response from SCAN!")

// scan calls f with the keys of each step of a SCAN, and pauses for the interval every so many steps.
func (a *app) scan(every int, f func(keys []client.Reply) error) error {
	for cursor, steps := "0", 1; ; steps++ {
		args := []string{"SCAN", cursor}
		if a.pattern != "" {
			args = append(args, "MATCH", a.pattern)
		}
		if a.count > 0 {
			args = append(args, "COUNT", strconv.Itoa(a.count))
		}
		r, err := a.session.conn.Do(args...)
		switch {
		case err != nil:
			return errors.New("Error: " + readError(err))
		case r.IsError():
			return fmt.Errorf("SCAN error: %s", r.Text)
		case len(r.Items) != 2:
			return errScan
		}
		if err := f(r.Items[1].Items); err != nil {
			return err
		}
		if cursor = string(r.Items[0].Text); cursor == "0" {
			return nil
		}
		if steps%every == 0 && a.interval > 0 {
			time.Sleep(a.interval) // asked for by -i
		}
	}
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
		return a.scan(1, func(keys []client.Reply) error {
			for i := range keys {
				if a.output == outputTTY {
					var b strings.Builder
					quote(&b, keys[i].Text)
					fmt.Fprintln(a.out, b.String())
				} else {
					fmt.Fprintf(a.out, "%s\n", keys[i].Text)
				}
			}
			return nil
		})
	})
}

// A sizeType is a type of values, how its size is asked for, and what that counts.
type sizeType struct {
	name, command, unit string
	biggest             int64
	key                 string // the biggest
	total, keys         int64
}

func sizeTypes() []*sizeType {
	return []*sizeType{
		{name: "list", command: "LLEN", unit: "items"}, {name: "hash", command: "HLEN", unit: "fields"},
		{name: "string", command: "STRLEN", unit: "bytes"}, {name: "stream", command: "XLEN", unit: "entries"},
		{name: "set", command: "SCARD", unit: "members"}, {name: "zset", command: "ZCARD", unit: "members"},
	}
}

func runBigKeys(a *app) int { return a.connected(func() error { return a.sizes(false) }) }
func runMemKeys(a *app) int { return a.connected(func() error { return a.sizes(true) }) }

const scanIntro = `
# Scanning the entire keyspace to find %s as well as
# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec
# per 100 SCAN commands (not usually needed).

`

// sizes looks for the biggest key of each type, by its elements or its memory.
func (a *app) sizes(memory bool) error {
	total, err := a.number("DBSIZE")
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, scanIntro, "biggest keys")
	types := sizeTypes()
	if memory {
		for _, t := range types {
			t.unit = "bytes"
		}
	}
	var sampled, lengths int64
	err = a.scan(100, func(keys []client.Reply) error {
		kinds, err := a.types(keys, &types)
		if err != nil {
			return err
		}
		sizes, err := a.sizesOf(keys, kinds, memory)
		if err != nil {
			return err
		}
		for i, t := range kinds {
			if t == nil { // gone meanwhile
				continue
			}
			t.total += sizes[i]
			t.keys++
			lengths += int64(len(keys[i].Text))
			sampled++
			if t.keys == 1 || t.biggest < sizes[i] {
				t.biggest, t.key = sizes[i], quoted(keys[i].Text)
				done := 100 * float64(sampled-1) / float64(max(total, 1))
				fmt.Fprintf(a.out, "[%05.2f%%] Biggest %-6s found so far '%s' with %d %s\n", done, t.name, t.key, t.biggest, t.unit)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.summary(types, sampled, lengths)
	return nil
}

func quoted(s []byte) string {
	var b strings.Builder
	quote(&b, s)
	return b.String()
}

func (a *app) summary(types []*sizeType, sampled, lengths int64) {
	fmt.Fprintf(a.out, "\n-------- summary -------\n\nSampled %d keys in the keyspace!\n", sampled)
	average := 0.0
	if sampled > 0 {
		average = float64(lengths) / float64(sampled)
	}
	fmt.Fprintf(a.out, "Total key length in bytes is %d (avg len %.2f)\n\n", lengths, average)
	for _, t := range types {
		if t.key != "" {
			fmt.Fprintf(a.out, "Biggest %6s found '%s' has %d %s\n", t.name, t.key, t.biggest, t.unit)
		}
	}
	fmt.Fprintln(a.out)
	for _, t := range types {
		share, each := 0.0, 0.0
		if t.keys > 0 {
			share, each = 100*float64(t.keys)/float64(sampled), float64(t.total)/float64(t.keys)
		}
		fmt.Fprintf(a.out, "%d %ss with %d %s (%05.2f%% of keys, avg size %.2f)\n", t.keys, t.name, t.total, t.unit, share, each)
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

func (a *app) sizesOf(keys []client.Reply, kinds []*sizeType, memory bool) ([]int64, error) {
	sizes := make([]int64, len(keys))
	err := a.each(keys, func(i int) []string {
		switch {
		case kinds[i] == nil:
			return nil
		case memory && a.memSamples >= 0:
			return []string{"MEMORY", "USAGE", string(keys[i].Text), "SAMPLES", strconv.Itoa(a.memSamples)}
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
			return errors.New("Error: " + readError(err))
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
		return 0, errors.New("Error: " + readError(err))
	case r.Kind != client.Int:
		return 0, fmt.Errorf("Couldn't determine %s!", args[0])
	}
	return r.N, nil
}

// hotShown is how many keys --hotkeys shows.
const hotShown = 16

func runHotKeys(a *app) int {
	return a.connected(func() error {
		total, err := a.number("DBSIZE")
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, scanIntro, "hot keys")
		var top hottest
		sampled := int64(0)
		err = a.scan(100, func(keys []client.Reply) error {
			return a.each(keys, func(i int) []string { return []string{"OBJECT", "FREQ", string(keys[i].Text)} }, func(i int, r *client.Reply) error {
				sampled++
				switch {
				case r.IsError():
					return fmt.Errorf("Error: %s", r.Text)
				case r.Kind == client.Int && top.add(quoted(keys[i].Text), r.N):
					fmt.Fprintf(a.out, "[%05.2f%%] Hot key '%s' found so far with counter %d\n",
						100*float64(sampled-1)/float64(max(total, 1)), quoted(keys[i].Text), r.N)
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "\n-------- summary -------\n\nSampled %d keys in the keyspace!\n", sampled)
		for _, k := range top {
			fmt.Fprintf(a.out, "hot key found with counter: %d\tkeyname: %s\n", k.count, k.name)
		}
		return nil
	})
}

// hottest are the keys with the highest counters, the highest first.
type hottest []hotKey

type hotKey struct {
	name  string
	count int64
}

// add says whether the key is among the hottest now.
func (h *hottest) add(name string, count int64) bool {
	if count == 0 {
		return false
	}
	at := len(*h)
	for at > 0 && (*h)[at-1].count < count {
		at--
	}
	if at == hotShown {
		return false
	}
	*h = append(*h, hotKey{})
	copy((*h)[at+1:], (*h)[at:])
	(*h)[at] = hotKey{name, count}
	*h = (*h)[:min(len(*h), hotShown)]
	return true
}
