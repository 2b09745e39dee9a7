package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/redstart-db/redstart/internal/ciphers"
)

// TLSOptions are the options about TLS of the command line tools.
type TLSOptions struct {
	On, Insecure          bool
	SNI                   string
	CACert, CADir         string
	Cert, Key             string
	Ciphers, Ciphersuites string
}

// A TLSOption is the row of one of them in the tables of the tools.
type TLSOption struct {
	Name, Arg, Help string // no Arg: it takes none
	Set             func(*TLSOptions, string)
}

// TLSTable has all of them.
var TLSTable = []TLSOption{
	{"--tls", "", "Connect by TLS.", func(o *TLSOptions, _ string) { o.On = true }},
	{"--sni", "host", "Name of the server to ask for; no part of the check.", func(o *TLSOptions, v string) { o.SNI = v }},
	{"--cacert", "file", "Certificate to verify the server's with.", func(o *TLSOptions, v string) { o.CACert = v }},
	{"--cacertdir", "dir", "Directory of such certificates (default: the system's).", func(o *TLSOptions, v string) { o.CADir = v }},
	{"--insecure", "", "Do not verify the server's certificate.", func(o *TLSOptions, _ string) { o.Insecure = true }},
	{"--cert", "file", "Certificate of the client.", func(o *TLSOptions, v string) { o.Cert = v }},
	{"--key", "file", "Its private key.", func(o *TLSOptions, v string) { o.Key = v }},
	{"--tls-ciphers", "list", "Ciphers for TLS 1.2, by OpenSSL's names.", func(o *TLSOptions, v string) { o.Ciphers = v }},
	{"--tls-ciphersuites", "list", "Accepted; TLS 1.3 has no choice here.", func(o *TLSOptions, v string) { o.Ciphersuites = v }},
}

// Config is what crypto/tls wants to know. An error is one of the sentences
// that tools with OpenSSL say. As with those, a certificate is good if it is
// signed by an authority of the options, whatever host it is for: many servers
// are reached by addresses that nobody writes into certificates.
func (o *TLSOptions) Config() (*tls.Config, error) {
	c := &tls.Config{ServerName: o.SNI, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
	roots, err := o.authorities()
	if err != nil {
		return nil, errors.New("Invalid CA Certificate File/Directory")
	}
	if !o.Insecure {
		c.VerifyConnection = func(s tls.ConnectionState) error { return verify(s.PeerCertificates, roots) }
	}
	if err := o.identify(c); err != nil {
		return nil, err
	}
	if o.Ciphers != "" {
		if c.CipherSuites, err = ciphers.Suites(o.Ciphers); err != nil {
			return nil, errors.New("Error while configuring ciphers")
		}
	}
	if o.Ciphersuites != "" && !slices.ContainsFunc(strings.Split(o.Ciphersuites, ":"), isSuite13) {
		return nil, errors.New("Error while setting cypher suites")
	}
	return c, nil
}

// isSuite13 knows the suites of TLS 1.3, among which crypto/tls chooses itself.
func isSuite13(name string) bool {
	for _, s := range tls.CipherSuites() {
		if s.Name == name && s.SupportedVersions[0] == tls.VersionTLS13 {
			return true
		}
	}
	return strings.HasPrefix(name, "TLS_AES_128_CCM_") // OpenSSL has these as well
}

// authorities are the certificates of the file and of those in the directory; nil: the system's.
func (o *TLSOptions) authorities() (*x509.CertPool, error) {
	if o.CACert == "" && o.CADir == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if o.CADir != "" {
		files, err := filepath.Glob(filepath.Join(o.CADir, "*"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if pem, err := os.ReadFile(file); err == nil { // other things may lie there
				pool.AppendCertsFromPEM(pem)
			}
		}
	}
	if o.CACert == "" {
		return pool, nil
	}
	pem, err := os.ReadFile(o.CACert)
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + o.CACert)
	}
	return pool, nil
}

// identify takes the certificate of the client, which is one only with its key.
func (o *TLSOptions) identify(c *tls.Config) error {
	var cert, key []byte
	var err error
	if o.Cert != "" {
		if cert, err = os.ReadFile(o.Cert); err != nil {
			return errors.New("Invalid client certificate")
		}
	}
	if o.Key != "" {
		if key, err = os.ReadFile(o.Key); err != nil {
			return errors.New("Invalid private key")
		}
	}
	if cert == nil || key == nil {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return errors.New("Invalid private key")
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}

func verify(chain []*x509.Certificate, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	return nil
}

// A HandshakeError says why there is no TLS on a connection that there is.
type HandshakeError struct{ Err error }

func (e *HandshakeError) Unwrap() error { return e.Err }

// Error begins as with OpenSSL; the cause is in its words where it has common ones.
func (e *HandshakeError) Error() string {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	text := e.Err.Error()
	switch {
	case errors.As(e.Err, &certificate):
		text = "certificate verify failed"
	case errors.As(e.Err, &record):
		text = "wrong version number"
	}
	return "SSL_connect failed: " + text
}
