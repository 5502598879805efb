package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/reach"
)

// healthPath is what answers 200 as long as a gateway serves.
const healthPath = "/v1/health"

// endpoint is an address of the gateway as clients use it.
type endpoint struct {
	name string
	url  *url.URL
	// dial is what is dialled in place of the URL's host.
	dial string
	// up says that it is healthy.
	up bool
}

// below is a path below the endpoint.
func (e *endpoint) below(path string) string { return strings.TrimSuffix(e.url.String(), "/") + path }

// clients checks what clients see.
func (v *verification) clients(ctx context.Context) {
	var gateway *endpoint
	if v.spec.Mode != v1alpha1.ModeMCP {
		gateway = v.endpoint(ctx, "gateway", v.options.gatewayURL, func(e *v1alpha1.Endpoints) string { return e.Gateway })
	}
	if v.spec.Mode != v1alpha1.ModeGateway {
		v.endpoint(ctx, "mcp", v.options.mcpURL, func(e *v1alpha1.Endpoints) string { return e.MCP })
	}
	v.completion(ctx, gateway)
}

// endpoint checks that clients find an endpoint, may trust it, and are answered.
func (v *verification) endpoint(ctx context.Context, name, given string, known func(*v1alpha1.Endpoints) string) *endpoint {
	lines := []string{name + " name", name + " connection", name + " certificate", name + " health"}
	if e := v.gw.Status.Endpoints; given == "" && e != nil {
		given = known(e)
	}
	switch {
	case given != "":
	case v.spec.LoadBalancer == nil:
		v.skipped(name, "spec.loadBalancer isn't set, so that clients come by an address of yours", "name it by --"+name+"-url")
		return nil
	default:
		v.failed(name, "status.endpoints has no address yet", "see RoutingReady in kubectl describe pkgw "+v.gw.Name+" -n "+v.gw.Namespace)
		return nil
	}
	u, err := url.Parse(given)
	if err != nil || u.Host == "" {
		v.failed(name, "status.endpoints has no URL", "")
		return nil
	}
	e := &endpoint{name: name, url: u, dial: v.options.connectTo}
	if !v.named(ctx, e, lines[0]) {
		v.skippedFor(lines[1:], "the name leads nowhere")
		return e
	}
	a := reach.Asker{Timeout: askTimeout, Roots: v.roots}.Ask(ctx, reach.Question{URL: e.below(healthPath), Address: e.dial})
	if a.Stage == reach.Unresolved || a.Stage == reach.Unconnected {
		v.failed(lines[1], a.Why, v.toConnect())
		v.skippedFor(lines[2:], "there is no connection")
		return e
	}
	v.ok(lines[1], "from this machine to "+a.Remote.String())
	if !v.trusted(e, a, lines[2]) {
		v.skippedFor(lines[3:], "the certificate isn't good for "+u.Hostname())
		return e
	}
	v.health(e, a, lines[3])
	return e
}

// named checks that an endpoint's name leads to the load balancer. Where it leads nowhere, the load balancer is
// asked under it nevertheless, so that the rest is known; it reports false where that has no address either.
func (v *verification) named(ctx context.Context, e *endpoint, line string) bool {
	host, balancer := e.url.Hostname(), ""
	if st := v.gw.Status.Endpoints; st != nil {
		balancer = st.LoadBalancer
	}
	if e.dial != "" {
		v.skipped(line, "--connect-to says where to connect", "")
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		v.skipped(line, host+" is an address", "")
		return true
	}
	leads, err := v.resolve(ctx, host)
	target := leads
	if balancer != "" && !strings.EqualFold(balancer, host) {
		target, _ = v.resolve(ctx, balancer)
	}
	switch {
	case err == nil && len(target) == 0:
		v.skipped(line, fmt.Sprintf("%s leads to %s; the load balancer's own name isn't known here", host, strings.Join(leads, ", ")), "")
	case err == nil && !slices.ContainsFunc(leads, func(a string) bool { return slices.Contains(target, a) }):
		v.skipped(line, fmt.Sprintf("%s leads to %s, and the load balancer is at %s", host, strings.Join(leads, ", "), strings.Join(target, ", ")),
			"fine where a proxy of yours stands in front; else correct the record, which should name "+balancer)
	case err == nil:
		v.ok(line, host+" leads to the load balancer")
	case balancer == "" || strings.EqualFold(balancer, host):
		v.failed(line, host+" doesn't resolve here", v.toConnect())
		return false
	default:
		v.failed(line, host+" doesn't resolve here", v.toResolve(host, balancer))
		if len(target) == 0 {
			return false
		}
		port := e.url.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[e.url.Scheme]
		}
		e.dial = net.JoinHostPort(balancer, port)
	}
	return true
}

