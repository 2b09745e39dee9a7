package callcount_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart"
	"github.com/redstart-db/redstart/callcount"
	"github.com/redstart-db/redstart/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// patience bounds waits that end at once when all is right.
const patience = time.Minute

// A store is where a test counts: in another process, or in this one.
type store struct {
	name string
	open func(t *testing.T) callcount.Client
}

var stores = []store{
	{"socket", func(t *testing.T) callcount.Client { return overSocket(testutil.Subject(t).Dial(t)) }},
	{"in process", func(t *testing.T) callcount.Client { return redstart.OpenT(t).Do }},
}

// overSocket is the smallest client there can be: one connection, one command at a time.
func overSocket(c *testutil.Conn) callcount.Client {
	var mu sync.Mutex
	return func(_ context.Context, args ...any) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		words := make([]string, len(args))
		for i, a := range args {
			words[i] = fmt.Sprint(a)
		}
		r, err := c.Do(words...)
		if err != nil {
			return nil, err
		}
		return plain(r)
	}
}

func plain(r testutil.Reply) (any, error) {
	switch {
	case r.Kind == '-':
		return nil, errors.New(r.Text)
	case r.Null:
		return nil, nil
	case r.Kind != '*':
		return r.Text, nil
	}
	list := []any{}
	for _, e := range r.Elem {
		v, err := plain(e)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func flush(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := callcount.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func report(t *testing.T, client callcount.Client, options ...callcount.Option) []callcount.Count {
	t.Helper()
	flush(t)
	counts, err := callcount.Report(t.Context(), client, options...)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// Whatever the number of callers, each call is counted once.
func TestCountsExactly(t *testing.T) {
	const callers, each = 50, 200
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			client := s.open(t)
			var ran atomic.Int64
			often := callcount.Wrap(client, func() { ran.Add(1) }, callcount.Name("often"))
			seldom := callcount.Wrap(client, func() { ran.Add(1) }, callcount.Name("seldom"))
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for i := range each {
						often()
						if i%10 == 0 {
							seldom()
						}
					}
				})
			}
			wg.Wait()
			want := []callcount.Count{{Name: "often", Calls: callers * each}, {Name: "seldom", Calls: callers * each / 10}}
			if got := report(t, client); !slices.Equal(got, want) || ran.Load() != callers*each*11/10 {
				t.Errorf("got %v, want %v; %d calls were made", got, want, ran.Load())
			}
		})
	}
}

func TestReport(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			client := s.open(t)
			for _, command := range [][]any{
				{"SET", "calls:words", "no number"}, {"RPUSH", "calls:list", "x"}, {"SET", "other", "1"},
				{"SET", "calls:b", "2"}, {"SET", "calls:a", "2"}, {"SET", "calls:c", "30"}, {"SET", "cXlls:d", "5"},
				{"SET", "c*lls:e", "5"},
			} {
				if _, err := client(t.Context(), command...); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 3000 { // more than one SCAN finds
				client(t.Context(), "SET", fmt.Sprintf("many:%d", i), "1")
			}
			want := []callcount.Count{{Name: "c", Calls: 30}, {Name: "a", Calls: 2}, {Name: "b", Calls: 2}}
			if got := report(t, client); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := report(t, client, callcount.Prefix("c*lls:")); len(got) != 1 || got[0].Name != "e" {
				t.Errorf("a prefix is taken for a pattern: %v", got)
			}
			if got := report(t, client, callcount.Prefix("many:")); len(got) != 3000 {
				t.Errorf("%d counts of 3000", len(got))
			}
			if got := report(t, client, callcount.Prefix("none:")); len(got) != 0 {
				t.Errorf("counts from nowhere: %v", got)
			}
		})
	}
}

