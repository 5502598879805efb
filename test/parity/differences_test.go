package parity

import "strings"

// sort says what a difference is.
type sort string

// The sorts of differences.
const (
	// improvement: ours is safer, or works where Terraform's doesn't.
	improvement sort = "improvement"
	// equivalent: AWS does the same.
	equivalent sort = "equivalent"
	// terraform: an argument that tells Terraform how to work; AWS never sees it.
	terraform sort = "Terraform only"
	// wording: what people read.
	wording sort = "wording"
)

// difference is a setting in which our objects differ from Terraform's.
type difference struct {
	// in are the examples in which they differ.
	in examples
	// where is an address or a type of resources; field is a setting, or with "*" at its end several.
	where, field string
	// theirs and ours are the values, empty for none; "*" stands for any.
	theirs, ours string
	sort         sort
	why          string
}

// is reports whether a difference of the table is the one that was found.
func (d delta) is(x difference) bool {
	return (x.where == d.Type || x.where == d.Address) && matches(x.field, d.field) &&
		(x.theirs == "*" || x.theirs == d.theirs) && (x.ours == "*" || x.ours == d.ours)
}

func matches(pattern, s string) bool {
	prefix, several := strings.CutSuffix(pattern, "*")
	return pattern == s || several && strings.HasPrefix(s, prefix)
}

const tasksOfThisAccount = `{"Statement":[{"Action":["sts:AssumeRole"],"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:us-east-1:123456789012:*"},` +
	`"StringEquals":{"aws:SourceAccount":"123456789012"}},"Effect":"Allow","Principal":{"Service":["ecs-tasks.amazonaws.com"]}}],"Version":"2012-10-17"}`

const tasksOfAnyAccount = `{"Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["ecs-tasks.amazonaws.com"]}}],"Version":"2012-10-17"}`

