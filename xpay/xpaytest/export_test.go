package xpaytest

// Signature exports signature.
var Signature = signature
