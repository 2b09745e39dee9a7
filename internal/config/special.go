package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var errWords = errors.New("wrong number of arguments")

// Save is pairs of seconds and changes. The lines of one file add up; a single
// empty word takes back those before it.
func Save() Type {
	bad := errors.New("Invalid save parameters")
	return Type{
		Several: true, writeDefault: true,
		parse: func(words []string, old Value, again bool) (Value, error) {
			if len(words) == 1 && words[0] == "" {
				return Value{}, nil
			}
			if len(words)%2 != 0 {
				return Value{}, bad
			}
			var all []string
			if again {
				all = slices.Clone(old.Words)
			}
			for i, w := range words {
				n, err := strconv.ParseInt(w, 10, 64)
				if err != nil || n < 0 || i%2 == 0 && n < 1 {
					return Value{}, bad
				}
				all = append(all, strconv.FormatInt(n, 10))
			}
			return joined(all), nil
		},
		lines: func(v Value) []string {
			if len(v.Words) == 0 {
				return []string{`""`}
			}
			var lines []string
			for pair := range slices.Chunk(v.Words, 2) {
				lines = append(lines, strings.Join(pair, " "))
			}
			return lines
		},
	}
}

func joined(words []string) Value { return Value{Text: strings.Join(words, " "), Words: words} }

// The classes of client-output-buffer-limit, in order, four words each in the value.
var bufferClasses = []string{"normal", "slave", "pubsub"}

// BufferLimits is a class of client, a hard and a soft limit and seconds; one
// or more of them. Classes that are not named keep their limits.
func BufferLimits() Type {
	return Type{
		Several: true,
		parse: func(words []string, old Value, _ bool) (Value, error) {
			if len(words)%4 != 0 {
				return Value{}, errors.New("Wrong number of arguments in buffer limit configuration.")
			}
			all := slices.Clone(old.Words)
			if all == nil {
				all = strings.Fields("normal 0 0 0 slave 0 0 0 pubsub 0 0 0")
			}
			for limit := range slices.Chunk(words, 4) {
				if err := setBufferLimit(all, limit); err != nil {
					return Value{}, err
				}
			}
			return joined(all), nil
		},
		lines: bufferLines,
	}
}

func setBufferLimit(all, limit []string) error {
	class := strings.ToLower(limit[0])
	if class == "replica" {
		class = "slave"
	}
	at := slices.Index(bufferClasses, class) * 4
	if at < 0 {
		return errors.New("Invalid client class specified in buffer limit configuration.")
	}
	hard, ok1 := ParseMemory(limit[1])
	soft, ok2 := ParseMemory(limit[2])
	seconds, err := strconv.ParseInt(limit[3], 10, 32)
	if !ok1 || !ok2 || err != nil || seconds < 0 {
		return errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.")
	}
	for i, n := range []int64{hard, soft, seconds} {
		all[at+1+i] = strconv.FormatInt(n, 10)
	}
	return nil
}

func bufferLines(v Value) []string {
	var lines []string
	for limit := range slices.Chunk(v.Words, 4) {
		class := limit[0]
		if class == "slave" {
			class = "replica"
		}
		hard, _ := strconv.ParseInt(limit[1], 10, 64)
		soft, _ := strconv.ParseInt(limit[2], 10, 64)
		lines = append(lines, fmt.Sprintf("%s %s %s %s", class, FormatMemory(hard), FormatMemory(soft), limit[3]))
	}
	return lines
}

// Ints is exactly n integers from min to max.
func Ints(n int, min, max int64, outside string) Type {
	return Type{
		Several: true,
		parse: func(words []string, _ Value, _ bool) (Value, error) {
			if len(words) != n {
				return Value{}, errWords
			}
			var all []string
			for _, w := range words {
				k, err := strconv.ParseInt(w, 10, 64)
				if err != nil || k < min || k > max {
					return Value{}, errors.New(outside)
				}
				all = append(all, strconv.FormatInt(k, 10))
			}
			return joined(all), nil
		},
		lines: func(v Value) []string { return []string{v.Text} },
	}
}

// Percentiles is any number of numbers from 0 to 100; a single empty word is none.
func Percentiles(name string) Type {
	return Type{
		Several: true, writeDefault: true,
		parse: func(words []string, _ Value, _ bool) (Value, error) {
			if len(words) == 1 && words[0] == "" {
				words = nil
			}
			var all []string
			for _, w := range words {
				f, err := strconv.ParseFloat(w, 64)
				if err != nil || strings.ContainsAny(w, "_ ") {
					return Value{}, fmt.Errorf("Invalid %s parameters", name)
				}
				if !(f >= 0 && f <= 100) {
					return Value{}, fmt.Errorf("%s parameters should sit between [0.0,100.0]", name)
				}
				all = append(all, trimFloat(f))
			}
			return joined(all), nil
		},
		lines: func(v Value) []string { return []string{quoteWords(v.Words)} },
	}
}

func trimFloat(f float64) string {
	s := strconv.FormatFloat(f, 'f', 6, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// Words is up to max words of any text, the empty word alone being none.
func Words(max int, tooMany string) Type {
	return Type{
		Several: true,
		parse: func(words []string, _ Value, _ bool) (Value, error) {
			if len(words) > max {
				return Value{}, errors.New(tooMany)
			}
			if len(words) == 1 && words[0] == "" {
				words = nil
			}
			return joined(slices.Clone(words)), nil
		},
		lines: func(v Value) []string { return []string{quoteWords(v.Words)} },
	}
}

// quoteWords joins words so that they are read back as they are: in quotes only if they must be.
func quoteWords(words []string) string {
	if len(words) == 0 {
		return `""`
	}
	b := make([]string, len(words))
	for i, w := range words {
		b[i] = w
		if got, ok := SplitWords(w); !ok || len(got) != 1 || got[0] != w {
			b[i] = Quote(w)
		}
	}
	return strings.Join(b, " ")
}

// Address is a host and a port; "no one" is neither.
func Address(badPort string) Type {
	return Type{
		Several: true, emptyIsAbsent: true,
		parse: func(words []string, _ Value, _ bool) (Value, error) {
			if len(words) != 2 {
				return Value{}, errWords
			}
			if strings.EqualFold(words[0], "no") && strings.EqualFold(words[1], "one") {
				return Value{}, nil
			}
			port, err := strconv.ParseUint(words[1], 10, 16)
			if err != nil {
				return Value{}, errors.New(badPort)
			}
			return joined([]string{words[0], strconv.FormatUint(port, 10)}), nil
		},
		lines: func(v Value) []string { return []string{quoteWords(v.Words)} },
	}
}

// Letters is a set of letters in one word. parse gives their bits, show writes bits as the
// letters CONFIG GET answers with.
func Letters(parse func(string) (int64, error), show func(int64) string) Type {
	return one(func(w string) (Value, error) {
		bits, err := parse(w)
		if err != nil {
			return Value{}, err
		}
		return Value{Text: show(bits), Num: bits}, nil
	}, func(v Value) string { return Quote(v.Text) })
}

// Always is a type whose value is written to a file even if it is the default.
func Always(t Type) Type {
	t.writeDefault = true
	return t
}
