// Package emulator is AWS as this project needs it: one HTTP handler that speaks the real protocols,
// over a world with its own clock. See docs/emulator.md.
package emulator

import (
	"net/http"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/acm"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/applicationautoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/authorization"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/cloudwatch"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elasticache"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/eventbridge"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/kms"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/lambda"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/logs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/route53"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/s3"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/servicediscovery"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/sqs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ssm"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/sts"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/tagging"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/wafv2"
)

// Options are how an emulator is made. The zero value runs on a stepped clock.
type Options struct {
	// Clock is the world's time; nil is a clock that stands at Epoch and is stepped.
	Clock *core.Clock
	// Settings change how the world answers.
	Settings core.Settings
	// Host is the host name that S3 clients put bucket names before; empty for IP addresses and
	// localhost.
	Host string
}

// Epoch is when a stepped clock begins.
var Epoch = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Emulator is the HTTP handler, with the services for tests that look or reach inside.
type Emulator struct {
	World  *core.World
	Server *core.Server

	ACM            *acm.Service
	AppScaling     *applicationautoscaling.Service
	Authorization  *authorization.Authorizer
	AutoScaling    *autoscaling.Service
	CloudMap       *servicediscovery.Service
	CloudWatch     *cloudwatch.Service
	EC2            *ec2.Service
	ECS            *ecs.Service
	ELB            *elbv2.Service
	ElastiCache    *elasticache.Service
	Events         *eventbridge.Service
	IAM            *iam.Service
	KMS            *kms.Service
	Lambda         *lambda.Service
	Logs           *logs.Service
	Route53        *route53.Service
	S3             *s3.Service
	SecretsManager *secretsmanager.Service
	SQS            *sqs.Service
	SSM            *ssm.Service
	STS            *sts.Service
	Tagging        *tagging.Service
	WAF            *wafv2.Service

	// seeds are the regions that Seed was called for, networks those of SeedNetwork, before the objects that
	// were there then.
	seeds, networks []string
	before          map[string]bool
	// records are what others publish in the public DNS, by name.
	records map[string][]string
}

