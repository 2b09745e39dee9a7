package server

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/ciphers"
	"github.com/redstart-db/redstart/internal/config"
	"github.com/redstart-db/redstart/internal/evloop"
)

// TLS is configured as a whole: any tls- setting that changes, and any of the
// files that does, makes a new tls.Config for the connections to come. Those
// that are open keep theirs. A Config has ticket keys of its own, so a session
// is resumed only under the settings and certificates it was made with.

// secrets is what connections are secured with.
type secrets struct {
	mu     sync.Mutex // one change at a time
	files  []tlsFile  // as they were when they were last read
	config atomic.Pointer[tls.Config]
	looked atomic.Int64 // when the files were last looked at, Unix nanoseconds
}

// lookEvery is how often the files are looked at, while connections arrive.
const lookEvery = time.Second

var errTLS = errors.New("Unable to update TLS configuration. Check server logs.")

// applyTLS makes a change of tls- settings effective, if TLS is in use.
func applyTLS(s *Server) error {
	if !s.running || s.num("tls-port") == 0 && !s.yes("tls-replication") && !s.yes("tls-cluster") {
		return nil
	}
	return s.configureTLS()
}

// configureTLS makes connections use what the settings say now. Its error is
// for the user; the log has the reason.
func (s *Server) configureTLS() error {
	if err := s.checkTLS(); err != nil {
		s.warn("%s", err)
		return errTLS
	}
	return s.renewTLS()
}

// applyTLSAuth is applyTLS for tls-auth-clients, which may be said before the
// authorities are: until then it lets nobody in.
func applyTLSAuth(s *Server) error {
	if s.tls.config.Load() == nil {
		return nil
	}
	return s.renewTLS()
}

func (s *Server) renewTLS() error {
	s.tls.mu.Lock()
	defer s.tls.mu.Unlock()
	s.tls.files = s.tlsFiles()
	made, err := s.makeTLS()
	if err != nil {
		s.warn("%s", err)
		return errTLS
	}
	s.tls.config.Store(made)
	return nil
}

// tlsConfig is the configuration for a connection that has just been accepted.
func (s *Server) tlsConfig() *tls.Config {
	now, last := time.Now().UnixNano(), s.tls.looked.Load()
	if now-last > int64(lookEvery) && s.tls.looked.CompareAndSwap(last, now) {
		s.reloadTLS()
	}
	return s.tls.config.Load()
}

// reloadTLS reads the files again if they have changed. Files that cannot be
// used, perhaps because only one of two is there yet, leave all as it is until they change again.
func (s *Server) reloadTLS() {
	s.tls.mu.Lock()
	defer s.tls.mu.Unlock()
	files := s.tlsFiles()
	if slices.EqualFunc(files, s.tls.files, tlsFile.same) {
		return
	}
	s.tls.files = files
	made, err := s.makeTLS()
	if err != nil {
		s.warn("TLS files have changed, but cannot be used: %s", err)
		return
	}
	s.tls.config.Store(made)
	s.notice("TLS files have changed and were read again")
}

// tlsFile is a file as far as a change shows without reading it.
type tlsFile struct {
	path string
	info os.FileInfo // nil: it is not there
}

// same: neither was the file changed, nor is it another one, moved to this name.
func (f tlsFile) same(o tlsFile) bool {
	if f.path != o.path || f.info == nil || o.info == nil {
		return f.path == o.path && f.info == o.info
	}
	return os.SameFile(f.info, o.info) && f.info.Size() == o.info.Size() && f.info.ModTime().Equal(o.info.ModTime())
}

// tlsFiles are the files that the settings name.
func (s *Server) tlsFiles() (files []tlsFile) {
	for _, name := range []string{"tls-cert-file", "tls-key-file", "tls-ca-cert-file", "tls-ca-cert-dir"} {
		f := tlsFile{path: s.text(name)}
		f.info, _ = os.Stat(f.path)
		files = append(files, f)
	}
	return files
}

// tlsAuth are the values of tls-auth-clients by its number.
var tlsAuth = [...]tls.ClientAuthType{tls.NoClientCert, tls.RequireAndVerifyClientCert, tls.VerifyClientCertIfGiven}

// makeTLS makes what the settings and files describe.
func (s *Server) makeTLS() (c *tls.Config, err error) {
	c = &tls.Config{
		ClientAuth:                  tlsAuth[s.num("tls-auth-clients")],
		SessionTicketsDisabled:      !s.yes("tls-session-caching"),
		DynamicRecordSizingDisabled: true, // what is sent at once is ready at once
	}
	if c.MinVersion, c.MaxVersion, err = s.tlsVersions(s.text("tls-protocols")); err != nil {
		return nil, err
	}
	pair, err := readKeyPair(s.text("tls-cert-file"), s.text("tls-key-file"), s.text("tls-key-file-pass"))
	if err != nil {
		return nil, err
	}
	c.Certificates = []tls.Certificate{pair}
	if c.ClientCAs, err = readAuthorities(s.text("tls-ca-cert-file"), s.text("tls-ca-cert-dir")); err != nil {
		return nil, fmt.Errorf("Failed to configure CA certificate(s) file/directory: %s", config.Reason(err))
	}
	if list := s.text("tls-ciphers"); list != "" {
		if c.CipherSuites, err = ciphers.Suites(list); err != nil {
			return nil, fmt.Errorf("Failed to configure ciphers: %s", list)
		}
	}
	limitSessions(c, time.Duration(s.num("tls-session-cache-timeout"))*time.Second)
	return c, s.checkUnusedTLS()
}

