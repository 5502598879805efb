package lifecycle

import (
	"context"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// unacceptable is a spec that the API server can't know to be wrong.
type unacceptable struct {
	name   string
	spoil  func(*harness.Harness, *spec)
	reason string
	// says are parts of the message: what is wrong, and what to write or do instead.
	says []string
	// mend mends the cause in AWS; nil where only another spec helps.
	mend func(*testing.T, *harness.Harness)
}

var refusals = []unacceptable{
	{name: "license doesn't exist", reason: v1alpha1.ReasonSecretUnusable,
		spoil: set(func(s *spec) { s.Credentials.License.SecretARN = secretNowhere }),
		says:  []string{"credentials.license: there is no secret " + secretNowhere, "create it, or correct secretARN"}},
	{name: "registry secret doesn't exist", reason: v1alpha1.ReasonSecretUnusable,
		spoil: set(func(s *spec) { s.Credentials.Registry.SecretARN = secretNowhere }),
		says:  []string{"credentials.registry: there is no secret " + secretNowhere, "create it, or correct secretARN"}},
	{name: "license scheduled for deletion", reason: v1alpha1.ReasonSecretUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			s.Credentials.License.SecretARN = addSecret(h, "portkey/old", goodLicense)
			if _, err := secrets(h).DeleteSecret(context.Background(), &secretsmanager.DeleteSecretInput{SecretId: sdk.String("portkey/old")}); err != nil {
				panic(err)
			}
		},
		says: []string{"credentials.license: the secret arn:", "is scheduled for deletion: restore it, or name another"},
		mend: func(t *testing.T, h *harness.Harness) {
			if _, err := secrets(h).RestoreSecret(t.Context(), &secretsmanager.RestoreSecretInput{SecretId: sdk.String("portkey/old")}); err != nil {
				t.Fatal(err)
			}
		}},
	{name: "bucket doesn't exist", reason: v1alpha1.ReasonBucketUnusable,
		spoil: set(func(s *spec) { s.Storage.LogBucket = "nobodys-logs" }),
		says:  []string{"storage.logBucket: there is no bucket nobodys-logs in us-east-1", "create it, or correct logBucket or region"},
		mend:  func(_ *testing.T, h *harness.Harness) { addBucket(h, "us-east-1", "nobodys-logs") }},
	{name: "bucket lies elsewhere", reason: v1alpha1.ReasonBucketUnusable,
		spoil: func(h *harness.Harness, s *spec) { s.Storage.LogBucket = addBucket(h, "eu-west-1", "far-logs") },
		says:  []string{"storage.logBucket: the bucket far-logs", "set storage.region to"}},
	{name: "bucket doesn't lie where it is said to", reason: v1alpha1.ReasonBucketUnusable,
		spoil: set(func(s *spec) { s.Storage.Region = "eu-west-1" }),
		says:  []string{"storage.logBucket: the bucket " + emulator.LogBucket, "set storage.region to"}},
	{name: "bucket of exports doesn't exist", reason: v1alpha1.ReasonBucketUnusable,
		spoil: set(func(s *spec) { s.Storage.ExportBucket = "nobodys-exports" }),
		says:  []string{"storage.exportBucket: there is no bucket nobodys-exports in us-east-1", "create it, or correct exportBucket or region"},
		mend:  func(_ *testing.T, h *harness.Harness) { addBucket(h, "us-east-1", "nobodys-exports") }},
	{name: "bucket of fine-tuning doesn't exist", reason: v1alpha1.ReasonBucketUnusable,
		spoil: set(func(s *spec) { s.Storage.FineTuneBucket = "nobodys-tunes" }),
		says:  []string{"storage.fineTuneBucket: there is no bucket nobodys-tunes in us-east-1", "create it, or correct fineTuneBucket or region"},
		mend:  func(_ *testing.T, h *harness.Harness) { addBucket(h, "us-east-1", "nobodys-tunes") }},
	{name: "bucket to be made is another account's", reason: v1alpha1.ReasonBucketUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			locked(h, func() { h.Emulator.S3.Add(core.Scope{Account: "210987654321", Region: "us-east-1"}, "taken-logs", "") })
			s.Storage.LogBucket, s.Storage.Create = "taken-logs", true
		},
		says: []string{"storage.logBucket: the name taken-logs is taken by a bucket of another account", "write another name", "s3:ListBucket"}},
	{name: "bucket to be made lies elsewhere", reason: v1alpha1.ReasonBucketUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			s.Storage.LogBucket, s.Storage.Create = addBucket(h, "eu-west-1", "far-logs"), true
		},
		says: []string{"storage.logBucket: the name far-logs is taken by a bucket in another region than us-east-1", "write another name", "create to false"}},
	{name: "bucket to be made is there without our tags", reason: v1alpha1.ReasonBucketUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			s.Storage.LogBucket, s.Storage.Create = addBucket(h, "us-east-1", "old-logs"), true
		},
		says: []string{"storage.logBucket: the bucket old-logs is there already, and isn't this deployment's", "write create: false to use it as it is, or another name"}},
	{name: "certificate isn't validated yet", reason: v1alpha1.ReasonCertificateUnusable, spoil: certifiedBy("PENDING_VALIDATION"),
		says: []string{"loadBalancer.certificateARN: the certificate arn:", "/ours is PENDING_VALIDATION: have it issued, or name another"},
		mend: func(_ *testing.T, h *harness.Harness) { addCertificate(h, "ISSUED") }},
	{name: "certificate is expired", reason: v1alpha1.ReasonCertificateUnusable, spoil: certifiedBy("EXPIRED"),
		says: []string{"loadBalancer.certificateARN: the certificate arn:", "/ours is EXPIRED: have it issued, or name another"}},
	{name: "certificate isn't for the control plane's name", reason: v1alpha1.ReasonCertificateUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			linked(v1alpha1.InboundEndpointService{PrivateDNSName: "gw.acme.example"})(h, s)
			s.LoadBalancer = &v1alpha1.LoadBalancer{CertificateARN: certificateOfHosts}
		},
		says: []string{"not for gw.acme.example: name one that covers it, or correct controlPlane.inbound.privateLink.privateDNSName"}},
	{name: "bucket of access logs doesn't exist", reason: v1alpha1.ReasonBucketUnusable,
		spoil: balancer(v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, AccessLogs: &v1alpha1.AccessLogs{Bucket: "nobodys-access-logs"}}),
		says:  []string{"loadBalancer.accessLogs.bucket: there is no bucket nobodys-access-logs in us-east-1, where the load balancer is", "create it, or name another"}},
	{name: "key of a given secret is disabled", reason: v1alpha1.ReasonKeyUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			key := addKey(h, "off", "")
			s.Credentials.License.SecretARN = encryptedSecret(h, "portkey/encrypted", goodLicense, key)
			locked(h, func() { h.Emulator.KMS.SetEnabled(key, false) })
		},
		says: []string{"credentials.license: the key arn:aws:kms:us-east-1:" + emulator.Account + ":key/off, with which the secret arn:", "is Disabled: enable it, or name another secret"},
		mend: func(_ *testing.T, h *harness.Harness) {
			locked(h, func() { h.Emulator.KMS.SetEnabled(home.ARN("kms", "key/off"), true) })
		}},
	{name: "alias of a given secret's key is gone", reason: v1alpha1.ReasonKeyUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			addKey(h, "named", "alias/named")
			s.Credentials.License.SecretARN = encryptedSecret(h, "portkey/encrypted", goodLicense, "alias/named")
			locked(h, func() { h.Emulator.KMS.RemoveAlias(home.ARN("kms", "alias/named")) })
		},
		says: []string{"credentials.license: there is no key arn:aws:kms:us-east-1:" + emulator.Account + ":alias/named, with which the secret arn:", "or name another secret"}},
	{name: "certificate doesn't exist", reason: v1alpha1.ReasonCertificateUnusable,
		spoil: balancer(v1alpha1.LoadBalancer{CertificateARN: certificateNowhere}),
		says:  []string{"loadBalancer.certificateARN: there is no certificate " + certificateNowhere + " in us-east-1", "or correct certificateARN"}},
	{name: "certificate isn't for a host", reason: v1alpha1.ReasonCertificateUnusable,
		spoil: balancer(v1alpha1.LoadBalancer{
			Type: v1alpha1.LoadBalancerApplication, CertificateARN: certificateOfHosts, Hosts: &v1alpha1.Hosts{Gateway: "a.b." + emulator.CertificateDomain},
		}),
		says: []string{"not for a.b.portkey.example.com", "name one that covers it, or correct loadBalancer.hosts"}},
	{name: "access logs lie elsewhere", reason: v1alpha1.ReasonBucketUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, AccessLogs: &v1alpha1.AccessLogs{Bucket: addBucket(h, "eu-west-1", "far-logs")}}
		},
		says: []string{"loadBalancer.accessLogs.bucket: the bucket far-logs doesn't lie in us-east-1", "name one that does"}},
	{name: "web ACL doesn't exist", reason: v1alpha1.ReasonWebACLUnusable,
		spoil: balancer(v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, WAFWebACLARN: aclNowhere}),
		says:  []string{"loadBalancer.wafWebACLARN: there is no web ACL " + aclNowhere + " in us-east-1", "create it there, or correct wafWebACLARN"}},
	{name: "certificate of another account", reason: v1alpha1.ReasonCertificateUnusable,
		spoil: balancer(v1alpha1.LoadBalancer{CertificateARN: strings.Replace(certificateOfHosts, emulator.Account, "210987654321", 1)}),
		says:  []string{"belongs to account 210987654321, but the load balancer to " + emulator.Account, "request or import it there"}},
	{name: "hosted zone doesn't exist", reason: v1alpha1.ReasonHostedZoneUnusable, spoil: addressed("Z0NOWHERE"),
		says: []string{"loadBalancer.dns.hostedZoneID: there is no hosted zone Z0NOWHERE", "create it in account " + emulator.Account + ", or correct hostedZoneID"},
		mend: func(_ *testing.T, h *harness.Harness) {
			locked(h, func() {
				h.Emulator.Route53.AddZone(core.Scope{Account: emulator.Account}, "Z0NOWHERE", zoneDomain, false)
			})
		}},
	{name: "hosted zone of another account", reason: v1alpha1.ReasonHostedZoneUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			locked(h, func() { h.Emulator.Route53.AddZone(core.Scope{Account: "210987654321"}, "Z0THEIRS", zoneDomain, false) })
			addressed("Z0THEIRS")(h, s)
		},
		says: []string{"the operator may not see the hosted zone Z0THEIRS", "name one of account " + emulator.Account, "route53:GetHostedZone"}},
	{name: "hosts lie in another zone", reason: v1alpha1.ReasonHostedZoneUnusable, spoil: inZones(addressed(otherZone)),
		says: []string{"is for other.example.org, and gateway." + zoneDomain + " isn't below that", "or correct loadBalancer.hosts"}},
	{name: "private zone for a certificate", reason: v1alpha1.ReasonHostedZoneUnusable, spoil: inZones(addressed(privateZone)),
		says: []string{"the hosted zone " + privateZone + " is private", "name the public zone of " + zoneDomain}},
	{name: "a record stands at the host", reason: v1alpha1.ReasonHostedZoneUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			inZones(addressed(publicZone))(h, s)
			locked(h, func() { h.Emulator.Route53.AddRecord(publicZone, "gateway."+zoneDomain, "CNAME", "old.example.net.") })
		},
		says: []string{"has a record gateway." + zoneDomain + " CNAME of somebody else's", "remove it or use another host"},
		mend: func(_ *testing.T, h *harness.Harness) {
			locked(h, func() { h.Emulator.Route53.RemoveRecord(publicZone, "gateway."+zoneDomain, "CNAME") })
		}},
	{name: "a host is claimed", reason: v1alpha1.ReasonHostedZoneUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			inZones(addressed(publicZone))(h, s)
			locked(h, func() {
				h.Emulator.Route53.AddRecord(publicZone, "_portkey-owner.gateway."+zoneDomain, "TXT", `"portkey-ecs-operator owner=somebody"`)
			})
		},
		says: []string{"has a record _portkey-owner.gateway." + zoneDomain + " TXT by which", "remove that record, or use another host"}},
	{name: "license without a value", reason: v1alpha1.ReasonSecretUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			out, err := secrets(h).CreateSecret(context.Background(), &secretsmanager.CreateSecretInput{Name: sdk.String("portkey/empty")})
			if err != nil {
				panic(err)
			}
			s.Credentials.License.SecretARN = *out.ARN
		},
		says: []string{"credentials.license: the secret arn:", "has no value yet: store one in it, or name another"},
		mend: func(_ *testing.T, h *harness.Harness) { addSecret(h, "portkey/empty", goodLicense) }},
	{name: "key doesn't exist", reason: v1alpha1.ReasonKeyUnusable, spoil: encryptedBy(func(*harness.Harness) string { return keyNowhere }),
		says: []string{"secrets.kmsKeyARN: there is no key " + keyNowhere, "create it, or correct kmsKeyARN"}},
	{name: "key is disabled", reason: v1alpha1.ReasonKeyUnusable,
		spoil: encryptedBy(func(h *harness.Harness) string {
			arn := h.Emulator.KMS.Add(home, "disabled")
			h.Emulator.KMS.SetEnabled(arn, false)
			return arn
		}),
		says: []string{"key/disabled is Disabled: enable it, or name another"},
		mend: func(_ *testing.T, h *harness.Harness) {
			locked(h, func() { h.Emulator.KMS.SetEnabled(home.ARN("kms", "key/disabled"), true) })
		}},
	{name: "key is to be deleted", reason: v1alpha1.ReasonKeyUnusable,
		spoil: encryptedBy(func(h *harness.Harness) string {
			arn := h.Emulator.KMS.Add(home, "leaving")
			h.Emulator.KMS.ScheduleDeletion(arn)
			return arn
		}),
		says: []string{"key/leaving is scheduled for deletion (PendingDeletion): cancel that and enable it, or name another"}},
	{name: "key isn't symmetric", reason: v1alpha1.ReasonKeyUnusable,
		spoil: encryptedBy(func(h *harness.Harness) string {
			return h.Emulator.KMS.AddOf(home, "pair", kmstypes.KeySpecRsa2048, kmstypes.KeyUsageTypeEncryptDecrypt)
		}),
		says: []string{"key/pair isn't symmetric", "name a symmetric encryption key"}},
	{name: "function of a hook doesn't exist", reason: v1alpha1.ReasonHookUnusable,
		spoil: set(func(s *spec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
			s.Gateway = &v1alpha1.Gateway{Rollout: held(lambda("missing", v1alpha1.StagePostScaleUp))}
		}),
		says: []string{"gateway.rollout.hooks[0].lambda.functionARN: there is no function " + functionARN("missing"), "create it, or correct functionARN"},
		mend: func(_ *testing.T, h *harness.Harness) { answer(h, "missing", "SUCCEEDED") }},
	{name: "alarms of rollouts don't exist", reason: v1alpha1.ReasonAlarmUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			alarm(h, "there", "OK")
			s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Alarms: []string{"gone", "there", "nowhere"}}}
		},
		says: []string{"gateway.rollout.alarms: there is no CloudWatch alarm gone, nor nowhere in us-east-1: create it, or correct alarms"},
		mend: func(_ *testing.T, h *harness.Harness) { alarm(h, "gone", "OK"); alarm(h, "nowhere", "OK") }},
	{name: "region of the control plane is none", reason: v1alpha1.ReasonInvalid,
		spoil: set(func(s *spec) {
			s.ControlPlane = &v1alpha1.ControlPlane{Inbound: &v1alpha1.Inbound{Type: v1alpha1.InboundPrivateLink, PrivateLink: &v1alpha1.InboundEndpointService{SupportedRegions: []string{"eu-west-1", "eu-west-9"}}}}
		}),
		says: []string{"controlPlane.inbound.privateLink.supportedRegions: eu-west-9 is no region of AWS (partition aws): correct or remove it"}},
	{name: "endpoint service doesn't exist", reason: v1alpha1.ReasonEndpointServiceUnusable,
		spoil: set(out(v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink, PrivateLink: &v1alpha1.OutboundEndpoint{ServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"}})),
		says:  []string{"controlPlane.outbound: the endpoint service com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000 isn't open to AWS account", "or correct privateLink.serviceName"}},
	{name: "endpoint service in no zone of the subnets", reason: v1alpha1.ReasonEndpointServiceUnusable,
		spoil: func(h *harness.Harness, s *spec) {
			changeService(h, emuec2.ServiceChange{ZoneIDs: []string{"use1-az5"}})
			privately(s)
		},
		says: []string{"is in us-east-1f, but the private subnets are in us-east-1a", "raise network.vpc.zones, or write type: Internet"},
		mend: func(_ *testing.T, h *harness.Harness) {
			unasked(h)
			changeService(h, emuec2.ServiceChange{ZoneIDs: []string{"use1-az1", "use1-az2"}})
		}},
	{name: "another account", reason: v1alpha1.ReasonWrongAccount,
		spoil: set(func(s *spec) { s.AccountID = "210987654321" }),
		says:  []string{"belong to account " + emulator.Account + ", but spec.accountID is 210987654321", "give the operator credentials of 210987654321, or correct accountID"}},
}

const (
	certificateNowhere = "arn:aws:acm:us-east-1:123456789012:certificate/99999999-0000-0000-0000-000000000000"
	aclNowhere         = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/nowhere/99999999-0000-0000-0000-000000000000"
)

// keyNowhere is the ARN of a key that doesn't exist.
const keyNowhere = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"

// goodLicense is a license secret as it ought to be.
const goodLicense = `{"PORTKEY_CLIENT_AUTH":"x","ORGANISATIONS_TO_SYNC":"y"}`

// certifiedBy has the load balancer use a certificate in a status.
func certifiedBy(status string) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		s.LoadBalancer = &v1alpha1.LoadBalancer{CertificateARN: addCertificate(h, status)}
	}
}

