package lambda

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// crash is what a function answers that raised something,
// https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
const crash = `{"errorMessage":"The emulator runs no functions, and nothing was declared of this one.","errorType":"Runtime.Unhandled"}`

// Call is what came of calling a function.
type Call struct {
	Payload []byte
	// Crashed says that the function failed, and Payload is about that.
	Crashed bool
}

// Invoke calls a function that exists. An inactive one isn't called, but brought back:
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func (s *Service) Invoke(arn string) (Call, error) { return s.invoke(s.byARN(arn), nil) }

// Callable reports whether a function can be called by its ARN: it was made here, or it is known what it does.
func (s *Service) Callable(arn string) bool { return s.Exists(arn) || s.programs[arn] != nil }

// Run calls a function with an event, and reports whether it succeeded. One that wasn't made here does what was said.
func (s *Service) Run(arn string, event []byte) bool {
	f := s.byARN(arn)
	if p := s.programs[arn]; f == nil && p != nil {
		return p(event)
	}
	called, err := s.invoke(f, event)
	return err == nil && !called.Crashed
}

func (s *Service) invoke(f *function, event []byte) (Call, error) {
	switch {
	case f == nil:
		return Call{}, fault(http.StatusNotFound, "ResourceNotFoundException", "Function not found")
	case f.state == types.StateInactive:
		s.restore(f)
		// What the API reference calls ResourceNotReadyException comes as this, see
		// https://github.com/boto/boto3/issues/3788
		return Call{}, fault(http.StatusConflict, "CodeArtifactUserPendingException", "Lambda is initializing your function. It will be ready to invoke shortly.")
	case f.state != types.StateActive:
		return Call{}, conflict("The operation cannot be performed at this time. The function is currently in the following state: %s", f.state)
	}
	f.used = s.w.Clock.Now()
	s.idle(f)
	payload, ok := []byte("null"), false
	if p := s.programs[f.arn]; p != nil {
		ok = p(event)
	} else {
		payload, ok = s.answer(f.arn)
	}
	if !ok {
		payload = []byte(crash)
	}
	s.log(f, ok)
	return Call{Payload: payload, Crashed: !ok}, nil
}

// log writes what Lambda itself logs of a call, where the execution role lets it. It would make the log
// group too, if the role allowed that; a group that nobody made isn't emulated.
//
// https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
func (s *Service) log(f *function, ok bool) {
	if !s.deps.IAM.Allows(f.scope.Account, f.role, "logs:PutLogEvents", f.scope.ARN("logs", "log-group:"+f.logGroup+":*")) {
		return
	}
	id := s.w.UUID()
	stream := s.w.Clock.Now().UTC().Format("2006/01/02") + "/[$LATEST]" + strings.ReplaceAll(f.revision, "-", "")
	lines := []string{"START RequestId: " + id + " Version: $LATEST", "END RequestId: " + id}
	if !ok {
		lines = []string{lines[0], "[ERROR] Runtime.Unhandled: the emulator runs no functions", lines[1]}
	}
	for _, line := range lines {
		s.deps.Logs.Write(f.scope, f.logGroup, stream, line)
	}
}

// invokeFunction follows https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (s *Service) invokeFunction(c *call) (core.RestResponse, error) {
	kind := types.InvocationType(c.HTTP.Header.Get("X-Amz-Invocation-Type"))
	for k := range c.HTTP.Header {
		k = strings.ToLower(k)
		if k == "x-amz-log-type" || k == "x-amz-client-context" || k == "x-amz-durable-execution-name" || k == "x-amz-tenant-id" {
			return core.RestResponse{}, invalid("The emulator does not support the header %s of Invoke.", k)
		}
	}
	f, err := s.need(c)
	if err != nil {
		return core.RestResponse{}, err
	}
	if kind == types.InvocationTypeDryRun {
		return respond(http.StatusNoContent, nil)
	}
	called, err := s.invoke(f, c.Body)
	if err != nil {
		return core.RestResponse{}, err
	}
	out := core.RestResponse{Status: http.StatusOK, Body: called.Payload, Header: map[string]string{"X-Amz-Executed-Version": "$LATEST"}}
	switch {
	case kind == types.InvocationTypeEvent:
		out.Status, out.Body = http.StatusAccepted, nil
	case kind != "" && kind != types.InvocationTypeRequestResponse:
		return core.RestResponse{}, invalid("Unknown invocation type %s.", kind)
	case called.Crashed:
		out.Header["X-Amz-Function-Error"] = "Unhandled"
	}
	return out, nil
}
