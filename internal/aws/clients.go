package aws

// Clients are the AWS services of one identity in one region, narrowed to what the operator calls.
// The narrowing is what least privilege is checked against: a method that isn't listed can't be
// called, and the shipped IAM policy allows what is listed and no more.
type Clients struct {
	EC2     EC2
	ECS     ECS
	ELB     ELB
	Cache   ElastiCache
	IAM     IAM
	KMS     KMS
	ASG     AutoScaling
	Logs    Logs
	Lambda  Lambda
	SD      ServiceDiscovery
	SSM     SSM
	STS     STS
	Secrets Secrets
	S3      S3
	Tagging Tagging
	ACM     ACM
	WAF     WAF
	Route53 Route53
	Alarms  CloudWatch
	// AppScaling scales services, ASG instances.
	AppScaling ApplicationAutoScaling
}