// differences are all there are. Each is there: the test fails when one isn't any more.
var differences = []difference{
	{all, "aws_iam_role", "assume_role_policy", tasksOfAnyAccount, tasksOfThisAccount, improvement,
		"only tasks of this account and region may take an execution role: nobody else can use ECS as a deputy"},
	{all, "aws_ecs_task_definition", "runtime_platform[0].cpu_architecture", "", "ARM64", improvement,
		"the architecture is said and follows from the instance type; the module's image must happen to fit"},
	{all, "aws_ecs_task_definition", "runtime_platform[0].operating_system_family", "", "LINUX", improvement, "said together with the architecture"},
	{all, "module.gateway.aws_ecs_task_definition.task_definition", "container_definitions[0].stopTimeout", "", "30", equivalent,
		"ECS's own default, said because spec.gateway.stopTimeout decides it"},
	{minimal | gatewayMCP, "module.gateway.aws_ecs_task_definition.task_definition", "container_definitions[0].environment[DATASERVICE_BASEPATH].name", "DATASERVICE_BASEPATH", "", improvement,
		"the module sends a variable without a value where there is no data service"},
	{minimal | production, "module.gateway.aws_ecs_task_definition.task_definition", "container_definitions[0].environment[MCP_PORT].name", "MCP_PORT", "", improvement,
		"the module sends a variable without a value in gateway mode"},
	{production, "module.data_service[0].aws_ecs_task_definition.task_definition", "container_definitions[0].stopTimeout", "", "30", equivalent,
		"ECS's own default, said because spec.dataService.stopTimeout decides it"},
	{production, "module.data_service[0].aws_ecs_task_definition.task_definition", "container_definitions[0].portMappings[0].name", "data-service-port", "data-service", wording,
		"a port has the name of its service everywhere"},
	{production, "module.data_service[0].aws_ecs_service.service", "service_connect_configuration[0].service[0].port_name", "data-service-port", "data-service", wording,
		"a port has the name of its service everywhere"},
	{minimal | gatewayMCP, "module.redis[0].aws_ecs_task_definition.task_definition", "container_definitions[0].portMappings[0].name", "redis-port", "redis", wording,
		"a port has the name of its service everywhere"},
	{minimal | gatewayMCP, "module.redis[0].aws_ecs_service.service", "service_connect_configuration[0].service[0].port_name", "redis-port", "redis", wording,
		"a port has the name of its service everywhere"},
	{all, `module.autoscaling["primary_provider"].aws_launch_template.this[0]`, "tag_specifications", "", "instance volume network-interface", improvement,
		"volumes and network interfaces carry the tags too, so that their owner and their cost are known"},
	{all, `module.autoscaling["primary_provider"].aws_autoscaling_group.idc[0]`, "tag[AmazonECSManaged].value", "true", "", equivalent,
		"ECS looks for the key alone"},
	{production, "aws_autoscaling_group", "desired_capacity", "3", "4", equivalent, "what ECS's managed scaling makes of it for the tasks that there are"},
	{all, `module.autoscaling["primary_provider"].aws_autoscaling_group.idc[0]`, "metrics_granularity", "1Minute", "", equivalent,
		"says how often group metrics are collected; neither enables any"},
	{all, "module.autoscaling_sg[0].aws_security_group_rule.egress_rules[0]", "ipv6_cidr_blocks[0]", "::/0", "", equivalent, "the VPC has no IPv6 range"},
	{all, "module.vpc[0].aws_default_network_acl.this[0]", "egress[101].*", "*", "", equivalent, "entries for IPv6: the VPC has no IPv6 range"},
	{all, "module.vpc[0].aws_default_network_acl.this[0]", "ingress[101].*", "*", "", equivalent, "entries for IPv6: the VPC has no IPv6 range"},
	{all, "module.autoscaling_sg[0].aws_security_group_rule.egress_rules[0]", "description", "All protocols", "", equivalent,
		"AWS makes a group with this very rule; it is kept instead of being revoked and made again"},
	{all, "aws_vpc_security_group_egress_rule", "description", "Allow all outbound traffic", "", equivalent,
		"AWS makes a group with this very rule; it is kept instead of being revoked and made again"},
	{all, "aws_vpc_security_group_ingress_rule", "description", "", "*", wording, "each rule says what it is for"},
	{all, "aws_security_group", "description", "*", "*", wording, "the module calls every group that of the data service"},
	{all, "aws_iam_role", "description", "*", "*", wording, "each role says who takes it"},
	{all, "aws_service_discovery_http_namespace", "description", "*", "*", wording, "names the resource that the namespace belongs to"},
	{all, "aws_iam_policy", "description", "*", "", equivalent, "the policy is its role's own (see below) and has no description"},
	{all, "aws_iam_policy", "path", "/", "", improvement,
		"the policy is its role's own instead of a managed one: it is made, changed and deleted with the role, in one object instead of three, and nobody else can attach it"},
	{all, "aws_lb_listener", "tags.Type", "*", "", wording, "the tag ecs.portkey.ai/node says which listener it is"},
	{production, "module.gateway.aws_lb_listener.test[0]", "tags.Environment", "", "prod", equivalent, "the tags of spec.tags are on every object"},
	{production, `module.gateway.aws_lb_listener_rule.prod_rules["gateway"]`, "action[0].target_group_arn", "{target-group/gateway}", "{target-group/gateway-green}", equivalent,
		"what ECS made of it when it shifted traffic to the first revision; from then on it is left to ECS, by Terraform as by the operator"},
	{production, `module.gateway.aws_lb_target_group.green_tg["gateway"]`, "health_check[0].timeout", "10", "5", improvement,
		"both groups are checked alike: the module has 5 for the one and 10 for the other"},
	{production | gatewayMCP, "aws_lb_listener_rule", "tags.Type", "*", "", wording, "the tag ecs.portkey.ai/node says which rule it is"},
	{production | gatewayMCP, "aws_lb_listener_rule", "tags.Rule", "*", "", wording, "the tag ecs.portkey.ai/node says which rule it is"},
	{all, "aws_lb_target_group", "tags.Color", "*", "", wording, "the tag ecs.portkey.ai/node says which group it is; of two, either may be the one that serves"},
	{all, "aws_lb_target_group", "tags.Rule", "*", "", wording, "the tag ecs.portkey.ai/node says which group it is"},
	{minimal, "aws_lb_target_group", "slow_start", "0", "", equivalent, "an attribute of Application Load Balancers"},
	{production | gatewayMCP, "aws_lb_target_group", "proxy_protocol_v2", "false", "", equivalent, "an attribute of Network Load Balancers"},
	{all, "aws_lb_target_group", "lambda_multi_value_headers_enabled", "false", "", equivalent, "an attribute of groups of Lambda functions"},
	{production | gatewayMCP, "aws_lb", "enable_cross_zone_load_balancing", "", "true", equivalent, "an Application Load Balancer always balances across zones"},
	{production | gatewayMCP, "aws_lb", "idle_timeout", "60", "300", improvement, "streams of language models pause for longer than AWS's default, which would cut them"},

	{all, "aws_ecs_service", "force_new_deployment", "true", "", improvement,
		"a parameter of each update: Terraform starts a deployment whatever changes, the operator when something needs one"},
	{all, "aws_ecs_service", "wait_for_steady_state", "false", "", terraform, "the operator's condition Ready waits for it"},
	{all, "aws_ecs_task_definition", "skip_destroy", "false", "", terraform, "how Terraform deletes"},
	{all, "aws_ecs_task_definition", "track_latest", "*", "", terraform, "which revision Terraform compares with"},
	{all, "aws_cloudwatch_log_group", "skip_destroy", "false", "", terraform, "how Terraform deletes"},
	{all, "aws_iam_role", "force_detach_policies", "*", "", terraform, "how Terraform deletes"},
	{all, "aws_security_group", "revoke_rules_on_delete", "false", "", terraform, "how Terraform deletes"},
	{all, "aws_default_security_group", "revoke_rules_on_delete", "false", "", terraform, "how Terraform deletes"},
	{all, "aws_autoscaling_group", "force_delete", "false", "", terraform, "how Terraform deletes"},
	{all, "aws_autoscaling_group", "force_delete_warm_pool", "false", "", terraform, "how Terraform deletes"},
	{all, "aws_autoscaling_group", "ignore_failed_scaling_activities", "false", "", terraform, "how Terraform waits"},
	{all, "aws_autoscaling_group", "wait_for_capacity_timeout", "10m", "", terraform, "how long Terraform waits"},
}

