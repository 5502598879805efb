package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// LoadBalancerType is a type of load balancer.
// +kubebuilder:validation:Enum=Network;Application
type LoadBalancerType string

// The types of load balancer.
const (
	// LoadBalancerNetwork is a Network Load Balancer.
	LoadBalancerNetwork LoadBalancerType = "Network"
	// LoadBalancerApplication is an Application Load Balancer.
	LoadBalancerApplication LoadBalancerType = "Application"
)

// LoadBalancerScheme says from where a load balancer can be reached.
// +kubebuilder:validation:Enum=Internal;InternetFacing
type LoadBalancerScheme string

// From where a load balancer can be reached.
const (
	// LoadBalancerInternal is reached from inside the VPC and networks connected to it.
	LoadBalancerInternal LoadBalancerScheme = "Internal"
	// LoadBalancerInternetFacing is reached from the internet.
	LoadBalancerInternetFacing LoadBalancerScheme = "InternetFacing"
)

// ReplacementPolicy says what becomes of a change that needs another load balancer.
// +kubebuilder:validation:Enum=Refuse;Parallel
type ReplacementPolicy string

// What becomes of a change that needs another load balancer.
const (
	// ReplacementRefuse refuses it.
	ReplacementRefuse ReplacementPolicy = "Refuse"
	// ReplacementParallel brings up another load balancer beside the first, and removes that afterwards.
	ReplacementParallel ReplacementPolicy = "Parallel"
)

