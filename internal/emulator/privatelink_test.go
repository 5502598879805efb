package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// control posts to a control endpoint and returns the status.
func control(t *testing.T, base, endpoint, body string) int {
	t.Helper()
	resp, err := http.Post(base+"/_emulator/"+endpoint, "", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// TestControlPlane: Portkey's endpoint service is there for the seeded account, and answers as it is told.
func TestControlPlane(t *testing.T) {
	e, _, cfg := start(t)
	client := ec2.NewFromConfig(cfg)
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	create := func() (*ec2.CreateVpcEndpointOutput, error) {
		return client.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{VpcId: vpc.Vpc.VpcId, VpcEndpointType: "Interface",
			ServiceName: aws.String(emulator.ControlPlaneService), ServiceRegion: aws.String(emulator.PortkeyRegion),
		})
	}
	out, err := create()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		endpoint, body string
		status         int
	}{
		{"endpoints", `{"do":"accept"}`, 200},
		{"endpoints", `{"do":"accept"}`, 400}, // nothing waits any more
		{"endpoints", `{"do":"shrug"}`, 400},
		{"endpoints", `{"done":"accept"}`, 400},
		{"endpoints", `{"do":"connect"}`, 400},
		{"endpoint-services", `{"service":"vpce-svc-0"}`, 400},
		{"endpoint-services", `{"principals":[]}`, 200},
		{"dns", `{"txt":["a"]}`, 400},
		{"dns", `{"name":"a.example","txt":["a"]}`, 200},
	} {
		if status := control(t, *cfg.BaseEndpoint, row.endpoint, row.body); status != row.status {
			t.Errorf("%s %s: %d", row.endpoint, row.body, status)
		}
	}
	e.Advance(5 * time.Minute)
	if s := e.EndpointState(*out.VpcEndpoint.VpcEndpointId); s != "available" {
		t.Errorf("accepted, the endpoint is %s", s)
	}
	if _, err := create(); err == nil {
		t.Error("the service is there for whom it doesn't admit")
	}
	if status := control(t, *cfg.BaseEndpoint, "reset", ""); status != 200 {
		t.Fatal(status)
	}
	if s := e.EndpointState(*out.VpcEndpoint.VpcEndpointId); s != "" {
		t.Errorf("after a reset the endpoint is %s", s)
	}
	for _, r := range e.Made(true) {
		t.Errorf("after a reset there is %s %s", r.Kind, r.ID)
	}
}
