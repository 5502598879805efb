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
	{Name: "change-vpc", Why: "nothing moves between VPCs", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`,
		To:   `spec: {network: {existing: {vpcID: vpc-0123456789abcdef1, privateSubnetIDs: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]}}}`,
		Want: "network.existing.vpcID can't change"},
	{Name: "remove-license", Why: "required stays required", To: `spec: {credentials: {license: null}}`,
		Want: "spec.credentials.license: Required value"},

	{Name: "more-zones", Why: "the private subnets that are there keep their ranges", To: `spec: {network: {vpc: {zones: 3}}}`},
	{Name: "fewer-zones", Why: "the private subnets that are there keep their ranges", From: `spec: {network: {vpc: {zones: 3}}}`, To: `spec: {network: {vpc: {zones: 2}}}`},
	{Name: "other-subnets", Why: "the VPC is the same", From: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}}`,
		To: `spec: {network: {existing: {vpcID: vpc-0123456789abcdef0, privateSubnetIDs: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]}}}`},
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
