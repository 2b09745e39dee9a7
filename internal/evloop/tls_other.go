//go:build !(linux && (amd64 || arm64))

package evloop

import "net"

// adopt makes a connection that goroutines drive, as all are here.
func (g *Group) adopt(s *secured, ends Endpoints) { g.serveNet(s.conn, ends) }

func hungUp(net.Conn) bool       { return false }
func (l *Loop) sayGoodbye(*Conn) {}