// LoadBalancer gives the gateway an address for clients outside the ECS cluster.
// +kubebuilder:validation:XValidation:rule=`self.?type.orValue('Network') == 'Application' || has(self.dns) || self.?certificate.?request.orValue(false) || self.?hosts.?gateway.orValue("") == "" && self.?hosts.?mcp.orValue("") == ""`,fieldPath=".hosts",message="a Network Load Balancer doesn't see host names: set type to Application, or remove hosts, which need dns or certificate here"
// +kubebuilder:validation:XValidation:rule=`!has(self.paths) || !has(self.paths.gateway) || !has(self.paths.mcp) || self.paths.gateway == "" || self.paths.mcp == "" || self.?hosts.?gateway.orValue("") != "" && self.?hosts.?mcp.orValue("") != "" || !(self.paths.gateway + '/').startsWith(self.paths.mcp + '/') && !(self.paths.mcp + '/').startsWith(self.paths.gateway + '/')`,fieldPath=".paths",message="on one host requests are told apart by the path: write two of which neither begins with the other, such as /ai and /mcp"
// +kubebuilder:validation:XValidation:rule=`self.?type.orValue('Network') == 'Application' || self.?paths.?gateway.orValue("") == "" && self.?paths.?mcp.orValue("") == ""`,fieldPath=".paths",message="a Network Load Balancer doesn't see paths: set type to Application, or remove paths"
// +kubebuilder:validation:XValidation:rule=`self.?type.orValue('Network') == 'Application' || self.?wafWebACLARN.orValue("") == ""`,fieldPath=".wafWebACLARN",message="AWS WAF doesn't protect Network Load Balancers: set type to Application, or remove wafWebACLARN"
// +kubebuilder:validation:XValidation:rule=`self.?type.orValue('Network') == 'Application' || !has(self.accessLogs) || self.?certificateARN.orValue("") != "" || self.?certificate.?request.orValue(false)`,fieldPath=".accessLogs",message="a Network Load Balancer logs TLS connections only: set certificateARN or certificate, or type to Application, or remove accessLogs"
// +kubebuilder:validation:XValidation:rule=`self.?type.orValue('Network') == 'Application' || !has(self.idleTimeout)`,fieldPath=".idleTimeout",message="a Network Load Balancer always waits 350s: remove idleTimeout, or set type to Application"
// +kubebuilder:validation:XValidation:rule=`(self.?type.orValue('Network') == 'Application') == (oldSelf.?type.orValue('Network') == 'Application') || self.?replacementPolicy.orValue('Refuse') == 'Parallel'`,fieldPath=".type",message="AWS can't change the type of a load balancer: leave it as it was (Network where it isn't set), or set replacementPolicy to Parallel, which brings up another load balancer under another DNS name and removes this one afterwards"
// +kubebuilder:validation:XValidation:rule=`(self.?scheme.orValue('Internal') == 'InternetFacing') == (oldSelf.?scheme.orValue('Internal') == 'InternetFacing') || self.?replacementPolicy.orValue('Refuse') == 'Parallel'`,fieldPath=".scheme",message="AWS can't change the scheme of a load balancer: leave it as it was (Internal where it isn't set), or set replacementPolicy to Parallel, which brings up another load balancer under another DNS name and removes this one afterwards"
// +kubebuilder:validation:XValidation:rule=`!self.?certificate.?request.orValue(false) || self.?certificateARN.orValue("") == ""`,fieldPath=".certificate",message="certificateARN names a certificate that is there: remove certificateARN to have one requested, or remove certificate"
// +kubebuilder:validation:XValidation:rule=`!self.?certificate.?request.orValue(false) || self.?hosts.?gateway.orValue("") != "" || self.?hosts.?mcp.orValue("") != ""`,fieldPath=".certificate",message="a certificate is for host names: write them to hosts, such as {gateway: gateway.example.com}, or remove certificate"
// +kubebuilder:validation:XValidation:rule=`!self.?certificate.?request.orValue(false) || self.?hosts.?gateway.orValue("") != "" && size(self.hosts.gateway) <= 64 || self.?hosts.?mcp.orValue("") != "" && size(self.hosts.mcp) <= 64 || self.?hosts.?gateway.orValue("") == "" && self.?hosts.?mcp.orValue("") == ""`,fieldPath=".certificate",message="a certificate needs a host name of at most 64 characters: shorten one of hosts, or import a certificate and give its ARN as certificateARN"
// +kubebuilder:validation:XValidation:rule=`!has(self.dns) || self.?hosts.?gateway.orValue("") != "" || self.?hosts.?mcp.orValue("") != ""`,fieldPath=".dns",message="records are for host names: write them to hosts, such as {gateway: gateway.example.com}, or remove dns"
type LoadBalancer struct {
	// Type is the type of load balancer. Network: a Network Load Balancer, which passes connections on.
	// Application: an Application Load Balancer, which tells requests apart by host and path. Either
	// listens on 443 with certificateARN or certificate, else on 80. It changes only with replacementPolicy Parallel. Not
	// set: Network.
	// +optional
	Type LoadBalancerType `json:"type,omitempty"`
	// Scheme says from where it can be reached. Internal: from inside the VPC and networks connected to it.
	// InternetFacing: from allowedCIDRs on the internet. It changes only with replacementPolicy Parallel.
	// Not set: Internal.
	// +optional
	Scheme LoadBalancerScheme `json:"scheme,omitempty"`
	// CertificateARN is a certificate of AWS Certificate Manager in the deployment's region, for TLS. Not set: no
	// TLS, unless certificate has one requested.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$')`,message="write the ARN of a certificate of AWS Certificate Manager, such as arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
	CertificateARN string `json:"certificateARN,omitempty"`
	// Certificate has a certificate for hosts issued, in place of certificateARN.
	// +optional
	Certificate *LoadBalancerCertificate `json:"certificate,omitempty"`
	// DNS makes the records of hosts. Not set: somebody else makes those of status.dnsRecords.
	// +optional
	DNS *LoadBalancerDNS `json:"dns,omitempty"`
	// AllowedCIDRs are the IPv4 ranges that may connect: at most 50. Empty: the VPC's range; with scheme
	// InternetFacing they must be given, unless controlPlane.inbound.type AllowList alone says who may.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=18
	// +kubebuilder:validation:items:XValidation:rule=`isCIDR(self) && cidr(self).ip().family() == 4`,message="write an IPv4 range with its size, such as 10.0.0.0/8, or 203.0.113.7/32 for one address"
	// +kubebuilder:validation:items:XValidation:rule=`!isCIDR(self) || cidr(self) == cidr(self).masked()`,message="write the first address of the range, as 10.0.0.0/8 and not 10.1.2.3/8"
	AllowedCIDRs []string `json:"allowedCIDRs,omitempty"`
	// DeletionProtection makes AWS refuse the load balancer's deletion, by anybody. Deleting this resource
	// then waits until it is set to false. Not set: false.
	// +optional
	DeletionProtection bool `json:"deletionProtection,omitempty"`
	// DeregistrationDelay is how long a task that leaves may finish its connections: 0s to 1h
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html).
	// Not set: 60s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('1h')`,message="write a duration of whole seconds from 0s to 1h, such as 60s"
	DeregistrationDelay *metav1.Duration `json:"deregistrationDelay,omitempty"`
	// Hosts are the host names by which clients reach the deployment. For type Application requests for others
	// get a 404; for type Network, which doesn't see them, they are those of dns and certificate. With mode All two hosts tell the two gateways apart; one alone, in gateway, is for both, and
	// paths.mcp tells them apart. Not set: any host.
	// +optional
	Hosts *Hosts `json:"hosts,omitempty"`
	// Paths are prefixes of the URL's path below which clients reach the deployment, for type Application. With
	// mode All they tell the two gateways apart where they share a host. A prefix is stripped before a request
	// reaches the tasks. Not set: any path.
	// +optional
	Paths *Paths `json:"paths,omitempty"`
	// AccessLogs writes a line for each request to a bucket: for type Application, or Network with a
	// certificate.
	// +optional
	AccessLogs *AccessLogs `json:"accessLogs,omitempty"`
	// IdleTimeout is how long a connection may pause, for type Application: 1s to 4000s. LLM streams pause, and
	// AWS's own 60s cut them. A Network Load Balancer always waits 350s. Not set: 300s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('1s') && duration(self) <= duration('4000s')`,message="write a duration of whole seconds from 1s to 4000s, such as 300s"
	IdleTimeout *metav1.Duration `json:"idleTimeout,omitempty"`
	// ReplacementPolicy says what becomes of a change of type or scheme, which needs another load balancer.
	// Refuse: it is refused. Parallel: another is brought up beside the first, under another DNS name, and
	// the first is removed when the gateway stands behind the new one. Not set: Refuse.
	// +optional
	ReplacementPolicy ReplacementPolicy `json:"replacementPolicy,omitempty"`
	// WAFWebACLARN is a regional web ACL of AWS WAF in the deployment's region, for type Application.
	// +optional
	// +kubebuilder:validation:MaxLength=300
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/[A-Za-z0-9_-]+/[0-9a-f-]+$')`,message="write the ARN of a regional web ACL, such as arn:aws:wafv2:us-east-1:123456789012:regional/webacl/portkey/12345678-1234-1234-1234-123456789012"
	WAFWebACLARN string `json:"wafWebACLARN,omitempty"`
}

