// Package applicationautoscaling emulates Application Auto Scaling for Amazon ECS services: scalable
// targets, target tracking policies on the predefined metrics, and their activities, in virtual time.
//
// # Load decides how services scale
//
// Nothing runs, so there are no metrics, and a policy without data does nothing, as in AWS. [Service.SetLoad]
// says what all tasks of a service have to do together; the metric is that, divided by the tasks that run.
// So it sinks as tasks are added, and a policy finds its rest.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/Welcome.html
package applicationautoscaling
