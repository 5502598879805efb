package ec2

import (
	"slices"
	"strings"
)

// instanceType is one row of https://docs.aws.amazon.com/ec2/latest/instancetypes/
type instanceType struct {
	object
	name, architecture, manufacturer string
	clock                            float64
	vcpu, threads                    int
	memoryMiB                        int
	interfaces, addresses            int
	network                          string
	burstable                        bool
}

// family is what the sizes of an instance type family have in common.
type family struct {
	name, architecture, manufacturer string
	clock                            float64
	memoryPerVCPU                    int // GiB
	largest                          int // vCPUs
	network                          string
	burstable                        bool
}

const (
	x86 = "x86_64"
	arm = "arm64"
)

var families = []family{
	{"t3", x86, "Intel", 2.5, 0, 8, "Up to 5 Gigabit", true},
	{"t3a", x86, "AMD", 2.2, 0, 8, "Up to 5 Gigabit", true},
	{"t4g", arm, "AWS", 2.5, 0, 8, "Up to 5 Gigabit", true},
	{"m5", x86, "Intel", 3.1, 4, 96, "Up to 10 Gigabit", false},
	{"m6g", arm, "AWS", 2.5, 4, 64, "Up to 10 Gigabit", false},
	{"m6i", x86, "Intel", 3.5, 4, 128, "Up to 12.5 Gigabit", false},
	{"m6a", x86, "AMD", 3.6, 4, 192, "Up to 12.5 Gigabit", false},
	{"m7g", arm, "AWS", 2.6, 4, 64, "Up to 12.5 Gigabit", false},
	{"m7i", x86, "Intel", 3.2, 4, 192, "Up to 12.5 Gigabit", false},
	{"m8g", arm, "AWS", 2.7, 4, 192, "Up to 12.5 Gigabit", false},
	{"c6g", arm, "AWS", 2.5, 2, 64, "Up to 10 Gigabit", false},
	{"c6i", x86, "Intel", 3.5, 2, 128, "Up to 12.5 Gigabit", false},
	{"c7g", arm, "AWS", 2.6, 2, 64, "Up to 12.5 Gigabit", false},
	{"c7i", x86, "Intel", 3.2, 2, 192, "Up to 12.5 Gigabit", false},
	{"c8g", arm, "AWS", 2.7, 2, 192, "Up to 12.5 Gigabit", false},
	{"r5", x86, "Intel", 3.1, 8, 96, "Up to 10 Gigabit", false},
	{"r6g", arm, "AWS", 2.5, 8, 64, "Up to 10 Gigabit", false},
	{"r6i", x86, "Intel", 3.5, 8, 128, "Up to 12.5 Gigabit", false},
	{"r7g", arm, "AWS", 2.6, 8, 64, "Up to 12.5 Gigabit", false},
}

// sizeRow is one size with its limits,
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html
type sizeRow struct {
	name                  string
	vcpu                  int
	interfaces, addresses int
}

var sizes = []sizeRow{
	{"medium", 1, 2, 4}, {"large", 2, 3, 10}, {"xlarge", 4, 4, 15}, {"2xlarge", 8, 4, 15}, {"4xlarge", 16, 8, 30},
	{"8xlarge", 32, 8, 30}, {"12xlarge", 48, 8, 30}, {"16xlarge", 64, 15, 50}, {"24xlarge", 96, 15, 50},
	{"32xlarge", 128, 15, 50}, {"48xlarge", 192, 15, 50},
}

// burstableRow is a size of the t families, whose memory doesn't follow the number of vCPUs.
type burstableRow struct {
	sizeRow
	memoryMiB int
}

var burstableSizes = []burstableRow{
	{sizeRow{"nano", 2, 2, 2}, 512}, {sizeRow{"micro", 2, 2, 2}, 1024}, {sizeRow{"small", 2, 3, 4}, 2048},
	{sizeRow{"medium", 2, 3, 6}, 4096}, {sizeRow{"large", 2, 3, 12}, 8192}, {sizeRow{"xlarge", 4, 4, 15}, 16384},
	{sizeRow{"2xlarge", 8, 4, 15}, 32768},
}

// instanceTypes is the table, in the order of its families and sizes.
var instanceTypes = func() []*instanceType {
	var out []*instanceType
	add := func(f family, row sizeRow, memoryMiB int) {
		threads := 2
		if f.architecture == arm || row.vcpu == 1 {
			threads = 1
		}
		out = append(out, &instanceType{
			object: object{id: f.name + "." + row.name}, name: f.name + "." + row.name, architecture: f.architecture, manufacturer: f.manufacturer,
			clock: f.clock, vcpu: row.vcpu, threads: threads, memoryMiB: memoryMiB, interfaces: row.interfaces, addresses: row.addresses,
			network: f.network, burstable: f.burstable,
		})
	}
	for _, f := range families {
		if f.burstable {
			for _, row := range burstableSizes {
				if f.name == "t3a" && row.name == "small" {
					row.interfaces = 2
				}
				add(f, row.sizeRow, row.memoryMiB)
			}
			continue
		}
		for _, row := range sizes {
			// Only Graviton families have a size with one vCPU; Graviton up to the third generation
			// and the older Intel families each skip a size.
			x86Medium := row.name == "medium" && f.architecture == x86
			m5Skips := f.largest == 96 && (row.name == "32xlarge" || row.name == "48xlarge")
			if x86Medium || m5Skips || row.vcpu > f.largest || (row.name == "32xlarge" && f.largest == 192 && f.name != "m6a") {
				continue
			}
			add(f, row, row.vcpu*f.memoryPerVCPU*1024)
		}
	}
	return out
}()

func findInstanceType(name string) (*instanceType, bool) {
	i := slices.IndexFunc(instanceTypes, func(t *instanceType) bool { return t.name == name })
	if i < 0 {
		return nil, false
	}
	return instanceTypes[i], true
}

// offered reports whether a zone has a type: us-east-1e is known for having none of the newer
// families.
func (t *instanceType) offered(zoneName string) bool {
	f, _, _ := strings.Cut(t.name, ".")
	return zoneName != "us-east-1e" || slices.Contains([]string{"t3", "m5", "r5"}, f)
}
