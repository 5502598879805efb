package manifests

// Updates are changes of existing gateways.
var Updates = []Update{
	{Name: "change-region", Why: "nothing moves between regions", To: `
spec:
  region: eu-west-1
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:license-AbCdEf"}
    registry: {secretARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf"}`,
		Want: "create another PortkeyGateway in the other region, then delete this one"},
	{Name: "set-prefix", Why: "objects can't be renamed, and unset is a value too", To: `spec: {namePrefix: other}`,
		Want: "namePrefix can't be set, changed or removed later"},
	{Name: "change-prefix", Why: "objects can't be renamed", From: `spec: {namePrefix: one}`, To: `spec: {namePrefix: two}`,
		Want: "namePrefix can't be set, changed or removed later"},
	{Name: "remove-prefix", Why: "objects can't be renamed", From: `spec: {namePrefix: one}`,
		Want: "namePrefix can't be set, changed or removed later"},
	{Name: "change-cidr", Why: "a VPC keeps its range", From: `spec: {network: {vpc: {cidr: 10.0.0.0/16}}}`, To: `spec: {network: {vpc: {cidr: 10.1.0.0/16}}}`,
		Want: "network.vpc.cidr can't change (10.0.0.0/16 where it isn't set)"},
	{Name: "set-cidr", Why: "unset is 10.0.0.0/16", To: `spec: {network: {vpc: {cidr: 10.1.0.0/16}}}`,
		Want: "network.vpc.cidr can't change"},
	{Name: "remove-cidr", Why: "unset is 10.0.0.0/16", From: `spec: {network: {vpc: {cidr: 10.1.0.0/16}}}`, To: `spec: {network: {vpc: {}}}`,
		Want: "network.vpc.cidr can't change"},
	{Name: "remove-network", Why: "unset is 10.0.0.0/16", From: `spec: {network: {vpc: {cidr: 10.1.0.0/16}}}`,
		Want: "network.vpc.cidr can't change"},
	{Name: "move-to-existing-network", Why: "unset is a VPC of its own", To: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`,
		Want: "network can't change between vpc (which is what its absence means) and existing"},
	{Name: "move-from-existing-network", Why: "nothing moves between VPCs", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`, To: `spec: {network: {vpc: {}}}`,
		Want: "network can't change between vpc (which is what its absence means) and existing"},
	{Name: "move-to-existing-cluster", Why: "tasks can't move between clusters", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`,
		To:   `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}, capacity: {existing: {cluster: shared, capacityProvider: FARGATE}}}`,
		Want: "capacity can't change between existing and a cluster of its own"},
	{Name: "move-to-another-cluster", Why: "tasks can't move between clusters", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}, capacity: {existing: {cluster: shared, capacityProvider: FARGATE}}}`,
		To:   `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}, capacity: {existing: {cluster: other, capacityProvider: FARGATE}}}`,
		Want: "capacity.existing.cluster can't change"},
	{Name: "change-vpc", Why: "nothing moves between VPCs", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`,
		To:   `spec: {network: {existing: {vpcID: vpc-0123456789abcdef1, privateSubnetIDs: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]}}}`,
		Want: "network.existing.vpcID can't change"},
	{Name: "set-load-balancer-type", Why: "unset is Network", To: `spec: {loadBalancer: {type: Application}}`,
		Want: "leave it as it was (Network where it isn't set), or set replacementPolicy to Parallel"},
	{Name: "remove-load-balancer-type", Why: "unset is Network", From: `spec: {loadBalancer: {type: Application}}`, To: `spec: {loadBalancer: {deletionProtection: true}}`,
		Want: "leave it as it was (Network where it isn't set), or set replacementPolicy to Parallel"},
	{Name: "set-load-balancer-scheme", Why: "unset is Internal", To: `spec: {loadBalancer: {scheme: InternetFacing, allowedCIDRs: [0.0.0.0/0]}}`,
		Want: "leave it as it was (Internal where it isn't set), or set replacementPolicy to Parallel"},
	{Name: "remove-load-balancer-scheme", Why: "unset is Internal", From: `spec: {loadBalancer: {scheme: InternetFacing, allowedCIDRs: [0.0.0.0/0]}}`,
		Want: "leave it as it was (Internal where it isn't set), or set replacementPolicy to Parallel"},
	{Name: "remove-replacement-policy-with-the-change", Why: "what is applied decides", From: `spec: {loadBalancer: {replacementPolicy: Parallel}}`, To: `spec: {loadBalancer: {type: Application}}`,
		Want: "leave it as it was (Network where it isn't set), or set replacementPolicy to Parallel"},
	{Name: "valkey-to-redis", Why: "ElastiCache goes the other way only", From: `spec: {cache: {elastiCache: {managed: {}}}}`, To: `spec: {cache: {elastiCache: {managed: {engine: redis}}}}`,
		Want: "leave the engine as it was (valkey where it isn't set), or move to another cache first"},
	{Name: "earlier-valkey", Why: "unset is 8.0", From: `spec: {cache: {elastiCache: {managed: {}}}}`, To: `spec: {cache: {elastiCache: {managed: {engineVersion: "7.2"}}}}`,
		Want: "takes no engine back to an earlier version: leave it as it was (8.0 of valkey"},
	{Name: "remove-later-valkey", Why: "unset is 8.0", From: `spec: {cache: {elastiCache: {managed: {engineVersion: "8.1"}}}}`, To: `spec: {cache: {elastiCache: {managed: {}}}}`,
		Want: "takes no engine back to an earlier version"},
	{Name: "earlier-redis", Why: "unset is 7.1", From: `spec: {cache: {elastiCache: {managed: {engine: redis}}}}`, To: `spec: {cache: {elastiCache: {managed: {engine: redis, engineVersion: "7.0"}}}}`,
		Want: "takes no engine back to an earlier version"},
	{Name: "serverless-valkey-to-redis", Why: "ElastiCache goes the other way only", From: `spec: {cache: {elastiCache: {serverless: {}}}}`, To: `spec: {cache: {elastiCache: {serverless: {engine: redis}}}}`,
		Want: "leave the engine as it was"},
	{Name: "valkey-users-to-redis", Why: "both caches have the same users", From: `spec: {cache: {elastiCache: {managed: {}, auth: {iam: {}}}}}`, To: `spec: {cache: {elastiCache: {serverless: {engine: redis}, auth: {iam: {}}}}}`,
		Want: "leave the engine valkey, or remove auth.iam"},
	{Name: "serverless-valkey-users-to-redis", Why: "both caches have the same users", From: `spec: {cache: {elastiCache: {serverless: {}, auth: {iam: {}}}}}`, To: `spec: {cache: {elastiCache: {managed: {engine: redis}, auth: {iam: {}}}}}`,
		Want: "leave the engine valkey, or remove auth.iam"},
	{Name: "earlier-serverless", Why: "unset is 8", From: `spec: {cache: {elastiCache: {serverless: {}}}}`, To: `spec: {cache: {elastiCache: {serverless: {majorEngineVersion: "7"}}}}`,
		Want: "takes no engine back to an earlier version: leave it as it was (8 of valkey"},
	{Name: "remove-license", Why: "required stays required", To: `spec: {credentials: {license: null}}`,
		Want: "spec.credentials.license: Required value"},

	{Name: "redis-users-to-valkey", Why: "ElastiCache turns users of Redis OSS into users of Valkey", From: `spec: {cache: {elastiCache: {managed: {engine: redis}, auth: {iam: {}}}}}`, To: `spec: {cache: {elastiCache: {serverless: {}, auth: {iam: {}}}}}`},
	{Name: "valkey-to-another-redis", Why: "without IAM the caches have no users in common", From: `spec: {cache: {elastiCache: {managed: {}}}}`, To: `spec: {cache: {elastiCache: {serverless: {engine: redis}}}}`},
	{Name: "existing-cache-to-redis", Why: "the users of a cache that is there are not ours", From: `spec: {cache: {elastiCache: {replicationGroupID: prod-redis, auth: {iam: {userName: portkey}}}}}`, To: `spec: {cache: {elastiCache: {managed: {engine: redis}, auth: {iam: {}}}}}`},
	{Name: "more-zones", Why: "the private subnets that are there keep their ranges", To: `spec: {network: {vpc: {zones: 3}}}`},
	{Name: "fewer-zones", Why: "the private subnets that are there keep their ranges", From: `spec: {network: {vpc: {zones: 3}}}`, To: `spec: {network: {vpc: {zones: 2}}}`},
	{Name: "other-subnets", Why: "the VPC is the same", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`,
		To: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]}}}`},
	{Name: "replace-load-balancer", Why: "another is brought up beside it", To: `spec: {loadBalancer: {type: Application, scheme: InternetFacing, allowedCIDRs: [0.0.0.0/0], replacementPolicy: Parallel}}`},
	{Name: "spell-load-balancer-out", Why: "the same one", To: `spec: {loadBalancer: {type: Network, scheme: Internal}}`},
	{Name: "add-load-balancer", Why: "nothing is replaced", From: `spec: {loadBalancer: null}`, To: `spec: {loadBalancer: {type: Application}}`},
	{Name: "allow-list-of-what-becomes-internal", Why: "the control plane can't reach it any more", From: `spec: {controlPlane: {inbound: {type: AllowList}}, loadBalancer: {scheme: InternetFacing, replacementPolicy: Parallel}}`,
		To: `spec: {controlPlane: {inbound: {type: AllowList}}, loadBalancer: {scheme: Internal, replacementPolicy: Parallel}}`, Want: "write loadBalancer: {scheme: InternetFacing}, or remove controlPlane.inbound"},
	{Name: "allow-list-goes-and-leaves-nobody", Why: "somebody must be let in", From: `spec: {controlPlane: {inbound: {type: AllowList}}, loadBalancer: {scheme: InternetFacing}}`, To: `spec: {loadBalancer: {scheme: InternetFacing}}`,
		Want: "say who may connect from the internet"},
	{Name: "another-type-under-private-link", Why: "AWS takes no load balancer from an endpoint service", From: `spec: {controlPlane: {inbound: {type: PrivateLink}}, loadBalancer: {replacementPolicy: Parallel}}`,
		To: `spec: {controlPlane: {inbound: {type: PrivateLink}}, loadBalancer: {type: Application, replacementPolicy: Parallel}}`, Want: "set controlPlane.inbound.type to None before, which disconnects Portkey"},
	{Name: "another-scheme-under-private-link", Why: "AWS takes no load balancer from an endpoint service", From: `spec: {controlPlane: {inbound: {type: PrivateLink}}, loadBalancer: {replacementPolicy: Parallel}}`,
		To: `spec: {controlPlane: {inbound: {type: PrivateLink}}, loadBalancer: {scheme: InternetFacing, allowedCIDRs: [203.0.113.0/24], replacementPolicy: Parallel}}`, Want: "leave type and scheme as they were"},
	{Name: "private-link-comes-with-another-type", Why: "there is no endpoint service yet", From: `spec: {loadBalancer: {replacementPolicy: Parallel}}`, To: `spec: {controlPlane: {inbound: {type: PrivateLink}}, loadBalancer: {type: Application, replacementPolicy: Parallel}}`},
	{Name: "private-link-goes-with-the-load-balancer", Why: "both at once", From: `spec: {controlPlane: {inbound: {type: PrivateLink}}}`, To: `spec: {loadBalancer: null}`},
	{Name: "private-link-becomes-allow-list", Why: "the way in may change", From: `spec: {controlPlane: {inbound: {type: PrivateLink, privateLink: {acceptance: Manual}}}, loadBalancer: {scheme: InternetFacing, allowedCIDRs: [203.0.113.0/24]}}`, To: `spec: {controlPlane: {inbound: {type: AllowList}}, loadBalancer: {scheme: InternetFacing}}`},
	{Name: "allow-list-goes", Why: "others are let in", From: `spec: {controlPlane: {inbound: {type: AllowList}}, loadBalancer: {scheme: InternetFacing}}`, To: `spec: {loadBalancer: {scheme: InternetFacing, allowedCIDRs: [203.0.113.0/24]}}`},
	{Name: "to-private-link", Why: "the way may change", To: `spec: {controlPlane: {outbound: {type: PrivateLink}}}`},
	{Name: "from-private-link", Why: "the way may change", From: `spec: {controlPlane: {outbound: {type: PrivateLink}}}`, To: `spec: {controlPlane: null}`},
	{Name: "private-link-spelled-out", Why: "the same service", From: `spec: {controlPlane: {outbound: {type: PrivateLink}}}`,
		To: `spec: {controlPlane: {outbound: {type: PrivateLink, privateLink: {serviceName: com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95}}}}`},
	{Name: "another-endpoint-service", Why: "the endpoint would have to be replaced under the tasks", From: `spec: {controlPlane: {outbound: {type: PrivateLink}}}`,
		To: `spec: {controlPlane: {outbound: {type: PrivateLink, privateLink: {serviceName: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0}}}}`, Want: "set type to Internet, and when status.outputs has no controlPlaneEndpoint any more"},
	{Name: "another-endpoint-service-later", Why: "nothing is replaced", From: `spec: {controlPlane: {outbound: {type: Internet}}}`,
		To: `spec: {controlPlane: {outbound: {type: PrivateLink, privateLink: {serviceName: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0}}}}`},
	{Name: "mode-to-all", Why: "modes may change, both ways", From: `spec: {loadBalancer: {type: Application}}`, To: `spec: {mode: All, loadBalancer: {type: Application, hosts: {gateway: a.example.com, mcp: b.example.com}}}`},
	{Name: "mode-from-all", Why: "modes may change, both ways", From: `spec: {mode: All, loadBalancer: {type: Application, hosts: {gateway: a.example.com, mcp: b.example.com}}}`, To: `spec: {mode: MCP, loadBalancer: {type: Application, hosts: {mcp: b.example.com}}}`},
	{Name: "redis-to-valkey", Why: "ElastiCache can", From: `spec: {cache: {elastiCache: {managed: {engine: redis}}}}`, To: `spec: {cache: {elastiCache: {managed: {engine: valkey, engineVersion: "7.2"}}}}`},
	{Name: "later-valkey", Why: "versions go up", From: `spec: {cache: {elastiCache: {managed: {engineVersion: "7.2"}}}}`, To: `spec: {cache: {elastiCache: {managed: {}}}}`},
	{Name: "canary-to-linear", Why: "strategies may change", From: `spec: {gateway: {rollout: {strategy: Canary, canary: {percent: 5}}}}`, To: `spec: {gateway: {rollout: {strategy: Linear, linear: {stepPercent: 20}}}}`},
	{Name: "hooks-go-with-their-strategy", Why: "both at once", From: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PreScaleUp], pause: {timeout: 1h}}]}}}`, To: `spec: {gateway: {rollout: {circuitBreaker: {threshold: {type: Count, value: 5}}}}}`},
	{Name: "hooks-stay-behind", Why: "Rolling has none", From: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PreScaleUp], pause: {}}]}}}`,
		To: `spec: {gateway: {rollout: {hooks: [{stages: [PreScaleUp], pause: {}}]}}}`, Want: "set strategy to BlueGreen, Canary or Linear, or remove hooks"},
	{Name: "pause-becomes-a-probe", Why: "both at once", From: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], pause: {}}]}}}`, To: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], httpProbe: {retryFor: 5m}}]}}}`},
	{Name: "certificate-requested-instead", Why: "listeners take it once it is issued", From: `spec: {loadBalancer: {type: Application, hosts: {gateway: gateway.example.com}, certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"}}`,
		To: `spec: {loadBalancer: {type: Application, hosts: {gateway: gateway.example.com}, certificate: {request: true}, dns: {hostedZoneID: Z0123456789ABCDEFGHIJ}}}`},
	{Name: "certificate-for-a-probe-without-host", Why: "the probe must know the name in it", From: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], httpProbe: {}}]}}}`,
		To: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PostTestTrafficShift], httpProbe: {}}]}}, loadBalancer: {certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"}}`, Want: "set httpProbe.host, or loadBalancer.hosts"},
	{Name: "pause-without-its-timeout", Why: "a block that loses its last field stays a block", From: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PreScaleUp], pause: {timeout: 1h}}]}}}`,
		To: `spec: {gateway: {rollout: {strategy: BlueGreen, hooks: [{stages: [PreScaleUp], pause: {}}]}}}`},
	{Name: "move-to-fargate", Why: "services move between capacities", From: `spec: {capacity: {ec2: {maxSize: 4}}}`, To: `spec: {capacity: {fargate: {}}}`},
	{Name: "move-from-fargate", Why: "services move between capacities", From: `spec: {capacity: {fargate: {}}}`},
	{Name: "move-to-elasticache", Why: "a cache holds nothing that isn't elsewhere", From: `spec: {cache: {builtIn: {}}}`, To: `spec: {cache: {elastiCache: {managed: {}}}}`},
	{Name: "move-to-another-elasticache", Why: "a cache holds nothing that isn't elsewhere", From: `spec: {cache: {elastiCache: {managed: {}}}}`, To: `spec: {cache: {elastiCache: {replicationGroupID: prod-redis}}}`},
	{Name: "move-from-elasticache", Why: "a cache holds nothing that isn't elsewhere", From: `spec: {cache: {elastiCache: {managed: {}}}}`},

	{Name: "spell-defaults-out", Why: "the same deployment, in more words", To: `
