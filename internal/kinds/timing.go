package kinds

import "time"

// How long AWS's transitions typically take: when another look is likely to see something new.
// Nothing fails by these; deadlines are the engine's.
const (
	// settling is the time of what is nearly immediate: a VPC, subnet, or route-table association
	// answers "pending" or "associating" for a second or two.
	settling = 3 * time.Second
	// natGatewayStarting: a NAT gateway becomes available after one to two minutes.
	natGatewayStarting = 100 * time.Second
	// natGatewayStopping: deleting one takes about as long, mostly for its network interface.
	natGatewayStopping = 75 * time.Second
)

const (
	// endpointServiceStarting: an endpoint service is usually there in seconds, and goes as fast.
	endpointServiceStarting = 10 * time.Second
	// verifyAgain is how long after AWS was asked to look for a record it is asked again: a look takes it up to ten
	// minutes, and people days.
	verifyAgain = 15 * time.Minute
	// endpointStarting: an accepted interface endpoint becomes available after one to three minutes, and is pending for
	// about one after a change.
	endpointStarting = 60 * time.Second
	// endpointPace is how often one is looked at that changes: AWS doesn't tell when that began.
	endpointPace = 15 * time.Second
	// endpointStopping: its network interfaces go in about a minute.
	endpointStopping = 75 * time.Second
	// awaitingFirst and awaitingLast bound the time between two looks at what people on the other side have to do, to
	// connect or to accept a connection, which takes hours or days: whoever waits for that doesn't mind minutes.
	awaitingFirst, awaitingLast = time.Minute, 15 * time.Minute
)

// roleSpreading is how long a new role may be unknown to a service: AWS speaks of seconds, and promises
// nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
const roleSpreading = 30 * time.Second

// roleMoving is how often a role is looked at that keeps what it allowed before; when the tasks of before are gone it is
// looked at in any case.
const roleMoving = 5 * time.Minute

// roleUsable is the longest that services were seen to refuse a new role.
const roleUsable = 2 * time.Minute

const (
	// namespaceCreating: Cloud Map's operations end within half a minute.
	namespaceCreating = 30 * time.Second
	// clusterStarting: a cluster is usually ACTIVE in the answer to its creation.
	clusterStarting = 5 * time.Second
	// attachmentsUpdating: ECS makes a scaling plan and alarms for each capacity provider.
	attachmentsUpdating = 40 * time.Second
	// providerLeaving: ECS refuses to take a capacity provider off while a service is moving away from it,
	// which takes minutes, or hours with a pause; only asking tells. It is asked no sooner than that, and later the
	// longer it has refused.
	providerLeaving = time.Minute
	// capacityProviderChanging: its creation and deletion run in the background for some seconds.
	capacityProviderChanging = 15 * time.Second
	// groupDeleting: instances shut down before their group is gone.
	groupDeleting = 2 * time.Minute
	// loadBalancerProvisioning: an application load balancer takes two to three minutes, a network
	// load balancer about as long.
	loadBalancerProvisioning = 150 * time.Second
	// deployment: tasks are placed, pull their images and become healthy, then old ones drain.
	deployment = 150 * time.Second
	// targetChecking is about how often a load balancer checks its targets.
	targetChecking = 20 * time.Second
	// serviceDraining: tasks get 30 s to stop, and their load balancer a deregistration delay.
	serviceDraining = 90 * time.Second
)

const (
	// cacheCreating: a replication group takes about ten minutes, whatever its size.
	cacheCreating = 10 * time.Minute
	// minCacheRecheck: settings take two minutes, nodes are replaced one after another. AWS doesn't tell when
	// a modification began.
	minCacheRecheck = 20 * time.Second
	// cacheDeleting: its nodes and their interfaces go in some minutes.
	cacheDeleting = 5 * time.Minute
	// serverlessChanging: a serverless cache is there in about a minute, and goes as fast.
	serverlessChanging = time.Minute
	// accessChanging: users and user groups.
	accessChanging = 15 * time.Second
	// tokenOverlap is how long the old password of a cache is valid beside a new one: what runs with the old
	// one is replaced by then.
	tokenOverlap = time.Hour
)

