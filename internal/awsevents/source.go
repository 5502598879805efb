package awsevents

// sources are the services whose calls change objects of a kind, by the kind's name. A call names neighbours as
// well: that of a listener rule its target groups, that of a subnet its VPC.
//
// https://docs.aws.amazon.com/eventbridge/latest/ref/events.html
var sources = map[string]string{
	"AutoScalingGroup":     "aws.autoscaling",
	"Bucket":               "aws.s3",
	"CacheParameterGroup":  "aws.elasticache",
	"CacheSubnetGroup":     "aws.elasticache",
	"CacheUser":            "aws.elasticache",
	"CacheUserGroup":       "aws.elasticache",
	"CapacityProvider":     "aws.ecs",
	"Certificate":          "aws.acm",
	"Cluster":              "aws.ecs",
	"ClusterCapacity":      "aws.ecs",
	"ElasticIP":            "aws.ec2",
	"GroupCapacity":        "aws.autoscaling",
	"HTTPNamespace":        "aws.servicediscovery",
	"InstanceProfile":      "aws.iam",
	"InternetGateway":      "aws.ec2",
	"LambdaFunction":       "aws.lambda",
	"LaunchTemplate":       "aws.ec2",
	"Listener":             "aws.elasticloadbalancing",
	"ListenerRule":         "aws.elasticloadbalancing",
	"LoadBalancer":         "aws.elasticloadbalancing",
	"LogGroup":             "aws.logs",
	"MirroredSecret":       "aws.secretsmanager",
	"NATGateway":           "aws.ec2",
	"RecordSet":            "aws.route53",
	"ReplicationGroup":     "aws.elasticache",
	"Role":                 "aws.iam",
	"RouteTable":           "aws.ec2",
	"ScalableTarget":       "aws.autoscaling", // CloudTrail knows Application Auto Scaling by that name, too
	"Secret":               "aws.secretsmanager",
	"SecurityGroup":        "aws.ec2",
	"SecurityGroupOpening": "aws.ec2",
	"SecurityGroupRules":   "aws.ec2",
	"ServerlessCache":      "aws.elasticache",
	"Service":              "aws.ecs",
	"ServicePeers":         "aws.ecs",
	"Subnet":               "aws.ec2",
	"TargetGroup":          "aws.elasticloadbalancing",
	"TaskDefinition":       "aws.ecs",
	"VPC":                  "aws.ec2",
	"VPCDefaults":          "aws.ec2",
	"VPCEndpoint":          "aws.ec2",
	"VPCEndpointService":   "aws.ec2",
	"WebACLAssociation":    "aws.wafv2",
}

// Of reports whether a notice is of a call that can have changed an object of a kind.
func (n *Notice) Of(kind string) bool { return n.Source == sources[kind] }

// Knows reports whether it is known which service changes objects of a kind.
func Knows(kind string) bool { return sources[kind] != "" }