// HostName is a DNS host name.
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z0-9]([a-z0-9-]*[a-z0-9])?$')`,message="write one host name in lower case, without scheme, port, path or wildcard, such as gateway.example.com"
type HostName string

// Hosts are host names of the deployment.
// +kubebuilder:validation:XValidation:rule=`!has(self.gateway) || !has(self.mcp) || self.gateway == "" || self.gateway != self.mcp`,fieldPath=".mcp",message="write two different hosts, or, for one host, that to gateway alone and the MCP gateway's path to loadBalancer.paths.mcp"
type Hosts struct {
	// Gateway is the AI gateway's host name.
	// +optional
	Gateway HostName `json:"gateway,omitempty"`
	// MCP is the MCP gateway's host name.
	// +optional
	MCP HostName `json:"mcp,omitempty"`
}

// PathPrefix is the beginning of a URL's path.
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^(/[A-Za-z0-9_-]+)+$')`,message="write a path of letters, digits, hyphens and underscores that begins with a slash and ends with neither a slash nor /*, such as /mcp"
type PathPrefix string

// Paths are path prefixes of the deployment.
type Paths struct {
	// Gateway is the AI gateway's path prefix. Not set: everything that isn't below mcp.
	// +optional
	Gateway PathPrefix `json:"gateway,omitempty"`
	// MCP is the MCP gateway's path prefix. On a host that both gateways share it has to be set.
	// +optional
	MCP PathPrefix `json:"mcp,omitempty"`
}

// AccessLogs is where a load balancer writes a line for each request. The bucket's policy must let it:
// docs/load-balancers.md has the text.
type AccessLogs struct {
	// Bucket is the name of an existing bucket in the deployment's region.
	// +required
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]$') && !self.contains('..')`,message="write the name of a bucket, such as acme-access-logs: no s3:// and no ARN"
	Bucket string `json:"bucket"`
	// Prefix is the prefix of the logs' keys, without slashes at its ends. Not set: none.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[A-Za-z0-9!_.*()-]+(/[A-Za-z0-9!_.*()-]+)*$') && !self.contains('AWSLogs')`,message="write a prefix without slashes at its ends and without AWSLogs, which AWS adds, such as portkey/prod"
	Prefix string `json:"prefix,omitempty"`
}
