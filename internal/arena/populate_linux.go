package arena

import "golang.org/x/sys/unix"

// populateMin is from how many bytes on Populate does anything.
const populateMin = 1 << 20

// Populate asks for the pages of the first n bytes of a block that is about to
// be written, all at once: for many megabytes that takes a fraction of the
// time of as many page faults. It is but a hint.
func (a *Arena) Populate(ref Ref, n int) {
	if n < populateMin {
		return
	}
	at := int64(ref) * unit
	first := (at + pageSize - 1) / pageSize * pageSize
	last := (at + int64(n)) / pageSize * pageSize
	if last > first {
		_ = unix.Madvise(a.Bytes(Ref(first/unit), int(last-first)), unix.MADV_POPULATE_WRITE)
	}
}
