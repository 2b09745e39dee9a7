package redstart

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
)

// processorTime reports how long the processor worked for an operation, which other programs on the machine change less
// than how long it took.
func processorTime(b *testing.B) {
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	b.Cleanup(func() {
		syscall.Getrusage(syscall.RUSAGE_SELF, &after)
		used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
		b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
	})
}

func BenchmarkDo(b *testing.B) {
	db := OpenT(b)
	ctx := context.Background()
	key, value := "key:000000042", "0123456789abcdef0123456789abcdef"
	db.Set(ctx, key, value, 0)
	b.Run("GET through Get", func(b *testing.B) {
		b.ReportAllocs()
		processorTime(b)
		for b.Loop() {
			db.Get(ctx, key)
		}
	})
	for _, c := range [][]any{{"GET", key}, {"SET", key, value}, {"INCR", "n"}, {"HGET", "h", "f"}} {
		b.Run(c[0].(string), func(b *testing.B) {
			b.ReportAllocs()
			processorTime(b)
			for b.Loop() {
				db.Do(ctx, c...)
			}
		})
	}
	keys := make([]string, 1024)
	for i := range keys {
		keys[i] = fmt.Sprintf("key:%09d", i)
		db.Set(ctx, keys[i], value, 0)
	}
	b.Run("GET of many keys on all processors", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := rand.IntN(len(keys)); pb.Next(); i++ {
				db.Do(ctx, "GET", keys[i%len(keys)])
			}
		})
	})
	b.Run("GET of one key on all processors", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				db.Do(ctx, "GET", key)
			}
		})
	})
}

func BenchmarkOpen(b *testing.B) {
	processorTime(b)
	for b.Loop() {
		db, err := Open(Options{})
		if err != nil {
			b.Fatal(err)
		}
		db.Close()
	}
}
