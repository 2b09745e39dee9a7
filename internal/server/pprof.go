package server

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"path"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// startPprof serves profiles on the loopback address if pprof-port is set, in
// as much HTTP as `go tool pprof` needs; a web server would grow the program
// for that alone.
func (s *Server) startPprof() {
	port := s.num("pprof-port")
	if port == 0 {
		return
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.FormatInt(port, 10)))
	if err != nil {
		s.warn("Profiles are not served: %v", err)
		return
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveProfile(c)
		}
	}()
}

// serveProfile answers one request, /debug/pprof/profile?seconds=n for the
// processor or /debug/pprof/name for another profile that the runtime has.
func serveProfile(c net.Conn) {
	defer c.Close()
	line, err := bufio.NewReader(c).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) < 2 {
		return
	}
	u, err := url.Parse(words[1])
	if err != nil {
		return
	}
	name := path.Base(u.Path)
	p := pprof.Lookup(name)
	if p == nil && name != "profile" {
		fmt.Fprint(c, "HTTP/1.0 404 Not Found\r\n\r\nno such profile\n")
		return
	}
	fmt.Fprint(c, "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")
	if p != nil {
		debug, _ := strconv.Atoi(u.Query().Get("debug"))
		p.WriteTo(c, debug)
		return
	}
	seconds, err := strconv.Atoi(u.Query().Get("seconds"))
	if err != nil {
		seconds = 30
	}
	if pprof.StartCPUProfile(c) != nil {
		return // another one runs
	}
	time.Sleep(time.Duration(seconds) * time.Second) // the length of the profile
	pprof.StopCPUProfile()
}
