package arena

import "math/bits"

const (
	pageShift = 12
	pageSize  = 1 << pageShift

	// maxSmall is the largest block cut from a span; above, rounding to pages
	// loses less than a class would.
	maxSmall = 32 << 10

	linearMax  = 128 // classes are 8 bytes apart up to here
	numLinear  = linearMax / 8
	numClasses = 1 + numLinear + 8*8 // class 0 is unused
	minBlock   = 8
)

// classOf returns the size class of a size in 1..maxSmall.
func classOf(size int) int {
	if size <= linearMax {
		return (size + 7) >> 3
	}
	shift := bits.Len(uint(size-1)) - 4
	step := (size-1)>>shift + 1 // 9..16
	return numLinear + 8*(shift-4) + step - 8
}

// classSize returns the block size of a class.
func classSize(class int) int {
	if class <= numLinear {
		return class * 8
	}
	c := class - numLinear - 1
	return (c&7 + 9) << (c>>3 + 4)
}

// spanPages returns the length of a class's spans: at least 16 KiB and room
// for 4 blocks, and at most 1/16 of it unused at the end. Longer spans would leave
// more unused in the classes that a growing index passes through.
func spanPages(class int) int {
	size := classSize(class)
	pages := max(4, (4*size+pageSize-1)>>pageShift)
	for (pages<<pageShift)%size > (pages<<pageShift)/16 {
		pages++
	}
	return pages
}

// classInfo holds what spanPages computes, so that no allocation does.
var classInfo = func() (t [numClasses]struct{ size, pages, blocks uint32 }) {
	for c := 1; c < numClasses; c++ {
		t[c].size = uint32(classSize(c))
		t[c].pages = uint32(spanPages(c))
		t[c].blocks = t[c].pages << pageShift / t[c].size
	}
	return t
}()

// UsableSize returns how many bytes a block has that was asked for with size.
func UsableSize(size int) int {
	if size <= maxSmall {
		return classSize(classOf(max(size, 1)))
	}
	return pagesFor(size) << pageShift
}

// SameBlock says whether blocks of the two sizes are equally large, so that
// one can hold the content of the other in place.
func SameBlock(a, b int) bool { return UsableSize(a) == UsableSize(b) }

func pagesFor(size int) int { return (size + pageSize - 1) >> pageShift }
