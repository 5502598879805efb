package kinds

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// LambdaFunction is a function of AWS Lambda from an archive, in the subnets of a VPC. It takes one change at
// a time, so a difference in both code and configuration takes two. One that nobody calls for two weeks
// becomes inactive, and the next call of it fails; so it is called when it is found to be.
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
//
// Its network interfaces are AWS Lambda's, stay for some twenty minutes after it, and are deleted with the
// rights of its role: what else is in these subnets and groups, and the role, must wait for that.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
//
// Outputs: "arn", when what was asked for last is what is called.
type LambdaFunction struct{}

// LambdaFunctionSpec is what a function should be.
type LambdaFunctionSpec struct {
	Description string `json:"description,omitempty"`
	// Runtime, Architecture and Handler are AWS's words: python3.13, arm64, file.function.
	Runtime      string `json:"runtime"`
	Architecture string `json:"architecture"`
	Handler      string `json:"handler"`
	// MemoryMiB and TimeoutSeconds bound one call.
	MemoryMiB      int `json:"memoryMiB"`
	TimeoutSeconds int `json:"timeoutSeconds"`
	// CodeSHA256 is the hash of Code, a zip archive, in base64.
	CodeSHA256 string `json:"codeSHA256"`
	Code       []byte `json:"-"`
	// Role is the ARN of the execution role.
	Role graph.Value `json:"role"`
	// Environment has nothing secret in it.
	Environment map[string]graph.Value `json:"environment,omitempty"`
	// Subnets and SecurityGroups are ids, LogGroup is a name.
	Subnets        []graph.Value `json:"subnets"`
	SecurityGroups []graph.Value `json:"securityGroups"`
	LogGroup       graph.Value   `json:"logGroup"`
}

type lambdaFunction struct {
	lambdatypes.FunctionConfiguration
	Tags map[string]string
}

// steady says that the function takes changes.
func (f lambdaFunction) steady() bool {
	return f.State != lambdatypes.StatePending && f.LastUpdateStatus != lambdatypes.LastUpdateStatusInProgress
}

func (f lambdaFunction) modified() time.Time {
	t, err := time.Parse("2006-01-02T15:04:05.000-0700", sdk.ToString(f.LastModified))
	if err != nil {
		return time.Time{}
	}
	return t
}

// failing says that the last update failed so lately that another try can wait.
func (f lambdaFunction) failing(now time.Time) bool {
	return f.LastUpdateStatus == lambdatypes.LastUpdateStatusFailed && now.Sub(f.modified()) < functionFailed
}

func (f lambdaFunction) live(call graph.Call) graph.Live {
	name := sdk.ToString(f.FunctionName)
	l := graph.Live{ID: name, Phase: graph.Ready, Owner: proof(call, name, f.Tags), Out: map[graph.Attr]string{"arn": sdk.ToString(f.FunctionArn)}, Raw: f}
	switch {
	case f.State == lambdatypes.StateFailed:
		l.Phase, l.Why, l.Out = graph.Broken, "failed: "+sdk.ToString(f.StateReason), nil
	case f.StateReasonCode == lambdatypes.StateReasonCodeRestoring:
		// Nothing tells since when.
		l.Phase, l.Why, l.Recheck, l.Out = graph.Pending, "was idle and is being brought back", maxRecheck, nil
	case !f.steady():
		l.Phase, l.Why, l.Recheck, l.Out = graph.Pending, "is being changed", recheck(call.Now, f.modified(), settling), nil
		if f.State == lambdatypes.StatePending {
			l.Why, l.Recheck = "is being made", recheck(call.Now, f.modified(), functionConnecting)
		}
	case f.failing(call.Now):
		l.Phase, l.Why, l.Recheck, l.Out = graph.Pending, "couldn't be changed: "+sdk.ToString(f.LastUpdateStatusReason), functionFailed, nil
	}
	return l
}

// Name implements graph.Kind.
func (LambdaFunction) Name() string { return "LambdaFunction" }

// Mendable implements graph.Mendable: AWS says of a function that failed that it must be made again.
func (LambdaFunction) Mendable() bool { return true }

// Observe implements graph.Kind.
func (LambdaFunction) Observe(ctx context.Context, call graph.Call, _ LambdaFunctionSpec) (graph.Live, error) {
	out, err := world(call).Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: sdk.String(nameOf(call))})
	if notFound(err) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	if e := out.TagsError; e != nil { // its tags aren't told, which isn't to have none
		return graph.Live{}, &smithy.OperationError{ServiceID: "Lambda", OperationName: "ListTags", Err: &smithy.GenericAPIError{
			Code: sdk.ToString(e.ErrorCode), Message: sdk.ToString(e.Message)}}
	}
	return lambdaFunction{*out.Configuration, out.Tags}.live(call), nil
}

