package fault

import (
	"cmp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// site is a service's action that a life calls.
type site struct {
	harness.Act
	// First and Last are the numbers of the phases that call it.
	First, Last int
}

// Names are the service and the action, as the emulator's call log has them.
func (s site) Names() (service, action string) {
	service, action, _ = strings.Cut(s.Name, ":")
	return service, action
}

// renamed are IAM's names of the actions that are called otherwise on the wire.
var renamed = map[string]string{"tagging:GetResources": "tag:GetResources", "s3:HeadBucket": "s3:ListBucket"}

// iam is IAM's name of the action.
func (s site) iam() string { return cmp.Or(renamed[s.Name], s.Name) }
