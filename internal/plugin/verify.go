package plugin

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// Verified is what `verify` tells machines.
type Verified struct {
	// Namespace and Name are the gateway's.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Passed says that no check failed: some may be skipped.
	Passed bool `json:"passed"`
	// Checks are all checks, in the order in which a failure of one explains those after it.
	Checks []Check `json:"checks"`
}

// Check is a line of the checklist.
type Check struct {
	// Name is what was checked, as gateway health.
	Name string `json:"name"`
	// Result is OK, Failed or Skipped.
	Result CheckResult `json:"result"`
	// Message says what was seen, or why it wasn't looked at; Next what to do then.
	Message string `json:"message"`
	Next    string `json:"next,omitempty"`
}

// CheckResult is what came of a check.
type CheckResult string

// The results.
const (
	// CheckOK: it is as it should be.
	CheckOK CheckResult = "OK"
	// CheckFailed: it isn't, or couldn't be found out though it should be.
	CheckFailed CheckResult = "Failed"
	// CheckSkipped: it can't be decided here, or wasn't asked for.
	CheckSkipped CheckResult = "Skipped"
)

// askTimeout bounds a request to a gateway, completionTimeout one that a model answers.
const (
	askTimeout        = 10 * time.Second
	completionTimeout = time.Minute
)

type verifyOptions struct {
	output, connectTo, caFile   string
	gatewayURL, mcpURL          string
	provider, model, keyFromEnv string
}

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify NAME",
		Short: "Check from here that a gateway works: status, DNS, certificate, health, and a chat completion",
		Long: "Goes through what a new gateway must pass, from its status to a chat completion, and says what to do about\n" +
			"each check that fails. It asks the gateway's endpoints from this machine, as a client would, and looks in the\n" +
			"tasks' logs for connections to the control plane that failed, as far as AWS credentials here allow it. A completion is\n" +
			"asked for when the environment has PORTKEY_API_KEY and the provider's key, such as OPENAI_API_KEY; keys are\n" +
			"neither taken as flags nor shown. The exit code is 0 when no check fails, else 1.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.verify(cmd.Context(), args, o)
		},
		ValidArgsFunction: a.completeNames,
	}
	outputFlag(cmd, &o.output)
	f := cmd.Flags()
	f.StringVar(&o.connectTo, "connect-to", "", "host:port that is dialled in place of the load balancer, such as the end of a tunnel; certificate and Host stay those of the endpoint")
	f.StringVar(&o.caFile, "ca-file", "", "PEM file of the authorities that certificates are trusted of. Default: the system's")
	f.StringVar(&o.gatewayURL, "gateway-url", "", "What clients call the AI gateway, where status.endpoints doesn't say")
	f.StringVar(&o.mcpURL, "mcp-url", "", "What clients call the MCP gateway, where status.endpoints doesn't say")
	f.StringVar(&o.provider, "provider", "openai", "The provider of the completion, as the header x-portkey-provider has it")
	f.StringVar(&o.model, "model", "gpt-4o-mini", "The model of the completion; @provider/model needs no key but Portkey's")
	f.StringVar(&o.keyFromEnv, "provider-key-env", "", "The environment variable that has the provider's key. Default: by the provider, OPENAI_API_KEY")
	_ = cmd.MarkFlagFilename("ca-file", "pem", "crt")
	return cmd
}

// check refuses flags that say nothing.
func (o *verifyOptions) check() error {
	if err := checkOutput(o.output); err != nil {
		return err
	}
	if o.connectTo != "" {
		if host, port, err := net.SplitHostPort(o.connectTo); err != nil || host == "" || port == "" {
			return usage("--connect-to is host:port, got %q", o.connectTo)
		}
	}
	for flag, value := range map[string]string{"--gateway-url": o.gatewayURL, "--mcp-url": o.mcpURL} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
			return usage("%s begins with http:// or https:// and a host", flag)
		}
	}
	o.keyFromEnv = cmp.Or(o.keyFromEnv, strings.ToUpper(strings.ReplaceAll(o.provider, "-", "_"))+"_API_KEY")
	return nil
}

