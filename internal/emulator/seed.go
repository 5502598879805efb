package emulator

import (
	"fmt"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// What a user has before the first deployment.
const (
	// Account and AccessKeyID are who calls; any secret key will do.
	Account     = "123456789012"
	AccessKeyID = "AKIAEMULATOR00000000"
	// LicenseSecret and RegistrySecret are names of secrets.
	LicenseSecret  = "portkey/license"
	RegistrySecret = "portkey/registry"
	// LogBucket keeps what the gateway logs, and access logs of load balancers.
	LogBucket = "dev-logs"
	// CertificateID and CertificateDomain are of an issued certificate, which covers the domain and
	// every host right below it.
	CertificateID     = "11111111-2222-3333-4444-555555555555"
	CertificateDomain = "portkey.example.com"
)

// secretSuffix ends the ARNs of the seeded secrets, so that config/samples fit as they are.
const secretSuffix = "AbCdEf"

// Seeded are the ARNs of what Seed made.
type Seeded struct{ LicenseSecret, RegistrySecret, LogBucket, Certificate string }

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

func (e *Emulator) seed(region string) Seeded {
	scope := core.Scope{Account: Account, Region: region}
	e.World.AddKey(AccessKeyID, core.AccountRoot(Account))
	arn := "arn:" + scope.Partition() + ":s3:::" + LogBucket
	out := Seeded{
		LicenseSecret:  e.SecretsManager.AddAs(scope, LicenseSecret, secretSuffix, `{"PORTKEY_CLIENT_AUTH":"emulated-license","ORGANISATIONS_TO_SYNC":"org-1,org-2"}`),
		RegistrySecret: e.SecretsManager.AddAs(scope, RegistrySecret, secretSuffix, `{"username":"portkeyenterprise","password":"emulated-password"}`),
		LogBucket:      e.S3.Add(scope, LogBucket, logPolicy(arn)),
		Certificate:    e.ACM.Add(scope, CertificateID, "ISSUED", CertificateDomain, "*."+CertificateDomain),
	}
	e.IAM.InPartition(Account, scope.Partition())
	// An account in which these services were ever used has their roles for good.
	for _, service := range []string{"ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com", "autoscaling.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticache.amazonaws.com"} {
		e.IAM.EnsureServiceLinkedRole(Account, service)
	}
	for _, r := range e.World.Resources(true) {
		e.before[identity(r)] = true
	}
	return out
}

// logPolicy lets Application and Network Load Balancers write access logs,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
func logPolicy(bucket string) string {
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