// Diff implements graph.Kind. A function that is changing takes no further change.
func (LambdaFunction) Diff(call graph.Call, want LambdaFunctionSpec, live graph.Live) []graph.Change {
	have := raw[lambdaFunction](live)
	if !have.steady() || have.failing(call.Now) {
		return nil
	}
	var d difference
	if have.State == lambdatypes.StateInactive {
		d.text("state", string(have.State), string(lambdatypes.StateActive))
	}
	if have.LastUpdateStatus == lambdatypes.LastUpdateStatusFailed {
		d.text("update", string(have.LastUpdateStatus), string(lambdatypes.LastUpdateStatusSuccessful))
	}
	d.text("code", sdk.ToString(have.CodeSha256), want.CodeSHA256)
	d.set("architecture", texts(have.Architectures), []string{want.Architecture})
	d.text("runtime", string(have.Runtime), want.Runtime)
	d.text("handler", sdk.ToString(have.Handler), want.Handler)
	d.number("memoryMiB", int(sdk.ToInt32(have.MemorySize)), want.MemoryMiB)
	d.number("timeoutSeconds", int(sdk.ToInt32(have.Timeout)), want.TimeoutSeconds)
	d.text("role", sdk.ToString(have.Role), want.Role.String())
	var environment map[string]string
	if e := have.Environment; e != nil {
		environment = e.Variables
	}
	for _, k := range slices.Sorted(maps.Keys(merged(environment, values(want.Environment)))) {
		d.text("environment."+k, environment[k], want.Environment[k].String())
	}
	var network lambdatypes.VpcConfigResponse
	if v := have.VpcConfig; v != nil {
		network = *v
	}
	d.set("subnets", network.SubnetIds, graph.Strings(want.Subnets))
	d.set("securityGroups", network.SecurityGroupIds, graph.Strings(want.SecurityGroups))
	group := ""
	if l := have.LoggingConfig; l != nil {
		group = sdk.ToString(l.LogGroup)
	}
	d.text("logGroup", group, want.LogGroup.String())
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind. A name that is taken is refused.
func (LambdaFunction) Create(ctx context.Context, call graph.Call, spec LambdaFunctionSpec) (graph.Live, error) {
	out, err := world(call).Lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &call.Name, Description: &spec.Description, Role: sdk.String(spec.Role.String()), Runtime: lambdatypes.Runtime(spec.Runtime), Handler: &spec.Handler,
		Architectures: []lambdatypes.Architecture{lambdatypes.Architecture(spec.Architecture)}, PackageType: lambdatypes.PackageTypeZip,
		Code: &lambdatypes.FunctionCode{ZipFile: spec.Code}, MemorySize: number(spec.MemoryMiB), Timeout: number(spec.TimeoutSeconds),
		Environment: spec.environment(), VpcConfig: spec.network(), LoggingConfig: spec.logging(), Tags: call.Tags,
	})
	if err != nil {
		return graph.Live{}, err
	}
	return lambdaFunction{lambdatypes.FunctionConfiguration{
		FunctionName: out.FunctionName, FunctionArn: out.FunctionArn, LastModified: out.LastModified, State: out.State, LastUpdateStatus: out.LastUpdateStatus,
	}, call.Tags}.live(call), nil
}

// Update implements graph.Kind: tags, which no update may be in progress for, and one of the others, of which
// the rest shows when that is done.
func (LambdaFunction) Update(ctx context.Context, call graph.Call, spec LambdaFunctionSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w, have := world(call), raw[lambdaFunction](live)
	set, remove := tagPatch(call.Tags, have.Tags)
	if err := retag(set, remove, func() error {
		_, err := w.Lambda.TagResource(ctx, &lambda.TagResourceInput{Resource: have.FunctionArn, Tags: set})
		return err
	}, func() error {
		_, err := w.Lambda.UntagResource(ctx, &lambda.UntagResourceInput{Resource: have.FunctionArn, TagKeys: remove})
		return err
	}); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	switch {
	case touches(changes, "state"):
		// The call that finds it inactive fails, and that is what brings it back.
		_, err := w.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: have.FunctionName, Payload: []byte(`{"wake":true}`)})
		if ignore(err, notYet) != nil {
			return live, err
		}
		have.State, have.StateReasonCode = lambdatypes.StatePending, lambdatypes.StateReasonCodeRestoring
	case touches(changes, "code", "architecture"):
		out, err := w.Lambda.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{
			FunctionName: have.FunctionName, ZipFile: spec.Code, Architectures: []lambdatypes.Architecture{lambdatypes.Architecture(spec.Architecture)},
		})
		if err != nil {
			return live, err
		}
		have.LastModified, have.State, have.LastUpdateStatus = out.LastModified, out.State, out.LastUpdateStatus
	case slices.ContainsFunc(changes, func(c graph.Change) bool { return !strings.HasPrefix(c.Path, "tags.") }):
		out, err := w.Lambda.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: have.FunctionName, Description: &spec.Description, Role: sdk.String(spec.Role.String()), Runtime: lambdatypes.Runtime(spec.Runtime), Handler: &spec.Handler,
			MemorySize: number(spec.MemoryMiB), Timeout: number(spec.TimeoutSeconds),
			Environment: spec.environment(), VpcConfig: spec.network(), LoggingConfig: spec.logging(),
		})
		if err != nil {
			return live, err
		}
		have.LastModified, have.State, have.LastUpdateStatus = out.LastModified, out.State, out.LastUpdateStatus
	}
	return have.live(call), nil
}

// Delete implements graph.Kind.
func (LambdaFunction) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &live.ID})
	return deleted(err)
}

func (s LambdaFunctionSpec) environment() *lambdatypes.Environment {
	return &lambdatypes.Environment{Variables: values(s.Environment)}
}

func (s LambdaFunctionSpec) network() *lambdatypes.VpcConfig {
	return &lambdatypes.VpcConfig{SubnetIds: graph.Strings(s.Subnets), SecurityGroupIds: graph.Strings(s.SecurityGroups)}
}

func (s LambdaFunctionSpec) logging() *lambdatypes.LoggingConfig {
	return &lambdatypes.LoggingConfig{LogFormat: lambdatypes.LogFormatText, LogGroup: sdk.String(s.LogGroup.String())}
}

// values are a map's values as text.
func values(in map[string]graph.Value) map[string]string {
	out := make(map[string]string, len(in))
	for k, v := range in {
		out[k] = v.String()
	}
	return out
}

// texts are the words of an enumeration as text.
func texts[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}
