package kinds_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	ec2api "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elbapi "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamapi "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	taggingapi "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	emuscaling "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/applicationautoscaling"
	emuasg "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	emuecs "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	emucache "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elasticache"
	emuelb "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	emuiam "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
	emulambda "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/lambda"
	emulogs "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/logs"
	emus3 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/s3"
	emusecrets "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
	emusd "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/servicediscovery"
	emutagging "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/tagging"
	emuwaf "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/wafv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

const (
	sandboxAccount = "123456789012"
	sandboxRegion  = "eu-west-1"
)

// sandbox is the emulator with real SDK clients, and an owner.
type sandbox struct {
	*testing.T
	world   *core.World
	server  *core.Server
	clients *aws.Clients
	ec2     *ec2api.Client
	owner   own.Owner
	user    map[string]string
	forever *aws.Cache

	EC2      *emuec2.Service
	IAM      *emuiam.Service
	ECS      *emuecs.Service
	ELB      *emuelb.Service
	ASG      *emuasg.Service
	Logs     *emulogs.Service
	CloudMap *emusd.Service
	S3       *emus3.Service
	WAF      *emuwaf.Service
	Cache    *emucache.Service
	Secrets  *emusecrets.Service
	Lambda   *emulambda.Service
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)))
	w.Settings.NoThrottling, w.Settings.PageSize = true, 2
	w.AddKey("AKIATEST", core.AccountRoot(sandboxAccount))
	s := &sandbox{
		T: t, world: w, server: core.NewServer(w), user: map[string]string{"team": "ai"}, forever: aws.NewCache(w.Clock.Now),
		owner: own.Owner{Cluster: "11111111-2222", Kind: "PortkeyGateway", Namespace: "prod", Name: "main", UID: "u-1"},
	}
	s.Secrets = emusecrets.New(w)
	s.EC2, s.IAM, s.Logs, s.CloudMap = emuec2.New(w), emuiam.New(w), emulogs.New(w), emusd.New(w)
	s.Cache = emucache.New(w, s.EC2, s.IAM)
	s.ELB, s.ASG = emuelb.New(w, s.EC2, s.IAM), emuasg.New(w, s.EC2, s.IAM)
	s.Lambda = emulambda.New(w, emulambda.Deps{EC2: s.EC2, IAM: s.IAM, Logs: s.Logs})
	s.S3, s.WAF = emus3.New(w), emuwaf.New(w, s.ELB)
	s.ECS = emuecs.New(w, emuecs.Deps{EC2: s.EC2, IAM: s.IAM, ELB: s.ELB, AutoScaling: s.ASG, Logs: s.Logs, CloudMap: s.CloudMap, Secrets: s.Secrets})
	for _, m := range []*core.Mux{emuscaling.New(w, s.ECS, s.ELB, s.IAM).Mux(), s.ECS.Mux(), s.EC2.Mux(), s.IAM.Mux(), s.Lambda.Mux(), s.Logs.Mux(), s.CloudMap.Mux(), s.ELB.Mux(), s.ASG.Mux(), s.S3.Mux(), s.Cache.Mux(), s.Secrets.Mux(), s.WAF.Mux(), emutagging.New(w).Mux()} {
		s.server.Register(m)
	}
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	cfg := sdk.Config{
		Region: sandboxRegion, BaseEndpoint: &endpoint, HTTPClient: s.server, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
		Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
	}
	s.ec2 = ec2api.NewFromConfig(cfg)
	s.clients = &aws.Clients{
		EC2: s.ec2, ECS: ecs.NewFromConfig(cfg), ELB: elbapi.NewFromConfig(cfg), IAM: iamapi.NewFromConfig(cfg), ASG: autoscaling.NewFromConfig(cfg),
		Logs: cloudwatchlogs.NewFromConfig(cfg), SD: servicediscovery.NewFromConfig(cfg), Tagging: taggingapi.NewFromConfig(cfg), AppScaling: applicationautoscaling.NewFromConfig(cfg),
		S3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }), WAF: wafv2.NewFromConfig(cfg),
		Cache: elasticache.NewFromConfig(cfg), Secrets: secretsmanager.NewFromConfig(cfg), Lambda: lambda.NewFromConfig(cfg),
	}
	return s
}

// call is a call of a new walk.
func (s *sandbox) call(node graph.NodeID, name, id string) graph.Call {
	keys := map[string]string{}
	if len(s.user) > 0 {
		keys[kinds.TagKeys] = kinds.UserTagKeys(s.user)
	}
	tags := s.owner.Tags(string(node), name, s.user, keys)
	return graph.Call{
		World: &aws.World{Clients: s.clients, Reads: aws.NewReads(), Forever: s.forever, Account: sandboxAccount, Region: sandboxRegion, Partition: "aws"},
		Node:  node, Name: name, Tags: tags, Owner: s.owner.Proof(string(node)), Token: s.owner.Token(string(node), name, ""), ID: id, Now: s.world.Clock.Now(),
	}
}

