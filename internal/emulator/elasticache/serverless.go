package elasticache

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// serverlessCache is a cache without nodes: an endpoint in some subnets, always with TLS and in cluster
// mode. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/WhatIs.deployment.html
type serverlessCache struct {
	object
	description string
	version     engineVersion
	suffix      string
	subnets     []subnet
	vpcID       string
	groups      []string // security groups
	enis        []string
	userGroup   string
	limits      *usageLimits
	kmsKey      string
	retention   int
	daily       string
	status      string
}

// readerPort is that of the reader endpoint.
const readerPort = 6380

func absentServerless(name string) error {
	return absent("ServerlessCacheNotFoundFault", "ServerlessCache %s not found.", name)
}

type bounds struct {
	Minimum, Maximum *int
	Unit             string `xml:",omitempty"`
}

type usageLimits struct {
	DataStorage   *bounds
	ECPUPerSecond *bounds
}

// check follows https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-limits.html: storage in
// GB up to 5,000, and 1,000 to 15 million processing units per second.
func (l *usageLimits) check() error {
	if l == nil {
		return nil
	}
	for _, x := range []struct {
		what     string
		b        *bounds
		min, max int
	}{{"DataStorage", l.DataStorage, 1, 5000}, {"ECPUPerSecond", l.ECPUPerSecond, 1000, 15000000}} {
		if x.b == nil {
			continue
		}
		if x.what == "DataStorage" && x.b.Unit != "GB" {
			return invalidValue("Invalid DataStorage unit %s: GB is expected.", x.b.Unit)
		}
		for _, v := range []*int{x.b.Minimum, x.b.Maximum} {
			if v != nil && (*v < x.min || *v > x.max) {
				return invalidValue("The %s limit must be between %d and %d.", x.what, x.min, x.max)
			}
		}
		if x.b.Minimum != nil && x.b.Maximum != nil && *x.b.Minimum > *x.b.Maximum {
			return invalidCombination("The minimum of %s is above its maximum.", x.what)
		}
	}
	return nil
}

type serverlessOut struct {
	ServerlessCacheName, Description, ARN, Status, Engine, MajorEngineVersion, FullEngineVersion string
	CreateTime                                                                                   time.Time
	CacheUsageLimits                                                                             *usageLimits
	KmsKeyId                                                                                     string   `xml:",omitempty"`
	SecurityGroupIds                                                                             []string `xml:"SecurityGroupIds>SecurityGroupId"`
	SubnetIds                                                                                    []string `xml:"SubnetIds>SubnetId"`
	Endpoint, ReaderEndpoint                                                                     *endpointOut
	UserGroupId                                                                                  string `xml:",omitempty"`
	SnapshotRetentionLimit                                                                       int
	DailySnapshotTime                                                                            string `xml:",omitempty"`
	NetworkType, ConnectionType, StorageEncryptionType                                           string
}

type oneServerlessOut struct{ ServerlessCache serverlessOut }

func (c *serverlessCache) out(region string) serverlessOut {
	major, _, _ := strings.Cut(c.version.version, ".")
	o := serverlessOut{ServerlessCacheName: c.id, Description: c.description, ARN: c.arn, Status: c.status, Engine: c.version.engine, MajorEngineVersion: major,
		FullEngineVersion: c.version.full, CreateTime: c.created, CacheUsageLimits: c.limits, KmsKeyId: c.kmsKey, SecurityGroupIds: c.groups, UserGroupId: c.userGroup,
		SnapshotRetentionLimit: c.retention, DailySnapshotTime: c.daily, NetworkType: "ipv4", ConnectionType: "vpc", StorageEncryptionType: "sse-elasticache"}
	if c.kmsKey != "" {
		o.StorageEncryptionType = "sse-kms"
	}
	for _, n := range c.subnets {
		o.SubnetIds = append(o.SubnetIds, n.id)
	}
	if c.status != statusCreating {
		o.Endpoint, o.ReaderEndpoint = &endpointOut{c.endpoint(region), defaultPort}, &endpointOut{c.endpoint(region), readerPort}
	}
	return o
}

func (s *Service) handleServerless() {
	core.Handle(s.mux, "CreateServerlessCache", s.createServerless)
	core.Handle(s.mux, "DescribeServerlessCaches", s.describeServerless)
	core.Handle(s.mux, "ModifyServerlessCache", s.modifyServerless)
	core.Handle(s.mux, "DeleteServerlessCache", s.deleteServerless)
}

