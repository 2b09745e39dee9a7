package hll

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
)

// AppendRuns appends the runs of a sparse HyperLogLog as text: z:n and Z:n are
// n zeros in one or two bytes, v:value,n are n registers.
func AppendRuns(dst, b []byte) []byte {
	for at := HeaderSize; at < len(b); {
		r := runAt(b, at)
		switch {
		case r.value != 0:
			dst = strconv.AppendInt(append(dst, "v:"...), int64(r.value), 10)
			dst = append(dst, ',')
		case r.size == 1:
			dst = append(dst, "z:"...)
		default:
			dst = append(dst, "Z:"...)
		}
		dst = strconv.AppendInt(dst, int64(r.n), 10)
		if at += r.size; at < len(b) {
			dst = append(dst, ' ')
		}
	}
	return dst
}

var (
	errRegister = errors.New("a register does not hold what was put into it")
	errEncoding = errors.New("the encodings do not agree")
	errEstimate = errors.New("an estimate is too far off")
)

// SelfTest puts random data through both encodings and checks the estimates.
func SelfTest() error {
	if err := testRegisters(); err != nil {
		return err
	}
	return testEstimates()
}

func testRegisters() error {
	b := make([]byte, DenseSize)
	var want Max
	for range 4 {
		for i := range want {
			want[i] = byte(rand.Uint32() & registerMask)
			Set(b, i, want[i])
		}
		for i := range want {
			if Get(b, i) != want[i] {
				return errRegister
			}
		}
	}
	return nil
}

// testEstimates compares what sparse and dense make of the same elements with
// how many there were. A deviation of 5 standard errors does not happen.
func testEstimates() error {
	const upTo, sparseLimit = 100_000, 3000
	var scratch []byte
	few := Edit(AppendEmpty(nil), sparseLimit, &scratch)
	many := Edit(AppendEmpty(nil), 0, new([]byte))
	if err := many.Densify(); err != nil {
		return err
	}
	var element [8]byte
	start, check := rand.Uint64(), 1
	for n := 1; n <= upTo; n++ {
		binary.LittleEndian.PutUint64(element[:], start+uint64(n))
		index, rank := Place(element[:])
		a, err := few.Raise(index, rank)
		if b, _ := many.Raise(index, rank); err != nil || a != b {
			return errEncoding
		}
		if n != check {
			continue
		}
		check *= 10
		if err := testEstimate(few.Bytes(), many.Bytes(), n); err != nil {
			return err
		}
	}
	return nil
}

func testEstimate(a, b []byte, n int) error {
	x, err := Count(a)
	if err != nil {
		return err
	}
	if y, _ := Count(b); x != y {
		return errEncoding
	}
	if off := math.Abs(float64(x) - float64(n)); off > 1+5*1.04/128*float64(n) {
		return errEstimate
	}
	return nil
}
