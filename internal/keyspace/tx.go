package keyspace

import "errors"

// ErrWrongType: the key holds a value of another type than the command works on.
var ErrWrongType = errors.New("wrong type")

// A Key is a key's name with its hash, which is computed once, when the
// command is parsed, and decides the shard, the segment, the bucket and the
// fingerprint.
type Key struct {
	Name []byte
	Hash uint64
}

// TTL says what a write does to a key's expiry.
type TTL int64

// A TTL greater than zero is an absolute time in Unix milliseconds.
const (
	NoTTL   TTL = 0  // the key will not expire
	KeepTTL TTL = -1 // the key keeps the expiry it has, if any
)

// Type is the type of a value.
type Type uint8

// The types; the numbers are stored in records.
const (
	TypeString Type = iota
	TypeList
	TypeSet
	TypeZSet
	TypeHash
	TypeStream
)

func (t Type) String() string {
	return [...]string{"string", "list", "set", "zset", "hash", "stream"}[t]
}

// Class is the class of a keyspace event, as the letters of
// notify-keyspace-events.
type Class uint16

// The classes.
const (
	ClassGeneric Class = 1 << iota // g
	ClassString                    // $
	ClassList                      // l
	ClassSet                       // s
	ClassHash                      // h
	ClassZSet                      // z
	ClassStream                    // t
	ClassExpired                   // x
	ClassEvicted                   // e
	ClassNew                       // n
)

// An Entry is a key that was found, with its value. It is valid until the
// next change to the keyspace through the same Tx; it points into the arena.
type Entry struct { /* stub */
}

// Type returns the type of the value.
func (e Entry) Type() Type { panic("stub") }

// Encoding returns the name OBJECT ENCODING shows.
func (e Entry) Encoding() string { panic("stub") }

// ExpireAt returns when the key expires, in Unix milliseconds, or 0 for never.
func (e Entry) ExpireAt() int64 { panic("stub") }

// Name returns the key's name, in the arena: copy it before any change.
func (e Entry) Name() []byte { panic("stub") }

// IdleSeconds is the time since the last access; it is meaningless under an LFU policy.
func (e Entry) IdleSeconds() int64 { panic("stub") }

// Freq is the LFU counter, decayed to now.
func (e Entry) Freq() int { panic("stub") }

// Clock is the raw 24-bit access clock.
func (e Entry) Clock() uint32 { panic("stub") }

// Memory is the number of bytes that the key and its value take, index included.
func (e Entry) Memory() int64 { panic("stub") }

// Int returns the value of a string that is stored as an integer.
func (e Entry) Int() (n int64, ok bool) { panic("stub") }

// Len is the length of a string value in bytes.
func (e Entry) Len() int { panic("stub") }

// Bytes returns a string value: in the arena, or, for an integer, its digits
// appended to scratch[:0]. Not to be modified or kept beyond the next change.
func (e Entry) Bytes(scratch []byte) []byte { panic("stub") }

// A Tx is a locked part of the keyspace, in one database unless told
// otherwise, for the time of one command (or of one transaction): the only way to reach data.
// Whoever began it holds the locks; a Tx never takes more.
type Tx struct { /* stub */
}

// DB is the index of the database that the Tx works on.
func (tx *Tx) DB() int { panic("stub") }

// SetDB turns to another database; the locks cover all databases. (COPY ... DB, MOVE: restore it after.)
func (tx *Tx) SetDB(db int) { panic("stub") }

// Now is the time of the command, in Unix milliseconds. It does not advance
// during a command.
func (tx *Tx) Now() int64 { panic("stub") }

// Key hashes a name that was not among the command's keys. Its shard must be locked.
func (tx *Tx) Key(name []byte) Key { panic("stub") }

// Read finds a key for a command that reads its value: counts a hit or miss
// and touches the access clock (unless the client asked for no-touch). An
// expired key is not found.
func (tx *Tx) Read(k Key) (Entry, bool) { panic("stub") }

// Write finds a key for a command that will change it: touches the access clock, counts nothing.
func (tx *Tx) Write(k Key) (Entry, bool) { panic("stub") }

// Peek finds a key without touching anything: TTL, OBJECT, TYPE, DEBUG.
func (tx *Tx) Peek(k Key) (Entry, bool) { panic("stub") }

