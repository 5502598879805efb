package lambda

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Bounds of an archive, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	maxZip      = 50 << 20
	maxUnzipped = 250 << 20
)

func (f *function) sha256() string {
	sum := sha256.Sum256(f.code)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (f *function) setCode(archive []byte) error {
	if len(archive) == 0 {
		return invalid("Please provide a source for function code.")
	}
	if len(archive) > maxZip {
		return fault(http.StatusRequestEntityTooLarge, "RequestTooLargeException", "Request must be smaller than %d bytes for the CreateFunction operation", maxZip)
	}
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil || len(z.File) == 0 {
		return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	var size uint64
	for _, file := range z.File {
		size += file.UncompressedSize64
	}
	if size > maxUnzipped {
		return invalid("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	f.code = slices.Clone(archive)
	return nil
}

func (f *function) setArchitecture(list []types.Architecture) error {
	switch {
	case len(list) == 0:
		return nil
	case len(list) > 1 || !slices.Contains(list[0].Values(), list[0]):
		return invalid("Architectures takes one value of arm64 and x86_64.")
	}
	f.architecture = list[0]
	return nil
}

// updateCode takes another archive,
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
func (s *Service) updateCode(c *call) (core.RestResponse, error) {
	var in api.UpdateFunctionCodeInput
	if err := c.decode(&in); err != nil {
		return core.RestResponse{}, err
	}
	if err := only(&in, "Architectures", "RevisionId", "ZipFile"); err != nil {
		return core.RestResponse{}, err
	}
	f, err := s.changeable(c, aws.ToString(in.RevisionId))
	if err != nil {
		return core.RestResponse{}, err
	}
	next := *f
	if err := next.setCode(in.ZipFile); err != nil {
		return core.RestResponse{}, err
	}
	if err := next.setArchitecture(in.Architectures); err != nil {
		return core.RestResponse{}, err
	}
	*f = next
	s.begin(f, f.state, updating)
	return respond(http.StatusOK, f.view())
}
