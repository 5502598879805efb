package manifests

// Valid are manifests that the API server takes.
var Valid = []Case{
	{Name: "minimal", Why: "the recommended small deployment"},
	{Name: "no-load-balancer", Why: "a gateway for clients in the cluster only", Patch: `spec: {loadBalancer: null}`},
	{Name: "seed", Why: "the sizes of Portkey's own development example", Patch: `
spec:
  tags: {Environment: dev, Project: portkey-gateway}
  network: {vpc: {cidr: 10.0.0.0/16, zones: 2, natGateways: Single}}
  capacity: {ec2: {instanceType: t4g.medium, minSize: 1, maxSize: 2, initialSize: 1}}
  gateway:
    replicas: 1
    resources: {cpu: 250m, memory: 1Gi}
    env: {SERVICE_NAME: gateway, ANALYTICS_STORE: control_plane, LOG_STORE: s3_assume}
  cache: {builtIn: {resources: {cpu: 250m, memory: 512Mi}}}
  storage: {logBucket: dev-logs, region: us-east-1}
  loadBalancer: {type: Network, scheme: Internal, allowedCIDRs: [10.0.0.0/16]}`},
	{Name: "everything-of-its-own", Why: "every field of what the deployment has for itself", Patch: `
spec:
  region: eu-central-1
  accountID: "123456789012"
  mode: All
  organisations: [3fa85f64-5717-4562-b3fc-2c963f66afa6, org_2]
  managementPolicy: Observe
  deletionPolicy: Retain
  syncInterval: 1h30m
  namePrefix: Portkey-prod
  tags: {"cost centre": "München / R+D"}
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a/b_c+d=e.f@g!h-i-AbCd12"}
    registry: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-AbCdEf"}
  network: {vpc: {cidr: 172.20.16.0/20, zones: 6, natGateways: PerZone}}
  capacity:
    ec2:
      instanceType: m7i-flex.large
      minSize: 0
      maxSize: 1000
      initialSize: 0
      targetPercent: 80
      ami: {updatePolicy: OnRelease}
      instanceRefresh: {minHealthyPercent: 100, maxHealthyPercent: 200, instanceWarmup: 0s}
  cluster: {containerInsights: Enhanced}
  gateway:
    image: {repository: "registry.example.com:5000/team/gateway_enterprise", tag: v2.18.0-fips_1}
    port: 8080
    replicas: 3
    resources: {cpu: "4", memory: 30Gi}
    env: {LOG_LEVEL: "debug", _x: "", TRUSTED_CUSTOM_HOSTS: "a.example.com,b.example.com"}
    secretEnv:
      OPENAI_KEY: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-AbCdEf", key: openai}
      WHOLE: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-AbCdEf"}
    autoscaling: {minReplicas: 3, maxReplicas: 20, targetCPUPercent: 70, targetMemoryPercent: 80, scaleInCooldown: 2m, scaleOutCooldown: 0s}
    availabilityZoneRebalancing: Disabled
    taskRole: {policyARNs: ["arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess", "arn:aws:iam::123456789012:policy/team/portkey"]}
    enableExec: true
    logRetentionDays: 3653
    stopTimeout: 2m
    rollout:
      strategy: Canary
      bakeTime: 24h
      restartOnSecretChange: false
      canary: {percent: 1, bakeTime: 0m}
      circuitBreaker: {enabled: true, rollback: false, threshold: {type: Count, value: 1}, resetOnHealthyTask: false}
      alarms: [gateway-5xx, "Latenz über 2 s / p99"]
      hooks:
      - {stages: [ReconcileService, PreScaleUp, PostScaleUp, PostTestTrafficShift, PreProductionTrafficShift, PostProductionTrafficShift], pause: {timeout: 336h, onTimeout: Continue}}
      - stages: [TestTrafficShift, ProductionTrafficShift]
        lambda: {functionARN: "arn:aws:lambda:eu-central-1:123456789012:function:verdict:live", roleARN: "arn:aws:iam::123456789012:role/team/hooks", timeout: 1m, onTimeout: Rollback}
      - stages: [PostTestTrafficShift, PreProductionTrafficShift, ProductionTrafficShift, PostProductionTrafficShift]
        httpProbe: {path: "/v1/health?deep=true", host: probe.example.com, expectedStatus: 204, timeout: 60s, retryFor: 1h}
  mcp: {port: 9000, baseURL: "https://mcp.example.com:8443/base"}
  dataService:
    image: {repository: portkeyai/data-service, tag: 1.9.0}
    replicas: 2
    resources: {cpu: 500m, memory: 4Gi}
    env: {HYBRID_DEPLOYMENT: "OFF", SERVICE_NAME: exports}
    secretEnv: {A: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-AbCdEf", key: a}}
    autoscaling: {minReplicas: 0, maxReplicas: 2, targetMemoryPercent: 100, scaleInCooldown: 1h, scaleOutCooldown: 90s, targetCPUPercent: 1}
    availabilityZoneRebalancing: Enabled
    taskRole: {policyARNs: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
    enableExec: true
    logRetentionDays: 1
    stopTimeout: 2s
    rollout: {circuitBreaker: {enabled: true, rollback: false, threshold: {type: UnboundedPercent, value: 100}, resetOnHealthyTask: true}}
  cache:
    elastiCache: {managed: {engine: valkey, engineVersion: "8.1", nodeType: cache.r7g.large, shards: 3, replicasPerShard: 2}, auth: {iam: {userName: portkey}}}
  storage: {logBucket: acme.portkey-logs, exportBucket: acme-exports, fineTuneBucket: acme-tunes, region: eu-central-1, create: true}
  bedrock: {models: ["anthropic.claude-sonnet-4-20250514-v1:0", us.anthropic.*], assumeRoleARNs: ["arn:aws:iam::210987654321:role/team/bedrock"]}
  controlPlane:
    outbound: {type: PrivateLink, privateLink: {serviceName: com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0, host: cp.example.com}}
    inbound: {type: AllowList, allowList: {cidrs: [198.51.100.0/24]}}
  loadBalancer:
    type: Application
    scheme: InternetFacing
    certificateARN: arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
    allowedCIDRs: [10.0.0.0/8, 203.0.113.7/32, 0.0.0.0/0]
    hosts: {gateway: gateway.example.com, mcp: mcp.example.com}
    paths: {gateway: /same, mcp: /same}
    accessLogs: {bucket: acme-access-logs, prefix: portkey/prod}
    deletionProtection: true
    idleTimeout: 4000s
    deregistrationDelay: 0s
    replacementPolicy: Parallel
    wafWebACLARN: arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/portkey/12345678-1234-1234-1234-123456789012`},
	{Name: "everything-existing", Why: "every field of what is there already", Patch: `
spec:
  network: {existing: {vpcID: vpc-0123456789abcdef0, publicSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1], privateSubnetIDs: [subnet-0123456789abcdef2, subnet-01234567]}}
  capacity: {existing: {cluster: shared_cluster, capacityProvider: FARGATE_SPOT, architecture: X86_64}}
  gateway: {autoscaling: {minReplicas: 1, maxReplicas: 1, targetRequestsPerTask: 1000}}
  cache: {elastiCache: {endpoint: {address: "prod-redis.xxxxx.cache.amazonaws.com:6379", tls: true, clusterMode: true}, auth: {iam: {userName: portkey, cacheName: prod-redis}}}}
  storage: {logBucket: dev-logs, region: eu-west-1}
  loadBalancer: {type: Application, hosts: {gateway: gateway.example.com}, paths: {gateway: /ai/v2}}`},
	{Name: "everything-serverless", Why: "every field of what AWS runs", Patch: `
spec:
  capacity: {fargate: {architecture: X86_64, spot: {base: 1, weight: 4}}}
  gateway:
    rollout:
      strategy: Linear
      bakeTime: 0s
      restartOnSecretChange: true
      approvedImage: registry.example.com:5000/portkey/gateway:2.17.0
      linear: {stepPercent: 99, stepBakeTime: 1h30m}
      hooks:
      - {stages: [PreProductionTrafficShift], pause: {}}
      - {stages: [PreProductionTrafficShift], lambda: {functionARN: "arn:aws:lambda:us-east-1:123456789012:function:a:$LATEST"}}
      - {stages: [PreProductionTrafficShift], lambda: {functionARN: "arn:aws:lambda:us-east-1:123456789012:function:b:12", roleARN: ""}}
  cache: {elastiCache: {serverless: {engine: redis, majorEngineVersion: "7", maxDataStorageGB: 5000, maxECPUPerSecond: 1000}, auth: {iam: {}}}}
  loadBalancer: {certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012", accessLogs: {bucket: logs}}`},
	{Name: "many-hooks", Why: "ten of each are what ECS takes", Patch: `
spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostScaleUp], pause: {timeout: 1m}}, ` +
		numbered(10, `{stages: [PreScaleUp], lambda: {functionARN: "arn:aws:lambda:us-east-1:123456789012:function:f%d", timeout: 24h}}`) + `]}}}`},
	{Name: "names-and-a-certificate", Why: "both come from a hosted zone", Patch: `
spec:
  mode: All
  loadBalancer: {type: Application, hosts: {gateway: gateway.example.com, mcp: mcp.example.com}, dns: {hostedZoneID: Z0123456789ABCDEFGHIJ}, certificate: {request: true}}`},
	{Name: "names-of-a-network-load-balancer", Why: "it doesn't see them, but its clients do", Patch: `
spec: {loadBalancer: {hosts: {gateway: gateway.example.com}, dns: {hostedZoneID: Z0123456789ABCDEFGHIJ}, certificate: {request: true}, accessLogs: {bucket: logs}}}`},
	{Name: "a-certificate-by-hand", Why: "status says which records to make", Patch: `
spec: {loadBalancer: {hosts: {gateway: gateway.example.com}, certificate: {request: true}}}`},
	{Name: "no-certificate-after-all", Patch: `
spec: {loadBalancer: {certificate: {request: false}}}`},
	{Name: "probes", Why: "nothing of it has to be said", Patch: `
spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], httpProbe: {}}]}}}`},
	{Name: "probes-once", Why: "the shortest patience", Patch: `
spec: {gateway: {rollout: {strategy: Canary, hooks: [{stages: [PostTestTrafficShift], httpProbe: {retryFor: 0s, timeout: 1s, expectedStatus: 599, path: ""}}]}}}`},
	{Name: "probes-with-a-certificate", Why: "the host tells the name in the certificate", Patch: `
spec:
  gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], httpProbe: {}}]}}
  loadBalancer: {type: Application, hosts: {gateway: gateway.example.com}, certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"}`},
	{Name: "probes-by-connections-with-a-certificate", Why: "the name in the certificate is given", Patch: `
spec:
  gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], httpProbe: {host: gateway.example.com}}]}}
  loadBalancer: {certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"}`},
	{Name: "rolling-with-alarms", Why: "alarms and thresholds are for every strategy", Patch: `
spec: {gateway: {rollout: {alarms: [gateway-5xx], circuitBreaker: {threshold: {type: BoundedPercent, value: 1}}}}, dataService: {rollout: {circuitBreaker: {enabled: false}}}}`},
	{Name: "hooks-in-china", Why: "China has ARNs of its own", Patch: `
spec:
  region: cn-north-1
  credentials: {license: {secretARN: "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-AbCdEf"}, registry: {secretARN: "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-AbCdEf"}}
  gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PreScaleUp], lambda: {functionARN: "arn:aws-cn:lambda:cn-north-1:123456789012:function:f", roleARN: "arn:aws-cn:iam::123456789012:role/hooks"}}]}}`},
	{Name: "other-cache-image", Why: "Valkey speaks the same protocol", Patch: `
spec: {cache: {builtIn: {image: {repository: valkey/valkey, tag: 8.0-alpine}, resources: {cpu: 1, memory: 8Gi}}}}`},
	{Name: "ami-by-id", Why: "an image of one's own", Patch: `spec: {capacity: {ec2: {ami: {id: ami-0123456789abcdef0, updatePolicy: Pinned}}}}`},
	{Name: "cache-by-id", Why: "the rest is found out", Patch: `
spec: {cache: {elastiCache: {replicationGroupID: prod-redis, auth: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:redis-AbCdEf"}}}}`},
	{Name: "secrets-of-kubernetes", Why: "all secrets can be Secrets of the namespace, and a key of one's own encrypts the copies", Patch: `
spec:
  credentials: {license: {secretARN: null, secretRef: {name: portkey-license}}, registry: {secretARN: null, secretRef: {name: a.b-c.d}}}
  secrets: {kmsKeyARN: "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"}
  gateway: {secretEnv: {A: {secretRef: {name: keys}, key: some_key.txt}, B: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-AbCdEf"}}}
  dataService: {secretEnv: {A: {secretRef: {name: keys}, key: A-b}}}
  cache: {elastiCache: {endpoint: {address: "prod-redis.xxxxx.cache.amazonaws.com:6379"}, auth: {secretRef: {name: redis}}}}`},
	{Name: "no-key-of-ones-own", Why: "an empty key is none", Patch: `spec: {secrets: {kmsKeyARN: ""}}`},
	{Name: "cache-in-the-clear", Why: "a cache without encryption", Patch: `
spec: {cache: {elastiCache: {endpoint: {address: "10.1.2.3:6380", tls: false}}}}`},
	{Name: "old-redis", Why: "the oldest that Portkey takes", Patch: `spec: {cache: {elastiCache: {managed: {engine: redis, engineVersion: "6.2", shards: 2, replicasPerShard: 0}}}}`},
	{Name: "allow-list-alone", Why: "the control plane is all that comes from the internet", Patch: `
spec: {controlPlane: {inbound: {type: AllowList}}, loadBalancer: {scheme: InternetFacing}}`},
	{Name: "allow-list-of-another-control-plane", Why: "there are others than Portkey's own", Patch: `
spec: {controlPlane: {inbound: {type: AllowList, allowList: {cidrs: [198.51.100.0/24, 203.0.113.7/32]}}}, loadBalancer: {scheme: InternetFacing, allowedCIDRs: [203.0.113.7/32]}}`},
	{Name: "private-link", Why: "Portkey's account is whom it is for", Patch: `spec: {controlPlane: {inbound: {type: PrivateLink}}}`},
	{Name: "private-link-in-full", Why: "every field of it", Patch: `
spec:
  controlPlane:
    inbound:
      type: PrivateLink
      privateLink:
        acceptance: Manual
        allowedPrincipals: ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/team/a_b.c@d+e=f", "arn:aws:iam::123456789012:user/me"]
        privateDNSName: gateway.acme.example
        supportedRegions: [eu-west-1, ap-southeast-2]
  loadBalancer: {type: Application}`},
	{Name: "private-link-for-portkey-and-others", Why: "others are accepted by hand", Patch: `
spec: {controlPlane: {inbound: {type: PrivateLink, privateLink: {acceptance: Portkey, privateDNSName: "", allowedPrincipals: ["arn:aws:iam::299329113195:root", "arn:aws:iam::123456789012:root"]}}}}`},
	{Name: "private-link-in-govcloud", Why: "a control plane of one's own in that partition", Patch: `
spec:
  region: us-gov-west-1
  credentials:
    license: {secretARN: "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:license-AbCdEf"}
    registry: {secretARN: "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:registry-AbCdEf"}
  controlPlane: {inbound: {type: PrivateLink, privateLink: {acceptance: Manual, allowedPrincipals: ["arn:aws-us-gov:iam::123456789012:root"]}}}`},
	{Name: "outbound-by-private-link", Why: "Portkey's own control plane needs no words", Patch: `spec: {controlPlane: {outbound: {type: PrivateLink}}}`},
	{Name: "outbound-by-internet", Why: "absence means the same", Patch: `spec: {controlPlane: {outbound: {type: Internet}}}`},
	{Name: "control-plane-in-china", Why: "names begin otherwise there", Patch: `
spec: {controlPlane: {outbound: {type: PrivateLink, privateLink: {serviceName: cn.com.amazonaws.vpce.cn-north-1.vpce-svc-01234567, host: ""}}}}`},
	{Name: "no-inbound", Why: "empty blocks mean the same as none", Patch: `spec: {controlPlane: {inbound: {type: None}}}`},
	{Name: "mcp-only", Why: "a Network Load Balancer will do", Patch: `spec: {mode: MCP, mcp: {baseURL: "https://mcp.example.com"}}`},
	{Name: "mcp-only-by-host", Why: "the address follows from the host", Patch: `spec: {mode: MCP, loadBalancer: {type: Application, hosts: {mcp: mcp.example.com}}}`},
	{Name: "mcp-on-the-usual-port", Why: "where the other moves away", Patch: `spec: {gateway: {port: 8788}, mcp: {port: 8787}}`},
	{Name: "both-on-one-host", Why: "the path tells them apart", Patch: `
spec: {mode: All, loadBalancer: {type: Application, hosts: {gateway: ai.example.com}, paths: {mcp: /mcp}}}`},
	{Name: "both-on-any-host", Why: "the path tells them apart", Patch: `
spec: {mode: All, mcp: {baseURL: "https://ai.example.com/mcp"}, loadBalancer: {type: Application, paths: {gateway: /mcp2, mcp: /mcp}}}`},
	{Name: "one-private-subnet", Why: "without a load balancer one will do", Patch: `
spec: {loadBalancer: null, network: {existing: {vpcID: vpc-01234567, privateSubnetIDs: [subnet-01234567]}}}`},
	{Name: "one-zone", Why: "without a load balancer one will do", Patch: `spec: {loadBalancer: null, network: {vpc: {zones: 1}}}`},
	{Name: "empty-blocks", Why: "an empty block means the same as none", Patch: `
spec:
  organisations: []
  tags: {}
  network: {vpc: {}}
  capacity: {ec2: {ami: {}}}
  gateway: {image: {}, env: {}, taskRole: {policyARNs: []}, rollout: {circuitBreaker: {}}}
  cache: {builtIn: {image: {}}}
  mcp: {}
  cluster: {}
  dataService: {image: {}, env: {}, secretEnv: {}, taskRole: {}, rollout: {}}
  controlPlane: {inbound: {}, outbound: {}}
  loadBalancer: {allowedCIDRs: [], hosts: {}, paths: {}}`},
	{Name: "empty-strings", Why: "templates render what isn't given as an empty string", Patch: `
spec:
  accountID: ""
  namePrefix: ""
  capacity: {ec2: {ami: {id: ""}}}
  mcp: {baseURL: ""}
  cache: {elastiCache: {replicationGroupID: "", managed: {engineVersion: "", nodeType: ""}, auth: {secretARN: "", iam: {userName: "", cacheName: ""}}}}
  storage: {region: "", exportBucket: "", fineTuneBucket: ""}
  loadBalancer: {certificateARN: "", hosts: {gateway: "", mcp: ""}, paths: {gateway: "", mcp: ""}, wafWebACLARN: ""}`},
	{Name: "govcloud", Why: "ARNs of every partition", Patch: `
spec:
  region: us-gov-west-1
  credentials:
    license: {secretARN: "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:license-AbCdEf"}
    registry: {secretARN: "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:registry-AbCdEf"}
  gateway: {taskRole: {policyARNs: ["arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"]}}`},
	{Name: "china", Why: "ARNs of every partition", Patch: `
spec:
  region: cn-northwest-1
  credentials:
    license: {secretARN: "arn:aws-cn:secretsmanager:cn-northwest-1:123456789012:secret:license-AbCdEf"}
    registry: {secretARN: "arn:aws-cn:secretsmanager:cn-northwest-1:123456789012:secret:registry-AbCdEf"}`},
	{Name: "sovereign-cloud", Why: "region codes may begin with four letters", Patch: `
spec:
  region: eusc-de-east-1
  credentials:
    license: {secretARN: "arn:aws-eusc:secretsmanager:eusc-de-east-1:123456789012:secret:license-AbCdEf"}
    registry: {secretARN: "arn:aws-eusc:secretsmanager:eusc-de-east-1:123456789012:secret:registry-AbCdEf"}`},
	{Name: "cpu-as-number", Why: "YAML makes a number of it, and Kubernetes takes that", Patch: `
spec: {gateway: {resources: {cpu: 2, memory: 4294967296}}}`},
	{Name: "cpu-spellings", Why: "one quantity has several spellings", Patch: `
spec: {gateway: {resources: {cpu: "0.25", memory: "0.5Gi"}}, cache: {builtIn: {resources: {cpu: 1000m, memory: 2048Mi}}}}`},
	{Name: "largest-task", Why: "the largest pair that ECS takes", Patch: `
spec: {gateway: {resources: {cpu: "16", memory: 120Gi}}, cache: {builtIn: {resources: {cpu: "8", memory: 20Gi}}}}`},
	{Name: "one-instance", Why: "initialSize follows the bounds where it isn't set", Patch: `
spec: {capacity: {ec2: {maxSize: 1}}}`},
	{Name: "forty-tags", Why: "as many as leave room for the operator's own", Patch: "spec: {tags: {" + numbered(40, `"key-%d": "value"`) + "}}"},
	{Name: "go-durations", Why: "typed Go clients write durations like this", Patch: `
spec: {syncInterval: 5m0s, gateway: {stopTimeout: 1m30s}, loadBalancer: {deregistrationDelay: 1h0m0s}}`},
	{Name: "prefix-for-a-refused-name", Why: "a prefix makes any name of the resource fit AWS", Patch: `
metadata: {name: ecs-gateway}
spec: {namePrefix: portkey}`},
	{Name: "name-of-sixty-three-characters-is-the-longest-that-fits-in-tags", Why: "the ownership tag has 256 characters"},
}
