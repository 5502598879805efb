package servicediscovery

import "time"

const (
	// pendingAfter is when an operation goes from SUBMITTED to PENDING: about as long as a client
	// needs to ask.
	pendingAfter = 1 * time.Second
	// createDelay, updateDelay and deleteDelay are how long namespace operations take; HTTP
	// namespaces need no hosted zone, and are observed to be ready in some seconds.
	createDelay = 10 * time.Second
	updateDelay = 5 * time.Second
	deleteDelay = 10 * time.Second
)
