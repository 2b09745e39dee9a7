//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"
)

// A drop is a way in which a big collection goes.
type drop struct {
	name  string
	title string
	fill  request // adds dropBatch elements
	args  []string
	later bool // the key goes by itself, soon after the command
}

const (
	dropElements = 10_000_000
	dropBatch    = 100
	dropWatch    = time.Second
	dropSettle   = 10 * time.Second
)

var drops = []drop{
	{"del", "DEL of a set", batched("SADD"), []string{"DEL", "big"}, false},
	{"unlink", "UNLINK of a sorted set", batched("ZADD", "@@@@@@@@"), []string{"UNLINK", "big"}, false},
	{"set", "SET over a list", batched("RPUSH"), []string{"SET", "big", "x"}, false},
	{"expire", "PEXPIRE of a hash, gone", batchedWith("HSET", "v#######"), []string{"PEXPIRE", "big", "100"}, true},
}

// batched is a command on the key big with dropBatch elements, words before each.
func batched(command string, before ...string) request {
	args := []string{command, "big"}
	for i := range dropBatch {
		args = append(append(args, before...), dropMember(i))
	}
	return newRequest(args...)
}

// batchedWith is the same with words behind each element.
func batchedWith(command string, after ...string) request {
	args := []string{command, "big"}
	for i := range dropBatch {
		args = append(append(args, dropMember(i)), after...)
	}
	return newRequest(args...)
}

func dropMember(i int) string { return fmt.Sprintf("e:######:%02d", i) }

func dropRows() []row {
	var rows []row
	for _, d := range drops {
		title := d.title + " of 10 M"
		if !d.later {
			rows = append(rows, row{d.name, title, precise, noMoreThan(1)},
				row{d.name + "took", title + ": time in the command", precise, noMoreThan(1)})
		}
		rows = append(rows,
			row{d.name + "gets", title + ": slowest GET meanwhile", precise, target{}},
			row{d.name + "left", title + ": memory not given back", megabytes, target{}})
	}
	return rows
}

func runDrop(t *trial) (figures, error) {
	f := figures{}
	if _, err := t.do("SET", "other", "x"); err != nil {
		return nil, err
	}
	for _, d := range drops {
		if err := t.drop(d, f); err != nil {
			return nil, fmt.Errorf("%s: %w", d.title, err)
		}
	}
	return f, nil
}

func (t *trial) drop(d drop, f figures) error {
	if _, err := t.do("DEL", "big"); err != nil { // the one before may have left something else there
		return err
	}
	empty, err := t.usedMemory()
	if err != nil {
		return err
	}
	if err := fillOver(t.server, d.fill, dropElements/dropBatch, 4); err != nil {
		return err
	}
	if _, err := t.do("CONFIG", "RESETSTAT"); err != nil {
		return err
	}
	began := time.Now()
	if _, err := t.do(d.args...); err != nil {
		return err
	}
	f[d.name] = milliseconds(time.Since(began))
	if !d.later {
		if f[d.name+"took"], err = t.lastTook(d.args[0]); err != nil {
			return err
		}
	}
	slowest, err := t.slowestGet(dropWatch)
	if err != nil {
		return err
	}
	f[d.name+"gets"] = milliseconds(slowest)
	left, err := t.awaitMemory(empty)
	f[d.name+"left"] = max(0, float64(left-empty)/1e6)
	return err
}

// lastTook is how long the last run of a command took by the server's own count, in milliseconds.
func (t *trial) lastTook(command string) (float64, error) {
	info, err := t.do("INFO", "commandstats")
	if err != nil {
		return 0, err
	}
	_, line, found := strings.Cut(string(info), "cmdstat_"+strings.ToLower(command)+":")
	if !found {
		return 0, fmt.Errorf("no statistics of %s", command)
	}
	var calls, micros float64
	if _, err := fmt.Sscanf(line, "calls=%f,usec=%f,", &calls, &micros); err != nil {
		return 0, err
	}
	return micros / calls / 1e3, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

func (t *trial) slowestGet(watch time.Duration) (slowest time.Duration, err error) {
	for began := time.Now(); time.Since(began) < watch; {
		asked := time.Now()
		if _, err := t.do("GET", "other"); err != nil {
			return 0, err
		}
		slowest = max(slowest, time.Since(asked))
	}
	return slowest, nil
}

// awaitMemory waits until used_memory is about what it was, or for dropSettle.
func (t *trial) awaitMemory(want int) (used int, err error) {
	const about = 4 << 20
	for began := time.Now(); time.Since(began) < dropSettle; time.Sleep(10 * time.Millisecond) { // the server does not announce it
		if used, err = t.usedMemory(); err != nil || used < want+about {
			return used, err
		}
	}
	return used, nil
}
