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
	{Name: "everything", Why: "every field at once", Patch: `
spec:
  region: eu-central-1
  accountID: "123456789012"
  mode: Gateway
  organisations: [3fa85f64-5717-4562-b3fc-2c963f66afa6, org_2]
  managementPolicy: Observe
  deletionPolicy: Retain
  syncInterval: 1h30m
  namePrefix: Portkey-prod
  tags: {"cost centre": "München / R+D"}
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a/b_c+d=e.f@g!h-i-AbCd12"}
    registry: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-AbCdEf"}
  network: {vpc: {cidr: 172.20.16.0/20, zones: 6, natGateways: Single}}
  capacity:
    ec2: {instanceType: m7i-flex.large, minSize: 0, maxSize: 1000, initialSize: 0, targetPercent: 80, ami: {id: ami-0123456789abcdef0}}
  gateway:
    image: {repository: "registry.example.com:5000/team/gateway_enterprise", tag: v2.18.0-fips_1}
    port: 8080
    replicas: 0
    resources: {cpu: "4", memory: 30Gi}
    env: {LOG_LEVEL: "debug", _x: "", TRUSTED_CUSTOM_HOSTS: "a.example.com,b.example.com"}
    taskRole: {policyARNs: ["arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess", "arn:aws:iam::123456789012:policy/team/portkey"]}
    enableExec: true
    logRetentionDays: 3653
    stopTimeout: 2m
    rollout: {circuitBreaker: {enabled: true, rollback: false}}
  cache: {builtIn: {image: {repository: valkey/valkey, tag: 8.0-alpine}, resources: {cpu: 1, memory: 8Gi}}}
  storage: {logBucket: acme.portkey-logs, region: eu-west-1}
  loadBalancer: {type: Network, scheme: Internal, allowedCIDRs: [10.0.0.0/8, 203.0.113.7/32, 0.0.0.0/0], deletionProtection: true, deregistrationDelay: 0s}`},
	{Name: "empty-blocks", Why: "an empty block means the same as none", Patch: `
spec:
  organisations: []
  tags: {}
  network: {vpc: {}}
  capacity: {ec2: {ami: {}}}
  gateway: {image: {}, env: {}, taskRole: {policyARNs: []}, rollout: {circuitBreaker: {}}}
  cache: {builtIn: {image: {}}}
  loadBalancer: {allowedCIDRs: []}`},
	{Name: "empty-strings", Why: "templates render what isn't given as an empty string", Patch: `
spec: {accountID: "", namePrefix: "", capacity: {ec2: {ami: {id: ""}}}, storage: {region: ""}}`},
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
