package elbv2

import (
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type targetDescription struct {
	Id               string `q:"Id,required"`
	Port             *int   `xml:",omitempty"`
	AvailabilityZone string `xml:",omitempty"`
}

func (d targetDescription) port(tg *targetGroup) int {
	if d.Port != nil {
		return *d.Port
	}
	return tg.Port
}

type targetsIn struct {
	TargetGroupArn string              `q:"TargetGroupArn,required"`
	Targets        []targetDescription `q:"Targets,required"`
}

func (s *Service) registerTargets(r *core.Request, in *targetsIn) (*core.Empty, error) {
	tg, ok := s.region(r.Scope).targetGroups.get(in.TargetGroupArn)
	if !ok {
		return nil, targetGroupNotFound()
	}
	added := 0
	for _, d := range in.Targets {
		if err := s.checkTarget(r.Scope, tg, d); err != nil {
			return nil, err
		}
		if tg.find(d.Id, d.port(tg)) == nil {
			added++
		}
	}
	if len(tg.targets)+added > s.Limits.Targets {
		return nil, core.Errorf("TooManyTargets", "The maximum number of targets has been reached for target group '%s'", tg.ARN)
	}
	for _, d := range in.Targets {
		s.register(r.Scope, tg, d.Id, d.port(tg), d.AvailabilityZone)
	}
	return nil, nil
}

// checkTarget follows
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
func (s *Service) checkTarget(scope core.Scope, tg *targetGroup, d targetDescription) error {
	if p := d.port(tg); p < 1 || p > 65535 {
		return invalid("Port '%d' is not valid: it must be between '1' and '65535'", p)
	}
	switch tg.TargetType {
	case "ip":
		return checkTargetIP(d.Id)
	case albTarget:
		return s.checkALBTarget(scope, tg, d)
	}
	i, ok := s.net.Instance(scope, d.Id)
	switch {
	case d.AvailabilityZone != "":
		return invalid("The Availability Zone can be specified only for target groups with target type 'ip'")
	case !ok || i.State != "running":
		return core.Errorf("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", d.Id)
	case i.VPCID != tg.VPCID:
		return core.Errorf("InvalidTarget", "The following targets are not in the target group VPC '%s': '%s'", tg.VPCID, d.Id)
	}
	return nil
}

// deregisterTargets succeeds for targets that aren't registered:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html.
// Without a port, every port of the target goes.
func (s *Service) deregisterTargets(r *core.Request, in *targetsIn) (*core.Empty, error) {
	tg, ok := s.region(r.Scope).targetGroups.get(in.TargetGroupArn)
	if !ok {
		return nil, targetGroupNotFound()
	}
	for _, d := range in.Targets {
		for _, t := range tg.named(d) {
			s.deregister(r.Scope, tg, t)
		}
	}
	return nil, nil
}

// named returns the targets that a description names.
func (tg *targetGroup) named(d targetDescription) []*target {
	var out []*target
	for _, t := range tg.targets {
		if t.ID == d.Id && (d.Port == nil || *d.Port == t.Port) {
			out = append(out, t)
		}
	}
	return out
}

// describeTargetHealthIn leaves out Include: anomaly detection isn't served.
type describeTargetHealthIn struct {
	TargetGroupArn string `q:"TargetGroupArn,required"`
	Targets        []targetDescription
}

type targetHealth struct {
	State               string
	Reason, Description string `xml:",omitempty"`
}

type targetHealthDescription struct {
	Target          targetDescription
	HealthCheckPort string
	TargetHealth    targetHealth
}

type targetHealthOut struct {
	TargetHealthDescriptions []targetHealthDescription `xml:"TargetHealthDescriptions>member"`
}

func (s *Service) describeTargetHealth(r *core.Request, in *describeTargetHealthIn) (*targetHealthOut, error) {
	tg, ok := s.region(r.Scope).targetGroups.get(in.TargetGroupArn)
	if !ok || !s.world.Visible(tg.Created) {
		return nil, targetGroupNotFound()
	}
	out := &targetHealthOut{}
	if len(in.Targets) == 0 {
		for _, t := range tg.targets {
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, tg.health(t))
		}
	}
	for _, d := range in.Targets {
		found := tg.named(d)
		for _, t := range found {
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, tg.health(t))
		}
		if len(found) == 0 {
			t := &target{ID: d.Id, Port: d.port(tg), State: targetUnused, Reason: "Target.NotRegistered", Description: "Target is not registered to the target group"}
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, tg.health(t))
		}
	}
	return out, nil
}

func (tg *targetGroup) health(t *target) targetHealthDescription {
	port := tg.Check.Port
	if port == trafficPort {
		port = strconv.Itoa(t.Port)
	}
	return targetHealthDescription{targetDescription{t.ID, &t.Port, t.Zone}, port, targetHealth{t.State, t.Reason, t.Description}}
}
