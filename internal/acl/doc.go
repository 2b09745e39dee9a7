// Package acl knows who may do what: users, the rules that describe them, and
// the check of a command against them. It knows commands as Specs, and nothing of
// clients, connections or files.
//
// # Terms
//
//   - A rule is one word of ACL SETUSER: "on", ">secret", "+@read", "~cache:*".
//     Rules are obeyed from left to right.
//   - A selector is a set of permissions that stands on its own: commands, keys,
//     channels, databases. A user has a root selector, which plain rules change,
//     and any number of further ones, each written as one rule in parentheses. A
//     command is allowed if one selector allows all of it.
//   - Rules, the type, is all that rules made of a user at one time.
//   - A User is a name with its present Rules.
//   - The Catalog has the commands and categories that rules may name.
//
// # Invariants
//
//   - Rules never change. Changing a user makes new ones from a copy and
//     publishes them in one step, so that a check sees the old ones or the new
//     ones, never a mixture, and takes no lock.
//   - A User stays the same object for as long as there is a user of its name. One
//     that was removed has rules that allow nothing, so that who still holds it
//     can do nothing any more.
//   - What Describe writes, read as rules on a fresh user, makes the same rules.
//
// # Commands
//
// Which commands a selector allows is a bitmap over the numbers of the Catalog,
// which are Spec.ID for all commands there are. The words that made the bitmap are not kept: as in Redis
// 7.0, Describe finds the categories that fit it best and names the commands
// that are left over. A flag beside the bitmap remembers whether "+@all" was its
// beginning, as such a user may run commands that later versions bring.
//
// Names are those from before rename-command, and commands that it removed can be
// named: a user's rules mean the same on a server that renames commands.
//
// Rejected: keeping the words as they came, as Redis 7.2 does (the arbiter of every
// answer here is 7.0, and a bitmap cannot contradict itself); checking against lists of
// names (a bitmap is one load and one test).
package acl
