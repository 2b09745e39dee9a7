//go:build linux

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/csv"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// With TLS the load comes from redis-benchmark: its OpenSSL is what most
// clients have, and is the same for both servers.

const tlsAbout = "GET over TLS 1.3 (ECDSA P-256), 50 clients, 1 M keys, 64 B, by redis-benchmark, which takes more than half of the machine"

var tlsWorks = []*work{
	{
		name: "tls1", prepare: prepareTLS, run: runTLS("-P", "1"),
		about: tlsAbout + ", one request at a time",
		rows:  tlsRows("GET over TLS, P=1"),
	}, {
		name: "tls16", prepare: prepareTLS, run: runTLS("-P", "16"),
		about: "the same, pipelined by 16",
		rows:  tlsRows("GET over TLS, P=16"),
	}, {
		name: "tlsopen", prepare: prepareTLS, run: runTLS("-k", "0"),
		about: "the same, with a connection and a whole handshake for each request",
		rows:  tlsRows("TLS handshake and GET"),
	},
}

func tlsRows(title string) []row {
	return []row{
		{"rps", title + ": requests/s", perSecond, target{}},
		{"cpu", title + ": server CPU per request", nanos, timesAtMost(1)},
		{"p50", title + ": p50", micros, target{}},
		{"p99", title + ": p99", micros, target{}},
	}
}

// tlsPort is where the server of a port has TLS.
func (s *server) tlsPort() int { return s.port + 10 }

// prepareTLS fills the server and opens a second port.
func prepareTLS(s *server) error {
	cert, key, err := makeCertificate(running.dir)
	if err != nil {
		return err
	}
	if _, err := s.do("CONFIG", "SET", "tls-auth-clients", "no", "tls-cert-file", cert, "tls-key-file", key,
		"tls-port", strconv.Itoa(s.tlsPort())); err != nil {
		return err
	}
	return fillStrings(s)
}

// makeCertificate makes a certificate that signs itself, for nobody who asks.
func makeCertificate(dir string) (certFile, keyFile string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", "", err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	certFile, keyFile = filepath.Join(dir, "bench.crt"), filepath.Join(dir, "bench.key")
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600); err != nil {
		return "", "", err
	}
	return certFile, keyFile, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600)
}

// runTLS first finds out how many requests take as long as the run is to be.
func runTLS(args ...string) func(*trial) (figures, error) {
	return func(t *trial) (figures, error) {
		const few = 3000
		trying, err := t.benchmarkTLS(few, args)
		if err != nil {
			return nil, err
		}
		n := max(few, int(trying["rps"]*t.duration.Seconds()))
		before, err := processCPU(t.process.Pid)
		if err != nil {
			return nil, err
		}
		f, err := t.benchmarkTLS(n, args)
		if err != nil {
			return nil, err
		}
		after, err := processCPU(t.process.Pid)
		f["cpu"] = float64(after-before) / float64(n)
		return f, err
	}
}

// benchmarkTLS runs redis-benchmark with n requests.
func (t *trial) benchmarkTLS(n int, args []string) (figures, error) {
	cmd := exec.Command("redis-benchmark", append([]string{"--tls", "--insecure", "--csv", "-p", strconv.Itoa(t.tlsPort()),
		"-t", "get", "-r", strconv.Itoa(million), "-c", "50", "-n", strconv.Itoa(n)}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("redis-benchmark: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 {
		return nil, fmt.Errorf("redis-benchmark printed %q (%v)", out, err)
	}
	f := figures{}
	for i, name := range rows[0] {
		f[name], _ = strconv.ParseFloat(rows[1][i], 64) // the first is not a number
	}
	return figures{"rps": f["rps"], "p50": f["p50_latency_ms"] * 1e3, "p99": f["p99_latency_ms"] * 1e3}, nil
}
