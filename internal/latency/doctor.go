package latency

import (
	"fmt"
	"math"
	"strings"
)

// Report says in words what the samples tell, and what may help.
func (m *Monitor) Report() string {
	if !m.On() {
		return "Latency monitoring is off, so there is nothing to report. " +
			"CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n"
	}
	events := m.Latest()
	if len(events) == 0 {
		return fmt.Sprintf("Nothing took %d ms or longer so far.\n", m.threshold.Load()/1e6)
	}
	var b strings.Builder
	b.WriteString("These events took long:\n\n")
	seen := map[string]bool{}
	for i, e := range events {
		if samples := m.History(e.Name); len(samples) > 0 {
			fmt.Fprintf(&b, "%d. %s: %s Longest ever: %d ms.\n", i+1, e.Name, describe(samples), e.Max)
			seen[e.Name] = true
		}
	}
	b.WriteString("\nWhat may help:\n\n")
	for _, a := range advice {
		for _, event := range a.events {
			if seen[event] {
				b.WriteString("- " + a.text + "\n")
				break
			}
		}
	}
	b.WriteString("- " + always + "\n")
	return b.String()
}

// describe sums samples up.
func describe(samples []Sample) string {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s.Millis)
	}
	mean, deviation := sum/float64(len(samples)), 0.0
	for _, s := range samples {
		deviation += math.Abs(float64(s.Millis) - mean)
	}
	text := fmt.Sprintf("%d spikes, %.0f ms on average (mean deviation %.0f ms)",
		len(samples), mean, deviation/float64(len(samples)))
	if n := len(samples) - 1; n > 0 {
		text += fmt.Sprintf(", one in %.2f s", float64(samples[n].Time-samples[0].Time)/float64(n))
	}
	return text + "."
}

var advice = []struct {
	events []string
	text   string
}{
	{[]string{Command}, "SLOWLOG GET names the commands that took long. Those that look at whole collections or databases " +
		"(KEYS, SMEMBERS, HGETALL, LRANGE 0 -1, SORT) have relatives that go in steps: SCAN, SSCAN, HSCAN, ranges."},
	{[]string{FastCommand}, "Commands that do little took long: they waited, for a lock that a long command held or for a processor. " +
		"If no `command` event has the same time, look for other programs on the machine, for swapping, and for a limit on the processor time of a container."},
	{[]string{CommandUnblocking}, "Serving clients that wait in blocking commands took long: they take many elements at once, or very large ones."},
	{[]string{ExpireCycle}, "Many keys expire at the same time. A random part in their times to live spreads the work."},
	{[]string{EvictionCycle, EvictionDel}, "Memory is at maxmemory, and commands wait until keys are evicted. " +
		"A higher maxmemory, a lower maxmemory-eviction-tenacity, or smaller values shorten the wait."},
	{[]string{ReclaimCycle, HousekeepingCycle}, "Giving memory back held up commands. Deleting fewer large collections at the same time helps; " +
		"so does a machine that is not short of memory bandwidth."},
}

const always = "The machine: `redis-cli --intrinsic-latency 100`, run on it, shows what no program can do better there. " +
	"Transparent huge pages set to `always`, swap in use and overcommitted virtual machines are the usual reasons."
