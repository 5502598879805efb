package install

import (
	"fmt"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	eventsv1 "k8s.io/api/events/v1"
	k8stypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// checkHeard takes the owner's tag off the VPC, as somebody at the console would. The manager isn't asked to look,
// and would by itself only in minutes: it hears of it by the queue.
func (s *server) checkHeard(t *testing.T, key k8stypes.NamespacedName, aws *emulator.Emulator) {
	t.Helper()
	console := ec2.New(ec2.Options{
		Region: "us-east-1", HTTPClient: aws.Server, BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: sdk.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "any", ""),
	})
	vpc := ""
	for _, r := range aws.Made(false) {
		if r.Kind == "VPC" {
			vpc = r.ID
		}
	}
	began := time.Now()
	if _, err := console.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{vpc}, Tags: []types.Tag{{Key: sdk.String("ecs.portkey.ai/owner")}}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, patience, func() error {
		list := &eventsv1.EventList{}
		if err := s.List(t.Context(), list, client.InNamespace(key.Namespace)); err != nil {
			return err
		}
		for _, e := range list.Items {
			if e.Reason == "DriftCorrected" && strings.HasPrefix(e.Note, "vpc/main differed in tags.ecs.portkey.ai/owner") &&
				strings.Contains(e.Note, ", changed by arn:aws:iam::123456789012:user/admin with DeleteTags at ") {
				return nil
			}
		}
		return fmt.Errorf("no event says so among %d", len(list.Items))
	})
	t.Logf("put right and told after %s", time.Since(began).Round(time.Second))
}
