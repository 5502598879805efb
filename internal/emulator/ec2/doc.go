// Package ec2 emulates the parts of Amazon EC2 and Amazon VPC that a deployment on ECS stands on:
// VPCs with what comes with them, subnets, gateways, routes, security groups with their rules,
// network interfaces, launch templates, and instances for Amazon EC2 Auto Scaling.
//
// It speaks the EC2 Query protocol, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/, of
// version 2016-11-15. An account here has no default VPC. Actions and parameters that aren't
// implemented are refused.
package ec2
