package server

import (
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
)

// startPprof serves profiles on the loopback address if pprof-port is set.
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
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	go http.Serve(l, mux)
}
