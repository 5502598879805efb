package elasticache

import (
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	valkey = "valkey"
	redis  = "redis"
)

// engineVersion is a version of an engine that nodes can run.
type engineVersion struct {
	engine, version, family string
	// full is what a node says it runs: with its patch level.
	full string
}

// versions are the ones that can be created, oldest first for each engine:
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html
// The patch levels are examples: AWS moves them without notice.
var versions = []engineVersion{
	{redis, "6.0", "redis6.x", "6.0.5"},
	{redis, "6.2", "redis6.x", "6.2.6"},
	{redis, "7.0", "redis7", "7.0.7"},
	{redis, "7.1", "redis7", "7.1.0"},
	{valkey, "7.2", "valkey7", "7.2.6"},
	{valkey, "8.0", "valkey8", "8.0.1"},
	{valkey, "8.1", "valkey8", "8.1.0"},
	{valkey, "8.2", "valkey8", "8.2.0"},
	{valkey, "9.0", "valkey9", "9.0.0"},
}

// families are those of the versions.
func families() []string {
	var out []string
	for _, v := range versions {
		if !slices.Contains(out, v.family) {
			out = append(out, v.family)
		}
	}
	return out
}

// findVersion finds a version by its name; without one it is the engine's newest.
func findVersion(engine, version string) (engineVersion, error) {
	engine = strings.ToLower(engine)
	if engine != valkey && engine != redis {
		return engineVersion{}, invalidValue("Invalid engine %s. The emulator knows valkey and redis.", engine)
	}
	for _, v := range slices.Backward(versions) {
		if v.engine == engine && (version == "" || version == v.version || version == v.full) {
			return v, nil
		}
	}
	return engineVersion{}, invalidCombination("Cannot find version %s for %s", version, engine)
}

// rank orders the versions an instance can be upgraded through: Valkey follows on Redis OSS.
func (v engineVersion) rank() int { return slices.Index(versions, v) }

// nodeTypes are the current generations:
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
var nodeTypes = regexp.MustCompile(`^cache\.(t[234]g?\.(micro|small|medium)|(m[4567]g?|r[4567]g?)\.([248]|1[0268]|24)?x?large|c7gn\.([248]|1[26])?x?large)$`)

func checkNodeType(t string) error {
	if strings.HasPrefix(t, "cache.r6gd.") {
		return unsupported("CacheNodeType")
	}
	if !nodeTypes.MatchString(t) {
		return invalidValue("The parameter CacheNodeType has an invalid value: %s is not a valid cache node type.", t)
	}
	return nil
}

type describeVersionsIn struct {
	page
	CacheParameterGroupFamily, Engine, EngineVersion string
	DefaultOnly                                      bool
}

type versionOut struct {
	Engine, EngineVersion, CacheParameterGroupFamily      string
	CacheEngineDescription, CacheEngineVersionDescription string
}

type versionsOut struct {
	CacheEngineVersions []versionOut `xml:"CacheEngineVersions>CacheEngineVersion"`
	Marker              string       `xml:",omitempty"`
}

// describeVersions follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheEngineVersions.html
func (s *Service) describeVersions(q *core.Request, in *describeVersionsIn) (*versionsOut, error) {
	var found []engineVersion
	for _, v := range versions {
		if (in.Engine == "" || strings.EqualFold(in.Engine, v.engine)) && (in.EngineVersion == "" || in.EngineVersion == v.version || in.EngineVersion == v.full) &&
			(in.CacheParameterGroupFamily == "" || in.CacheParameterGroupFamily == v.family) {
			found = append(found, v)
		}
	}
	if in.DefaultOnly && len(found) > 0 {
		found = found[len(found)-1:]
	}
	list, next, err := paginate(q, in.page, found, func(v engineVersion) string { return v.engine + " " + v.version })
	out := &versionsOut{Marker: next}
	for _, v := range list {
		title := map[string]string{valkey: "Valkey", redis: "Redis"}[v.engine]
		out.CacheEngineVersions = append(out.CacheEngineVersions, versionOut{v.engine, v.version, v.family, title, title + " version " + v.full})
	}
	return out, err
}
