//go:build !linux

package benchmark

const haveRaw = false

// openRaw panics: where there is no epoll it is not asked.
func openRaw(g *Generator, s *source, thread, conns int) (worker, error) {
	panic("benchmark: no epoll on this system")
}