spec:
  namePrefix: ""
  network: {vpc: {cidr: 10.0.0.0/16, zones: 2, natGateways: Single}}
  capacity: {ec2: {instanceType: t4g.medium, minSize: 1, maxSize: 3, initialSize: 2, targetPercent: 100}}
  cache: {builtIn: {resources: {cpu: 250m, memory: 512Mi}}}`},
	{Name: "leave-defaults-out", Why: "and the other way round",
		From: `spec: {namePrefix: "", network: {vpc: {cidr: 10.0.0.0/16, zones: 2}}}`},
	{Name: "empty-load-balancer", Why: "a block that loses its last field stays a block",
		From: `spec: {loadBalancer: {allowedCIDRs: [10.0.0.0/16], deletionProtection: true}}`},
	{Name: "empty-branches", Why: "a branch that loses its last field stays chosen", From: `
spec: {network: {vpc: {zones: 2}}, capacity: {ec2: {maxSize: 4}}, cache: {builtIn: {image: {tag: "8"}}}}`, To: `
spec: {network: {vpc: {}}, capacity: {ec2: {}}, cache: {builtIn: {}}}`},
	{Name: "empty-blocks-that-say-something", Why: "likewise of those whose presence deploys or chooses", From: `
spec:
  capacity: {fargate: {architecture: X86_64}}
  cache: {elastiCache: {serverless: {engine: redis}, auth: {iam: {userName: a}}}}
  dataService: {replicas: 2}
  gateway: {rollout: {strategy: Canary, canary: {percent: 5}}}`, To: `
