package authorization

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// kind is a resource type of the reference.
type kind struct {
	// inventory are the kinds of the emulator's inventory that it covers.
	inventory []string
	// path is the ARN's part after the account for one that is to be made: {Parameter} stands for what the request
	// calls it.
	path string
	// named says that requests name it by its name too, not just by id or ARN.
	named bool
}

var kinds = map[string]kind{
	"ec2:elastic-ip":           {[]string{"ElasticIP"}, "elastic-ip/*", false},
	"ec2:instance":             {[]string{"Instance"}, "instance/*", false},
	"ec2:image":                {nil, "image/*", false},
	"ec2:internet-gateway":     {[]string{"InternetGateway"}, "internet-gateway/*", false},
	"ec2:launch-template":      {[]string{"LaunchTemplate"}, "launch-template/*", false},
	"ec2:natgateway":           {[]string{"NATGateway"}, "natgateway/*", false},
	"ec2:network-acl":          {[]string{"NetworkACL"}, "network-acl/*", false},
	"ec2:network-interface":    {[]string{"NetworkInterface"}, "network-interface/*", false},
	"ec2:route-table":          {[]string{"RouteTable"}, "route-table/*", false},
	"ec2:security-group":       {[]string{"SecurityGroup"}, "security-group/*", false},
	"ec2:security-group-rule":  {[]string{"SecurityGroupRule"}, "security-group-rule/*", false},
	"ec2:subnet":               {[]string{"Subnet"}, "subnet/*", false},
	"ec2:volume":               {[]string{"Volume"}, "volume/*", false},
	"ec2:vpc":                  {[]string{"VPC"}, "vpc/*", false},
	"ec2:vpc-endpoint":         {[]string{"VPCEndpoint"}, "vpc-endpoint/*", false},
	"ec2:vpc-endpoint-service": {[]string{"VPCEndpointService"}, "vpc-endpoint-service/*", false},
	"ec2:any": {[]string{"ElasticIP", "Instance", "InternetGateway", "LaunchTemplate", "NATGateway", "NetworkACL", "NetworkInterface",
		"RouteTable", "SecurityGroup", "SecurityGroupRule", "Subnet", "Volume", "VPC", "VPCEndpoint", "VPCEndpointService"}, "", false},

	"autoscaling:autoScalingGroup": {[]string{"AutoScalingGroup"}, "autoScalingGroup:*:autoScalingGroupName/{AutoScalingGroupName}", true},

	"application-autoscaling:ScalableTarget": {[]string{"ScalableTarget"}, "scalable-target/*", true},

	"cloudwatch:alarm": {[]string{"Alarm"}, "alarm:TargetTracking-{ResourceId}-*", true},

	"ecs:capacity-provider":  {[]string{"CapacityProvider"}, "capacity-provider/{Name}", true},
	"ecs:cluster":            {[]string{"Cluster"}, "cluster/{ClusterName}", true},
	"ecs:service":            {[]string{"Service"}, "service/{Cluster}/{ServiceName}", true},
	"ecs:service-deployment": {[]string{"ServiceDeployment"}, "", false},
	"ecs:task-definition":    {[]string{"TaskDefinition"}, "task-definition/{Family}:*", false},
	"ecs:any":                {[]string{"CapacityProvider", "Cluster", "Service", "TaskDefinition"}, "", false},

	"elasticache:parametergroup":   {[]string{"CacheParameterGroup"}, "parametergroup:{CacheParameterGroupName}", true},
	"elasticache:replicationgroup": {[]string{"ReplicationGroup"}, "replicationgroup:{ReplicationGroupId}", true},
	"elasticache:serverlesscache":  {[]string{"ServerlessCache"}, "serverlesscache:{ServerlessCacheName}", true},
	"elasticache:subnetgroup":      {[]string{"CacheSubnetGroup"}, "subnetgroup:{CacheSubnetGroupName}", true},
	"elasticache:user":             {[]string{"CacheUser"}, "user:{UserId}", true},
	"elasticache:usergroup":        {[]string{"CacheUserGroup"}, "usergroup:{UserGroupId}", true},
	"elasticache:any": {[]string{"CacheParameterGroup", "ReplicationGroup", "ServerlessCache", "CacheSubnetGroup",
		"CacheUser", "CacheUserGroup", "CacheCluster"}, "", false},

	"elasticloadbalancing:listener":      {[]string{"Listener"}, "listener/*", false},
	"elasticloadbalancing:listener-rule": {[]string{"ListenerRule"}, "listener-rule/*", false},
	"elasticloadbalancing:loadbalancer":  {[]string{"LoadBalancer"}, "loadbalancer/*/{Name}/*", false},
	"elasticloadbalancing:targetgroup":   {[]string{"TargetGroup"}, "targetgroup/{Name}/*", false},
	"elasticloadbalancing:any":           {[]string{"Listener", "ListenerRule", "LoadBalancer", "TargetGroup"}, "", false},

	"iam:instance-profile": {[]string{"InstanceProfile"}, "instance-profile/{InstanceProfileName}", true},
	"iam:role":             {[]string{"Role"}, "role/{RoleName}", true},

	"kms:key":                    {nil, "key/{KeyId}", false},
	"lambda:function":            {[]string{"Function"}, "function:{FunctionName}", true},
	"logs:log-group":             {[]string{"LogGroup"}, "log-group:{LogGroupName}", true},
	"s3:bucket":                  {[]string{"Bucket"}, "{Bucket}", true},
	"secretsmanager:secret":      {[]string{"Secret"}, "secret:{Name}-*", true},
	"servicediscovery:namespace": {[]string{"HTTPNamespace"}, "namespace/*", false},
	"sqs:queue":                  {nil, "{QueueName}", false},
	"ssm:parameter":              {nil, "parameter{Name}", false},
	"wafv2:webacl":               {[]string{"WebACL"}, "", false},
	"wafv2:loadbalancer":         {[]string{"LoadBalancer"}, "", false},
	"acm:certificate":            {[]string{"Certificate"}, "certificate/*", false},
	"route53:hostedzone":         {[]string{"HostedZone"}, "", false},
}

