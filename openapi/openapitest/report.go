package openapitest

import "github.com/specpay/specpay/internal/sandbox"

// Entry is one side effect in the ledger, such as a new order. Its fields are:
//
//	Seq    int        position in the ledger, from 1
//	Kind   string     order.created, payment.started, payment.authorized,
//	                  payment.paid or payment.failed; refund, void or capture
//	                  with .started, .done or .failed; agreement.prepared,
//	                  agreement.signed or agreement.ended; token.issued;
//	                  message.pushed or message.kept
//	ID     string     ID of the payment, refund, void, capture or message; the
//	                  URL of an agreement; the customer ID of a token
//	Key    string     the merchant's request ID; empty if there is none
//	Amount string     currency and minor units, such as "EUR 2500"; empty if
//	                  there is none
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

// Delivery is one attempt to deliver a notification. Its fields are:
//
//	Seq      int        position in the log, from 1
//	Method   string
//	URL      string
//	Status   int        status of the response; 0 if there was none
//	Reply    string     first 1 KiB of the response body
//	Accepted bool       whether the provider would count the notification as delivered
//	Error    string     why there was no complete response; usually empty
//	Time     time.Time  when it was sent, by the sandbox's clock
type Delivery = sandbox.Delivery

// Webhook is a notification and the state of its delivery. Its fields are:
//
//	Seq      int        position in the list, from 1
//	ID       string     ID of the payment or refund, or URL of the agreement
//	Kind     string     "payment", "refund", "contract", "void" or "capture"
//	State    string     "pending", "delivered" or "failed"
//	Attempts int        number of attempts so far
//	Next     time.Time  when the next attempt is due; zero if there is none
//	Error    string     why the last request could not be made; usually empty
type Webhook = sandbox.Webhook

// Code is an error code that [Server.FailNext] accepts. Its fields are:
//
//	Value       string    the code on the wire, the argument of FailNext
//	Name        string    its Go constant in package openapi
//	Statuses    []int     HTTP statuses, the documented one first
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
// operationId, such as "refundApply".
func OnOperation(name string) ScenarioOption { return sandbox.OnOperation(name) }

// Times applies a code or fault to n requests instead of one.
func Times(n int) ScenarioOption { return sandbox.Times(n) }

// WithStatus sets the HTTP status, 200 to 599, of the faults html, empty and huge.
func WithStatus(status int) ScenarioOption { return sandbox.WithStatus(status) }
