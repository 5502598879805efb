package elbv2

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const trafficPort = "traffic-port"

// targetGroup is a target group with its targets.
type targetGroup struct {
	ARN, Name, Protocol, ProtocolVersion, TargetType, VPCID string
	Port                                                    int
	Check                                                   healthCheck
	Attributes                                              map[string]string
	Tags                                                    map[string]string
	Created                                                 time.Time
	// users are the rules that forward to the group, with their load balancers; a listener's
	// default action is its default rule.
	users   map[string]string
	targets []*target
}

type healthCheck struct {
	Protocol, Port, Path, HTTPCode, GRPCCode string
	Interval, Timeout, Healthy, Unhealthy    int
}

// loadBalancers are the load balancers that reach the group, at most one.
func (tg *targetGroup) loadBalancers() []string {
	out := []string{}
	for _, lb := range tg.users {
		if !slices.Contains(out, lb) {
			out = append(out, lb)
		}
	}
	slices.Sort(out)
	return out
}

func (tg *targetGroup) usedBy(loadBalancer string) bool {
	return slices.Contains(tg.loadBalancers(), loadBalancer)
}

// forALB reports whether Application Load Balancers use the group, by its protocol.
func (tg *targetGroup) forALB() bool { return tg.Protocol == "HTTP" || tg.Protocol == "HTTPS" }

func (tg *targetGroup) deregistrationDelay() time.Duration {
	n, _ := strconv.Atoi(tg.Attributes["deregistration_delay.timeout_seconds"])
	return time.Duration(n) * time.Second
}

func (c healthCheck) interval() time.Duration { return time.Duration(c.Interval) * time.Second }

func (c healthCheck) http() bool { return c.Protocol == "HTTP" || c.Protocol == "HTTPS" }

type matcher struct {
	HttpCode string `xml:",omitempty"`
	GrpcCode string `xml:",omitempty"`
}

type targetGroupOut struct {
	TargetGroupArn, TargetGroupName, Protocol  string
	Port                                       int
	VpcId                                      string
	HealthCheckProtocol, HealthCheckPort       string
	HealthCheckEnabled                         bool
	HealthCheckIntervalSeconds                 int
	HealthCheckTimeoutSeconds                  int
	HealthyThresholdCount                      int
	UnhealthyThresholdCount                    int
	HealthCheckPath                            string   `xml:",omitempty"`
	Matcher                                    *matcher `xml:",omitempty"`
	LoadBalancerArns                           []string `xml:"LoadBalancerArns>member"`
	TargetType, ProtocolVersion, IpAddressType string   `xml:",omitempty"`
}

func (tg *targetGroup) out() targetGroupOut {
	c := tg.Check
	o := targetGroupOut{TargetGroupArn: tg.ARN, TargetGroupName: tg.Name, Protocol: tg.Protocol, Port: tg.Port, VpcId: tg.VPCID,
		HealthCheckProtocol: c.Protocol, HealthCheckPort: c.Port, HealthCheckEnabled: true, HealthCheckIntervalSeconds: c.Interval,
		HealthCheckTimeoutSeconds: c.Timeout, HealthyThresholdCount: c.Healthy, UnhealthyThresholdCount: c.Unhealthy,
		HealthCheckPath: c.Path, LoadBalancerArns: tg.loadBalancers(), TargetType: tg.TargetType,
		ProtocolVersion: tg.ProtocolVersion, IpAddressType: "ipv4"}
	if c.HTTPCode != "" || c.GRPCCode != "" {
		o.Matcher = &matcher{c.HTTPCode, c.GRPCCode}
	}
	return o
}

// sameTargetGroup reports whether creating b over a changes nothing; tags aren't settings.
func sameTargetGroup(a, b *targetGroup) bool {
	return a.Protocol == b.Protocol && a.ProtocolVersion == b.ProtocolVersion && a.TargetType == b.TargetType &&
		a.VPCID == b.VPCID && a.Port == b.Port && a.Check == b.Check
}

func (s *Service) handleTargetGroups() {
	m := s.mux
	core.Handle(m, "CreateTargetGroup", s.createTargetGroup)
	core.Handle(m, "ModifyTargetGroup", s.modifyTargetGroup)
	core.Handle(m, "DeleteTargetGroup", s.deleteTargetGroup)
	core.Handle(m, "DescribeTargetGroups", s.describeTargetGroups)
	core.Handle(m, "DescribeTargetGroupAttributes", s.describeTargetGroupAttributes)
	core.Handle(m, "ModifyTargetGroupAttributes", s.modifyTargetGroupAttributes)
	core.Handle(m, "RegisterTargets", s.registerTargets)
	core.Handle(m, "DeregisterTargets", s.deregisterTargets)
	core.Handle(m, "DescribeTargetHealth", s.describeTargetHealth)
}

