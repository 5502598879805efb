package controllers

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// What Portkey releases of the data service need of the gateway: from 1.7.0 on, 2.8.0 or later.
var (
	dataServiceNeeding = version.MustParseSemantic("1.7.0")
	gatewayNeeded      = version.MustParseSemantic("2.8.0")
)

// checkVersions makes sure that gateway and data service go together. A tag that is no version says nothing.
func checkVersions(spec v1alpha1.PortkeyGatewaySpec) *refusal {
	if spec.DataService == nil {
		return nil
	}
	gateway, err := version.ParseSemantic(spec.Gateway.Image.Tag)
	data, err2 := version.ParseSemantic(spec.DataService.Image.Tag)
	if err != nil || err2 != nil || data.LessThan(dataServiceNeeding) || !gateway.LessThan(gatewayNeeded) {
		return nil //nolint:nilerr // a tag that is no version speaks against nothing
	}
	return &refusal{reason: v1alpha1.ReasonInvalid, message: fmt.Sprintf(
		"dataService.image.tag: the data service %s needs the gateway %s or later, and gateway.image.tag is %s: raise that, or write a data service before %s",
		data, gatewayNeeded, gateway, dataServiceNeeding)}
}