func TestReportErrors(t *testing.T) {
	for _, reply := range []any{nil, "x", []any{"0"}, []any{"0", "x"}, []any{int64(0), []any{}}} {
		client := func(context.Context, ...any) (any, error) { return reply, nil }
		if _, err := callcount.Report(t.Context(), client); err == nil {
			t.Errorf("SCAN answered %v: no error", reply)
		}
	}
	short := func(_ context.Context, args ...any) (any, error) {
		if args[0] == "SCAN" {
			return []any{"0", []any{"calls:x", "calls:y"}}, nil
		}
		return []any{"1"}, nil
	}
	if _, err := callcount.Report(t.Context(), short); err == nil {
		t.Error("MGET answered too little: no error")
	}
}

func TestKeepsTheSignature(t *testing.T) {
	type handler func(name string, parts ...int) (int, error)
	wrong := errors.New("wrong")
	sum := handler(func(name string, parts ...int) (n int, err error) {
		for _, p := range parts {
			n += p
		}
		if name == "bad" {
			err = wrong
		}
		return n, err
	})
	var keys recorder
	wrapped := callcount.Wrap(keys.client, sum, callcount.Name("sum"))
	for _, c := range []struct {
		name  string
		parts []int
		n     int
		err   error
	}{{"x", nil, 0, nil}, {"x", []int{1, 2, 3}, 6, nil}, {"bad", []int{1}, 1, wrong}} {
		if n, err := wrapped(c.name, c.parts...); n != c.n || err != c.err {
			t.Errorf("%v: %d, %v", c, n, err)
		}
	}
	func() {
		defer func() {
			if recover() != "oops" {
				t.Error("a panic is not passed on")
			}
		}()
		callcount.Wrap(keys.client, func() { panic("oops") }, callcount.Name("panics"))()
	}()
	flush(t)
	if keys.count("calls:sum") != 3 || keys.count("calls:panics") != 1 {
		t.Errorf("counted %v", &keys.counts)
	}
}

// A recorder is a store that only knows INCRBY.
type recorder struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *recorder) client(_ context.Context, args ...any) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	var n int
	fmt.Sscan(args[2].(string), &n)
	r.counts[args[1].(string)] += n
	return int64(r.counts[args[1].(string)]), nil
}

func (r *recorder) count(key string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[key]
}

type cart struct{}

func (cart) Total()          {}
func (*cart) Add(...string)  {}
func declared()              {}
func generic[T any](_ T)     {}
func (cart) literal() func() { return func() {} }
func func1()                 {}
func literalOf() func()      { return func() {} } // small enough to be inlined

var global = func() {}

func TestNames(t *testing.T) {
	const pkg = "github.com/redstart-db/redstart/callcount_test."
	var keys recorder
	count := func(f func()) func() { return callcount.Wrap(keys.client, f) }
	for _, c := range []struct {
		call func()
		want string
	}{
		{count(declared), pkg + "declared"},
		{count(func1), pkg + "func1"},
		{count(cart{}.Total), pkg + "cart.Total"},
		{func() { callcount.Wrap(keys.client, cart.Total)(cart{}) }, pkg + "cart.Total"},
		{func() { callcount.Wrap(keys.client, new(cart).Add)("x", "y") }, pkg + "(*cart).Add"},
		{func() { callcount.Wrap(keys.client, (*cart).Add)(nil) }, pkg + "(*cart).Add"},
		{func() { callcount.Wrap(keys.client, generic[int])(1) }, pkg + "generic[...]"},
		{func() { callcount.Wrap(keys.client, strings.ToUpper)("x") }, "strings.ToUpper"},
		{count(literalOf()), "callcount/callcount_test.go:"},
		{count(cart{}.literal()), "callcount/callcount_test.go:"},
		{count(global), "callcount/callcount_test.go:"},
		{count(func() {}), "callcount/callcount_test.go:"},
		{callcount.Wrap(keys.client, count(declared), callcount.Name("twice"), callcount.Prefix("")), "twice"},
	} {
		keys.counts = map[string]int{}
		c.call()
		flush(t)
		key := c.want
		if key != "twice" {
			key = "calls:" + key
		}
		found := keys.count(key) == 1
		for k := range keys.counts {
			found = found || strings.HasSuffix(key, ":") && strings.HasPrefix(k, key)
		}
		if !found {
			t.Errorf("%s is counted as %v", key, keys.counts)
		}
	}
	if a, b := nameOf(literalOf()), nameOf(func() func() { return literalOf() }()); a != b {
		t.Errorf("the same literal is %s in one place and %s in another", a, b)
	}
}

