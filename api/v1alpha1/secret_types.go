package v1alpha1

// SecretSource says where a secret lies: exactly one of its fields.
// +kubebuilder:validation:XValidation:rule=`has(self.secretARN) != has(self.secretRef)`,message="set exactly one of secretARN, for a secret that lies in AWS Secrets Manager, and secretRef, for a Kubernetes Secret of this namespace, which the operator copies there"
type SecretSource struct {
	// SecretARN is the full ARN of a secret in AWS Secrets Manager, with the six random characters at its
	// end and without a JSON key, in the deployment's region.
	// +optional
	// +kubebuilder:validation:MaxLength=600
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$')`,message="write the full ARN of a Secrets Manager secret, with the six random characters and nothing after them, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/license-AbCdEf"
	SecretARN string `json:"secretARN,omitempty"`
	// SecretRef is a Secret of this namespace. The keys that are needed are copied to AWS Secrets Manager, and
	// follow every change. The operator must be allowed to read it: bind the ClusterRole
	// portkey-ecs-operator-portkeygateway-secret-reader in the namespace.
	// +optional
	// +structType=atomic
	SecretRef *SecretReference `json:"secretRef,omitempty"`
}

// SecretReference names a Kubernetes Secret of the gateway's namespace.
type SecretReference struct {
	// Name is the Secret's name.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')`,message="write the name of a Secret of this namespace: lower-case letters, digits, hyphens and dots, such as portkey-license"
	Name string `json:"name"`
}

// SecretKey is one key of a secret: exactly one of secretARN and secretRef says which.
// +kubebuilder:validation:XValidation:rule=`has(self.secretARN) != has(self.secretRef)`,message="set exactly one of secretARN, for a secret that lies in AWS Secrets Manager, and secretRef, for a Kubernetes Secret of this namespace, which the operator copies there"
// +kubebuilder:validation:XValidation:rule=`!has(self.secretRef) || has(self.key) && self.key.matches(r'^[-._a-zA-Z0-9]{1,253}$')`,fieldPath=".key",message="with secretRef, write the key of the Secret whose value the variable gets: letters, digits, hyphens, underscores and dots"
type SecretKey struct {
	// SecretARN is the full ARN of a secret in AWS Secrets Manager, with the six random characters at its end.
	// +optional
	// +kubebuilder:validation:MaxLength=600
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$')`,message="write the full ARN of a Secrets Manager secret, with the six random characters and nothing after them; the JSON key goes into key"
	SecretARN string `json:"secretARN,omitempty"`
	// SecretRef is a Secret of this namespace, whose key is copied to AWS Secrets Manager, as a secret of its own.
	// +optional
	// +structType=atomic
	SecretRef *SecretReference `json:"secretRef,omitempty"`
	// Key is the JSON key in the secret of secretARN (empty: the whole secret), or the key of the Secret of
	// secretRef.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`!self.contains(':')`,message="write the name of one JSON key, without colons"
	Key string `json:"key,omitempty"`
}

// Secrets is how the secrets are kept that the operator makes in AWS Secrets Manager: the copies of Kubernetes
// Secrets, and the password of a cache that it makes.
type Secrets struct {
	// KMSKeyARN is the ARN of the customer managed key of AWS KMS that encrypts them, in the deployment's region.
	// The tasks' execution roles may then decrypt with it, through Secrets Manager only. Its key policy must leave
	// IAM policies a say, as that of a key does which is made in the console. It may change at any time. Not set:
	// AWS's own key aws/secretsmanager.
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$')`,message="write the ARN of a KMS key, not of an alias, such as arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	KMSKeyARN string `json:"kmsKeyARN,omitempty"`
}
