//go:build linux

package main

import (
	"bufio"
	"fmt"
	"math/rand"
	"net"
	"strconv"
	"time"
)

const (
	population   = 500_000 // keys that are asked for
	held         = 100_000 // keys that maxmemory has room for
	evictDepth   = 50
	zipfExponent = 1.01
	evictAbout   = "a cache in front of 500,000 keys asked for with Zipf(1.01) frequency: GET, on a miss SET with 64 B; maxmemory is set for each server so that it holds 100,000 keys; allkeys-lru, default sampling; hits counted over the second half of 3 M accesses"
)

func evictRows(policy string) []row {
	return []row{
		{"hits", policy + ", Zipf: hit ratio", percent, timesAtLeast(1)},
		{"keys", policy + ", Zipf: keys held", count, target{}},
	}
}

func runEvict(policy string) func(*trial) (figures, error) {
	return func(t *trial) (figures, error) {
		if err := t.limitMemory(policy); err != nil {
			return nil, err
		}
		hits, err := t.playCache(zipfSequence(int64(t.pair), t.accesses))
		if err != nil {
			return nil, err
		}
		keys, err := t.number("DBSIZE")
		return figures{"hits": hits * 100, "keys": float64(keys)}, err
	}
}

// limitMemory finds the maxmemory that makes the server hold so many keys: what
// is compared is the choice of victims, not the bytes per key. Memory comes in
// steps, so the limit is corrected by what it turned out to hold. It counts client
// buffers too, hence a single connection, as the cache has.
func (t *trial) limitMemory(policy string) error {
	empty, err := t.usedMemory()
	if err != nil {
		return err
	}
	if err := fillOver(t.server, set, held, 1); err != nil {
		return err
	}
	full, err := t.usedMemory()
	if err != nil {
		return err
	}
	room := full - empty
	for range 4 {
		if err := t.setMaxMemory(policy, empty+room); err != nil {
			return err
		}
		if err := fillOver(t.server, set, 2*held, 1); err != nil {
			return err
		}
		n, err := t.number("DBSIZE")
		if err != nil {
			return err
		}
		room = room * held / max(n, 1)
	}
	return t.setMaxMemory(policy, empty+room)
}

func (t *trial) setMaxMemory(policy string, n int) error {
	_, err := t.do("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", strconv.Itoa(n))
	return err
}

func (t *trial) usedMemory() (int, error) {
	text, err := t.info("memory", "used_memory")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// zipfSequence draws key indexes; how frequent a key is says nothing of its index.
func zipfSequence(seed int64, n int) []uint32 {
	rnd := rand.New(rand.NewSource(seed))
	index := rnd.Perm(population)
	zipf := rand.NewZipf(rnd, zipfExponent, 1, population-1)
	sequence := make([]uint32, n-n%evictDepth)
	for i := range sequence {
		sequence[i] = uint32(index[zipf.Uint64()])
	}
	return sequence
}

// playCache returns the share of hits over the second half of the sequence.
func (t *trial) playCache(sequence []uint32) (float64, error) {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", t.port))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	c := cache{conn: conn, reader: bufio.NewReaderSize(conn, 64<<10)}
	hits, half := 0, len(sequence)/2/evictDepth*evictDepth
	for i := 0; i < len(sequence); i += evictDepth {
		missing, err := c.get(sequence[i : i+evictDepth])
		if err != nil {
			return 0, err
		}
		if err := c.set(missing); err != nil {
			return 0, err
		}
		if i >= half {
			hits += evictDepth - len(missing)
		}
	}
	return float64(hits) / float64(len(sequence)-half), nil
}

// A cache is a client that asks in pipelines and remembers what was missing.
type cache struct {
	conn    net.Conn
	reader  *bufio.Reader
	output  []byte
	missing []uint32
}

func (c *cache) get(keys []uint32) ([]uint32, error) {
	c.missing = c.missing[:0]
	if err := c.send(&get, keys); err != nil {
		return nil, err
	}
	for _, key := range keys {
		found, err := c.reply()
		if err != nil {
			return nil, err
		}
		if !found {
			c.missing = append(c.missing, key)
		}
	}
	return c.missing, nil
}

func (c *cache) set(keys []uint32) error {
	if err := c.send(&set, keys); err != nil {
		return err
	}
	for range keys {
		if _, err := c.reply(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cache) send(r *request, keys []uint32) error {
	c.output = c.output[:0]
	for _, key := range keys {
		start := len(c.output)
		c.output = append(c.output, r.Text...)
		for i := range r.Slots {
			r.Slots[i].Put(c.output[start:], uint64(key))
		}
	}
	c.conn.SetDeadline(time.Now().Add(silence))
	_, err := c.conn.Write(c.output)
	return err
}

// reply reads one reply; it is false for a null.
func (c *cache) reply() (bool, error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return false, err
	}
	switch line[0] {
	case '-':
		return false, fmt.Errorf("server answered %q", line)
	case '$':
		n, err := strconv.Atoi(string(line[1 : len(line)-2]))
		if err != nil || n < 0 {
			return false, err
		}
		_, err = c.reader.Discard(n + 2)
		return true, err
	}
	return true, nil
}
