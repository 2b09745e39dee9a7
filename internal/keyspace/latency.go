package keyspace

import "time"

// Background work holds a shard for a slice at a time. One that is held for longer than
// the latency monitor allows is an event of it.

// beginSlice is the time at which a slice begins, if anybody wants to know.
func (ks *Keyspace) beginSlice() (began time.Time) {
	if ks.Latency.On() {
		began = time.Now()
	}
	return began
}

// endSlice notes an event if the slice was long.
func (ks *Keyspace) endSlice(event string, began time.Time) {
	if !began.IsZero() {
		ks.Latency.Add(event, time.Since(began))
	}
}
