package ec2

import (
	"maps"
	"slices"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// RunInstance launches one instance from a launch template, as Amazon EC2 Auto Scaling does. Its
// errors are those of RunInstances,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func (s *Service) RunInstance(scope core.Scope, p RunParams) (string, error) {
	r := s.region(scope)
	t, err := r.templates.need(kindLaunchTemplate, p.LaunchTemplateID)
	if err != nil {
		return "", err
	}
	if p.Version == "" {
		p.Version = "$Default"
	}
	v, err := t.version(p.Version)
	if err != nil {
		return "", err
	}
	i, err := r.launch(&v.data, p)
	if err != nil {
		return "", err
	}
	i.templateID, i.templateVersion = t.id, v.number
	i.tags["aws:ec2launchtemplate:id"] = t.id
	i.tags["aws:ec2launchtemplate:version"] = strconv.FormatInt(v.number, 10)
	if p.AutoScalingGroup != "" {
		i.tags["aws:autoscaling:groupName"] = p.AutoScalingGroup
	}
	r.after(instancePending, func() {
		if i.state == "pending" {
			r.setState(i, "running")
		}
	})
	return i.id, nil
}

func (r *region) launch(d *templateData, p RunParams) (*instance, error) {
	if len(d.NetworkInterfaces) > 0 && len(d.SecurityGroupIDs) > 0 {
		return nil, core.Errorf("InvalidParameterCombination", "Network interfaces and an instance-level security groups may not be specified on the same request")
	}
	if d.ImageID == "" {
		return nil, core.Errorf("MissingParameter", "The request must contain the parameter ImageId")
	}
	img, err := r.image(d.ImageID)
	if err != nil {
		return nil, err
	}
	// m1.small, AWS's default type, has long been superseded: a template here names its type.
	kindOf, known := findInstanceType(d.InstanceType)
	if !known {
		return nil, invalidValue("Invalid value '%s' for InstanceType.", d.InstanceType)
	}
	if img.architecture != kindOf.architecture {
		return nil, invalidValue("The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.", kindOf.architecture, img.architecture)
	}
	profile, err := r.usableProfile(d.Profile)
	if err != nil {
		return nil, err
	}
	subnetID := p.SubnetID
	if subnetID == "" && len(d.NetworkInterfaces) > 0 {
		subnetID = d.NetworkInterfaces[0].SubnetID
	}
	if subnetID == "" {
		return nil, core.Errorf("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
	}
	n, err := r.subnets.need(kindSubnet, subnetID)
	if err != nil {
		return nil, err
	}
	if !kindOf.offered(n.zone.name) {
		return nil, core.Errorf("Unsupported", "Your requested instance type (%s) is not supported in your requested Availability Zone (%s). Please retry your request by not specifying an Availability Zone or choosing another one.", kindOf.name, n.zone.name)
	}
	i := &instance{
		object: r.newObject(kindInstance, d.tagsFor(kindInstance)), state: "pending", kindOf: kindOf, image: img,
		subnetID: n.id, vpcID: n.vpcID, zone: n.zone, profileARN: profile, data: *d, reservationID: r.s.world.ID("r"),
	}
	maps.Copy(i.tags, p.Tags)
	if err := r.attachPrimary(i, n, d); err != nil {
		return nil, err
	}
	r.instances.add(i)
	r.addVolumes(i, d)
	return i, nil
}

// usableProfile answers as EC2 does for a profile that doesn't exist, or hasn't reached it yet.
func (r *region) usableProfile(p *templateProfile) (string, error) {
	if p == nil || p.ARN+p.Name == "" {
		return "", nil
	}
	usable := r.s.profileUsable
	if usable != nil && !usable(r.Account, p.ARN+p.Name) {
		if p.ARN != "" {
			return "", invalidValue("Value (%s) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN", p.ARN)
		}
		return "", invalidValue("Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", p.Name)
	}
	if p.ARN != "" {
		return p.ARN, nil
	}
	if r.s.profileARN != nil {
		return r.s.profileARN(r.Account, p.Name), nil
	}
	return "arn:" + r.Partition() + ":iam::" + r.Account + ":instance-profile/" + p.Name, nil
}

// attachPrimary makes the primary network interface; without groups it is in the VPC's default one.
func (r *region) attachPrimary(i *instance, n *subnet, d *templateData) error {
	groups := slices.Clone(d.groups())
	if len(groups) == 0 {
		if id, exists := r.s.DefaultSecurityGroup(r.Scope, n.vpcID); exists {
			groups = []string{id}
		}
	}
	p := InterfaceParams{SubnetID: n.id, SecurityGroupIDs: groups, InstanceID: i.id, Tags: d.tagsFor(kindNetworkInterface), Public: n.publicIPOnLaunch}
	keep := false
	if len(d.NetworkInterfaces) > 0 {
		given := d.NetworkInterfaces[0]
		p.Description = given.Description
		if given.PublicIP != nil {
			p.Public = *given.PublicIP
		}
		keep = given.DeleteOnTermination != nil && !*given.DeleteOnTermination
	}
	e, err := r.newInterface(p)
	if err != nil {
		return err
	}
	e.deleteOnTermination = !keep
	i.interfaceID, i.privateIP, i.publicIP, i.groups = e.id, e.ip.String(), e.poolIP, groups
	return nil
}

// addVolumes makes the root volume of the image, as the template changes it, and the template's others.
func (r *region) addVolumes(i *instance, d *templateData) {
	root := ebsBlockDevice{Size: new(rootSizeGiB), Type: "gp3", DeleteOnTermination: new(true)}
	devices := []blockDevice{{rootDevice, &root}}
	for _, b := range d.BlockDevices {
		switch {
		case b.EBS == nil:
		case b.Name == rootDevice:
			overlay(&root, *b.EBS)
		default:
			devices = append(devices, b)
		}
	}
	for _, b := range devices {
		r.volumes.add(&volume{
			object: r.newObject(kindVolume, d.tagsFor(kindVolume)), zone: i.zone, instanceID: i.id, device: b.Name, spec: *b.EBS,
			snapshotID: r.s.world.ID("snap"),
		})
	}
}

func overlay(to *ebsBlockDevice, from ebsBlockDevice) {
	if from.DeleteOnTermination != nil {
		to.DeleteOnTermination = from.DeleteOnTermination
	}
	if from.Encrypted != nil {
		to.Encrypted = from.Encrypted
	}
	if from.Size != nil {
		to.Size = from.Size
	}
	if from.Type != "" {
		to.Type = from.Type
	}
	if from.IOPS != nil {
		to.IOPS = from.IOPS
	}
	if from.Throughput != nil {
		to.Throughput = from.Throughput
	}
	if from.KMSKeyID != "" {
		to.KMSKeyID = from.KMSKeyID
	}
}
