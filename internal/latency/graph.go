package latency

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	graphRows    = 4
	graphColumns = 80
)

// Graph draws the samples of an event with characters; false: there are none.
func (m *Monitor) Graph(event string) (text string, ok bool) {
	samples := m.History(event)
	if len(samples) == 0 {
		return "", false
	}
	m.mu.Lock()
	most := int64(0)
	if e := m.events[event]; e != nil {
		most = e.max
	}
	m.mu.Unlock()
	return draw(event, samples, most, time.Now().Unix()), true
}

func draw(event string, samples []Sample, most, now int64) string {
	low, high := samples[0].Millis, samples[0].Millis
	for _, s := range samples {
		low, high = min(low, s.Millis), max(high, s.Millis)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s - high %d ms, low %d ms (all time high %d ms)\n", event, high, low, most)
	b.WriteString(strings.Repeat("-", graphColumns) + "\n")
	for first := 0; first < len(samples); first += graphColumns {
		if first > 0 {
			b.WriteByte('\n')
		}
		drawPart(&b, samples[first:min(first+graphColumns, len(samples))], low, high, now)
	}
	return b.String()
}

// drawPart draws some samples, one column each: the bar, an empty line, and how long ago it was.
func drawPart(b *strings.Builder, samples []Sample, low, high, now int64) {
	columns, lines := make([]string, len(samples)), 0
	for i, s := range samples {
		columns[i] = bar(s.Millis-low, max(high-low, 1)) + " " + age(now-s.Time)
		lines = max(lines, len(columns[i]))
	}
	for line := range lines {
		for _, c := range columns {
			if line < len(c) {
				b.WriteByte(c[line])
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
}

// bar is a column of graphRows characters, from the top down. Each row has three
// heights; rows below the topmost are full.
func bar(value, most int64) string {
	const heights = "_o#"
	step := min(int(float64(value)*float64(len(heights)*graphRows)/float64(most)), len(heights)*graphRows-1)
	top := graphRows - 1 - step/len(heights)
	return strings.Repeat(" ", top) + heights[step%len(heights):][:1] + strings.Repeat("|", graphRows-1-top)
}

// age is a number of seconds in its largest whole unit.
func age(seconds int64) string {
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{24 * 60 * 60, "d"}, {60 * 60, "h"}, {60, "m"}} {
		if seconds >= unit.seconds {
			return strconv.FormatInt(seconds/unit.seconds, 10) + unit.name
		}
	}
	return strconv.FormatInt(max(seconds, 0), 10) + "s"
}
