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

// spanPages returns the length of a class's spans: the shortest with at most 1/32 of
// it unused at the end, from 16 KiB on or, for blocks above 1 KiB, from 12 KiB on; if
// there is none of moderate length, the one with the least unused. A growing index
// passes through the classes above 1 KiB and leaves some blocks in each: the fewer
// blocks a span has, the sooner it is free.
func spanPages(class int) int {
	size := classSize(class)
	best, most := 4, max(8, pagesFor(4*size))
	if size > 1024 {
		best = max(3, pagesFor(size))
	}
	unused := func(pages int) int { return (pages << pageShift) % size }
	for n := best; n <= most && unused(best)*32 > best<<pageShift; n++ {
		if unused(n)*best < unused(best)*n {
			best = n
		}
	}
	return best
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
