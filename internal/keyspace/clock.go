package keyspace

import "math/rand/v2"

// The access clock of a record has 24 bits: seconds under an LRU policy (they
// wrap after 194 days), under an LFU policy 16 bits of minutes, then a
// logarithmic counter of 8 bits. Both as in Redis, so that OBJECT IDLETIME, OBJECT FREQ
// and dumps mean the same.

const (
	clockMask = 1<<24 - 1
	lfuInit   = 5 // counter of a new key, so that it is not the first to go
)

func lruClock(now int64) uint32 { return uint32(now/1000) & clockMask }

func idleSeconds(clock uint32, now int64) int64 {
	return int64((lruClock(now) - clock) & clockMask)
}

func minutes(now int64) uint32 { return uint32(now/60_000) & 0xffff }

// newClock is the clock of a key made at time now.
func newClock(policy Policy, now int64) uint32 {
	if policy.lfu() {
		return minutes(now)<<8 | lfuInit
	}
	return lruClock(now)
}

// touched is the clock of a key after an access at time now.
func touched(clock uint32, now int64, policy Policy, st *Settings) uint32 {
	if !policy.lfu() {
		return lruClock(now)
	}
	return minutes(now)<<8 | uint32(lfuIncremented(lfuDecayed(clock, now, st), st))
}

// lfuDecayed is the counter less one for each decay time that has passed.
func lfuDecayed(clock uint32, now int64, st *Settings) uint8 {
	counter := clock & 0xff
	decay := uint32(st.LFUDecayTime.Load())
	if decay == 0 {
		return uint8(counter)
	}
	periods := (minutes(now) - clock>>8) & 0xffff / decay
	return uint8(counter - min(counter, periods))
}

// lfuIncremented adds one with a probability that falls with the counter.
func lfuIncremented(counter uint8, st *Settings) uint8 {
	if counter == 255 {
		return counter
	}
	base := float64(max(int(counter)-lfuInit, 0))
	if rand.Float64() < 1/(base*float64(st.LFULogFactor.Load())+1) {
		counter++
	}
	return counter
}
