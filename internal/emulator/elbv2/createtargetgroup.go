package elbv2

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// createTargetGroupIn leaves out what isn't served: TargetControlPort.
type createTargetGroupIn struct {
	Name            string `q:"Name,required"`
	Protocol        string
	ProtocolVersion string
	Port            int
	VpcId           string
	TargetType      string
	IpAddressType   string
	Tags            tagList
	HealthCheckIn
}

// HealthCheckIn is also what ModifyTargetGroup takes: nothing else of a group can change. It is
// exported for the decoder, which sees embedded structs only so.
type HealthCheckIn struct {
	HealthCheckEnabled         *bool
	HealthCheckProtocol        string
	HealthCheckPort            string
	HealthCheckPath            string
	HealthCheckIntervalSeconds *int
	HealthCheckTimeoutSeconds  *int
	HealthyThresholdCount      *int
	UnhealthyThresholdCount    *int
	Matcher                    *matcher
}

func (s *Service) createTargetGroup(r *core.Request, in *createTargetGroupIn) (*targetGroupsOut, error) {
	tg, err := newTargetGroup(in)
	if err != nil {
		return nil, err
	}
	if v, ok := s.net.(vpcs); ok && !v.HasVPC(r.Scope, tg.VPCID) {
		return nil, invalid("The VPC ID '%s' is not found", tg.VPCID)
	}
	reg := s.region(r.Scope)
	for _, old := range reg.targetGroups.all() {
		if old.Name != tg.Name {
			continue
		}
		if !sameTargetGroup(old, tg) {
			return nil, core.Errorf("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", tg.Name)
		}
		return &targetGroupsOut{TargetGroups: []targetGroupOut{old.out()}}, nil
	}
	if reg.targetGroups.len() >= s.Limits.TargetGroups {
		return nil, core.Errorf("TooManyTargetGroups", "The maximum number of target groups has been reached")
	}
	tg.ARN, tg.Created = r.ARN(serviceName, "targetgroup/"+tg.Name+"/"+s.world.Hex(16)), r.Now()
	reg.targetGroups.add(tg.ARN, tg)
	return &targetGroupsOut{TargetGroups: []targetGroupOut{tg.out()}}, nil
}

// newTargetGroup checks a request and fills the defaults of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
func newTargetGroup(in *createTargetGroupIn) (*targetGroup, error) {
	tg := &targetGroup{Name: in.Name, Protocol: in.Protocol, ProtocolVersion: in.ProtocolVersion, Port: in.Port, VPCID: in.VpcId,
		TargetType: or(in.TargetType, "instance"), users: map[string]string{}}
	if err := checkName("target group", tg.Name); err != nil {
		return nil, err
	}
	switch {
	case tg.TargetType != "instance" && tg.TargetType != "ip" && tg.TargetType != albTarget:
		return nil, invalid("The emulator does not support target type '%s'", tg.TargetType)
	case in.IpAddressType != "" && in.IpAddressType != "ipv4":
		return nil, invalid("The emulator does not support target groups with IP address type '%s'", in.IpAddressType)
	case tg.Protocol == "":
		return nil, invalid("A protocol must be specified")
	case !slices.Contains(allProtocols, tg.Protocol):
		return nil, invalid("The emulator does not support target groups with protocol '%s'", tg.Protocol)
	case tg.TargetType == albTarget && tg.Protocol != "TCP":
		return nil, invalid("Target type '%s' is not supported for target groups with the %s protocol", tg.TargetType, tg.Protocol)
	case tg.Port == 0:
		return nil, invalid("A port must be specified")
	case tg.Port < 1 || tg.Port > 65535:
		return nil, invalid("Port '%d' is not valid: it must be between '1' and '65535'", tg.Port)
	case tg.VPCID == "":
		return nil, invalid("A VPC ID must be specified")
	case !tg.forALB() && tg.ProtocolVersion != "":
		return nil, invalid("Protocol version '%s' is not supported for target groups with the %s protocol", tg.ProtocolVersion, tg.Protocol)
	case tg.ProtocolVersion != "" && !slices.Contains([]string{"HTTP1", "HTTP2", "GRPC"}, tg.ProtocolVersion):
		return nil, invalid("Protocol version '%s' is not valid", tg.ProtocolVersion)
	}
	tg.Check = healthCheck{Protocol: "TCP", Port: trafficPort, Interval: 30, Timeout: 10, Healthy: 5, Unhealthy: 2}
	switch {
	case tg.forALB():
		tg.ProtocolVersion = or(tg.ProtocolVersion, "HTTP1")
		tg.Check.Protocol, tg.Check.Timeout = "HTTP", 5
		// 5 seconds is the user guide's default; the 6 of the reference are those of network groups:
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
	case tg.TargetType == albTarget:
		tg.Check.Protocol, tg.Check.Timeout = "HTTP", 6
	case in.HealthCheckProtocol == "HTTP":
		tg.Check.Timeout = 6
	}
	if err := in.apply(tg); err != nil {
		return nil, err
	}
	var err error
	if tg.Tags, err = in.Tags.apply(nil); err != nil {
		return nil, err
	}
	tg.Attributes = targetGroupDefaults(tg)
	return tg, nil
}

type modifyTargetGroupIn struct {
	TargetGroupArn string `q:"TargetGroupArn,required"`
	HealthCheckIn
}

