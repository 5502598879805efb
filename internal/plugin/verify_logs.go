package plugin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// LogReader reads what tasks have logged, with the AWS credentials of whoever calls.
type LogReader interface {
	// Search finds the lines of a log group since a time in which there is one of some terms, the oldest first. What it
	// reads is bounded: complete says that there aren't more.
	Search(ctx context.Context, region, group string, since time.Time, terms []string) (lines []LogLine, complete bool, err error)
}

// LogLine is a line that was logged.
type LogLine struct {
	At   time.Time
	Text string
}

const (
	// logsBack is how far back the logs are searched: the tasks call the control plane every minute or so.
	logsBack = 15 * time.Minute
	// logsTimeout bounds the search, and with it the search for credentials where there are none.
	logsTimeout = 20 * time.Second
)

// controlPlaneHosts are what the tasks call over the internet, by Portkey's guide.
// https://portkey.ai/docs/self-hosting/hybrid-deployments/aws/ecs
var controlPlaneHosts = []string{"api.portkey.ai", "albus.portkey.ai"}

// connectionErrors are the codes by which Node.js, which the gateway's images run on, names what keeps a connection from
// being made. Portkey says nothing of what its images log; these are in whatever text an error of Node.js is printed.
// https://nodejs.org/api/errors.html#common-system-errors
// https://nodejs.org/api/dns.html#error-codes
// https://nodejs.org/api/tls.html#x509-certificate-error-codes
var connectionErrors = []string{
	"ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT",
	"CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_TLS_CERT_ALTNAME_INVALID",
}

// logged looks in the tasks' logs for errors of connections to the control plane. Lines themselves are never shown: they
// may have anything in them.
func (v *verification) logged(ctx context.Context) {
	const name = "control plane in logs"
	groups := v.logGroups()
	switch {
	case v.Logs == nil:
		v.skipped(name, "this build of the plugin can't read logs", "")
		return
	case len(groups) == 0:
		v.skipped(name, "status has no log group yet", "")
		return
	}
	hosts := slices.Clone(controlPlaneHosts)
	if out := v.spec.ControlPlane; out != nil && out.Outbound != nil && out.Outbound.PrivateLink != nil {
		hosts = append(hosts, string(out.Outbound.PrivateLink.Host))
	}
	ctx, cancel := context.WithTimeout(ctx, logsTimeout)
	defer cancel()
	var found trouble
	whole := true
	for _, group := range groups {
		lines, complete, err := v.Logs.Search(ctx, v.spec.Region, group, v.Now().Add(-logsBack), hosts)
		if err != nil {
			v.skipped(name, fmt.Sprintf("the log group %s can't be read: %v", group, err),
				fmt.Sprintf("with AWS credentials of account %s that allow logs:FilterLogEvents on it, run this again", v.gw.Status.AccountID))
			return
		}
		for _, l := range lines {
			found.take(l, hosts)
		}
		whole = whole && complete
	}
	back := fmt.Sprintf("the last %d minutes", int(logsBack.Minutes()))
	switch {
	case found.n > 0:
		v.failed(name, fmt.Sprintf("%d lines of %s tell of connections that failed: %s; the last at %s", found.n, back, strings.Join(found.kinds, ", "), found.last.UTC().Format("15:04:05 UTC")),
			"see whether the tasks' way out lets them through to "+strings.Join(hosts, ", "))
	case !whole:
		v.skipped(name, "more lines of "+back+" name the control plane than are read here; those that were have no error of a connection", "")
	default:
		v.ok(name, "no line of "+back+" has an error of a connection to "+strings.Join(hosts, " or "))
	}
}

// logGroups are the log groups of the services that call the control plane.
func (v *verification) logGroups() []string {
	var out []string
	for _, r := range v.gw.Status.Resources {
		if r.Node == "log-group/"+v1alpha1.ServiceGateway || r.Node == "log-group/"+v1alpha1.ServiceDataService {
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return out
}

// trouble is what lines tell of connections that failed.
type trouble struct {
	n int
	// kinds are hosts with errors, as "api.portkey.ai ETIMEDOUT".
	kinds []string
	last  time.Time
}

// take takes a line that has a host and an error.
func (t *trouble) take(l LogLine, hosts []string) {
	in := func(word string) bool { return strings.Contains(l.Text, word) }
	host, code := slices.IndexFunc(hosts, in), slices.IndexFunc(connectionErrors, in)
	if host < 0 || code < 0 {
		return
	}
	t.n++
	if kind := hosts[host] + " " + connectionErrors[code]; !slices.Contains(t.kinds, kind) {
		t.kinds = append(t.kinds, kind)
	}
	if l.At.After(t.last) {
		t.last = l.At
	}
}
