package config

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Value is what a directive is set to.
type Value struct {
	Text  string   // as CONFIG GET shows it
	Num   int64    // yes is 1; numbers, bytes, seconds; a percentage is negative; an enum's number; flags or-ed
	Words []string // the words of a type that takes several
}

// Yes says whether a yes-or-no value is yes.
func (v Value) Yes() bool { return v.Num != 0 }

// A Type says how values of a kind are written.
type Type struct {
	// Several: the value is any number of words; else it is exactly one.
	Several bool
	// parse makes a value of words. old is the value it takes the place of;
	// again is true for the second and later lines of one file.
	parse func(words []string, old Value, again bool) (Value, error)
	// lines writes a value as what follows the name on the lines of a file.
	lines func(v Value) []string
	// emptyIsAbsent: an empty value is the absence of one, and is not written.
	emptyIsAbsent bool
	// writeDefault: a value is written even if it is the default.
	writeDefault bool
}

// one makes the Type of a single word.
func one(parse func(string) (Value, error), line func(Value) string) Type {
	return Type{
		parse: func(words []string, _ Value, _ bool) (Value, error) { return parse(words[0]) },
		lines: func(v Value) []string { return []string{line(v)} },
	}
}

func text(v Value) string { return v.Text }

// Bool is yes or no.
func Bool() Type {
	return one(func(w string) (Value, error) {
		switch strings.ToLower(w) {
		case "yes":
			return Value{Text: "yes", Num: 1}, nil
		case "no":
			return Value{Text: "no"}, nil
		}
		return Value{}, errors.New("argument must be 'yes' or 'no'")
	}, text)
}

// Int is an integer from min to max.
func Int(min, max int64) Type {
	return one(func(w string) (Value, error) {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != w {
			return Value{}, errors.New("argument couldn't be parsed into an integer")
		}
		return Value{Text: w, Num: n}, between(n, min, max)
	}, text)
}

// Octal is an integer in base eight, like the permissions of a file.
func Octal(min, max int64) Type {
	return one(func(w string) (Value, error) {
		n, err := strconv.ParseInt(w, 8, 64)
		if w == "" {
			n, err = 0, nil
		}
		if err != nil {
			return Value{}, errors.New("argument couldn't be parsed as an octal number")
		}
		if n < min || n > max {
			return Value{}, fmt.Errorf("argument must be between %o and %o inclusive", min, max)
		}
		return Value{Text: strconv.FormatInt(n, 8), Num: n}, nil
	}, text)
}

// Memory is a number of bytes, with a unit or without.
func Memory(min, max int64) Type {
	return one(func(w string) (Value, error) {
		n, ok := ParseMemory(w)
		if !ok {
			return Value{}, errors.New("argument must be a memory value")
		}
		return Value{Text: strconv.FormatInt(n, 10), Num: n}, between(n, min, max)
	}, func(v Value) string { return FormatMemory(v.Num) })
}

// MemoryOrPercent is a number of bytes, or a percentage of something up to
// 100, which is kept as a negative number.
func MemoryOrPercent() Type {
	return one(func(w string) (Value, error) {
		if n, ok := ParseMemory(w); ok {
			return Value{Text: strconv.FormatInt(n, 10), Num: n}, nil
		}
		digits, ok := strings.CutSuffix(w, "%")
		n, err := strconv.ParseInt(digits, 10, 64)
		if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != digits {
			return Value{}, errors.New("argument must be a memory or percent value")
		}
		if n > 100 {
			return Value{}, errors.New("percentage argument must be less or equal to 100")
		}
		if n == 0 {
			return Value{Text: "0"}, nil
		}
		return Value{Text: w, Num: -n}, nil
	}, func(v Value) string {
		if v.Num < 0 {
			return v.Text
		}
		return FormatMemory(v.Num)
	})
}

func between(n, min, max int64) error {
	if n < min || n > max {
		return fmt.Errorf("argument must be between %d and %d inclusive", min, max)
	}
	return nil
}

var units = map[string]int64{"": 1, "b": 1, "k": 1000, "kb": 1 << 10,
	"m": 1000 * 1000, "mb": 1 << 20, "g": 1000 * 1000 * 1000, "gb": 1 << 30}

// ParseMemory reads digits and a unit: k, m and g are powers of 1000, kb, mb
// and gb of 1024. No digits are zero, as in Redis. Values of 2^63 and more are
// refused.
func ParseMemory(w string) (int64, bool) {
	digits := strings.TrimRight(w, "bBkKmMgG")
	unit, ok := units[strings.ToLower(w[len(digits):])]
	if !ok {
		return 0, false
	}
	if digits == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || int64(n) > math.MaxInt64/unit {
		return 0, false
	}
	return int64(n) * unit, true
}

// FormatMemory writes a number of bytes in the largest unit that divides it.
func FormatMemory(n int64) string {
	for _, u := range []string{"gb", "mb", "kb"} {
		if n != 0 && n%units[u] == 0 {
			return strconv.FormatInt(n/units[u], 10) + u
		}
	}
	return strconv.FormatInt(n, 10)
}

// Enum is one of the names, in any case; its number is its place among them.
// A name written "yes=relative" is a second name for another.
func Enum(names ...string) Type {
	shown, primary := splitNames(names)
	return one(func(w string) (Value, error) {
		i := slices.IndexFunc(shown, func(n string) bool { return strings.EqualFold(n, w) })
		if i < 0 {
			return Value{}, oneOf(shown)
		}
		p := slices.Index(shown, primary[i])
		return Value{Text: primary[i], Num: int64(p)}, nil
	}, text)
}

// splitNames separates what is accepted from what it means.
func splitNames(names []string) (shown, primary []string) {
	for _, n := range names {
		name, means, ok := strings.Cut(n, "=")
		if !ok {
			means = name
		}
		shown, primary = append(shown, name), append(primary, means)
	}
	return shown, primary
}

func oneOf(names []string) error {
	return errors.New("argument(s) must be one of the following: " + strings.Join(names, ", "))
}

// Flags is any of the names, or none, which is the first name. Its number has
// bit i set for name i+1.
func Flags(none string, names ...string) Type {
	return Type{
		Several: true,
		parse: func(words []string, _ Value, _ bool) (Value, error) {
			all := append([]string{none}, names...)
			var bits int64
			for _, w := range words {
				i := slices.IndexFunc(all, func(n string) bool { return strings.EqualFold(n, w) })
				if i < 0 {
					return Value{}, oneOf(all)
				}
				bits |= 1 << i >> 1 // none, at 0, shifts out
			}
			if len(words) == 0 {
				return Value{}, oneOf(all)
			}
			return Value{Text: flagNames(bits, none, names), Num: bits}, nil
		},
		lines: func(v Value) []string { return []string{v.Text} },
	}
}

func flagNames(bits int64, none string, names []string) string {
	if bits == 0 {
		return none
	}
	var set []string
	for i, n := range names {
		if bits&(1<<i) != 0 {
			set = append(set, n)
		}
	}
	return strings.Join(set, " ")
}

// String is any text. Check, which may be nil, returns what is wrong with it.
func String(check func(string) error) Type {
	return one(func(w string) (Value, error) {
		if check != nil {
			if err := check(w); err != nil {
				return Value{}, err
			}
		}
		return Value{Text: w}, nil
	}, func(v Value) string { return Quote(v.Text) })
}

// Absent is String where the empty text is the absence of a value.
func Absent(check func(string) error) Type {
	t := String(check)
	t.emptyIsAbsent = true
	return t
}
