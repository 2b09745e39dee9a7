package cmdspec

// fixedKey is the index of the key of a command that has exactly one, always
// at the same place; 0 otherwise.
func fixedKey(keys []KeySpec) int {
	if len(keys) != 1 {
		return 0
	}
	k := &keys[0]
	if k.Keyword != "" || k.KeyNum || k.Last != 0 || k.Flags&(NotKey|Incomplete) != 0 {
		return 0
	}
	return k.Index
}

// AppendKeyPositions appends the indexes of the keys among argv, as the key
// specifications find them. ok is false if argv does not fit one of them (a syntax
// error that the handler will report, or PFMERGE without a source); then what
// those before it find is appended.
func (s *Spec) AppendKeyPositions(dst []int, argv [][]byte) (positions []int, ok bool) {
	if s.firstKey != 0 {
		if s.firstKey >= len(argv) {
			return dst, false
		}
		return append(dst, s.firstKey), true
	}
	found := dst
	for i := range s.Keys {
		k := &s.Keys[i]
		if k.Flags&NotKey != 0 {
			continue
		}
		if found, ok = k.appendPositions(found, argv); !ok {
			return found, false
		}
	}
	return found, true
}

// appendPositions appends what one key specification finds. A keyword that is
// missing finds nothing, which is no error.
func (k *KeySpec) appendPositions(dst []int, argv [][]byte) (positions []int, ok bool) {
	first := k.begin(argv)
	if first == 0 {
		return dst, true
	}
	first, last, ok := k.find(first, argv)
	if !ok || first >= len(argv) || last >= len(argv) || last < first {
		return dst, false
	}
	for i := first; i <= last; i += max(k.Step, 1) {
		dst = append(dst, i)
	}
	return dst, true
}

// KeyRef is a key among the words of a command, and what the command does to it.
type KeyRef struct {
	Word  int
	Flags KeyFlags
}

// AppendKeyRefs appends what AppendKeyPositions finds, with what is done to each.
func (s *Spec) AppendKeyRefs(dst []KeyRef, argv [][]byte) []KeyRef {
	var positions []int
	for i := range s.Keys {
		k := &s.Keys[i]
		if k.Flags&NotKey != 0 {
			continue
		}
		found, ok := k.appendPositions(positions[:0], argv)
		for _, at := range found {
			dst = append(dst, KeyRef{at, s.variable(k.Flags, argv)})
		}
		if positions = found; !ok {
			break
		}
	}
	return dst
}

// begin is where the keys of the specification are looked for; 0 if its keyword is not there.
func (k *KeySpec) begin(argv [][]byte) int {
	switch {
	case k.Find != nil:
		return k.Find(argv)
	case k.Keyword == "":
		return k.Index
	}
	step, i, end := 1, k.StartFrom, len(argv)-1
	if k.StartFrom < 0 {
		step, i, end = -1, len(argv)+k.StartFrom, 1
	}
	if i > end {
		step = -1
	}
	for ; i != end && i >= 1 && i < len(argv); i += step {
		if EqualFold(argv[i], k.Keyword) {
			return i + 1
		}
	}
	return 0
}

// find is the range of the keys that begin at first.
func (k *KeySpec) find(begin int, argv [][]byte) (first, last int, ok bool) {
	switch {
	case k.KeyNum:
		if begin+k.NumIndex >= len(argv) {
			return 0, 0, false
		}
		n, isInt := ParseInt(argv[begin+k.NumIndex])
		if !isInt || n < 0 || n > int64(len(argv)) {
			return 0, 0, false
		}
		first = begin + k.First
		return first, first + (int(n)-1)*max(k.Step, 1), true
	case k.Last >= 0:
		return begin, begin + k.Last, true
	case k.Limit == 0:
		return begin, len(argv) + k.Last, true
	}
	return begin, begin + (len(argv)-begin)/k.Limit + k.Last, true
}

// OneKey is the index of the command's only key, if it has exactly one,
// always at that place; 0 otherwise.
func (s *Spec) OneKey() int { return s.firstKey }
