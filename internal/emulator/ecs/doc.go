// Package ecs emulates Amazon ECS: clusters, capacity providers, task definitions, services with
// their deployments and revisions, tasks and container instances, all in virtual time.
//
// # Images decide how tasks fare
//
// Nothing runs, so the tag of a container's image says what would happen: a tag that is, or ends in,
//
//   - [ImageNeverHealthy]: it runs, but passes no check;
//   - [ImageCrash30s]: it exits with code 1 after 30 seconds;
//   - [ImageUnhealthyTarget]: it runs and is healthy, but not in the eyes of a load balancer;
//   - [ImageNoPull]: the image can't be pulled (CannotPullContainerError).
//
// [Service.DeclareImage] says it of others. Every other image starts and is healthy. Other failures come from the world itself: a missing
// log group, an unreadable secret, a role that tasks can't assume, a subnet without a way out.
//
// # Deployments
//
// A strategy (strategy.go) moves a service from its source revisions to the target revision step by
// step: rolling by replacing tasks, blue/green, canary and linear (staged.go) by a second set of tasks
// that traffic is shifted to. The shift is real: ECS writes the weights of Elastic Load Balancing's
// rules and listeners, and who is served follows from those.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html
package ecs
