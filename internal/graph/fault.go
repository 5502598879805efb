package graph

// Class is what an error means for the engine; one table (internal/aws) decides it.
type Class string

// The classes of errors.
const (
	// NotFound: the object is absent. Only a code that says so for that operation counts.
	NotFound Class = "NotFound"
	// NotYet: something else isn't ready (propagation, a state that passes). Pending, with a deadline.
	NotYet Class = "NotYet"
	// InUse: something still holds the object. Pending while deleting.
	InUse Class = "InUse"
	// Throttled: too many requests. Pending, and the service's bucket halves.
	Throttled Class = "Throttled"
	// Conflict: it exists already, or somebody changes it at this moment. Observe again.
	Conflict Class = "Conflict"
	// Denied: the identity may not do this. Slow retry; the missing action is named.
	Denied Class = "Denied"
	// Quota: an account limit. Stalled until somebody raises it.
	Quota Class = "Quota"
	// Invalid: AWS refuses the parameters. Stalled until the spec changes.
	Invalid Class = "Invalid"
	// Transient: the service or the network failed. Retried with backoff.
	Transient Class = "Transient"
	// Unknown: everything else. Retried with backoff, never taken for NotFound.
	Unknown Class = "Unknown"
)

// Fault is a classified error.
type Fault struct {
	Class Class
	// Code is AWS's error code.
	Code string
	// Action is the IAM action of the failed call, as "ec2:CreateVpc".
	Action string
	// Message is AWS's message, without request ids, so that it compares equal between retries.
	Message string
}
