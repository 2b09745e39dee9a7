package session

import (
	"bytes"
	"strconv"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/pubsub"
)

// Keyspace notifications: what the keyspace tells its subscribers of is published on
// channels named after the key or the event. The keyspace tells of nothing while the setting is empty.
//
// They are called under the locks of shards, so nothing here locks one.

// Notify says which notifications are wanted: the classes of events, and on which
// channels they are published.
type Notify struct {
	Classes            keyspace.Class
	Keyspace, KeyEvent bool // K, E
	Subkeyspace        bool // S: by key, with event and fields
	SubkeyEvent        bool // T: by event, with key and fields
	SubkeyspaceItem    bool // I: by key and field, with event
	SubkeyspaceEvent   bool // V: by event and key, with fields
}

// fields says whether any channel is about fields.
func (n *Notify) fields() bool {
	return n.Subkeyspace || n.SubkeyEvent || n.SubkeyspaceItem || n.SubkeyspaceEvent
}

// interest is what the keyspace has to tell of.
func (n *Notify) interest() (w keyspace.Interest) {
	if n.Classes == 0 || !n.Keyspace && !n.KeyEvent && !n.fields() {
		return 0
	}
	w = keyspace.WantAfter
	if n.Classes&keyspace.ClassMiss != 0 {
		w |= keyspace.WantMisses
	}
	if n.Classes&(keyspace.ClassNew|keyspace.ClassOverwritten|keyspace.ClassTypeChanged) != 0 {
		w |= keyspace.WantMade
	}
	if n.fields() {
		w |= keyspace.WantFields
	}
	return w
}

// notifier is the subscriber that publishes events.
type notifier struct {
	hub  *Hub
	sub  *keyspace.Subscription
	want atomic.Pointer[Notify]
}

func newNotifier(h *Hub) *notifier {
	n := &notifier{hub: h}
	n.want.Store(&Notify{})
	n.sub = h.ks.Subscribe(n)
	n.sub.Want(0)
	return n
}

// SetNotify sets which keyspace notifications are published.
func (h *Hub) SetNotify(want Notify) {
	h.notifier.want.Store(&want)
	h.notifier.sub.Want(want.interest())
}

// After publishes an event, first for those who look at the key, then for those who look at the event.
func (n *notifier) After(db int, k keyspace.Key, class keyspace.Class, event string) {
	want := n.want.Load()
	if want.Classes&class == 0 || n.hub.topics.Silent(pubsub.Channel) {
		return
	}
	if want.Keyspace {
		n.publish(appendChannel("__keyspace@", db, k.Name), []byte(event))
	}
	if want.KeyEvent {
		n.publish(appendChannel("__keyevent@", db, event), k.Name)
	}
}

// Fields publishes which fields an event was about. A key with a line break has no channels
// per field: nobody could tell where in their names the field begins.
func (n *notifier) Fields(db int, k keyspace.Key, class keyspace.Class, event string, fields [][]byte) {
	want := n.want.Load()
	if want.Classes&class == 0 || n.hub.topics.Silent(pubsub.Channel) {
		return
	}
	list := appendFields(nil, fields)
	if want.Subkeyspace {
		n.publish(appendChannel("__subkeyspace@", db, k.Name), append(append([]byte(event), '|'), list...))
	}
	if want.SubkeyEvent {
		n.publish(appendChannel("__subkeyevent@", db, event), append(append(appendField(nil, k.Name), '|'), list...))
	}
	if want.SubkeyspaceItem && bytes.IndexByte(k.Name, '\n') < 0 {
		for _, field := range fields {
			name := append(appendChannel("__subkeyspaceitem@", db, k.Name), '\n')
			n.publish(append(name, field...), []byte(event))
		}
	}
	if want.SubkeyspaceEvent {
		name := append(appendChannel("__subkeyspaceevent@", db, event), '|')
		n.publish(append(name, k.Name...), list)
	}
}

func (n *notifier) publish(channel, message []byte) {
	n.hub.publish(nil, pubsub.Channel, channel, message)
}

// appendChannel is the name of a channel: prefix, database, and what it is about.
func appendChannel[T []byte | string](prefix string, db int, about T) []byte {
	b := make([]byte, 0, len(prefix)+len(about)+16)
	b = append(b, prefix...)
	b = strconv.AppendInt(b, int64(db), 10)
	b = append(b, "__:"...)
	return append(b, about...)
}

// appendFields appends fields, each with its length before it.
func appendFields(b []byte, fields [][]byte) []byte {
	for i, field := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendField(b, field)
	}
	return b
}

func appendField(b, field []byte) []byte {
	b = strconv.AppendInt(b, int64(len(field)), 10)
	return append(append(b, ':'), field...)
}

func (n *notifier) Before(int, keyspace.Key, keyspace.Entry, bool) {}
func (n *notifier) Journal(int, [][]byte)                          {}
func (n *notifier) Flush(int)                                      {}
func (n *notifier) Swap(int, int)                                  {}
