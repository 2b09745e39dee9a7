package commands

import "testing"

func TestParseTimeout(t *testing.T) {
	const now = 1_700_000_000_000
	for _, c := range []struct {
		word string
		want int64
		err  error
	}{
		{"0", 0, nil}, {"-0", 0, nil}, {"-0.0001", 0, nil}, {"1", now + 1000, nil}, {"0.0001", now + 1, nil}, {"1.5", now + 1500, nil},
		{"0x10", now + 16000, nil}, {"1e3", now + 1e6, nil},
		{"-1", 0, errTimeoutNegative}, {"-0.001", 0, errTimeoutNegative}, {"inf", 0, errTimeoutNegative}, {"-inf", 0, errTimeoutNegative},
		{"1e400", 0, errTimeoutNegative}, {"-1e400", 0, errTimeoutNegative}, {"9223372036854770", 0, errTimeoutRange},
		{"nan", 0, errTimeoutFloat}, {"", 0, errTimeoutFloat}, {" 1", 0, errTimeoutFloat}, {"1s", 0, errTimeoutFloat}, {"1e5000", 0, errTimeoutFloat},
	} {
		if got, err := parseTimeout([]byte(c.word), now); got != c.want || err != c.err {
			t.Errorf("%q: %d, %v", c.word, got, err)
		}
	}
	for _, c := range []struct {
		word string
		want int64
		err  error
	}{
		{"0", 0, nil}, {"1", now + 1, nil}, {"9223370000000000000", now + 9223370000000000000, nil},
		{"9223372036854775807", 0, errTimeoutRange}, {"-1", 0, errTimeoutNegative}, {"1.5", 0, errTimeoutInteger}, {"x", 0, errTimeoutInteger},
	} {
		if got, err := parseMilliTimeout([]byte(c.word), now); got != c.want || err != c.err {
			t.Errorf("%q ms: %d, %v", c.word, got, err)
		}
	}
}
