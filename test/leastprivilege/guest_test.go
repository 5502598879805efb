package leastprivilege

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// guestLife is that of a gateway on Fargate in a network of the user's, with a cache of the user's, whose secrets the
// manager may look into.
func guestLife(t *testing.T, bind binding) {
	h := harness.New()
	h.Emulator.SeedNetwork("us-east-1")
	bind(t, h, iampolicy.Base, iampolicy.ExistingNetwork, iampolicy.LoadBalancer, iampolicy.ExistingCache, iampolicy.SecretKeys)
	h.Reconciler.CheckSecretKeys = true
	secret := theirCache(t, h)
	before := len(h.Emulator.Server.Resources(false))
	gw := h.Minimal("gw")
	gw.Spec.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{
		VPCID: emulator.ExistingNetwork.VPCID, PrivateSubnetIDs: emulator.ExistingNetwork.PrivateSubnetIDs,
	}}
	gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{ReplicationGroupID: "theirs", Auth: &v1alpha1.CacheAuth{SecretARN: secret}}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	settle(t, h, key)
	until(t, h, key, "Ready still", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}

// bareLife is that of the least that a gateway can be: in a network of the user's, on Fargate, reached by its peers
// only.
func bareLife(t *testing.T, bind binding) {
	h := harness.New()
	h.Emulator.SeedNetwork("us-east-1")
	bind(t, h, iampolicy.Base, iampolicy.ExistingNetwork)
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = nil
	gw.Spec.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{
		VPCID: emulator.ExistingNetwork.VPCID, PrivateSubnetIDs: emulator.ExistingNetwork.PrivateSubnetIDs,
	}}
	gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	h.Restart()
	settle(t, h, key)
	until(t, h, key, "Ready again", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
}

// theirCache makes a cache with a security group, and answers the ARN of the secret with its token.
func theirCache(t *testing.T, h *harness.Harness) string {
	t.Helper()
	w, name := clients(h), sdk.String("theirs")
	group, err := w.EC2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: sdk.String(emulator.ExistingNetwork.VPCID), GroupName: name, Description: name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Cache.CreateCacheSubnetGroup(t.Context(), &elasticache.CreateCacheSubnetGroupInput{CacheSubnetGroupName: name, CacheSubnetGroupDescription: name, SubnetIds: emulator.ExistingNetwork.PrivateSubnetIDs}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Cache.CreateReplicationGroup(t.Context(), &elasticache.CreateReplicationGroupInput{
		ReplicationGroupId: name, ReplicationGroupDescription: name, Engine: sdk.String("valkey"), EngineVersion: sdk.String("8.0"), CacheNodeType: sdk.String("cache.t4g.small"),
		NumNodeGroups: sdk.Int32(2), ReplicasPerNodeGroup: sdk.Int32(1), AutomaticFailoverEnabled: sdk.Bool(true), CacheSubnetGroupName: name, SecurityGroupIds: []string{*group.GroupId},
		TransitEncryptionEnabled: sdk.Bool(true), AuthToken: sdk.String("their-own-token-0"),
	}); err != nil {
		t.Fatal(err)
	}
	secret, err := w.Secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: name, SecretString: sdk.String(`{"REDIS_PASSWORD":"their-own-token-0"}`)})
	if err != nil {
		t.Fatal(err)
	}
	h.Emulator.Server.Advance(15 * time.Minute)
	return *secret.ARN
}

// firstLife is that of a gateway in an account in which no service was ever used that makes itself a role.
func firstLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.Cache, iampolicy.Autoscaling, iampolicy.LinkedRoles)...)
	h.Emulator.World.Lock()
	h.Emulator.IAM.ForgetServiceLinkedRoles(emulator.Account)
	h.Emulator.World.Unlock()
	gw := h.Minimal("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Autoscaling: &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 3, TargetCPUPercent: ptr.To(int32(70))}}
	gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
}
