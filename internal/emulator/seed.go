package emulator

import (
	"fmt"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// What a user has before the first deployment.
const (
	// Account and AccessKeyID are who calls; any secret key will do.
	Account     = "123456789012"
	AccessKeyID = "AKIAEMULATOR00000000"
	// LicenseSecret and RegistrySecret are names of secrets.
	LicenseSecret  = "portkey/license"
	RegistrySecret = "portkey/registry"
	// KeyID is the ID of a key of AWS KMS.
	KeyID = "1234abcd-12ab-34cd-56ef-1234567890ab"
	// RedisSecret is the name of a secret with a cache's password.
	RedisSecret = "portkey/redis"
	// LogBucket keeps what the gateway logs, and access logs of load balancers.
	LogBucket = "dev-logs"
	// The buckets of config/samples/production.yaml.
	ProductionLogBucket    = "portkey-prod-logs"
	ProductionExportBucket = "portkey-prod-exports"
	AccessLogBucket        = "portkey-alb-access-logs"
	// CertificateID and CertificateDomain are of an issued certificate, which covers the domain and
	// every host right below it.
	CertificateID     = "11111111-2222-3333-4444-555555555555"
	CertificateDomain = "portkey.example.com"
	// HostedZoneID is of a public hosted zone, and HostedZoneDomain its domain.
	HostedZoneID     = "Z0123456789ABCDEFGHIJ"
	HostedZoneDomain = "example.com"
	// HostCertificateID is of another issued certificate, for the hosts of config/samples/gateway-mcp.yaml.
	HostCertificateID = "22222222-3333-4444-5555-666666666666"
)

// ExistingNetwork is what SeedNetwork makes, and config/samples/existing-network.yaml uses.
var ExistingNetwork = ec2.Network{
	VPCID:            "vpc-0123456789abcdef0",
	CIDR:             "10.20.0.0/16",
	PublicSubnetIDs:  []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"},
	PrivateSubnetIDs: []string{"subnet-0123456789abcdef2", "subnet-0123456789abcdef3"},
}

// secretSuffix ends the ARNs of the seeded secrets, so that config/samples fit as they are.
const secretSuffix = "AbCdEf"

// Seeded are the ARNs of what Seed made.
type Seeded struct{ LicenseSecret, RegistrySecret, RedisSecret, LogBucket, Certificate, HostCertificate string }

// Seed makes what a user would have beforehand, in the seed account and one region; it may be called
// for several regions, of which the first gets the bucket. What exists then is not in Made. A reset
// leads back to here: it makes the same again, by the same ARNs.
func (e *Emulator) Seed(region string) Seeded {
	e.World.Lock()
	defer e.World.Unlock()
	if !slices.Contains(e.seeds, region) {
		e.seeds = append(e.seeds, region)
	}
	return e.seed(region)
}

// SeedNetwork makes a VPC as well that the user has beforehand, in a region that Seed was called for. It
// isn't in Seed, since it takes a part of the region's quotas.
func (e *Emulator) SeedNetwork(region string) {
	e.World.Lock()
	defer e.World.Unlock()
	if !slices.Contains(e.networks, region) {
		e.networks = append(e.networks, region)
		e.seedNetwork(region)
	}
}

func (e *Emulator) seedNetwork(region string) {
	if err := e.EC2.AddNetwork(core.Scope{Account: Account, Region: region}, ExistingNetwork); err != nil {
		panic("emulator: " + err.Error()) // the network is a constant of this file
	}
	e.remember()
}

func (e *Emulator) seed(region string) Seeded {
	scope := core.Scope{Account: Account, Region: region}
	e.World.AddKey(AccessKeyID, core.AccountRoot(Account))
	e.World.EnableRegion(scope)
	out := Seeded{
		LicenseSecret:   e.SecretsManager.AddAs(scope, LicenseSecret, secretSuffix, `{"PORTKEY_CLIENT_AUTH":"emulated-license","ORGANISATIONS_TO_SYNC":"org-1,org-2"}`),
		RegistrySecret:  e.SecretsManager.AddAs(scope, RegistrySecret, secretSuffix, `{"username":"portkeyenterprise","password":"emulated-password"}`),
		RedisSecret:     e.SecretsManager.AddAs(scope, RedisSecret, secretSuffix, `{"REDIS_PASSWORD":"emulated-password"}`),
		LogBucket:       e.S3.Add(scope, LogBucket, logPolicy(scope, LogBucket)),
		Certificate:     e.ACM.Add(scope, CertificateID, "ISSUED", CertificateDomain, "*."+CertificateDomain),
		HostCertificate: e.ACM.Add(scope, HostCertificateID, "ISSUED", "gateway.example.com", "mcp.example.com"),
	}
	e.KMS.Add(scope, KeyID)
	e.S3.Add(scope, ProductionLogBucket, "")
	e.S3.Add(scope, ProductionExportBucket, "")
	e.S3.Add(scope, AccessLogBucket, logPolicy(scope, AccessLogBucket))
	e.Route53.EnsureZone(scope, HostedZoneID, HostedZoneDomain)
	e.IAM.InPartition(Account, scope.Partition())
	// An account in which these services were ever used has their roles for good.
	for _, service := range []string{"ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com", "autoscaling.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticache.amazonaws.com"} {
		e.IAM.EnsureServiceLinkedRole(Account, service)
	}
	e.seedControlPlane()
	e.remember()
	return out
}

// remember keeps what exists now out of Made.
func (e *Emulator) remember() {
	for _, r := range e.World.Resources(true) {
		e.before[identity(r)] = true
	}
}

// logPolicy lets Application and Network Load Balancers write access logs,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
func logPolicy(scope core.Scope, name string) string {
	bucket := "arn:" + scope.Partition() + ":s3:::" + name
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[`+
		`{"Effect":"Allow","Principal":{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"},"Action":"s3:PutObject","Resource":"%[1]s/*"},`+
		`{"Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"s3:PutObject","Resource":"%[1]s/*"},`+
		`{"Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"%[1]s"}]}`, bucket)
}

// identity tells an object from one that was made again under its name.
func identity(r core.Resource) string {
	return r.Account + "/" + r.Region + "/" + r.Service + "/" + r.Kind + "/" + r.ID
}

// Made lists what exists now and didn't when Seed was called; all includes what AWS only remembers.
func (e *Emulator) Made(all bool) []core.Resource {
	e.World.Lock()
	defer e.World.Unlock()
	out := []core.Resource{}
	for _, r := range e.World.Resources(all) {
		if !e.before[identity(r)] {
			out = append(out, r)
		}
	}
	return out
}
