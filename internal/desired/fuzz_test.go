package desired_test

import (
	"encoding/json"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// FuzzBuild builds whatever parses: objects outlive the rules they were admitted by, and one that
// can't be built must not take the manager, and with it every other deployment, down.
func FuzzBuild(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"network":{"vpc":{"cidr":"","zones":-1}}}`, `{"network":{"vpc":{"cidr":"nonsense","zones":3}}}`,
		`{"network":{"vpc":{"cidr":"10.0.0.0/31"}}}`, `{"network":{"vpc":{"cidr":"2001:db8::/32"}}}`, `{"network":{"vpc":{"zones":200000000}}}`,
		`{"capacity":{"ec2":{"instanceType":""}}}`, `{"capacity":{"ec2":{"instanceType":"x"}}}`, `{"capacity":{}}`, `{"cache":{}}`, `{"network":{}}`,
		`{"gateway":{"resources":{"cpu":"1n","memory":"-1"}}}`, `{"gateway":{"resources":{"cpu":"9999999999999999999","memory":"1E"}}}`,
		`{"gateway":{"env":{"":"%s%!d(string=x)"},"port":-1,"replicas":-5}}`, `{"gateway":{"rollout":{"circuitBreaker":{}}}}`, `{"gateway":{"image":{"repository":"%s"}}}`,
		`{"loadBalancer":{"allowedCIDRs":["","10.0.0.0/8","10.0.0.0/8"]}}`, `{"namePrefix":"-------------------------------------------------------------------------"}`,
		`{"credentials":{"license":{"secretARN":"arn"}}}`, `{"organisations":["%s",""]}`, `{"syncInterval":"-1h"}`,
		`{"gateway":{"rollout":{"hooks":[{"httpProbe":{}},{"stages":["x"],"httpProbe":{"path":"%s","timeout":"-1h"}}]}}}`,
		`{"gateway":{"rollout":{"strategy":"BlueGreen","hooks":[{"httpProbe":{"path":"%d"}}]}},"loadBalancer":{"certificateARN":"x"}}`,
		`{"gateway":{"rollout":{"hooks":[{},{"stages":["x"],"pause":{},"lambda":{"functionARN":"%s"}}],"circuitBreaker":{"threshold":{"type":"x","value":-1}}}}}`,
	} {
		f.Add("gw", seed)
	}
	f.Add("", `{}`)
	f.Fuzz(func(t *testing.T, name, spec string) {
		gw := &v1alpha1.PortkeyGateway{}
		gw.Name = name
		if json.Unmarshal([]byte(spec), &gw.Spec) != nil {
			t.Skip()
		}
		owner := own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: "default", Name: name}
		g, err := desired.Build(gw, owner, facts)
		if err != nil {
			return
		}
		for _, n := range g.Nodes() {
			_ = owner.Token(string(n.ID), n.Spec(), "")
		}
	})
}