func addCertificate(h *harness.Harness, status string) (arn string) {
	locked(h, func() { arn = h.Emulator.ACM.Add(home, "ours", status, emulator.CertificateDomain) })
	return arn
}

// addKey adds a key of the user's, with an alias unless that is empty.
func addKey(h *harness.Harness, id, alias string) (arn string) {
	locked(h, func() {
		if arn = h.Emulator.KMS.Add(home, id); alias != "" {
			h.Emulator.KMS.AddAlias(alias, arn)
		}
	})
	return arn
}

// encryptedSecret makes a secret that is encrypted with a key: an ARN, an ID or an alias.
func encryptedSecret(h *harness.Harness, name, value, key string) string {
	out, err := secrets(h).CreateSecret(context.Background(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value, KmsKeyId: &key})
	if err != nil {
		panic(err)
	}
	return *out.ARN
}

// encryptedBy has the operator's secrets encrypted with a key that the user made, under the world's lock.
func encryptedBy(key func(*harness.Harness) string) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		locked(h, func() { s.Secrets = &v1alpha1.Secrets{KMSKeyARN: key(h)} })
	}
}

const secretNowhere = "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/nowhere-AbCdEf"

// TestRefusedAtFirst creates gateways that AWS speaks against: nothing is written until that is mended.
func TestRefusedAtFirst(t *testing.T) { refusedAtFirst(t, refusals) }

