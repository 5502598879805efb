package ec2

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// image is a machine image: AWS's own ones, and what tests add.
type image struct {
	object
	name, description, architecture, date string
}

func (e *image) base() *object { return &e.object }

const (
	imageOwner  = "591542846629" // Amazon's account of the ECS-optimised images
	rootDevice  = "/dev/xvda"
	rootSizeGiB = 30
	// knownReleases bounds the search for the release an image id belongs to.
	knownReleases = 200
)

// ECSImage is an Amazon ECS-optimised Amazon Linux 2023 image of a region.
type ECSImage struct{ ID, Name, Architecture string }

// ECSOptimizedImage returns the image that the nth weekly release (from 1) has for an architecture
// (arm64 or x86_64). The emulated Parameter Store names the same ids below
// /aws/service/ecs/optimized-ami/amazon-linux-2023,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
func ECSOptimizedImage(region, architecture string, release int) ECSImage {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", region, architecture, release))
	return ECSImage{
		ID:           "ami-0" + hex.EncodeToString(sum[:])[:16],
		Name:         "al2023-ami-ecs-hvm-2023.0." + releaseDate(release).Format("20060102") + "-kernel-6.1-" + architecture,
		Architecture: architecture,
	}
}

func releaseDate(release int) time.Time {
	return time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*release)
}

// SetImageRelease tells how many releases of the ECS-optimised images are published, which
// DescribeImages lists; 1 without it.
func (s *Service) SetImageRelease(f func() int) { s.imageRelease = f }

// AddImage makes an image known, for tests that launch an image of their own.
func (s *Service) AddImage(scope core.Scope, id, name, architecture string) {
	r := s.region(scope)
	r.images = append(r.images, &image{object: object{id: id}, name: name, architecture: architecture})
}

func ecsImage(region, architecture string, release int) *image {
	e := ECSOptimizedImage(region, architecture, release)
	return &image{
		object: object{id: e.ID}, name: e.Name, architecture: architecture, date: releaseDate(release).Format("2006-01-02T15:04:05.000Z"),
		description: "Amazon Linux AMI 2023.0." + releaseDate(release).Format("20060102") + " " + architecture + " ECS HVM EBS",
	}
}

// published are the images that a search finds, the newest first.
func (r *region) published() []*image {
	latest := 1
	if r.s.imageRelease != nil {
		latest = r.s.imageRelease()
	}
	out := slices.Clone(r.images)
	for n := latest; n > 0; n-- {
		out = append(out, ecsImage(r.Region, arm, n), ecsImage(r.Region, x86, n))
	}
	return out
}

// image finds an image by id, of any release.
func (r *region) image(id string) (*image, error) {
	for _, e := range r.images {
		if e.id == id {
			return e, nil
		}
	}
	for n := 1; n <= knownReleases; n++ {
		for _, architecture := range []string{arm, x86} {
			if ECSOptimizedImage(r.Region, architecture, n).ID == id {
				return ecsImage(r.Region, architecture, n), nil
			}
		}
	}
	return nil, core.Errorf("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
}

type imageItem struct {
	ID             string            `xml:"imageId"`
	Location       string            `xml:"imageLocation"`
	State          string            `xml:"imageState"`
	OwnerID        string            `xml:"imageOwnerId"`
	OwnerAlias     string            `xml:"imageOwnerAlias"`
	Public         bool              `xml:"isPublic"`
	Architecture   string            `xml:"architecture"`
	Type           string            `xml:"imageType"`
	Name           string            `xml:"name"`
	Description    string            `xml:"description"`
	Created        string            `xml:"creationDate"`
	RootDevice     string            `xml:"rootDeviceName"`
	RootDeviceType string            `xml:"rootDeviceType"`
	Virtualization string            `xml:"virtualizationType"`
	Hypervisor     string            `xml:"hypervisor"`
	ENA            bool              `xml:"enaSupport"`
	IMDS           string            `xml:"imdsSupport"`
	BootMode       string            `xml:"bootMode"`
	Platform       string            `xml:"platformDetails"`
	Devices        []imageDeviceItem `xml:"blockDeviceMapping>item"`
}

type imageDeviceItem struct {
	Name string         `xml:"deviceName"`
	EBS  ebsBlockDevice `xml:"ebs"`
}

func (e *image) item() imageItem {
	boot := "uefi-preferred"
	if e.architecture == "arm64" {
		boot = "uefi"
	}
	return imageItem{
		ID: e.id, Location: "amazon/" + e.name, State: "available", OwnerID: imageOwner, OwnerAlias: "amazon", Public: true,
		Architecture: e.architecture, Type: "machine", Name: e.name, Description: e.description, Created: e.date,
		RootDevice: rootDevice, RootDeviceType: "ebs", Virtualization: "hvm", Hypervisor: "xen", ENA: true, IMDS: "v2.0",
		BootMode: boot, Platform: "Linux/UNIX",
		Devices: []imageDeviceItem{{rootDevice, ebsBlockDevice{DeleteOnTermination: new(true), Size: new(rootSizeGiB), Type: "gp3", Encrypted: new(false)}}},
	}
}

type describeImagesIn struct {
	IDs    []string `q:"ImageId"`
	Owners []string `q:"Owner"`
	// Deprecated and disabled images are left out unless asked for; there are none here.
	Deprecated bool `q:"IncludeDeprecated"`
	Disabled   bool `q:"IncludeDisabled"`
	DescribeIn
}

type describeImagesOut struct {
	Images []imageItem `xml:"imagesSet>item"`
	Next   string      `xml:"nextToken,omitempty"`
}

func (s *Service) describeImages(q *core.Request, in *describeImagesIn) (*describeImagesOut, error) {
	r := s.region(q.Scope)
	var all []*image
	for _, id := range in.IDs {
		e, err := r.image(id)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if len(in.IDs) == 0 {
		all = r.published()
	}
	if len(in.Owners) > 0 && !slices.Contains(in.Owners, "amazon") && !slices.Contains(in.Owners, imageOwner) {
		all = nil
	}
	all, err := fields[*image]{
		"architecture":        func(e *image) []string { return one(e.architecture) },
		"description":         func(e *image) []string { return one(e.description) },
		"hypervisor":          func(*image) []string { return one("xen") },
		"image-id":            func(e *image) []string { return one(e.id) },
		"image-type":          func(*image) []string { return one("machine") },
		"is-public":           func(*image) []string { return boolean(true) },
		"name":                func(e *image) []string { return one(e.name) },
		"owner-alias":         func(*image) []string { return one("amazon") },
		"owner-id":            func(*image) []string { return one(imageOwner) },
		"root-device-type":    func(*image) []string { return one("ebs") },
		"state":               func(*image) []string { return one("available") },
		"virtualization-type": func(*image) []string { return one("hvm") },
	}.apply(all, in.Filters)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(q, all, func(e *image) string { return e.id }, in.Paging)
	return &describeImagesOut{mapped(page, (*image).item), next}, err
}
