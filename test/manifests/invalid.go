package manifests

import (
	"fmt"
	"strings"
)

// Invalid are manifests that the API server refuses.
var Invalid = []Case{
	{Name: "no-spec", Why: "a gateway needs a spec", Patch: `spec: null`, Want: "spec: Required value"},
	{Name: "no-region", Why: "there is no sensible default region", Patch: `spec: {region: null}`, Want: "spec.region: Required value"},
	{Name: "no-credentials", Why: "the gateway can't start without", Patch: `spec: {credentials: null}`, Want: "spec.credentials: Required value"},
	{Name: "no-license", Why: "the gateway can't start without", Patch: `spec: {credentials: {license: null}}`, Want: "spec.credentials.license: Required value"},
	{Name: "no-registry", Why: "the image can't be pulled without", Patch: `spec: {credentials: {registry: null}}`, Want: "spec.credentials.registry: Required value"},
	{Name: "no-secret", Why: "a credential without a source", Patch: `spec: {credentials: {license: {secretARN: null}}}`, Want: "spec.credentials.license.secretARN: Required value"},
	{Name: "no-storage", Why: "logs go somewhere", Patch: `spec: {storage: null}`, Want: "spec.storage: Required value"},
	{Name: "no-bucket", Why: "logs go somewhere", Patch: `spec: {storage: {logBucket: null}}`, Want: "spec.storage.logBucket: Required value"},

	{Name: "name-with-dots", Why: "load balancers' names take none", Patch: `metadata: {name: portkey.gateway}`, Want: "lower-case letters, digits and hyphens, without dots"},
	{Name: "name-too-long", Why: "the ownership tag has 256 characters", Patch: "metadata: {name: " + strings.Repeat("a", 64) + "}", Want: "metadata.name: use at most 63"},
	{Name: "name-refused-by-aws", Why: "capacity providers can't be called so", Patch: `metadata: {name: ecs-gateway}`, Want: "choose another name, such as portkey-gateway, or set spec.namePrefix"},
	{Name: "name-refused-despite-empty-prefix", Why: "an empty prefix is none", Patch: `{metadata: {name: internal-gateway}, spec: {namePrefix: ""}}`, Want: "or set spec.namePrefix"},

	{Name: "region-in-words", Why: "AWS's code is meant", Patch: `spec: {region: Frankfurt}`, Want: "write the code of an AWS region, such as us-east-1"},
	{Name: "region-is-a-zone", Why: "zones are chosen by network.vpc.zones", Patch: `spec: {region: us-east-1a}`, Want: "and no zone"},
	{Name: "account-as-number", Why: "YAML loses leading zeros of numbers", Patch: `spec: {accountID: 123456789012}`, Want: "spec.accountID: Invalid value: \"integer\""},
	{Name: "account-with-hyphens", Why: "the console shows it so", Patch: `spec: {accountID: 1234-5678-90}`, Want: "in quotes and without hyphens"},
	{Name: "account-too-long", Why: "an ARN or too many digits", Patch: `spec: {accountID: "1234567890123"}`, Want: "may not be more than 12"},
	{Name: "mode-unknown", Why: "only what exists can be chosen", Patch: `spec: {mode: Chat}`, Want: "supported values: \"Gateway\", \"MCP\", \"All\""},
	{Name: "organisations-in-one-string", Why: "a list is no comma-separated string", Patch: `spec: {organisations: ["a,b"]}`, Want: "write one organisation ID per list item"},
	{Name: "organisation-twice", Why: "the list is a set", Patch: `spec: {organisations: [a, a]}`, Want: "Duplicate value"},
	{Name: "management-policy-unknown", Patch: `spec: {managementPolicy: Plan}`, Want: "supported values: \"Reconcile\", \"Observe\", \"Paused\""},
	{Name: "deletion-policy-unknown", Patch: `spec: {deletionPolicy: Orphan}`, Want: "supported values: \"Delete\", \"Retain\""},
	{Name: "sync-too-often", Why: "it would eat AWS's call budget", Patch: `spec: {syncInterval: 30s}`, Want: "write a duration from 1m to 24h"},
	{Name: "sync-too-rarely", Patch: `spec: {syncInterval: 25h}`, Want: "write a duration from 1m to 24h"},
	{Name: "sync-in-days", Why: "Go has no days", Patch: `spec: {syncInterval: 1d}`, Want: "such as 5m or 1h30m"},
	{Name: "sync-as-number", Why: "seconds or minutes?", Patch: `spec: {syncInterval: 300}`, Want: "spec.syncInterval: Invalid value: \"integer\""},
	{Name: "prefix-with-underscore", Why: "load balancers' names take none", Patch: `spec: {namePrefix: portkey_dev}`, Want: "such as portkey-gateway-dev"},
	{Name: "prefix-refused-by-aws", Why: "capacity providers can't be called so, in any case", Patch: `spec: {namePrefix: Fargate-x}`, Want: "write another prefix"},

	{Name: "tag-of-aws", Why: "AWS refuses keys of its own", Patch: `spec: {tags: {"AWS:team": x}}`, Want: "begin with aws: belong to AWS: write another key"},
	{Name: "tag-of-the-operator", Why: "ownership is proved by these", Patch: `spec: {tags: {"ecs.portkey.ai/owner": x}}`, Want: "set by the operator: write another key"},
	{Name: "tag-name", Why: "each object has a name of its own", Patch: `spec: {tags: {Name: x}}`, Want: "set by the operator: write another key"},
	{Name: "tag-key-charset", Why: "IAM takes fewer characters than EC2", Patch: `spec: {tags: {"team#1": x}}`, Want: "write tag keys of 1 to 128 letters"},
	{Name: "tag-key-empty", Patch: `spec: {tags: {"": x}}`, Want: "write tag keys of 1 to 128 letters"},
	{Name: "tag-key-too-long", Patch: "spec: {tags: {" + strings.Repeat("k", 129) + ": x}}", Want: "write tag keys of 1 to 128 letters"},
	{Name: "tag-keys-differ-in-case-only", Why: "IAM takes them for the same", Patch: `spec: {tags: {Team: a, team: b}}`, Want: "differ in more than upper and lower case"},
	{Name: "tag-value-charset", Patch: `spec: {tags: {team: "a,b"}}`, Want: "write tag values of letters"},
	{Name: "tag-value-too-long", Patch: "spec: {tags: {team: " + strings.Repeat("v", 257) + "}}", Want: "may not be more than 256"},
	{Name: "too-many-tags", Why: "AWS takes 50, and the operator needs some", Patch: "spec: {tags: {" + numbered(41, `"key-%d": "value"`) + "}}", Want: "must have at most 40 items"},

	{Name: "secret-by-name", Why: "policies need the ARN", Patch: `spec: {credentials: {license: {secretARN: portkey/license}}}`, Want: "write the full ARN of a Secrets Manager secret"},
	{Name: "secret-without-suffix", Why: "ECS and IAM need the whole ARN", Patch: secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:license"), Want: "with the six random characters"},
	{Name: "secret-with-key", Why: "the operator adds the keys", Patch: secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:license-AbCdEf:PORTKEY_CLIENT_AUTH::"), Want: "nothing after them"},
	{Name: "secret-of-another-service", Why: "not landed", Patch: secret("arn:aws:ssm:us-east-1:123456789012:parameter/license"), Want: "write the full ARN of a Secrets Manager secret"},
	{Name: "secret-in-another-region", Why: "the tasks read it in their own region", Patch: secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:license-AbCdEf"), Want: "the secret must lie in us-east-1, the region of the deployment: replicate it there"},
	{Name: "registry-secret-in-another-region", Why: "likewise", Patch: `spec: {region: eu-west-1, credentials: {license: {secretARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:license-AbCdEf"}}}`, Want: "spec.credentials.registry.secretARN: Invalid value"},

	{Name: "network-of-nothing", Why: "one of its fields says which", Patch: `spec: {network: {}}`, Want: "write vpc: {} or leave network out for a VPC of its own"},
	{Name: "cidr-without-size", Patch: cidr("10.0.0.0"), Want: "write an IPv4 range of size /16 to /20, such as 10.0.0.0/16"},
	{Name: "cidr-too-large", Why: "AWS takes /16 at most", Patch: cidr("10.0.0.0/8"), Want: "of size /16 to /20"},
	{Name: "cidr-too-small", Why: "no room for the subnets", Patch: cidr("10.0.0.0/24"), Want: "of size /16 to /20"},
	{Name: "cidr-of-ipv6", Patch: cidr("fd00::/16"), Want: "write an IPv4 range"},
	{Name: "cidr-in-words", Patch: cidr("default"), Want: "write an IPv4 range"},
	{Name: "cidr-not-canonical", Why: "AWS stores another, and the operator would see drift", Patch: cidr("10.0.1.0/16"), Want: "write the first address of the range, such as 10.0.0.0/16"},
	{Name: "cidr-of-loopback", Why: "AWS takes none", Patch: cidr("127.0.0.0/16"), Want: "write a private range, such as 10.0.0.0/16"},
	{Name: "no-zones", Why: "tasks run somewhere", Patch: `spec: {network: {vpc: {zones: -1}}}`, Want: "spec.network.vpc.zones"},
	{Name: "seven-zones", Why: "no region has as many", Patch: `spec: {network: {vpc: {zones: 7}}}`, Want: "should be less than or equal to 6"},
	{Name: "nat-gateways-unknown", Patch: `spec: {network: {vpc: {natGateways: None}}}`, Want: "supported values: \"Single\""},

	{Name: "capacity-of-nothing", Why: "one of its fields says which", Patch: `spec: {capacity: {}}`, Want: "write ec2: {} or leave capacity out for EC2 instances of the default size"},
	{Name: "min-above-max", Patch: `spec: {capacity: {ec2: {minSize: 4, maxSize: 2}}}`, Want: "set maxSize (3 where it isn't set) to at least minSize"},
	{Name: "min-above-default-max", Why: "absence means 3", Patch: `spec: {capacity: {ec2: {minSize: 4}}}`, Want: "set maxSize (3 where it isn't set) to at least minSize"},
	{Name: "initial-above-max", Patch: `spec: {capacity: {ec2: {maxSize: 2, initialSize: 3}}}`, Want: "set initialSize to a number from minSize"},
	{Name: "initial-below-min", Why: "absence of minSize means 1", Patch: `spec: {capacity: {ec2: {initialSize: 0}}}`, Want: "set initialSize to a number from minSize"},
	{Name: "max-zero", Why: "nothing could ever run", Patch: `spec: {capacity: {ec2: {minSize: 0, maxSize: 0}}}`, Want: "should be greater than or equal to 1"},
	{Name: "target-above-100", Patch: `spec: {capacity: {ec2: {targetPercent: 120}}}`, Want: "should be less than or equal to 100"},
	{Name: "instance-type-without-size", Patch: `spec: {capacity: {ec2: {instanceType: t4g}}}`, Want: "write an EC2 instance type, such as t4g.medium"},
	{Name: "ami-by-name", Patch: `spec: {capacity: {ec2: {ami: {id: al2023-arm64}}}}`, Want: "write the ID of a machine image, such as ami-0123456789abcdef0"},

	{Name: "image-with-tag", Why: "the tag has a field of its own", Patch: `spec: {gateway: {image: {repository: "portkeyai/gateway_enterprise:2.16.0"}}}`, Want: "the tag goes into image.tag"},
	{Name: "image-with-scheme", Patch: `spec: {gateway: {image: {repository: "https://docker.io/portkeyai/gateway_enterprise"}}}`, Want: "write a repository without scheme, tag or digest"},
	{Name: "image-in-capitals", Why: "registries take none", Patch: `spec: {cache: {builtIn: {image: {repository: Library/Redis}}}}`, Want: "spec.cache.builtIn.image.repository"},
	{Name: "tag-with-colon", Patch: `spec: {gateway: {image: {tag: ":2.16.0"}}}`, Want: "such as 2.16.0, without a leading colon"},
	{Name: "tag-as-number", Why: "YAML makes 2.16 of 2.160", Patch: `spec: {gateway: {image: {tag: 2.16}}}`, Want: "spec.gateway.image.tag: Invalid value: \"number\""},
	{Name: "port-zero", Patch: `spec: {gateway: {port: 0}}`, Want: "should be greater than or equal to 1"},
	{Name: "port-too-high", Patch: `spec: {gateway: {port: 70000}}`, Want: "should be less than or equal to 65535"},
	{Name: "port-of-the-cache", Why: "Service Connect binds it in every task", Patch: `spec: {gateway: {port: 6379}}`, Want: "write another, such as 8787"},
	{Name: "negative-replicas", Patch: `spec: {gateway: {replicas: -1}}`, Want: "should be greater than or equal to 0"},
	{Name: "cpu-between", Why: "Fargate's table binds", Patch: pair(`300m`, `1Gi`), Want: "ECS takes tasks of 250m, 500m, 1, 2, 4, 8 or 16 CPUs: write one of these"},
	{Name: "cpu-in-ecs-units", Why: "Terraform's habit", Patch: pair(`"1024"`, `2Gi`), Want: "ECS takes tasks of 250m, 500m, 1, 2, 4, 8 or 16 CPUs"},
	{Name: "cpu-of-nonsense", Why: "no quantity", Patch: pair(`much`, `2Gi`), Want: "ECS takes tasks of 250m, 500m, 1, 2, 4, 8 or 16 CPUs"},
	{Name: "cpu-negative", Patch: pair(`"-1"`, `2Gi`), Want: "ECS takes tasks of 250m, 500m, 1, 2, 4, 8 or 16 CPUs"},
	{Name: "cpu-alone", Why: "the table knows pairs", Patch: `spec: {gateway: {resources: {cpu: "2"}}}`, Want: "spec.gateway.resources.memory: Required value"},
	{Name: "memory-alone", Why: "the table knows pairs", Patch: `spec: {gateway: {resources: {memory: 2Gi}}}`, Want: "spec.gateway.resources.cpu: Required value"},
	{Name: "memory-for-250m", Patch: pair(`250m`, `4Gi`), Want: "ECS takes 512Mi, 1Gi or 2Gi of memory with 250m CPU"},
	{Name: "memory-for-500m", Patch: pair(`500m`, `512Mi`), Want: "ECS takes 1Gi to 4Gi of memory in steps of 1Gi with 500m CPU"},
	{Name: "memory-for-1", Patch: pair(`1`, `1Gi`), Want: "ECS takes 2Gi to 8Gi of memory in steps of 1Gi with 1 CPU"},
	{Name: "memory-for-2", Why: "between two steps", Patch: pair(`2`, `4608Mi`), Want: "ECS takes 4Gi to 16Gi of memory in steps of 1Gi with 2 CPU"},
	{Name: "memory-for-4", Patch: pair(`4`, `31Gi`), Want: "ECS takes 8Gi to 30Gi of memory in steps of 1Gi with 4 CPU"},
	{Name: "memory-for-8", Patch: pair(`8`, `17Gi`), Want: "ECS takes 16Gi to 60Gi of memory in steps of 4Gi with 8 CPU"},
	{Name: "memory-for-16", Patch: pair(`16`, `36Gi`), Want: "ECS takes 32Gi to 120Gi of memory in steps of 8Gi with 16 CPU"},
	{Name: "memory-in-mib", Why: "Terraform's habit: as a quantity these are bytes", Patch: pair(`1`, `2048`), Want: "ECS takes 2Gi to 8Gi of memory"},
	{Name: "memory-decimal", Why: "2G are less than 2Gi", Patch: pair(`1`, `2G`), Want: "ECS takes 2Gi to 8Gi of memory"},
	{Name: "memory-of-nonsense", Why: "no quantity", Patch: pair(`1`, `2GB`), Want: "ECS takes 2Gi to 8Gi of memory"},
	{Name: "memory-beyond-numbers", Why: "the rule must not overflow", Patch: pair(`1`, `"1e30"`), Want: "ECS takes 2Gi to 8Gi of memory"},
	{Name: "memory-of-the-cache", Why: "the cache's pair is checked likewise", Patch: `spec: {cache: {builtIn: {resources: {cpu: 250m, memory: 256Mi}}}}`, Want: "spec.cache.builtIn.resources.memory"},

	{Name: "env-name-with-hyphen", Why: "shells can't read it", Patch: env("LOG-LEVEL"), Want: "such as LOG_LEVEL"},
	{Name: "env-name-begins-with-digit", Patch: env("1ST"), Want: "don't begin with a digit"},
	{Name: "env-name-empty", Patch: env(""), Want: "such as LOG_LEVEL"},
	{Name: "env-redis", Why: "the cache block decides", Patch: env("REDIS_URL"), Want: "remove them here and write what you need there"},
	{Name: "env-redis-iam", Why: "the cache block decides", Patch: env("AWS_REDIS_AUTH_MODE"), Want: "follow from spec.cache"},
	{Name: "env-cache-store", Why: "the cache block decides", Patch: env("CACHE_STORE"), Want: "follow from spec.cache"},
	{Name: "env-port", Why: "gateway.port decides", Patch: env("PORT"), Want: "PORT follows from spec.gateway.port"},
	{Name: "env-mcp", Why: "mode decides", Patch: env("MCP_PORT"), Want: "MCP_* from spec.mode"},
	{Name: "env-server-mode", Why: "mode decides", Patch: env("SERVER_MODE"), Want: "SERVER_MODE and MCP_* from spec.mode"},
	{Name: "env-basepath", Why: "derived", Patch: env("ALBUS_BASEPATH"), Want: "*_BASEPATH and CONFIG_READER_PATH are derived by the operator"},
	{Name: "env-bucket", Why: "storage decides", Patch: env("LOG_STORE_GENERATIONS_BUCKET"), Want: "set storage.logBucket and storage.region"},
	{Name: "env-bucket-region", Why: "storage decides", Patch: env("LOG_STORE_REGION"), Want: "set storage.logBucket and storage.region"},
	{Name: "env-organisations", Why: "a field of its own", Patch: env("ORGANISATIONS_TO_SYNC"), Want: "list the IDs in spec.organisations"},
	{Name: "env-license", Why: "a secret isn't plain text", Patch: env("PORTKEY_CLIENT_AUTH"), Want: "put it into the secret that spec.credentials.license.secretARN names"},
	{Name: "env-of-ecs", Why: "ECS sets these", Patch: env("ECS_CONTAINER_METADATA_URI_V4"), Want: "set by ECS itself: remove them"},
	{Name: "env-value-as-number", Why: "environment is text", Patch: `spec: {gateway: {env: {REQUEST_TIMEOUT: 30}}}`, Want: "spec.gateway.env.REQUEST_TIMEOUT: Invalid value: \"integer\""},
	{Name: "env-value-too-long", Why: "a task definition has 64 KiB", Patch: "spec: {gateway: {env: {A: " + strings.Repeat("v", 4097) + "}}}", Want: "may not be more than 4096"},
	{Name: "too-much-env", Why: "a task definition has 64 KiB", Patch: "spec: {gateway: {env: {" + numbered(101, `V%d: x`) + "}}}", Want: "must have at most 100 items"},
	{Name: "policy-by-name", Patch: `spec: {gateway: {taskRole: {policyARNs: [AmazonBedrockFullAccess]}}}`, Want: "write the ARN of a managed policy, such as arn:aws:iam::aws:policy/"},
	{Name: "policy-is-a-role", Patch: `spec: {gateway: {taskRole: {policyARNs: ["arn:aws:iam::123456789012:role/x"]}}}`, Want: "write the ARN of a managed policy"},
	{Name: "policy-twice", Why: "the list is a set", Patch: `spec: {gateway: {taskRole: {policyARNs: ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/A"]}}}`, Want: "Duplicate value"},
	{Name: "too-many-policies", Why: "IAM attaches ten", Patch: `spec: {gateway: {taskRole: {policyARNs: [` + numbered(11, `"arn:aws:iam::aws:policy/P%d"`) + `]}}}`, Want: "must have at most 10 items"},
	{Name: "retention-between", Why: "CloudWatch takes certain numbers only", Patch: `spec: {gateway: {logRetentionDays: 10}}`, Want: "supported values: \"1\", \"3\", \"5\", \"7\", \"14\", \"30\""},
	{Name: "stop-timeout-too-long", Why: "ECS takes two minutes at most", Patch: `spec: {gateway: {stopTimeout: 5m}}`, Want: "write a duration of whole seconds from 2s to 2m"},
	{Name: "stop-timeout-in-milliseconds", Why: "ECS counts seconds", Patch: `spec: {gateway: {stopTimeout: 2500ms}}`, Want: "write a duration of whole seconds from 2s to 2m"},
	{Name: "rollback-without-breaker", Why: "nothing would ever roll back", Patch: `spec: {gateway: {rollout: {circuitBreaker: {enabled: false, rollback: true}}}}`, Want: "remove rollback, or set enabled: true"},

	{Name: "cache-of-nothing", Why: "one of its fields says which", Patch: `spec: {cache: {}}`, Want: "write builtIn: {} or leave cache out for a Redis inside the deployment"},

	{Name: "bucket-as-url", Patch: `spec: {storage: {logBucket: "s3://logs"}}`, Want: "no s3:// and no ARN"},
	{Name: "bucket-as-arn", Patch: `spec: {storage: {logBucket: "arn:aws:s3:::logs"}}`, Want: "no s3:// and no ARN"},
	{Name: "bucket-in-capitals", Patch: `spec: {storage: {logBucket: Logs}}`, Want: "lower-case letters, digits, dots and hyphens"},
	{Name: "bucket-like-an-address", Why: "S3 takes none", Patch: `spec: {storage: {logBucket: 192.168.5.4}}`, Want: "write the name of a bucket"},
	{Name: "bucket-too-short", Patch: `spec: {storage: {logBucket: ab}}`, Want: "3 to 63"},
	{Name: "bucket-region-in-words", Patch: `spec: {storage: {region: Ireland}}`, Want: "write the code of the bucket's region"},

	{Name: "load-balancer-type-unknown", Why: "only what exists already can be chosen", Patch: `spec: {loadBalancer: {type: Gateway}}`, Want: "supported values: \"Network\", \"Application\""},
	{Name: "load-balancer-scheme-unknown", Why: "only what exists already can be chosen", Patch: `spec: {loadBalancer: {scheme: Public}}`, Want: "supported values: \"Internal\", \"InternetFacing\""},
	{Name: "allowed-address-without-size", Patch: allowed("203.0.113.7"), Want: "or 203.0.113.7/32 for one address"},
	{Name: "allowed-ipv6", Why: "the VPC has none", Patch: allowed("2001:db8::/32"), Want: "write an IPv4 range"},
	{Name: "allowed-not-canonical", Why: "AWS stores another, and the operator would see drift", Patch: allowed("10.1.2.3/8"), Want: "as 10.0.0.0/8 and not 10.1.2.3/8"},
	{Name: "allowed-twice", Why: "the list is a set", Patch: allowed(`10.0.0.0/8, 10.0.0.0/8`), Want: "Duplicate value"},
	{Name: "too-many-allowed", Why: "a security group has 60 rules", Patch: allowed(numbered(51, "10.%d.0.0/16")), Want: "must have at most 50 items"},
	{Name: "deregistration-too-long", Why: "AWS takes an hour at most", Patch: `spec: {loadBalancer: {deregistrationDelay: 2h}}`, Want: "write a duration of whole seconds from 0s to 1h"},
	{Name: "deregistration-negative", Patch: `spec: {loadBalancer: {deregistrationDelay: -1s}}`, Want: "write a duration of whole seconds from 0s to 1h"},
}

// numbered repeats a format with the numbers from 0, separated by commas.
func numbered(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(parts, ", ")
}

func secret(arn string) string {
	return fmt.Sprintf(`spec: {credentials: {license: {secretARN: %q}}}`, arn)
}

func cidr(c string) string { return fmt.Sprintf(`spec: {network: {vpc: {cidr: %q}}}`, c) }

func pair(cpu, memory string) string {
	return fmt.Sprintf(`spec: {gateway: {resources: {cpu: %s, memory: %s}}}`, cpu, memory)
}

func env(name string) string { return fmt.Sprintf(`spec: {gateway: {env: {%q: "x"}}}`, name) }

// allowed takes ranges separated by commas.
func allowed(cidrs string) string {
	return "spec: {loadBalancer: {allowedCIDRs: ['" + strings.ReplaceAll(cidrs, ", ", "', '") + "']}}"
}
