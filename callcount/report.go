package callcount

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Count is how often a function was called.
type Count struct {
	Name  string
	Calls int64
}

// Report returns the counts in the store, the most called functions first, and by name where
// that is equal. It walks the keys with SCAN, so it may be called while the store is at
// work; what is counted meanwhile may or may not be in it. Of the options it minds
// Prefix: keys without it, and those that are no count, are none of its business.
func Report(ctx context.Context, client Client, options ...Option) ([]Count, error) {
	prefix := settle(options).prefix
	found := map[string]int64{} // SCAN may return a key twice
	for cursor := "0"; ; {
		next, keys, err := scan(ctx, client, cursor, literally(prefix)+"*")
		if err != nil {
			return nil, err
		}
		if err := read(ctx, client, keys, found); err != nil {
			return nil, err
		}
		if cursor = next; cursor == "0" {
			return sorted(found, prefix), nil
		}
	}
}

func scan(ctx context.Context, client Client, cursor, pattern string) (next string, keys []string, err error) {
	reply, err := client(ctx, "SCAN", cursor, "MATCH", pattern, "COUNT", "1000")
	if err != nil {
		return "", nil, err
	}
	parts, _ := reply.([]any)
	if len(parts) != 2 {
		return "", nil, fmt.Errorf("callcount: SCAN was answered with %v", reply)
	}
	list, ok := parts[1].([]any)
	if next, isText := text(parts[0]); ok && isText {
		for _, e := range list {
			key, _ := text(e)
			keys = append(keys, key)
		}
		return next, keys, nil
	}
	return "", nil, fmt.Errorf("callcount: SCAN was answered with %v", reply)
}

// read adds the counts under the keys. A key may be gone by now, and MGET gives nil for what is no string.
func read(ctx context.Context, client Client, keys []string, found map[string]int64) error {
	if len(keys) == 0 {
		return nil
	}
	args := []any{"MGET"}
	for _, key := range keys {
		args = append(args, key)
	}
	reply, err := client(ctx, args...)
	if err != nil {
		return err
	}
	values, _ := reply.([]any)
	if len(values) != len(keys) {
		return fmt.Errorf("callcount: MGET of %d keys was answered with %v", len(keys), reply)
	}
	for i, v := range values {
		digits, _ := text(v)
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			found[keys[i]] = n
		}
	}
	return nil
}

func sorted(found map[string]int64, prefix string) []Count {
	counts := make([]Count, 0, len(found))
	for key, n := range found {
		counts = append(counts, Count{strings.TrimPrefix(key, prefix), n})
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name))
	})
	return counts
}

// text is a string as one client or another returns it.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

// literally makes a pattern that matches nothing but s.
func literally(s string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `-`, `\-`, `\`, `\\`).Replace(s)
}
