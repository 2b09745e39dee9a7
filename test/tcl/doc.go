// Package tcl runs Redis's own test suite against this server.
//
// The suite is the one of Redis 7.0.15. It is fetched from Debian's source package
// when `make tcl` runs and is never part of this repository. A run directory is made
// for each unit: links to the suite's files, and bin/redstart under the name
// src/redis-server, which is where the suite looks for the program under test; in
// the units about a tool, under the tool's name as well.
//
// Terms: a unit is one of the suite's files (unit/type/string); a test is one named
// `test` block in it. skiplist.txt names the tests that cannot pass yet, each with
// its reason. The suite runs with its --durable option, so that an unknown command
// fails the test that sent it and not the whole unit.
//
// What keeps the result honest: every test that is not on the list has to pass, a
// unit has to run to its end, and an entry that no longer names a test is an error.
//
// Units that compute for minutes in Tcl and time nothing run in a row of their own, beside the
// row of the others.
//
// Rejected: all units at once, which upsets those that measure time; repeating what
// failed, which hides what fails now and then; running against a
// server that is already up (--host): the suite then leaves out everything marked
// external:skip, which is most of what concerns start, settings and logging.
package tcl
