// Package callcount counts the calls of functions in a store, each under the function's
// qualified name, so that all processes of a service add to the same figures:
//
//	db, err := redstart.Open(redstart.Options{})
//	...
//	load = callcount.Wrap(db.Do, load)        // a function of the same type
//	load("x")                                 // INCRBY calls:example.com/shop.load 1
//	counts, err := callcount.Report(ctx, db.Do)
//
// # Client
//
// A [Client] is a function that sends one command: the Do of a redstart.DB as it is, that
// of go-redis through [Adapt]. Counting takes INCRBY, a report SCAN and MGET.
//
// # Names
//
// The key is a prefix, "calls:" unless [Prefix] gives another, and the name that the
// runtime has for the function: package path, type of the receiver, function, such as
// example.com/shop.(*Cart).Add. Three kinds of functions are special:
//
//   - the package of a program is called main, whatever its path is. [Name] or [Prefix] keep
//     two programs apart;
//   - a function literal has no name, and what the runtime calls it depends on where the compiler
//     put it. It is named by its place instead: shop/cart.go:31. That is the same in every build,
//     until somebody adds a line above it; [Name] gives it a name that stays;
//   - what reflect made has neither name nor place. Wrap panics if it is not given a [Name];
//     this is so for a function that was wrapped before.
//
// All instances of a generic function share a name.
//
// # What a call costs, and what happens when the store is down
//
// A call adds one to a number in memory, and goes on; it never waits for the store. One
// goroutine for each wrapped function carries the number there, as long as there is something
// to carry: calls made during one round trip go with the next one, in one command. So a call is
// in the store about a round trip after it was made, and a program that is about to end
// calls [Flush].
//
// While the store does not answer, calls add up, and are delivered when it is back; nothing
// but the hook of [OnError] hears of it. If a connection breaks after the store has
// counted and before it has said so, the same calls are counted again: at least once, as
// with every retry. They are lost only with the process.
//
// Rejected: counting before each call, as such a decorator in Python does. It makes every call as slow as the
// network, and a store that hangs stops the program, as not every client minds the deadline
// of a context.
package callcount
