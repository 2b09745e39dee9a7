package redstart

import (
	"context"
	"sync"

	"github.com/redstart-db/redstart/internal/client"
)

// Message is what somebody published.
type Message struct {
	Channel string
	Pattern string // that the channel fits, of PSubscribe; else empty
	Payload string
}

// Subscription gets messages on C, which is closed when it ends: by Close, with its context,
// with the database, or because C was not read for so long that the directive
// client-output-buffer-limit was exceeded.
type Subscription struct {
	C <-chan Message

	conn *Conn
	stop func() bool
	once sync.Once
	quit chan struct{}
	done chan struct{}
}

// messageBuffer is how many messages wait in C before the rest does in the server.
const messageBuffer = 128

// Subscribe listens to channels until the context ends or the Subscription is closed. What is published
// after Subscribe has returned arrives.
func (db *DB) Subscribe(ctx context.Context, channels ...string) (*Subscription, error) {
	return db.subscribe(ctx, "SUBSCRIBE", channels)
}

// PSubscribe is Subscribe for all channels that fit patterns: "news.*".
func (db *DB) PSubscribe(ctx context.Context, patterns ...string) (*Subscription, error) {
	return db.subscribe(ctx, "PSUBSCRIBE", patterns)
}

func (db *DB) subscribe(ctx context.Context, command string, topics []string) (*Subscription, error) {
	if len(topics) == 0 {
		return nil, Error("ERR wrong number of arguments for '" + command + "' command")
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	words := [][]byte{[]byte(command)}
	for _, topic := range topics {
		words = append(words, []byte(topic))
	}
	if err := conn.begin(words, len(topics)); err != nil {
		conn.Close()
		return nil, conn.broken(ctx, err)
	}
	messages := make(chan Message, messageBuffer)
	s := &Subscription{C: messages, conn: conn, quit: make(chan struct{}), done: make(chan struct{})}
	s.stop = context.AfterFunc(ctx, s.end)
	go s.read(messages)
	return s, nil
}

// begin sends a command and reads as many pushes as confirm it; messages come only after the last.
func (c *Conn) begin(words [][]byte, confirmations int) error {
	if err := c.wire.Send(words...); err != nil {
		return err
	}
	if err := c.wire.Flush(); err != nil {
		return err
	}
	for range confirmations {
		r, err := c.wire.Read()
		if err != nil {
			return err
		}
		if r.IsError() {
			return Error(r.Text)
		}
	}
	return nil
}

// read is the goroutine of a subscription.
func (s *Subscription) read(to chan<- Message) {
	defer close(s.done)
	defer close(to)
	defer s.end()
	for {
		r, err := s.conn.wire.Read()
		if err != nil {
			return
		}
		m, ok := messageOf(&r)
		if !ok {
			continue
		}
		select {
		case to <- m:
		case <-s.quit:
			return
		}
	}
}

// messageOf reads a push.
func messageOf(r *client.Reply) (m Message, ok bool) {
	texts := make([]string, len(r.Items))
	for i := range r.Items {
		texts[i] = string(r.Items[i].Text)
	}
	switch {
	case len(texts) == 3 && texts[0] == "message":
		return Message{Channel: texts[1], Payload: texts[2]}, true
	case len(texts) == 4 && texts[0] == "pmessage":
		return Message{Pattern: texts[1], Channel: texts[2], Payload: texts[3]}, true
	}
	return m, false
}

// end makes the goroutine end.
func (s *Subscription) end() {
	s.once.Do(func() {
		close(s.quit)
		s.conn.Close()
	})
}

// Close ends the subscription. Messages that C holds can still be read.
func (s *Subscription) Close() error {
	s.stop()
	s.end()
	<-s.done
	return nil
}
