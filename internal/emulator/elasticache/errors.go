package elasticache

import (
	"net/http"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// invalidValue is the error of a parameter that can't be right by itself.
func invalidValue(format string, args ...any) *core.Error {
	return core.Errorf("InvalidParameterValue", format, args...)
}

// invalidCombination is the error of parameters that don't go together, or not with what there is.
func invalidCombination(format string, args ...any) *core.Error {
	return core.Errorf("InvalidParameterCombination", format, args...)
}

// unsupported refuses a value that AWS would take and the emulator has no behaviour for.
func unsupported(param string) *core.Error {
	return invalidValue("The emulator does not support this value of the parameter %s.", param)
}

// absent is one of ElastiCache's faults for what doesn't exist, which come with status 404.
func absent(code, format string, args ...any) *core.Error {
	return core.Errorf(code, format, args...).WithStatus(http.StatusNotFound)
}
