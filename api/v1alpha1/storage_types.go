package v1alpha1

// Storage is where logs, exports and fine-tuning files go.
type Storage struct {
	// LogBucket is the name of the S3 bucket for the gateway's logs: an existing one, unless create is true
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
	// +required
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]$') && !self.contains('..') && !self.matches(r'^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$')`,message="write the name of a bucket, 3 to 63 lower-case letters, digits, dots and hyphens, such as acme-portkey-logs: no s3:// and no ARN"
	LogBucket string `json:"logBucket"`
	// ExportBucket is the name of an existing S3 bucket for exports of logs, which the data service writes.
	// Not set: logBucket.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]$') && !self.contains('..') && !self.matches(r'^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$')`,message="write the name of a bucket, 3 to 63 lower-case letters, digits, dots and hyphens, such as acme-portkey-logs: no s3:// and no ARN"
	ExportBucket string `json:"exportBucket,omitempty"`
	// FineTuneBucket is the name of an existing S3 bucket for fine-tuning files, which the data service writes.
	// Not set: logBucket.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]$') && !self.contains('..') && !self.matches(r'^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$')`,message="write the name of a bucket, 3 to 63 lower-case letters, digits, dots and hyphens, such as acme-portkey-logs: no s3:// and no ARN"
	FineTuneBucket string `json:"fineTuneBucket,omitempty"`
	// Create makes logBucket: encrypted, closed to the public, and kept with all that is in it when this
	// resource is deleted. A bucket of that name that the operator didn't make is refused. Not set: false.
	// +optional
	Create bool `json:"create,omitempty"`
	// Region is the buckets' region, with create the deployment's. Not set: spec.region.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$')`,message="write the code of the bucket's region, such as us-east-1, or leave it out where it is the deployment's"
	Region string `json:"region,omitempty"`
}

// Bedrock lets the gateway call Amazon Bedrock with its own task role
// (https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html).
// +kubebuilder:validation:XValidation:rule=`has(self.models) && size(self.models) > 0 || has(self.assumeRoleARNs) && size(self.assumeRoleARNs) > 0`,message="name models, or roles to assume in assumeRoleARNs, or leave bedrock out"
type Bedrock struct {
	// Models are the IDs of foundation models or inference profiles that the gateway may invoke, as
	// anthropic.claude-sonnet-4-20250514-v1:0 or us.anthropic.claude-sonnet-4-20250514-v1:0; * at the end
	// stands for anything.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=140
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^[a-z0-9][A-Za-z0-9._:-]*[*]?$')`,message="write the ID of a model or inference profile, such as anthropic.claude-sonnet-4-20250514-v1:0, and no ARN"
	Models []string `json:"models,omitempty"`
	// AssumeRoleARNs are roles, mostly of other accounts, that the gateway may assume to call Bedrock there.
	// status.outputs.bedrockTrustPolicy is what their trust policies must say.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=700
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$')`,message="write the ARN of an IAM role, such as arn:aws:iam::210987654321:role/portkey-bedrock"
	AssumeRoleARNs []string `json:"assumeRoleARNs,omitempty"`
}
