package v1alpha1

import "slices"

// The condition types of a PortkeyGateway. Ready, Reconciling and Stalled follow kstatus, so that
// `kubectl wait`, Helm and Flux understand them.
const (
	// ConditionReady says whether the deployment is what the spec asks for.
	ConditionReady = "Ready"
	// ConditionAvailable says whether healthy tasks serve, whatever else goes on.
	ConditionAvailable = "Available"
	// ConditionReachable says whether the endpoints answer the manager; it only informs.
	ConditionReachable = "Reachable"
	// ConditionReconciling is there, and True, while the operator works towards the spec.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is there, and True, while somebody has to do something.
	ConditionStalled = "Stalled"
	// ConditionAccepted says whether what can only be checked in AWS fits the spec.
	ConditionAccepted = "Accepted"
	// ConditionNetworkReady covers VPC, subnets, gateways and routes.
	ConditionNetworkReady = "NetworkReady"
	// ConditionIdentityReady covers IAM roles and instance profiles.
	ConditionIdentityReady = "IdentityReady"
	// ConditionCapacityReady covers the cluster and what its tasks run on.
	ConditionCapacityReady = "CapacityReady"
	// ConditionCacheReady covers Redis.
	ConditionCacheReady = "CacheReady"
	// ConditionRoutingReady covers the load balancer.
	ConditionRoutingReady = "RoutingReady"
	// ConditionServicesReady covers the gateway's service, task definition and logs.
	ConditionServicesReady = "ServicesReady"
	// ConditionControlPlaneReady covers how the deployment and Portkey's control plane reach each other.
	ConditionControlPlaneReady = "ControlPlaneReady"
	// ConditionRolloutHealthy says whether the newest revision is in service or getting there.
	ConditionRolloutHealthy = "RolloutHealthy"
	// ConditionInSync says whether AWS is as the operator left it.
	ConditionInSync = "InSync"
)

