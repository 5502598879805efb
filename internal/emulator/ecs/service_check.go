package ecs

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// definition finds the ACTIVE task definition that a service is to use.
func (r *region) definition(ref *string) (*taskDefinition, error) {
	if aws.ToString(ref) == "" {
		return nil, invalid("TaskDefinition cannot be null or empty.")
	}
	d := r.taskDefinition(*ref)
	switch {
	case d == nil:
		return nil, clientError("TaskDefinition not found.")
	case d.status != types.TaskDefinitionStatusActive:
		return nil, clientError("TaskDefinition is inactive")
	}
	return d, nil
}

// checkSpec checks what a deployment would deploy, and fills in defaults.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
func (s *Service) checkSpec(c *cluster, arn string, sp *spec) error {
	fargate := sp.launchType == types.LaunchTypeFargate
	if len(sp.strategy) > 0 {
		if err := checkItems(c.providers, sp.strategy); err != nil {
			return err
		}
		fargate = isFargate(*sp.strategy[0].CapacityProvider)
	}
	if sp.launchType == types.LaunchTypeExternal || sp.launchType == types.LaunchTypeManagedInstances {
		return unsupported("the launch type " + string(sp.launchType))
	}
	if fargate {
		if err := checkFargateSpec(sp); err != nil {
			return err
		}
	}
	if !fargate && sp.platformVersion != "" {
		return invalid("The platform version must be null when specifying an EC2 launch type.")
	}
	if err := s.checkNetwork(c.reg.Scope, sp, fargate); err != nil {
		return err
	}
	if err := s.checkLoadBalancers(c.reg.Scope, sp); err != nil {
		return err
	}
	return s.checkConnect(c, arn, sp)
}

func (s *Service) checkNetwork(scope core.Scope, sp *spec, fargate bool) error {
	awsvpc := sp.def.view.NetworkMode == types.NetworkModeAwsvpc
	if sp.network == nil || sp.network.AwsvpcConfiguration == nil {
		if awsvpc {
			return invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
		}
		return nil
	}
	if !awsvpc {
		return invalid("Network Configuration is not valid for the given networkMode of this task definition.")
	}
	n := *sp.network.AwsvpcConfiguration
	switch {
	case len(n.Subnets) == 0:
		return invalid("subnets can not be empty.")
	case len(n.Subnets) > 16:
		return invalid("subnets can have at most 16 items.")
	case len(n.SecurityGroups) > 5:
		return invalid("securityGroups can have at most 5 items.")
	case !fargate && n.AssignPublicIp == types.AssignPublicIpEnabled:
		return invalid("Assign public IP is not supported for this launch type.")
	}
	if n.AssignPublicIp == "" {
		n.AssignPublicIp = types.AssignPublicIpDisabled
	}
	vpc := ""
	for _, id := range n.Subnets {
		sub, ok := s.deps.EC2.Subnet(scope, id)
		if !ok {
			return invalid("Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist (ErrorCode: InvalidSubnetID.NotFound)", id, id)
		}
		if vpc != "" && sub.VPCID != vpc {
			return invalid("Subnets must be in the same VPC.")
		}
		vpc = sub.VPCID
	}
	for _, id := range n.SecurityGroups {
		g, ok := s.deps.EC2.SecurityGroup(scope, id)
		if !ok {
			return invalid("Error retrieving security group information for [%s]: The security group '%s' does not exist (ErrorCode: InvalidGroup.NotFound)", id, id)
		}
		if g.VPCID != vpc {
			return invalid("Security group %s does not appear to belong to the same VPC as the input subnets.", id)
		}
	}
	n.SecurityGroups = append([]string{}, n.SecurityGroups...)
	sp.network = &types.NetworkConfiguration{AwsvpcConfiguration: &n}
	return nil
}

// checkLoadBalancers checks containers, ports and target groups; a target group must be reached
// from a load balancer by now.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
func (s *Service) checkLoadBalancers(scope core.Scope, sp *spec) error {
	if len(sp.loadBalancers) > 5 {
		return invalid("loadBalancers can have at most 5 items.")
	}
	advanced := 0
	for i, lb := range sp.loadBalancers {
		arn, name := aws.ToString(lb.TargetGroupArn), aws.ToString(lb.ContainerName)
		if lb.LoadBalancerName != nil {
			return unsupported("Classic Load Balancers")
		}
		if arn == "" {
			return invalid("targetGroupArn should not be null or empty.")
		}
		for _, other := range sp.loadBalancers[:i] {
			if *other.TargetGroupArn == arn {
				return invalid("Duplicate targetGroupArn found: %s", arn)
			}
		}
		if lb.AdvancedConfiguration != nil {
			advanced++
		}
		c := sp.def.container(name)
		if c == nil {
			return invalid("The container %s does not exist in the task definition.", name)
		}
		found := false
		for _, p := range c.PortMappings {
			found = found || *p.ContainerPort == aws.ToInt32(lb.ContainerPort)
		}
		if !found {
			return invalid("The container %s did not have a container port %d defined.", name, aws.ToInt32(lb.ContainerPort))
		}
		if err := s.checkGroup(scope, sp, arn); err != nil {
			return err
		}
	}
	if advanced > 0 && advanced < len(sp.loadBalancers) {
		return invalid("Either all or none of the provided loadBalancers must have advancedConfiguration defined")
	}
	if advanced > 0 {
		return s.checkAdvanced(scope, sp)
	}
	return nil
}

