package elasticache

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// modifyReplicationGroupIn leaves out what isn't served, as promotion by PrimaryClusterId.
type modifyReplicationGroupIn struct {
	ReplicationGroupId          string `q:",required"`
	ApplyImmediately            bool
	ReplicationGroupDescription *string
	Engine, EngineVersion       string
	CacheNodeType               string
	CacheParameterGroupName     string
	SecurityGroupIds            []string `q:",item=SecurityGroupId"`
	AutomaticFailoverEnabled    *bool
	MultiAZEnabled              *bool
	ClusterMode                 string
	TransitEncryptionEnabled    *bool
	TransitEncryptionMode       string
	AuthToken                   *string
	AuthTokenUpdateStrategy     string
	UserGroupIdsToAdd           []string
	UserGroupIdsToRemove        []string
	RemoveUserGroups            bool
	AutoMinorVersionUpgrade     *bool
	SnapshotRetentionLimit      *int
	SnapshotWindow              string
	PreferredMaintenanceWindow  string
}

// modification is what a request comes to: what is so at once, and what takes a while.
type modification struct {
	now     []func()
	later   []func()
	lasts   time.Duration
	pending pendingValues
	// waits says that it takes the maintenance window, unless it is to be applied immediately.
	waits bool
}

func (m *modification) takes(d time.Duration, f func()) {
	m.lasts, m.later = max(m.lasts, d), append(m.later, f)
}

// modifyReplicationGroup follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
func (s *Service) modifyReplicationGroup(q *core.Request, in *modifyReplicationGroupIn) (*oneReplicationGroupOut, error) {
	r, err := s.availableGroup(q, in.ReplicationGroupId)
	if err != nil {
		return nil, err
	}
	var m modification
	for _, step := range []func(*core.Request, *replicationGroup, *modifyReplicationGroupIn, *modification) error{
		s.modifyAtOnce, s.modifyNodes, s.modifyTransit, s.modifyAccess, s.modifyFailover,
	} {
		if err := step(q, r, in, &m); err != nil {
			return nil, err
		}
	}
	for _, f := range m.now {
		f()
	}
	apply := func() {
		for _, f := range m.later {
			f()
		}
	}
	switch {
	case len(m.later) == 0:
	case m.waits && !in.ApplyImmediately:
		// "changes to the nodes in the replication group are applied on the next maintenance reboot"
		s.world.Clock.After(r.untilWindow(q.Now()), func() {
			if r.status == statusAvailable {
				s.change(r, m.lasts, &m.pending, apply)
			}
		})
	default:
		s.change(r, m.lasts, &m.pending, apply)
	}
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}

// modifyAtOnce is what needs no change of the nodes.
func (s *Service) modifyAtOnce(q *core.Request, r *replicationGroup, in *modifyReplicationGroupIn, m *modification) error {
	if d := in.ReplicationGroupDescription; d != nil {
		m.now = append(m.now, func() { r.description = *d })
	}
	if v := in.AutoMinorVersionUpgrade; v != nil {
		m.now = append(m.now, func() { r.minorUpgrades = *v })
	}
	if n := in.SnapshotRetentionLimit; n != nil {
		if *n < 0 || *n > 35 {
			return invalidValue("SnapshotRetentionLimit must be between 0 and 35.")
		}
		m.now = append(m.now, func() { r.retention = *n })
	}
	if w := in.SnapshotWindow; w != "" {
		m.now = append(m.now, func() { r.snapshots = w })
	}
	if w := in.PreferredMaintenanceWindow; w != "" {
		if _, err := windowStart(w); err != nil {
			return err
		}
		m.now = append(m.now, func() { r.maintenance = strings.ToLower(w) })
	}
	if len(in.SecurityGroupIds) > 0 {
		groups, err := s.groupsIn(q.Scope, r.subnetGroup.vpcID, in.SecurityGroupIds)
		if err != nil {
			return err
		}
		m.now = append(m.now, func() {
			r.groups = groups
			for _, n := range r.nodes() {
				_ = s.net.SetInterfaceSecurityGroups(q.Scope, n.eni, groups) // checked above
			}
		})
	}
	return nil
}

