package v1alpha1

// LoadBalancerDNS is where the records of the hosts are made.
type LoadBalancerDNS struct {
	// HostedZoneID is the ID of an existing hosted zone of Route 53 in the deployment's account, public or private, that
	// loadBalancer.hosts lie in. Each host gets an alias record that leads to the load balancer, once the gateway serves
	// behind it. A record that is there already is never changed. docs/dns-and-certificates.md tells more.
	// +required
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^Z[A-Z0-9]+$')`,message="write the ID of a hosted zone, such as Z0123456789ABCDEFGHIJ, without /hostedzone/ and not its domain"
	HostedZoneID string `json:"hostedZoneID"`
}

// LoadBalancerCertificate is a certificate that the operator has issued.
type LoadBalancerCertificate struct {
	// Request has a public certificate for loadBalancer.hosts requested from AWS Certificate Manager, and validated by
	// DNS: through dns.hostedZoneID, or, without that, by records that status.dnsRecords lists and somebody creates. Until
	// it is issued nothing listens for TLS; a listener that has another certificate, or none, keeps that until then. Not
	// set: false.
	// +optional
	Request bool `json:"request,omitempty"`
}

// DNSRecordPurpose says what a record is for.
// +kubebuilder:validation:Enum=Address;Validation
type DNSRecordPurpose string

// What records are for.
const (
	// DNSRecordAddress leads clients to the load balancer.
	DNSRecordAddress DNSRecordPurpose = "Address"
	// DNSRecordValidation proves a host to AWS Certificate Manager, now and at each renewal.
	DNSRecordValidation DNSRecordPurpose = "Validation"
)

// DNSRecord is a record for somebody to create.
type DNSRecord struct {
	// Name is the record's name, without a final dot.
	// +required
	Name string `json:"name"`
	// Type is the record's type: CNAME. Where a zone can't have one, at its own name, use the provider's alias records.
	// +required
	Type string `json:"type"`
	// Value is the record's value, without a final dot.
	// +required
	Value string `json:"value"`
	// Purpose is Address for one that leads to the load balancer, and Validation for one that proves the name to AWS
	// Certificate Manager, which must stay for the certificate's renewal.
	// +required
	Purpose DNSRecordPurpose `json:"purpose"`
}

// RequestsCertificate reports whether the operator has a certificate issued.
func (lb *LoadBalancer) RequestsCertificate() bool {
	return lb.Certificate != nil && lb.Certificate.Request
}

// TLS reports whether clients speak TLS to the load balancer.
func (lb *LoadBalancer) TLS() bool { return lb.CertificateARN != "" || lb.RequestsCertificate() }

// HostNames are the host names that clients use, each once.
func (lb *LoadBalancer) HostNames() []string {
	var out []string
	if lb.Hosts == nil {
		return nil
	}
	for _, h := range []HostName{lb.Hosts.Gateway, lb.Hosts.MCP} {
		if h != "" {
			out = append(out, string(h))
		}
	}
	return out
}
