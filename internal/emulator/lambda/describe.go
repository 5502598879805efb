package lambda

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxPage is how many functions a page has at most,
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
const maxPage = 50

// view is a function's configuration.
func (f *function) view() *types.FunctionConfiguration {
	logging := f.logging
	logging.LogGroup = &f.logGroup
	out := &types.FunctionConfiguration{
		Architectures: []types.Architecture{f.architecture}, CodeSha256: aws.String(f.sha256()), CodeSize: int64(len(f.code)), Description: &f.description,
		EphemeralStorage: &types.EphemeralStorage{Size: &f.storage}, FunctionArn: &f.arn, FunctionName: &f.name, Handler: &f.handler,
		LastModified: aws.String(f.modified.UTC().Format("2006-01-02T15:04:05.000-0700")), LastUpdateStatus: f.update, LastUpdateStatusReasonCode: f.updateCode,
		LoggingConfig: &logging, MemorySize: &f.memory, PackageType: types.PackageTypeZip, RevisionId: &f.revision, Role: &f.role, Runtime: f.runtime,
		SnapStart: &types.SnapStartResponse{ApplyOn: types.SnapStartApplyOnNone, OptimizationStatus: types.SnapStartOptimizationStatusOff},
		State:     f.state, StateReasonCode: f.stateCode, Timeout: &f.timeout, TracingConfig: &types.TracingConfigResponse{Mode: f.tracing}, Version: aws.String("$LATEST"),
		VpcConfig: &types.VpcConfigResponse{VpcId: &f.vpcID, SubnetIds: append([]string{}, f.subnets...), SecurityGroupIds: append([]string{}, f.groups...), Ipv6AllowedForDualStack: aws.Bool(false)},
	}
	if f.stateReason != "" {
		out.StateReason = &f.stateReason
	}
	if f.updateReason != "" {
		out.LastUpdateStatusReason = &f.updateReason
	}
	if len(f.environment) > 0 {
		out.Environment = &types.EnvironmentResponse{Variables: maps.Clone(f.environment)}
	}
	return out
}

// getConfiguration answers a function's configuration, by an ARN with a version or alias too: of functions that were
// only declared. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
func (s *Service) getConfiguration(c *call) (core.RestResponse, error) {
	if strings.HasPrefix(c.named, c.ARN(serviceName, "function:")) && s.declared(c.named) {
		return respond(http.StatusOK, &types.FunctionConfiguration{FunctionArn: &c.named, FunctionName: aws.String(strings.Split(c.named, ":")[6]), State: types.StateActive, LastUpdateStatus: types.LastUpdateStatusSuccessful})
	}
	f, err := s.seen(c)
	if err != nil {
		return core.RestResponse{}, err
	}
	return respond(http.StatusOK, f.view())
}

// getFunction tells tags as well, https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
func (s *Service) getFunction(c *call) (core.RestResponse, error) {
	f, err := s.seen(c)
	if err != nil {
		return core.RestResponse{}, err
	}
	out := &api.GetFunctionOutput{Configuration: f.view(), Code: &types.FunctionCodeLocation{RepositoryType: aws.String("S3"),
		Location: aws.String("https://awslambda-" + c.Region + "-tasks.s3." + c.Region + ".amazonaws.com/snapshots/" + c.Account + "/" + f.name)}}
	if len(f.tags) > 0 {
		out.Tags = maps.Clone(f.tags)
	}
	return respond(http.StatusOK, out)
}

func (s *Service) listFunctions(c *call) (core.RestResponse, error) {
	q := c.HTTP.URL.Query()
	limit := maxPage
	if text := q.Get("MaxItems"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 10000 {
			return core.RestResponse{}, invalid("Value '%s' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000", text)
		}
		limit = min(n, maxPage)
	}
	var list []*function
	r := s.region(c.Scope)
	for _, name := range slices.Sorted(maps.Keys(r.functions)) {
		if s.w.Visible(r.functions[name].created) {
			list = append(list, r.functions[name])
		}
	}
	list, next, ok := core.Page(s.w, list, func(f *function) string { return f.name }, q.Get("Marker"), limit, maxPage)
	if !ok {
		return core.RestResponse{}, invalid("The marker is invalid.")
	}
	out := &api.ListFunctionsOutput{Functions: []types.FunctionConfiguration{}}
	for _, f := range list {
		view := f.view()
		// A list tells no states.
		view.State, view.StateReason, view.StateReasonCode, view.LastUpdateStatus, view.LastUpdateStatusReason, view.LastUpdateStatusReasonCode = "", nil, "", "", nil, ""
		out.Functions = append(out.Functions, *view)
	}
	if next != "" {
		out.NextMarker = &next
	}
	return respond(http.StatusOK, out)
}
