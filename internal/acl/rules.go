package acl

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// Rules are all that rules made of a user. They do not change.
type Rules struct {
	unrestricted bool // every command on everything: the check can be left out

	enabled   bool
	noPass    bool
	sanitize  sanitize
	passwords []hash
	selectors []*selector // the first is the root

	text atomic.Pointer[string] // of Describe, once it was asked for
}

type hash = [sha256.Size]byte

// sanitize is what is said about checking the payloads of RESTORE.
type sanitize uint8

const (
	sanitizeDefault sanitize = iota
	sanitizeSkip
	sanitizeYes
)

// newRules are those of a user that was just made.
func newRules(c *Catalog, allChannels bool) *Rules {
	return &Rules{selectors: []*selector{newSelector(c, allChannels)}}
}

// everythingAllowed are those of the default user at the beginning.
func everythingAllowed(c *Catalog) *Rules {
	r := newRules(c, true)
	root := r.selectors[0]
	root.commands.everything(true)
	root.allKeys = true
	r.enabled, r.noPass, r.unrestricted = true, true, true
	return r
}

// clone is a copy that may be changed until it is published.
func (r *Rules) clone() *Rules {
	t := &Rules{enabled: r.enabled, noPass: r.noPass, sanitize: r.sanitize, passwords: slices.Clone(r.passwords)}
	for i, s := range r.selectors {
		if i == 0 {
			s = s.clone() // the others are never changed
		}
		t.selectors = append(t.selectors, s)
	}
	return t
}

// seal ends the changes.
func (r *Rules) seal() *Rules {
	r.unrestricted = slices.ContainsFunc(r.selectors, (*selector).unrestricted)
	return r
}

// apply obeys one rule. allChannels is what a new selector begins with.
func (r *Rules) apply(rule string, allChannels bool) error {
	if rule == "" {
		return nil
	}
	word, _, _ := strings.Cut(rule, "\x00")
	switch strings.ToLower(word) {
	case "on":
		r.enabled = true
	case "off":
		r.enabled = false
	case "skip-sanitize-payload":
		r.sanitize = sanitizeSkip
	case "sanitize-payload":
		r.sanitize = sanitizeYes
	case "nopass":
		r.noPass, r.passwords = true, nil
	case "resetpass":
		r.noPass, r.passwords = false, nil
	case "clearselectors":
		r.selectors = r.selectors[:1]
	case "reset":
		*r = Rules{sanitize: sanitizeYes, selectors: []*selector{newSelector(r.selectors[0].commands.catalog, allChannels)}}
	default:
		return r.applyOther(rule, allChannels)
	}
	return nil
}

func (r *Rules) applyOther(rule string, allChannels bool) error {
	switch c := rule[0]; {
	case c == '>' || c == '#':
		h, err := passwordOf(rule)
		if err != nil {
			return err
		}
		if !slices.Contains(r.passwords, h) {
			r.passwords = append(r.passwords, h)
		}
		r.noPass = false
		return nil
	case c == '<' || c == '!':
		h, err := passwordOf(rule)
		if err != nil {
			return err
		}
		i := slices.Index(r.passwords, h)
		if i < 0 {
			return errPassword
		}
		r.passwords = slices.Delete(r.passwords, i, i+1)
		return nil
	case c == '(' && rule[len(rule)-1] == ')':
		catalog := r.selectors[0].commands.catalog
		s, err := parseSelector(catalog, rule, allChannels)
		if err == nil {
			r.selectors = append(r.selectors, s)
		}
		return err
	}
	return r.selectors[0].apply(rule)
}

// passwordOf is the hash that a rule has, or that of its password.
func passwordOf(rule string) (h hash, err error) {
	if rule[0] == '>' || rule[0] == '<' {
		return sha256.Sum256([]byte(rule[1:])), nil
	}
	text := rule[1:]
	if len(text) != 2*len(h) || strings.ToLower(text) != text {
		return h, errHash
	}
	if _, err := hex.Decode(h[:], []byte(text)); err != nil {
		return h, errHash
	}
	return h, nil
}