func (s *Service) modifyTargetGroup(r *core.Request, in *modifyTargetGroupIn) (*targetGroupsOut, error) {
	tg, ok := s.region(r.Scope).targetGroups.get(in.TargetGroupArn)
	if !ok {
		return nil, targetGroupNotFound()
	}
	if err := in.apply(tg); err != nil {
		return nil, err
	}
	return &targetGroupsOut{TargetGroups: []targetGroupOut{tg.out()}}, nil
}

// apply changes the group's health check, or nothing.
func (in *HealthCheckIn) apply(tg *targetGroup) error {
	c := tg.Check
	if in.HealthCheckEnabled != nil && !*in.HealthCheckEnabled {
		return invalid("Health check enabled must be true for target groups with target type '%s'", tg.TargetType)
	}
	c.Protocol, c.Port, c.Path = or(in.HealthCheckProtocol, c.Protocol), or(in.HealthCheckPort, c.Port), or(in.HealthCheckPath, c.Path)
	for _, n := range []struct {
		in *int
		to *int
	}{{in.HealthCheckIntervalSeconds, &c.Interval}, {in.HealthCheckTimeoutSeconds, &c.Timeout},
		{in.HealthyThresholdCount, &c.Healthy}, {in.UnhealthyThresholdCount, &c.Unhealthy}} {
		if n.in != nil {
			*n.to = *n.in
		}
	}
	if in.Matcher != nil {
		c.HTTPCode, c.GRPCCode = in.Matcher.HttpCode, in.Matcher.GrpcCode
	}
	switch {
	case c.http():
		c.Path = or(c.Path, defaultPath(tg))
		if c.HTTPCode == "" && c.GRPCCode == "" {
			c.HTTPCode, c.GRPCCode = defaultMatcher(tg)
		}
	case in.HealthCheckPath != "" || in.Matcher != nil:
		return invalid("Health check path and matcher are not supported for health checks with protocol %s", c.Protocol)
	default:
		c.Path, c.HTTPCode, c.GRPCCode = "", "", ""
	}
	if err := c.check(tg); err != nil {
		return err
	}
	tg.Check = c
	return nil
}

func defaultPath(tg *targetGroup) string {
	if tg.ProtocolVersion == "GRPC" {
		return "/AWS.ALB/healthcheck"
	}
	return "/"
}

func defaultMatcher(tg *targetGroup) (http, grpc string) {
	switch {
	case tg.ProtocolVersion == "GRPC":
		return "", "12"
	case tg.forALB():
		return "200", ""
	default:
		return "200-399", ""
	}
}

var codesPattern = regexp.MustCompile(`^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$`)

// check follows the ranges of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
func (c healthCheck) check(tg *targetGroup) error {
	port, err := strconv.Atoi(c.Port)
	switch {
	case tg.TargetType == albTarget && !c.http():
		return invalid("Health check protocol '%s' is not supported for target groups with target type '%s'", c.Protocol, tg.TargetType)
	case !slices.Contains([]string{"HTTP", "HTTPS", "TCP"}, c.Protocol) || (tg.forALB() && c.Protocol == "TCP"):
		return invalid("Health check protocol '%s' is not supported for target groups with the %s protocol", c.Protocol, tg.Protocol)
	case c.Port != trafficPort && (err != nil || port < 1 || port > 65535):
		return invalid("Health check port '%s' must be '%s' or in the range '1'-'65535'", c.Port, trafficPort)
	case c.http() && (!strings.HasPrefix(c.Path, "/") || len(c.Path) > 1024):
		return invalid("Health check path '%s' must begin with a '/' character, and can have at most 1024 characters", c.Path)
	case c.Interval < 5 || c.Interval > 300:
		return invalid("Health check interval '%d' must be between 5 and 300 seconds", c.Interval)
	case c.Timeout < 2 || c.Timeout > 120:
		return invalid("Health check timeout '%d' must be between 2 and 120 seconds", c.Timeout)
	case c.Timeout >= c.Interval:
		return invalid("Health check interval must be greater than the timeout.")
	case c.Healthy < 2 || c.Healthy > 10:
		return invalid("Healthy threshold count '%d' must be between 2 and 10 inclusive", c.Healthy)
	case c.Unhealthy < 2 || c.Unhealthy > 10:
		return invalid("Unhealthy threshold count '%d' must be between 2 and 10 inclusive", c.Unhealthy)
	case c.GRPCCode != "" && tg.ProtocolVersion != "GRPC", c.HTTPCode != "" && tg.ProtocolVersion == "GRPC":
		return invalid("The matcher does not fit protocol version '%s'", tg.ProtocolVersion)
	case c.HTTPCode != "" && !validCodes(c.HTTPCode, 200, tg.highestCode()):
		return invalid("Health check matcher HTTP code '%s' must be within '200-%d' inclusive", c.HTTPCode, tg.highestCode())
	case c.GRPCCode != "" && !validCodes(c.GRPCCode, 0, 99):
		return invalid("Health check matcher GRPC code '%s' must be within '0-99' inclusive", c.GRPCCode)
	}
	return nil
}

func (tg *targetGroup) highestCode() int {
	if tg.forALB() {
		return 499
	}
	return 599
}

func validCodes(codes string, low, high int) bool {
	if !codesPattern.MatchString(codes) {
		return false
	}
	for _, c := range strings.FieldsFunc(codes, func(r rune) bool { return r == ',' || r == '-' }) {
		if !between(low, high)(c) {
			return false
		}
	}
	return true
}
