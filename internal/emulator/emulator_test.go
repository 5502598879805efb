package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	rgt "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	rgttypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const region = "eu-west-1"

func start(t *testing.T) (*emulator.Emulator, emulator.Seeded, aws.Config) {
	e := emulator.New(emulator.Options{})
	seeded := e.Seed(region)
	h := httptest.NewServer(e)
	t.Cleanup(h.Close)
	return e, seeded, aws.Config{Region: region, BaseEndpoint: &h.URL,
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "any", "")}
}

func call[T any](_ T, err error) error { return err }

func TestEveryServiceAnswers(t *testing.T) {
	e, _, c := start(t)
	ctx := t.Context()
	for service, err := range map[string]error{
		"autoscaling":      call(autoscaling.NewFromConfig(c).DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})),
		"ec2":              call(ec2.NewFromConfig(c).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})),
		"ecs":              call(ecs.NewFromConfig(c).ListClusters(ctx, &ecs.ListClustersInput{})),
		"elasticache":      call(elasticache.NewFromConfig(c).DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{})),
		"elb":              call(elb.NewFromConfig(c).DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})),
		"iam":              call(iam.NewFromConfig(c).ListRoles(ctx, &iam.ListRolesInput{})),
		"lambda":           call(lambda.NewFromConfig(c).ListFunctions(ctx, &lambda.ListFunctionsInput{})),
		"logs":             call(cloudwatchlogs.NewFromConfig(c).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})),
		"tagging":          call(rgt.NewFromConfig(c).GetResources(ctx, &rgt.GetResourcesInput{})),
		"s3":               call(s3.NewFromConfig(c).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(emulator.LogBucket)})),
		"secretsmanager":   call(secretsmanager.NewFromConfig(c).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})),
		"servicediscovery": call(servicediscovery.NewFromConfig(c).ListNamespaces(ctx, &servicediscovery.ListNamespacesInput{})),
		"ssm":              call(ssm.NewFromConfig(c).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended")})),
		"sts":              call(sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})),
	} {
		if err != nil {
			t.Errorf("%s: %v", service, err)
		}
	}
	if n := len(e.Server.Calls(0)); n != 14 {
		t.Errorf("%d calls in the log", n)
	}
}

func TestSeed(t *testing.T) {
	e, seeded, c := start(t)
	ctx := t.Context()
	for arn, keys := range map[string][]string{seeded.LicenseSecret: {"PORTKEY_CLIENT_AUTH", "ORGANISATIONS_TO_SYNC"}, seeded.RegistrySecret: {"username", "password"}, seeded.RedisSecret: {"REDIS_PASSWORD"}} {
		out, err := secretsmanager.NewFromConfig(c).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
		if err != nil {
			t.Fatal(err)
		}
		v := map[string]string{}
		if err := json.Unmarshal([]byte(*out.SecretString), &v); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if v[k] == "" {
				t.Errorf("%s has no %s", arn, k)
			}
		}
	}
	if seeded.LogBucket != "arn:aws:s3:::dev-logs" || !strings.HasPrefix(seeded.Certificate, "arn:aws:acm:eu-west-1:123456789012:certificate/") {
		t.Errorf("%+v", seeded)
	}
	if made := e.Made(true); len(made) != 0 {
		t.Errorf("%+v", made)
	}
	if calls := e.Server.Calls(0); len(calls) != 1+1+1 {
		t.Errorf("seeding is in the call log: %+v", calls)
	}
	if _, err := cloudwatchlogs.NewFromConfig(c).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g"), Tags: map[string]string{"owner": "me"}}); err != nil {
		t.Fatal(err)
	}
	if made := e.Made(true); len(made) != 1 || made[0].Kind != "LogGroup" {
		t.Errorf("%+v", made)
	}
	out, err := rgt.NewFromConfig(c).GetResources(ctx, &rgt.GetResourcesInput{TagFilters: []rgttypes.TagFilter{{Key: aws.String("owner"), Values: []string{"me"}}}})
	if err != nil || len(out.ResourceTagMappingList) != 1 {
		t.Error(out, err)
	}
}

