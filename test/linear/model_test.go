package linear

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/anishathalye/porcupine"
)

// An op is what a client asked: the words of a command.
type op []string

// A database is the state of the models: key to value.
type database map[string]string

// apply is what Redis does: the reply, as the text of its RESP form without
// line ends, and the state after.
func apply(db database, o op) (database, string) {
	key := ""
	if len(o) > 1 {
		key = o[1]
	}
	old, exists := db[key]
	switch o[0] {
	case "GET":
		return db, bulk(old, exists)
	case "SET":
		return db.with(key, o[2]), "+OK"
	case "SETNX":
		if exists {
			return db, ":0"
		}
		return db.with(key, o[2]), ":1"
	case "GETSET":
		return db.with(key, o[2]), bulk(old, exists)
	case "APPEND":
		return db.with(key, old+o[2]), ":" + strconv.Itoa(len(old+o[2]))
	case "DEL":
		return db.without(key), count(exists)
	case "GETDEL":
		return db.without(key), bulk(old, exists)
	case "INCR":
		return increment(db, key, old, exists)
	case "MSET":
		for i := 1; i < len(o); i += 2 {
			db = db.with(o[i], o[i+1])
		}
		return db, "+OK"
	case "MGET":
		replies := make([]string, len(o)-1)
		for i, k := range o[1:] {
			v, ok := db[k]
			replies[i] = bulk(v, ok)
		}
		return db, "[" + strings.Join(replies, " ") + "]"
	case "WATCH":
		return db.watch(o[1], o[2:]), "+OK"
	case "EXEC":
		return transact(db, o[1], o[2:])
	case "RENAME":
		if !exists {
			return db, "-ERR no such key"
		}
		return db.without(key).with(o[2], old), "+OK"
	case "COPY":
		if _, taken := db[o[2]]; !exists || taken {
			return db, ":0"
		}
		return db.with(o[2], old), ":1"
	}
	panic("the model does not know " + o[0])
}

// A client's transaction is one op: EXEC, the client, and the commands, each in one
// word. What WATCH remembers is part of the state: for each key how often it was written,
// and for each client how often that was when the client began to watch it. They
// are kept under names that no key has.
const meta = "\x00"

func writesOf(key string) string { return meta + "writes " + key }

func watchOf(client, key string) string { return meta + "watch " + client + " " + key }

func (db database) watch(client string, keys []string) database {
	for _, k := range keys {
		if _, already := db[watchOf(client, k)]; !already {
			db = db.with(watchOf(client, k), db[writesOf(k)])
		}
	}
	return db
}

const aborted = "-EXECABORT Transaction discarded because of previous errors."

func transact(db database, client string, commands []string) (database, string) {
	touched := false
	for name, writes := range db {
		if key, mine := strings.CutPrefix(name, watchOf(client, "")); mine {
			touched = touched || db[writesOf(key)] != writes
			db = db.without(name)
		}
	}
	switch {
	case slices.Contains(commands, "NOSUCH"):
		return db, aborted
	case touched:
		return db, "nil"
	}
	var replies []string
	for _, line := range commands {
		var reply string
		db, reply = applyWatched(db, strings.Fields(line))
		replies = append(replies, reply)
	}
	return db, "[" + strings.Join(replies, " ") + "]"
}

// applyWatched is apply that counts what is written.
func applyWatched(db database, o op) (database, string) {
	if o[0] == "WATCH" || o[0] == "EXEC" {
		return apply(db, o)
	}
	_, existed := db[o[1]]
	next, reply := apply(db, o)
	written := o[1:2]
	switch {
	case o[0] == "GET", o[0] == "MGET", strings.HasPrefix(reply, "-"), o[0] == "DEL" && !existed:
		written = nil
	case o[0] == "MSET":
		written = o[1:]
	}
	for _, k := range written {
		n, _ := strconv.Atoi(next[writesOf(k)])
		next = next.with(writesOf(k), strconv.Itoa(n+1))
	}
	return next, reply
}

func increment(db database, key, old string, exists bool) (database, string) {
	n, err := strconv.ParseInt(old, 10, 64)
	if exists && (err != nil || strconv.FormatInt(n, 10) != old) { // "05" is no integer to Redis
		return db, "-ERR value is not an integer or out of range"
	}
	v := strconv.FormatInt(n+1, 10)
	return db.with(key, v), ":" + v
}

// with and without leave db as it is: the search comes back to old states.
func (db database) with(key, value string) database {
	db = maps.Clone(db)
	db[key] = value
	return db
}

func (db database) without(key string) database {
	db = maps.Clone(db)
	delete(db, key)
	return db
}

func bulk(v string, exists bool) string {
	if !exists {
		return "nil"
	}
	return fmt.Sprintf("%q", v)
}

func count(b bool) string {
	if b {
		return ":1"
	}
	return ":0"
}

// model checks a history of ops and replies; perKey cuts it by the one key
// that each op has.
func model(perKey bool) porcupine.Model {
	m := porcupine.Model{
		Init: func() any { return database{} },
		Step: func(state, in, out any) (bool, any) {
			db, reply := applyWatched(state.(database), in.(op))
			return reply == out.(string), db
		},
		Equal: func(a, b any) bool { return maps.Equal(a.(database), b.(database)) },
		DescribeOperation: func(in, out any) string {
			return fmt.Sprintf("%s -> %s", strings.Join(in.(op), " "), out)
		},
	}
	if perKey {
		m.Partition = partition
	}
	return m
}

func partition(history []porcupine.Operation) [][]porcupine.Operation {
	byKey := map[string][]porcupine.Operation{}
	for _, o := range history {
		key := o.Input.(op)[1]
		byKey[key] = append(byKey[key], o)
	}
	return slices.Collect(maps.Values(byKey))
}
