package hll

import "encoding/binary"

// Max is the union of HyperLogLogs: the registers, a byte each.
type Max [Registers]byte

// Add takes a HyperLogLog into the union. After an error it holds a part of it.
func (m *Max) Add(b []byte) error {
	if Dense(b) {
		m.addDense((*[DenseSize]byte)(b))
		return nil
	}
	index := 0
	for at := HeaderSize; at < len(b); {
		r := runAt(b, at)
		if r.value != 0 {
			if index+r.n > Registers {
				return ErrCorrupt
			}
			for i := index; i < index+r.n; i++ {
				m[i] = max(m[i], r.value)
			}
		}
		index += r.n
		at += r.size
	}
	if index != Registers {
		return ErrCorrupt
	}
	return nil
}

func (m *Max) addDense(b *[DenseSize]byte) {
	for i := 0; i < Registers/(4*group); i++ {
		g := unpack((*[24]byte)(b[HeaderSize+24*i:]))
		w := (*[4 * group]byte)(m[4*group*i:])
		raise((*[8]byte)(w[0:]), spread(g[0]))
		raise((*[8]byte)(w[8:]), spread(g[1]))
		raise((*[8]byte)(w[16:]), spread(g[2]))
		raise((*[8]byte)(w[24:]), spread(g[3]))
	}
}

func raise(b *[8]byte, w uint64) {
	binary.LittleEndian.PutUint64(b[:], larger(binary.LittleEndian.Uint64(b[:]), w))
}

// Pack writes the registers of the union to a dense HyperLogLog.
func (m *Max) Pack(b []byte) {
	d := (*[DenseSize]byte)(b)
	for i := 0; i < Registers/(4*group); i++ {
		w := (*[4 * group]byte)(m[4*group*i:])
		var g [4]uint64
		for j := range g {
			g[j] = gather(binary.LittleEndian.Uint64(w[8*j:]))
		}
		pack((*[24]byte)(d[HeaderSize+24*i:]), g)
	}
}

// Count returns the estimate for the union.
func (m *Max) Count() uint64 {
	var h histogram
	for at := 0; at < Registers; at += group {
		w := binary.LittleEndian.Uint64(m[at:])
		if w == 0 {
			h[0][0] += group
			continue
		}
		h.addBytes(w)
	}
	return h.estimate()
}
