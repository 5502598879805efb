// Package ssm emulates the public parameters of AWS Systems Manager Parameter Store that name the
// Amazon ECS-optimized AMIs.
package ssm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Parameter Store of every region; only AWS's public parameters exist.
type Service struct {
	w        *core.World
	images   Images
	release  int
	released time.Time
}

// Images tells the AMI of a release (from 1) for an architecture (arm64 or x86_64).
type Images func(region, architecture string, release int) (id, name string)

// New returns Parameter Store of a world; images are those that EC2 knows.
func New(w *core.World, images Images) *Service {
	s := &Service{w: w, images: images}
	reset := func() { s.release, s.released = 1, w.Clock.Now() }
	reset()
	w.OnReset(reset)
	return s
}

// Release is the number of releases so far.
func (s *Service) Release() int { return s.release }

// ReleaseAMI publishes a newer ECS-optimized AMI of every kind: the recommended ones change. The
// caller holds the world's lock.
func (s *Service) ReleaseAMI() {
	s.release++
	s.released = s.w.Clock.Now()
}

// Mux returns Parameter Store's actions,
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "ssm", Protocol: core.JSON11, Namespace: "AmazonSSM",
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"}}
	core.Handle(m, "GetParameter", s.getParameter)
	core.Handle(m, "GetParameters", s.getParameters)
	return m
}

// prefix is where the ECS-optimized AMIs are,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
const prefix = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"

type parameter struct {
	Name, Type, Value string
	Version           int64
	LastModifiedDate  time.Time
	ARN, DataType     string
}

type image struct {
	AgentVersion   string `json:"ecs_agent_version"`
	RuntimeVersion string `json:"ecs_runtime_version"`
	ID             string `json:"image_id"`
	Name           string `json:"image_name"`
	Version        string `json:"image_version"`
	OS             string `json:"os"`
	SchemaVersion  int    `json:"schema_version"`
	SourceName     string `json:"source_image_name"`
}

// datePattern finds the release's date in an image's name.
var datePattern = regexp.MustCompile(`\b20\d{6}\b`)

// recommended is the current AMI of a region and architecture.
func (s *Service) recommended(scope core.Scope, arch string) image {
	id, name := s.images(scope.Region, arch, s.release)
	date := datePattern.FindString(name)
	return image{AgentVersion: fmt.Sprintf("1.%d.0", 100+s.release), RuntimeVersion: "Docker version 25.0.14",
		ID: id, Name: name, Version: "2023.0." + date, OS: "Amazon Linux 2023", SchemaVersion: 1,
		SourceName: "al2023-ami-minimal-2023.9." + date + ".0-kernel-6.1-" + arch}
}

// find reads a parameter by name or ARN, with an optional :version selector.
func (s *Service) find(q *core.Request, name string) (parameter, error) {
	missing := core.Errorf("ParameterNotFound", "")
	bare := name
	if _, after, ok := strings.Cut(name, ":parameter/"); ok && strings.HasPrefix(name, "arn:") {
		bare = "/" + after
	}
	bare, selector, selected := strings.Cut(bare, ":")
	rest, ok := strings.CutPrefix(bare, prefix)
	if !ok {
		return parameter{}, missing
	}
	arch := "x86_64"
	if r, found := strings.CutPrefix(rest, "arm64/"); found {
		rest, arch = r, "arm64"
	}
	img := s.recommended(q.Scope, arch)
	p := parameter{Name: bare, Type: "String", Version: int64(s.release), LastModifiedDate: s.released, DataType: "text",
		ARN: core.Scope{Region: q.Region}.ARN("ssm", "parameter"+bare)}
	switch rest {
	case "recommended":
		b, err := json.Marshal(img)
		if err != nil {
			return p, err
		}
		p.Value = string(b)
	case "recommended/image_id":
		p.Value, p.DataType = img.ID, "aws:ec2:image"
	case "recommended/image_name":
		p.Value = img.Name
	case "recommended/image_version":
		p.Value = img.Version
	case "recommended/ecs_agent_version":
		p.Value = img.AgentVersion
	case "recommended/ecs_runtime_version":
		p.Value = img.RuntimeVersion
	case "recommended/os":
		p.Value = img.OS
	default:
		return parameter{}, missing
	}
	if selected && selector != fmt.Sprint(p.Version) {
		return parameter{}, core.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", selector, bare)
	}
	return p, nil
}

// WithDecryption has no effect on strings.
type getIn struct {
	Name           string
	WithDecryption *bool
}

type getOut struct{ Parameter parameter }

func (s *Service) getParameter(q *core.Request, in *getIn) (*getOut, error) {
	p, err := s.find(q, in.Name)
	if err != nil {
		return nil, err
	}
	return &getOut{p}, nil
}

type getManyIn struct {
	Names          []string
	WithDecryption *bool
}

type getManyOut struct {
	Parameters        []parameter
	InvalidParameters []string
}

// maxNames is the most names of one GetParameters,
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
const maxNames = 10

func (s *Service) getParameters(q *core.Request, in *getManyIn) (*getManyOut, error) {
	if len(in.Names) < 1 || len(in.Names) > maxNames {
		return nil, core.Errorf("ValidationException", "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and %d", maxNames)
	}
	out := &getManyOut{Parameters: []parameter{}, InvalidParameters: []string{}}
	for _, n := range in.Names {
		p, err := s.find(q, n)
		if err != nil {
			out.InvalidParameters = append(out.InvalidParameters, n)
			continue
		}
		out.Parameters = append(out.Parameters, p)
	}
	return out, nil
}
