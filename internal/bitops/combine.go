package bitops

// Op is how Combine combines strings, bit by bit.
type Op uint8

// The operations. Of the last four the first three take two sources or more.
const (
	And   Op = iota // set in all sources
	Or              // set in one source or more
	Xor             // set in an odd number of sources
	Not             // not set in the only source
	Diff            // set in the first source and in no other
	Diff1           // set in another source, not in the first
	AndOr           // set in the first source and in another
	One             // set in exactly one source
)

// piece is how much of the destination is made at a time: it stays in the
// first-level cache, with what it is made of.
const piece = 4 << 10

// Combine writes the combination of the sources, which count as followed by
// zeros, to dst. It is as long as the longest of them. dst may be one of the
// sources or overlap one from its start on.
func Combine(dst []byte, op Op, src [][]byte) {
	var c combiner
	c.op, c.src = op, src
	for at := 0; at < len(dst); at += piece {
		c.at = at
		c.run(dst[at:min(at+piece, len(dst))])
	}
}

// combiner makes one piece. All of dst is written by the last step, which
// reads every word before it writes it: that is why dst may be a source.
type combiner struct {
	op            Op
	src           [][]byte
	at            int
	acc, more, in [piece]byte // what is made of sources so far, a second result, a source with its zeros
}

// source is the piece of source i that belongs to dst.
func (c *combiner) source(i, n int) []byte {
	s := c.src[i]
	if c.at+n <= len(s) {
		return s[c.at : c.at+n]
	}
	got := 0
	if c.at < len(s) {
		got = copy(c.in[:n], s[c.at:])
	}
	clear(c.in[got:n])
	return c.in[:n]
}

func (c *combiner) run(dst []byte) {
	n := len(dst)
	switch c.op {
	case And:
		c.fold(dst, 0, and)
	case Or:
		c.fold(dst, 0, or)
	case Xor:
		c.fold(dst, 0, xor)
	case Not:
		not(dst, c.source(0, n))
	case Diff:
		c.fold(c.acc[:n], 1, or)
		andNot(dst, c.source(0, n), c.acc[:n])
	case Diff1:
		c.fold(c.acc[:n], 1, or)
		andNot(dst, c.acc[:n], c.source(0, n))
	case AndOr:
		c.fold(c.acc[:n], 1, or)
		and(dst, c.source(0, n), c.acc[:n])
	case One:
		c.one(dst)
	}
}

// fold writes the combination of the sources from the first'th on to dst.
func (c *combiner) fold(dst []byte, first int, step func(dst, a, b []byte)) {
	n := len(dst)
	if first == len(c.src)-1 {
		copy(dst, c.source(first, n))
		return
	}
	a := c.source(first, n)
	if first+2 < len(c.src) || len(c.src[first]) < c.at+n { // the next source may need c.in
		a = c.acc[:n]
		copy(a, c.source(first, n))
	}
	last := len(c.src) - 1
	for i := first + 1; i < last; i++ {
		step(a, a, c.source(i, n))
	}
	step(dst, a, c.source(last, n))
}

// one collects what is set in an odd number of sources, and what is set in
// more than one.
func (c *combiner) one(dst []byte) {
	n := len(dst)
	odd, more := c.acc[:n], c.more[:n]
	copy(odd, c.source(0, n))
	clear(more)
	for i := 1; i < len(c.src); i++ {
		again(odd, more, c.source(i, n))
	}
	andNot(dst, odd, more)
}
