package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// balancerChecks are what is asked of AWS about a load balancer.
func balancerChecks(spec v1alpha1.PortkeyGatewaySpec, w *aws.World, owner own.Owner) []check {
	lb := spec.LoadBalancer
	if lb == nil {
		return nil
	}
	out := dnsChecks(lb, w, owner)
	names := certified(spec)
	if arn := lb.CertificateARN; arn != "" {
		out = append(out, check{fmt.Sprintf("certificate %s for %v", arn, names), func(ctx context.Context) *refusal { return checkCertificate(ctx, w, arn, names) }})
	}
	if l := lb.AccessLogs; l != nil {
		out = append(out, check{"log bucket " + l.Bucket, func(ctx context.Context) *refusal { return checkAccessLogs(ctx, w, l.Bucket) }})
	}
	if arn := lb.WAFWebACLARN; arn != "" {
		out = append(out, check{"web ACL " + arn, func(ctx context.Context) *refusal { return checkWebACL(ctx, w, arn) }})
	}
	return out
}

// certifiedName is a name by which clients come to a load balancer, and so the name of a certificate.
type certifiedName struct{ name, field string }

// certified are the names that the load balancer's certificate must be for: the hosts, and that by which the control
// plane comes, which checks the certificate against it.
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
func certified(spec v1alpha1.PortkeyGatewaySpec) []certifiedName {
	var out []certifiedName
	for _, h := range spec.LoadBalancer.HostNames() {
		out = append(out, certifiedName{h, "loadBalancer.hosts"})
	}
	if link := spec.ControlPlane.Inbound.PrivateLink; link != nil && link.PrivateDNSName != "" {
		out = append(out, certifiedName{string(link.PrivateDNSName), "controlPlane.inbound.privateLink.privateDNSName"})
	}
	return out
}

// checkCertificate makes sure that a certificate is issued and covers the names.
func checkCertificate(ctx context.Context, w *aws.World, arn string, names []certifiedName) *refusal {
	no := func(format string, args ...any) *refusal {
		return &refusal{reason: v1alpha1.ReasonCertificateUnusable, message: "loadBalancer.certificateARN: " + fmt.Sprintf(format, args...)}
	}
	if parts := strings.Split(arn, ":"); len(parts) > 4 && parts[4] != w.Account {
		return no("the certificate %s belongs to account %s, but the load balancer to %s, and takes one of its own account: request or import it there", arn, parts[4], w.Account)
	}
	c, err := aws.ReadCertificate(ctx, w.ACM, arn)
	if err != nil {
		return unusable(err, v1alpha1.ReasonCertificateUnusable, fmt.Sprintf(
			"loadBalancer.certificateARN: there is no certificate %s in %s: request or import it there, or correct certificateARN", arn, w.Region))
	}
	if c.Status != aws.CertificateIssued {
		return no("the certificate %s is %s: have it issued, or name another", arn, c.Status)
	}
	for _, n := range names {
		if !slices.ContainsFunc(c.Names, func(name string) bool { return covers(name, n.name) }) {
			return no("the certificate %s is for %s, and not for %s: name one that covers it, or correct %s", arn, strings.Join(c.Names, ", "), n.name, n.field)
		}
	}
	return nil
}

// covers reports whether a certificate's name is for a host: a wildcard stands for one label.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
func covers(name, host string) bool {
	if suffix, wild := strings.CutPrefix(name, "*."); wild {
		_, rest, _ := strings.Cut(host, ".")
		return strings.EqualFold(rest, suffix)
	}
	return strings.EqualFold(name, host)
}

// checkAccessLogs makes sure that the bucket exists, in the load balancer's region: AWS takes no other. Its
// policy is checked by AWS when logs are switched on.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func checkAccessLogs(ctx context.Context, w *aws.World, bucket string) *refusal {
	missing := fmt.Sprintf("loadBalancer.accessLogs.bucket: there is no bucket %s in %s, where the load balancer is: create it, or name another", bucket, w.Region)
	region, err := aws.BucketRegion(ctx, w.S3, bucket, w.Region)
	switch {
	case errors.Is(err, aws.ErrElsewhere), err == nil && region != "" && region != w.Region:
		return &refusal{reason: v1alpha1.ReasonBucketUnusable, message: fmt.Sprintf(
			"loadBalancer.accessLogs.bucket: the bucket %s doesn't lie in %s, where the load balancer is: name one that does", bucket, w.Region)}
	case err != nil:
		return unusable(err, v1alpha1.ReasonBucketUnusable, missing)
	}
	return nil
}

// checkWebACL makes sure that a web ACL exists.
func checkWebACL(ctx context.Context, w *aws.World, arn string) *refusal {
	if err := aws.FindWebACL(ctx, w.WAF, arn); err != nil {
		return unusable(err, v1alpha1.ReasonWebACLUnusable, fmt.Sprintf(
			"loadBalancer.wafWebACLARN: there is no web ACL %s in %s: create it there, or correct wafWebACLARN", arn, w.Region))
	}
	return nil
}
