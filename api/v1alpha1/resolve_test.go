package v1alpha1

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func minimal() *PortkeyGateway {
	return &PortkeyGateway{
		ObjectMeta: metav1.ObjectMeta{Name: "dev"},
		Spec: PortkeyGatewaySpec{
			Region:       "us-east-1",
			Credentials:  Credentials{License: SecretSource{SecretARN: "license"}, Registry: SecretSource{SecretARN: "registry"}},
			Storage:      Storage{LogBucket: "logs"},
			LoadBalancer: &LoadBalancer{},
		},
	}
}

// breakerOn is the circuit breaker where nothing is said of it.
func breakerOn() *CircuitBreaker {
	return &CircuitBreaker{
		Enabled: ptr.To(true), Rollback: ptr.To(true), ResetOnHealthyTask: ptr.To(true),
		Threshold: &BreakerThreshold{Type: ThresholdBoundedPercent, Value: 50},
	}
}

func TestResolved(t *testing.T) {
	all := PortkeyGatewaySpec{
		Region:           "us-east-1",
		Mode:             ModeGateway,
		ManagementPolicy: ManagementReconcile,
		DeletionPolicy:   DeletionDelete,
		SyncInterval:     &metav1.Duration{Duration: 5 * time.Minute},
		NamePrefix:       "dev",
		Secrets:          &Secrets{},
		Credentials:      Credentials{License: SecretSource{SecretARN: "license"}, Registry: SecretSource{SecretARN: "registry"}},
		Network:          &Network{VPC: &VPC{CIDR: "10.0.0.0/16", Zones: 2, NATGateways: NATGatewaysSingle}},
		Capacity: &Capacity{EC2: &EC2Capacity{
			InstanceType: "t4g.medium", MinSize: ptr.To[int32](1), MaxSize: 3, InitialSize: ptr.To[int32](2), TargetPercent: 100, AMI: &AMI{UpdatePolicy: AMIPinned},
		}},
		Cluster: &Cluster{ContainerInsights: ContainerInsightsEnabled},
		MCP:     &MCP{Port: 8788},
		Gateway: &Gateway{
			AvailabilityZoneRebalancing: AZRebalancingEnabled,

			Image:            &Image{Repository: "portkeyai/gateway_enterprise", Tag: "2.16.0"},
			Port:             8787,
			Resources:        &Resources{CPU: resource.MustParse("1"), Memory: resource.MustParse("2Gi")},
			TaskRole:         &TaskRole{},
			LogRetentionDays: 14,
			StopTimeout:      &metav1.Duration{Duration: 30 * time.Second},
			Rollout: &Rollout{
				Strategy: RolloutRolling, BakeTime: &metav1.Duration{Duration: time.Minute},
				CircuitBreaker: breakerOn(), RestartOnSecretChange: ptr.To(true),
			},
		},
		Cache: &Cache{BuiltIn: &BuiltInCache{
			Image:     &Image{Repository: "redis", Tag: "7.2-alpine"},
			Resources: &Resources{CPU: resource.MustParse("250m"), Memory: resource.MustParse("512Mi")},
		}},
		Storage: Storage{LogBucket: "logs", ExportBucket: "logs", FineTuneBucket: "logs", Region: "us-east-1"},
		LoadBalancer: &LoadBalancer{
			Type: LoadBalancerNetwork, Scheme: LoadBalancerInternal, AllowedCIDRs: []string{"10.0.0.0/16"},
			Hosts: &Hosts{}, Paths: &Paths{},
			DeregistrationDelay: &metav1.Duration{Duration: time.Minute}, ReplacementPolicy: ReplacementRefuse,
		},
		ControlPlane: &ControlPlane{Inbound: &Inbound{Type: InboundNone}, Outbound: &Outbound{Type: OutboundInternet}},
	}
	for _, tc := range []struct {
		name, why string
		change    func(*PortkeyGatewaySpec)
		want      func(*PortkeyGatewaySpec)
	}{
		{"minimal", "the values of the API's documentation", nil, nil},
		{"no load balancer", "its absence says that none is wanted",
			func(s *PortkeyGatewaySpec) { s.LoadBalancer = nil },
			func(s *PortkeyGatewaySpec) { s.LoadBalancer = nil }},
		{"replicas", "absence leaves the number to others, so it isn't filled; zero is a number",
			func(s *PortkeyGatewaySpec) { s.Gateway = &Gateway{Replicas: ptr.To[int32](0)} },
			func(s *PortkeyGatewaySpec) { s.Gateway.Replicas = ptr.To[int32](0) }},
		{"own range", "the load balancer is open to the VPC's range, whatever that is",
			func(s *PortkeyGatewaySpec) { s.Network = &Network{VPC: &VPC{CIDR: "10.9.0.0/16"}} },
			func(s *PortkeyGatewaySpec) {
				s.Network.VPC.CIDR = "10.9.0.0/16"
				s.LoadBalancer.AllowedCIDRs = []string{"10.9.0.0/16"}
			}},
		{"allow list", "Portkey's addresses, and nobody else from the internet",
			func(s *PortkeyGatewaySpec) {
				s.ControlPlane = &ControlPlane{Inbound: &Inbound{Type: InboundAllowList}}
				s.LoadBalancer.Scheme = LoadBalancerInternetFacing
			},
			func(s *PortkeyGatewaySpec) {
				s.ControlPlane.Inbound = &Inbound{Type: InboundAllowList, AllowList: &InboundAllowedList{CIDRs: []string{"54.81.226.149/32", "34.200.113.35/32", "44.221.117.129/32"}}}
				s.LoadBalancer.Scheme, s.LoadBalancer.AllowedCIDRs = LoadBalancerInternetFacing, nil
			}},
		{"PrivateLink", "Portkey's account may ask for a connection, and is accepted",
			func(s *PortkeyGatewaySpec) {
				s.ControlPlane = &ControlPlane{Inbound: &Inbound{Type: InboundPrivateLink}}
			},
			func(s *PortkeyGatewaySpec) {
				s.ControlPlane.Inbound = &Inbound{Type: InboundPrivateLink, PrivateLink: &InboundEndpointService{
					Acceptance: AcceptPortkey, AllowedPrincipals: []string{"arn:aws:iam::299329113195:root"},
				}}
			}},
		{"private link", "Portkey's own control plane",
			func(s *PortkeyGatewaySpec) {
				s.ControlPlane = &ControlPlane{Outbound: &Outbound{Type: OutboundPrivateLink}}
			},
			func(s *PortkeyGatewaySpec) {
				s.ControlPlane.Outbound = &Outbound{Type: OutboundPrivateLink, PrivateLink: &OutboundEndpoint{
					ServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95", Host: "aws-cp.portkey.ai",
				}}
			}},
		{"small group", "the initial size keeps within the bounds",
			func(s *PortkeyGatewaySpec) { s.Capacity = &Capacity{EC2: &EC2Capacity{MaxSize: 1}} },
			func(s *PortkeyGatewaySpec) {
				s.Capacity.EC2.MaxSize, s.Capacity.EC2.InitialSize = 1, ptr.To[int32](1)
			}},
		{"large group", "the initial size keeps within the bounds",
			func(s *PortkeyGatewaySpec) {
				s.Capacity = &Capacity{EC2: &EC2Capacity{MinSize: ptr.To[int32](3)}}
			},
			func(s *PortkeyGatewaySpec) {
				s.Capacity.EC2.MinSize, s.Capacity.EC2.InitialSize = ptr.To[int32](3), ptr.To[int32](3)
			}},
		{"no breaker", "nothing rolls back then",
			func(s *PortkeyGatewaySpec) {
				s.Gateway = &Gateway{Rollout: &Rollout{CircuitBreaker: &CircuitBreaker{Enabled: ptr.To(false)}}}
			},
			func(s *PortkeyGatewaySpec) {
				s.Gateway.Rollout.CircuitBreaker = &CircuitBreaker{Enabled: ptr.To(false), Rollback: ptr.To(false)}
			}},
		{"a breaker of one's own", "what is said of it stays, and the rest is filled in",
			func(s *PortkeyGatewaySpec) {
				s.Gateway = &Gateway{Rollout: &Rollout{CircuitBreaker: &CircuitBreaker{
					Rollback: ptr.To(false), ResetOnHealthyTask: ptr.To(false), Threshold: &BreakerThreshold{Type: ThresholdCount, Value: 1},
				}}}
			},
			func(s *PortkeyGatewaySpec) {
				s.Gateway.Rollout.CircuitBreaker = &CircuitBreaker{
					Enabled: ptr.To(true), Rollback: ptr.To(false), ResetOnHealthyTask: ptr.To(false), Threshold: &BreakerThreshold{Type: ThresholdCount, Value: 1},
				}
			}},
		{"hooks", "a day, and then back",
			func(s *PortkeyGatewaySpec) {
				s.Gateway = &Gateway{Rollout: &Rollout{Strategy: RolloutBlueGreen, Hooks: []RolloutHook{
					{Stages: []RolloutStage{StagePostScaleUp}, Pause: &PauseHook{}},
					{Stages: []RolloutStage{StagePreScaleUp}, Lambda: &LambdaHook{FunctionARN: "f"}},
					{Stages: []RolloutStage{StagePreScaleUp}, Lambda: &LambdaHook{FunctionARN: "g", RoleARN: "r", Timeout: &metav1.Duration{Duration: time.Minute}, OnTimeout: TimeoutContinue}},
				}}}
			},
			func(s *PortkeyGatewaySpec) {
				day := &metav1.Duration{Duration: 24 * time.Hour}
				s.Gateway.Rollout.Strategy = RolloutBlueGreen
				s.Gateway.Rollout.Hooks = []RolloutHook{
					{Stages: []RolloutStage{StagePostScaleUp}, Pause: &PauseHook{Timeout: day, OnTimeout: TimeoutRollback}},
					{Stages: []RolloutStage{StagePreScaleUp}, Lambda: &LambdaHook{FunctionARN: "f", Timeout: day, OnTimeout: TimeoutRollback}},
					{Stages: []RolloutStage{StagePreScaleUp}, Lambda: &LambdaHook{FunctionARN: "g", RoleARN: "r", Timeout: &metav1.Duration{Duration: time.Minute}, OnTimeout: TimeoutContinue}},
				}
			}},
		{"tag alone", "the other half of an image has its own default",
			func(s *PortkeyGatewaySpec) { s.Gateway = &Gateway{Image: &Image{Tag: "2.18.0"}} },
			func(s *PortkeyGatewaySpec) { s.Gateway.Image.Tag = "2.18.0" }},
		{"existing network", "its range is AWS's to tell",
			func(s *PortkeyGatewaySpec) { s.Network = &Network{Existing: &ExistingNetwork{VPCID: "vpc-1"}} },
			func(s *PortkeyGatewaySpec) {
				s.Network, s.LoadBalancer.AllowedCIDRs = &Network{Existing: &ExistingNetwork{VPCID: "vpc-1"}}, nil
			}},
		{"fargate", "no other branch is filled",
			func(s *PortkeyGatewaySpec) { s.Capacity = &Capacity{Fargate: &FargateCapacity{}} },
			func(s *PortkeyGatewaySpec) {
				s.Capacity = &Capacity{Fargate: &FargateCapacity{Architecture: ArchitectureARM64, Spot: &FargateSpot{}}}
			}},
		{"canary", "its own block only",
			func(s *PortkeyGatewaySpec) { s.Gateway = &Gateway{Rollout: &Rollout{Strategy: RolloutCanary}} },
			func(s *PortkeyGatewaySpec) {
				s.Gateway.Rollout.Strategy = RolloutCanary
				s.Gateway.Rollout.Canary = &Canary{Percent: 10, BakeTime: &metav1.Duration{Duration: 5 * time.Minute}}
			}},
		{"linear", "its own block only",
			func(s *PortkeyGatewaySpec) { s.Gateway = &Gateway{Rollout: &Rollout{Strategy: RolloutLinear}} },
			func(s *PortkeyGatewaySpec) {
				s.Gateway.Rollout.Strategy = RolloutLinear
				s.Gateway.Rollout.Linear = &Linear{StepPercent: 10, StepBakeTime: &metav1.Duration{Duration: 5 * time.Minute}}
			}},
		{"managed cache", "the version follows the engine",
			func(s *PortkeyGatewaySpec) {
				s.Cache = &Cache{ElastiCache: &ElastiCache{Managed: &ManagedCache{Engine: CacheEngineRedis}}}
			},
			func(s *PortkeyGatewaySpec) {
				s.Cache = &Cache{ElastiCache: &ElastiCache{Managed: &ManagedCache{
					Engine: CacheEngineRedis, EngineVersion: "7.1", NodeType: "cache.t4g.small", Shards: 1, ReplicasPerShard: ptr.To[int32](1),
				}}}
			}},
		{"data service", "its presence deploys it",
			func(s *PortkeyGatewaySpec) { s.DataService = &DataService{} },
			func(s *PortkeyGatewaySpec) {
				s.DataService = &DataService{
					Image:                       &Image{Repository: "portkeyai/data-service", Tag: "1.9.0"},
					Resources:                   &Resources{CPU: resource.MustParse("500m"), Memory: resource.MustParse("1Gi")},
					AvailabilityZoneRebalancing: AZRebalancingEnabled, TaskRole: &TaskRole{}, LogRetentionDays: 14,
					StopTimeout: &metav1.Duration{Duration: 30 * time.Second},
					Rollout:     &ServiceRollout{CircuitBreaker: breakerOn()},
				}
			}},
		{"no delay", "zero seconds are a delay",
			func(s *PortkeyGatewaySpec) { s.LoadBalancer.DeregistrationDelay = &metav1.Duration{} },
			func(s *PortkeyGatewaySpec) { s.LoadBalancer.DeregistrationDelay = &metav1.Duration{} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			gateway, want := minimal(), *all.DeepCopy()
			if tc.change != nil {
				tc.change(&gateway.Spec)
				tc.want(&want)
			}
			before := gateway.DeepCopy()
			got := gateway.Resolved()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.why, diff)
			}
			if diff := cmp.Diff(before, gateway); diff != "" {
				t.Errorf("the receiver was changed:\n%s", diff)
			}
			again := PortkeyGateway{ObjectMeta: gateway.ObjectMeta, Spec: got}
			if diff := cmp.Diff(got, again.Resolved()); diff != "" {
				t.Errorf("resolving twice differs from once:\n%s", diff)
			}
		})
	}
}

