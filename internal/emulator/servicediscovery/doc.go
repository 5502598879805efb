// Package servicediscovery emulates AWS Cloud Map as far as ECS Service Connect needs it: HTTP
// namespaces with their asynchronous operations, and the services and instances that Amazon ECS
// keeps in them.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/Welcome.html
package servicediscovery