func refusedAtFirst(t *testing.T, refusals []unacceptable) {
	t.Helper()
	for i, r := range refusals {
		if !harness.Sample(i + 8) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			gw := h.Minimal("gw")
			r.spoil(h, &gw.Spec)
			m := mark(h)
			key := h.Create(gw)
			for range 5 {
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("AWS is changed although the spec isn't accepted: %v", got)
			}
			isRefused(t, h.Get(key), r.reason, r.says)
			if r.mend != nil {
				r.mend(t, h)
			} else {
				h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec = h.Minimal("gw").Spec })
			}
			ready(t, h, key)
			told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
		})
	}
}

// TestRefusedLater edits a deployment that is Ready into what AWS speaks against: it goes on serving as it
// is, and the old spec is as good as before.
func TestRefusedLater(t *testing.T) { refusedLater(t, refusals) }

func refusedLater(t *testing.T, refusals []unacceptable) {
	t.Helper()
	for i, r := range refusals {
		if !harness.Sample(i + 8) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, nil)
			s := watch(h, key)
			old := h.Get(key).Spec
			m := mark(h)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				r.spoil(h, &gw.Spec)
				if gw.Spec.Gateway == nil {
					gw.Spec.Gateway = &v1alpha1.Gateway{}
				}
				gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"} // waits with the rest
			})
			changes := len(mutations(since(h, m))) // what spoiling took
			for range 5 {
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			gw := h.Get(key)
			isRefused(t, gw, r.reason, r.says)
			told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec = old })
			ready(t, h, key)
			if got := mutations(since(h, m)); len(got) > changes {
				t.Errorf("AWS is changed although no other spec was accepted: %v", got[changes:])
			}
			s.stop()
			for _, b := range s.broke {
				t.Errorf("clients weren't served at %s", b)
			}
		})
	}
}

