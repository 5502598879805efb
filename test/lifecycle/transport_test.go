package lifecycle

import (
	"net/http"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// overhear tells f of every call after AWS has answered it: under the harness' lock, one call after the
// other.
func overhear(h *harness.Harness, f func(core.CallRecord)) {
	h.Transport = func(r *http.Request) (*http.Response, error) {
		h.Lock()
		defer h.Unlock()
		before := mark(h)
		answer, err := h.Emulator.Server.Do(r)
		for _, c := range since(h, before) {
			f(c)
		}
		return answer, err
	}
}
