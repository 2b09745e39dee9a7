package commands

import "testing"

// A reply that is as long as the client says ends when nobody reads it, and no
// client may ask for one that would never end.
func TestRepeatsEndWithTheirReader(t *testing.T) {
	b := newQuietBench(t)
	for _, line := range []string{"SADD set a b c", "HSET hash a 1 b 2", "ZADD zset 1 a 2 b"} {
		b.do(split(line)...)
	}
	for _, line := range []string{"SRANDMEMBER set", "HRANDFIELD hash", "ZRANDMEMBER zset"} {
		spilled := 0
		b.reply.Limit, b.reply.Spill = 1<<10, func() {
			b.reply.Buf, b.reply.Lost = b.reply.Buf[:0], true
			spilled++
		}
		b.do(split(line + " -134217728")...)
		if spilled != 1 {
			t.Errorf("%s went on when nobody read it: %d pieces", line, spilled)
		}
		b.reply.Spill = nil
		b.want(line+" -134217729", "-ERR value is out of range")
	}
}
