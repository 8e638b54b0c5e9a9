package xpaytest

// Signature is how deliveries are signed.
var Signature = signature
