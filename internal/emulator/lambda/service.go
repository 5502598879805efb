package lambda

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

const serviceName = "lambda"

// Deps are the other services that functions need.
type Deps struct {
	EC2  Network
	IAM  Roles
	Logs Logs
}

// Network is what functions in a VPC need of Amazon EC2.
type Network interface {
	Subnet(core.Scope, string) (ec2.SubnetInfo, bool)
	SecurityGroup(core.Scope, string) (ec2.SecurityGroupInfo, bool)
	CreateInterface(core.Scope, ec2.InterfaceParams) (ec2.Interface, error)
	DeleteInterface(core.Scope, string)
}

// Roles tells what execution roles may do.
type Roles interface {
	CanAssume(account, roleARN, principalService string, now time.Time) bool
	Allows(account, roleARN, action, resource string) bool
}

// Logs takes what functions log.
type Logs interface {
	Write(scope core.Scope, group, stream, message string) bool
}

// Answer is what a function would answer now, if anybody said so.
type Answer func(functionARN string) (payload []byte, ok bool)

// Service is AWS Lambda in every account and region.
type Service struct {
	w      *core.World
	deps   Deps
	answer Answer
	// declared are functions of the user's.
	declared func(functionARN string) bool
	// programs are what functions do, by their ARNs.
	programs map[string]Program
	regions  map[core.Scope]*region
}

// Program is what a function does with an event, and whether it succeeds. The world's lock is held meanwhile.
type Program func(event []byte) (ok bool)

// region is the state of one region of one account.
type region struct {
	functions  map[string]*function // by name
	interfaces map[string]*hyperplane
}

type function struct {
	scope                           core.Scope
	name, arn, role, handler        string
	description, revision, logGroup string
	runtime                         types.Runtime
	architecture                    types.Architecture
	memory, timeout, storage        int32
	environment, tags               map[string]string
	logging                         types.LoggingConfig
	tracing                         types.TracingMode
	code                            []byte
	vpcID                           string
	subnets, groups                 []string
	state                           types.State
	stateReason, updateReason       string
	stateCode                       types.StateReasonCode
	update                          types.LastUpdateStatus
	updateCode                      types.LastUpdateStatusReasonCode
	created, modified, used         time.Time
	gone                            bool
	// turns counts the changes.
	turns int
}

// New returns AWS Lambda of a world.
func New(w *core.World, deps Deps) *Service {
	s := &Service{w: w, deps: deps, answer: func(string) ([]byte, bool) { return nil, false }, declared: func(string) bool { return false }}
	reset := func() { s.regions, s.programs = map[core.Scope]*region{}, map[string]Program{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	w.AddTagger(serviceName, func(scope core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for _, f := range s.region(scope).functions {
			out[f.arn] = maps.Clone(f.tags)
		}
		return out
	})
	return s
}

// SetAnswer says where the answers of functions come from.
func (s *Service) SetAnswer(f Answer) { s.answer = f }

// SetProgram says what a function does, whether it was made here or is beside those. The caller holds the world's lock.
func (s *Service) SetProgram(functionARN string, p Program) { s.programs[functionARN] = p }

// SetDeclared says which functions are there beside those that were made here: of their code nothing is known but what
// they answer.
func (s *Service) SetDeclared(f func(functionARN string) bool) { s.declared = f }

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{functions: map[string]*function{}, interfaces: map[string]*hyperplane{}}
		s.regions[scope] = r
	}
	return r
}

// byARN finds a function in any account.
func (s *Service) byARN(arn string) *function {
	for _, r := range s.regions {
		for _, f := range r.functions {
			if f.arn == arn {
				return f
			}
		}
	}
	return nil
}

// Exists reports whether a function of this ARN exists, in whichever state.
func (s *Service) Exists(arn string) bool { return s.byARN(arn) != nil }

// inventory lists the functions. Of the environment it tells the names only.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, r := range s.regions {
		for _, f := range r.functions {
			out = append(out, core.Resource{Service: serviceName, Kind: "Function", ID: f.name, Name: f.name, ARN: f.arn, Account: scope.Account, Region: scope.Region,
				Tags: maps.Clone(f.tags), State: string(f.state), Taggable: true, Settings: map[string]any{
					"role": f.role, "runtime": string(f.runtime), "architecture": string(f.architecture), "handler": f.handler, "memorySize": f.memory, "timeout": f.timeout,
					"environment": slices.Sorted(maps.Keys(f.environment)), "subnets": slices.Clone(f.subnets), "securityGroups": slices.Clone(f.groups),
					"logGroup": f.logGroup, "codeSha256": f.sha256(),
				}})
		}
	}
	return out
}
