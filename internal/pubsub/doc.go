// Package pubsub knows who has subscribed to what.
//
// # Terms
//
// A topic is a channel, a pattern or a shard channel that somebody has
// subscribed to. A Subscriber is one who does; what he is to the caller, and how a message
// gets to him, the caller keeps in a value of its own with him (T). The
// Registry is all topics.
//
// # Publishing
//
// Who publishes walks the topics that a channel's messages go to, and of each
// gets the values of all subscribers in one slice: nothing is looked up per
// subscriber. A subscriber of several topics that fit gets a message for each.
//
// # Leaving
//
// Messages travel to other threads, so one may still be on its way when its
// receiver has left. He must not get it after he was told that he has left: to
// a client that speaks RESP2 it would be the reply to something else. Each departure
// has a number. A message carries the number of the last departure before it
// (Match.Stamp); while a receiver has left nothing since, that is all there is to
// look at, and only otherwise is his subscription looked up (Subscriber.Wants).
//
// # Locks
//
// One lock for all of it, taken after those of shards: keyspace events are
// published by who holds those. Publishing takes it shared. Under it, the caller may
// take the locks of mailboxes.
//
// # Rejected
//
// A table of subscribers on each event loop, so that one message to each loop
// would do: connections move between loops, and messages would be lost, doubled
// or out of order unless a move stopped the publishers. A copy of the list of subscribers
// for each publisher to walk without a lock: subscribing n clients to one channel
// would cost n*n.
package pubsub
