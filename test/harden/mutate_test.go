package harden

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/testutil"
)

// input makes what one client sends. mutated: it is no longer what a client would.
func (c *corpus) input(r *rand.Rand) (b []byte, mutated bool) {
	switch r.IntN(50) {
	case 0:
		return randomBytes(r, r.IntN(4000)), true
	case 1:
		return c.pipeline(r), false
	}
	commands := c.commands(r)
	if isFragile(commands) || r.IntN(10) == 0 {
		return encode(r, commands), false
	}
	for range r.IntN(4) {
		mutateWords(r, commands)
	}
	b = encode(r, commands)
	for range r.IntN(5) {
		b = mutateBytes(r, b)
	}
	return b, true
}

// isFragile says whether a command may stop the server for as long as a number
// in it says, which therefore stays, or takes long without one.
func isFragile(commands [][]string) bool {
	return slices.ContainsFunc(commands, func(words []string) bool {
		return words[0] == "PFSELFTEST" || len(words) > 1 && words[1] == "PAUSE"
	})
}

// commands are some commands in one of the states that a client can be in.
func (c *corpus) commands(r *rand.Rand) (list [][]string) {
	add := func(words ...string) { list = append(list, words) }
	if r.IntN(4) == 0 {
		add("HELLO", "3")
	}
	switch r.IntN(16) {
	case 0:
		add("SUBSCRIBE", "ch1", "ch2")
	case 1:
		add("PSUBSCRIBE", "ch*")
	case 2:
		add("CLIENT", "TRACKING", "ON")
		add("MGET", "string:0", "string:1")
	case 3:
		add("CLIENT", "REPLY", []string{"OFF", "SKIP"}[r.IntN(2)])
	case 4:
		add("WATCH", "string:0", "list:1")
	case 5:
		add("SELECT", "3")
	}
	multi := r.IntN(6) == 0
	if multi {
		add("MULTI")
	}
	for range 1 + r.IntN(4) {
		add(c.command(r)...)
	}
	if multi && r.IntN(4) > 0 {
		add("EXEC")
	}
	return list
}

// pipeline is many commands at once, most of them the same.
func (c *corpus) pipeline(r *rand.Rand) (b []byte) {
	words := c.command(r)
	for isFragile([][]string{words}) {
		words = c.command(r)
	}
	for range 1 + r.IntN(200) {
		b = testutil.AppendCommand(b, words...)
	}
	return b
}

// encode writes commands in one of the two ways that there are.
func encode(r *rand.Rand, commands [][]string) (b []byte) {
	inline := r.IntN(8) == 0
	for _, words := range commands {
		if !inline {
			b = testutil.AppendCommand(b, words...)
			continue
		}
		for _, w := range words {
			b = append(appendQuoted(b, w), ' ')
		}
		b = append(b, "\r\n"...)
	}
	return b
}

func appendQuoted(b []byte, w string) []byte {
	if w != "" && !strings.ContainsAny(w, " \"'\\\r\n\x00") {
		return append(b, w...)
	}
	b = append(b, '"')
	for i := range len(w) {
		b = append(b, '\\', 'x', "0123456789abcdef"[w[i]>>4], "0123456789abcdef"[w[i]&15])
	}
	return append(b, '"')
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// hostileWords are what takes the place of a word.
var hostileWords = append(append(append([]string(nil), numbers...), letters...),
	"nan", "-0", "0x10", "1e400", "99999999", "2147483648", "-2147483649", "4611686018427387904", "*", "$", ">", "(", "[", "#",
	"LIMIT", "COUNT", "WITHSCORES", "STORE", "BY", "GET", "EX", "NX", "STREAMS", "FIELDS", "AND", "ID", "TYPE", strings.Repeat("x", 2000))

// mutateWords changes the words of one command, of which the first stays most of the time.
func mutateWords(r *rand.Rand, commands [][]string) {
	i := r.IntN(len(commands))
	words := append([]string(nil), commands[i]...)
	if len(words) == 0 {
		return
	}
	at := r.IntN(len(words))
	if at == 0 && r.IntN(4) > 0 {
		at = len(words) - 1
	}
	other := commands[r.IntN(len(commands))]
	switch r.IntN(6) {
	case 0, 1:
		words[at] = hostileWords[r.IntN(len(hostileWords))]
	case 2:
		words = append(words[:at], words[at+1:]...)
	case 3:
		words = append(words[:at+1], words[at:]...)
	case 4:
		words = append(words, other...)
	case 5:
		k := r.IntN(len(words))
		words[at], words[k] = words[k], words[at]
	}
	commands[i] = words
}

// lengths are numbers that lie.
var lengths = []string{"-1", "0", "-0", "00", "+1", "1", "3", "65536", "1048576", "1048577", "536870912", "2147483647", "2147483648", "-2147483648",
	"4294967296", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e3", " 2", ""}

// mutateBytes changes one thing, most likely where it hurts.
func mutateBytes(r *rand.Rand, b []byte) []byte {
	if len(b) < 2 {
		return append(b, '*')
	}
	at := r.IntN(len(b))
	end := min(len(b), at+1+r.IntN(60))
	piece := b[at:end]
	to := r.IntN(len(b))
	switch r.IntN(13) {
	case 0:
		b[at] ^= 1 << r.IntN(8)
	case 1:
		b[at] = byte(r.Uint32())
	case 2:
		b[at] = "*$\r\n-0123456789:+\x00\"' "[r.IntN(21)]
	case 3:
		return b[:at]
	case 4:
		return append(b[:at:at], b[end:]...)
	case 5: // twice
		return splice(b, at, piece)
	case 6: // somewhere else as well
		return splice(b, to, piece)
	case 7: // exchanged
		half := len(b) / 2
		return append(append([]byte(nil), b[half:]...), b[:half]...)
	case 8, 9:
		return lie(r, b)
	case 10: // a command within a command
		return splice(b, at, []byte("*"+strconv.Itoa(r.IntN(4))+"\r\n"))
	case 11:
		return splice(b, at, randomBytes(r, r.IntN(20)))
	case 12: // a line without an end
		return splice(b, at, bytes.Repeat(b[at:at+1], []int{10, 50, 100, 5000, 70_000}[max(r.IntN(20)-15, 0)]))
	}
	return b
}

func splice(b []byte, at int, piece []byte) []byte {
	return append(append(append([]byte(nil), b[:at]...), piece...), b[at:]...)
}

// lie exchanges a count or a length.
func lie(r *rand.Rand, b []byte) []byte {
	mark, from := "*$$$"[r.IntN(4)], r.IntN(len(b))
	at := bytes.IndexByte(b[from:], mark) + from
	if at < from {
		at = bytes.IndexByte(b, mark)
	}
	if at < 0 {
		return b
	}
	end := at + 1
	for end < len(b) && b[end] != '\r' {
		end++
	}
	return append(append(append([]byte(nil), b[:at+1]...), lengths[r.IntN(len(lengths))]...), b[end:]...)
}
