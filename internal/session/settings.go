package session

import "sync/atomic"

// Class is a class of clients for client-output-buffer-limit and CLIENT LIST TYPE.
type Class int

// The classes.
const (
	ClassNormal Class = iota
	ClassReplica
	ClassPubSub
	ClassMaster
	classCount
)

// OutputLimit is one line of client-output-buffer-limit; 0 is no limit.
type OutputLimit struct {
	Hard, Soft  atomic.Int64 // bytes
	SoftSeconds atomic.Int64
}

// Settings are the live settings of the session; anyone may store.
// NewSettings gives Redis's defaults.
type Settings struct {
	MaxClients       atomic.Int64
	Timeout          atomic.Int64 // seconds; 0: never
	TCPKeepAlive     atomic.Int64 // seconds; 0: off
	ProtectedMode    atomic.Bool
	ProtoMaxBulkLen  atomic.Int64
	QueryBufferLimit atomic.Int64
	LatencyTracking  atomic.Bool
	TrackingMaxKeys  atomic.Int64 // 0: no limit
	ACLLogMaxLen     atomic.Int64
	OutputLimits     [ClassMaster]OutputLimit // by Class
}

// NewSettings returns settings with Redis's defaults.
func NewSettings() *Settings {
	s := &Settings{}
	s.MaxClients.Store(10000)
	s.TCPKeepAlive.Store(300)
	s.ProtectedMode.Store(true)
	s.LatencyTracking.Store(true)
	s.TrackingMaxKeys.Store(1000000)
	s.ACLLogMaxLen.Store(128)
	s.ProtoMaxBulkLen.Store(512 << 20)
	s.QueryBufferLimit.Store(1 << 30)
	s.OutputLimits[ClassReplica].set(256<<20, 64<<20, 60)
	s.OutputLimits[ClassPubSub].set(32<<20, 8<<20, 60)
	return s
}

func (l *OutputLimit) set(hard, soft, seconds int64) {
	l.Hard.Store(hard)
	l.Soft.Store(soft)
	l.SoftSeconds.Store(seconds)
}
