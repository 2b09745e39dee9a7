package cmdspec

// Group is the documentation group of a command; ACL categories follow from it.
type Group uint8

// The groups, as COMMAND DOCS names them.
const (
	GroupGeneric Group = iota
	GroupString
	GroupList
	GroupSet
	GroupSortedSet
	GroupHash
	GroupPubSub
	GroupTransactions
	GroupConnection
	GroupServer
	GroupScripting
	GroupHyperLogLog
	GroupCluster
	GroupSentinel
	GroupGeo
	GroupStream
	GroupBitmap
	GroupModule
)

var groupNames = [...]string{"generic", "string", "list", "set", "sorted-set", "hash", "pubsub", "transactions",
	"connection", "server", "scripting", "hyperloglog", "cluster", "sentinel", "geo", "stream", "bitmap", "module"}

func (g Group) String() string { return groupNames[g] }

// Flags say how a command may be run.
type Flags uint32

// The flags that COMMAND INFO shows, in its order.
const (
	Write Flags = 1 << iota
	ReadOnly
	DenyOOM
	Admin
	PubSub
	NoScript
	Random // of old; shown no more: see Tips
	Blocking
	Loading
	Stale
	SkipMonitor
	SkipSlowlog
	Asking
	Fast
	NoAuth
	MayReplicate // waits while writes are paused; not shown
	Protected    // reserved for administrative commands that a setting must enable
	NoMulti
	MovableKeys
	AllowBusy
	NoAsyncLoading
	NoMandatoryKeys
	NotQueued // runs at once inside MULTI, too; not shown
	EndsMulti // ends a transaction; not shown
	Stateful  // changes the client that runs it, or goes on talking to it; not shown
)

// Locks says which shards the dispatcher locks before it calls Run.
type Locks uint8

const (
	LockKeys    Locks = iota // the shards of the command's keys; none if it has none
	LockAll                  // every shard
	LockNone                 // none, even though it names keys
	LockEach                 // none; the handler looks at one shard after the other (Tx.Stats)
	LockWatched              // those of the keys that the client watches
	LockQueued               // those, and those of the commands that it has queued
)

// A Spec is all that is known of a command; everything that must know
// commands (dispatch, COMMAND, ACL, transactions, cluster, hints, docs) reads
// it. It is a literal beside its handler and does not change after start.
type Spec struct {
	Name       string // lower case; a subcommand's own word, not its full name
	Original   string // the name before rename-command; empty: Name
	Arity      int    // number of words with the name; -n: at least n
	Since      string
	Group      Group
	Summary    string
	Complexity string
	Flags      Flags
	Categories string    // ACL categories beyond those that follow from Group and Flags, or with a minus sign not, separated by spaces
	Keys       []KeySpec // nil: takes no keys
	Locks      Locks
	Element    int      // a word that is likely to be an element of the first key's collection, for prefetching; 0: none
	Args       string   // the syntax after the name; see ParseArgs
	Tips       []string // request_policy and the like, as COMMAND INFO shows them
	History    [][2]string
	Deprecated string // "since|replacement", empty if it is not
	DocFlags   string // "syscmd"
	Sub        []*Spec
	Run        func(*Ctx) error

	// Narrow says what a command line does to its keys, for VariableFlags.
	Narrow func(words [][]byte) KeyFlags

	// Secret says whether word i of a command line is one to be kept from others; nil: none is. See Shown.
	Secret func(words [][]byte, i int) bool

	// Set by NewTable.
	ID       int    // dense, from 0: for counters in arrays
	FullName string // "config|get"
	Parent   *Spec
	Slow     bool // its time depends on more than the size of its words and of its reply
	firstKey int  // index of the one key, if that is fixed; else 0
}

// KeyFlags say what a command does to the keys that a KeySpec finds.
type KeyFlags uint16

// The key flags, as COMMAND INFO shows them.
const (
	RO KeyFlags = 1 << iota
	RW
	OW
	RM
	Access
	Update
	Insert
	Delete
	NotKey
	Incomplete
	VariableFlags
)

// A KeySpec finds keys among the words of a command: first a begin, then from
// it the keys. The fields mirror Redis's key specifications.
type KeySpec struct {
	Flags KeyFlags
	Notes string

	Index     int    // begin: this word, unless Keyword or Find is set; 0: nobody can tell
	Keyword   string // begin: the word after this one ...
	StartFrom int    // ... looked for from here on (negative: from the end, backwards)

	Find func(words [][]byte) int // begin: the word that this finds, 0 if there is none; clients are told it is unknown

	// find: a range of Step from begin to begin+Last (negative: counted from
	// the end of the command; with Limit, only that fraction of it) ...
	Last, Step, Limit int
	// ... or, if KeyNum is set, as many keys as the word at begin+NumIndex
	// says, the first at begin+First.
	KeyNum          bool
	NumIndex, First int
}

// Key is the specification of one key at word i.
func Key(i int, f KeyFlags) KeySpec { return KeySpec{Flags: f, Index: i, Step: 1} }

// KeyRange is keys from word first to last (negative: from the end), every step words.
func KeyRange(first, last, step int, f KeyFlags) KeySpec {
	if last > 0 {
		last -= first
	}
	return KeySpec{Flags: f, Index: first, Last: last, Step: step}
}

// KeyCount is a number of keys in word i, followed by them.
func KeyCount(i int, f KeyFlags) KeySpec {
	return KeySpec{Flags: f, Index: i, KeyNum: true, First: 1, Step: 1}
}
