package main

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// region is where the seeded objects lie.
const region = "us-east-1"

// secretKey signs; the emulator doesn't verify signatures.
const secretKey = "sandbox"

// cloud is the emulated AWS, served on a loopback port by this process.
type cloud struct {
	*emulator.Emulator
	seeded emulator.Seeded
	server *http.Server
	url    string
	clock  *core.Clock
	began  time.Time // on AWS's clock
}

// startCloud starts an AWS whose clock runs scale times as fast as the wall's; with 0 it is stepped. Its
// account has quotas times what a new one may have.
func startCloud(scale float64, quotas int) (*cloud, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	clock := core.NewScaledClock(scale)
	c := &cloud{Emulator: emulator.New(emulator.Options{Clock: clock}), clock: clock, began: clock.Now(), url: "http://" + listener.Addr().String()}
	for _, q := range []*int{&c.EC2.Quotas.VPCs, &c.EC2.Quotas.Addresses, &c.EC2.Quotas.InternetGateways, &c.EC2.Quotas.NATGatewaysPerZone} {
		*q *= quotas
	}
	c.seeded = c.Seed(region)
	c.SeedNetwork(region)
	c.server = &http.Server{Handler: c, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic("the emulated AWS has ended: " + err.Error()) // a listener doesn't fail by itself
		}
	}()
	return c, nil
}

func (c *cloud) stop() { _ = c.server.Close() }

// credentials point an AWS client at the emulator, as the account's administrator.
func (c *cloud) credentials() []variable {
	return []variable{
		{"AWS_ENDPOINT_URL", c.url},
		{"AWS_ACCESS_KEY_ID", emulator.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", secretKey},
		{"AWS_REGION", region},
		{"AWS_DEFAULT_REGION", region}, // what version 1 of the AWS CLI reads
	}
}

// variables are the env file's lines about AWS.
func (c *cloud) variables() []variable {
	return append(c.credentials(),
		variable{"SANDBOX_LICENSE_SECRET_ARN", c.seeded.LicenseSecret},
		variable{"SANDBOX_REGISTRY_SECRET_ARN", c.seeded.RegistrySecret},
		variable{"SANDBOX_REDIS_SECRET_ARN", c.seeded.RedisSecret},
		variable{"SANDBOX_LOG_BUCKET", emulator.LogBucket},
		variable{"SANDBOX_CERTIFICATE_ARN", c.seeded.Certificate},
		variable{"SANDBOX_VPC_ID", emulator.ExistingNetwork.VPCID},
	)
}
