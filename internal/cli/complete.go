package cli

import (
	"slices"
	"strings"
)

// A candidate is a word that may stand where the cursor is.
type candidate struct{ word, about string }

// helpWords are the commands of the prompt that list topics.
var helpWords = []string{"help", "?"}

// complete lists what the last word of a line may become, and the part of the line that it is.
func (l *library) complete(line string) (prefix string, found []candidate) {
	words, spaced := typedWords(line)
	if !spaced && len(words) > 0 {
		prefix, words = words[len(words)-1], words[:len(words)-1]
	}
	if !strings.HasSuffix(line, prefix) { // quotes, escapes: these are values
		return prefix, nil
	}
	var all []candidate
	switch {
	case len(words) == 0:
		all = append(l.names(nil), ownCommands...)
	case slices.Contains(helpWords, strings.ToLower(words[0])):
		if all = l.names(words[1:]); len(words) == 1 {
			for _, group := range l.groups() {
				all = append(all, candidate{"@" + group, ""})
			}
		}
	case words[0] == ":set":
		all = []candidate{{"hints", "show the syntax while typing"}, {"nohints", "do not"}}
	default:
		all = l.names(words)
		if d := l.find(words); d != nil && len(all) == 0 {
			if m, ok := d.hint(words); ok {
				for _, token := range m.next {
					all = append(all, candidate{token, ""})
				}
			}
		}
	}
	for _, c := range all {
		if len(c.word) >= len(prefix) && strings.EqualFold(c.word[:len(prefix)], prefix) {
			found = append(found, candidate{inCaseOf(prefix, words, c.word), c.about})
		}
	}
	return prefix, found
}

// ownCommands are those that the prompt runs itself.
var ownCommands = []candidate{
	{"HELP", "Explains commands."}, {"CLEAR", "Clears the screen."}, {"CONNECT", "Connects to another server."},
	{"EXIT", "Ends the client."}, {":set", "Sets a preference."},
}

// names are the next words of the commands that begin with words.
func (l *library) names(words []string) []candidate {
	var found []candidate
	for _, d := range l.all() {
		if len(d.words) == len(words)+1 && equalWords(d.words[:len(words)], words) {
			found = append(found, candidate{d.words[len(words)], d.summary})
		}
	}
	return found
}

// inCaseOf writes a word in the case that was typed so far: small letters, if there were some and no capitals.
func inCaseOf(prefix string, words []string, word string) string {
	typed := prefix
	if typed == "" && len(words) > 0 {
		typed = words[0]
	}
	if typed != "" && strings.ToLower(typed) == typed && strings.ToUpper(typed) != typed {
		return strings.ToLower(word)
	}
	return word
}