// New returns an emulator with every service and an empty world: see Seed.
func New(o Options) *Emulator {
	if o.Clock == nil {
		o.Clock = core.NewClock(Epoch)
	}
	w := core.NewWorld(o.Clock)
	w.Settings = o.Settings
	e := &Emulator{World: w, Server: core.NewServer(w), before: map[string]bool{}, records: map[string][]string{}}

	e.IAM = iam.New(w)
	e.Authorization = authorization.New(w, e.IAM)
	e.Server.Authorize = e.Authorization.Authorize
	e.STS = sts.New(w, e.IAM)
	e.ACM = acm.New(w)
	e.Route53 = route53.New(w)
	e.Route53.OnPublished(e.ACM.Published)
	e.ACM.SetLookup(e.Route53.Lookup)
	e.Logs = logs.New(w)
	e.KMS = kms.New(w)
	e.Authorization.FindKeys(e.KMS.Find)
	e.SecretsManager = secretsmanager.New(w)
	e.SecretsManager.SetKeys(e.KMS)
	e.S3 = s3.New(w)
	e.S3.Host = o.Host
	e.SSM = ssm.New(w, image)
	e.Tagging = tagging.New(w)
	e.CloudMap = servicediscovery.New(w)
	e.SQS = sqs.New(w)
	e.Events = eventbridge.New(w, e.Server, e.SQS)

	e.EC2 = ec2.New(w)
	e.EC2.SetImageRelease(e.SSM.Release)
	e.EC2.SetProfileUsable(func(account, nameOrARN string) bool {
		p, ok := e.IAM.InstanceProfile(account, nameOrARN)
		return ok && p.Usable
	})
	e.EC2.SetProfileARN(func(account, nameOrARN string) string {
		p, _ := e.IAM.InstanceProfile(account, nameOrARN)
		return p.ARN
	})
	e.ELB = elbv2.New(w, e.EC2, e.IAM)
	e.ELB.SetCertificates(e.ACM.Certificate)
	e.ELB.SetLogBucket(e.S3.AcceptsLogs)
	e.ELB.SetPath(e.EC2.ReachableAddress)
	e.ELB.SetClients(e.EC2.Accepts)
	e.ELB.SetPrivateLinkClients(e.EC2.AcceptsThroughPrivateLink)
	e.ELB.SetCertificateNames(e.ACM.Names)
	e.ELB.SetAssociated(e.EC2.ServesEndpoints)
	e.EC2.SetBalancers(e.endpointBalancer)
	e.EC2.SetTXT(e.txt)
	e.ACM.SetUsers(e.ELB.CertificateUsers)
	e.Route53.SetBalancerZone(e.ELB.HostedZone)
	e.WAF = wafv2.New(w, e.ELB)
	e.ElastiCache = elasticache.New(w, e.EC2, e.IAM)
	e.AutoScaling = autoscaling.New(w, e.EC2, e.IAM)
	e.Lambda = lambda.New(w, lambda.Deps{EC2: e.EC2, IAM: e.IAM, Logs: e.Logs})
	e.SecretsManager.SetFunctions(e.Lambda)
	e.ECS = ecs.New(w, ecs.Deps{EC2: e.EC2, IAM: e.IAM, ELB: e.ELB, AutoScaling: e.AutoScaling, Logs: e.Logs,
		CloudMap: e.CloudMap, Secrets: e.SecretsManager, Cache: e.ElastiCache, Functions: e.Lambda})
	e.ECS.SetBus(e.Events)
	e.Lambda.SetAnswer(e.ECS.NextAnswer)
	e.Lambda.SetDeclared(e.ECS.Answers)
	e.CloudWatch = cloudwatch.New(w, e.ECS.Alarms)
	e.AppScaling = applicationautoscaling.New(w, e.ECS, e.ELB, e.IAM)
	e.Server.Control("POST /_emulator/load", e.controlLoad)
	e.Server.Control("POST /_emulator/events", e.controlEvents)
	e.Server.Control("POST /_emulator/endpoint-services", e.controlEndpointServices)
	e.Server.Control("POST /_emulator/endpoints", e.controlEndpoints)
	e.Server.Control("POST /_emulator/dns", e.controlDNS)
	e.Server.Control("POST /_emulator/rotators", e.controlRotators)
	e.ECS.Control(e.Server)

	for _, m := range []*core.Mux{e.ACM.Mux(), e.AppScaling.Mux(), e.AutoScaling.Mux(), e.CloudMap.Mux(), e.CloudWatch.Mux(), e.EC2.Mux(), e.ECS.Mux(), e.ELB.Mux(), e.ElastiCache.Mux(), e.IAM.Mux(), e.KMS.Mux(), e.Lambda.Mux(),
		e.Logs.Mux(), e.Route53.Mux(), e.S3.Mux(), e.SecretsManager.Mux(), e.SQS.Mux(), e.SSM.Mux(), e.STS.Mux(), e.Tagging.Mux(), e.WAF.Mux()} {
		e.Server.Register(m)
	}
	w.OnReset(func() { // after every service has forgotten what it had
		clear(e.before)
		clear(e.records)
		for _, region := range e.seeds {
			e.seed(region)
		}
		for _, region := range e.networks {
			e.seedNetwork(region)
		}
	})
	return e
}

func image(region, architecture string, release int) (id, name string) {
	i := ec2.ECSOptimizedImage(region, architecture, release)
	return i.ID, i.Name
}

// ServeHTTP implements http.Handler.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.Server.ServeHTTP(w, r) }

// Advance moves the world's time forward and runs what falls due.
func (e *Emulator) Advance(d time.Duration) { e.Server.Advance(d) }
