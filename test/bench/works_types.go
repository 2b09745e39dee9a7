//go:build linux

package main

import (
	"math"
	"math/rand/v2"
	"strconv"
)

// Members and fields have 11 bytes in the works that measure memory; keys,
// members and elements of the loads have the form that redis-benchmark gives them.
const (
	member      = "element:000000######"
	shortMember = "e:0########"
	bigString   = 100_000_000 // bytes
	hashes      = 200_000
)

var (
	hset   = newRequest("HSET", "hash:000000######", "field", value64)
	sadd   = newRequest("SADD", "set", member)
	zadd   = newRequest("ZADD", "zset", "@@@@@@", member)
	zrank  = newRequest("ZRANK", "zset", member)
	lpush  = newRequest("LPUSH", "list", value64)
	lrange = newRequest("LRANGE", "list", "0", "99")
	xadd   = newRequest("XADD", "stream", "*", "field", value64)
	pfadd  = newRequest("PFADD", "hll", member)
)

var typeWorks = []*work{
	{
		name: "hset16", pairs: 5, prepare: filling(hset), run: drive(load{Requests: []request{hset}, Conns: 50, Depth: 16}),
		about: "HSET of one field of 64 B in each of 1 M random hashes, 50 clients, pipelines of 16",
		rows:  loaded("HSET, P=16", 2),
	}, {
		name: "sadd16", pairs: 5, prepare: filling(sadd), run: drive(load{Requests: []request{sadd}, Conns: 50, Depth: 16}),
		about: "SADD of 1 M random members to one set, 50 clients, pipelines of 16",
		rows:  loaded("SADD, P=16", 2),
	}, {
		name: "zadd16", pairs: 5, prepare: filling(zadd), run: drive(load{Requests: []request{zadd}, Conns: 50, Depth: 16}),
		about: "ZADD of 1 M random members with random scores to one sorted set, 50 clients, pipelines of 16",
		rows:  loaded("ZADD, P=16", 1.5),
	}, {
		name: "zrank16", pairs: 5, prepare: filling(zadd), run: drive(load{Requests: []request{zrank}, Conns: 50, Depth: 16}),
		about: "ZRANK of the same members",
		rows:  loaded("ZRANK, P=16", 1.5),
	}, {
		name: "lpush16", pairs: 5, run: drive(load{Requests: []request{lpush}, Conns: 50, Depth: 16}),
		about: "LPUSH of 64 B to one list that is empty at first, 50 clients, pipelines of 16",
		rows:  loaded("LPUSH, P=16", 1.5),
	}, {
		name: "lrange16", pairs: 5, prepare: filling(lpush), run: drive(load{Requests: []request{lrange}, Conns: 50, Depth: 16}),
		about: "LRANGE of the first 100 elements of 64 B, 50 clients, pipelines of 16",
		rows:  loaded("LRANGE of 100, P=16", 1.5),
	}, {
		name: "xadd16", pairs: 5, run: drive(load{Requests: []request{xadd}, Conns: 50, Depth: 16}),
		about: "XADD of one field of 64 B to one stream that is empty at first, 50 clients, pipelines of 16",
		rows:  loaded("XADD, P=16", 1.5),
	}, {
		name: "rsszset", pairs: 3, run: memoryPer(newRequest("ZADD", "z", "0.@@@@@@@@", shortMember), million),
		about: "RSS of one sorted set of 1 M members of 11 B with random scores, 3 s after the last, / 1 M",
		rows:  []row{{"each", "RSS per member of a sorted set", bytesUnit, noMoreThan(44)}},
	}, {
		name: "rsshash", pairs: 3, run: memoryPer(newRequest("HSET", "h", shortMember, "v#######"), million),
		about: "the same of one hash of 1 M fields of 11 B with values of 8 B",
		rows:  []row{{"each", "RSS per field of a hash", bytesUnit, noMoreThan(36)}},
	}, {
		name: "rssset", pairs: 3, run: memoryPer(newRequest("SADD", "s", shortMember), million),
		about: "the same of one set of 1 M members of 11 B",
		rows:  []row{{"each", "RSS per member of a set", bytesUnit, noMoreThan(26)}},
	}, {
		name: "rsslist", pairs: 3, run: memoryPer(newRequest("RPUSH", "l", shortMember), million),
		about: "the same of one list of 1 M elements of 11 B",
		rows:  []row{{"each", "RSS per element of a list", bytesUnit, noMoreThan(13)}},
	}, {
		name: "rssstream", pairs: 3, run: memoryPer(newRequest("XADD", "x", "*", "f", shortMember), million),
		about: "the same of one stream of 1 M entries with one field of 11 B",
		rows:  []row{{"each", "RSS per entry of a stream", bytesUnit, noMoreThan(26)}},
	}, {
		name: "rsshashes", pairs: 3, run: memoryPer(newRequest("HSET", "h:0########", "field1", "a#######", "field2", "b#######",
			"field3", "c#######", "field4", "d#######", "field5", "e#######"), hashes),
		about: "the same of 200,000 hashes of 5 fields, names of 6 B, values of 8 B",
		rows:  []row{{"each", "RSS per hash of 5 fields", bytesUnit, noMoreThan(140)}},
	}, {
		name: "zunionstore", pairs: 3, prepare: fillTwo(newRequest("ZADD", "a", "@@@@@@", member), newRequest("ZADD", "b", "@@@@@@", member)),
		run:   timeCalls("ZUNIONSTORE", "d", "2", "a", "b"),
		about: "ZUNIONSTORE of two sorted sets of 1 M members, half of them in both, one call at a time",
		rows:  calls("ZUNIONSTORE of two of 1 M", 1.5),
	}, {
		name: "sinter", pairs: 3, prepare: fillTwo(newRequest("SADD", "a", member), newRequest("SADD", "b", member)),
		run:   timeCalls("SINTER", "a", "b"),
		about: "SINTER of two sets of 1 M members, half of them in both, one call at a time, until the whole reply is there",
		rows:  calls("SINTER of two of 1 M", 1.5),
	}, {
		name: "sunion", pairs: 3, prepare: fillTwo(newRequest("SADD", "a", member), newRequest("SADD", "b", member)),
		run:   timeCalls("SUNION", "a", "b"),
		about: "SUNION of the same",
		rows:  calls("SUNION of two of 1 M", 1.5),
	}, {
		name: "pfadd16", pairs: 3, prepare: filling(pfadd), run: drive(load{Requests: []request{pfadd}, Conns: 50, Depth: 16}),
		about: "PFADD of 1 M random elements to one HyperLogLog, 50 clients, pipelines of 16",
		rows:  loaded("PFADD, P=16", 1.5),
	}, {
		name: "pfcount", pairs: 3, prepare: fillCounts, run: timeCalls("PFCOUNT", "hll:0", "hll:1", "hll:2"),
		about: "PFCOUNT of three HyperLogLogs of 100,000 elements each, one call at a time",
		rows:  calls("PFCOUNT of three", 1.5),
	}, {
		name: "pfmerge", pairs: 3, prepare: fillCounts, run: timeCalls("PFMERGE", "hll:d", "hll:0", "hll:1", "hll:2"),
		about: "PFMERGE of the same three",
		rows:  calls("PFMERGE of three", 1.5),
	}, {
		name: "bitcount", pairs: 3, prepare: fillBits, run: timeCalls("BITCOUNT", "a"),
		about: "BITCOUNT of 100 MB of random bits, one call at a time",
		rows:  calls("BITCOUNT of 100 MB", 1.5),
	}, {
		name: "bitop", pairs: 3, prepare: fillBits, run: timeCalls("BITOP", "AND", "d", "a", "b"),
		about: "BITOP AND of two strings of 100 MB of random bits, one call at a time",
		rows:  calls("BITOP of two of 100 MB", 1.5),
	}, {
		name: "drop", pairs: 1, run: runDrop,
		about: "what becomes of collections of 10 M elements: how long the command takes for who sends it; GETs of another key are sent one after the other for a second from then on; used_memory that is not given back 10 s later",
		rows:  dropRows(),
	},
}

