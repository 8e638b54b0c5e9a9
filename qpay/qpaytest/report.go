package qpaytest

import "github.com/specpay/specpay/internal/sandbox"

// Entry is one side effect in the ledger, such as a new invoice. Its fields are:
//
//	Seq    int        position in the ledger, from 1
//	Kind   string     invoice.created, invoice.canceled, payment.paid,
//	                  payment.failed, payment.canceled, payment.refunded,
//	                  ebarimt.registered, ebarimt.canceled or subscription.canceled
//	ID     string     ID of the invoice, payment, receipt or subscription
//	Key    string     sender_invoice_no of the invoice
//	Amount string     decimal amount in MNT; empty if there is none
//	Time   time.Time  when it happened, by the sandbox's clock
type Entry = sandbox.Entry

// Request is one request that the sandbox received. Its fields are:
//
//	Seq       int                position in the log, from 1
//	Operation string             operationId; empty if the path or method is unknown
//	Method    string
//	Path      string
//	Query     string
//	Header    map[string]string  without cookies; Authorization has only the scheme
//	Body      string             first 64 KiB of the body, as far as it was read
//	Status    int                status of the response; 0 if no complete response was sent
//	Scenario  string             code or fault that was applied; usually empty
//	Time      time.Time          when it arrived, by the sandbox's clock
type Request = sandbox.Request

// Delivery is one callback that the sandbox sent. Its fields are:
//
//	Seq      int        position in the log, from 1
//	Method   string
//	URL      string
//	Status   int        status of the response; 0 if there was none
//	Reply    string     first 1 KiB of the response body
//	Accepted bool       whether QPay would count the callback as acknowledged
//	Error    string     why there was no complete response; usually empty
//	Time     time.Time  when it was sent, by the sandbox's clock
type Delivery = sandbox.Delivery

// Code is an error code that [Server.FailNext] accepts. Its fields are:
//
//	Value       string    the code on the wire, the argument of FailNext
//	Name        string    its Go constant in package qpay
//	Statuses    []int     HTTP statuses, the documented one first; empty if unknown
//	Outcome     string    what a failure with this code means for the operation;
//	                      empty if the catalog does not say
//	Title       string    short description
//	Description string    long description
//	Body        string    the response body
//	Operations  []string  operationIds that can return the code, as far as known
type Code = sandbox.Code

// Guess is a rule that the sandbox follows and how certain it is. Its fields are:
//
//	Rule   string    the rule
//	Basis  Basis     "documented", "seen live" or "guess"; a string type
//	Source string    where the rule comes from
//	Config []string  the names of the config fields that change the rule
type Guess = sandbox.Guess

// ScenarioOption changes which requests [Server.FailNext] and [Server.Fault] apply
// to, and how. The functions [OnOperation], [Times] and [WithStatus] return one.
type ScenarioOption = sandbox.ScenarioOption

// OnOperation applies a code or fault to requests of one operation, given by its
// operationId, such as "createInvoice".
func OnOperation(name string) ScenarioOption { return sandbox.OnOperation(name) }

// Times applies a code or fault to n requests instead of one.
func Times(n int) ScenarioOption { return sandbox.Times(n) }

// WithStatus sets the HTTP status, 200 to 599, of the faults html, empty and huge.
func WithStatus(status int) ScenarioOption { return sandbox.WithStatus(status) }
