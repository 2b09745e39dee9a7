// Package config reads, checks, keeps and rewrites settings in the syntax of
// redis.conf. It is mechanism only: which directives exist, and what happens
// when one changes, is a table of its user's.
//
// # Terms
//
//   - A directive is a named setting: its type, default and flags. It may have
//     an alias, a second name that reads and writes the same value.
//   - A Type turns words into a Value, or says what is wrong with them, and
//     turns a Value back into lines of a file.
//   - A Value keeps its text as CONFIG GET shows it, beside a number for types
//     that have one, and its words for types that take several.
//   - A Store is a table of directives with the present value of each.
//   - A keyword is a word that may begin a line but is no setting: include,
//     rename-command, user, loadmodule.
//
// # A file
//
// A file is lines. White space around a line is dropped; an empty line, or one
// that begins with #, says nothing. Other lines are words as SplitWords finds
// them, the first the name in any case. Later lines win, except for types that
// gather (save). Lines are obeyed in order, so that the first bad one is the
// one reported, and nothing after it is done.
//
// # Changes
//
// A change of several settings happens in whole or not at all: all values are
// parsed first, then stored, then applied by the caller's function; if that
// fails the old values are stored and applied again.
//
// # Rewriting
//
// Rewrite starts from the present file and replaces, per directive, the lines
// that set it, in place and in order; lines left over are blanked, lines
// missing are appended below a marker, and only for values that differ from
// the default. Everything else, comments above all, stays where it is.
//
// Rejected: reflection over a struct of settings (types would need tags for
// bounds, aliases and units, and the table would no longer be readable as one);
// one goroutine owning all settings (readers are on the path of each command;
// they read atomics that the apply hooks store).
package config