// The reasons. They are API: a reason is neither renamed nor given another meaning.
const (
	// ReasonReconciled means that everything is as the spec asks.
	ReasonReconciled = "Reconciled"
	// ReasonServing means that healthy tasks serve.
	ReasonServing = "Serving"
	// ReasonAnswering means that the endpoints answer as they should.
	ReasonAnswering = "Answering"
	// ReasonAccepted means that nothing in AWS speaks against the spec.
	ReasonAccepted = "Accepted"
	// ReasonInSync means that AWS is as the operator left it.
	ReasonInSync = "InSync"
	// ReasonDriftCorrected means that the last sync put right what somebody had changed.
	ReasonDriftCorrected = "DriftCorrected"
	// ReasonRolloutComplete means that the newest revision is in service.
	ReasonRolloutComplete = "RolloutComplete"
	// ReasonNotNeeded means that the spec asks for nothing of the kind.
	ReasonNotNeeded = "NotNeeded"

	// ReasonCreating means that the deployment is made for the first time.
	ReasonCreating = "Creating"
	// ReasonProgressing means that a change is under way.
	ReasonProgressing = "Progressing"
	// ReasonAwaitingApproval means that a rollout waits at a pause for somebody.
	ReasonAwaitingApproval = "AwaitingApproval"
	// ReasonBaking means that all traffic has moved to a new revision, and ECS still watches it.
	ReasonBaking = "Baking"
	// ReasonWaiting means that something has to become ready, or go, first.
	ReasonWaiting = "Waiting"
	// ReasonAwaitingDNSValidation means that AWS looks in DNS for the records that prove the hosts of a certificate.
	ReasonAwaitingDNSValidation = "AwaitingDNSValidation"
	// ReasonNotVisibleYet means that AWS doesn't show yet what was just made.
	ReasonNotVisibleYet = "NotVisibleYet"
	// ReasonThrottled means that AWS asked for fewer calls.
	ReasonThrottled = "Throttled"
	// ReasonRetrying means that a call failed for a cause that usually passes.
	ReasonRetrying = "Retrying"
	// ReasonDeleting means that the deployment is being deleted.
	ReasonDeleting = "Deleting"

	// ReasonAwaitingConnection means that nobody has connected by PrivateLink yet.
	ReasonAwaitingConnection = "AwaitingConnection"
	// ReasonAwaitingAcceptance means that a PrivateLink connection waits for somebody to accept it.
	ReasonAwaitingAcceptance = "AwaitingAcceptance"
	// ReasonPrivateDNSUnverified means that AWS doesn't know yet whose a private DNS name is.
	ReasonPrivateDNSUnverified = "PrivateDNSUnverified"

	// ReasonNotServing means that no healthy task serves.
	ReasonNotServing = "NotServing"
	// ReasonNotAnswering means that an endpoint answers otherwise than it should, or not at all.
	ReasonNotAnswering = "NotAnswering"
	// ReasonNotReachable means that the manager is where an endpoint can't be asked.
	ReasonNotReachable = "NotReachable"
	// ReasonBlocked means that something it needs has failed.
	ReasonBlocked = "Blocked"
	// ReasonInUse means that AWS refuses a change because of what still uses an object.
	ReasonInUse = "InUse"
	// ReasonConflict means that an object that isn't ours is in the way.
	ReasonConflict = "Conflict"
	// ReasonAccessDenied means that the operator's identity lacks a right.
	ReasonAccessDenied = "AccessDenied"
	// ReasonQuotaExceeded means that a limit of the AWS account is reached.
	ReasonQuotaExceeded = "QuotaExceeded"
	// ReasonInvalid means that AWS refuses what the spec asks for.
	ReasonInvalid = "Invalid"
	// ReasonReplacementRequired means that the change needs a new object in place of one that isn't replaced unasked.
	ReasonReplacementRequired = "ReplacementRequired"
	// ReasonBroken means that an object is in a state that it can't leave.
	ReasonBroken = "Broken"
	// ReasonConnectionRejected means that the owner of an endpoint service doesn't want the endpoint.
	ReasonConnectionRejected = "ConnectionRejected"
	// ReasonConnectionExpired means that nobody accepted an endpoint in time.
	ReasonConnectionExpired = "ConnectionExpired"
	// ReasonConnectionFailed means that AWS couldn't connect an endpoint.
	ReasonConnectionFailed = "ConnectionFailed"
	// ReasonDeletionBlocked means that something keeps an object from being deleted.
	ReasonDeletionBlocked = "DeletionBlocked"
	// ReasonRolledBack means that ECS, or somebody, took the new revision back and the old one serves again.
	ReasonRolledBack = "RolledBack"
	// ReasonFailed means that the new revision didn't become healthy and wasn't rolled back.
	ReasonFailed = "Failed"
	// ReasonWrongAccount means that the credentials belong to another account than the deployment.
	ReasonWrongAccount = "WrongAccount"
	// ReasonCredentialsUnavailable means that the operator has no valid AWS credentials.
	ReasonCredentialsUnavailable = "CredentialsUnavailable"
	// ReasonSecretUnusable means that a secret doesn't exist or lacks a key, or that the operator may not read a
	// Kubernetes Secret that it is to copy.
	ReasonSecretUnusable = "SecretUnusable"
	// ReasonKeyUnusable means that the key which is to encrypt the operator's secrets doesn't exist or can't be used.
	ReasonKeyUnusable = "KeyUnusable"
	// ReasonBucketUnusable means that the bucket doesn't exist, or lies in another region.
	ReasonBucketUnusable = "BucketUnusable"
	// ReasonCertificateUnusable means that the certificate doesn't exist, isn't issued or doesn't cover the hosts.
	ReasonCertificateUnusable = "CertificateUnusable"
	// ReasonHostedZoneUnusable means that the hosted zone doesn't exist, or doesn't fit the hosts.
	ReasonHostedZoneUnusable = "HostedZoneUnusable"
	// ReasonWebACLUnusable means that the web ACL doesn't exist.
	ReasonWebACLUnusable = "WebACLUnusable"
	// ReasonNetworkUnusable means that a VPC or subnet of network.existing doesn't exist or doesn't fit.
	ReasonNetworkUnusable = "NetworkUnusable"
	// ReasonCapacityUnusable means that the cluster or capacity provider of capacity.existing doesn't exist.
	ReasonCapacityUnusable = "CapacityUnusable"
	// ReasonCacheUnusable means that an existing cache isn't there, or isn't as the spec says.
	ReasonCacheUnusable = "CacheUnusable"
	// ReasonEndpointServiceUnusable means that the control plane's endpoint service isn't there for this account, region
	// or network.
	ReasonEndpointServiceUnusable = "EndpointServiceUnusable"
	// ReasonHookUnusable means that a function of a rollout's hooks doesn't exist.
	ReasonHookUnusable = "HookUnusable"
	// ReasonAlarmUnusable means that an alarm of a rollout doesn't exist.
	ReasonAlarmUnusable = "AlarmUnusable"
	// ReasonTooFewZones means that the region has fewer zones than the spec asks for.
	ReasonTooFewZones = "TooFewZones"

	// ReasonPaused means that managementPolicy is Paused.
	ReasonPaused = "Paused"
	// ReasonObserving means that managementPolicy is Observe, and nothing differs.
	ReasonObserving = "Observing"
	// ReasonPlanPending means that managementPolicy is Observe, and something differs.
	ReasonPlanPending = "PlanPending"
	// ReasonPlanAwaitingApproval means that a new spec is planned, and done when somebody approves the plan.
	ReasonPlanAwaitingApproval = "PlanAwaitingApproval"
	// ReasonNotObserved means that it hasn't been looked at yet.
	ReasonNotObserved = "NotObserved"
)

