//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// threadTimes returns the CPU time of each thread of a process by thread id.
func threadTimes(pid int) (map[string]time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return nil, err
	}
	times := make(map[string]time.Duration, len(files))
	for _, f := range files {
		var ns int64
		b, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended since
		}
		if _, err := fmt.Sscan(string(b), &ns); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		times[f] = time.Duration(ns)
	}
	return times, nil
}

// processCPU returns the user and system time of a process, all its threads
// including ended ones, in nanoseconds. Another process's CPU clock is named by
// its inverted id; the low bits 2 ask for scheduler time.
func processCPU(pid int) (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &ts); err != nil {
		return 0, fmt.Errorf("clock_gettime: %w", err)
	}
	return time.Duration(ts.Nano()), nil
}

// machineCPU returns the CPU time of everything on the machine since it started,
// what a hypervisor took away included, in ticks of 10 ms.
func machineCPU() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	var user, nice, system, idle, iowait, irq, softirq, steal int64
	_, err = fmt.Sscanf(string(b), "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal)
	return time.Duration(user+nice+system+irq+softirq+steal) * 10 * time.Millisecond, err
}

// residentBytes returns VmRSS of a process.
func residentBytes(pid int) (float64, error) {
	kb, err := procField(fmt.Sprintf("/proc/%d/status", pid), "VmRSS")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(kb, " kB"))
	return float64(n) * 1024, err
}

// procField returns the first "name: value" line of a file under /proc.
func procField(file, name string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("%s: no %s", file, name)
}