// TestSeedNetwork: the private subnets lie in two zones and lead out through a NAT gateway, and a reset
// keeps it all.
func TestSeedNetwork(t *testing.T) {
	e, _, c := start(t)
	e.SeedNetwork(region)
	if made := e.Made(true); len(made) != 0 {
		t.Errorf("%+v", made)
	}
	client := ec2.NewFromConfig(c)
	for range 2 {
		subnets, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{SubnetIds: emulator.ExistingNetwork.PrivateSubnetIDs})
		if err != nil || len(subnets.Subnets) != 2 || *subnets.Subnets[0].AvailabilityZone == *subnets.Subnets[1].AvailabilityZone {
			t.Fatalf("%+v, %v", subnets, err)
		}
		for _, s := range subnets.Subnets {
			if *s.VpcId != emulator.ExistingNetwork.VPCID {
				t.Errorf("%s lies in %s", *s.SubnetId, *s.VpcId)
			}
		}
		for _, route := range []struct{ subnet, prefix string }{
			{emulator.ExistingNetwork.PrivateSubnetIDs[1], "nat-"}, {emulator.ExistingNetwork.PublicSubnetIDs[1], "igw-"},
		} {
			tables, err := client.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{
				Filters: []ec2types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{route.subnet}}},
			})
			if err != nil || len(tables.RouteTables) != 1 {
				t.Fatalf("%+v, %v", tables, err)
			}
			out := tables.RouteTables[0].Routes[1]
			if target := aws.ToString(out.NatGatewayId) + aws.ToString(out.GatewayId); !strings.HasPrefix(target, route.prefix) ||
				*out.DestinationCidrBlock != "0.0.0.0/0" || out.State != ec2types.RouteStateActive {
				t.Errorf("%s leads to %s: %+v", route.subnet, target, out)
			}
		}
		res, err := http.Post(*c.BaseEndpoint+"/_emulator/reset", "", nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res, err)
		}
		_ = res.Body.Close()
	}
}

// TestImagesAgree: what Parameter Store recommends, EC2 knows.
func TestImagesAgree(t *testing.T) {
	e, _, c := start(t)
	ctx := t.Context()
	seen := []string{}
	for range 2 {
		for _, arch := range []string{"", "arm64/"} {
			p, err := ssm.NewFromConfig(c).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/aws/service/ecs/optimized-ami/amazon-linux-2023/" + arch + "recommended/image_id")})
			if err != nil {
				t.Fatal(err)
			}
			id := *p.Parameter.Value
			if slices.Contains(seen, id) {
				t.Error("the same image again:", id)
			}
			seen = append(seen, id)
			out, err := ec2.NewFromConfig(c).DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}})
			if err != nil || len(out.Images) != 1 || (arch != "") != (out.Images[0].Architecture == ec2types.ArchitectureValuesArm64) {
				t.Errorf("%+v, %v", out, err)
			}
		}
		e.World.Lock()
		e.SSM.ReleaseAMI()
		e.World.Unlock()
	}
}

// TestReset: a reset leads back to what Seed had made, with the same ARNs, and forgets all else but
// time, settings and access keys.
func TestReset(t *testing.T) {
	e, seeded, c := start(t)
	ctx := t.Context()
	before := e.Server.Resources(true)
	if _, err := cloudwatchlogs.NewFromConfig(c).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}); err != nil {
		t.Fatal(err)
	}
	if _, err := secretsmanager.NewFromConfig(c).DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &seeded.LicenseSecret}); err != nil {
		t.Fatal(err)
	}
	e.Advance(time.Hour)
	e.World.Settings.PageSize = 2
	e.Server.Inject(core.FaultRule{Fault: core.FaultDenied})
	now := e.World.Clock.Now()
	for range 2 {
		res, err := http.Post(*c.BaseEndpoint+"/_emulator/reset", "", nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res, err)
		}
		_ = res.Body.Close()
		after := e.Server.Resources(true)
		if !slices.EqualFunc(before, after, func(a, b core.Resource) bool { return a.ARN == b.ARN && a.ID == b.ID && a.State == b.State }) {
			t.Errorf("%+v\nbefore %+v", after, before)
		}
		if made := e.Made(true); len(made) != 0 {
			t.Errorf("%+v", made)
		}
		if calls := e.Server.Calls(0); len(calls) != 0 {
			t.Errorf("%+v", calls)
		}
	}
	if !e.World.Clock.Now().Equal(now) || e.World.Settings.PageSize != 2 {
		t.Errorf("it is %s with %+v", e.World.Clock.Now(), e.World.Settings)
	}
	if _, err := secretsmanager.NewFromConfig(c).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &seeded.LicenseSecret}); err != nil {
		t.Error("the key, the secret or the absence of faults is lost:", err)
	}
}

// TestResetOfAnEmptyWorld: what nobody seeded doesn't come.
func TestResetOfAnEmptyWorld(t *testing.T) {
	e := emulator.New(emulator.Options{})
	e.World.Lock()
	e.World.Reset()
	e.World.Unlock()
	if all := e.Server.Resources(true); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
