package aws

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/smithy-go/middleware"
)

// AppID is in the user agent of every call of the operator, as "app/portkey-ecs-operator": CloudTrail shows it.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
const AppID = "portkey-ecs-operator"

const (
	// attempts and maxBackoff keep the SDK's own retries short: they bridge a hiccup, and whatever
	// lasts longer is the work queue's business, which doesn't hold a worker.
	attempts   = 3
	maxBackoff = 2 * time.Second
	// identityTTL is how long the answer to "whose credentials are these" is believed.
	identityTTL = time.Hour
	// requestTimeout bounds one attempt: the SDK's client waits for an answer without end.
	requestTimeout = 30 * time.Second
)

// Factory makes worlds: clients per region that share credentials, limiter and long-lived cache.
type Factory struct {
	base sdk.Config
	now  func() time.Time
	// global limits the services that have one rate for all regions of an account.
	global *Limiter

	mu      sync.Mutex
	regions map[string]*region
}

type region struct {
	clients *Clients
	cache   *Cache
}

// Load reads the SDK's standard configuration: environment, profiles, web identity, Pod Identity, and
// AWS_ENDPOINT_URL with its per-service variants.
func Load(ctx context.Context) (sdk.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithAppID(AppID))
	if err != nil {
		return sdk.Config{}, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	return cfg, nil
}

// NewFactory returns a factory of worlds with the given configuration, on the given clock. A retryer
// in the configuration is kept.
func NewFactory(cfg sdk.Config, now func() time.Time) *Factory {
	cfg = cfg.Copy()
	cfg.AppID = AppID
	if cfg.Retryer == nil {
		cfg.Retryer = newRetryer
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = awshttp.NewBuildableClient()
	}
	if client, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = client.WithTimeout(requestTimeout)
	}
	return &Factory{base: cfg, now: now, global: NewLimiter(now), regions: map[string]*region{}}
}

// newRetryer is called for each client: a retryer's state isn't to be shared.
func newRetryer() sdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff
		// The SDK's own quota is shared by all calls of a client and never refills under a lasting
		// fault; our limiter and the work queue do that job.
		o.RateLimiter = ratelimit.None
	})
}

// World returns a region's clients with the reads of a new walk. It asks STS whose the credentials
// are: once an hour, and whenever they are others than before. Credentials that the SDK renews by
// itself may lead to another account from one moment to the next, as after a change of a Pod Identity
// association, and there everything would seem to be missing.
func (f *Factory) World(ctx context.Context, name string) (*World, error) {
	r := f.region(name)
	key, err := f.credentials(ctx)
	if err != nil {
		return nil, err
	}
	asked := false
	who, err := Keep(ctx, r.cache, "sts/identity/"+key, identityTTL, func(ctx context.Context) (*sts.GetCallerIdentityOutput, error) {
		asked = true
		return r.clients.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	})
	if err != nil {
		return nil, err
	}
	partition := "aws"
	if parts := strings.SplitN(sdk.ToString(who.Arn), ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return &World{Clients: r.clients, Reads: NewReads(), Forever: r.cache, Renewed: asked, Account: sdk.ToString(who.Account), Caller: sdk.ToString(who.Arn), Region: name, Partition: partition}, nil
}

// credentials names the present credentials, by what isn't secret of them.
func (f *Factory) credentials(ctx context.Context) (string, error) {
	if f.base.Credentials == nil {
		return "", nil
	}
	c, err := f.base.Credentials.Retrieve(ctx)
	if err != nil {
		return "", &CredentialsError{err}
	}
	return c.AccessKeyID, nil
}

// CredentialsError says that there are no credentials to call AWS with.
type CredentialsError struct{ Err error }

// Error implements error.
func (e *CredentialsError) Error() string { return "getting AWS credentials: " + e.Err.Error() }

// Unwrap gives the provider's error.
func (e *CredentialsError) Unwrap() error { return e.Err }

func (f *Factory) region(name string) *region {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.regions[name]; r != nil {
		return r
	}
	cfg := f.base.Copy()
	cfg.Region = name
	regional := NewLimiter(f.now)
	cfg.APIOptions = append(append([]func(*middleware.Stack) error{}, cfg.APIOptions...), redacted, whole, limited(func(service string) *Limiter {
		if service == "IAM" || service == route53Service {
			return f.global
		}
		return regional
	}))
	r := &region{clients: newClients(cfg), cache: NewCache(f.now)}
	f.regions[name] = r
	return r
}

func newClients(cfg sdk.Config) *Clients {
	return &Clients{
		EC2:    ec2.NewFromConfig(cfg),
		ECS:    ecs.NewFromConfig(cfg),
		ELB:    elbv2.NewFromConfig(cfg),
		Cache:  elasticache.NewFromConfig(cfg),
		IAM:    iam.NewFromConfig(cfg),
		KMS:    kms.NewFromConfig(cfg),
		ASG:    autoscaling.NewFromConfig(cfg),
		Logs:   cloudwatchlogs.NewFromConfig(cfg),
		Lambda: lambda.NewFromConfig(cfg),
		SD:     servicediscovery.NewFromConfig(cfg),
		SSM:    ssm.NewFromConfig(cfg),
		STS:    sts.NewFromConfig(cfg),
		// A bucket's name as a host name works only where DNS answers for it, which a custom
		// endpoint's seldom does.
		S3:      s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }),
		Secrets: secretsmanager.NewFromConfig(cfg),
		Tagging: tagging.NewFromConfig(cfg),
		ACM:     acm.NewFromConfig(cfg),
		WAF:     wafv2.NewFromConfig(cfg),
		Route53: route53.NewFromConfig(cfg),
		Alarms:  cloudwatch.NewFromConfig(cfg),

		AppScaling: applicationautoscaling.NewFromConfig(cfg),
	}
}
