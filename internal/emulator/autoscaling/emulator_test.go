package autoscaling

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	asg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

const account = "123456789012"

var here = core.Scope{Account: account, Region: "us-east-1"}

// Times of the test's EC2.
const (
	boot     = 20 * time.Second
	shutDown = 30 * time.Second
)

// testCompute is an EC2 with the subnets subnet-a and subnet-b and the template lt-1, "template",
// whose newest version is Latest.
type testCompute struct {
	world     *core.World
	instances map[string]*ec2.Instance
	runs      []ec2.RunParams
	latest    int64
	// launchError is what launches answer; checked makes CheckLaunch answer it too.
	launchError error
	listener    func(core.Scope, string, string)
}

func (c *testCompute) Subnet(_ core.Scope, id string) (ec2.SubnetInfo, bool) {
	zone, ok := strings.CutPrefix(id, "subnet-")
	return ec2.SubnetInfo{ID: id, VPCID: "vpc-1", AvailabilityZone: "us-east-1" + zone, AvailabilityZoneID: "use1-az" + zone}, ok && zone != "x"
}

func (c *testCompute) RunInstance(scope core.Scope, p ec2.RunParams) (string, error) {
	if c.launchError != nil {
		return "", c.launchError
	}
	id := fmt.Sprintf("i-%d", len(c.runs)+1)
	c.runs = append(c.runs, p)
	c.instances[id] = &ec2.Instance{ID: id, Type: "t4g.large", State: "pending", SubnetID: p.SubnetID, Tags: p.Tags}
	c.world.Clock.After(boot, func() {
		if c.instances[id].State == "pending" {
			c.become(scope, id, "running")
		}
	})
	return id, nil
}

func (c *testCompute) become(scope core.Scope, id, state string) {
	c.instances[id].State = state
	c.listener(scope, id, state)
}

func (c *testCompute) TerminateInstance(scope core.Scope, id string) {
	if s := c.instances[id].State; s == "shutting-down" || s == "terminated" {
		return
	}
	c.become(scope, id, "shutting-down")
	c.world.Clock.After(shutDown, func() { c.become(scope, id, "terminated") })
}

func (c *testCompute) Instance(_ core.Scope, id string) (ec2.Instance, bool) {
	if i := c.instances[id]; i != nil {
		return *i, true
	}
	return ec2.Instance{}, false
}

func (c *testCompute) OnInstanceState(f func(core.Scope, string, string)) { c.listener = f }

func (c *testCompute) LaunchTemplateVersion(_ core.Scope, id, version string) (int64, bool) {
	switch {
	case id != "lt-1":
		return 0, false
	case version == "$Latest":
		return c.latest, true
	case version == "$Default" || version == "1":
		return 1, true
	case version == "2" && c.latest >= 2:
		return 2, true
	}
	return 0, false
}

func (c *testCompute) LaunchTemplateByName(_ core.Scope, name string) (string, bool) {
	return "lt-1", name == "template"
}

func (c *testCompute) LaunchTemplateName(_ core.Scope, id string) (string, bool) {
	return "template", id == "lt-1"
}

type emulator struct {
	*testing.T
	*asg.Client
	service *Service
	server  *core.Server
	world   *core.World
	compute *testCompute
}

func start(t *testing.T) *emulator {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot(account))
	compute := &testCompute{world: w, instances: map[string]*ec2.Instance{}, latest: 1}
	s := New(w, compute, nil)
	server := core.NewServer(w)
	server.Register(s.Mux())
	// Without a network: instance refreshes take many looks.
	client := asg.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://emulator"), HTTPClient: server, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")})
	return &emulator{t, client, s, server, w, compute}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func fails(t *testing.T, err error, code, part string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), part) {
		t.Fatalf("got %s: %s, want %s with %q", e.ErrorCode(), e.ErrorMessage(), code, part)
	}
}

func input(size int32) *asg.CreateAutoScalingGroupInput {
	return &asg.CreateAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), MinSize: aws.Int32(0), MaxSize: aws.Int32(10), DesiredCapacity: &size,
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-1"), Version: aws.String("$Latest")}, VPCZoneIdentifier: aws.String("subnet-a,subnet-b")}
}

// create makes the group "g" and waits for its instances.
func (e *emulator) create(size int32, change ...func(*asg.CreateAutoScalingGroupInput)) {
	e.Helper()
	in := input(size)
	for _, f := range change {
		f(in)
	}
	must[*asg.CreateAutoScalingGroupOutput](e.T)(e.CreateAutoScalingGroup(e.Context(), in))
	e.server.Advance(time.Minute)
}

func protected(in *asg.CreateAutoScalingGroupInput) {
	in.NewInstancesProtectedFromScaleIn = aws.Bool(true)
}

func (e *emulator) describe() *types.AutoScalingGroup {
	e.Helper()
	out := must[*asg.DescribeAutoScalingGroupsOutput](e.T)(e.DescribeAutoScalingGroups(e.Context(), &asg.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"g"}}))
	if len(out.AutoScalingGroups) == 0 {
		return nil
	}
	return &out.AutoScalingGroups[0]
}

// states are "id=State", sorted.
func (e *emulator) states() string {
	e.Helper()
	var out []string
	if g := e.describe(); g != nil {
		for _, i := range g.Instances {
			out = append(out, *i.InstanceId+"="+string(i.LifecycleState))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (e *emulator) expect(advance time.Duration, want string) {
	e.Helper()
	e.server.Advance(advance)
	if got := e.states(); got != want {
		e.Fatalf("got %q, want %q", got, want)
	}
}

func (e *emulator) desire(n int32) error {
	_, err := e.SetDesiredCapacity(e.Context(), &asg.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("g"), DesiredCapacity: &n})
	return err
}

func (e *emulator) newest() types.Activity {
	e.Helper()
	return must[*asg.DescribeScalingActivitiesOutput](e.T)(e.DescribeScalingActivities(e.Context(), &asg.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String("g")})).Activities[0]
}