// filling prepares a server by sending a request once for each of 1 M indexes.
func filling(r request) func(*server) error {
	return func(s *server) error { return fill(s, r, million) }
}

// fillTwo makes two collections that have half of their members in common.
func fillTwo(a, b request) func(*server) error {
	return func(s *server) error {
		if err := fill(s, a, million); err != nil {
			return err
		}
		return fillFrom(s, b, million/2, million, 20)
	}
}

func fillCounts(s *server) error {
	for i := range 3 {
		key := "hll:" + strconv.Itoa(i)
		if err := fillFrom(s, newRequest("PFADD", key, member), i*million/4, million/10, 20); err != nil {
			return err
		}
	}
	return nil
}

// fillBits makes strings of random bits: of zeros a system may have one page only.
func fillBits(s *server) error {
	rnd := rand.NewChaCha8([32]byte{})
	bits := make([]byte, bigString)
	for _, key := range []string{"a", "b"} {
		rnd.Read(bits)
		if _, err := s.do("SET", key, string(bits)); err != nil {
			return err
		}
	}
	return nil
}

// timeCalls sends a command again and again, each time when the reply to the last has come.
func timeCalls(args ...string) func(*trial) (figures, error) {
	r := request{Text: newRequest(args...).Text}
	return func(t *trial) (figures, error) {
		f, _, err := t.measure(load{Requests: []request{r}, Conns: 1, Depth: 1})
		if err != nil {
			return nil, err
		}
		f["call"] = 1e3 / f["rps"]
		return f, nil
	}
}

func calls(title string, times float64) []row {
	return []row{
		{"call", title + ": time per call", precise, timesAtMost(math.Round(100/times) / 100)},
		{"cpu", title + ": server CPU per call", nanos, target{}},
	}
}
