package ec2

import (
	"fmt"
	"maps"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// tokenUse is what a client token was used for.
type tokenUse struct{ params, id string }

// replay looks a client token up: the same request again is answered with the id made first, another
// request with the same token is refused,
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
func (r *region) replay(q *core.Request, token string) (id string, err error) {
	use, used := r.clientTokens[q.Action+"/"+token]
	if token == "" || !used {
		return "", nil
	}
	if use.params != tokenParams(q) {
		return "", core.Errorf("IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")
	}
	return use.id, nil
}

func (r *region) remember(q *core.Request, token, id string) {
	if token != "" {
		r.clientTokens[q.Action+"/"+token] = tokenUse{tokenParams(q), id}
	}
}

// tokenParams prints a request's parameters, sorted by name.
func tokenParams(q *core.Request) string {
	params, _ := q.Params.(map[string]string)
	params = maps.Clone(params)
	delete(params, "ClientToken")
	return fmt.Sprint(params)
}
