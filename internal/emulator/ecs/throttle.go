package ecs

// bucket returns the request token bucket of an action.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
func bucket(action string) (name string, size, refill float64) {
	switch action {
	case "CreateService", "UpdateService", "DeleteService", "StopServiceDeployment":
		return "service modify", 50, 5
	case "DescribeServices", "ListServices", "ListServicesByNamespace":
		return "service read", 100, 20
	case "ListServiceDeployments", "DescribeServiceDeployments":
		return "service deployment read", 50, 20
	case "DescribeServiceRevisions":
		return "service revision read", 50, 20
	case "CreateCluster", "UpdateCluster", "UpdateClusterSettings", "DeleteCluster", "PutClusterCapacityProviders":
		return "cluster modify", 20, 1
	case "DescribeClusters", "ListClusters":
		return "cluster read", 50, 20
	case "RegisterTaskDefinition", "DeregisterTaskDefinition":
		return "task definition modify", 20, 1
	case "DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies":
		return "task definition read", 50, 20
	case "DeleteTaskDefinitions":
		return "task definition delete", 5, 1
	case "CreateCapacityProvider", "UpdateCapacityProvider", "DeleteCapacityProvider":
		return "capacity provider modify", 10, 1
	case "DescribeCapacityProviders":
		return "capacity provider read", 50, 20
	case "TagResource", "UntagResource":
		return "tag modify", 20, 10
	case "ListTagsForResource":
		return "tag read", 50, 20
	case "PutAccountSetting", "PutAccountSettingDefault":
		return "settings modify", 10, 1
	case "ListAccountSettings":
		return "settings read", 50, 20
	case "DescribeTasks", "ListTasks", "DescribeContainerInstances", "ListContainerInstances":
		return "cluster resource read", 100, 20
	case "StopTask", "DeregisterContainerInstance", "UpdateContainerInstancesState":
		return "cluster resource modify", 100, 40
	default:
		return "", 0, 0
	}
}
