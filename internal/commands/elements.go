package commands

import (
	"math"
	"strconv"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

// An element is a part of a collection as DEBUG sees it, whatever the type.
type element struct {
	a, b    []byte // member; field and value; member and score; of streams, an ID alone, then each field and value
	pair    bool   // there is a b
	expires bool
}

// eachElement calls f for all elements, in order where there is one. What f
// gets is good during the call.
func eachElement(e keyspace.Entry, now int64, f func(element)) {
	switch c := e.Cell(); e.Type() {
	case keyspace.TypeList:
		eachOfList(value.OpenList(c), f)
	case keyspace.TypeSet:
		set := value.Set{Cell: c}
		set.Each(func(member []byte) bool {
			f(element{a: member})
			return true
		})
	case keyspace.TypeZSet:
		eachOfZSet(value.ZSet{Cell: c}, f)
	case keyspace.TypeHash:
		hash := value.OpenHash(c, now)
		hash.Each(func(field, val []byte, at int64) bool {
			f(element{a: field, b: val, pair: true, expires: at != 0})
			return true
		})
	case keyspace.TypeStream:
		eachOfStream(value.OpenStream(c), f)
	}
}

func eachOfList(l value.List, f func(element)) {
	var scratch [20]byte
	for it := l.Iter(0); it.More(); {
		entry := it.Next()
		f(element{a: entry.Bytes(scratch[:0])})
	}
}

func eachOfZSet(z value.ZSet, f func(element)) {
	it := z.Walk(0, z.Len(), false)
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		f(element{a: member, b: scoreOf17Digits(score), pair: true})
	}
}

func eachOfStream(s value.Stream, f func(element)) {
	var scratch [48]byte
	it := s.Log().Range(stream.ID{}, stream.MaxID)
	for it.Next() {
		id := it.ID()
		text := append(strconv.AppendUint(scratch[:0], id.MS, 10), '.')
		f(element{a: strconv.AppendUint(text, id.Seq, 10)})
		for range it.Fields() {
			name, val := it.Field()
			f(element{a: name, b: val, pair: true})
		}
	}
}

// scoreOf17Digits is a score as C prints it with the format %.17g.
func scoreOf17Digits(f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return []byte("inf")
	case math.IsInf(f, -1):
		return []byte("-inf")
	}
	return strconv.AppendFloat(nil, f, 'g', 17, 64)
}
