package aws

import "strings"

// rateOf names the bucket of a call with its size and its refill per second. The figures are AWS's
// published ones less a margin for everybody else in the account, and careful guesses where AWS
// publishes none.
//   - EC2: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
//   - ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
//   - Route 53, five in a second for the whole account: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests
//   - Elastic Load Balancing: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
func rateOf(service, operation string) (bucket string, burst int, refill float64) {
	read := isRead(operation)
	switch service {
	case "EC2":
		switch {
		case read:
			return "ec2/read", 80, 16
		case strings.HasPrefix(operation, "AuthorizeSecurityGroup"), strings.HasPrefix(operation, "RevokeSecurityGroup"):
			return "ec2/rules", 40, 4
		case strings.Contains(operation, "VpcEndpoint"):
			return "ec2/endpoints", 3, 0.25
		default:
			return "ec2/write", 40, 4
		}
	case "ECS":
		switch {
		case operation == "RegisterTaskDefinition", operation == "DeregisterTaskDefinition":
			return "ecs/taskdefinition", 16, 0.8
		case read:
			return "ecs/read", 40, 16
		default:
			return "ecs/write", 16, 2
		}
	case "Elastic Load Balancing v2":
		switch {
		case read:
			return "elb/read", 24, 6
		case operation == "CreateLoadBalancer":
			return "elb/create", 8, 0.2
		default:
			return "elb/write", 16, 2.5
		}
	case "IAM":
		if read {
			return "iam/read", 40, 5
		}
		return "iam/write", 60, 5
	case "Application Auto Scaling":
		return "appscaling", 16, 4
	case "Route 53":
		return "route53", 5, 3
	case "CloudWatch Logs":
		return "logs", 20, 8
	default:
		return service, 40, 5
	}
}

func isRead(operation string) bool {
	for _, p := range []string{"Describe", "List", "Get", "Head"} {
		if strings.HasPrefix(operation, p) {
			return true
		}
	}
	return false
}
