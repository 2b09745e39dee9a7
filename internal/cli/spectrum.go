package cli

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// spectrum are the characters of --latency-dist; each stands for latencies up to so many microseconds.
var spectrum = []struct {
	char  byte
	limit int64
}{
	{'.', 10}, {'-', 125}, {'*', 250}, {'#', 500},
	{'1', 1000}, {'2', 2000}, {'3', 3000}, {'4', 4000}, {'5', 5000}, {'6', 6000}, {'7', 7000}, {'8', 8000}, {'9', 9000},
	{'A', 10_000}, {'B', 20_000}, {'C', 30_000}, {'D', 40_000}, {'E', 50_000},
	{'F', 100_000}, {'G', 200_000}, {'H', 300_000}, {'I', 400_000}, {'J', 500_000},
	{'K', 1_000_000}, {'L', 2_000_000}, {'M', 4_000_000}, {'N', 8_000_000}, {'O', 16_000_000}, {'P', 30_000_000}, {'Q', 60_000_000},
	{'?', math.MaxInt64},
}

// The colours, of the 256 of a terminal, from none to all of the samples.
var (
	colours = []int{0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 144, 143, 142, 184, 226, 214, 208, 202, 196}
	greys   = []int{0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 249, 251, 253}
)

const (
	spectrumEvery = time.Second
	spectrumLines = 20 // under one legend
)

func runLatencyDist(a *app) int { return a.connected(a.latencyDist) }

// latencyDist draws a line of the spectrum per interval, for ever.
func (a *app) latencyDist() error {
	palette, every := colours, a.interval
	if a.mono {
		palette = greys
	}
	if every == 0 {
		every = spectrumEvery
	}
	counts := make([]int64, len(spectrum))
	lines := 0
	for began := time.Now(); ; time.Sleep(pingEvery) { // the rate of the samples
		took, err := a.ping()
		if err != nil {
			return err
		}
		counts[spectrumIndex(took)]++
		if time.Since(began) <= every {
			continue
		}
		if lines%spectrumLines == 0 {
			fmt.Fprint(a.out, spectrumLegend(palette))
		}
		lines++
		fmt.Fprint(a.out, spectrumLine(counts, palette))
		clear(counts)
		began = time.Now()
	}
}

func spectrumIndex(d time.Duration) int {
	i := 0
	for d.Microseconds() > spectrum[i].limit {
		i++
	}
	return i
}

// spectrumLine has every character on the colour of its share of the samples.
func spectrumLine(counts []int64, palette []int) string {
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	var b strings.Builder
	b.WriteString("\x1b[38;5;0m")
	for i, n := range counts {
		colour := palette[int(math.Ceil(float64(n)/float64(total)*float64(len(palette)-1)))]
		fmt.Fprintf(&b, "\x1b[48;5;%dm%c", colour, spectrum[i].char)
	}
	b.WriteString("\x1b[0m\n")
	return b.String()
}

func spectrumLegend(palette []int) string {
	var shades strings.Builder
	for _, colour := range palette {
		fmt.Fprintf(&shades, "\x1b[48;5;%dm ", colour)
	}
	return `---------------------------------------------
. - * #          .01 .125 .25 .5 milliseconds
1,2,3,...,9      from 1 to 9     milliseconds
A,B,C,D,E        10,20,30,40,50  milliseconds
F,G,H,I,J        .1,.2,.3,.4,.5       seconds
K,L,M,N,O,P,Q,?  1,2,4,8,16,30,60,>60 seconds
From 0 to 100%: ` + shades.String() + "\x1b[0m\n---------------------------------------------\n"
}
