package controllers

import (
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

func TestVersionsFit(t *testing.T) {
	for _, c := range []struct {
		gateway, data string
		refused       bool
		why           string
	}{
		{"", "", false, "the defaults go together"},
		{"2.8.0", "1.7.0", false, "the first that do"},
		{"2.7.9", "1.7.0", true, "the data service asks for what that gateway doesn't have"},
		{"v2.7.9", "1.9.0", true, "a v is no difference"},
		{"2.7.9", "1.6.9", false, "older data services ask for nothing"},
		{"latest", "1.7.0", false, "a name tells no version"},
		{"2.7.9", "nightly", false, "a name tells no version"},
	} {
		gw := &v1alpha1.PortkeyGateway{Spec: v1alpha1.PortkeyGatewaySpec{
			Gateway:     &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: c.gateway}},
			DataService: &v1alpha1.DataService{Image: &v1alpha1.Image{Tag: c.data}},
		}}
		stop := checkVersions(gw.Resolved())
		if (stop != nil) != c.refused || stop != nil && !strings.Contains(stop.message, "needs the gateway 2.8.0 or later") {
			t.Errorf("gateway %q with data service %q: %+v, but %s", c.gateway, c.data, stop, c.why)
		}
	}
}
