// Package elbv2 emulates Elastic Load Balancing version 2: Application and Network Load Balancers,
// target groups, listeners, rules and the health of targets, as
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html documents them.
//
// Gateway Load Balancers, trust stores, IPAM pools, Outposts, authentication actions and Lambda targets
// aren't served: requests that ask for them are refused.
package elbv2