// ConditionDoc documents a condition type: what it says, and with which reasons.
type ConditionDoc struct {
	// Type is the condition's type.
	Type string
	// Abnormal conditions are absent when all is well.
	Abnormal bool
	// Meaning says what the condition is about.
	Meaning string
	// True, False and Unknown are the reasons it may have with that status.
	True, False, Unknown []string
}

// ReasonDoc documents a reason.
type ReasonDoc struct {
	// Reason is the reason.
	Reason string
	// Meaning says what is the case.
	Meaning string
	// Do says what to do about it; empty when there is nothing to do.
	Do string
}

var (
	// underway are the reasons of what nobody needs to mend.
	underway = []string{ReasonCreating, ReasonProgressing, ReasonWaiting, ReasonAwaitingDNSValidation, ReasonNotVisibleYet, ReasonThrottled,
		ReasonRetrying, ReasonDeleting}
	// halted are the reasons of what doesn't go on by itself.
	halted = []string{ReasonBlocked, ReasonInUse, ReasonConflict, ReasonAccessDenied, ReasonQuotaExceeded, ReasonInvalid,
		ReasonReplacementRequired, ReasonBroken, ReasonDeletionBlocked}
	// refused are the reasons for which nothing is written to AWS.
	refused = []string{ReasonWrongAccount, ReasonCredentialsUnavailable, ReasonSecretUnusable, ReasonKeyUnusable, ReasonBucketUnusable,
		ReasonCertificateUnusable, ReasonHostedZoneUnusable, ReasonWebACLUnusable, ReasonNetworkUnusable, ReasonCapacityUnusable, ReasonCacheUnusable,
		ReasonEndpointServiceUnusable, ReasonHookUnusable, ReasonAlarmUnusable, ReasonTooFewZones}
	// connection are the reasons of endpoints that the other side has to do something about.
	connection = []string{ReasonConnectionRejected, ReasonConnectionExpired, ReasonConnectionFailed}
	// rolling are those of a rollout that isn't done.
	rolling = []string{ReasonAwaitingApproval, ReasonBaking}
	// awaited are those of what others have to do for a connection with the control plane.
	awaited = []string{ReasonAwaitingConnection, ReasonAwaitingAcceptance, ReasonPrivateDNSUnverified}
	// failed are the reasons of a rollout that didn't succeed.
	failed = []string{ReasonRolledBack, ReasonFailed}
	// blind are the reasons of what isn't known.
	blind = []string{ReasonNotObserved, ReasonPaused, ReasonCredentialsUnavailable, ReasonAccessDenied,
		ReasonThrottled, ReasonRetrying}
)

