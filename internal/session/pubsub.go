package session

import (
	"encoding/binary"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/pubsub"
	"github.com/redstart-db/redstart/internal/resp"
)

// Publish and subscribe. Who publishes encodes a message once for each topic it
// goes to, and puts it into the mailboxes of the loops that have the subscribers; each
// loop copies it behind the output of its own. So a publisher waits for nobody, and
// the messages of one publisher reach each subscriber in order.
//
// A message that the publisher himself has subscribed to is part of the reply to his
// PUBLISH, as in Redis.

// errSubscribeLocal ends the error for a client that has nowhere to get messages.
const errSubscribeLocal = "isn't allowed for a DENY BLOCKING client"

// refuseSubscribed is the error for a command that a RESP2 client which is subscribed may not run.
func refuseSubscribed(spec *cmdspec.Spec) string {
	switch spec.FullName {
	case "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe", "ping", "quit", "reset":
		return ""
	}
	return "ERR Can't execute '" + spec.FullName + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
}

// subscriptionSize is what a subscription takes beside its name: its places in the
// tables and lists of both sides.
const subscriptionSize = 256

// subscribed says whether the client has any subscription. Any thread.
func (c *Client) subscribed() bool { return c.pub.subscribed.Load() }

// subscriptions calls f for each subscription of the client. Any thread; f must
// neither publish nor subscribe.
func (c *Client) subscriptions(f func(kind pubsub.Kind, name string)) {
	if s := c.pub.subscriber.Load(); s != nil {
		c.hub.topics.Each(s, f)
	}
}

// subscribeTo adds a subscription.
func (c *Client) subscribeTo(kind pubsub.Kind, name []byte) {
	s := c.pub.subscriber.Load()
	if s == nil {
		s = pubsub.NewSubscriber(c.conn)
		c.pub.subscriber.Store(s)
	}
	if c.hub.topics.Subscribe(s, kind, name) {
		c.noteSubscriptions(subscriptionSize + int64(len(name)))
	}
}

// unsubscribeFrom ends a subscription, if there is one.
func (c *Client) unsubscribeFrom(kind pubsub.Kind, name []byte) {
	if s := c.pub.subscriber.Load(); s != nil && c.hub.topics.Unsubscribe(s, kind, name) {
		c.noteSubscriptions(-subscriptionSize - int64(len(name)))
	}
}

// unsubscribeAll ends all subscriptions of a client that goes away or is reset.
func (c *Client) unsubscribeAll() {
	for kind := range pubsub.Kinds {
		c.leave(kind, func(string) {})
	}
}

// leave ends all subscriptions of a kind, and calls f after each.
func (c *Client) leave(kind pubsub.Kind, f func(name string)) {
	s := c.pub.subscriber.Load()
	if s == nil {
		return
	}
	c.hub.topics.Leave(s, kind, func(name string) {
		c.noteSubscriptions(-subscriptionSize - int64(len(name)))
		f(name)
	})
}

// noteSubscriptions publishes what a change of the subscriptions, which takes so
// many bytes more, means for the client.
func (c *Client) noteSubscriptions(bytes int64) {
	c.hold(bytes)
	s, any := c.pub.subscriber.Load(), false
	for kind := range pubsub.Kinds {
		n := s.Count(kind)
		c.pub.topics[kind].Store(int32(n))
		any = any || n > 0
	}
	c.pub.subscribed.Store(any)
	c.gateSubscribed()
}

// gateSubscribed lets the client run few commands if it is subscribed and could not
// tell a message from a reply.
func (c *Client) gateSubscribed() {
	c.gates &^= gateSubscribed
	if c.subscribed() && c.pub.proto.Load() == 2 {
		c.gates |= gateSubscribed
	}
}

// listening is the number in the replies to commands about a kind: subscriptions to shard
// channels are counted apart from the others.
func (c *Client) listening(kind pubsub.Kind) int64 {
	if kind == pubsub.Shard {
		return int64(c.pub.topics[pubsub.Shard].Load())
	}
	return int64(c.pub.topics[pubsub.Channel].Load() + c.pub.topics[pubsub.Pattern].Load())
}

// A frame is a message on its way to subscribers of a topic: the stamp of the
// registry, the kind and the place of the topic's name, then the message in RESP2.
// That in RESP3 differs in the first byte.
const (
	frameKind = 8
	frameName = 9 // where in the frame the name begins
	frameLen  = 13
	frameHead = 17
)

// messageWords are the first words of messages.
var messageWords = [pubsub.Kinds]string{"message", "pmessage", "smessage"}