spec:
  capacity: {fargate: {}}
  cache: {elastiCache: {serverless: {}, auth: {iam: {}}}}
  dataService: {}
  gateway: {rollout: {strategy: Canary, canary: {}}}`},
	{Name: "empty-managed-cache-and-refresh", Why: "likewise",
		From: `spec: {cache: {elastiCache: {managed: {shards: 2}}}, capacity: {ec2: {instanceRefresh: {minHealthyPercent: 60}}}, gateway: {rollout: {strategy: Linear, linear: {stepPercent: 20}}}}`,
		To:   `spec: {cache: {elastiCache: {managed: {}}}, capacity: {ec2: {instanceRefresh: {}}}, gateway: {rollout: {strategy: Linear, linear: {}}}}`},
	{Name: "secret-from-kubernetes", Why: "where a secret lies may change, both ways", To: `
spec:
  credentials: {license: {secretARN: null, secretRef: {name: portkey-license}}}
  secrets: {kmsKeyARN: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`},
	{Name: "change-what-can", Why: "everything else may change", To: `
spec:
  accountID: "123456789012"
  organisations: [a]
  managementPolicy: Paused
  deletionPolicy: Retain
  syncInterval: 10m
  tags: {team: a}
  credentials: {license: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf"}}
  capacity: {ec2: {instanceType: m7g.large, minSize: 2, maxSize: 4}}
  gateway: {image: {tag: 2.18.0}, port: 8080, replicas: 3, resources: {cpu: "2", memory: 4Gi}, env: {A: b}}
  cache: {builtIn: {image: {tag: 8-alpine}}}
  storage: {logBucket: other-logs}
  loadBalancer: null`},
}