// TestTooManyZones asks for more zones than the region has, which no edit can take back: another gateway
// is the way, and this one goes as it came.
func TestTooManyZones(t *testing.T) {
	h := harness.New()
	far := h.Emulator.Seed("eu-west-1")
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	gw.Spec.Region = "eu-west-1"
	gw.Spec.Credentials.License.SecretARN, gw.Spec.Credentials.Registry.SecretARN = far.LicenseSecret, far.RegistrySecret
	gw.Spec.Storage.Region = "us-east-1"
	gw.Spec.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: 4}}
	m := mark(h)
	key := h.Create(gw)
	for range 5 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	isRefused(t, h.Get(key), v1alpha1.ReasonTooFewZones, []string{"network.vpc.zones is 4, but eu-west-1 has 3", "write at most 3"})
	h.Delete(key)
	gone(t, h, key, before)
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("AWS is changed although the spec isn't accepted: %v", got)
	}
}

// isRefused checks the three conditions that tell of a refusal.
func isRefused(t *testing.T, gw *v1alpha1.PortkeyGateway, reason string, says []string) {
	t.Helper()
	told(t, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, reason)
	told(t, gw, v1alpha1.ConditionStalled, metav1.ConditionTrue, reason)
	message := told(t, gw, v1alpha1.ConditionAccepted, metav1.ConditionFalse, reason)
	for _, part := range says {
		if !strings.Contains(message, part) {
			t.Errorf("the message lacks %q:\n%s", part, message)
		}
	}
	if gw.Status.ObservedGeneration != gw.Generation {
		t.Errorf("status speaks of generation %d, not %d", gw.Status.ObservedGeneration, gw.Generation)
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// secrets is Secrets Manager as the user of the account reaches it.
func secrets(h *harness.Harness) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(sdk.Config{
		Region: "us-east-1", BaseEndpoint: sdk.String("http://aws.invalid"), HTTPClient: clientFunc(h.Emulator.Server.Do),
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	})
}