// calls counts what f asks of AWS.
func (s *sandbox) calls(f func()) []string {
	all := s.server.Calls(0)
	last := 0
	if len(all) > 0 {
		last = all[len(all)-1].Seq
	}
	f()
	var out []string
	for _, c := range s.server.Calls(last) {
		out = append(out, c.Action)
	}
	return out
}

func (s *sandbox) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// edit is a change that somebody else makes, and how the kind should name it.
type edit struct {
	why  string
	do   func(id string)
	want []string
}

// life is one kind's object through its whole life.
type life[S any] struct {
	*sandbox
	kind graph.Kind[S]
	node graph.NodeID
	name string
	id   string
	out  map[graph.Attr]string
}

func newLife[S any](s *sandbox, kind graph.Kind[S], node graph.NodeID, name string) *life[S] {
	return &life[S]{sandbox: s, kind: kind, node: node, name: name}
}

func (l *life[S]) call() graph.Call {
	c := l.sandbox.call(l.node, l.name, l.id)
	c.Recorded = l.out
	return c
}

func (l *life[S]) record(live graph.Live) graph.Live {
	l.id, l.out = live.ID, live.Out
	return live
}

func (l *life[S]) observe(spec S) graph.Live {
	l.Helper()
	live, err := l.kind.Observe(l.Context(), l.call(), spec)
	l.must(err)
	return live
}

func (l *life[S]) create(spec S) graph.Live {
	l.Helper()
	live, err := l.kind.Create(l.Context(), l.call(), spec)
	l.must(err)
	return l.record(live)
}

// ready looks until the object is Ready, for at most ten minutes.
func (l *life[S]) ready(spec S) graph.Live {
	l.Helper()
	var live graph.Live
	for range 120 {
		if live = l.observe(spec); live.Phase == graph.Ready {
			if live.Owner != graph.Ours {
				l.Fatalf("%s is %s", live.ID, live.Owner)
			}
			return l.record(live)
		}
		l.record(live)
		l.server.Advance(5 * time.Second)
	}
	l.Fatalf("%s never got ready: %s %s", l.name, live.Phase, live.Why)
	return live
}

// diff names the paths that differ.
func (l *life[S]) diff(spec S, live graph.Live) []string {
	var out []string
	for _, c := range l.kind.Diff(l.call(), spec, live) {
		out = append(out, c.Path)
	}
	return out
}

func (l *life[S]) equal(spec S, live graph.Live) {
	l.Helper()
	if d := l.kind.Diff(l.call(), spec, live); len(d) > 0 {
		l.Fatalf("%s differs: %+v", l.name, d)
	}
}

// put updates to spec, and checks that nothing differs afterwards.
func (l *life[S]) put(spec S) graph.Live {
	l.Helper()
	live := l.observe(spec)
	after, err := l.kind.Update(l.Context(), l.call(), spec, live, l.kind.Diff(l.call(), spec, live))
	l.must(err)
	l.record(after)
	l.equal(spec, after)
	l.server.Advance(time.Minute)
	seen := l.ready(spec)
	l.equal(spec, seen)
	return seen
}

// run takes the object through its life.
func (l *life[S]) run(spec S, edits ...edit) {
	l.Helper()
	if live := l.observe(spec); live.Phase != graph.Absent {
		l.Fatalf("%s is %s before it is made", l.name, live.Phase)
	}
	l.equal(spec, l.create(spec))
	live := l.ready(spec)
	l.equal(spec, live)
	for _, e := range edits {
		e.do(l.id)
		live := l.observe(spec)
		if live.Owner != graph.Ours {
			l.Fatalf("%s: it is %s", e.why, live.Owner)
		}
		if got := l.diff(spec, live); !slices.Equal(got, e.want) {
			l.Fatalf("%s: differs in %v, want %v", e.why, got, e.want)
		}
		l.put(spec)
	}
	l.tags(spec)
	l.foreign(spec)
	l.remove(spec)
}

// tags changes the user's tags.
func (l *life[S]) tags(spec S) {
	l.Helper()
	before := l.user
	l.user = map[string]string{"stage": "prod"}
	got := l.diff(spec, l.observe(spec))
	want := []string{"tags." + kinds.TagKeys, "tags.stage", "tags.team"}
	if !slices.Equal(got, want) {
		l.Fatalf("changed tags: differs in %v, want %v", got, want)
	}
	l.put(spec)
	l.user = before
	l.put(spec)
}

// foreign looks for the object as another owner would: whose name it has, and nothing else.
func (l *life[S]) foreign(spec S) {
	l.Helper()
	mine, id := l.owner, l.id
	l.owner.Namespace, l.id = "other", ""
	if live := l.observe(spec); live.Phase != graph.Absent && live.Owner != graph.Foreign {
		l.Fatalf("%s is taken for another owner's", l.name)
	}
	l.id = id
	if live := l.observe(spec); live.Owner != graph.Foreign {
		l.Fatalf("%s is another's by its tags, and yet %s", l.name, live.Owner)
	}
	l.owner, l.id = mine, ""
	if live := l.observe(spec); live.Owner != graph.Ours {
		l.Fatalf("%s isn't found again without its record", l.name)
	}
	l.id = id
}

