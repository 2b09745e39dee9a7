// Package ciphers knows the cipher suites of crypto/tls by the names that OpenSSL has for them.
//
// Options and settings about TLS are written for OpenSSL: a list of suites is in
// its language. Suites returns what of such a list there is here. The table holds
// the suites of TLS 1.2; those of TLS 1.3 cannot be chosen in crypto/tls.
package ciphers

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
)

// suite is a cipher suite of TLS 1.2 that crypto/tls has, with the name and
// the properties that OpenSSL's lists speak of; a hash is one only where it is not part of the cipher. The default list has those
// that are safe; the others must be named, or described.
type suite struct {
	id    uint16
	name  string
	is    string // words, each with a space around it
	plain bool   // not in the default list
}

var suites = []suite{
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", " ECDSA AESGCM AES256 AES ", false},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", " aRSA AESGCM AES256 AES ", false},
	{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", " ECDSA CHACHA20 ", false},
	{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", " aRSA CHACHA20 ", false},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", " ECDSA AESGCM AES128 AES ", false},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", " aRSA AESGCM AES128 AES ", false},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", " ECDSA AES256 AES SHA1 ", false},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", " aRSA AES256 AES SHA1 ", false},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", " ECDSA AES128 AES SHA1 ", false},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", " aRSA AES128 AES SHA1 ", false},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", " ECDSA AES128 AES SHA256 ", true},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", " aRSA AES128 AES SHA256 ", true},
	{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", " kRSA aRSA AESGCM AES256 AES ", true},
	{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", " kRSA aRSA AESGCM AES128 AES ", true},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", " kRSA aRSA AES128 AES SHA256 ", true},
	{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", " kRSA aRSA AES256 AES SHA1 ", true},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", " kRSA aRSA AES128 AES SHA1 ", true},
}

// matches says whether the suite is what one word of a list means: its name,
// in OpenSSL's form or that of the standard, or a property.
func (t *suite) matches(word string) bool {
	switch word {
	case t.name, tls.CipherSuiteName(t.id), "ALL", "HIGH", "TLSv1.2":
		return true
	case "RSA":
		word = "kRSA"
	case "aECDSA":
		word = "ECDSA"
	case "SHA":
		word = "SHA1"
	case "ECDHE", "EECDH", "kECDHE", "kEECDH":
		return strings.HasPrefix(t.name, "ECDHE-")
	case "DEFAULT", "SECURE":
		return !t.plain
	}
	return strings.Contains(t.is, " "+word+" ")
}

// Suites reads a list in the language of OpenSSL: words between colons,
// commas or spaces that add suites, or with a dash before them remove them, or
// with an exclamation mark remove them for good; properties joined by + must all hold.
// The order does not matter here: crypto/tls has one of its own. A word that
// means nothing is passed over, as OpenSSL does; a list that leaves no suite is an error.
func Suites(list string) ([]uint16, error) {
	var chosen, banned []uint16
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(":, ;", r) }) {
		sign := word[0]
		if strings.IndexByte("!-+@", sign) >= 0 {
			word = word[1:]
		}
		found := suitesLike(word)
		switch sign {
		case '@', '+': // about the order, or the security level
		case '!':
			banned = append(banned, found...)
		case '-':
			chosen = slices.DeleteFunc(chosen, func(id uint16) bool { return slices.Contains(found, id) })
		default:
			chosen = append(chosen, found...)
		}
	}
	chosen = slices.DeleteFunc(chosen, func(id uint16) bool { return slices.Contains(banned, id) })
	slices.Sort(chosen)
	if chosen = slices.Compact(chosen); len(chosen) == 0 {
		return nil, errors.New("no cipher match")
	}
	return chosen, nil
}

// suitesLike are the suites that a word, or words joined by +, describe.
func suitesLike(words string) (ids []uint16) {
	for i := range suites {
		all := true
		for word := range strings.SplitSeq(words, "+") {
			all = all && suites[i].matches(word)
		}
		if all {
			ids = append(ids, suites[i].id)
		}
	}
	return ids
}
