//go:build race

package harness

// raced says that the race detector is on.
const raced = true