// resolve looks a name up as programs on this machine do.
func (v *verification) resolve(ctx context.Context, host string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	lookup := v.lookup
	if lookup == nil {
		lookup = net.DefaultResolver.LookupHost
	}
	found, err := lookup(ctx, host)
	slices.Sort(found)
	return found, err
}

// toConnect says what to do where there is no connection.
func (v *verification) toConnect() string {
	lb := v.spec.LoadBalancer
	switch {
	case v.options.connectTo != "":
		return "see whether the tunnel stands"
	case lb != nil && lb.Scheme == v1alpha1.LoadBalancerInternetFacing:
		return "see whether loadBalancer.allowedCIDRs has this machine's address"
	}
	return "the load balancer is internal: run this inside its VPC, or through a tunnel, with --connect-to localhost:PORT"
}

// trusted checks the certificate that the server showed for the endpoint's host.
func (v *verification) trusted(e *endpoint, a *reach.Answer, line string) bool {
	switch {
	case a.Stage == reach.Untrusted:
		next := "correct loadBalancer.certificateARN or hosts, or name another authority by --ca-file"
		if st := v.gw.Status.Endpoints; st != nil && strings.EqualFold(st.LoadBalancer, e.url.Hostname()) {
			next = "no certificate is for AWS's own name: set loadBalancer.hosts, or say what clients call it by --" + e.name + "-url https://…"
		}
		v.failed(line, a.Why, next)
		return false
	case e.url.Scheme != "https":
		v.skipped(line, "clients come by plain HTTP", "for TLS set loadBalancer.certificateARN")
	case a.Certificate == nil:
		v.skipped(line, a.Why, "")
	default:
		v.ok(line, fmt.Sprintf("for %s, by SNI; until %s", e.url.Hostname(), a.Certificate.NotAfter.UTC().Format("2006-01-02")))
	}
	return true
}

// health checks that the endpoint answers.
func (v *verification) health(e *endpoint, a *reach.Answer, line string) {
	asked := "GET " + e.below(healthPath)
	switch {
	case a.Stage != reach.Answered:
		v.failed(line, asked+": "+a.Why, "see the tasks' logs")
	case a.Status == http.StatusOK:
		e.up = true
		v.ok(line, asked+": 200")
	case a.Status == http.StatusNotFound:
		v.failed(line, asked+": 404", "no rule of the load balancer is for this host and path: see loadBalancer.hosts and paths")
	case a.Status >= 502 && a.Status <= 504:
		v.failed(line, fmt.Sprintf("%s: %d", asked, a.Status), "the load balancer has no healthy task behind it: see "+v.again("status"))
	default:
		v.failed(line, fmt.Sprintf("%s: %d, and not 200", asked, a.Status), "see what stands between here and the load balancer, and the tasks' logs")
	}
}

// keyPortkey is the environment variable with Portkey's key.
const keyPortkey = "PORTKEY_API_KEY"

// maxCompletion bounds what is read of a completion.
const maxCompletion = 256 << 10

