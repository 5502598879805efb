// Package controllers reconciles the resources of ecs.portkey.ai: it keeps the finalizer, asks
// internal/desired what a resource stands for, lets internal/engine walk that, and tells the outcome
// in status, conditions and events.
package controllers
