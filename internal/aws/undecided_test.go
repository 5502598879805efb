package aws

import (
	"context"
	"io"
	"net/http"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestWhatMakesOneMoreIsTriedOnce loses answers: the SDK repeats what may be repeated, and nothing else.
func TestWhatMakesOneMoreIsTriedOnce(t *testing.T) {
	lost := func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	failing := func() (*http.Response, error) { return answer(http.StatusInternalServerError, "{}"), nil }
	throttled := func() (*http.Response, error) {
		return answer(http.StatusServiceUnavailable, `<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>m</Message></Error></Errors></Response>`), nil
	}
	vpc := func(ctx context.Context, c *Clients) error {
		_, err := c.EC2.CreateVpc(ctx, &ec2.CreateVpcInput{})
		return err
	}
	for _, tt := range []struct {
		name   string
		answer func() (*http.Response, error)
		call   func(context.Context, *Clients) error
		want   int
		class  graph.Class
		why    string
	}{
		{"CreateVpc, lost", lost, vpc, 1, graph.Transient, "it may be made, and a second would be another"},
		{"CreateVpc, failing", failing, vpc, 1, graph.Transient, "AWS's own failure doesn't say whether it is made"},
		{"CreateVpc, throttled", throttled, vpc, 3, graph.Throttled, "it isn't made"},
		{"AllocateAddress, lost", lost, func(ctx context.Context, c *Clients) error {
			_, err := c.EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
			return err
		}, 1, graph.Transient, "as a VPC"},
		{"UpdateService, lost", lost, func(ctx context.Context, c *Clients) error {
			_, err := c.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Service: sdk.String("s"), ForceNewDeployment: true})
			return err
		}, 1, graph.Transient, "it forces a deployment, and a second would be another"},
		{"CreateNatGateway, lost", lost, func(ctx context.Context, c *Clients) error {
			_, err := c.EC2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{ClientToken: sdk.String("t")})
			return err
		}, 3, graph.Transient, "it has a token"},
		{"DescribeVpcs, lost", lost, func(ctx context.Context, c *Clients) error {
			_, err := c.EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return err
		}, 3, graph.Transient, "reading twice is reading"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			attempts := 0
			f := NewFactory(sdk.Config{
				Credentials: credentials.NewStaticCredentialsProvider("AKIA", "s", ""),
				HTTPClient:  doer(func(*http.Request) (*http.Response, error) { attempts++; return tt.answer() }),
				Retryer: func() sdk.Retryer {
					return retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter, o.MaxBackoff = ratelimit.None, 1 })
				},
			}, newClock().now)
			err := tt.call(t.Context(), f.region("us-east-1").clients)
			if attempts != tt.want || Classify(err).Class != tt.class {
				t.Errorf("%d attempts, want %d: %s; %v", attempts, tt.want, tt.why, err)
			}
		})
	}
}
