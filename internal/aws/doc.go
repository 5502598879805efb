// Package aws is the operator's way to AWS: clients for an identity and region behind one rate
// limiter, the reads of one walk, and the table that says what each error means.
//
// It is named for what it speaks to; the SDK's package is imported as sdk.
package aws