// nameOf is the key a function is counted under.
func nameOf(f func()) string {
	keys := make(chan string, 1)
	callcount.Wrap(func(_ context.Context, args ...any) (any, error) {
		keys <- args[1].(string)
		return nil, nil
	}, f)()
	return <-keys
}

func TestMistakesPanic(t *testing.T) {
	client := (&recorder{}).client
	for want, wrap := range map[string]func(){
		"callcount: Wrap wants a function, not 3 of type int":              func() { callcount.Wrap(client, 3) },
		"callcount: Wrap wants a function, not <nil> of type <nil>":        func() { callcount.Wrap[any](client, nil) },
		"callcount: Wrap wants a function, not (func())(nil) of type func": func() { callcount.Wrap(client, (func())(nil)) },
		"callcount: a func() made by reflect, or wrapped before, has no n": func() { callcount.Wrap(client, callcount.Wrap(client, declared)) },
		"callcount: Wrap wants a client to count with, not nil":            func() { callcount.Wrap(nil, declared) },
		"callcount: a func(int) made by reflect": func() {
			f := reflect.MakeFunc(reflect.TypeFor[func(int)](), func([]reflect.Value) []reflect.Value { return nil })
			callcount.Wrap(client, f.Interface())
		},
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.HasPrefix(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}()
			wrap()
		}()
	}
}

// A store that is down costs nothing, and what was called meanwhile is counted when it is back.
func TestStoreDown(t *testing.T) {
	var r recorder
	var up atomic.Bool
	down := errors.New("connection refused")
	client := func(ctx context.Context, args ...any) (any, error) {
		if !up.Load() {
			return nil, down
		}
		return r.client(ctx, args...)
	}
	heard := make(chan error, 1)
	f := callcount.Wrap(client, func() {}, callcount.Name("f"), callcount.OnError(func(err error) {
		select {
		case heard <- err:
		default:
		}
	}))
	for range 100 {
		f()
	}
	if err := <-heard; !errors.Is(err, down) || !strings.Contains(err.Error(), "calls:f") {
		t.Errorf("the hook heard %v", err)
	}
	up.Store(true)
	flush(t)
	if n := r.count("calls:f"); n != 100 {
		t.Errorf("%d calls of 100 are counted", n)
	}
}

// A store that hangs, with a client that minds no deadline, holds up nobody but who flushes.
func TestStoreHangs(t *testing.T) {
	var r recorder
	release := make(chan struct{})
	client := func(ctx context.Context, args ...any) (any, error) {
		<-release
		return r.client(ctx, args...)
	}
	f := callcount.Wrap(client, func() {}, callcount.Name("f"))
	for range 100 {
		f()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := callcount.Flush(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "100 calls of calls:f") {
		t.Errorf("Flush returns %v", err)
	}
	close(release)
	flush(t)
	if n := r.count("calls:f"); n != 100 {
		t.Errorf("%d calls of 100 are counted", n)
	}
}

// Flush waits for calls before it, not for those that keep coming.
func TestFlushUnderLoad(t *testing.T) {
	var r recorder
	f := callcount.Wrap(r.client, func() {}, callcount.Name("f"))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					f()
				}
			}
		})
	}
	for range 50 {
		flush(t)
	}
	close(stop)
	wg.Wait()
	flush(t)
}

// result is what a client such as go-redis returns: a command that has been sent.
type result struct{ v any }

func (r *result) Result() (any, error) { return r.v, nil }

func TestAdapt(t *testing.T) {
	do := func(_ context.Context, args ...any) *result { return &result{len(args)} }
	if v, err := callcount.Adapt(do)(t.Context(), "a", "b"); v != 2 || err != nil {
		t.Errorf("got %v, %v", v, err)
	}
}
