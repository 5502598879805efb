package iam

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"
)

// awsManaged are the policies of AWS that the emulator knows: name → path and statements, written
// for the partition aws. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
var awsManaged = []struct{ path, name, version, statements string }{
	{"/service-role/", "AmazonECSTaskExecutionRolePolicy", "v1",
		`{"Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}`},
	{"/service-role/", "AmazonEC2ContainerServiceforEC2Role", "v7",
		`{"Effect":"Allow","Action":["ec2:DescribeTags","ecs:CreateCluster","ecs:DeregisterContainerInstance","ecs:DiscoverPollEndpoint","ecs:Poll","ecs:RegisterContainerInstance","ecs:StartTelemetrySession","ecs:UpdateContainerInstancesState","ecs:Submit*","ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"},` +
			`{"Effect":"Allow","Action":"ecs:TagResource","Resource":"*","Condition":{"StringEquals":{"ecs:CreateAction":["CreateCluster","RegisterContainerInstance"]}}}`},
	{"/", "AmazonECSInfrastructureRolePolicyForLoadBalancers", "v2",
		`{"Sid":"ELBReadOperations","Effect":"Allow","Action":["elasticloadbalancing:DescribeListeners","elasticloadbalancing:DescribeRules","elasticloadbalancing:DescribeTargetGroups","elasticloadbalancing:DescribeTargetHealth"],"Resource":"*"},` +
			`{"Sid":"TargetGroupOperations","Effect":"Allow","Action":["elasticloadbalancing:RegisterTargets","elasticloadbalancing:DeregisterTargets"],"Resource":"arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"},` +
			`{"Sid":"ALBModifyListeners","Effect":"Allow","Action":"elasticloadbalancing:ModifyListener","Resource":["arn:aws:elasticloadbalancing:*:*:listener/app/*/*/*"]},` +
			`{"Sid":"NLBModifyListeners","Effect":"Allow","Action":"elasticloadbalancing:ModifyListener","Resource":["arn:aws:elasticloadbalancing:*:*:listener/net/*/*/*"]},` +
			`{"Sid":"ALBModifyRules","Effect":"Allow","Action":"elasticloadbalancing:ModifyRule","Resource":["arn:aws:elasticloadbalancing:*:*:listener-rule/app/*/*/*/*"]}`},
	{"/service-role/", "AmazonEC2ContainerServiceRole", "v2",
		`{"Effect":"Allow","Action":["ec2:AuthorizeSecurityGroupIngress","ec2:Describe*","elasticloadbalancing:DeregisterInstancesFromLoadBalancer","elasticloadbalancing:DeregisterTargets","elasticloadbalancing:Describe*","elasticloadbalancing:RegisterInstancesWithLoadBalancer","elasticloadbalancing:RegisterTargets"],"Resource":"*"}`},
	{"/service-role/", "AWSLambdaBasicExecutionRole", "v1",
		`{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}`},
	{"/service-role/", "AWSLambdaVPCAccessExecutionRole", "v3",
		`{"Sid":"AWSLambdaVPCAccessExecutionPermissions","Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DeleteNetworkInterface","ec2:AssignPrivateIpAddresses","ec2:UnassignPrivateIpAddresses"],"Resource":"*"}`},
	{"/", "AmazonSSMManagedInstanceCore", "v2",
		`{"Effect":"Allow","Action":["ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation"],"Resource":"*"},` +
			`{"Effect":"Allow","Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"},` +
			`{"Effect":"Allow","Action":["ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage","ec2messages:GetEndpoint","ec2messages:GetMessages","ec2messages:SendReply"],"Resource":"*"}`},
	{"/", "AmazonEC2ContainerRegistryReadOnly", "v3",
		`{"Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:GetLifecyclePolicy","ecr:GetLifecyclePolicyPreview","ecr:ListTagsForResource","ecr:DescribeImageScanFindings"],"Resource":"*"}`},
	{"/", "AdministratorAccess", "v1", `{"Effect":"Allow","Action":"*","Resource":"*"}`},
}

// released stands for the creation of AWS's policies, years before any test.
var released = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

var byPartition = policiesByPartition()

func policiesByPartition() map[string]map[string]*policy {
	out := map[string]map[string]*policy{"aws": {}, "aws-cn": {}, "aws-us-gov": {}}
	for partition, policies := range out {
		for _, m := range awsManaged {
			arn := "arn:" + partition + ":iam::aws:policy" + m.path + m.name
			sum := sha256.Sum256([]byte(m.name))
			document := `{"Version":"2012-10-17","Statement":[` + strings.ReplaceAll(m.statements, "arn:aws:", "arn:"+partition+":") + `]}`
			policies[arn] = &policy{name: m.name, path: m.path, arn: arn, created: released, updated: released,
				id: "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17], versions: []version{{m.version, document, released, true}}}
		}
	}
	return out
}

func managedByAWS(partition string) map[string]*policy { return byPartition[partition] }

func awsPolicies(partition string) []*policy {
	var out []*policy
	for _, p := range byPartition[partition] {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *policy) int { return cmp.Compare(a.name, b.name) })
	return out
}
