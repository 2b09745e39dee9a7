package cmdspec

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// Table finds the Spec of a command. It does not change after NewTable.
type Table struct {
	specs []*Spec // all, by ID; subcommands follow their parents
	top   []*Spec // without subcommands, sorted by name
	names names
	subs  []names // of the spec with this ID
}

// NewTable makes a table of copies of the specs of some families, and gives
// each its ID, FullName and Parent. Copies, so that several servers in one
// process have a table each. Two specs of one name are a bug of ours: it panics.
func NewTable(families ...[]*Spec) *Table {
	t := &Table{}
	for _, family := range families {
		for _, spec := range family {
			t.top = append(t.top, t.add(spec, nil))
		}
	}
	t.names = newNames(t.top)
	t.subs = make([]names, len(t.specs))
	for _, s := range t.specs {
		t.subs[s.ID] = newNames(s.Sub)
	}
	slices.SortFunc(t.top, func(a, b *Spec) int { return strings.Compare(a.Name, b.Name) })
	return t
}

// add copies spec and its subcommands into the table.
func (t *Table) add(spec, parent *Spec) *Spec {
	s := new(Spec)
	*s = *spec
	s.ID, s.Parent, s.FullName = len(t.specs), parent, s.Name
	if parent != nil {
		s.FullName = parent.Name + "|" + s.Name
	}
	s.firstKey = fixedKey(s.Keys)
	s.Slow = s.Flags&Blocking != 0 || s.Flags&Fast == 0 && !strings.HasPrefix(s.Complexity, "O(1)")
	t.specs = append(t.specs, s)
	s.Sub = make([]*Spec, len(spec.Sub))
	for i, sub := range spec.Sub {
		s.Sub[i] = t.add(sub, s)
	}
	return s
}

// Lookup finds the command that argv names, in any case; the subcommand for a
// command that has subcommands, if there is a second word. nil: unknown;
// Unknown gives the error.
func (t *Table) Lookup(argv [][]byte) *Spec {
	s := t.names.find(argv[0])
	if s == nil || len(s.Sub) == 0 || len(argv) == 1 {
		return s
	}
	return t.subs[s.ID].find(argv[1])
}

// ByName finds a command by its full name ("get", "config|get"), in any case;
// nil if there is none.
func (t *Table) ByName(name string) *Spec {
	first, second, isSub := strings.Cut(name, "|")
	s := t.names.find([]byte(first))
	if s == nil || !isSub {
		return s
	}
	return t.subs[s.ID].find([]byte(second))
}

// Top are the commands that are not subcommands, sorted by name.
func (t *Table) Top() []*Spec { return t.top }

// Specs are all commands and subcommands by ID.
func (t *Table) Specs() []*Spec { return t.specs }

// maxShown is how many bytes of a name, and of all arguments together, an
// error shows.
const maxShown = 128

// Unknown is the error for argv that Lookup did not find.
func (t *Table) Unknown(argv [][]byte) error {
	if parent := t.names.find(argv[0]); parent != nil {
		return Errorf("ERR unknown subcommand '%s'. Try %s HELP.", shown(argv[1], maxShown), strings.ToUpper(parent.Name))
	}
	var args []byte
	for _, arg := range argv[1:] {
		if len(args) >= maxShown {
			break
		}
		room := maxShown - len(args)
		args = append(args, '\'')
		args = append(args, shown(arg, room)...)
		args = append(args, "' "...)
	}
	return Errorf("ERR unknown command '%s', with args beginning with: %s", shown(argv[0], maxShown), args)
}

// shown is what C's %.*s prints of s: at most n bytes, up to the first NUL.
func shown(s []byte, n int) []byte {
	s = s[:min(n, len(s))]
	if i := bytes.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	return s
}

// OriginalName is the name from before rename-command.
func (s *Spec) OriginalName() string {
	if s.Original != "" {
		return s.Original
	}
	return s.Name
}

// Alone says whether it neither has nor is a subcommand: its first word says which command it is.
func (s *Spec) Alone() bool { return len(s.Sub) == 0 && len(s.FullName) == len(s.Name) }

// CheckArity says whether n words are what the command takes.
func (s *Spec) CheckArity(n int) bool { return n == s.Arity || (s.Arity < 0 && n >= -s.Arity) }

// ErrArity is the error for a wrong number of words.
func (s *Spec) ErrArity() error {
	return Errorf("ERR wrong number of arguments for '%s' command", s.FullName)
}

// names is a hash table from the words of commands to their specs: open
// addressing, at most half full, built once. A word is compared as two
// machine words in lower case, which no command's name exceeds by much; what
// is longer is compared byte by byte.
type names struct {
	mask  uint64
	slots []nameSlot
}

type nameSlot struct {
	lo, hi uint64
	spec   *Spec
}

func newNames(specs []*Spec) names {
	size := 4
	for size < 2*len(specs) {
		size *= 2
	}
	n := names{mask: uint64(size - 1), slots: make([]nameSlot, size)}
	for _, s := range specs {
		n.insert(s)
	}
	return n
}

// insert adds a Spec. It panics if the name is taken: a mistake in a literal.
func (n *names) insert(s *Spec) {
	if n.find([]byte(s.Name)) != nil {
		panic("cmdspec: two commands are called " + s.FullName)
	}
	lo, hi := foldWord([]byte(s.Name))
	i := hashWord(lo, hi) & n.mask
	for n.slots[i].spec != nil {
		i = (i + 1) & n.mask
	}
	n.slots[i] = nameSlot{lo, hi, s}
}

func (n *names) find(word []byte) *Spec {
	lo, hi := foldWord(word)
	for i := hashWord(lo, hi) & n.mask; n.slots[i].spec != nil; i = (i + 1) & n.mask {
		slot := &n.slots[i]
		if slot.lo == lo && slot.hi == hi && len(slot.spec.Name) == len(word) && equalTail(word, slot.spec.Name) {
			return slot.spec
		}
	}
	return nil
}

func hashWord(lo, hi uint64) uint64 {
	h := (lo ^ hi*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	return h >> 40
}

// equalTail compares what foldWord leaves out.
func equalTail(word []byte, name string) bool {
	return len(word) <= 16 || bytes.EqualFold(word[16:], []byte(name[16:]))
}

// foldWord packs the first 16 bytes of a word, in lower case, padded with zeros.
func foldWord(w []byte) (lo, hi uint64) {
	switch {
	case len(w) >= 16:
		return foldCase(binary.LittleEndian.Uint64(w)), foldCase(binary.LittleEndian.Uint64(w[8:]))
	case len(w) >= 8:
		return foldCase(binary.LittleEndian.Uint64(w)), foldCase(packShort(w[8:]))
	}
	return foldCase(packShort(w)), 0
}

// packShort packs fewer than eight bytes.
func packShort(w []byte) (x uint64) {
	for i, c := range w {
		x |= uint64(c) << (8 * i)
	}
	return x
}

// foldCase makes the ASCII capitals among eight bytes small. With the top bit
// of each byte cleared nothing carries from one byte into the next, so that
// the top bits of the two sums say "at least A" and "above Z".
func foldCase(x uint64) uint64 {
	const ones = 0x0101010101010101
	low := x &^ (0x80 * ones)
	atLeastA := low + (0x80-'A')*ones
	aboveZ := low + (0x80-'Z'-1)*ones
	capitals := (atLeastA ^ aboveZ) &^ x & (0x80 * ones)
	return x | capitals>>2
}