// major finds the newest version of an engine's major version.
func major(engine, version string) (engineVersion, error) {
	if version == "" {
		return findVersion(engine, "")
	}
	for _, v := range slices.Backward(versions) {
		if strings.EqualFold(v.engine, engine) && strings.HasPrefix(v.version, version+".") {
			return v, nil
		}
	}
	return engineVersion{}, invalidCombination("Cannot find major version %s for %s", version, engine)
}

// createServerlessIn leaves out snapshots to restore from.
type createServerlessIn struct {
	ServerlessCacheName    string `q:",required"`
	Engine                 string `q:",required"`
	MajorEngineVersion     string
	Description            string
	CacheUsageLimits       *usageLimits
	KmsKeyId               string
	SecurityGroupIds       []string `q:",item=SecurityGroupId"`
	SubnetIds              []string `q:",item=SubnetId"`
	UserGroupId            string
	SnapshotRetentionLimit *int
	DailySnapshotTime      string
	NetworkType            string
	ConnectionType         string
	Tags                   tagList `q:",item=Tag"`
}

// createServerless follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html
func (s *Service) createServerless(q *core.Request, in *createServerlessIn) (*oneServerlessOut, error) {
	name, err := cacheName("ServerlessCacheName", in.ServerlessCacheName)
	if err != nil {
		return nil, err
	}
	reg := s.region(q.Scope)
	switch {
	case reg.serverless[name] != nil:
		return nil, core.Errorf("ServerlessCacheAlreadyExistsFault", "ServerlessCache %s already exists.", name)
	case in.NetworkType != "" && in.NetworkType != "ipv4":
		return nil, unsupported("NetworkType")
	case in.ConnectionType != "" && in.ConnectionType != "vpc":
		return nil, unsupported("ConnectionType")
	}
	c := &serverlessCache{description: in.Description, status: statusCreating, limits: in.CacheUsageLimits, kmsKey: in.KmsKeyId, daily: in.DailySnapshotTime}
	if c.object, err = s.newObject(q, "serverlesscache", name, in.Tags); err != nil {
		return nil, err
	}
	if c.version, err = major(in.Engine, in.MajorEngineVersion); err != nil {
		return nil, err
	}
	if err := c.limits.check(); err != nil {
		return nil, err
	}
	if in.SnapshotRetentionLimit != nil {
		c.retention = *in.SnapshotRetentionLimit
	}
	if err := s.placeServerless(q.Scope, c, in.SubnetIds, in.SecurityGroupIds); err != nil {
		return nil, err
	}
	if in.UserGroupId != "" {
		if err := s.checkUserGroup(q.Scope, c.version.engine, in.UserGroupId, true); err != nil {
			return nil, err
		}
		c.userGroup = strings.ToLower(in.UserGroupId)
	}
	for _, n := range c.subnets {
		eni, err := s.interfaceFor(q.Scope, n.id, "VPC Endpoint Interface of ElastiCache "+name, "vpc_endpoint", c.groups)
		if err != nil {
			for _, id := range c.enis {
				s.net.DeleteInterface(q.Scope, id)
			}
			return nil, err
		}
		c.enis = append(c.enis, eni)
	}
	s.linked(q)
	c.suffix = s.world.Hex(6)
	reg.serverless[name] = c
	s.world.Clock.After(serverlessCreating, func() { c.status = statusAvailable })
	return &oneServerlessOut{c.out(q.Region)}, nil
}

// placeServerless checks the endpoint's place: two or three subnets, each in a zone of its own, as the
// console asks for. Without any it would be the default VPC's, which the emulator hasn't.
func (s *Service) placeServerless(scope core.Scope, c *serverlessCache, subnets, groups []string) (err error) {
	if c.subnets, c.vpcID, err = s.subnetsIn(scope, subnets); err != nil {
		return err
	}
	zones := map[string]bool{}
	for _, n := range c.subnets {
		zones[n.zone] = true
	}
	if len(c.subnets) < 2 || len(c.subnets) > 3 || len(zones) != len(c.subnets) {
		return invalidValue("A serverless cache takes 2 or 3 subnets in different availability zones.")
	}
	c.groups, err = s.groupsIn(scope, c.vpcID, groups)
	return err
}

type describeServerlessIn struct {
	ServerlessCacheName string
	MaxResults          *int
	NextToken           string
}

type serverlessListOut struct {
	ServerlessCaches []serverlessOut `xml:"ServerlessCaches>member"`
	NextToken        string          `xml:",omitempty"`
}