// completion asks the AI gateway for a chat completion, and says where its log is to be seen.
func (v *verification) completion(ctx context.Context, e *endpoint) {
	const line, logs = "chat completion", "Portkey's logs"
	const look = "https://app.portkey.ai → Logs"
	o := v.options
	key, provider := v.getenv(keyPortkey), v.getenv(o.keyFromEnv)
	integrated := strings.HasPrefix(o.model, "@")
	switch {
	case e == nil && v.spec.Mode == v1alpha1.ModeMCP:
		v.skippedFor([]string{line, logs}, "mode MCP has no AI gateway")
		return
	case e == nil || !e.up:
		v.skippedFor([]string{line, logs}, "the gateway isn't healthy from here")
		return
	case key == "" || provider == "" && !integrated:
		missing := keyPortkey
		if !integrated {
			missing += " and " + o.keyFromEnv
		}
		v.skipped(line, "the environment doesn't have "+missing, "set them, and run this again")
		v.skipped(logs, "nothing was sent", "")
		return
	}
	asker := reach.Asker{Timeout: completionTimeout, Roots: v.roots}
	if e.url.Scheme != "https" {
		asker.Permit = func(a netip.Addr) bool { return a.Unmap().IsPrivate() || a.Unmap().IsLoopback() }
	}
	trace := v.trace()
	q := reach.Question{
		URL: e.below("/v1/chat/completions"), Address: e.dial, Method: http.MethodPost, Keep: maxCompletion,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Portkey-Api-Key": {key}, "X-Portkey-Trace-Id": {trace}},
	}
	if !integrated {
		q.Header.Set("Authorization", "Bearer "+provider)
		q.Header.Set("X-Portkey-Provider", o.provider)
	}
	q.Body, _ = json.Marshal(map[string]any{ // plain strings
		"model": o.model, "messages": []map[string]string{{"role": "user", "content": "Reply with one word."}},
	})
	a := asker.Ask(ctx, q)
	if v.completed(line, a) {
		v.skipped(logs, "what the control plane has is seen there", look+": the trace "+trace)
	} else {
		v.skipped(logs, "the completion failed", look+": the trace "+trace+" may tell why")
	}
}

// completed tells what came of a completion. Its text, and whatever else the answer says, isn't shown: it may repeat
// a key.
func (v *verification) completed(line string, a *reach.Answer) bool {
	var body struct {
		Choices []json.RawMessage `json:"choices"`
	}
	said := fmt.Sprintf("%s by %s: %d", v.options.model, v.options.provider, a.Status)
	if strings.HasPrefix(v.options.model, "@") {
		said = fmt.Sprintf("%s: %d", v.options.model, a.Status)
	}
	switch {
	case a.Stage == reach.Barred:
		v.skipped(line, "keys aren't sent over plain HTTP to a public address", "set loadBalancer.certificateARN")
		return false
	case a.Stage != reach.Answered:
		v.failed(line, a.Why, "see the tasks' logs: the model may take longer than "+completionTimeout.String())
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		v.failed(line, said, keyPortkey+" must be a key of the license's organisation, and "+v.options.keyFromEnv+" one of the provider's; if both are, the gateway may not reach the control plane: see the tasks' logs")
	case a.Status == http.StatusTooManyRequests:
		v.failed(line, said, "the provider's limits are reached: try again later, or with another model")
	case a.Status >= 400 && a.Status < 500:
		v.failed(line, said, "correct --provider or --model")
	case a.Status != http.StatusOK:
		v.failed(line, said, "see the tasks' logs, and whether the tasks reach the provider")
	case json.Unmarshal(a.Body, &body) != nil || len(body.Choices) == 0:
		v.failed(line, said+", but the answer is no completion", "see what stands between here and the gateway")
	default:
		v.ok(line, said)
		return true
	}
	return false
}

// toResolve is what makes a name lead to the load balancer: a record, or where the operator makes that, the delegation of
// its hosted zone.
func (v *verification) toResolve(host, balancer string) string {
	if lb := v.gw.Spec.LoadBalancer; lb != nil && lb.DNS != nil {
		return fmt.Sprintf("the operator makes its record in the hosted zone %s: have the parent domain delegate to that zone's name servers, or ask from where a private zone is seen", lb.DNS.HostedZoneID)
	}
	next := fmt.Sprintf("create the DNS record %s CNAME %s", host, balancer)
	if zone := v.gw.Status.Endpoints.HostedZoneID; zone != "" {
		next += "; in Route 53 an alias A record to it, of zone " + zone
	}
	return next
}
