package cmdspec

// Words of commands that nobody may see but the one who sends them: passwords,
// and the names that go with them. Whoever shows commands to others (MONITOR, SLOWLOG,
// logs) shows what Shown returns.

var redacted = []byte("(redacted)")

// Shown is word i of a command line as others may see it.
func (s *Spec) Shown(words [][]byte, i int) []byte {
	if s != nil && s.Secret != nil && s.Secret(words, i) {
		return redacted
	}
	return words[i]
}

// SecretFrom makes a Spec.Secret for commands whose words from the first-th on are all secret.
func SecretFrom(first int) func(words [][]byte, i int) bool {
	return func(_ [][]byte, i int) bool { return i >= first }
}
