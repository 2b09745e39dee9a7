package server

import (
	"fmt"
	"os"
	"strings"
)

// The title is what ps shows of the process. It is written over the arguments, which
// is where the system looks for it, so nobody may refer to those any more.

// detachArgs makes os.Args a copy of the arguments. It is called before anything keeps one of them.
func detachArgs() {
	for i, a := range os.Args {
		os.Args[i] = strings.Clone(a)
	}
}

// showTitle makes the title follow the settings, if set-proc-title wants one.
func (s *Server) showTitle() {
	if s.yes("set-proc-title") {
		setProcessTitle(s.title())
	}
}

// applyTitle shows a new template, as in Redis even if the start set no title.
func applyTitle(s *Server) error {
	if s.running {
		setProcessTitle(s.title())
	}
	return nil
}

// title fills in proc-title-template.
func (s *Server) title() string {
	return strings.Trim(strings.NewReplacer(
		"{title}", os.Args[0],
		"{listen-addr}", s.listenAddress(),
		"{server-mode}", s.modeMark(),
		"{port}", fmt.Sprint(s.num("port")),
		"{tls-port}", fmt.Sprint(s.num("tls-port")),
		"{unixsocket}", s.text("unixsocket"),
		"{config-file}", orDash(s.configFile),
	).Replace(s.text("proc-title-template")), " ")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// listenAddress is the first address that is listened on.
func (s *Server) listenAddress() string {
	port := s.mainPort()
	if port == 0 {
		return "unixsocket:" + s.text("unixsocket")
	}
	host := "*"
	if words := s.conf.Value("bind").Words; len(words) > 0 {
		host = words[0]
	}
	return fmt.Sprintf("%s:%d", host, port)
}

func (s *Server) modeMark() string {
	if s.yes("cluster-enabled") {
		return "[cluster]"
	}
	return ""
}
