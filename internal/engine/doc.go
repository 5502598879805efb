// Package engine walks a desired graph: it observes, diffs and, unless it is planning, acts on each
// node as soon as its inputs are known. Nothing in it waits for AWS: what isn't finished is Pending
// and says when another look is worthwhile.
//
// Plan, apply and destroy are one walk. The engine knows no AWS: kinds act, a classifier says what
// their errors mean.
package engine
