package benchmark

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// figureRows are what is compared.
var figureRows = []struct {
	name, title string
	unit        Unit
	of          func(*part) float64
}{
	{"rps", "requests/s", Unit{}, func(p *part) float64 { return p.rate }},
	{"avg", "average", Unit{3, " ms"}, func(p *part) float64 { return p.latency.Mean() / 1e6 }},
	{"p50", "p50", Unit{3, " ms"}, func(p *part) float64 { return millis(p.latency.Quantile(0.5)) }},
	{"p99", "p99", Unit{3, " ms"}, func(p *part) float64 { return millis(p.latency.Quantile(0.99)) }},
	{"p99.9", "p99.9", Unit{3, " ms"}, func(p *part) float64 { return millis(p.latency.Quantile(0.999)) }},
}

// compare runs each test in pairs on both servers.
func (a *app) compare() error {
	other, err := a.other()
	if err != nil {
		return err
	}
	if err := a.ask(&other); err != nil {
		return err
	}
	plans, err := a.plans()
	if err != nil {
		return err
	}
	r := newReporter(a)
	rows := [][]string{{"test", "figure", a.target.name, other.name, "ratio (range)"}}
	for _, next := range plans {
		p := next()
		pairs, err := a.runPairs(&other, &p, r)
		if err != nil {
			return err
		}
		if r.output == outputJSON {
			r.encode(a.jsonPairs(&other, &p, pairs))
			continue
		}
		rows = append(rows, pairRows(&p, pairs)...)
	}
	if r.output != outputJSON {
		fmt.Fprintf(a.out, "Medians of %d pairs; a ratio is %s to %s inside a pair, with the range over the pairs.\n\n", a.pairs, other.name, a.target.name)
		WriteTable(a.out, rows)
	}
	return nil
}

// other is the server of --vs.
func (a *app) other() (target, error) {
	if strings.Contains(a.versus, "/") {
		return socketTarget(a.versus), nil
	}
	host, port, err := net.SplitHostPort(a.versus)
	if err != nil || port == "" {
		return target{}, fmt.Errorf("--vs wants host:port, or the path of a socket, not %q.", a.versus)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return a.where(host, port), nil
}

// runPairs tells on the other output how far it is, as a comparison takes a while.
func (a *app) runPairs(other *target, p *plan, r *reporter) ([]Pair, error) {
	fmt.Fprint(os.Stderr, p.title, " ")
	defer fmt.Fprintln(os.Stderr)
	var pairs []Pair
	for range a.pairs {
		base, err := a.measure(&a.target, p, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.target.name, err)
		}
		o, err := a.measure(other, p, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", other.name, err)
		}
		pairs = append(pairs, Pair{base.figures(), o.figures()})
		fmt.Fprint(os.Stderr, ".")
	}
	return pairs, nil
}

// figures are those of the whole, and, with the command before them, of the commands of a mix.
func (o *outcome) figures() Figures {
	f := Figures{}
	for i, p := range o.parts() {
		for _, row := range figureRows {
			f[figureName(o.plan, i, row.name)] = row.of(&p)
		}
	}
	return f
}

func figureName(p *plan, part int, name string) string {
	if part == 0 {
		return name
	}
	return p.classes[part-1] + " " + name
}

func pairRows(p *plan, pairs []Pair) (rows [][]string) {
	for i := range len(p.classes) + 1 {
		title := p.title
		if i > 0 {
			title = "  " + p.classes[i-1]
		}
		for _, row := range figureRows {
			name := figureName(p, i, row.name)
			base, other := Columns(pairs, name)
			rows = append(rows, []string{title, row.title, row.unit.Text(Median(base)), row.unit.Text(Median(other)), RatioText(Ratios(pairs, name))})
		}
	}
	return rows
}

type jsonPairs struct {
	Test    string               `json:"test"`
	Servers [2]string            `json:"servers"`
	Pairs   []jsonPair           `json:"pairs"`
	Ratios  map[string][]float64 `json:"ratios"`
	Medians map[string]float64   `json:"median_ratios"`
}

type jsonPair struct {
	Base  Figures `json:"base"`
	Other Figures `json:"other"`
}

func (a *app) jsonPairs(other *target, p *plan, pairs []Pair) jsonPairs {
	j := jsonPairs{Test: p.title, Servers: [2]string{a.target.name, other.name}, Ratios: map[string][]float64{}, Medians: map[string]float64{}}
	for _, pair := range pairs {
		j.Pairs = append(j.Pairs, jsonPair(pair))
	}
	for name := range pairs[0].Base {
		j.Ratios[name] = Ratios(pairs, name)
		j.Medians[name] = Median(j.Ratios[name])
	}
	return j
}