// absence is a planned resource that no object of ours stands for.
type absence struct {
	// in are the examples for which it is planned.
	in examples
	// resource is an address or a type.
	resource string
	sort     sort
	why      string
}

var absences = []absence{
	{all, "random_id", terraform, "Terraform tells names apart by random digits, the operator by a digest of the resource's name and its cluster's identity"},
	{minimal | gatewayMCP, "aws_iam_policy.data_service_s3_access_policy", improvement, "rights of a data service that isn't deployed"},
	{minimal | gatewayMCP, "module.gateway.aws_iam_role.ecs_load_balancer_role[0]", improvement, "a role for moving traffic between two target groups, which a rolling deployment doesn't do"},
	{minimal | gatewayMCP, "module.gateway.aws_iam_role_policy_attachment.ecs_load_balancer_policy[0]", improvement, "the rights of that role"},
}

func (a absence) is(p planned) bool { return a.resource == p.Address || a.resource == p.Type }

// additions are the kinds of objects that no resource of Terraform's stands for. AWS makes each by
// itself, for the module as for us.
var additions = map[string]string{
	"Alarm":                 "what a scaling policy watches",
	"CloudMapService":       "ECS makes one for each name that a service offers in Service Connect",
	"ContainerInstance":     "an instance, as ECS registers it",
	"Instance":              "what the Auto Scaling group starts",
	"ListenerRule":          "a listener's default action, as a rule",
	"LogStream":             "what a task writes",
	"NetworkInterface":      "of instances, tasks, the NAT gateway and the load balancer",
	"RouteTableAssociation": "the main table of the VPC is the one of every subnet that has no other",
	"Task":                  "what a service starts",
	"Volume":                "the root volume of an instance",
}