// modifyNodes is what replaces the nodes: another version, type or parameter group.
func (s *Service) modifyNodes(q *core.Request, r *replicationGroup, in *modifyReplicationGroupIn, m *modification) error {
	version, parameters := r.version, r.parameters
	if in.Engine != "" || in.EngineVersion != "" {
		engine := r.version.engine
		if in.Engine != "" {
			engine = strings.ToLower(in.Engine)
		}
		if engine != r.version.engine && in.EngineVersion == "" {
			return invalidCombination("EngineVersion must be given with another Engine.")
		}
		if in.EngineVersion != "" {
			var err error
			if version, err = findVersion(engine, in.EngineVersion); err != nil {
				return err
			}
		}
		if engine == redis && r.version.engine == valkey || version.rank() < r.version.rank() {
			return invalidCombination("Modifying the engine from %s %s to %s %s is a downgrade, which isn't possible.", r.version.engine, r.version.version, engine, version.version)
		}
	}
	if in.CacheParameterGroupName != "" {
		parameters = s.region(q.Scope).parameterGroups[strings.ToLower(in.CacheParameterGroupName)]
		if parameters == nil {
			return absentParameterGroup(in.CacheParameterGroupName)
		}
		if parameters.clustered() != r.clustered() {
			return invalidCombination("Parameter group %s can't be used: its cluster-enabled is %s.", parameters.id, parameters.value("cluster-enabled"))
		}
	} else if parameters.builtIn && version.family != r.version.family {
		name := "default." + version.family
		if r.clustered() {
			name += ".cluster.on"
		}
		parameters = s.region(q.Scope).parameterGroups[name]
	}
	next := replicationGroup{version: version, parameters: parameters}
	if err := next.checkFamily(); err != nil {
		return err
	}
	if version != r.version {
		m.waits = true
		m.takes(replacing, func() { r.version, r.parameters = version, parameters })
	} else if parameters != r.parameters {
		// The group is the new one's user from now on, and its values count when it is done.
		m.now = append(m.now, func() { r.parameters = parameters })
		m.takes(modifying, func() {})
	}
	if t := in.CacheNodeType; t != "" && t != r.nodeType {
		if err := checkNodeType(t); err != nil {
			return err
		}
		m.waits = true
		m.takes(replacing, func() { r.nodeType = t })
	}
	return nil
}

// modifyTransit turns TLS on in two steps, so that clients can follow.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html
func (s *Service) modifyTransit(_ *core.Request, r *replicationGroup, in *modifyReplicationGroupIn, m *modification) error {
	if in.ClusterMode != "" && in.ClusterMode != r.mode {
		return unsupported("ClusterMode")
	}
	on, mode := r.tls, r.tlsMode
	if in.TransitEncryptionEnabled != nil {
		on = *in.TransitEncryptionEnabled
	}
	if in.TransitEncryptionMode != "" {
		mode = in.TransitEncryptionMode
	}
	switch {
	case on == r.tls && mode == r.tlsMode:
		return nil
	case mode != tlsPreferred && mode != tlsRequired:
		return invalidValue("Invalid transit encryption mode %s: preferred or required is expected.", mode)
	case on && !r.tls && mode != tlsPreferred:
		return invalidCombination("To enable in-transit encryption, TransitEncryptionMode must be preferred first.")
	case !on && r.tls && r.tlsMode != tlsPreferred:
		return invalidCombination("To disable in-transit encryption, TransitEncryptionMode must be preferred first.")
	case !on && len(r.tokens)+len(r.userGroups) > 0:
		return invalidCombination("In-transit encryption can't be disabled while AUTH or a user group is in use.")
	}
	if !on {
		mode = ""
	}
	m.pending.TransitEncryptionMode = mode
	m.takes(replacing, func() { r.tls, r.tlsMode = on, mode })
	return nil
}