// passes says whether a password is right. It takes the same time wherever a wrong one differs.
func (r *Rules) passes(password hash) bool {
	found := 0
	for i := range r.passwords {
		found |= subtle.ConstantTimeCompare(r.passwords[i][:], password[:])
	}
	return r.enabled && (r.noPass || found == 1)
}

// Enabled says whether one may log in as the user.
func (r *Rules) Enabled() bool { return r.enabled }

// NoPass says whether any password does.
func (r *Rules) NoPass() bool { return r.noPass }

// Open: whoever comes is this user without any ado, if it is the default user.
func (r *Rules) Open() bool { return r.enabled && r.noPass }

// Unrestricted says whether the user may do everything, so that Check can be left out.
func (r *Rules) Unrestricted() bool { return r.unrestricted }

// SkipSanitize says whether the payloads of RESTORE are trusted.
func (r *Rules) SkipSanitize() bool { return r.sanitize == sanitizeSkip }

// Flags are the user's flags in the order in which they are shown.
func (r *Rules) Flags() (names []string) {
	if r.enabled {
		names = append(names, "on")
	} else {
		names = append(names, "off")
	}
	if r.noPass {
		names = append(names, "nopass")
	}
	switch r.sanitize {
	case sanitizeSkip:
		names = append(names, "skip-sanitize-payload")
	case sanitizeYes:
		names = append(names, "sanitize-payload")
	}
	return names
}

// Passwords are the hashes, as text.
func (r *Rules) Passwords() []string {
	all := make([]string, len(r.passwords))
	for i, h := range r.passwords {
		all[i] = hex.EncodeToString(h[:])
	}
	return all
}

// A Permission describes a selector.
type Permission struct{ Commands, Keys, Channels, Databases string }

// Permissions describe the selectors, the root first.
func (r *Rules) Permissions() (all []Permission) {
	for _, s := range r.selectors {
		all = append(all, Permission{s.commands.describe(), s.describeKeys(), s.describeChannels(), s.describeDatabases()})
	}
	return all
}

// Describe are rules that make these Rules, on one line.
func (r *Rules) Describe() string {
	if text := r.text.Load(); text != nil {
		return *text
	}
	words := r.Flags()
	for _, p := range r.Passwords() {
		words = append(words, "#"+p)
	}
	for i, s := range r.selectors {
		text := s.describe()
		if i > 0 {
			text = "(" + text + ")"
		}
		words = append(words, text)
	}
	text := strings.Join(words, " ")
	r.text.Store(&text)
	return text
}

// MergeSelectors joins the words of selectors that were split at spaces. open is
// the place of a parenthesis that nothing closes, -1 if there is none.
func MergeSelectors(words []string) (merged []string, open int) {
	open = -1
	var selector string
	for i, w := range words {
		closes := strings.HasSuffix(w, ")")
		switch {
		case strings.HasPrefix(w, "(") && !closes:
			selector, open = w, i
		case open < 0:
			merged = append(merged, w)
		default:
			text, _, _ := strings.Cut(w, "\x00") // as C has it
			selector += " " + text
			if closes {
				merged = append(merged, selector)
				open = -1
			}
		}
	}
	return merged, open
}

// change is rules with some more of them. word is the rule that is wrong.
func (r *Rules) change(words []string, allChannels bool) (changed *Rules, err error) {
	merged, open := MergeSelectors(words)
	if open >= 0 {
		return nil, cmdspec.Errorf("ERR Unmatched parenthesis in acl selector starting at '%s'.", []byte(words[open]))
	}
	changed = r.clone()
	for _, word := range merged {
		if err := changed.apply(word, allChannels); err != nil {
			return nil, cmdspec.Errorf("ERR Error in ACL SETUSER modifier '%s': %s", []byte(word), err.Error())
		}
	}
	return changed.seal(), nil
}
