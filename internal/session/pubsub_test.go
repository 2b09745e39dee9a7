package session

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/pubsub"
	"github.com/redstart-db/redstart/internal/testutil"
)

func subscribed(topic string, n int) string {
	return fmt.Sprintf("*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:%d\r\n", len(topic), topic, n)
}

// Each subscriber gets all messages of each publisher, in order, while connections
// move between loops.
func TestMessagesAreInOrder(t *testing.T) {
	const publishers, subscribers, each = 4, 40, 400
	s := startServer(t, 4)
	s.loops.Activate(4)
	var listening, publishing sync.WaitGroup
	for range subscribers {
		c := s.dial(t)
		if rand.IntN(2) == 0 {
			c.Must(t, "HELLO", "3")
		}
		c.Must(t, "SUBSCRIBE", "a")
		listening.Go(func() { checkOrder(t, c, publishers, each) })
	}
	for i := range publishers {
		c := s.dial(t)
		publishing.Go(func() {
			var pipeline []byte
			for n := 0; n < each; {
				pipeline = pipeline[:0]
				batch := min(1+rand.IntN(20), each-n)
				for range batch {
					pipeline = testutil.AppendCommand(pipeline, "PUBLISH", "a", fmt.Sprintf("%d %d", i, n))
					n++
				}
				c.SendRaw(pipeline)
				for range batch {
					if r, err := c.Receive(); err != nil || r.Int() != subscribers {
						t.Errorf("PUBLISH: %q %v", r.Raw, err)
					}
				}
				s.loops.Activate(1 + rand.IntN(4))
			}
		})
	}
	publishing.Wait()
	listening.Wait()
}

func checkOrder(t *testing.T, c *testutil.Conn, publishers, each int) {
	next := make([]int, publishers)
	for range publishers * each {
		m, err := c.Receive()
		if err != nil {
			t.Error(err)
			return
		}
		var who, n int
		fmt.Sscanf(m.Elem[2].Text, "%d %d", &who, &n)
		if n != next[who] {
			t.Errorf("message %d of publisher %d, expected %d", n, who, next[who])
			return
		}
		next[who]++
	}
}

// A RESP2 client that was told that it has left gets no message any more: it would
// take it for the reply to something else.
func TestNothingAfterLeaving(t *testing.T) {
	s := startServer(t, 3)
	s.loops.Activate(3)
	var stop atomic.Bool
	var publishing sync.WaitGroup
	for range 2 {
		c := s.dial(t)
		publishing.Go(func() {
			pipeline := strings.Repeat("PUBLISH a x\r\n", 20)
			for !stop.Load() {
				c.SendRaw([]byte(pipeline))
				for range 20 {
					c.Receive()
				}
				s.loops.Activate(1 + rand.IntN(3))
			}
		})
	}
	c := s.dial(t)
	leave := []string{"UNSUBSCRIBE", "UNSUBSCRIBE a", "RESET", "PUNSUBSCRIBE"}
	for i := range 300 {
		how := leave[i%len(leave)]
		topic, word := "SUBSCRIBE a", "unsubscribe"
		if how == "PUNSUBSCRIBE" {
			topic, word = "PSUBSCRIBE [a]", "punsubscribe"
		}
		ask(t, c, topic)
		c.Send(strings.Fields(how)...)
		for {
			r, err := c.Receive()
			if err != nil {
				t.Fatal(err)
			}
			if r.Text == "RESET" || len(r.Elem) > 0 && r.Elem[0].Text == word {
				break
			}
		}
		expect(t, c, "ECHO here", "$4\r\nhere\r\n")
	}
	stop.Store(true)
	publishing.Wait()
}

// What was published before a client sent something comes before the reply to it.
func TestMessageBeforeLaterReply(t *testing.T) {
	s := startServer(t, 2)
	s.loops.Activate(2)
	p, c := s.dial(t), s.dial(t)
	c.Must(t, "HELLO", "3")
	c.Must(t, "SUBSCRIBE", "a")
	for range 500 {
		expect(t, p, "PUBLISH a x", ":1\r\n")
		c.Send("PING")
		receive(t, c, ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n")
		receive(t, c, "+PONG\r\n")
	}
}

func TestSlowSubscriberIsCut(t *testing.T) {
	s := startServer(t, 1)
	s.settings.OutputLimits[ClassPubSub].set(1<<20, 0, 0)
	slow, quick, p := s.dial(t), s.dial(t), s.dial(t)
	ask(t, slow, "SUBSCRIBE a")
	ask(t, quick, "SUBSCRIBE a")
	message := strings.Repeat("x", 100_000)
	for n := 0; s.Topics(pubsub.Channel) > 0 && s.Stats().OutputKills == 0; n++ {
		p.Must(t, "PUBLISH", "a", message)
		if m, err := quick.Receive(); err != nil || len(m.Elem) != 3 || m.Elem[2].Text != message {
			t.Fatalf("after %d messages: %v", n, err)
		}
	}
	until(t, func() bool { return s.Subscribers() == 1 })
	expect(t, p, "PUBLISH a x", ":1\r\n")
}

func TestSubscribersMayIdle(t *testing.T) {
	s := startServer(t, 1)
	s.settings.Timeout.Store(1)
	c, idle := s.dial(t), s.dial(t)
	ask(t, c, "SUBSCRIBE a")
	ask(t, idle, "PING")
	idle.SetReadDeadline(time.Now().Add(10 * time.Second))
	if rest, err := idle.ReadToEOF(); err != nil || len(rest) > 0 {
		t.Fatalf("%q %v", rest, err)
	}
	ask(t, c, "UNSUBSCRIBE")
}

// A client without a connection has nowhere to get messages, but may publish.
func TestLocalPublishes(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	ask(t, c, "SUBSCRIBE a")
	l := s.Local()
	defer l.Close()
	do := func(words ...string) string {
		argv := make([][]byte, len(words))
		for i, w := range words {
			argv[i] = []byte(w)
		}
		return string(l.Do(argv))
	}
	if got := do("PUBLISH", "a", "x"); got != ":1\r\n" {
		t.Error(got)
	}
	receive(t, c, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n")
	if got := do("PSUBSCRIBE", "a"); got != "-ERR PSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n" {
		t.Error(got)
	}
	if got := do("UNSUBSCRIBE"); got != "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n" {
		t.Error(got)
	}
}

// What subscriptions take is given back, and others can walk them.
func TestSubscriptionsAreCounted(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	ask(t, c, "PING")
	before := s.Memory()
	expect(t, c, "SUBSCRIBE a", subscribed("a", 1))
	ask(t, c, "PSUBSCRIBE b*")
	ask(t, c, "SSUBSCRIBE c")
	me, kinds := s.snapshot()[0], map[pubsub.Kind]string{}
	me.subscriptions(func(kind pubsub.Kind, name string) { kinds[kind] = name })
	if fmt.Sprint(kinds) != "map[0:a 1:b* 2:c]" {
		t.Error(kinds)
	}
	if s.Memory() <= before || me.class() != ClassPubSub {
		t.Errorf("%d bytes, before %d", s.Memory(), before)
	}
	ask(t, c, "RESET")
	if s.Memory() != before || me.class() != ClassNormal {
		t.Errorf("%d bytes, before %d", s.Memory(), before)
	}
}
