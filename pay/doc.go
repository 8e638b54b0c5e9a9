// Package pay holds what an application passes to a client of any payment
// provider of this module: options of a client and of a call, an observer for
// metrics and traces, and the stores that several processes can share.
//
//	client, err := qpay.New(creds,
//		pay.WithAttemptTimeout(10*time.Second),
//		pay.WithLogger(logger),
//		pay.WithObserver(tracer))
//	...
//	payment, err := client.GetPayment(ctx, id, pay.WithCallTimeout(5*time.Second))
//
// An [Option] configures a client and is passed to New, which returns an error
// if an option is invalid. A [CallOption] configures one call and follows the other
// arguments of an operation; if one is invalid, the call fails and nothing is
// sent.
//
// An [Observer] receives the start and the end of each call and attempt.
//
// A client keeps access tokens and the record of handled notifications in
// memory. A [TokenStore] and an [EventStore] share them between processes.
// Modules github.com/specpay/specpay/store/sql and store/redis implement both, and
// package paytest tests your own implementations. With an [EventTransactor], such as
// that of store/sql, an event and what its handler writes are one transaction.
//
// A [PendingStore] records calls that may move money before they are sent. A
// [Reconciler] settles the calls whose outcome is unknown, also those of a process
// that has ended.
//
// The errors that calls return are in package apierr.
package pay
