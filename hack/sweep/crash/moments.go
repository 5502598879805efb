package crash

import "github.com/portkey-ai/portkey-ecs-operator/hack/harness"

// A manager's death leaves behind what the manager had done to the world, at the time it was. So to die before a read is
// to die before the next read of the same walk; and to die after an act, with its answer lost, is to die before the next
// act of the same walk. Deaths that leave the same behind are one row; so every act is swept, before and after, by as few
// lives as that takes.

// opens reports whether to die before an act is something else than to die before the one before it: a write lies
// between them, or time. Acts are counted from 1.
func opens(acts []harness.Act, at int) bool {
	return at == 1 || !acts[at-2].ReadOnly || passes(acts, at-1)
}

// closes reports whether to die after an act is something else than to die before the next one: it wrote, and time
// passes, or nothing follows in the phase.
func closes(acts []harness.Act, at int) bool {
	return !acts[at-1].ReadOnly && (at == len(acts) || passes(acts, at))
}

// passes reports whether time passes between an act and the next one.
func passes(acts []harness.Act, at int) bool { return !acts[at].At.Equal(acts[at-1].At) }

// begins reports whether an act is the first of its walk, as far as time tells walks apart.
func begins(acts []harness.Act, at int) bool { return at == 1 || passes(acts, at-1) }