// newFrame makes the frame of a message for a topic.
func newFrame(to *pubsub.Match[*evloop.Conn], channel, payload []byte) []byte {
	word := messageWords[to.Kind]
	room := frameHead + 64 + len(word) + len(to.Name) + len(channel) + len(payload)
	w := resp.Writer{Buf: make([]byte, frameHead, room)}
	binary.LittleEndian.PutUint64(w.Buf, to.Stamp)
	w.Buf[frameKind] = byte(to.Kind)
	at := 0
	if to.Kind == pubsub.Pattern {
		w.Array(4)
		w.BulkString(word)
		w.BulkString(to.Name)
		at = len(w.Buf) - 2 - len(to.Name)
		w.Bulk(channel)
	} else {
		w.Array(3)
		w.BulkString(word)
		w.Bulk(channel)
		at = len(w.Buf) - 2 - len(to.Name)
	}
	w.Bulk(payload)
	binary.LittleEndian.PutUint32(w.Buf[frameName:], uint32(at))
	binary.LittleEndian.PutUint32(w.Buf[frameLen:], uint32(len(to.Name)))
	return w.Buf
}

// frameTopic is where a frame goes.
func frameTopic(frame []byte) (stamp uint64, kind pubsub.Kind, name []byte) {
	at := binary.LittleEndian.Uint32(frame[frameName:])
	n := binary.LittleEndian.Uint32(frame[frameLen:])
	return binary.LittleEndian.Uint64(frame), pubsub.Kind(frame[frameKind]), frame[at : at+n]
}

// publish sends a message to all who have subscribed to a channel, and returns how
// many times. What me, if it is not nil, has subscribed to itself, it is given at once.
func (h *Hub) publish(me *Client, kind pubsub.Kind, channel, payload []byte) int {
	return h.topics.Publish(kind, channel, func(to pubsub.Match[*evloop.Conn]) {
		frame := newFrame(&to, channel, payload)
		if at, mine := me.placeIn(&to); mine {
			me.postAll(to.To[:at], frame)
			me.postAll(to.To[at+1:], frame)
			me.pushNow(frame[frameHead:])
			return
		}
		me.postAll(to.To, frame)
	})
}

// postAll posts a frame to subscribers. c is who publishes; nil: the server, on any thread.
func (c *Client) postAll(to []*evloop.Conn, frame []byte) {
	if c == nil || c.worker.loop == nil {
		evloop.PostAll(to, deliver, frame)
		return
	}
	c.worker.loop.PostAll(to, deliver, frame)
}

// placeIn is the client's place among the subscribers of a topic.
func (c *Client) placeIn(to *pubsub.Match[*evloop.Conn]) (at int, ok bool) {
	if c == nil {
		return 0, false
	}
	s := c.pub.subscriber.Load()
	if s == nil {
		return 0, false
	}
	return s.Place(to.Kind, to.Name)
}

// deliver puts a frame behind the output of a subscriber, on his own thread.
func deliver(conn *evloop.Conn, frame []byte) {
	c := conn.User.(*Client)
	if c.pub.killed.Load() {
		return
	}
	if stamp, kind, name := frameTopic(frame); !c.hub.topics.Wants(c.pub.subscriber.Load(), stamp, kind, name) {
		return
	}
	w, message := c.worker, frame[frameHead:]
	if w.checkOutput(c, len(message)) {
		return
	}
	w.stats.netOut.Add(int64(len(message)))
	c.pub.netOut.Add(int64(len(message)))
	if c.pub.proto.Load() == 3 {
		conn.QueueMail(pushByte)
		message = message[1:]
	}
	conn.QueueMail(message)
}

var pushByte = []byte{'>'}

// pushNow writes a message, encoded for RESP2, into the reply to the command that
// the client runs.
func (c *Client) pushNow(message []byte) {
	r := &c.worker.reply
	at := len(r.Buf)
	r.Buf = append(r.Buf, message...)
	if r.Proto == 3 {
		r.Buf[at] = '>'
	}
	c.keepPushed()
}

// keepPushed keeps what the running command has written so far even if the client wants
// no replies: it is pushed.
func (c *Client) keepPushed() {
	if c.reply != replyOn {
		c.worker.mark = len(c.worker.reply.Buf)
	}
}

// Topics is how many topics of a kind have subscribers.
func (h *Hub) Topics(kind pubsub.Kind) int { return h.topics.Topics(kind) }

// Subscribers is how many clients have subscribed to anything.
func (h *Hub) Subscribers() int { return h.topics.Subscribers() }