func (s *Service) describeServerless(q *core.Request, in *describeServerlessIn) (*serverlessListOut, error) {
	reg := s.region(q.Scope)
	if in.ServerlessCacheName != "" {
		c, ok := seen(q, reg.serverless, strings.ToLower(in.ServerlessCacheName))
		if !ok {
			return nil, absentServerless(in.ServerlessCacheName)
		}
		return &serverlessListOut{ServerlessCaches: []serverlessOut{c.out(q.Region)}}, nil
	}
	size := 50
	if in.MaxResults != nil {
		if size = *in.MaxResults; size < 1 || size > 50 {
			return nil, invalidValue("MaxResults must be between 1 and 50.")
		}
	}
	list, next, ok := core.Page(q.World, listed(q, reg.serverless), idOf, in.NextToken, size, size)
	if !ok {
		return nil, invalidValue("The value %s for NextToken is not valid.", in.NextToken)
	}
	out := &serverlessListOut{NextToken: next}
	for _, c := range list {
		out.ServerlessCaches = append(out.ServerlessCaches, c.out(q.Region))
	}
	return out, nil
}

func (s *Service) availableServerless(q *core.Request, name string) (*serverlessCache, error) {
	c := s.region(q.Scope).serverless[strings.ToLower(name)]
	switch {
	case c == nil:
		return nil, absentServerless(name)
	case c.status != statusAvailable:
		return nil, core.Errorf("InvalidServerlessCacheStateFault", "ServerlessCache %s is not in available state.", c.id)
	}
	return c, nil
}

type modifyServerlessIn struct {
	ServerlessCacheName    string `q:",required"`
	Description            *string
	Engine                 string
	MajorEngineVersion     string
	CacheUsageLimits       *usageLimits
	SecurityGroupIds       []string `q:",item=SecurityGroupId"`
	UserGroupId            string
	RemoveUserGroup        bool
	SnapshotRetentionLimit *int
	DailySnapshotTime      string
}

// modifyServerless follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyServerlessCache.html
func (s *Service) modifyServerless(q *core.Request, in *modifyServerlessIn) (*oneServerlessOut, error) {
	c, err := s.availableServerless(q, in.ServerlessCacheName)
	if err != nil {
		return nil, err
	}
	next := *c
	if in.Engine != "" || in.MajorEngineVersion != "" {
		engine := c.version.engine
		if in.Engine != "" {
			engine = in.Engine
		}
		if next.version, err = major(engine, in.MajorEngineVersion); err != nil {
			return nil, err
		}
		if next.version.rank() < c.version.rank() {
			return nil, invalidCombination("Modifying the engine of %s to %s %s is a downgrade, which isn't possible.", c.id, engine, in.MajorEngineVersion)
		}
	}
	if in.CacheUsageLimits != nil {
		if err := in.CacheUsageLimits.check(); err != nil {
			return nil, err
		}
		next.limits = in.CacheUsageLimits
	}
	if len(in.SecurityGroupIds) > 0 {
		if next.groups, err = s.groupsIn(q.Scope, c.vpcID, in.SecurityGroupIds); err != nil {
			return nil, err
		}
	}
	switch {
	case in.RemoveUserGroup && in.UserGroupId != "":
		return nil, invalidCombination("RemoveUserGroup can't be combined with UserGroupId.")
	case in.RemoveUserGroup:
		next.userGroup = ""
	case in.UserGroupId != "":
		if err := s.checkUserGroup(q.Scope, next.version.engine, in.UserGroupId, true); err != nil {
			return nil, err
		}
		next.userGroup = strings.ToLower(in.UserGroupId)
	}
	if in.Description != nil {
		next.description = *in.Description
	}
	if in.SnapshotRetentionLimit != nil {
		next.retention = *in.SnapshotRetentionLimit
	}
	if in.DailySnapshotTime != "" {
		next.daily = in.DailySnapshotTime
	}
	next.status = statusModifying
	for _, id := range c.enis {
		_ = s.net.SetInterfaceSecurityGroups(q.Scope, id, next.groups) // checked above
	}
	*c = next
	s.world.Clock.After(serverlessModifying, func() {
		if c.status == statusModifying {
			c.status = statusAvailable
		}
	})
	return &oneServerlessOut{c.out(q.Region)}, nil
}

type deleteServerlessIn struct {
	ServerlessCacheName string `q:",required"`
}

func (s *Service) deleteServerless(q *core.Request, in *deleteServerlessIn) (*oneServerlessOut, error) {
	c, err := s.availableServerless(q, in.ServerlessCacheName)
	if err != nil {
		return nil, err
	}
	c.status = statusDeleting
	scope, reg := q.Scope, s.region(q.Scope)
	s.world.Clock.After(serverlessDeleting, func() {
		for _, id := range c.enis {
			s.net.DeleteInterface(scope, id)
		}
		delete(reg.serverless, c.id)
	})
	return &oneServerlessOut{c.out(q.Region)}, nil
}