// ReadString is Read that fails with ErrWrongType unless the value is a string.
func (tx *Tx) ReadString(k Key) (Entry, bool, error) { panic("stub") }

// WriteString is Write that fails with ErrWrongType unless the value is a string.
func (tx *Tx) WriteString(k Key) (Entry, bool, error) { panic("stub") }

// SetString makes the value of k a string with the content of v, in the
// encoding that Redis would choose (int, embstr, raw), whatever k held before.
func (tx *Tx) SetString(k Key, v []byte, ttl TTL) { panic("stub") }

// SetInt makes the value of k the integer n.
func (tx *Tx) SetInt(k Key, n int64, ttl TTL) { panic("stub") }

// Append appends to the string at k (which may be missing) and returns the new length. The encoding
// becomes raw. The caller has checked type and size limit.
func (tx *Tx) Append(k Key, v []byte) int { panic("stub") }

// SetRange overwrites bytes of the string at k (which may be missing) from offset on, padding with
// zeros, and returns the new length. The caller has checked type and size limit.
func (tx *Tx) SetRange(k Key, offset int, v []byte) int { panic("stub") }

// Grow makes the string at k (which may be missing: it becomes zeros) at least n bytes long, raw, and returns its
// bytes for writing in place. For SETBIT, BITFIELD and the like.
func (tx *Tx) Grow(k Key, n int) []byte { panic("stub") }

// Delete removes a key. It says whether the key was there.
func (tx *Tx) Delete(k Key) bool { panic("stub") }

// SetExpire sets when k expires (NoTTL: never). It says whether the key was there.
func (tx *Tx) SetExpire(k Key, at TTL) bool { panic("stub") }

// SetClock sets the raw access clock (RESTORE IDLETIME and FREQ, DEBUG).
func (tx *Tx) SetClock(k Key, clock uint32) { panic("stub") }

// Rename gives src's value, with its expiry, to dst, replacing what dst held. src exists.
func (tx *Tx) Rename(src, dst Key) { panic("stub") }

// CopyTo copies the value and expiry of src to dst in database db, replacing what dst held. src exists.
func (tx *Tx) CopyTo(src, dst Key, db int) { panic("stub") }

// MoveTo moves k to database db, where it does not exist. k exists.
func (tx *Tx) MoveTo(k Key, db int) { panic("stub") }

// Notify reports an effect on a key that this Tx changed: the keyspace event
// Redis has for it. Every change is followed by exactly one or more Notify for its key;
// the invariants build checks it.
func (tx *Tx) Notify(class Class, event string, k Key) { panic("stub") }

// Effect replaces what is journalled for this command: by default the command as it
// came, if it changed anything. Each call adds one deterministic command. args are copied if needed.
func (tx *Tx) Effect(args ...[]byte) { panic("stub") }

// Dirty is the number of changes made through the Tx.
func (tx *Tx) Dirty() int { panic("stub") }

// The calls below need every shard locked.

// DBSize is the number of keys in the database (expired ones that are not yet gone count).
func (tx *Tx) DBSize() int { panic("stub") }

// ExpiresSize is the number of keys with an expiry in the database, and the
// average time to live of them in milliseconds.
func (tx *Tx) ExpiresSize() (n int, avgTTL int64) { panic("stub") }

// Each calls f for every live key of the database until f returns false. f must not change the keyspace.
func (tx *Tx) Each(f func(Entry) bool) { panic("stub") }

// Scan calls f for each live key of some buckets from cursor on, until about count were seen, and returns
// the cursor to go on from; 0 when all were seen. Every key that is there from the first call to the last is seen at least once.
func (tx *Tx) Scan(cursor uint64, count int, f func(Entry)) uint64 { panic("stub") }

// Random returns a random live key of the database.
func (tx *Tx) Random() (Entry, bool) { panic("stub") }

// FlushDB removes every key of the database, FlushAll of all; what they held is
// reclaimed in the background. They return the number of keys removed.
func (tx *Tx) FlushDB() int  { panic("stub") }
func (tx *Tx) FlushAll() int { panic("stub") }

// SwapDB exchanges two databases.
func (tx *Tx) SwapDB(a, b int) { panic("stub") }
