package redstart

import (
	"context"
	"errors"
	"time"

	"github.com/redstart-db/redstart/internal/session"
)

// Pipe collects commands.
type Pipe struct {
	cmds [][][]byte
	buf  []byte
	err  error
}

// Do adds a command. A word of a type that there is none of makes the whole Pipe fail.
func (p *Pipe) Do(args ...any) {
	argv, buf, err := appendWords(nil, p.buf, args)
	p.buf = buf
	if err != nil {
		p.err = errors.Join(p.err, err)
		return
	}
	p.cmds = append(p.cmds, argv)
}

// Len is the number of commands.
func (p *Pipe) Len() int { return len(p.cmds) }

func collect(fn func(p *Pipe)) (*Pipe, error) {
	p := &Pipe{}
	fn(p)
	return p, p.err
}

// Pipelined runs the commands that fn adds, one after the other. Others may run theirs in between. There is a
// reply for each command, nil for null and an Error for an error; the error of Pipelined is of the context, or of a word.
// As nothing goes over a network this is hardly faster than Do; it is for code that
// is written that way.
func (db *DB) Pipelined(ctx context.Context, fn func(p *Pipe)) ([]any, error) {
	p, err := collect(fn)
	if err != nil {
		return nil, err
	}
	replies := make([]any, len(p.cmds))
	for i, argv := range p.cmds {
		v, err := db.run(ctx, argv)
		if e, ok := err.(Error); ok {
			v, err = e, nil
		}
		if err != nil && err != Nil {
			return nil, err
		}
		replies[i] = v
	}
	return replies, nil
}

// run is Do with words that are bytes already.
func (db *DB) run(ctx context.Context, argv [][]byte) (any, error) {
	args := make([]any, len(argv))
	for i, word := range argv {
		args[i] = word
	}
	return db.Do(ctx, args...)
}

// TxPipelined runs the commands that fn adds as one transaction (MULTI, EXEC): nobody sees a part of it.
// The replies are as those of Pipelined. If a command cannot be queued none is run, and the
// error says why.
func (db *DB) TxPipelined(ctx context.Context, fn func(p *Pipe)) ([]any, error) {
	var replies []any
	err := db.Watch(ctx, func(tx *Tx) (err error) {
		replies, err = tx.Exec(ctx, fn)
		return err
	})
	return replies, err
}

// Tx is a transaction that watches keys. It must not be used by several goroutines at once, nor after the function that
// Watch called has returned.
type Tx struct {
	db *DB
	h  *hand
}

// Watch calls fn while keys are watched. What fn reads through tx, or anything else, it may rely on until tx.Exec: if one of
// the keys was changed meanwhile, that does nothing and its error is TxFailedErr. Watch returns the error of
// fn; who gets TxFailedErr tries again.
//
//	err := db.Watch(ctx, func(tx *redstart.Tx) error {
//		n, err := tx.Do(ctx, "GET", "stock")
//		...
//		_, err = tx.Exec(ctx, func(p *redstart.Pipe) { p.Do("SET", "stock", n-1) })
//		return err
//	}, "stock")
func (db *DB) Watch(ctx context.Context, fn func(tx *Tx) error, keys ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := db.take()
	if err != nil {
		return err
	}
	l.local.Own()
	l.mu.Unlock() // fn may take long: each command takes the lock for itself
	tx := &Tx{db, l.hand}
	defer tx.end(l)
	if len(keys) > 0 {
		words := make([]any, 0, len(keys)+1)
		words = append(words, "WATCH")
		for _, key := range keys {
			words = append(words, key)
		}
		if _, err := tx.control(ctx, words...); err != nil {
			return err
		}
	}
	return fn(tx)
}

// end gives the hand back.
func (tx *Tx) end(l *lease) {
	l.mu.Lock()
	if !l.closed {
		l.local.Disown()
	}
	tx.db.give(l)
}

// Do runs a command at once, as DB.Do does. One that would wait for keys answers as in a transaction: with null.
func (tx *Tx) Do(ctx context.Context, args ...any) (any, error) {
	return tx.do(ctx, (*session.Local).Try, args)
}

// control runs a command that changes the client.
func (tx *Tx) control(ctx context.Context, args ...any) (any, error) {
	return tx.do(ctx, (*session.Local).Any, args)
}

// pauseLook is how often it is looked whether CLIENT PAUSE is over: that is rare enough for a plain loop.
const pauseLook = time.Millisecond

func (tx *Tx) do(ctx context.Context, run func(*session.Local, [][]byte) ([]byte, session.Outcome), args []any) (any, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, waits, err := tx.once(run, args)
		if !waits {
			return v, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pauseLook):
		}
	}
}

func (tx *Tx) once(run func(*session.Local, [][]byte) ([]byte, session.Outcome), args []any) (v any, waits bool, err error) {
	h := tx.h
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, false, ErrClosed
	}
	if err := h.set(args); err != nil {
		return nil, false, err
	}
	switch reply, outcome := run(h.local, h.argv); outcome {
	case session.Waits:
		return nil, true, nil
	case session.Stateful:
		return nil, false, statefulError(h.argv)
	default:
		v, err = decode(reply)
		return v, false, err
	}
}

// Exec runs the commands that fn adds as one transaction, unless a watched key has changed; no key is watched any more then.
// The replies are as those of Pipelined.
func (tx *Tx) Exec(ctx context.Context, fn func(p *Pipe)) ([]any, error) {
	p, err := collect(fn)
	if err != nil {
		return nil, err
	}
	if _, err := tx.control(ctx, "MULTI"); err != nil {
		return nil, err
	}
	for _, argv := range p.cmds {
		args := make([]any, len(argv))
		for i, word := range argv {
			args[i] = word
		}
		if _, err := tx.Do(ctx, args...); err != nil {
			tx.control(context.WithoutCancel(ctx), "DISCARD")
			return nil, err
		}
	}
	v, err := tx.control(ctx, "EXEC")
	switch {
	case err == Nil:
		return nil, TxFailedErr
	case err != nil:
		tx.control(context.WithoutCancel(ctx), "DISCARD")
		return nil, err
	}
	return v.([]any), nil
}
