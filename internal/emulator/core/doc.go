// Package core is what every emulated AWS service stands on: one world with a clock, accounts and
// identifiers; the wire protocols; strict decoding of requests; the call log, injected faults and
// request throttling.
//
// A service is a package beside this one. It keeps its own state, registers its actions with a Mux
// and its objects with the World, and reaches other services through their exported methods.
// Everything runs under the world's lock: handlers and scheduled events are never concurrent.
package core