// Conditions documents every condition type with all its reasons: what the operator sets is in here, and
// docs/conditions.md is made from it.
var Conditions = []ConditionDoc{{
	Type: ConditionReady,
	Meaning: "The deployment is what the spec asks for, and its newest revision is in service. While it is False, " +
		"the message names the first object in the way. It is what `kubectl wait`, Helm and Flux wait for.",
	True:    []string{ReasonReconciled, ReasonObserving},
	False:   slices.Concat(underway, []string{ReasonAwaitingApproval, ReasonAwaitingAcceptance, ReasonBaking, ReasonPlanPending, ReasonPlanAwaitingApproval}, halted, connection, refused, failed),
	Unknown: blind,
}, {
	Type: ConditionAvailable,
	Meaning: "Healthy tasks serve the gateway's traffic, behind the load balancer where there is one, whatever else " +
		"goes on: a rollout, a rollback, drift. It is what a pager wants.",
	True: []string{ReasonServing}, False: []string{ReasonNotServing, ReasonDeleting}, Unknown: blind,
}, {
	Type: ConditionReachable,
	Meaning: "`GET /v1/health` on each endpoint, asked by the manager as a client would ask: with the host in TLS and in the header " +
		"Host, at the load balancer's own address. It is asked when the deployment has become Ready and at drift checks, at most " +
		"once a minute, and twice before it is False. It only informs: Ready and Available don't depend on it. The condition is " +
		"absent without a load balancer, under managementPolicy Observe, and with the manager's --probe-endpoints=false.",
	True: []string{ReasonAnswering}, False: []string{ReasonNotAnswering}, Unknown: []string{ReasonNotReachable, ReasonNotObserved},
}, {
	Type: ConditionReconciling, Abnormal: true,
	Meaning: "The operator works towards the spec, or waits for AWS to.",
	True:    slices.Concat(underway, rolling, []string{ReasonAwaitingAcceptance, ReasonPlanAwaitingApproval}),
}, {
	Type: ConditionStalled, Abnormal: true,
	Meaning: "The operator can't go on until somebody does something: the message says what. It still looks every " +
		"sync interval whether that has been done.",
	True: slices.Concat(halted, connection, refused, failed),
}, {
	Type: ConditionAccepted,
	Meaning: "What the API server can't check fits the spec: the account, the secrets and their keys, the bucket, " +
		"the zones, networks and clusters that are there already. While it isn't True, nothing is written to AWS. " +
		"Its message also warns of what nothing forbids: instances without room for all tasks at a rollout's peak.",
	True: []string{ReasonAccepted}, False: slices.Concat(refused, []string{ReasonInvalid}), Unknown: blind,
}, {
	Type:    ConditionNetworkReady,
	Meaning: "VPC, subnets, internet gateway, NAT gateways, route tables. An existing network is never changed, so it has nothing to become ready." + areaMeaning,
	True:    []string{ReasonReconciled, ReasonNotNeeded}, False: slices.Concat(underway, halted), Unknown: blind,
}, {
	Type:    ConditionIdentityReady,
	Meaning: "IAM roles and the instance profile." + areaMeaning,
	True:    []string{ReasonReconciled}, False: slices.Concat(underway, halted), Unknown: blind,
}, {
	Type:    ConditionCapacityReady,
	Meaning: "ECS cluster, capacity provider, Auto Scaling group and launch template." + areaMeaning,
	True:    []string{ReasonReconciled, ReasonNotNeeded}, False: slices.Concat(underway, halted), Unknown: blind,
}, {
	Type:    ConditionCacheReady,
	Meaning: "The built-in Redis, or what is made in ElastiCache." + areaMeaning,
	True:    []string{ReasonReconciled, ReasonNotNeeded}, False: slices.Concat(underway, rolling, halted, failed), Unknown: blind,
}, {
	Type:    ConditionRoutingReady,
	Meaning: "Load balancer, listeners, rules and target groups, a requested certificate, and records in DNS." + areaMeaning,
	True:    []string{ReasonReconciled, ReasonNotNeeded}, False: slices.Concat(underway, halted), Unknown: blind,
}, {
	Type:    ConditionServicesReady,
	Meaning: "The ECS services of gateway and data service, their task definitions and log groups, and their autoscaling." + areaMeaning,
	True:    []string{ReasonReconciled}, False: slices.Concat(underway, rolling, halted, failed), Unknown: blind,
}, {
	Type: ConditionControlPlaneReady,
	Meaning: "The deployment and Portkey's control plane reach each other as controlPlane says. The message says what only Portkey " +
		"or the owner of a domain can do. For controlPlane.inbound that doesn't keep Ready from being True; for " +
		"controlPlane.outbound it does, and the tasks use the internet meanwhile." + areaMeaning,
	True: []string{ReasonReconciled, ReasonNotNeeded}, False: slices.Concat(underway, awaited, halted, connection), Unknown: blind,
}, {
	Type: ConditionRolloutHealthy,
	Meaning: "The newest revision of the gateway is in service or getting there. After a rollback it stays False, and " +
		"that revision isn't tried again, until the spec changes.",
	True: []string{ReasonRolloutComplete, ReasonProgressing, ReasonAwaitingApproval, ReasonBaking}, False: failed, Unknown: blind,
}, {
	Type: ConditionInSync,
	Meaning: "AWS is as the operator left it. What somebody else has changed is put right at the next sync, and the " +
		"message of that sync tells what it was.",
	True: []string{ReasonInSync, ReasonDriftCorrected}, False: slices.Concat(underway, []string{ReasonAwaitingApproval, ReasonBaking, ReasonPlanPending, ReasonPlanAwaitingApproval}, halted, connection),
	Unknown: blind,
}}

