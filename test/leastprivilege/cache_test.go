package leastprivilege

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// cacheLife takes a gateway from one cache to the next, and lets others meddle with them.
func cacheLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.Cache)...)
	before := len(h.Emulator.Server.Resources(false))
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai", "stage": "dev"}
	gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{EngineVersion: "7.2"}}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	meddle := func(what string, f func(*aws.World) error) {
		t.Helper()
		if err := f(clients(h)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		settle(t, h, key)
		until(t, h, key, what, harness.Ready)
	}
	edit := func(what string, f func(*v1alpha1.ElastiCache)) {
		t.Helper()
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { f(gw.Spec.Cache.ElastiCache) })
		until(t, h, key, what, harness.Ready)
	}

	meddle("the secret is scheduled for deletion, and untagged", func(w *aws.World) error {
		id := find(h, "Secret", "").ID
		if _, err := w.Secrets.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: &id, TagKeys: []string{"team"}}); err != nil {
			return err
		}
		_, err := w.Secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &id})
		return err
	})
	meddle("a subnet less", func(w *aws.World) error {
		group := find(h, "CacheSubnetGroup", "")
		subnet := find(h, "Subnet", "subnet/public-a").ID
		subnets := append([]string{subnet}, find(h, "Subnet", "subnet/private-a").ID, find(h, "Subnet", "subnet/private-b").ID)
		_, err := w.Cache.ModifyCacheSubnetGroup(t.Context(), &elasticache.ModifyCacheSubnetGroupInput{CacheSubnetGroupName: &group.ID, SubnetIds: subnets})
		return err
	})
	meddle("a tag less", func(w *aws.World) error {
		_, err := w.Cache.RemoveTagsFromResource(t.Context(), &elasticache.RemoveTagsFromResourceInput{ResourceName: sdk.String(find(h, "ReplicationGroup", "").ARN), TagKeys: []string{"team"}})
		return err
	})
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ml"} })
	until(t, h, key, "fewer tags", harness.Ready)

	edit("another version", func(e *v1alpha1.ElastiCache) { e.Managed.EngineVersion = "8.0" })
	edit("more replicas", func(e *v1alpha1.ElastiCache) { e.Managed.ReplicasPerShard = ptr.To(int32(2)) })
	edit("fewer replicas", func(e *v1alpha1.ElastiCache) { e.Managed.ReplicasPerShard = ptr.To(int32(1)) })
	edit("two shards", func(e *v1alpha1.ElastiCache) { e.Managed.Shards = 2 })
	edit("three shards", func(e *v1alpha1.ElastiCache) { e.Managed.Shards = 3 })
	edit("IAM", func(e *v1alpha1.ElastiCache) { e.Auth = &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{}} })
	meddle("a user with less access", func(w *aws.World) error {
		_, err := w.Cache.ModifyUser(t.Context(), &elasticache.ModifyUserInput{UserId: sdk.String(find(h, "CacheUser", "").ID), AccessString: sdk.String("off -@all")})
		return err
	})
	meddle("another user in the group", func(w *aws.World) error {
		id := "somebody"
		if _, err := w.Cache.CreateUser(t.Context(), &elasticache.CreateUserInput{UserId: &id, UserName: &id, Engine: sdk.String("valkey"), AccessString: sdk.String("on +@all"),
			AuthenticationMode: &cachetypes.AuthenticationMode{Type: cachetypes.InputAuthenticationTypeIam}}); err != nil {
			return err
		}
		_, err := w.Cache.ModifyUserGroup(t.Context(), &elasticache.ModifyUserGroupInput{UserGroupId: sdk.String(find(h, "CacheUserGroup", "").ID), UserIdsToAdd: []string{id}})
		return err
	})
	edit("serverless", func(e *v1alpha1.ElastiCache) {
		*e = v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}
	})
	edit("serverless with a bound", func(e *v1alpha1.ElastiCache) { e.Serverless.MaxDataStorageGB = 10 })
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before+1 { // the other user
		t.Errorf("%d objects before, %d after", before, after)
	}
}