// named are the objects of a type that a request names. One that doesn't exist isn't among them: AWS finds
// nothing whose tags it could ask for, and the handler says that there is none.
func (q *request) named(of string) []core.Resource {
	k, ok := kinds[of]
	if !ok {
		panic("authorization: unknown resource type " + of)
	}
	if q.all == nil {
		q.all = q.a.w.Resources(true)
	}
	var out []core.Resource
	for _, o := range q.all {
		if o.Kind == "RouteTableAssociation" && q.words[o.ID] { // stands for the table and the subnet that it ties
			b, _ := json.Marshal(o.Settings)
			var v any
			_ = json.Unmarshal(b, &v)
			q.visit(v)
		}
		if o.Kind == "Instance" && q.words[o.ID] { // and an instance for its group
			q.words[o.Tags["aws:autoscaling:groupName"]] = true
		}
	}
	for _, o := range q.all {
		if o.Account == q.Account && slices.Contains(k.inventory, o.Kind) && (q.words[o.ID] || o.ARN != "" && q.words[o.ARN] || k.named && q.words[o.Name]) {
			out = append(out, o)
		}
	}
	if of == "elasticache:parametergroup" { // AWS's own are in no inventory
		for w := range q.words {
			if strings.HasPrefix(w, "default.") {
				out = append(out, core.Resource{ARN: core.Scope{Account: q.Account, Region: q.SigningRegion}.ARN("elasticache", "parametergroup:"+w)})
			}
		}
	}
	return out
}

// arnOf is the ARN of what a request makes, as far as it is known before.
func (q *request) arnOf(of string) string {
	service, _, _ := strings.Cut(of, ":")
	scope := core.Scope{Account: q.Account, Region: q.SigningRegion}
	path := kinds[of].path
	for name, v := range q.params {
		path = strings.ReplaceAll(path, "{"+name+"}", v)
	}
	if i := strings.IndexByte(path, '{'); i >= 0 {
		path = path[:i] + "*"
	}
	partition := scope.Partition()
	switch of {
	case "iam:role", "iam:instance-profile":
		return "arn:" + partition + ":iam::" + q.Account + ":" + path
	case "s3:bucket":
		return "arn:" + partition + ":s3:::" + path
	case "kms:key":
		// Policies are about keys, also where a request names one by an alias.
		// https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
		if id := q.params["KeyId"]; strings.Contains(id, "alias/") {
			path = "key/*"
			if arn, ok := q.a.findKey(scope, id); ok {
				return arn
			}
		} else if strings.HasPrefix(id, "arn:") {
			return id
		}
	case "lambda:function": // whose name is in the path
		for word := range q.words {
			if q.params["FunctionName"] == "" && strings.HasPrefix(word, "arn:") && strings.Contains(word, ":function:") {
				return word
			}
		}
	case "ec2:image":
		return "arn:" + partition + ":ec2:" + q.SigningRegion + "::" + path
	case "ssm:parameter":
		if strings.HasPrefix(path, "parameter/aws/") { // public parameters belong to no account
			return "arn:" + partition + ":ssm:" + q.SigningRegion + "::" + path
		}
	}
	return scope.ARN(service, path)
}
