package server

import (
	"errors"
	"fmt"
	"strings"
)

// checkBaseName refuses a path where a file's own name is wanted.
func checkBaseName(directive, what string, emptyToo bool) func(string) error {
	return func(s string) error {
		if s == "" && !emptyToo {
			return fmt.Errorf("%s can't be empty", directive)
		}
		if strings.ContainsAny(s, `/\`) {
			return fmt.Errorf("%s can't be a path, just a %s", directive, what)
		}
		return nil
	}
}

// checkHostname accepts what the cluster may announce.
func checkHostname(s string) error {
	if len(s) >= 256 {
		return errors.New("Hostnames must be less than 256 characters")
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '.' {
			return errors.New("Hostnames may only contain alphanumeric characters, hyphens or dots")
		}
	}
	return nil
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// titleVariables are what proc-title-template may name.
var titleVariables = []string{"title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"}

// checkTitle refuses a template with a brace that is not of a known variable,
// and one of which nothing may be left: title is empty when it is checked, and
// two others can be.
func checkTitle(s string) error {
	for _, v := range titleVariables {
		value := "x"
		if v == "title" || v == "unixsocket" || v == "config-file" {
			value = ""
		}
		s = strings.ReplaceAll(s, "{"+v+"}", value)
	}
	if strings.ContainsAny(s, "{}") || strings.Trim(s, " ") == "" {
		return errors.New("template format is invalid or contains unknown variables")
	}
	return nil
}

// The letters of notify-keyspace-events in the order they are answered; A
// stands for those before it. The bit of a letter is its place.
const (
	eventClasses = "g$lshzxetd"
	eventOthers  = "KEmnocSTIV"
)

// eventBits reads the letters.
func eventBits(s string) (bits int64, err error) {
	for i := 0; i < len(s); i++ {
		if s[i] == 'A' {
			bits |= 1<<len(eventClasses) - 1
			continue
		}
		at := strings.IndexByte(eventClasses+eventOthers, s[i])
		if at < 0 {
			return 0, errors.New("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
		}
		bits |= 1 << at
	}
	return bits, nil
}

// eventLetters writes them.
func eventLetters(bits int64) string {
	const all = 1<<len(eventClasses) - 1
	var b []byte
	first := 0
	if bits&all == all {
		b = append(b, 'A')
		first = len(eventClasses)
	}
	letters := eventClasses + eventOthers
	for i := first; i < len(letters); i++ {
		if bits&(1<<i) != 0 {
			b = append(b, letters[i])
		}
	}
	return string(b)
}
