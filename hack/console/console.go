// Package console is somebody at AWS's console: a caller in the emulator's account who may do everything and knows
// nothing of the operator. Tests and sweeps meddle with deployments through it.
package console

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// Console has a client of each service.
type Console struct {
	EC2         *ec2.Client
	ECS         *ecs.Client
	ELB         *elbv2.Client
	IAM         *iam.Client
	AutoScaling *autoscaling.Client
	Logs        *cloudwatchlogs.Client
	CloudMap    *servicediscovery.Client
	Cache       *elasticache.Client
	Secrets     *secretsmanager.Client
	S3          *s3.Client
	WAF         *wafv2.Client
	AppScaling  *applicationautoscaling.Client
	Lambda      *awslambda.Client
}

// New returns a console that talks to an emulator of AWS as the owner of an access key. It tries each call once.
func New(aws sdk.HTTPClient, accessKeyID string) *Console {
	cfg := sdk.Config{
		Region: "us-east-1", HTTPClient: aws, BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, "secret", ""),
	}
	return &Console{
		EC2: ec2.NewFromConfig(cfg), ECS: ecs.NewFromConfig(cfg), ELB: elbv2.NewFromConfig(cfg), IAM: iam.NewFromConfig(cfg),
		AutoScaling: autoscaling.NewFromConfig(cfg), Logs: cloudwatchlogs.NewFromConfig(cfg), CloudMap: servicediscovery.NewFromConfig(cfg),
		Cache: elasticache.NewFromConfig(cfg), Secrets: secretsmanager.NewFromConfig(cfg), S3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		WAF: wafv2.NewFromConfig(cfg), AppScaling: applicationautoscaling.NewFromConfig(cfg), Lambda: awslambda.NewFromConfig(cfg),
	}
}
