package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// HTTPProbe makes a GET request to the new revision, by the load balancer's test port: 8443 with a
// certificate, else 8080. What comes back decides. The operator makes the function that does it, in the
// private subnets, and its roles; docs/rollouts.md says what it must be able to reach.
type HTTPProbe struct {
	// Path is the path of the request, as clients write it. Not set: /v1/health, below the prefix of
	// loadBalancer.paths.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^/[!-~]*$') && !self.contains('#')`,message="write the path of a URL, such as /v1/health or /v1/health?deep=true, without scheme and host"
	Path string `json:"path,omitempty"`
	// Host is the host name that the request is for. With a certificate it has to be one that the certificate
	// is valid for, which is checked. Not set: that of loadBalancer.hosts, else the load balancer's own.
	// +optional
	Host HostName `json:"host,omitempty"`
	// ExpectedStatus is the status of the answer that passes: 200 to 599. A redirect isn't followed. Not set:
	// 200.
	// +optional
	// +kubebuilder:validation:Minimum=200
	// +kubebuilder:validation:Maximum=599
	ExpectedStatus int32 `json:"expectedStatus,omitempty"`
	// Timeout is how long a request may take to connect, and then to be answered: 1s to 60s. Not set: 5s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('1s') && duration(self) <= duration('60s')`,message="write a duration of whole seconds from 1s to 60s, such as 5s"
	Timeout *metav1.Duration `json:"timeout,omitempty"`
	// RetryFor is how long it is tried again at a stage, every ten seconds, before the rollout is rolled back:
	// 0s to 1h. Not set: 1m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('1h')`,message="write a duration of whole seconds from 0s, which tries once, to 1h, such as 1m"
	RetryFor *metav1.Duration `json:"retryFor,omitempty"`
}
