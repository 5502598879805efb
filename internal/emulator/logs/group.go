package logs

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var (
	groupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	classes      = []string{"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"}
	// retentions are the days that a policy can have,
	// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
	retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

// Quotas of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const maxGroups = 1000000

func checkGroupName(name string) error {
	if !groupPattern.MatchString(name) {
		return invalid("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", name)
	}
	return nil
}

type createGroupIn struct {
	LogGroupName              string
	LogGroupClass             string
	DeletionProtectionEnabled bool
	Tags                      map[string]string
}

func (s *Service) createLogGroup(q *core.Request, in *createGroupIn) (*core.Empty, error) {
	if err := checkGroupName(in.LogGroupName); err != nil {
		return nil, err
	}
	if strings.HasPrefix(in.LogGroupName, "aws/") {
		return nil, invalid("Log groups starting with aws/ are reserved for AWS.")
	}
	if in.LogGroupClass == "" {
		in.LogGroupClass = classes[0]
	}
	if !slices.Contains(classes, in.LogGroupClass) {
		return nil, invalid("1 validation error detected: Value '%s' at 'logGroupClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]", in.LogGroupClass)
	}
	if err := checkTags(in.Tags, nil); err != nil {
		return nil, err
	}
	groups := s.scopes[q.Scope]
	if groups[in.LogGroupName] != nil {
		return nil, core.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	if groups == nil {
		groups = map[string]*group{}
		s.scopes[q.Scope] = groups
	}
	if len(groups) >= maxGroups {
		return nil, core.Errorf("LimitExceededException", "Resource limit exceeded.")
	}
	tags := maps.Clone(in.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	groups[in.LogGroupName] = &group{name: in.LogGroupName, class: in.LogGroupClass, created: q.Now(), protected: in.DeletionProtectionEnabled,
		tags: tags, streams: map[string]*stream{}}
	return nil, nil
}

type groupIn struct{ LogGroupName string }

func (s *Service) deleteLogGroup(q *core.Request, in *groupIn) (*core.Empty, error) {
	g, err := s.group(q.Scope, in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if g.protected {
		return nil, core.Errorf("ValidationException", "Log group %s has deletion protection enabled.", g.name)
	}
	delete(s.scopes[q.Scope], g.name)
	return nil, nil
}

type retentionIn struct {
	LogGroupName    string
	RetentionInDays int32
}

func (s *Service) putRetentionPolicy(q *core.Request, in *retentionIn) (*core.Empty, error) {
	if !slices.Contains(retentions, in.RetentionInDays) {
		return nil, invalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %v", in.RetentionInDays, retentions)
	}
	g, err := s.group(q.Scope, in.LogGroupName)
	if err != nil {
		return nil, err
	}
	g.retention = in.RetentionInDays
	return nil, nil
}

func (s *Service) deleteRetentionPolicy(q *core.Request, in *groupIn) (*core.Empty, error) {
	g, err := s.group(q.Scope, in.LogGroupName)
	if err == nil {
		g.retention = 0
	}
	return nil, err
}

type protectionIn struct {
	LogGroupIdentifier        string
	DeletionProtectionEnabled bool
}

func (s *Service) putDeletionProtection(q *core.Request, in *protectionIn) (*core.Empty, error) {
	g, err := s.group(q.Scope, strings.TrimPrefix(in.LogGroupIdentifier, groupARN(q.Scope, "")))
	if err == nil {
		g.protected = in.DeletionProtectionEnabled
	}
	return nil, err
}
