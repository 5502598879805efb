package random

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emulatedecs "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// What somebody else looks after in a world, besides what the harness seeds.
const (
	region          = "us-east-1"
	sharedCluster   = "shared"
	certificateID   = "33333333-4444-5555-6666-777777777777"
	encryptedCache  = "theirs-encrypted"
	tokenCache      = "theirs-token"
	iamCache        = "theirs-iam"
	iamUser         = "theirs"
	theirToken      = "their-own-token-0"
	hookRole        = "arn:aws:iam::" + emulator.Account + ":role/hooks"
	functions       = "arn:aws:lambda:us-east-1:" + emulator.Account + ":function:"
	cacheSecretName = "theirs"
	kubeSecret      = "theirs" // has all keys that a spec may need
	keyID           = "44444444-5555-6666-7777-888888888888"
	zoneID          = emulator.HostedZoneID // resolvers ask one zone of a domain only
)

var (
	alarms      = []string{"gateway-5xx", "Latenz über 2 s / p99"}
	gatewayHost = "gateway.example.com"
	mcpHost     = "mcp.example.com"
	probeHost   = "probe.example.com"
	// verdicts are functions of the user's; each says that a rollout may go on.
	verdicts = []string{functions + "verdict", functions + "verdict:live", functions + "other:$LATEST"}
)

// World is what is there beforehand, as far as its names are chance.
type World struct {
	Seeded emulator.Seeded
	// Certificate is for all hosts of the vocabulary; WebACL is a regional web ACL; CacheSecret has the password of
	// a cache of somebody else's.
	Certificate, WebACL, CacheSecret string
	// Key is a key of AWS KMS.
	Key string
}

// Prepare makes in a new harness everything that the vocabulary names: a network, cluster and caches of somebody
// else's, functions, alarms, a web ACL. It is the same in every harness.
func Prepare(h *harness.Harness) World {
	h.Emulator.SeedNetwork(region)
	w := World{Seeded: h.Seeded}
	h.Emulator.World.Lock()
	scope := core.Scope{Account: emulator.Account, Region: region}
	w.Certificate = h.Emulator.ACM.Add(scope, certificateID, "ISSUED", gatewayHost, mcpHost, probeHost)
	w.WebACL = h.Emulator.WAF.Add(scope, "portkey")
	w.CacheSecret = h.Emulator.SecretsManager.AddAs(scope, cacheSecretName, "AbCdEf", `{"REDIS_PASSWORD":"`+theirToken+`"}`)
	for _, name := range alarms {
		h.Emulator.ECS.SetAlarm(scope, name, "OK")
	}
	for _, arn := range verdicts {
		h.Emulator.ECS.AnswerHooks(arn, emulatedecs.HookAnswer{Status: "SUCCEEDED"})
	}
	w.Key = h.Emulator.KMS.Add(scope, keyID)
	h.Emulator.World.Unlock()
	h.WriteSecret(kubeSecret, map[string]string{
		"PORTKEY_CLIENT_AUTH": "theirs", "ORGANISATIONS_TO_SYNC": "org-1", "username": "theirs", "password": "theirs", "REDIS_PASSWORD": theirToken,
	})

	ctx := context.Background()
	clients, err := h.Reconciler.Worlds.World(ctx, region)
	must(err)
	_, err = clients.ECS.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: sdk.String(sharedCluster), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}})
	must(err)
	_, err = clients.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: sdk.String("hooks"), AssumeRolePolicyDocument: sdk.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	must(err)
	_, err = clients.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: sdk.String("hooks"), PolicyName: sdk.String("invoke"), PolicyDocument: sdk.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}]}`)})
	must(err)
	welcoming(h)
	caches(ctx, h, clients)
	h.Emulator.Server.Advance(time.Hour) // until the caches are there
	return w
}

// caches makes a replication group for each way to log in: none, a token, and IAM.
func caches(ctx context.Context, h *harness.Harness, w *aws.World) {
	group, err := w.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: &emulator.ExistingNetwork.VPCID, GroupName: sdk.String("caches"), Description: sdk.String("caches")})
	must(err)
	_, err = w.Cache.CreateCacheSubnetGroup(ctx, &elasticache.CreateCacheSubnetGroupInput{
		CacheSubnetGroupName: sdk.String("theirs"), CacheSubnetGroupDescription: sdk.String("theirs"), SubnetIds: emulator.ExistingNetwork.PrivateSubnetIDs,
	})
	must(err)
	_, err = w.Cache.CreateUser(ctx, &elasticache.CreateUserInput{
		UserId: sdk.String(iamUser), UserName: sdk.String(iamUser), Engine: sdk.String("valkey"), AccessString: sdk.String("on ~* +@all"),
		AuthenticationMode: &cachetypes.AuthenticationMode{Type: cachetypes.InputAuthenticationTypeIam},
	})
	must(err)
	_, err = w.Cache.CreateUserGroup(ctx, &elasticache.CreateUserGroupInput{UserGroupId: sdk.String("theirs"), Engine: sdk.String("valkey"), UserIds: []string{iamUser}})
	must(err)
	h.Emulator.Server.Advance(10 * time.Minute) // until the user group is there
	for _, id := range []string{encryptedCache, tokenCache, iamCache} {
		in := &elasticache.CreateReplicationGroupInput{
			ReplicationGroupId: sdk.String(id), ReplicationGroupDescription: sdk.String("theirs"), Engine: sdk.String("valkey"), EngineVersion: sdk.String("8.0"), CacheNodeType: sdk.String("cache.t4g.small"),
			NumNodeGroups: sdk.Int32(1), ReplicasPerNodeGroup: sdk.Int32(1), AutomaticFailoverEnabled: sdk.Bool(true), CacheSubnetGroupName: sdk.String("theirs"), SecurityGroupIds: []string{*group.GroupId},
			TransitEncryptionEnabled: sdk.Bool(true),
		}
		switch id {
		case tokenCache:
			in.AuthToken = sdk.String(theirToken)
		case iamCache:
			in.UserGroupIds = []string{"theirs"}
		}
		_, err = w.Cache.CreateReplicationGroup(ctx, in)
		must(err)
	}
}

// Approve has the function that probes a gateway's new revisions say that they may go on: the emulator runs no
// functions.
func Approve(h *harness.Harness, gw *v1alpha1.PortkeyGateway) {
	spec := gw.Resolved()
	for _, hook := range spec.Gateway.Rollout.Hooks {
		if hook.HTTPProbe == nil {
			continue
		}
		owner := own.Owner{Cluster: h.Reconciler.Cluster, Kind: "PortkeyGateway", Namespace: gw.Namespace, Name: gw.Name}
		name := owner.ObjectName(spec.NamePrefix, "probe-"+own.Digest(hook.HTTPProbe)[:8], 64)
		h.Emulator.World.Lock()
		h.Emulator.ECS.AnswerHooks(functions+name, emulatedecs.HookAnswer{Status: "SUCCEEDED"})
		h.Emulator.World.Unlock()
	}
}