// checkGroup checks a target group that tasks are to register with.
func (s *Service) checkGroup(scope core.Scope, sp *spec, arn string) error {
	g, ok := s.deps.ELB.TargetGroup(scope, arn)
	if !ok {
		return invalid("Unable to find the target group with targetGroupArn %s.", arn)
	}
	if sp.def.view.NetworkMode != types.NetworkModeAwsvpc {
		return unsupported("load balancers of tasks without the network mode awsvpc")
	}
	if g.TargetType != "ip" {
		return invalid("The provided target group %s has target type %s, which is incompatible with the awsvpc network mode specified in the task definition.", arn, g.TargetType)
	}
	if len(g.LoadBalancerARNs) == 0 {
		return invalid("The target group with targetGroupArn %s does not have an associated load balancer.", arn)
	}
	sub, _ := s.deps.EC2.Subnet(scope, sp.network.AwsvpcConfiguration.Subnets[0])
	if g.VPCID != sub.VPCID {
		return invalid("The target group %s is not in the VPC %s of the network configuration.", arn, sub.VPCID)
	}
	return nil
}

// checkConnect checks Service Connect; the namespace comes from the cluster when none is given.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html
func (s *Service) checkConnect(c *cluster, arn string, sp *spec) error {
	if sp.connect == nil || !sp.connect.Enabled {
		return nil
	}
	if sp.def.view.NetworkMode == types.NetworkModeHost {
		return invalid("Service Connect does not support the network mode host.")
	}
	conf := *sp.connect
	if aws.ToString(conf.Namespace) == "" {
		conf.Namespace = aws.String(c.namespaceARN)
	}
	if *conf.Namespace == "" {
		return invalid("Namespace should not be empty when Service Connect is enabled and the cluster has no default namespace.")
	}
	ns, ok := s.deps.CloudMap.Namespace(c.reg.Scope, *conf.Namespace)
	if !ok {
		return core.Errorf("NamespaceNotFoundException", "The specified namespace %s wasn't found.", *conf.Namespace)
	}
	sp.connect = &conf
	for _, e := range conf.Services {
		if e.Tls != nil {
			return unsupported("tls of Service Connect")
		}
		if p := sp.def.port(aws.ToString(e.PortName)); p == nil {
			return invalid("portName(s) [%s] not found in the task definition.", aws.ToString(e.PortName))
		}
		if len(e.ClientAliases) != 1 || aws.ToInt32(e.ClientAliases[0].Port) < 1 {
			return invalid("Each Service Connect service must have exactly one client alias with a port.")
		}
		if e.ClientAliases[0].TestTrafficRules != nil {
			return unsupported("testTrafficRules of Service Connect")
		}
		for _, name := range []*string{e.DiscoveryName, e.ClientAliases[0].DnsName} {
			if name != nil && (*name == "" || strings.HasPrefix(*name, "-") || strings.ToLower(*name) != *name || len(*name) > 127) {
				return invalid("The Service Connect name %q is invalid.", *name)
			}
		}
		if len(aws.ToString(e.DiscoveryName)) > 64 {
			return invalid("discoveryName can have at most 64 characters.")
		}
	}
	seen := map[string]bool{}
	for _, e := range s.endpointsOf(c.reg, *sp) {
		if seen[e.address()] {
			return invalid("The client alias %s is not unique.", e.address())
		}
		seen[e.address()] = true
		if id, ok := s.deps.CloudMap.ServiceByName(c.reg.Scope, ns.ID, e.discovery); ok {
			if owner := c.reg.mapOwner(id); owner != nil && owner.arn != arn {
				return invalid("SC service is already used by %s", owner.arn)
			}
		}
		for _, o := range c.reg.clusters {
			for _, v := range o.services {
				for _, x := range v.endpoints {
					if v.arn != arn && x.namespace == e.namespace && x.address() == e.address() {
						return invalid("The client alias %s is already used by %s.", e.address(), v.arn)
					}
				}
			}
		}
	}
	return nil
}
