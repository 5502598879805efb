package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Conventions of this file. Enums at the top of spec have schema defaults. Blocks and what lies in them have
// none: a default that the API server stores would collide with a later apply of another branch. What
// absence means is in resolve.go, and said in each comment.
//
// Blocks that mean something when they are empty (`loadBalancer: {}`) are atomic: of a granular one that an
// apply leaves empty, server-side apply makes null, which is refused
// (https://github.com/kubernetes/kubernetes/issues/135841).
//
// Comments are what users read in `kubectl explain`. Every string, list and map that a rule looks
// at is bounded, so that the rules' cost stays far inside the API server's budget.

// PortkeyGateway is a Portkey AI gateway on Amazon ECS: everything it needs in one AWS account and
// region, from the VPC to the load balancer. The shortest manifest is the recommended deployment:
// region, credentials, log bucket and `loadBalancer: {}`.
//
// The API server drops fields it doesn't know without a word unless the client asks for strict
// validation; kubectl does by default (`--validate=strict`), other clients have to.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=portkeygateways,singular=portkeygateway,shortName=pkgw,categories=portkey,scope=Namespaced
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.rolloutSummary`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Tasks",type=string,JSONPath=`.status.tasks`,description="Running and desired gateway tasks"
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.endpoints.gateway`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.region`,priority=1
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.status.accountID`,priority=1
// +kubebuilder:printcolumn:name="Orgs",type=string,JSONPath=`.spec.organisations`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:validation:XValidation:rule=`self.metadata.name.matches(r'^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')`,message="metadata.name: use at most 63 lower-case letters, digits and hyphens, without dots: AWS names are made from it, and AWS limits the ownership tag that carries it"
// +kubebuilder:validation:XValidation:rule=`has(self.spec.namePrefix) && self.spec.namePrefix != "" || !self.metadata.name.matches(r'^(aws|ecs|fargate|internal-|sg-)')`,message="metadata.name: AWS refuses object names that begin with aws, ecs, fargate, internal- or sg-: choose another name, such as portkey-gateway, or set spec.namePrefix"
type PortkeyGateway struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is the deployment as it should be.
	// +required
	Spec PortkeyGatewaySpec `json:"spec"`

	// The default tells kstatus that nobody has looked at a new resource yet: one without a status it
	// calls Current.

	// Status is the deployment as the operator last saw it. It can be lost without harm: everything in
	// it is found again in AWS.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status PortkeyGatewayStatus `json:"status,omitzero"`
}

// PortkeyGatewayList is a list of gateways.
//
// +kubebuilder:object:root=true
type PortkeyGatewayList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PortkeyGateway `json:"items"`
}

// Mode is what the gateway's tasks serve.
// +kubebuilder:validation:Enum=Gateway;MCP;All
type Mode string

// The modes.
const (
	// ModeGateway serves the AI gateway.
	ModeGateway Mode = "Gateway"
	// ModeMCP serves the MCP gateway.
	ModeMCP Mode = "MCP"
	// ModeAll serves both, each on a port of its own.
	ModeAll Mode = "All"
)

// ManagementPolicy is what the operator may do in AWS.
// +kubebuilder:validation:Enum=Reconcile;Observe;Paused
type ManagementPolicy string

// The management policies.
const (
	// ManagementReconcile makes AWS as the spec says, and keeps it so.
	ManagementReconcile ManagementPolicy = "Reconcile"
	// ManagementObserve reads AWS and writes what it would do to status.plan.
	ManagementObserve ManagementPolicy = "Observe"
	// ManagementPaused neither reads nor writes AWS.
	ManagementPaused ManagementPolicy = "Paused"
)

// DeletionPolicy is what becomes of the AWS objects when the resource is deleted.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

// The deletion policies.
const (
	// DeletionDelete deletes every AWS object of the deployment.
	DeletionDelete DeletionPolicy = "Delete"
	// DeletionRetain leaves every AWS object in place, tagged as it is.
	DeletionRetain DeletionPolicy = "Retain"
)