const areaMeaning = " The condition is that of its worst object, which the message names."

// Reasons documents every reason.
var Reasons = []ReasonDoc{
	{ReasonReconciled, "Everything is as the spec asks.", ""},
	{ReasonServing, "Healthy tasks serve.", ""},
	{ReasonAnswering, "Every endpoint answers `GET /v1/health` with 200 and, where it has a certificate, with a good one.", ""},
	{ReasonAccepted, "Nothing in AWS speaks against the spec.", ""},
	{ReasonInSync, "AWS is as the operator left it.", ""},
	{ReasonDriftCorrected, "The last sync put right what somebody had changed in AWS; the message and an event tell what.", "If it comes back, find out who changes it: CloudTrail names them, and with an event queue the message does (events.md)."},
	{ReasonRolloutComplete, "The newest revision is in service.", ""},
	{ReasonNotNeeded, "The spec asks for nothing of the kind.", ""},
	{ReasonCreating, "The deployment is made for the first time.", ""},
	{ReasonProgressing, "A change is under way; status.rollout tells how far a rollout is.", ""},
	{ReasonAwaitingApproval, "A rollout waits at a pause: status.rollout.awaiting tells since when, until when, and what happens then.", "Look at the new revision, then `kubectl portkey promote` or `abort`."},
	{ReasonBaking, "All traffic has moved to the new revision; ECS still watches it before the old one is gone.", ""},
	{ReasonWaiting, "Something has to become ready, or go, first; the message names it.", ""},
	{ReasonAwaitingDNSValidation, "AWS looks in DNS for the records that prove the hosts of a requested certificate. What needs the certificate waits; the rest goes on.", "Without loadBalancer.dns somebody has to create the records of status.dnsRecords whose purpose is Validation. With it: wait; if it lasts for an hour, make sure that the domain is delegated to the hosted zone."},
	{ReasonNotVisibleYet, "AWS doesn't show yet what was just made. For two minutes that is normal, and nothing is made a second time.", ""},
	{ReasonThrottled, "AWS asked for fewer calls. The operator slows down and goes on.", "If it lasts, look for what else calls AWS in this account and region, or raise the sync interval."},
	{ReasonRetrying, "A call failed for a cause that usually passes: AWS's own errors, the network. It is retried with growing delay.", "If it lasts, see the message, and AWS's health dashboard."},
	{ReasonDeleting, "The deployment is being deleted; status.resources lists what is left.", ""},
	{ReasonAwaitingConnection, "The endpoint service is there, and nobody has connected to it yet.", "Send Portkey what the message says: service name, DNS names, private DNS name, region and port."},
	{ReasonAwaitingAcceptance, "A PrivateLink connection waits for its acceptance, which may take days; the message says whose, and by whom. While the interface endpoint of controlPlane.outbound does, everything else is done, and the tasks use the internet.", "Do what the message says: accept it, or send the message to Portkey."},
	{ReasonPrivateDNSUnverified, "AWS has found no TXT record yet that proves who owns the private DNS name.", "Create the record that the message and status.controlPlane.inbound.privateDNS show, unless the operator has: the message says so. It has AWS look for it again and again."},
	{ReasonNotServing, "No healthy task serves: none runs yet, none passes its health check, the load balancer isn't there, or its production traffic goes to a target group without any.", "See ServicesReady and RoutingReady, then the tasks' logs."},
	{ReasonNotAnswering, "An endpoint has a certificate that isn't good for its host, answers something else than 200, or takes connections and doesn't answer; the message has its URL.", "See the message: correct the certificate, loadBalancer.hosts or paths; where Available is False too, begin there. `kubectl portkey verify` asks from where you are."},
	{ReasonNotReachable, "The manager gets no connection with an endpoint, or can't be sure whom it has one with: mostly an internal load balancer in another VPC than the manager, or a firewall. It is asked again once an hour.", "Nothing; or ask from where clients are, by `kubectl portkey verify`. Where no host is set, set loadBalancer.hosts."},
	{ReasonBlocked, "Something it needs has failed; the message names it.", "Mend what is named; the rest follows."},
	{ReasonInUse, "Something has used for half an hour what AWS is to change or to take away; the message has AWS's words.", "End that use, or take the change back. It is tried again from time to time."},
	{ReasonConflict, "An object of this name exists without this resource's ownership tags. It is never touched.", "Remove that object, or give this resource another name."},
	{ReasonAccessDenied, "The operator's identity lacks a right; the message names the IAM action.", "Allow that action to the operator's role. It is tried again from time to time."},
	{ReasonQuotaExceeded, "A limit of the AWS account is reached; the message has AWS's words.", "Raise the quota or free some of it. It is tried again from time to time."},
	{ReasonInvalid, "AWS refuses what the spec asks for; the message has AWS's words.", "Change the spec."},
	{ReasonReplacementRequired, "The change needs a new object in place of one that isn't replaced unasked, since traffic or data would be lost.", "Take the change back, or create another PortkeyGateway and move over."},
	{ReasonBroken, "An object is in a state that it can't leave.", "See the message and the object in AWS; once it is deleted there, the operator makes it again."},
	{ReasonConnectionRejected, "Portkey rejected the interface endpoint, or cut it off later. The tasks use the internet.", "Ask Portkey why. Then delete the endpoint that the message names in AWS: a new one is made, and waits for acceptance."},
	{ReasonConnectionExpired, "Nobody accepted the interface endpoint in time. The tasks use the internet.", "Ask Portkey to accept the next one, and delete the endpoint that the message names in AWS: a new one is made."},
	{ReasonConnectionFailed, "AWS couldn't connect the interface endpoint; the message has AWS's words, if there are any. The tasks use the internet.", "Delete the endpoint that the message names in AWS: a new one is made. If that fails too, ask AWS."},
	{ReasonDeletionBlocked, "Something keeps an object from being deleted; the message names both: deletion protection, a managementPolicy that forbids writes, or an object of somebody else's that uses it.", "Do what the message says: remove what is named, take the annotation ecs.portkey.ai/deletion-protection off, set loadBalancer.deletionProtection to false, or set managementPolicy to Reconcile (deletionPolicy Retain leaves the objects in AWS)."},
	{ReasonRolledBack, "ECS took the new revision back, for the reason in the message, or somebody did; the old one serves. The same revision isn't tried again.", "See status.rollout and the tasks' logs, then change the spec. If the cause lay elsewhere: `kubectl portkey retry`."},
	{ReasonFailed, "The new revision didn't become healthy, and there was no rollback: it is switched off, or there is no older revision.", "See status.rollout and the tasks' logs, then change the spec, or `kubectl portkey retry`."},
	{ReasonWrongAccount, "The operator's credentials belong to another AWS account than spec.accountID, or than the one in which the deployment was begun.", "Give the operator the right credentials, or correct spec.accountID."},
	{ReasonCredentialsUnavailable, "The operator has no valid AWS credentials.", "See the message; check the operator's service account, role or environment."},
	{ReasonSecretUnusable, "A secret doesn't exist or lacks a key; the message names both. Or the operator may not read a Kubernetes Secret that a secretRef names.", "Create the secret or add the key; spec.credentials says which keys are needed. For the right to read, an administrator runs the command that the message has."},
	{ReasonKeyUnusable, "The key of secrets.kmsKeyARN doesn't exist, is disabled or about to be deleted, or isn't a symmetric one.", "Do what the message says: enable the key, or name another."},
	{ReasonBucketUnusable, "A bucket doesn't exist, belongs to somebody else or lies in another region; the message names its field.", "Create it, or correct that field."},
	{ReasonCertificateUnusable, "The load balancer's certificate doesn't exist, isn't issued, or isn't for a host name of spec.loadBalancer.hosts.", "Have it issued, or name another."},
	{ReasonHostedZoneUnusable, "The hosted zone of loadBalancer.dns doesn't exist, belongs to another account, doesn't hold a host, is private though a certificate is to be validated through it, or has a record of somebody else's at a host.", "Do what the message says."},
	{ReasonWebACLUnusable, "The web ACL doesn't exist in the deployment's region.", "Create it there, or correct spec.loadBalancer.wafWebACLARN."},
	{ReasonNetworkUnusable, "The VPC or a subnet of network.existing doesn't exist, doesn't belong together, or doesn't span the two zones that a load balancer needs.", "Correct spec.network.existing; the message says which."},
	{ReasonCapacityUnusable, "The cluster of capacity.existing doesn't exist, or lacks the capacity provider.", "Create it, or correct spec.capacity.existing."},
	{ReasonCacheUnusable, "An existing cache doesn't exist, is still being created, or differs from the spec in encryption, cluster mode or how clients log in.", "Do what the message says: correct spec.cache.elastiCache, or the cache."},
	{ReasonEndpointServiceUnusable, "The control plane's endpoint service isn't there for this account, can't be reached from this region or its zones, or the VPC lacks a DNS attribute.", "Do what the message says: it has the text to send to Portkey, or what to change."},
	{ReasonHookUnusable, "A function of gateway.rollout.hooks doesn't exist in the deployment's account and region.", "Create it, or correct functionARN."},
	{ReasonAlarmUnusable, "A CloudWatch alarm of gateway.rollout.alarms doesn't exist in the deployment's account and region.", "Create it, or correct alarms."},
	{ReasonTooFewZones, "The region has fewer availability zones than spec.network.vpc.zones.", "Write a smaller number of zones."},
	{ReasonPaused, "managementPolicy is Paused: AWS is neither read nor written.", ""},
	{ReasonObserving, "managementPolicy is Observe, and AWS is as the spec asks.", ""},
	{ReasonPlanPending, "managementPolicy is Observe, and AWS differs from the spec: status.plan tells how.", "Set managementPolicy to Reconcile to have it done."},
	{ReasonPlanAwaitingApproval, "The annotation ecs.portkey.ai/require-approval is \"true\", and what the spec asks for differs from AWS: status.plan tells how. Nothing is written to AWS until the plan is approved.", "Look at status.plan, then `kubectl portkey approve NAME --plan HASH`; or take the change of the spec back."},
	{ReasonNotObserved, "It hasn't been looked at yet.", ""},
}

// Documented reports whether a condition may have that status ("True", "False", "Unknown") with that reason.
func Documented(conditionType, status, reason string) bool {
	for i := range Conditions {
		if c := &Conditions[i]; c.Type == conditionType {
			return slices.Contains(map[string][]string{"True": c.True, "False": c.False, "Unknown": c.Unknown}[status], reason)
		}
	}
	return false
}
