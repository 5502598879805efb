package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (v *volume) deleteOnTermination() bool {
	return v.spec.DeleteOnTermination == nil || *v.spec.DeleteOnTermination
}

func (v *volume) state() string {
	if v.instanceID == "" {
		return "available"
	}
	return "in-use"
}

type volumeItem struct {
	ID          string                 `xml:"volumeId"`
	Size        int                    `xml:"size"`
	SnapshotID  string                 `xml:"snapshotId"`
	Zone        string                 `xml:"availabilityZone"`
	ZoneID      string                 `xml:"availabilityZoneId"`
	Status      string                 `xml:"status"`
	Created     time.Time              `xml:"createTime"`
	Type        string                 `xml:"volumeType"`
	IOPS        int                    `xml:"iops"`
	Throughput  int                    `xml:"throughput,omitempty"`
	Encrypted   bool                   `xml:"encrypted"`
	KMSKeyID    string                 `xml:"kmsKeyId,omitempty"`
	Attachments []volumeAttachmentItem `xml:"attachmentSet>item"`
	Tags        []tagItem              `xml:"tagSet>item"`
}

type volumeAttachmentItem struct {
	VolumeID            string    `xml:"volumeId"`
	InstanceID          string    `xml:"instanceId"`
	Device              string    `xml:"device"`
	Status              string    `xml:"status"`
	At                  time.Time `xml:"attachTime"`
	DeleteOnTermination bool      `xml:"deleteOnTermination"`
}

// volumeItem fills in gp3's base performance,
// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
func (r *region) volumeItem(v *volume) volumeItem {
	out := volumeItem{
		ID: v.id, Size: rootSizeGiB, SnapshotID: v.snapshotID, Zone: v.zone.name, ZoneID: v.zone.id, Status: v.state(), Created: v.created,
		Type: v.spec.Type, KMSKeyID: v.spec.KMSKeyID, IOPS: 3000, Tags: tagItems(v.tags),
	}
	if out.Type == "" {
		out.Type = "gp2" // the default of a mapping that doesn't name a type
	}
	if out.Type == "gp3" {
		out.Throughput = 125
	}
	if v.spec.Size != nil {
		out.Size = *v.spec.Size
	}
	if v.spec.IOPS != nil {
		out.IOPS = *v.spec.IOPS
	}
	if v.spec.Throughput != nil {
		out.Throughput = *v.spec.Throughput
	}
	out.Encrypted = v.spec.Encrypted != nil && *v.spec.Encrypted
	if v.instanceID != "" {
		out.Attachments = []volumeAttachmentItem{{v.id, v.instanceID, v.device, "attached", v.created, v.deleteOnTermination()}}
	}
	return out
}

type describeVolumesIn struct {
	IDs []string `q:"VolumeId"`
	DescribeIn
}

type describeVolumesOut struct {
	Volumes []volumeItem `xml:"volumeSet>item"`
	Next    string       `xml:"nextToken,omitempty"`
}

func (s *Service) describeVolumes(q *core.Request, in *describeVolumesIn) (*describeVolumesOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.volumes, kindVolume, in.IDs, fields[*volume]{
		"attachment.instance-id": func(v *volume) []string { return one(v.instanceID) },
		"attachment.device": func(v *volume) []string {
			if v.instanceID == "" {
				return nil
			}
			return one(v.device)
		},
		"availability-zone": func(v *volume) []string { return one(v.zone.name) },
		"encrypted":         func(v *volume) []string { return boolean(r.volumeItem(v).Encrypted) },
		"size":              func(v *volume) []string { return number(r.volumeItem(v).Size) },
		"status":            func(v *volume) []string { return one(v.state()) },
		"volume-id":         func(v *volume) []string { return one(v.id) },
		"volume-type":       func(v *volume) []string { return one(r.volumeItem(v).Type) },
	}, in.DescribeIn)
	return &describeVolumesOut{mapped(page, r.volumeItem), next}, err
}
