package server

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The HTTP side: metrics, health, profiles. It listens nowhere unless metrics-port
// says so, asks for no password, and changes nothing; what it tells is for operators, so
// its address is one of this machine unless metrics-bind names another.

// webServer is the listener for HTTP, if there is one.
type webServer struct {
	mu     sync.Mutex // guards what follows
	addr   string     // empty: none
	server *http.Server
}

// applyMetrics listens where the settings say.
func applyMetrics(s *Server) error {
	addr := ""
	if port := s.num("metrics-port"); port != 0 {
		host := s.text("metrics-bind")
		if host == "*" {
			host = ""
		}
		addr = net.JoinHostPort(host, strconv.FormatInt(port, 10))
	}
	w := &s.web
	w.mu.Lock()
	defer w.mu.Unlock()
	if addr == w.addr {
		return nil
	}
	if w.server != nil {
		w.server.Close()
	}
	w.addr, w.server = "", nil
	if addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("Can't listen for metrics: %v", err)
	}
	w.addr, w.server = addr, &http.Server{
		Handler: s.webHandler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	go w.server.Serve(l)
	s.notice("Metrics are served on http://%s/metrics", addr)
	return nil
}

// A scrape that takes longer than scrapeTimeout was in vain; more than scrapesAtOnce are refused.
const (
	scrapeTimeout = 10 * time.Second
	scrapesAtOnce = 3
)

// webHandler is the pages there are.
func (s *Server) webHandler() http.Handler {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: scrapesAtOnce, Timeout: scrapeTimeout, ErrorHandling: promhttp.HTTPErrorOnError,
	}))
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.HandleFunc("GET /debug/pprof/", s.profiles(pprof.Index))
	mux.HandleFunc("GET /debug/pprof/cmdline", s.profiles(pprof.Cmdline))
	mux.HandleFunc("GET /debug/pprof/profile", s.profiles(pprof.Profile))
	mux.HandleFunc("GET /debug/pprof/symbol", s.profiles(pprof.Symbol))
	mux.HandleFunc("GET /debug/pprof/trace", s.profiles(pprof.Trace))
	return mux
}

// serveHealth says whether the server takes commands.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if !s.serving.Load() {
		http.Error(w, "not serving", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// profiles serves a page of profiles if metrics-pprof allows it.
func (s *Server) profiles(page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.yes("metrics-pprof") {
			http.Error(w, "profiles are served with metrics-pprof yes", http.StatusNotFound)
			return
		}
		page(w, r)
	}
}

// checkNotEmpty refuses an empty text.
func checkNotEmpty(s string) error {
	if s == "" {
		return errors.New("argument must not be empty")
	}
	return nil
}