// TestResolvedLeavesNothingOut finds fields that a later change adds and forgets to resolve.
func TestResolvedLeavesNothingOut(t *testing.T) {
	absent := map[string]bool{
		".Organisations": true, ".AccountID": true, ".Tags": true, // nothing to fill in
		".Gateway.Replicas": true, ".Capacity.EC2.AMI.ID": true, // absence says something
		".Gateway.Env": true, ".Gateway.TaskRole.PolicyARNs": true, ".Gateway.EnableExec": true,
		".LoadBalancer.DeletionProtection": true,
		".Credentials.License.SecretRef":   true, ".Credentials.Registry.SecretRef": true, // the other branches
		".Secrets.KMSKeyARN": true, // AWS's own key
		".Gateway.SecretEnv": true, ".Storage.Create": true, ".MCP.BaseURL": true,
		".Network.Existing": true, ".Capacity.Fargate": true, ".Capacity.Existing": true, ".Cache.ElastiCache": true, // the other branches
		".Capacity.EC2.InstanceRefresh": true, ".Gateway.Autoscaling": true, ".DataService": true, ".Bedrock": true, // not wanted
		".Gateway.Rollout.Canary": true, ".Gateway.Rollout.Linear": true, // with their strategies
		".Gateway.Rollout.Alarms": true, ".Gateway.Rollout.Hooks": true, ".Gateway.Rollout.ApprovedImage": true, // nothing watches or holds a rollout
		".LoadBalancer.IdleTimeout":         true,                                                                                      // an Application Load Balancer's
		".ControlPlane.Inbound.PrivateLink": true, ".ControlPlane.Inbound.AllowList": true, ".ControlPlane.Outbound.PrivateLink": true, // with their types
		".LoadBalancer.CertificateARN": true, ".LoadBalancer.Certificate": true, ".LoadBalancer.DNS": true, ".LoadBalancer.AccessLogs": true, ".LoadBalancer.WAFWebACLARN": true,
		".LoadBalancer.Hosts.Gateway": true, ".LoadBalancer.Hosts.MCP": true, ".LoadBalancer.Paths.Gateway": true, ".LoadBalancer.Paths.MCP": true,
	}
	spec := minimal().Resolved()
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		if v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		switch {
		case v.IsZero() && v.Kind() != reflect.Struct:
			if !absent[path] {
				t.Errorf("%s isn't filled: resolve it, or say here why its absence says something", path)
			}
			delete(absent, path)
		case v.Kind() == reflect.Struct && v.Type().PkgPath() == reflect.TypeFor[PortkeyGateway]().PkgPath():
			for i := range v.NumField() {
				walk(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	}
	walk(reflect.ValueOf(spec), "")
	for path := range absent {
		t.Errorf("%s is said to be absent, but is filled or no field at all", path)
	}
}

// TestProbeIsResolved: it asks the gateway as its clients do.
func TestProbeIsResolved(t *testing.T) {
	for _, c := range []struct {
		why  string
		mode Mode
		lb   *LoadBalancer
		path string
		host HostName
	}{
		{"by connections", ModeGateway, &LoadBalancer{}, "/v1/health", ""},
		{"by requests", ModeGateway, &LoadBalancer{Type: LoadBalancerApplication, Hosts: &Hosts{Gateway: "gw.example.com"}, Paths: &Paths{Gateway: "/llm"}}, "/llm/v1/health", "gw.example.com"},
		{"both gateways", ModeAll, &LoadBalancer{Type: LoadBalancerApplication, Hosts: &Hosts{Gateway: "gw.example.com"}, Paths: &Paths{MCP: "/mcp"}}, "/v1/health", "gw.example.com"},
		{"the MCP gateway", ModeMCP, &LoadBalancer{Type: LoadBalancerApplication, Hosts: &Hosts{MCP: "mcp.example.com"}, Paths: &Paths{MCP: "/mcp"}}, "/mcp/v1/health", "mcp.example.com"},
		{"without a load balancer", ModeGateway, nil, "/v1/health", ""},
	} {
		gateway := minimal()
		gateway.Spec.Mode, gateway.Spec.LoadBalancer = c.mode, c.lb
		gateway.Spec.Gateway = &Gateway{Rollout: &Rollout{Hooks: []RolloutHook{{HTTPProbe: &HTTPProbe{}}, {HTTPProbe: &HTTPProbe{
			Path: "/", Host: "x.example.com", ExpectedStatus: 204, Timeout: &metav1.Duration{Duration: time.Second}, RetryFor: &metav1.Duration{},
		}}}}}
		hooks := gateway.Resolved().Gateway.Rollout.Hooks
		want := HTTPProbe{Path: c.path, Host: c.host, ExpectedStatus: 200, Timeout: &metav1.Duration{Duration: 5 * time.Second}, RetryFor: &metav1.Duration{Duration: time.Minute}}
		if d := cmp.Diff(&want, hooks[0].HTTPProbe); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
		if d := cmp.Diff(gateway.Spec.Gateway.Rollout.Hooks[1], hooks[1]); d != "" {
			t.Errorf("%s: what is set changed: %s", c.why, d)
		}
	}
}