// remove deletes until the object is absent.
func (l *life[S]) remove(spec S) {
	l.Helper()
	for range 120 {
		live := l.observe(spec)
		if live.Phase == graph.Absent {
			return
		}
		if live.Phase != graph.Deleting {
			gone, err := l.kind.Delete(l.Context(), l.call(), live)
			l.must(err)
			if gone {
				break
			}
		}
		l.server.Advance(5 * time.Second)
	}
	if live := l.observe(spec); live.Phase != graph.Absent {
		l.Fatalf("%s is %s after its deletion", l.name, live.Phase)
	}
}

// network is a VPC with two subnets and a security group, and what an instance needs.
type network struct {
	vpc, group string
	subnets    []string
}

func (s *sandbox) network() network {
	s.Helper()
	ctx := s.Context()
	vpc, err := s.ec2.CreateVpc(ctx, &ec2api.CreateVpcInput{CidrBlock: sdk.String("10.0.0.0/16")})
	s.must(err)
	n := network{vpc: *vpc.Vpc.VpcId}
	s.server.Advance(time.Minute)
	gateway, err := s.ec2.CreateInternetGateway(ctx, &ec2api.CreateInternetGatewayInput{})
	s.must(err)
	_, err = s.ec2.AttachInternetGateway(ctx, &ec2api.AttachInternetGatewayInput{VpcId: &n.vpc, InternetGatewayId: gateway.InternetGateway.InternetGatewayId})
	s.must(err)
	for i, zone := range []string{"a", "b", "c"} {
		out, err := s.ec2.CreateSubnet(ctx, &ec2api.CreateSubnetInput{VpcId: &n.vpc, AvailabilityZone: sdk.String(sandboxRegion + zone),
			CidrBlock: sdk.String("10.0." + string(rune('0'+i)) + ".0/24")})
		s.must(err)
		n.subnets = append(n.subnets, *out.Subnet.SubnetId)
	}
	n.group = s.group(n.vpc, "tasks")
	_, err = s.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2api.AuthorizeSecurityGroupIngressInput{GroupId: &n.group, IpPermissions: []ec2types.IpPermission{
		{IpProtocol: sdk.String("-1"), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &n.group}}}}})
	s.must(err)
	// The last subnet is public, the others go out through its NAT gateway.
	table, err := s.ec2.CreateRouteTable(ctx, &ec2api.CreateRouteTableInput{VpcId: &n.vpc})
	s.must(err)
	public := table.RouteTable.RouteTableId
	_, err = s.ec2.AssociateRouteTable(ctx, &ec2api.AssociateRouteTableInput{RouteTableId: public, SubnetId: &n.subnets[2]})
	s.must(err)
	everywhere := sdk.String("0.0.0.0/0")
	_, err = s.ec2.CreateRoute(ctx, &ec2api.CreateRouteInput{RouteTableId: public, DestinationCidrBlock: everywhere, GatewayId: gateway.InternetGateway.InternetGatewayId})
	s.must(err)
	address, err := s.ec2.AllocateAddress(ctx, &ec2api.AllocateAddressInput{Domain: ec2types.DomainTypeVpc})
	s.must(err)
	nat, err := s.ec2.CreateNatGateway(ctx, &ec2api.CreateNatGatewayInput{SubnetId: &n.subnets[2], AllocationId: address.AllocationId})
	s.must(err)
	s.server.Advance(5 * time.Minute)
	tables, err := s.ec2.DescribeRouteTables(ctx, &ec2api.DescribeRouteTablesInput{Filters: []ec2types.Filter{
		{Name: sdk.String("vpc-id"), Values: []string{n.vpc}}, {Name: sdk.String("association.main"), Values: []string{"true"}}}})
	s.must(err)
	_, err = s.ec2.CreateRoute(ctx, &ec2api.CreateRouteInput{RouteTableId: tables.RouteTables[0].RouteTableId,
		DestinationCidrBlock: everywhere, NatGatewayId: nat.NatGateway.NatGatewayId})
	s.must(err)
	s.server.Advance(time.Minute)
	return n
}

func (s *sandbox) group(vpc, name string) string {
	s.Helper()
	out, err := s.ec2.CreateSecurityGroup(s.Context(), &ec2api.CreateSecurityGroupInput{VpcId: &vpc, GroupName: &name, Description: &name})
	s.must(err)
	return *out.GroupId
}

// policy is a policy document with the given sentence in it.
func policy(action string) graph.Value {
	return graph.Lit(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + action + `"],"Resource":"*"}]}`)
}

func trust(service string) graph.Value {
	return graph.Lit(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
}

// count is how often each action was called, as "DescribeThings DescribeTags×2".
func count(actions []string) string {
	n := map[string]int{}
	for _, a := range actions {
		n[a]++
	}
	var out []string
	for _, a := range slices.Sorted(maps.Keys(n)) {
		if n[a] > 1 {
			a += "×" + string(rune('0'+n[a]))
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}
