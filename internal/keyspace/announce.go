package keyspace

// Events that are no effects of commands, or say more of one. Who wants them says so.

// A FieldSubscriber is a Subscriber who hears which fields of a hash an effect is about.
type FieldSubscriber interface {
	Subscriber
	// Fields is called behind After, with the fields in the order of the command; one that is named twice comes twice.
	Fields(db int, k Key, class Class, event string, fields [][]byte)
}

// tell calls After of those who want w.
func (tx *Tx) tell(w Interest, k Key, class Class, event string) {
	for _, s := range tx.ks.subs {
		if s.want(w) {
			s.After(tx.db, k, class, event)
		}
	}
}

// missed is called when a command looked for a key in vain.
func (tx *Tx) missed(k Key) { tx.tell(WantMisses, k, ClassMiss, "keymiss") }

// Ask is Look of which nobody hears when it is in vain: for OBJECT, as in Redis.
func (tx *Tx) Ask(k Key) (Entry, bool) {
	wants := tx.wants
	tx.wants &^= WantMisses
	e, found := tx.Look(k)
	tx.wants = wants
	return e, found
}

// made is called when a key was added.
func (tx *Tx) made(k Key) { tx.tell(WantMade, k, ClassNew, "new") }

// replacing is called before the value of a key, if it exists, is replaced as a
// whole by one of type t. Nobody can see it before the Tx ends, so the order does not show.
func (tx *Tx) replacing(k Key, t Type) {
	if e, found := tx.Peek(k); found {
		tx.NotifyReplaced(k, e.Type(), t)
	}
}

// NotifyReplaced reports that the value of a key, of type was, has been replaced
// by one of type is. Rename and CopyTo leave it to their caller, whose own event comes first.
func (tx *Tx) NotifyReplaced(k Key, was, is Type) {
	tx.tell(WantMade, k, ClassOverwritten, "overwritten")
	if was != is {
		tx.tell(WantMade, k, ClassTypeChanged, "type_changed")
	}
}

// moveTo is called before dst, in database db, gets the value of another key. If it exists
// it is deleted for that, and made again.
func (tx *Tx) moveTo(dst Key, db int) {
	tx.moving = true
	if !tx.want(WantMade) {
		return
	}
	back := tx.db
	tx.db = db
	if _, found := tx.Peek(dst); found {
		tx.made(dst)
	}
	tx.db = back
}

// WantsFields says whether anybody wants to know of fields: a handler may save the
// work of collecting them.
func (tx *Tx) WantsFields() bool { return tx.want(WantFields) }

// NotifyFields is Notify of an effect on fields of a hash.
func (tx *Tx) NotifyFields(class Class, event string, k Key, fields [][]byte) {
	tx.Notify(class, event, k)
	tx.tellFields(class, event, k, fields)
}

func (tx *Tx) tellFields(class Class, event string, k Key, fields [][]byte) {
	if !tx.want(WantFields) || len(fields) == 0 {
		return
	}
	for _, s := range tx.ks.subs {
		if f, ok := s.Subscriber.(FieldSubscriber); ok && s.want(WantFields) {
			f.Fields(tx.db, k, class, event, fields)
		}
	}
}
