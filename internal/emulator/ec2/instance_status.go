package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type instanceStatusIn struct {
	IDs []string `q:"InstanceId"`
	All bool     `q:"IncludeAllInstances"`
	DescribeIn
}

type instanceStatusItem struct {
	ID     string            `xml:"instanceId"`
	Zone   string            `xml:"availabilityZone"`
	State  stateItem         `xml:"instanceState"`
	System statusSummaryItem `xml:"systemStatus"`
	Status statusSummaryItem `xml:"instanceStatus"`
}

type statusSummaryItem struct {
	Status string `xml:"status"`
}

type instanceStatusOut struct {
	Statuses []instanceStatusItem `xml:"instanceStatusSet>item"`
	Next     string               `xml:"nextToken,omitempty"`
}

// describeInstanceStatus tells running instances only, unless asked for all,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
func (s *Service) describeInstanceStatus(q *core.Request, in *instanceStatusIn) (*instanceStatusOut, error) {
	r := s.region(q.Scope)
	all, err := selectIDs(q, &r.instances, kindInstance, in.IDs)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(i *instance) bool { return !in.All && i.state != "running" })
	f := r.instanceFields()
	all, err = fields[*instance]{"availability-zone": f["availability-zone"], "instance-state-name": f["instance-state-name"], "instance-state-code": f["instance-state-code"]}.apply(all, in.Filters)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(q, all, func(i *instance) string { return i.id }, in.Paging)
	return &instanceStatusOut{mapped(page, func(i *instance) instanceStatusItem {
		status := statusSummaryItem{"not-applicable"}
		if i.state == "running" {
			status.Status = "ok"
		}
		return instanceStatusItem{i.id, i.zone.name, stateItem{stateCodes[i.state], i.state}, status, status}
	}), next}, err
}

type instanceAttributeIn struct {
	ID        string `q:"InstanceId,required"`
	Attribute string `q:"Attribute,required"`
}

type textValue struct {
	Value string `xml:"value,omitempty"`
}

type instanceAttributeOut struct {
	ID          string     `xml:"instanceId"`
	UserData    *textValue `xml:"userData"`
	Type        *textValue `xml:"instanceType"`
	Termination *boolValue `xml:"disableApiTermination"`
}

// describeInstanceAttribute tells user data in base64, as it was given.
func (s *Service) describeInstanceAttribute(q *core.Request, in *instanceAttributeIn) (*instanceAttributeOut, error) {
	i, err := s.region(q.Scope).instances.need(kindInstance, in.ID)
	if err != nil {
		return nil, err
	}
	out := &instanceAttributeOut{ID: i.id}
	switch in.Attribute {
	case "userData":
		out.UserData = &textValue{i.data.UserData}
	case "instanceType":
		out.Type = &textValue{i.kindOf.name}
	case "disableApiTermination":
		out.Termination = &boolValue{i.protected()}
	default:
		return nil, unsupported("Attribute")
	}
	return out, nil
}

func (i *instance) protected() bool { return i.data.APITermination != nil && *i.data.APITermination }

type terminateIn struct {
	IDs []string `q:"InstanceId,required"`
}

type stateChangeItem struct {
	ID       string    `xml:"instanceId"`
	Current  stateItem `xml:"currentState"`
	Previous stateItem `xml:"previousState"`
}

type terminateOut struct {
	Changes []stateChangeItem `xml:"instancesSet>item"`
}

// terminateInstances is idempotent and refuses protected instances,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
func (s *Service) terminateInstances(q *core.Request, in *terminateIn) (*terminateOut, error) {
	r := s.region(q.Scope)
	var all []*instance
	for _, id := range in.IDs {
		i, err := r.instances.need(kindInstance, id)
		if err != nil {
			return nil, err
		}
		if i.protected() {
			return nil, core.Errorf("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", id)
		}
		all = append(all, i)
	}
	out := &terminateOut{}
	for _, i := range all {
		before := stateItem{stateCodes[i.state], i.state}
		r.terminate(i, "User initiated")
		out.Changes = append(out.Changes, stateChangeItem{i.id, stateItem{stateCodes[i.state], i.state}, before})
	}
	return out, nil
}