type targetGroupIn struct {
	TargetGroupArn string `q:"TargetGroupArn,required"`
}

// deleteTargetGroup succeeds for a group that is gone: ResourceInUse is its only documented error,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
func (s *Service) deleteTargetGroup(r *core.Request, in *targetGroupIn) (*core.Empty, error) {
	if !strings.Contains(in.TargetGroupArn, ":targetgroup/") {
		return nil, invalid("'%s' is not a valid target group ARN", in.TargetGroupArn)
	}
	reg := s.region(r.Scope)
	tg, ok := reg.targetGroups.get(in.TargetGroupArn)
	if !ok {
		return nil, nil
	}
	if len(tg.users) > 0 {
		return nil, core.Errorf("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", tg.ARN)
	}
	reg.targetGroups.remove(tg.ARN)
	return nil, nil
}

type describeTargetGroupsIn struct {
	LoadBalancerArn string
	TargetGroupArns []string
	Names           []string
	Marker          string
	PageSize        int
}

type targetGroupsOut struct {
	TargetGroups []targetGroupOut `xml:"TargetGroups>member"`
	NextMarker   string           `xml:",omitempty"`
}

func (s *Service) describeTargetGroups(r *core.Request, in *describeTargetGroupsIn) (*targetGroupsOut, error) {
	filters := 0
	for _, set := range []bool{in.LoadBalancerArn != "", len(in.TargetGroupArns) > 0, len(in.Names) > 0} {
		if set {
			filters++
		}
	}
	if filters > 1 {
		return nil, invalid("Only one of load balancer ARN, target group ARNs and names may be specified")
	}
	reg := s.region(r.Scope)
	if in.LoadBalancerArn != "" {
		if lb, ok := reg.loadBalancers.get(in.LoadBalancerArn); !ok || !s.world.Visible(lb.Created) {
			return nil, loadBalancerNotFound(in.LoadBalancerArn)
		}
	}
	found := map[string]bool{}
	var out []targetGroupOut
	for _, tg := range reg.targetGroups.all() {
		if !s.world.Visible(tg.Created) {
			continue
		}
		found[tg.ARN], found[tg.Name] = true, true
		if listed(in.TargetGroupArns, tg.ARN) && listed(in.Names, tg.Name) && (in.LoadBalancerArn == "" || tg.usedBy(in.LoadBalancerArn)) {
			out = append(out, tg.out())
		}
	}
	for _, k := range append(slices.Clone(in.TargetGroupArns), in.Names...) {
		if !found[k] {
			return nil, targetGroupNotFound()
		}
	}
	page, next, err := paginate(r, out, func(o targetGroupOut) string { return o.TargetGroupArn }, in.Marker, in.PageSize)
	return &targetGroupsOut{page, next}, err
}

func (s *Service) describeTargetGroupAttributes(r *core.Request, in *targetGroupIn) (*attributesOut, error) {
	tg, ok := s.region(r.Scope).targetGroups.get(in.TargetGroupArn)
	if !ok || !s.world.Visible(tg.Created) {
		return nil, targetGroupNotFound()
	}
	return &attributesOut{targetGroupAttributes.list(tg.Attributes)}, nil
}

type modifyTargetGroupAttributesIn struct {
	TargetGroupArn string     `q:"TargetGroupArn,required"`
	Attributes     []keyValue `q:"Attributes,required"`
}

func (s *Service) modifyTargetGroupAttributes(r *core.Request, in *modifyTargetGroupAttributesIn) (*attributesOut, error) {
	tg, ok := s.region(r.Scope).targetGroups.get(in.TargetGroupArn)
	if !ok {
		return nil, targetGroupNotFound()
	}
	if err := targetGroupAttributes.check(in.Attributes, "Target group", tg.Protocol, "target groups with protocol"); err != nil {
		return nil, err
	}
	if tg.TargetType == albTarget {
		return nil, conflict("The attributes of target group '%s' cannot be modified because its target type is '%s'", tg.ARN, tg.TargetType)
	}
	next := maps.Clone(tg.Attributes)
	for _, a := range in.Attributes {
		next[a.Key] = a.Value
	}
	if err := checkTargetGroupAttributes(tg, next); err != nil {
		return nil, err
	}
	tg.Attributes = next
	return &attributesOut{targetGroupAttributes.list(next)}, nil
}