// PortkeyGatewaySpec is the deployment as it should be.
//
// +kubebuilder:validation:XValidation:rule=`(has(self.namePrefix) ? self.namePrefix : "") == (has(oldSelf.namePrefix) ? oldSelf.namePrefix : "")`,fieldPath=".namePrefix",message="namePrefix can't be set, changed or removed later, since AWS objects can't be renamed: leave it as it was, or create another PortkeyGateway"
// +kubebuilder:validation:XValidation:rule=`self.?network.?existing.hasValue() == oldSelf.?network.?existing.hasValue()`,fieldPath=".network",message="network can't change between vpc (which is what its absence means) and existing: leave it as it was, or create another PortkeyGateway"
// +kubebuilder:validation:XValidation:rule=`!self.?network.?existing.hasValue() || !oldSelf.?network.?existing.hasValue() || self.network.existing.vpcID == oldSelf.network.existing.vpcID`,fieldPath=".network.existing.vpcID",message="network.existing.vpcID can't change: leave it as it was, or create another PortkeyGateway in the other VPC"
// +kubebuilder:validation:XValidation:rule=`(has(self.network) && has(self.network.vpc) && has(self.network.vpc.cidr) ? self.network.vpc.cidr : '10.0.0.0/16') == (has(oldSelf.network) && has(oldSelf.network.vpc) && has(oldSelf.network.vpc.cidr) ? oldSelf.network.vpc.cidr : '10.0.0.0/16')`,message="network.vpc.cidr can't change (10.0.0.0/16 where it isn't set): leave it as it was, or create another PortkeyGateway"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$') || !has(self.credentials.license.secretARN) || !self.credentials.license.secretARN.matches(r'^arn:[^:]*:[^:]*:[^:]+:') || self.credentials.license.secretARN.split(':')[3] == self.region`,fieldPath=".credentials.license.secretARN",messageExpression=`'the secret must lie in ' + self.region + ', the region of the deployment: replicate it there and give the ARN of the replica'`,message="the secret must lie in spec.region: replicate it there and give the ARN of the replica"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$') || !has(self.credentials.registry.secretARN) || !self.credentials.registry.secretARN.matches(r'^arn:[^:]*:[^:]*:[^:]+:') || self.credentials.registry.secretARN.split(':')[3] == self.region`,fieldPath=".credentials.registry.secretARN",messageExpression=`'the secret must lie in ' + self.region + ', the region of the deployment: replicate it there and give the ARN of the replica'`,message="the secret must lie in spec.region: replicate it there and give the ARN of the replica"
// +kubebuilder:validation:XValidation:rule=`!self.?cache.?elastiCache.?serverless.hasValue() || (self.?network.?existing.hasValue() ? size(self.network.existing.privateSubnetIDs) >= 2 : self.?network.?vpc.?zones.orValue(2) >= 2)`,fieldPath=".cache.elastiCache.serverless",message="a serverless cache needs private subnets in two availability zones: raise network.vpc.zones to 2 (or name another subnet in network.existing.privateSubnetIDs), or use cache.elastiCache.managed"
// +kubebuilder:validation:XValidation:rule=`!has(self.loadBalancer) || self.?network.?existing.hasValue() || self.?network.?vpc.?zones.orValue(2) >= 2`,fieldPath=".network.vpc.zones",message="a load balancer stands in two zones at least: write 2 or more, or leave loadBalancer out"
// +kubebuilder:validation:XValidation:rule=`!has(self.loadBalancer) || !self.?network.?existing.hasValue() || self.loadBalancer.?scheme.orValue('Internal') == 'InternetFacing' || size(self.network.existing.privateSubnetIDs) >= 2`,fieldPath=".network.existing.privateSubnetIDs",message="an internal load balancer needs two private subnets at least, in different zones: add another, or leave loadBalancer out"
// +kubebuilder:validation:XValidation:rule=`!has(self.loadBalancer) || !self.?network.?existing.hasValue() || self.loadBalancer.?scheme.orValue('Internal') == 'Internal' || has(self.network.existing.publicSubnetIDs) && size(self.network.existing.publicSubnetIDs) >= 2`,fieldPath=".network.existing.publicSubnetIDs",message="an internet-facing load balancer needs two public subnets at least, in different zones: write their IDs to publicSubnetIDs, or set loadBalancer.scheme to Internal"
// +kubebuilder:validation:XValidation:rule=`self.?capacity.?existing.hasValue() == oldSelf.?capacity.?existing.hasValue()`,fieldPath=".capacity",message="tasks can't move between clusters, so capacity can't change between existing and a cluster of its own (ec2, fargate): leave it as it was, or create another PortkeyGateway and move over"
// +kubebuilder:validation:XValidation:rule=`!self.?capacity.?existing.hasValue() || !oldSelf.?capacity.?existing.hasValue() || self.capacity.existing.cluster == oldSelf.capacity.existing.cluster`,fieldPath=".capacity.existing.cluster",message="capacity.existing.cluster can't change, since tasks can't move between clusters: leave it as it was, or create another PortkeyGateway in the other cluster"
// +kubebuilder:validation:XValidation:rule=`!self.?capacity.?existing.hasValue() || self.?network.?existing.hasValue()`,fieldPath=".capacity.existing",message="capacity.existing needs network.existing, since the instances of a cluster that is there already lie in a VPC that is there already: write that VPC to network.existing, or choose ec2 or fargate"
// +kubebuilder:validation:XValidation:rule=`!self.?capacity.?existing.hasValue() || !self.?cluster.?containerInsights.hasValue()`,fieldPath=".cluster",message="a cluster that is there already is never changed: remove cluster, or let capacity be ec2 or fargate, which make a cluster of their own"
// +kubebuilder:validation:XValidation:rule=`self.?mode.orValue('Gateway') != 'All' || self.?loadBalancer.?type.orValue('Network') == 'Application'`,fieldPath=".mode",message="mode All needs an Application Load Balancer, which tells the two gateways apart: write loadBalancer: {type: Application, hosts: {gateway: gateway.example.com, mcp: mcp.example.com}}"
// +kubebuilder:validation:XValidation:rule=`self.?mode.orValue('Gateway') != 'All' || !has(self.loadBalancer) || self.loadBalancer.?hosts.?gateway.orValue("") != "" && self.loadBalancer.?hosts.?mcp.orValue("") != "" || self.loadBalancer.?paths.?mcp.orValue("") != "" && self.loadBalancer.?hosts.?mcp.orValue("") == ""`,fieldPath=".loadBalancer",message="with mode All write two hosts to loadBalancer.hosts.gateway and hosts.mcp, or, for one host or any, loadBalancer.paths.mcp, such as /mcp: then the AI gateway gets everything else, or what is under paths.gateway"
// +kubebuilder:validation:XValidation:rule=`self.?mode.orValue('Gateway') != 'All' || !has(self.loadBalancer) || self.loadBalancer.?hosts.?gateway.orValue("") != "" && self.loadBalancer.?hosts.?mcp.orValue("") != "" || self.loadBalancer.?paths.?gateway.orValue("") != "" || !has(self.loadBalancer.paths) || !has(self.loadBalancer.paths.mcp) || !self.loadBalancer.paths.mcp.matches(r'^/v1(/|$)')`,fieldPath=".loadBalancer.paths.mcp",message="/v1 is where the AI gateway's own API begins: write another path for the MCP gateway, such as /mcp, or give the AI gateway a path or host of its own"
// +kubebuilder:validation:XValidation:rule=`self.?mode.orValue('Gateway') != 'Gateway' || !has(self.loadBalancer) || self.loadBalancer.?hosts.?mcp.orValue("") == "" && self.loadBalancer.?paths.?mcp.orValue("") == ""`,fieldPath=".loadBalancer",message="hosts.mcp and paths.mcp are the MCP gateway's, which mode Gateway doesn't serve: remove them, or set mode to MCP or All"
// +kubebuilder:validation:XValidation:rule=`self.?mode.orValue('Gateway') != 'MCP' || !has(self.loadBalancer) || self.loadBalancer.?hosts.?gateway.orValue("") == "" && self.loadBalancer.?paths.?gateway.orValue("") == ""`,fieldPath=".loadBalancer",message="hosts.gateway and paths.gateway are the AI gateway's, which mode MCP doesn't serve: write hosts.mcp and paths.mcp instead, or set mode to Gateway or All"
// +kubebuilder:validation:XValidation:rule=`self.?mode.orValue('Gateway') == 'Gateway' || self.?mcp.?baseURL.orValue("") != "" || self.?loadBalancer.?hosts.?mcp.orValue("") != "" || self.?mode.orValue('Gateway') == 'All' && self.?loadBalancer.?hosts.?gateway.orValue("") != "" && self.?loadBalancer.?paths.?mcp.orValue("") != ""`,fieldPath=".mcp.baseURL",message="modes MCP and All need the address at which clients find the MCP gateway: write loadBalancer.hosts.mcp, or hosts.gateway with paths.mcp, or mcp.baseURL, such as https://mcp.example.com"
// +kubebuilder:validation:XValidation:rule=`self.?gateway.?port.orValue(8787) != self.?mcp.?port.orValue(8788)`,fieldPath=".mcp.port",message="the two gateways need ports of their own (gateway.port is 8787 and mcp.port 8788 where they aren't set): write two different ones"
// +kubebuilder:validation:XValidation:rule=`self.?loadBalancer.?scheme.orValue('Internal') == 'Internal' || has(self.loadBalancer.allowedCIDRs) && size(self.loadBalancer.allowedCIDRs) > 0 || self.?controlPlane.?inbound.?type.orValue('None') == 'AllowList'`,fieldPath=".loadBalancer.allowedCIDRs",message="say who may connect from the internet, as allowedCIDRs: [203.0.113.0/24], or [0.0.0.0/0] for everybody, or, for Portkey's control plane alone, by controlPlane.inbound.type AllowList"
// +kubebuilder:validation:XValidation:rule=`self.?controlPlane.?inbound.?type.orValue('None') != 'AllowList' || self.?loadBalancer.?scheme.orValue('Internal') == 'InternetFacing'`,fieldPath=".controlPlane.inbound.type",message="AllowList lets Portkey's control plane in from the internet: write loadBalancer: {scheme: InternetFacing}, or remove controlPlane.inbound"
// +kubebuilder:validation:XValidation:rule=`self.?controlPlane.?inbound.?type.orValue('None') != 'PrivateLink' || has(self.loadBalancer)`,fieldPath=".controlPlane.inbound.type",message="by PrivateLink the control plane connects to a load balancer: write loadBalancer: {}, or remove controlPlane.inbound"
// +kubebuilder:validation:XValidation:rule=`self.?controlPlane.?inbound.?type.orValue('None') != 'PrivateLink' || oldSelf.?controlPlane.?inbound.?type.orValue('None') != 'PrivateLink' || !has(self.loadBalancer) || !has(oldSelf.loadBalancer) || (self.loadBalancer.?type.orValue('Network') == 'Application') == (oldSelf.loadBalancer.?type.orValue('Network') == 'Application') && (self.loadBalancer.?scheme.orValue('Internal') == 'InternetFacing') == (oldSelf.loadBalancer.?scheme.orValue('Internal') == 'InternetFacing')`,fieldPath=".loadBalancer",message="AWS takes no load balancer from an endpoint service that somebody is connected to: leave type and scheme as they were, or set controlPlane.inbound.type to None before, which disconnects Portkey, and to PrivateLink again afterwards"
// +kubebuilder:validation:XValidation:rule=`self.?controlPlane.?inbound.?type.orValue('None') != 'PrivateLink' || !self.region.matches('^(cn-|us-gov-|eusc|us-iso|eu-iso)') || self.?controlPlane.?inbound.?privateLink.?allowedPrincipals.hasValue() && size(self.controlPlane.inbound.privateLink.allowedPrincipals) > 0`,fieldPath=".controlPlane.inbound",message="Portkey's own account is in another AWS partition than spec.region, and AWS PrivateLink doesn't lead there: name principals of this one in privateLink.allowedPrincipals, or choose another type"
// +kubebuilder:validation:XValidation:rule=`!has(self.controlPlane) || !has(self.controlPlane.inbound) || !has(self.controlPlane.inbound.privateLink) || !has(self.controlPlane.inbound.privateLink.allowedPrincipals) || self.controlPlane.inbound.privateLink.allowedPrincipals.all(arn, !arn.startsWith('arn:') || arn.startsWith(self.region.startsWith('cn-') ? 'arn:aws-cn:' : self.region.startsWith('us-gov-') ? 'arn:aws-us-gov:' : self.region.matches('^(eusc|us-iso|eu-iso)') ? 'arn:aws-' : 'arn:aws:'))`,fieldPath=".controlPlane.inbound.privateLink.allowedPrincipals",message="these ARNs are of another AWS partition than spec.region: write those of the region's own, which begin with arn:aws-cn: in China, arn:aws-us-gov: in GovCloud and arn:aws: elsewhere"
// +kubebuilder:validation:XValidation:rule=`self.?gateway.?rollout.?strategy.orValue('Rolling') == 'Rolling' || has(self.loadBalancer)`,fieldPath=".gateway.rollout.strategy",message="BlueGreen, Canary and Linear move traffic by a load balancer: write loadBalancer: {}, or set strategy to Rolling"
// +kubebuilder:validation:XValidation:rule=`!self.?gateway.?autoscaling.?targetRequestsPerTask.hasValue() || self.?loadBalancer.?type.orValue('Network') == 'Application' && self.?gateway.?rollout.?strategy.orValue('Rolling') == 'Rolling' && self.?mode.orValue('Gateway') != 'All'`,fieldPath=".gateway.autoscaling.targetRequestsPerTask",message="AWS counts requests of one target group of an Application Load Balancer: use targetCPUPercent or targetMemoryPercent instead, or set loadBalancer.type to Application, rollout.strategy to Rolling and mode to Gateway or MCP"
// +kubebuilder:validation:XValidation:rule=`!self.storage.?create.orValue(false) || self.storage.?region.orValue("") in ["", self.region]`,fieldPath=".storage.region",message="the bucket is made in the deployment's region: remove storage.region, or make the bucket elsewhere yourself and remove storage.create"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.loadBalancer) || !has(self.loadBalancer.certificateARN) || !self.loadBalancer.certificateARN.contains(':acm:') || self.loadBalancer.certificateARN.contains(':acm:' + self.region + ':')`,fieldPath=".loadBalancer.certificateARN",messageExpression=`'the certificate must lie in ' + self.region + ', the region of the deployment: request or import it there and give that ARN'`,message="the certificate must lie in spec.region: request or import it there and give that ARN"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.loadBalancer) || !has(self.loadBalancer.wafWebACLARN) || !self.loadBalancer.wafWebACLARN.contains(':wafv2:') || self.loadBalancer.wafWebACLARN.contains(':wafv2:' + self.region + ':')`,fieldPath=".loadBalancer.wafWebACLARN",messageExpression=`'the web ACL must lie in ' + self.region + ', the region of the deployment: create it there and give that ARN'`,message="the web ACL must lie in spec.region: create it there and give that ARN"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.cache) || !has(self.cache.elastiCache) || !has(self.cache.elastiCache.auth) || !has(self.cache.elastiCache.auth.secretARN) || !self.cache.elastiCache.auth.secretARN.contains(':secretsmanager:') || self.cache.elastiCache.auth.secretARN.contains(':secretsmanager:' + self.region + ':')`,fieldPath=".cache.elastiCache.auth.secretARN",messageExpression=`'the secret must lie in ' + self.region + ', the region of the deployment: replicate it there and give the ARN of the replica'`,message="the secret must lie in spec.region: replicate it there and give the ARN of the replica"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.gateway) || !has(self.gateway.secretEnv) || self.gateway.secretEnv.all(k, !has(self.gateway.secretEnv[k].secretARN) || !self.gateway.secretEnv[k].secretARN.contains(':secretsmanager:') || self.gateway.secretEnv[k].secretARN.contains(':secretsmanager:' + self.region + ':'))`,fieldPath=".gateway.secretEnv",messageExpression=`'these secrets must lie in ' + self.region + ', the region of the deployment: replicate them there and give the ARNs of the replicas'`,message="these secrets must lie in spec.region: replicate them there and give the ARNs of the replicas"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.dataService) || !has(self.dataService.secretEnv) || self.dataService.secretEnv.all(k, !has(self.dataService.secretEnv[k].secretARN) || !self.dataService.secretEnv[k].secretARN.contains(':secretsmanager:') || self.dataService.secretEnv[k].secretARN.contains(':secretsmanager:' + self.region + ':'))`,fieldPath=".dataService.secretEnv",messageExpression=`'these secrets must lie in ' + self.region + ', the region of the deployment: replicate them there and give the ARNs of the replicas'`,message="these secrets must lie in spec.region: replicate them there and give the ARNs of the replicas"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.secrets) || !has(self.secrets.kmsKeyARN) || !self.secrets.kmsKeyARN.contains(':kms:') || self.secrets.kmsKeyARN.contains(':kms:' + self.region + ':')`,fieldPath=".secrets.kmsKeyARN",messageExpression=`'the key must lie in ' + self.region + ', the region of the deployment: replicate it there, if it is a multi-Region key, and give the ARN of the replica, or take another'`,message="the key must lie in spec.region: take a key of that region"
// +kubebuilder:validation:XValidation:rule=`!has(self.gateway) || !has(self.gateway.taskRole) || !has(self.gateway.taskRole.policyARNs) || self.gateway.taskRole.policyARNs.all(arn, !arn.startsWith('arn:') || arn.startsWith(self.region.startsWith('cn-') ? 'arn:aws-cn:' : self.region.startsWith('us-gov-') ? 'arn:aws-us-gov:' : self.region.matches('^(eusc|us-iso|eu-iso)') ? 'arn:aws-' : 'arn:aws:'))`,fieldPath=".gateway.taskRole.policyARNs",message="these ARNs are of another AWS partition than spec.region: write those of the region's own, which begin with arn:aws-cn: in China, arn:aws-us-gov: in GovCloud and arn:aws: elsewhere"
// +kubebuilder:validation:XValidation:rule=`!has(self.dataService) || !has(self.dataService.taskRole) || !has(self.dataService.taskRole.policyARNs) || self.dataService.taskRole.policyARNs.all(arn, !arn.startsWith('arn:') || arn.startsWith(self.region.startsWith('cn-') ? 'arn:aws-cn:' : self.region.startsWith('us-gov-') ? 'arn:aws-us-gov:' : self.region.matches('^(eusc|us-iso|eu-iso)') ? 'arn:aws-' : 'arn:aws:'))`,fieldPath=".dataService.taskRole.policyARNs",message="these ARNs are of another AWS partition than spec.region: write those of the region's own, which begin with arn:aws-cn: in China, arn:aws-us-gov: in GovCloud and arn:aws: elsewhere"
// +kubebuilder:validation:XValidation:rule=`!has(self.bedrock) || !has(self.bedrock.assumeRoleARNs) || self.bedrock.assumeRoleARNs.all(arn, !arn.startsWith('arn:') || arn.startsWith(self.region.startsWith('cn-') ? 'arn:aws-cn:' : self.region.startsWith('us-gov-') ? 'arn:aws-us-gov:' : self.region.matches('^(eusc|us-iso|eu-iso)') ? 'arn:aws-' : 'arn:aws:'))`,fieldPath=".bedrock.assumeRoleARNs",message="these ARNs are of another AWS partition than spec.region: write those of the region's own, which begin with arn:aws-cn: in China, arn:aws-us-gov: in GovCloud and arn:aws: elsewhere"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'-[0-9]+$') || !has(self.gateway) || !has(self.gateway.rollout) || !has(self.gateway.rollout.hooks) || self.gateway.rollout.hooks.all(h, !has(h.lambda) || !h.lambda.functionARN.contains(':lambda:') || h.lambda.functionARN.contains(':lambda:' + self.region + ':'))`,fieldPath=".gateway.rollout.hooks",messageExpression=`'these functions must lie in ' + self.region + ', the region of the deployment: create them there and give those ARNs'`,message="these functions must lie in spec.region: create them there and give those ARNs"
// +kubebuilder:validation:XValidation:rule=`!has(self.gateway) || !has(self.gateway.rollout) || !has(self.gateway.rollout.hooks) || self.gateway.rollout.hooks.all(h, !has(h.lambda) || !has(h.lambda.roleARN) || !h.lambda.roleARN.startsWith('arn:') || h.lambda.roleARN.startsWith(self.region.startsWith('cn-') ? 'arn:aws-cn:' : self.region.startsWith('us-gov-') ? 'arn:aws-us-gov:' : self.region.matches('^(eusc|us-iso|eu-iso)') ? 'arn:aws-' : 'arn:aws:'))`,fieldPath=".gateway.rollout.hooks",message="these ARNs are of another AWS partition than spec.region: write those of the region's own, which begin with arn:aws-cn: in China, arn:aws-us-gov: in GovCloud and arn:aws: elsewhere"
// +kubebuilder:validation:XValidation:rule=`!has(self.gateway) || !has(self.gateway.rollout) || !has(self.gateway.rollout.hooks) || !has(self.loadBalancer) || self.loadBalancer.?certificateARN.orValue("") == "" || self.loadBalancer.?hosts.?gateway.orValue("") != "" || self.loadBalancer.?hosts.?mcp.orValue("") != "" || self.gateway.rollout.hooks.all(h, !has(h.httpProbe) || h.httpProbe.?host.orValue("") != "")`,fieldPath=".gateway.rollout.hooks",message="with a certificate, httpProbe needs a host name that the certificate is valid for: set httpProbe.host, or loadBalancer.hosts"
type PortkeyGatewaySpec struct {
	// Region is the AWS region of the deployment, as us-east-1. It can't change.
	// +required
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$')`,message="write the code of an AWS region, such as us-east-1, and no zone"
	// +kubebuilder:validation:XValidation:rule=`self == oldSelf`,message="region can't change: create another PortkeyGateway in the other region, then delete this one"
	Region string `json:"region"`

	// AccountID is the AWS account that the deployment belongs to, as "123456789012" (in quotes). It is
	// compared with the account of the operator's credentials before anything is written; another account
	// stalls the deployment. Not set: whichever account the credentials belong to, which then is pinned.
	// +optional
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[0-9]{12}$')`,message="write the twelve digits of an AWS account ID, in quotes and without hyphens, such as \"123456789012\""
	AccountID string `json:"accountID,omitempty"`

	// Mode is what the gateway's tasks serve. Gateway: the AI gateway, on gateway.port. MCP: the MCP gateway,
	// on mcp.port. All: both, behind an Application Load Balancer that tells them apart by
	// loadBalancer.hosts or loadBalancer.paths. It may change at any time.
	// +optional
	// +kubebuilder:default=Gateway
	Mode Mode `json:"mode,omitempty"`

	// Organisations are the IDs of the Portkey organisations that the gateway syncs. They are no secret and
	// reach the tasks as plain environment (ORGANISATIONS_TO_SYNC). Empty: the license secret's JSON key
	// ORGANISATIONS_TO_SYNC.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^[A-Za-z0-9_-]+$')`,message="write one organisation ID per list item: letters, digits, hyphens and underscores, no commas or spaces"
	Organisations []string `json:"organisations,omitempty"`

	// ManagementPolicy is what the operator may do in AWS. Reconcile: make and keep the deployment as this
	// spec says. Observe: only read, and write what would be done to status.plan. Paused: nothing at all.
	// Observe and Paused never write to AWS, on deletion neither: a deleted resource that still owns objects
	// then waits for Reconcile (or for deletionPolicy Retain) and says so.
	// +optional
	// +kubebuilder:default=Reconcile
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// DeletionPolicy is what becomes of the AWS objects when this resource is deleted. Delete: all go,
	// and the resource goes when the last one is gone. Retain: all stay as they are.
	// +optional
	// +kubebuilder:default=Delete
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// SyncInterval is how often AWS is compared with the spec and drift is repaired: 1m to 24h. Not set:
	// the manager's default, 5m unless it was started with another.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('1m') && duration(self) <= duration('24h')`,message="write a duration from 1m to 24h, such as 5m or 1h30m"
	SyncInterval *metav1.Duration `json:"syncInterval,omitempty"`

	// NamePrefix begins the names of all AWS objects. It is there for adopting what another tool has
	// named, and can't be set, changed or removed later. Not set: metadata.name.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$')`,message="write letters, digits and hyphens, beginning with a letter and not ending with a hyphen, such as portkey-gateway-dev"
	// +kubebuilder:validation:XValidation:rule=`!self.lowerAscii().matches(r'^(aws|ecs|fargate|internal-|sg-)')`,message="AWS refuses object names that begin with aws, ecs, fargate, internal- or sg-: write another prefix, such as portkey-gateway"
	NamePrefix string `json:"namePrefix,omitempty"`

	// Tags are put on every AWS object that takes tags, besides those of the operator: at most 40, keys up
	// to 128 and values up to 256 characters (letters, digits, spaces and _ . : / = + - @), as
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html has it. Tags that others put on the
	// objects stay.
	// +optional
	// +mapType=granular
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule=`self.all(k, size(k) <= 128 && k.matches(r'^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$'))`,message="write tag keys of 1 to 128 letters, digits, spaces and _ . : / = + - @"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, self[k].matches(r'^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$'))`,message="write tag values of letters, digits, spaces and _ . : / = + - @"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(?i:aws:)'))`,message="tag keys that begin with aws: belong to AWS: write another key"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.startsWith('ecs.portkey.ai/') && k != 'Name' && k != 'AmazonECSManaged')`,message="the tags ecs.portkey.ai/…, Name and AmazonECSManaged are set by the operator: write another key (names follow from metadata.name)"
	// +kubebuilder:validation:XValidation:rule=`self.all(a, !self.exists(b, a != b && a.lowerAscii() == b.lowerAscii()))`,message="IAM takes tag keys for the same that differ only in upper and lower case: write keys that differ in more than upper and lower case"
	Tags map[string]TagValue `json:"tags,omitempty"`

	// Credentials are the secrets of the deployment.
	// +required
	Credentials Credentials `json:"credentials"`

	// Secrets is how the secrets are kept that the operator makes in AWS Secrets Manager.
	// +optional
	Secrets *Secrets `json:"secrets,omitempty"`

	// Network is where the deployment runs: exactly one of its fields. The choice can't change. Not set: a VPC
	// of its own, 10.0.0.0/16 in two zones.
	// +optional
	Network *Network `json:"network,omitempty"`

	// Capacity is what the tasks run on: exactly one of its fields. Not set: EC2 instances of type
	// t4g.medium, one to three, two to begin with.
	// +optional
	Capacity *Capacity `json:"capacity,omitempty"`

	// Cluster is the deployment's own ECS cluster.
	// +optional
	Cluster *Cluster `json:"cluster,omitempty"`

	// Gateway is the gateway service.
	// +optional
	Gateway *Gateway `json:"gateway,omitempty"`

	// MCP is how the MCP gateway is reached, with mode MCP or All.
	// +optional
	MCP *MCP `json:"mcp,omitempty"`

	// DataService runs Portkey's data service beside the gateway: exports of logs and fine-tuning. Its
	// presence deploys it, `dataService: {}` is enough. Version 1.7.0 and later need a gateway of 2.8.0 or
	// later.
	// +optional
	// +structType=atomic
	DataService *DataService `json:"dataService,omitempty"`

	// Cache is the gateway's Redis: exactly one of its fields. Not set: the built-in one.
	// +optional
	Cache *Cache `json:"cache,omitempty"`

	// Storage is where logs, exports and fine-tuning files go.
	// +required
	Storage Storage `json:"storage"`

	// Bedrock lets the gateway call Amazon Bedrock with its own task role.
	// +optional
	Bedrock *Bedrock `json:"bedrock,omitempty"`

	// LoadBalancer gives the gateway an address for clients outside the ECS cluster. Its presence creates
	// one, `loadBalancer: {}` is enough; without it the gateway is reached through ECS Service Connect only.
	// +optional
	// +structType=atomic
	LoadBalancer *LoadBalancer `json:"loadBalancer,omitempty"`

	// ControlPlane is how the deployment and Portkey's control plane reach each other.
	// +optional
	ControlPlane *ControlPlane `json:"controlPlane,omitempty"`
}

// TagValue is the value of a tag.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// Credentials are the secrets of the deployment.
type Credentials struct {
	// License is the secret with the JSON keys PORTKEY_CLIENT_AUTH and, unless spec.organisations is set,
	// ORGANISATIONS_TO_SYNC.
	// +required
	License SecretSource `json:"license"`
	// Registry is the secret with the JSON keys username and password, for pulling the images
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html).
	// +required
	Registry SecretSource `json:"registry"`
}