const (
	// functionConnecting: a function is there in seconds, but for its network interfaces.
	functionConnecting = 90 * time.Second
	// functionFailed is how long after a failed update it is tried again.
	functionFailed = 5 * time.Minute
)

const (
	// recordsShowing: ACM tells the records that validate a certificate some seconds after the request.
	recordsShowing = 6 * time.Second
	// certificateIssuing: from the request, with records that are there within a minute.
	certificateIssuing = 5 * time.Minute
	// certificateLate: half an hour is what AWS says that it may take; by then something is wrong with the domain's DNS.
	// https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
	certificateLate = time.Hour
	// minValidationRecheck and maxValidationRecheck bound how often it is asked after records that people make.
	minValidationRecheck, maxValidationRecheck = 20 * time.Second, 5 * time.Minute
	// certificateRefused is when a certificate that AWS refused to issue is requested again.
	certificateRefused = 24 * time.Hour
	// recordSpreading: Route 53's name servers know a change within a minute, mostly.
	recordSpreading = 50 * time.Second
	// addressForgotten is how long after a change resolvers may answer an alias's old address: until name servers have
	// it, and then the minute for which a load balancer's address is good.
	// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
	addressForgotten = 2 * time.Minute
	// recordTTL is how many seconds resolvers keep a record that is no alias.
	recordTTL = 300
)

const (
	// firstShare: before 80 % of the typical time a look is nearly always wasted.
	firstShare = 0.8
	// elapsedShare: looking again after a sixth of the time it has taken already delays the end by at
	// most a sixth, in a number of looks that grows only with the logarithm.
	elapsedShare = 6
	// minRecheck and maxRecheck bound that share: AWS changes no faster, and people wait no longer...
	minRecheck, maxRecheck = 2 * time.Second, 20 * time.Second
	// lateShare: ...unless it has taken so long already that a twelfth of it is nothing.
	lateShare = 12
)

// firstLook is when a first look is worthwhile at what typically takes so long.
func firstLook(typical time.Duration) time.Duration {
	return max(time.Duration(float64(typical)*firstShare), minRecheck)
}

// Lingers implements graph.Lingerer.
func (NATGateway) Lingers() time.Duration { return firstLook(natGatewayStopping) }

// Lingers implements graph.Lingerer.
func (VPCEndpointService) Lingers() time.Duration { return firstLook(endpointServiceStarting) }

// Lingers implements graph.Lingerer.
func (VPCEndpoint) Lingers() time.Duration { return firstLook(endpointStopping) }

// Lingers implements graph.Lingerer.
func (Service) Lingers() time.Duration { return firstLook(serviceDraining) }

// Lingers implements graph.Lingerer.
func (AutoScalingGroup) Lingers() time.Duration { return firstLook(groupDeleting) }

// Lingers implements graph.Lingerer.
func (CapacityProvider) Lingers() time.Duration { return firstLook(capacityProviderChanging) }

// Lingers implements graph.Lingerer.
func (ClusterCapacity) Lingers() time.Duration { return firstLook(attachmentsUpdating) }

// Lingers implements graph.Lingerer.
func (HTTPNamespace) Lingers() time.Duration { return firstLook(namespaceCreating) }

// recheck is the delay before another look at a transition that began at since. A zero since is
// now: some objects don't tell when they were made.
func recheck(now, since time.Time, typical time.Duration) time.Duration {
	var elapsed time.Duration
	if !since.IsZero() {
		elapsed = max(now.Sub(since), 0)
	}
	if first := time.Duration(float64(typical) * firstShare); elapsed < first {
		return max(first-elapsed, minRecheck)
	}
	return min(max(elapsed/elapsedShare, minRecheck), max(maxRecheck, elapsed/lateShare))
}

// awaiting is the delay before another look at what people have been asked to do for so long.
func awaiting(waited time.Duration) time.Duration {
	return min(max(waited/elapsedShare, awaitingFirst), awaitingLast)
}

// leaving is the delay before ECS is asked again to take off a capacity provider that it has kept for so long.
func leaving(waited time.Duration) time.Duration { return max(waited/lateShare, providerLeaving) }
