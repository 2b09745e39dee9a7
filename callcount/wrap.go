package callcount

import (
	"context"
	"fmt"
	"reflect"
)

// A Client sends one command to the store and returns its reply: integers as int64, strings
// as string or []byte, arrays as []any, and nil.
type Client func(ctx context.Context, args ...any) (any, error)

// Adapt makes a Client of the Do of a client that returns a command with a result, such as
// that of go-redis:
//
//	callcount.Adapt(rdb.Do)
func Adapt[C interface{ Result() (any, error) }](do func(ctx context.Context, args ...any) C) Client {
	return func(ctx context.Context, args ...any) (any, error) { return do(ctx, args...).Result() }
}

// An Option is for Wrap and Report.
type Option func(*settings)

type settings struct {
	name, prefix string
	onError      func(error)
}

// Name gives the function a name; without it, it has that of its declaration.
func Name(name string) Option { return func(s *settings) { s.name = name } }

// Prefix replaces the "calls:" that stands before names in keys.
func Prefix(prefix string) Option { return func(s *settings) { s.prefix = prefix } }

// OnError has f called with each failed attempt to count, by a goroutine of this package. The
// calls it was about are not lost: they go with the next attempt, soon after.
func OnError(f func(error)) Option { return func(s *settings) { s.onError = f } }

func settle(options []Option) settings {
	s := settings{prefix: "calls:", onError: func(error) {}}
	for _, set := range options {
		set(&s)
	}
	return s
}

// Wrap returns a function that does what f does and counts the call. It is of the same
// type, variadic or not. A call is counted when it begins, so one that panics counts.
//
// Wrap panics if f is not a function, or has no name and is given none, or if client is nil.
func Wrap[F any](client Client, f F, options ...Option) F {
	s := settle(options)
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		// The caller's mistake, and one that the first run shows.
		panic(fmt.Sprintf("callcount: Wrap wants a function, not %#v of type %T", f, f))
	}
	if s.name == "" {
		s.name = nameOf(v)
	}
	if client == nil {
		// The caller's mistake, too. It would show much later, and elsewhere.
		panic("callcount: Wrap wants a client to count with, not nil")
	}
	c := newCounter(client, s)
	call := v.Call
	if v.Type().IsVariadic() {
		call = v.CallSlice // the last argument comes as a slice already
	}
	counted := func(args []reflect.Value) []reflect.Value {
		c.add()
		return call(args)
	}
	return reflect.MakeFunc(v.Type(), counted).Interface().(F)
}
