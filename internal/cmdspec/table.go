package cmdspec

// Table finds the Spec of a command. It does not change after NewTable.
type Table struct {
	specs []*Spec // all, by ID; subcommands follow their parents
	top   []*Spec
}

// NewTable makes a table of copies of the specs of some families, and gives each its ID, FullName and Parent.
// Two specs of one name are a bug of ours: it panics.
func NewTable(families ...[]*Spec) *Table { panic("stub") }

// Lookup finds the command that argv names, in any case; the subcommand if it has one of that name.
// nil: unknown; Unknown gives the error.
func (t *Table) Lookup(argv [][]byte) *Spec { panic("stub") }

// Unknown is the error for argv that Lookup did not find.
func (t *Table) Unknown(argv [][]byte) error { panic("stub") }

// ByName finds a command by its full name ("get", "config|get"), in any case; nil if there is none.
func (t *Table) ByName(name string) *Spec { panic("stub") }

// Top are the commands that are not subcommands, sorted by name.
func (t *Table) Top() []*Spec { return t.top }

// Specs are all commands and subcommands by ID.
func (t *Table) Specs() []*Spec { return t.specs }

// CheckArity says whether n words are enough, and not too many.
func (s *Spec) CheckArity(n int) bool { return n == s.Arity || (s.Arity < 0 && n >= -s.Arity) }

// ErrArity is the error for a wrong number of words.
func (s *Spec) ErrArity() error {
	return Errorf("ERR wrong number of arguments for '%s' command", s.FullName)
}

// AppendKeyPositions appends the indexes of the keys among argv. ok is false if argv does not fit
// the key specifications (a syntax error that the handler will report); then nothing is appended.
func (s *Spec) AppendKeyPositions(dst []int, argv [][]byte) (positions []int, ok bool) { panic("stub") }