func (a *app) verify(ctx context.Context, args []string, o verifyOptions) error {
	v := &verification{app: a, options: o}
	if o.caFile != "" {
		text, err := os.ReadFile(o.caFile)
		if err != nil {
			return err
		}
		if v.roots = x509.NewCertPool(); !v.roots.AppendCertsFromPEM(text) {
			return fmt.Errorf("%s has no certificate in PEM", o.caFile)
		}
	}
	c, err := a.open()
	if err != nil {
		return err
	}
	if v.gw, err = c.named(ctx, args); err != nil {
		return err
	}
	v.spec = v.gw.Resolved()
	v.again = func(verb string) string { return a.again(verb, v.gw.Namespace, v.gw.Name) }
	v.deployment()
	v.logged(ctx)
	v.clients(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := v.result()
	if o.output != "" {
		err = a.print(out, o.output)
	} else {
		a.printf("%s", verifyPage(out, a.Colours))
	}
	if err == nil && !out.Passed {
		err = &endedError{code: exitFailed}
	}
	return err
}

// verification is one run through the checklist.
type verification struct {
	*app
	options verifyOptions
	gw      *v1alpha1.PortkeyGateway
	spec    v1alpha1.PortkeyGatewaySpec
	again   func(verb string) string
	roots   *x509.CertPool
	checks  []Check
}

func (v *verification) add(name string, result CheckResult, message, next string) {
	v.checks = append(v.checks, Check{name, result, message, next})
}

func (v *verification) ok(name, message string)            { v.add(name, CheckOK, message, "") }
func (v *verification) failed(name, message, next string)  { v.add(name, CheckFailed, message, next) }
func (v *verification) skipped(name, message, next string) { v.add(name, CheckSkipped, message, next) }
func (v *verification) skippedFor(names []string, w string) {
	for _, name := range names {
		v.skipped(name, w, "")
	}
}

func (v *verification) result() *Verified {
	out := &Verified{Namespace: v.gw.Namespace, Name: v.gw.Name, Passed: true, Checks: v.checks}
	for _, c := range v.checks {
		out.Passed = out.Passed && c.Result != CheckFailed
	}
	return out
}

// trace is an identifier by which a request is found in Portkey's logs.
// https://portkey.ai/docs/product/observability/traces
func (a *app) trace() string {
	if a.newTrace != nil {
		return a.newTrace()
	}
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return "portkey-verify-" + hex.EncodeToString(b)
}

// verifyNames is the column at which messages begin.
const verifyNames = 32

// resultWords are the results as people read them.
var resultWords = map[CheckResult]cell{CheckOK: {"OK", green}, CheckFailed: {"FAILED", red}, CheckSkipped: {"SKIPPED", yellow}}

// verifyPage is the checklist for people.
func verifyPage(v *Verified, colours bool) string {
	s := &sheet{colours: colours}
	s.line(s.paint(v.Namespace+"/"+v.Name, bold))
	s.line()
	failed, skipped := 0, 0
	for _, c := range v.Checks {
		word := resultWords[c.Result]
		var text sheet
		text.prose(verifyNames, c.Message)
		if c.Next != "" {
			text.prose(verifyNames, "→ "+c.Next)
		}
		s.line(s.paint(word.text, word.colour), pad("", 9-len(word.text)), pad(c.Name, verifyNames-9), strings.TrimLeft(strings.TrimSuffix(text.String(), "\n"), " "))
		switch c.Result {
		case CheckFailed:
			failed++
		case CheckSkipped:
			skipped++
		case CheckOK:
		}
	}
	s.line()
	s.line(fmt.Sprintf("%d OK, %d failed, %d skipped", len(v.Checks)-failed-skipped, failed, skipped))
	return s.String()
}
