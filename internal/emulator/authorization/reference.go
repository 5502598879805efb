package authorization

// target is a resource that an action is decided on.
type target struct {
	kind string
	// made says that the action makes it; otherwise the request names it.
	made bool
	// either says that the action makes it unless it is there already.
	either bool
	// tagged says that the reference lists aws:RequestTag for the action although the resource is there already.
	tagged bool
}

func made(kind string) target   { return target{kind: kind, made: true} }
func either(kind string) target { return target{kind: kind, either: true, tagged: true} }
func on(kind string) target     { return target{kind: kind} }
func tagged(kind string) target { return target{kind: kind, tagged: true} }

// reference are the resource types of each action, of those that the emulator has. An action without any is
// decided on "*". Reads that AWS could decide on a resource, but nobody restricts by one, stand as "*" too.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html and its neighbours.
var reference = map[string][]target{}

func init() {
	for _, table := range []map[string][]target{network, compute, containers, balancing, identity, caches, others} {
		for action, targets := range table {
			reference[action] = targets
		}
	}
	for _, action := range reads {
		reference[action] = nil
	}
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
var network = map[string][]target{
	"ec2:AllocateAddress":               {made("ec2:elastic-ip")},
	"ec2:AssociateRouteTable":           {on("ec2:route-table"), on("ec2:subnet")},
	"ec2:AttachInternetGateway":         {on("ec2:internet-gateway"), on("ec2:vpc")},
	"ec2:AuthorizeSecurityGroupEgress":  {on("ec2:security-group"), made("ec2:security-group-rule")},
	"ec2:AuthorizeSecurityGroupIngress": {on("ec2:security-group"), made("ec2:security-group-rule")},
	"ec2:CreateInternetGateway":         {made("ec2:internet-gateway")},
	"ec2:CreateNatGateway":              {made("ec2:natgateway"), on("ec2:elastic-ip"), on("ec2:subnet")},
	"ec2:CreateRoute":                   {on("ec2:route-table")},
	"ec2:CreateRouteTable":              {made("ec2:route-table"), on("ec2:vpc")},
	"ec2:CreateSecurityGroup":           {made("ec2:security-group"), on("ec2:vpc")},
	"ec2:CreateSubnet":                  {made("ec2:subnet"), on("ec2:vpc")},
	"ec2:CreateTags":                    {tagged("ec2:any")},
	"ec2:CreateVpc":                     {made("ec2:vpc")},
	"ec2:DeleteInternetGateway":         {on("ec2:internet-gateway")},
	"ec2:DeleteNatGateway":              {on("ec2:natgateway")},
	"ec2:DeleteRoute":                   {on("ec2:route-table")},
	"ec2:DeleteRouteTable":              {on("ec2:route-table")},
	"ec2:DeleteSecurityGroup":           {on("ec2:security-group")},
	"ec2:DeleteSubnet":                  {on("ec2:subnet")},
	"ec2:DeleteTags":                    {tagged("ec2:any")},
	"ec2:DeleteVpc":                     {on("ec2:vpc")},
	"ec2:DetachInternetGateway":         {on("ec2:internet-gateway"), on("ec2:vpc")},
	"ec2:DisassociateRouteTable":        {on("ec2:route-table"), on("ec2:subnet")},
	"ec2:ModifySecurityGroupRules":      {on("ec2:security-group"), on("ec2:security-group-rule")},
	"ec2:ModifySubnetAttribute":         {on("ec2:subnet")},
	"ec2:ModifyVpcAttribute":            {on("ec2:vpc")},
	"ec2:ReleaseAddress":                {on("ec2:elastic-ip")},
	"ec2:ReplaceRoute":                  {on("ec2:route-table")},
	"ec2:ReplaceRouteTableAssociation":  {on("ec2:route-table"), on("ec2:subnet")},
	"ec2:RevokeSecurityGroupEgress":     {on("ec2:security-group")},
	"ec2:RevokeSecurityGroupIngress":    {on("ec2:security-group")},

	"ec2:AcceptVpcEndpointConnections":                  {on("ec2:vpc-endpoint-service")},
	"ec2:CreateVpcEndpoint":                             {made("ec2:vpc-endpoint"), on("ec2:vpc"), on("ec2:subnet"), on("ec2:security-group")},
	"ec2:CreateVpcEndpointServiceConfiguration":         {made("ec2:vpc-endpoint-service")},
	"ec2:DeleteVpcEndpointServiceConfigurations":        {on("ec2:vpc-endpoint-service")},
	"ec2:DeleteVpcEndpoints":                            {on("ec2:vpc-endpoint")},
	"ec2:ModifyVpcEndpoint":                             {on("ec2:vpc-endpoint"), on("ec2:subnet"), on("ec2:security-group")},
	"ec2:ModifyVpcEndpointServiceConfiguration":         {on("ec2:vpc-endpoint-service")},
	"ec2:ModifyVpcEndpointServicePermissions":           {on("ec2:vpc-endpoint-service")},
	"ec2:RejectVpcEndpointConnections":                  {on("ec2:vpc-endpoint-service")},
	"ec2:StartVpcEndpointServicePrivateDnsVerification": {on("ec2:vpc-endpoint-service")},
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
var compute = map[string][]target{
	"ec2:CreateLaunchTemplate":        {made("ec2:launch-template")},
	"ec2:CreateLaunchTemplateVersion": {on("ec2:launch-template")},
	"ec2:DeleteLaunchTemplate":        {on("ec2:launch-template")},
	"ec2:ModifyLaunchTemplate":        {on("ec2:launch-template")},

	"autoscaling:CancelInstanceRefresh":               {on("autoscaling:autoScalingGroup")},
	"autoscaling:CreateAutoScalingGroup":              {made("autoscaling:autoScalingGroup")},
	"autoscaling:CreateOrUpdateTags":                  {tagged("autoscaling:autoScalingGroup")},
	"autoscaling:DeleteAutoScalingGroup":              {on("autoscaling:autoScalingGroup")},
	"autoscaling:DeleteTags":                          {tagged("autoscaling:autoScalingGroup")},
	"autoscaling:StartInstanceRefresh":                {on("autoscaling:autoScalingGroup")},
	"autoscaling:UpdateAutoScalingGroup":              {on("autoscaling:autoScalingGroup")},
	"autoscaling:TerminateInstanceInAutoScalingGroup": {on("autoscaling:autoScalingGroup")},

	"ssm:GetParameter": {made("ssm:parameter")},
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
var containers = map[string][]target{
	"ecs:ContinueServiceDeployment":   {on("ecs:service"), on("ecs:service-deployment")},
	"ecs:CreateCapacityProvider":      {made("ecs:capacity-provider")},
	"ecs:CreateCluster":               {made("ecs:cluster")},
	"ecs:CreateService":               {made("ecs:service")},
	"ecs:DeleteCapacityProvider":      {on("ecs:capacity-provider")},
	"ecs:DeleteCluster":               {on("ecs:cluster")},
	"ecs:DeleteService":               {on("ecs:service")},
	"ecs:DeregisterTaskDefinition":    nil,
	"ecs:PutClusterCapacityProviders": {on("ecs:cluster")},
	"ecs:RegisterTaskDefinition":      {made("ecs:task-definition")},
	"ecs:StopServiceDeployment":       {on("ecs:service"), on("ecs:service-deployment")},
	"ecs:TagResource":                 {tagged("ecs:any")},
	"ecs:UntagResource":               {on("ecs:any")},
	"ecs:UpdateCapacityProvider":      {on("ecs:capacity-provider")},
	"ecs:UpdateCluster":               {on("ecs:cluster")},
	"ecs:UpdateService":               {on("ecs:service")},

	"application-autoscaling:DeleteScalingPolicy":      {on("application-autoscaling:ScalableTarget")},
	"application-autoscaling:DeregisterScalableTarget": {on("application-autoscaling:ScalableTarget")},
	"application-autoscaling:ListTagsForResource":      {on("application-autoscaling:ScalableTarget")},
	"application-autoscaling:PutScalingPolicy":         {on("application-autoscaling:ScalableTarget")},
	"application-autoscaling:RegisterScalableTarget":   {either("application-autoscaling:ScalableTarget")},
	"application-autoscaling:TagResource":              {tagged("application-autoscaling:ScalableTarget")},
	"application-autoscaling:UntagResource":            {on("application-autoscaling:ScalableTarget")},
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_elasticloadbalancingv2.html
// A listener is decided on by its load balancer, and a rule by its listener.
var balancing = map[string][]target{
	"elasticloadbalancing:AddTags":                      {tagged("elasticloadbalancing:any")},
	"elasticloadbalancing:CreateListener":               {tagged("elasticloadbalancing:loadbalancer")},
	"elasticloadbalancing:CreateLoadBalancer":           {made("elasticloadbalancing:loadbalancer")},
	"elasticloadbalancing:CreateRule":                   {tagged("elasticloadbalancing:listener")},
	"elasticloadbalancing:CreateTargetGroup":            {made("elasticloadbalancing:targetgroup")},
	"elasticloadbalancing:DeleteListener":               {on("elasticloadbalancing:listener")},
	"elasticloadbalancing:DeleteLoadBalancer":           {on("elasticloadbalancing:loadbalancer")},
	"elasticloadbalancing:DeleteRule":                   {on("elasticloadbalancing:listener-rule")},
	"elasticloadbalancing:DeleteTargetGroup":            {on("elasticloadbalancing:targetgroup")},
	"elasticloadbalancing:DeregisterTargets":            {on("elasticloadbalancing:targetgroup")},
	"elasticloadbalancing:ModifyListener":               {on("elasticloadbalancing:listener")},
	"elasticloadbalancing:ModifyLoadBalancerAttributes": {on("elasticloadbalancing:loadbalancer")},
	"elasticloadbalancing:ModifyRule":                   {on("elasticloadbalancing:listener-rule")},
	"elasticloadbalancing:ModifyTargetGroup":            {on("elasticloadbalancing:targetgroup")},
	"elasticloadbalancing:ModifyTargetGroupAttributes":  {on("elasticloadbalancing:targetgroup")},
	"elasticloadbalancing:RegisterTargets":              {on("elasticloadbalancing:targetgroup")},
	"elasticloadbalancing:RemoveTags":                   {on("elasticloadbalancing:any")},
	"elasticloadbalancing:SetRulePriorities":            {on("elasticloadbalancing:listener-rule")},
	"elasticloadbalancing:SetSecurityGroups":            {on("elasticloadbalancing:loadbalancer")},
	"elasticloadbalancing:SetSubnets":                   {on("elasticloadbalancing:loadbalancer")},

	"wafv2:AssociateWebACL":      {on("wafv2:webacl"), on("wafv2:loadbalancer")},
	"wafv2:DisassociateWebACL":   {on("wafv2:loadbalancer")},
	"wafv2:GetWebACL":            {on("wafv2:webacl")},
	"wafv2:GetWebACLForResource": nil,
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
var identity = map[string][]target{
	"iam:AddRoleToInstanceProfile":      {on("iam:instance-profile")},
	"iam:AttachRolePolicy":              {on("iam:role")},
	"iam:CreateInstanceProfile":         {made("iam:instance-profile")},
	"iam:CreateRole":                    {made("iam:role")},
	"iam:DeleteInstanceProfile":         {on("iam:instance-profile")},
	"iam:DeleteRole":                    {on("iam:role")},
	"iam:DeleteRolePermissionsBoundary": {on("iam:role")},
	"iam:DeleteRolePolicy":              {on("iam:role")},
	"iam:DetachRolePolicy":              {on("iam:role")},
	"iam:PutRolePermissionsBoundary":    {on("iam:role")},
	"iam:PutRolePolicy":                 {on("iam:role")},
	"iam:RemoveRoleFromInstanceProfile": {on("iam:instance-profile")},
	"iam:TagInstanceProfile":            {tagged("iam:instance-profile")},
	"iam:TagRole":                       {tagged("iam:role")},
	"iam:UntagInstanceProfile":          {on("iam:instance-profile")},
	"iam:UntagRole":                     {on("iam:role")},
	"iam:UpdateAssumeRolePolicy":        {on("iam:role")},
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
// Creations are decided on what they name as well: a replication group on its subnet and parameter group.
var caches = map[string][]target{
	"elasticache:AddTagsToResource":                        {tagged("elasticache:any")},
	"elasticache:CreateCacheParameterGroup":                {made("elasticache:parametergroup")},
	"elasticache:CreateCacheSubnetGroup":                   {made("elasticache:subnetgroup")},
	"elasticache:CreateReplicationGroup":                   {made("elasticache:replicationgroup"), on("elasticache:parametergroup"), on("elasticache:subnetgroup"), on("elasticache:usergroup")},
	"elasticache:CreateServerlessCache":                    {made("elasticache:serverlesscache"), on("elasticache:usergroup")},
	"elasticache:CreateUser":                               {made("elasticache:user")},
	"elasticache:CreateUserGroup":                          {made("elasticache:usergroup"), on("elasticache:user")},
	"elasticache:DecreaseReplicaCount":                     {on("elasticache:replicationgroup")},
	"elasticache:DeleteCacheParameterGroup":                {on("elasticache:parametergroup")},
	"elasticache:DeleteCacheSubnetGroup":                   {on("elasticache:subnetgroup")},
	"elasticache:DeleteReplicationGroup":                   {on("elasticache:replicationgroup")},
	"elasticache:DeleteServerlessCache":                    {on("elasticache:serverlesscache")},
	"elasticache:DeleteUser":                               {on("elasticache:user")},
	"elasticache:DeleteUserGroup":                          {on("elasticache:usergroup")},
	"elasticache:IncreaseReplicaCount":                     {on("elasticache:replicationgroup")},
	"elasticache:ModifyCacheParameterGroup":                {on("elasticache:parametergroup")},
	"elasticache:ModifyCacheSubnetGroup":                   {on("elasticache:subnetgroup")},
	"elasticache:ModifyReplicationGroup":                   {on("elasticache:replicationgroup"), on("elasticache:parametergroup"), on("elasticache:usergroup")},
	"elasticache:ModifyReplicationGroupShardConfiguration": {on("elasticache:replicationgroup")},
	"elasticache:ModifyServerlessCache":                    {on("elasticache:serverlesscache"), on("elasticache:usergroup")},
	"elasticache:ModifyUser":                               {on("elasticache:user")},
	"elasticache:ModifyUserGroup":                          {on("elasticache:usergroup"), on("elasticache:user")},
	"elasticache:RemoveTagsFromResource":                   {on("elasticache:any")},
}

// The pages of Lambda, CloudWatch Logs, Amazon S3, Secrets Manager, Cloud Map and Certificate Manager.
var others = map[string][]target{
	"lambda:CreateFunction":              {made("lambda:function")},
	"lambda:DeleteFunction":              {on("lambda:function")},
	"lambda:GetFunction":                 {on("lambda:function")},
	"lambda:GetFunctionConfiguration":    {made("lambda:function")}, // which may be one that was only declared
	"lambda:InvokeFunction":              {on("lambda:function")},
	"lambda:TagResource":                 {tagged("lambda:function")},
	"lambda:UntagResource":               {on("lambda:function")},
	"lambda:UpdateFunctionCode":          {on("lambda:function")},
	"lambda:UpdateFunctionConfiguration": {on("lambda:function")},

	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
	// A key's ARN is what the request calls it by.
	"kms:DescribeKey": {made("kms:key")},

	"logs:CreateLogGroup":      {made("logs:log-group")},
	"logs:DeleteLogGroup":      {on("logs:log-group")},
	"logs:ListTagsForResource": {on("logs:log-group")},
	"logs:PutRetentionPolicy":  {on("logs:log-group")},
	"logs:TagResource":         {tagged("logs:log-group")},
	"logs:UntagResource":       {on("logs:log-group")},

	"s3:CreateBucket":               {made("s3:bucket")},
	"s3:GetBucketOwnershipControls": {on("s3:bucket")},
	"s3:GetBucketPublicAccessBlock": {on("s3:bucket")},
	"s3:GetBucketTagging":           {on("s3:bucket")},
	"s3:ListBucket":                 {on("s3:bucket")},
	"s3:PutBucketOwnershipControls": {on("s3:bucket")},
	"s3:PutBucketPublicAccessBlock": {on("s3:bucket")},
	"s3:PutBucketTagging":           {on("s3:bucket")},

	"secretsmanager:CreateSecret":   {made("secretsmanager:secret")},
	"secretsmanager:DeleteSecret":   {on("secretsmanager:secret")},
	"secretsmanager:DescribeSecret": {on("secretsmanager:secret")},
	"secretsmanager:GetSecretValue": {on("secretsmanager:secret")},
	"secretsmanager:PutSecretValue": {on("secretsmanager:secret")},
	"secretsmanager:RestoreSecret":  {on("secretsmanager:secret")},
	"secretsmanager:TagResource":    {tagged("secretsmanager:secret")},
	"secretsmanager:UntagResource":  {on("secretsmanager:secret")},
	"secretsmanager:UpdateSecret":   {on("secretsmanager:secret")},

	"servicediscovery:CreateHttpNamespace": nil,
	"servicediscovery:DeleteNamespace":     {on("servicediscovery:namespace")},
	"servicediscovery:TagResource":         {tagged("servicediscovery:namespace")},
	"servicediscovery:UntagResource":       {on("servicediscovery:namespace")},
	"servicediscovery:UpdateHttpNamespace": {on("servicediscovery:namespace")},

	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html
	"acm:AddTagsToCertificate":      {tagged("acm:certificate")},
	"acm:DeleteCertificate":         {on("acm:certificate")},
	"acm:DescribeCertificate":       {on("acm:certificate")},
	"acm:ListTagsForCertificate":    {on("acm:certificate")},
	"acm:RemoveTagsFromCertificate": {on("acm:certificate")},
	"acm:RequestCertificate":        {made("acm:certificate")},

	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
	"route53:ChangeResourceRecordSets": {on("route53:hostedzone")},
	"route53:GetHostedZone":            {on("route53:hostedzone")},
	"route53:ListResourceRecordSets":   {on("route53:hostedzone")},

	// A queue's ARN follows from what the request calls it, as that of something new does.
	"sqs:ChangeMessageVisibility": {made("sqs:queue")},
	"sqs:DeleteMessage":           {made("sqs:queue")},
	"sqs:GetQueueAttributes":      {made("sqs:queue")},
	"sqs:GetQueueUrl":             {made("sqs:queue")},
	"sqs:ReceiveMessage":          {made("sqs:queue")},
	"sqs:SendMessage":             {made("sqs:queue")},
}

// reads change nothing, and nobody restricts them by a resource here.
var reads = []string{
	"acm:ListCertificates", "route53:GetChange", "route53:ListHostedZones",
	"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
	"autoscaling:DescribeAutoScalingGroups", "cloudwatch:DescribeAlarms", "autoscaling:DescribeInstanceRefreshes",
	"ec2:DescribeAddresses", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstanceTypes", "ec2:DescribeInternetGateways",
	"ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
	"ec2:DescribeNetworkInterfaces", "ec2:DescribeRegions", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
	"ec2:DescribeSubnets", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpointConnections", "ec2:DescribeVpcEndpointServiceConfigurations",
	"ec2:DescribeVpcEndpointServicePermissions", "ec2:DescribeVpcEndpointServices", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs",
	"ecs:DescribeCapacityProviders", "ecs:DescribeClusters", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions",
	"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:ListServiceDeployments", "ecs:ListTaskDefinitions",
	"elasticache:DescribeCacheClusters", "elasticache:DescribeCacheParameterGroups", "elasticache:DescribeCacheParameters",
	"elasticache:DescribeCacheSubnetGroups", "elasticache:DescribeReplicationGroups", "elasticache:DescribeServerlessCaches",
	"elasticache:DescribeUserGroups", "elasticache:DescribeUsers", "elasticache:ListTagsForResource",
	"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancers",
	"elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes",
	"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
	"iam:GetAccountAuthorizationDetails", "iam:GetInstanceProfile", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
	"iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
	"logs:DescribeLogGroups",
	"servicediscovery:GetNamespace", "servicediscovery:GetOperation", "servicediscovery:ListNamespaces", "servicediscovery:ListTagsForResource",
	"tag:GetResources",
}
