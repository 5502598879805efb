// Command manager runs the Portkey ECS operator.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// version is set at build time.
var version = "dev"

type options struct {
	metricsAddress, probeAddress string
	metricsSecure, leaderElect   bool
	leaderNamespace              string
	cluster, namespaces          string
	concurrency                  int
	syncInterval                 time.Duration
	maxRecheck                   time.Duration
	eventQueues                  []string
	boundary                     string
	checkSecretKeys              bool
	probeEndpoints               bool
	showVersion                  bool
	log                          zap.Options
}

// boundaryPattern is the ARN of a policy, the account's or AWS's own.
var boundaryPattern = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$`)

func parse(args []string) (options, error) {
	var o options
	fs := flag.NewFlagSet("manager", flag.ContinueOnError)
	fs.StringVar(&o.metricsAddress, "metrics-bind-address", "0", `Address of the metrics endpoint, as ":8443"; "0" switches it off.`)
	fs.BoolVar(&o.metricsSecure, "metrics-secure", true, "Serve metrics over TLS to those whom Kubernetes authorises; false serves them plainly to everybody who reaches the address.")
	fs.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", `Address of /healthz and /readyz; "0" switches them off.`)
	fs.BoolVar(&o.leaderElect, "leader-elect", false, "Let one of several managers work at a time. Needed wherever more than one may run, a rolling update included.")
	fs.StringVar(&o.leaderNamespace, "leader-election-namespace", "", "Namespace of the leader's lease. Default: the manager's own.")
	fs.StringVar(&o.cluster, "cluster-name", "", "What this Kubernetes cluster is called in the ownership tags on AWS objects. Default: the UID of its namespace kube-system. Changing it makes every existing object foreign.")
	fs.StringVar(&o.namespaces, "namespaces", "", "Namespaces to watch, separated by commas. Default: all.")
	fs.IntVar(&o.concurrency, "concurrency", 8, "How many gateways are reconciled at once.")
	fs.DurationVar(&o.syncInterval, "sync-interval", v1alpha1.DefaultSyncInterval, "How often AWS is compared with the spec where spec.syncInterval isn't set, 1m to 24h.")
	fs.DurationVar(&o.maxRecheck, "max-recheck", 0, "The longest time between two looks at what is on its way. Default: by how long AWS typically takes. For emulated AWSes whose time runs faster.")
	fs.Func("events-queue-url", "URL of an Amazon SQS queue with events of AWS, which bring drift checks forward (docs/events.md); several are separated by commas. Default: none, drift is found at the sync interval.", func(s string) error {
		for url := range strings.SplitSeq(s, ",") {
			o.eventQueues = append(o.eventQueues, strings.TrimSpace(url))
		}
		return nil
	})
	fs.StringVar(&o.boundary, "permissions-boundary", "", "ARN of the IAM policy that bounds every role that the operator makes, whatever its policies allow. Default: none.")
	fs.BoolVar(&o.checkSecretKeys, "check-secret-keys", false, "Read the secrets that gateways name by ARN before anything is written, and refuse those without the JSON keys that tasks read of them. It needs config/iam/secret-keys.json (docs/secrets.md). Default: no value of a secret is read that isn't the operator's own, and a missing key shows when tasks start.")
	fs.BoolVar(&o.probeEndpoints, "probe-endpoints", true, "Ask gateways' load balancers for GET /v1/health as clients do, and tell the condition Reachable. It only informs; false where the manager is to talk to nobody but Kubernetes and AWS.")
	fs.BoolVar(&o.showVersion, "version", false, "Print the version and exit.")
	o.log.BindFlags(fs)
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if o.syncInterval < time.Minute || o.syncInterval > 24*time.Hour {
		return o, fmt.Errorf("--sync-interval is from 1m to 24h, got %s", o.syncInterval)
	}
	if o.boundary != "" && !boundaryPattern.MatchString(o.boundary) {
		return o, fmt.Errorf("--permissions-boundary is the ARN of an IAM policy, as arn:aws:iam::123456789012:policy/boundary, got %q", o.boundary)
	}
	if o.concurrency < 1 {
		return o, fmt.Errorf("--concurrency is at least 1, got %d", o.concurrency)
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case o.showVersion:
		fmt.Println(version)
		return
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&o.log)))
	cfg, err := ctrl.GetConfig()
	if err == nil {
		err = run(ctrl.SetupSignalHandler(), cfg, o)
	}
	if err != nil {
		ctrl.Log.Error(err, "The manager ends")
		os.Exit(1)
	}
}

// run runs the manager until ctx ends.
func run(ctx context.Context, cfg *rest.Config, o options) error {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))

	metrics := metricsserver.Options{BindAddress: o.metricsAddress, SecureServing: o.metricsSecure, TLSOpts: []func(*tls.Config){
		// HTTP/2 has had denial-of-service faults (CVE-2023-44487), and metrics don't need it.
		func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} },
	}}
	if o.metricsSecure {
		metrics.FilterProvider = authorised
	}
	mgr, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme: scheme, Metrics: metrics, HealthProbeBindAddress: o.probeAddress,
		LeaderElection: o.leaderElect, LeaderElectionID: "portkey-ecs-operator.ecs.portkey.ai", LeaderElectionNamespace: o.leaderNamespace,
		LeaderElectionReleaseOnCancel: true, LeaderElectionConfig: leaseConfig(ctx, cfg),
		LeaseDuration: ptr(leaseDuration), RenewDeadline: ptr(renewDeadline), RetryPeriod: ptr(retryPeriod),
		GracefulShutdownTimeout: ptr(shutdownTimeout),
		Cache:                   cache.Options{DefaultNamespaces: watched(o.namespaces), DefaultTransform: cache.TransformStripManagedFields()},
	})
	if err != nil {
		return fmt.Errorf("setting up the manager: %w", err)
	}
	if o.cluster == "" {
		if o.cluster, err = clusterUID(ctx, mgr.GetAPIReader()); err != nil {
			return err
		}
	}
	sdk, err := aws.Load(ctx)
	if err != nil {
		return err
	}
	worlds := aws.NewFactory(sdk, time.Now)
	r := &controllers.PortkeyGatewayReconciler{
		Client: mgr.GetClient(), Reader: mgr.GetAPIReader(), Worlds: worlds, Cluster: o.cluster,
		Events: mgr.GetEventRecorder("portkey-ecs-operator"), Now: time.Now, SyncInterval: o.syncInterval, PermissionsBoundary: o.boundary, MaxRecheck: o.maxRecheck,
		CheckSecretKeys: o.checkSecretKeys,
	}
	if err := listen(mgr, r, worlds, o.eventQueues); err != nil {
		return err
	}
	if o.probeEndpoints {
		r.Lookout = controllers.NewLookout(ctx)
	}
	if err := r.SetupWithManager(mgr, o.concurrency); err != nil {
		return fmt.Errorf("setting up the controller: %w", err)
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return err
	}
	if err := mgr.AddReadyzCheck("readyz", healthz.Ping); err != nil {
		return err
	}
	ctrl.Log.Info("Starting", "version", version, "cluster", o.cluster)
	return mgr.Start(ctx)
}

// clusterUID identifies the cluster by what lives exactly as long as it.
func clusterUID(ctx context.Context, r client.Reader) (string, error) {
	ns := &corev1.Namespace{}
	if err := r.Get(ctx, client.ObjectKey{Name: "kube-system"}, ns); err != nil {
		return "", fmt.Errorf("reading the UID of namespace kube-system, which names this cluster in ownership tags (or set --cluster-name): %w", err)
	}
	return string(ns.UID), nil
}

func watched(names string) map[string]cache.Config {
	if names == "" {
		return nil
	}
	out := map[string]cache.Config{}
	for n := range strings.SplitSeq(names, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out[n] = cache.Config{}
		}
	}
	return out
}

func ptr[T any](v T) *T { return &v }
