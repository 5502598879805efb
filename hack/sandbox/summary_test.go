package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestSummary(t *testing.T) {
	gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Name: "gw", Namespace: "ai"}}
	gw.Status.Endpoints = &v1alpha1.Endpoints{Gateway: "http://lb.example"}
	gw.Status.Services = []v1alpha1.ServiceStatus{
		{Name: "gateway", Image: "portkeyai/gateway_enterprise:2.16.0", Desired: 2, Running: 2, TaskDefinition: "gw-gateway:1"},
		{Name: "redis", Image: "redis:7.2-alpine", Desired: 1, Running: 1, TaskDefinition: "gw-redis:1"},
	}
	gw.Status.Resources = []v1alpha1.ResourceStatus{{Node: "log-group/gateway", Kind: "LogGroup", ID: "arn:x", Name: "/gw/gateway"}}
	made := []core.Resource{{Kind: "NetworkAcl", AWSManaged: true}}
	for kind, n := range map[string]int{"VPC": 1, "Subnet": 4, "Role": 5, "LogGroup": 2} {
		for range n {
			made = append(made, core.Resource{Kind: kind})
		}
	}
	var out bytes.Buffer
	report{
		gateways: []*v1alpha1.PortkeyGateway{gw}, made: made,
		calls: []core.CallRecord{{Service: "ec2", Action: "CreateVpc"}, {Service: "ec2", Action: "DescribeVpcs"},
			{Service: "iam", Action: "CreateRole", Error: "Throttling"}},
		elapsed: 41 * time.Second, emulated: 41 * time.Minute, env: "/tmp/a b/env", kubectl: "/assets/kubectl", sync: time.Minute,
	}.write(&out)
	const want = `
gw is Ready after 41 s; in AWS 41 min passed.

  Endpoint  http://lb.example
            (its AWS is emulated: the name resolves nowhere)

  Service  Tasks  Image                                Task definition
  gateway  2/2    portkeyai/gateway_enterprise:2.16.0  gw-gateway:1
  redis    1/1    redis:7.2-alpine                     gw-redis:1

  12 objects made in AWS:
     2 LogGroup                   5 Role                       4 Subnet
     1 VPC
  and 1 that AWS made along with them: NetworkAcl 1

  3 AWS calls, 1 of them changes: ec2 2, iam 1

Try next, in another terminal:

  source '/tmp/a b/env'
  alias kubectl=/assets/kubectl
  kubectl get pkgw -A -w
  kubectl describe pkgw gw -n ai

  # Roll out another version, and look at this terminal meanwhile:
  kubectl patch pkgw gw -n ai --type merge -p '{"spec":{"gateway":{"image":{"tag":"2.16.1"}}}}'

  # Delete something behind the operator's back; within 1 min it is there again:
  aws logs delete-log-group --log-group-name /gw/gateway

  # Everything that exists in this AWS, and everything that was asked of it:
  curl -s $AWS_ENDPOINT_URL/_emulator/resources
  curl -s $AWS_ENDPOINT_URL/_emulator/calls

  # Delete it all:
  kubectl delete pkgw gw -n ai

Ctrl-C ends everything and leaves nothing behind.

`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), strings.TrimSpace(want))
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min",
		61 * time.Second: "1 min 1 s", 90*time.Minute + 200*time.Millisecond: "90 min",
	} {
		if got := clock(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}