// modifyAccess changes the AUTH token or the user group, or goes from one to the other.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html,
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html#Migrate-From-RBAC-to-Auth
func (s *Service) modifyAccess(q *core.Request, r *replicationGroup, in *modifyReplicationGroupIn, m *modification) error {
	groups := slices.Clone(r.userGroups)
	if in.RemoveUserGroups {
		groups = nil
	}
	for _, id := range in.UserGroupIdsToRemove {
		i := slices.Index(groups, strings.ToLower(id))
		if i < 0 {
			return invalidValue("User group %s is not associated with replication group %s.", id, r.id)
		}
		groups = slices.Delete(groups, i, i+1)
	}
	for _, id := range in.UserGroupIdsToAdd {
		if slices.Contains(groups, strings.ToLower(id)) {
			return invalidValue("User group %s is already associated with replication group %s.", id, r.id)
		}
		if err := s.checkUserGroup(q.Scope, r.version.engine, id, r.tls); err != nil {
			return err
		}
		groups = append(groups, strings.ToLower(id))
	}
	if len(groups) > 1 {
		return invalidValue("Only one user group can be associated with a replication group.")
	}
	tokens := slices.Clone(r.tokens)
	strategy := in.AuthTokenUpdateStrategy
	switch {
	case strategy == "" && in.AuthToken == nil:
	case strategy == "DELETE":
		if in.AuthToken != nil {
			return invalidCombination("An AuthToken can't be given with strategy DELETE.")
		}
		if len(tokens) == 0 || len(in.UserGroupIdsToAdd) == 0 {
			return invalidValue("Auth token update strategy delete is not supported currently")
		}
		tokens = nil
	case in.AuthToken == nil:
		return invalidCombination("AuthToken must be given with AuthTokenUpdateStrategy.")
	default:
		if err := r.tokenAllowed(*in.AuthToken, groups); err != nil {
			return err
		}
		switch strategy {
		case "ROTATE", "":
			// Both the old and the new one are valid; a group without one goes on to let everybody in.
			if len(tokens) == 2 {
				return invalidCombination("Two AUTH tokens are in use: set one of them before another is rotated in.")
			}
			if len(tokens) == 0 {
				tokens = []string{""}
			}
			tokens = append(tokens, *in.AuthToken)
			m.pending.AuthTokenStatus = "ROTATING"
		case "SET":
			// "SET - allowed only after ROTATE", or together with the removal of user groups.
			if !slices.Contains(tokens, *in.AuthToken) && len(r.userGroups) == 0 {
				return invalidCombination("The AUTH token to set must be one that was rotated in before.")
			}
			tokens = []string{*in.AuthToken}
			m.pending.AuthTokenStatus = "SETTING"
		default:
			return invalidValue("Invalid AuthTokenUpdateStrategy %s: SET, ROTATE or DELETE is expected.", strategy)
		}
	}
	if len(groups) > 0 && len(tokens) > 0 {
		return invalidCombination("User group can't be associated with auth token enabled. Pass AuthStrategy delete to proceed.")
	}
	if !slices.Equal(groups, r.userGroups) {
		m.pending.UserGroups = &userGroupsUpdate{UserGroupIdsToAdd: in.UserGroupIdsToAdd, UserGroupIdsToRemove: in.UserGroupIdsToRemove}
		m.takes(modifying, func() { r.userGroups = groups })
	}
	if !slices.Equal(tokens, r.tokens) {
		m.takes(modifying, func() { r.tokens, r.tokenChanged = tokens, s.world.Clock.Now() })
	}
	return nil
}

func (r *replicationGroup) tokenAllowed(token string, groups []string) error {
	switch {
	case len(groups) > 0:
		return invalidCombination("Auth tokens can't be enabled with a user group already associated. Pass RemoveUserGroups to proceed.")
	case !r.tls:
		return invalidCombination("Auth Token can only be set on a replication group with in-transit encryption enabled.")
	}
	return checkToken(token)
}

func (s *Service) modifyFailover(_ *core.Request, r *replicationGroup, in *modifyReplicationGroupIn, m *modification) error {
	next := *r
	if in.AutomaticFailoverEnabled != nil {
		next.failover = *in.AutomaticFailoverEnabled
	}
	if in.MultiAZEnabled != nil {
		next.multiAZ = *in.MultiAZEnabled
	}
	if next.failover == r.failover && next.multiAZ == r.multiAZ {
		return nil
	}
	if r.clustered() && !next.failover {
		return invalidCombination("Automatic failover can't be disabled with cluster mode enabled.")
	}
	if err := next.checkFailover(r.replicas()); err != nil {
		return err
	}
	if next.failover != r.failover {
		m.pending.AutomaticFailoverStatus = onOff(next.failover)
	}
	failover, multiAZ := next.failover, next.multiAZ
	m.takes(modifying, func() { r.failover, r.multiAZ = failover, multiAZ })
	return nil
}
