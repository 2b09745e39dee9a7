package session

import "testing"

func TestHistogramBuckets(t *testing.T) {
	last := -1
	for n := int64(0); n < 1<<latencyBits; n += 1 + n/100 {
		i := bucketOf(n)
		if high := highestOf(i); high < n || high > n+n/32 {
			t.Fatalf("%d ns counts as %d", n, high)
		}
		if i < last || i > 0 && highestOf(i-1) >= n {
			t.Fatalf("%d ns is in bucket %d, after %d", n, i, last)
		}
		last = i
	}
	if i := bucketOf(1 << 40); i != len(histogram{})-1 || bucketOf(-1) != 0 {
		t.Errorf("the longest is in bucket %d of %d, a negative one in %d", i, len(histogram{}), bucketOf(-1))
	}
}

func TestPercentile(t *testing.T) {
	var sum [len(histogram{})]int64
	for n := range int64(30) {
		sum[bucketOf(n)]++
	}
	for p, want := range map[float64]int64{0: 0, 50: 14, 90: 26, 100: 29, 99.9: 29} {
		if got := percentile(&sum, 30, p); got != want {
			t.Errorf("p%v of 0 to 29 is %d, want %d", p, got, want)
		}
	}
}