// checkTLS looks for settings that are missing.
func (s *Server) checkTLS() error {
	verifies := s.text("tls-auth-clients") != "no" || s.yes("tls-cluster") || s.yes("tls-replication")
	switch {
	case s.text("tls-cert-file") == "":
		return errors.New("No tls-cert-file configured!")
	case s.text("tls-key-file") == "":
		return errors.New("No tls-key-file configured!")
	case verifies && s.text("tls-ca-cert-file") == "" && s.text("tls-ca-cert-dir") == "":
		return errors.New("Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, " +
			"tls-replication or tls-auth-clients are enabled!")
	}
	return nil
}

// checkUnusedTLS looks at files that nothing needs yet: a mistake shall show
// when it is made.
func (s *Server) checkUnusedTLS() error {
	if path := s.text("tls-dh-params-file"); path != "" {
		if _, err := os.ReadFile(path); err != nil {
			return fmt.Errorf("Failed to load %s: %s", path, config.Reason(err))
		}
	}
	cert, key := s.text("tls-client-cert-file"), s.text("tls-client-key-file")
	if cert == "" || key == "" {
		return nil
	}
	_, err := readKeyPair(cert, key, s.text("tls-client-key-file-pass"))
	return err
}

// tlsVersions reads tls-protocols. The versions below 1.2 have been withdrawn (RFC 8996) and are left out.
func (s *Server) tlsVersions(list string) (low, high uint16, err error) {
	if list == "" {
		return tls.VersionTLS12, tls.VersionTLS13, nil
	}
	for word := range strings.FieldsSeq(list) {
		var v uint16
		switch strings.ToLower(word) {
		case "tlsv1", "tlsv1.1":
			s.warn("WARNING: tls-protocols: %s is not supported any more", word)
			continue
		case "tlsv1.2":
			v = tls.VersionTLS12
		case "tlsv1.3":
			v = tls.VersionTLS13
		default:
			return 0, 0, errors.New("Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', " +
				"'TLSv1.2' and 'TLSv1.3'.")
		}
		if low == 0 || v < low {
			low = v
		}
		high = max(high, v)
	}
	if low == 0 {
		return 0, 0, errors.New("tls-protocols has no version of 1.2 or above")
	}
	return low, high, nil
}

// readAuthorities reads certificates of authorities: those of a file, and of
// every file of a directory. The pool may be empty, and then trusts nobody.
func readAuthorities(file, dir string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s has no certificate", file)
		}
	}
	if dir == "" {
		return pool, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if text, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil {
			pool.AppendCertsFromPEM(text) // other files may be there, too
		}
	}
	return pool, nil
}

// limitSessions makes tickets say when they were given, and refuses those that
// are older than limit. The client then does a full handshake.
func limitSessions(c *tls.Config, limit time.Duration) {
	c.WrapSession = func(cs tls.ConnectionState, ss *tls.SessionState) ([]byte, error) {
		ss.Extra = append(ss.Extra, binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix())))
		return c.EncryptTicket(cs, ss)
	}
	c.UnwrapSession = func(ticket []byte, cs tls.ConnectionState) (*tls.SessionState, error) {
		ss, err := c.DecryptTicket(ticket, cs)
		if ss == nil || err != nil || len(ss.Extra) == 0 {
			return nil, err
		}
		given := ss.Extra[len(ss.Extra)-1]
		if len(given) != 8 || time.Now().Unix()-int64(binary.BigEndian.Uint64(given)) >= int64(limit/time.Second) {
			return nil, nil
		}
		return ss, nil
	}
}

// tlsListener is how connections to the tls-port are made.
func (s *Server) tlsListener() evloop.TLS {
	return evloop.TLS{
		Config:   s.tlsConfig,
		Room:     s.hub.Room,
		Identify: s.identify,
		Failed: func(ends *evloop.Endpoints, err error) {
			s.warn("Error accepting a client connection: %s (addr=%s laddr=%s)", err, ends.Remote, ends.Local)
		},
	}
}

// identify is the user that a client's certificate names, if tls-auth-clients-user asks for it.
func (s *Server) identify(state tls.ConnectionState) string {
	if len(state.VerifiedChains) == 0 || s.text("tls-auth-clients-user") != "CN" {
		return ""
	}
	return state.VerifiedChains[0][0].Subject.CommonName
}
