// Package probe is the function that tries a new revision before it gets traffic: a small handler for AWS
// Lambda which answers the lifecycle hooks of ECS deployments, packed as AWS Lambda takes it.
package probe

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	_ "embed" // for the handler
	"encoding/base64"
	"hash/crc32"
	"sync"
	"time"
)

// How the function is made.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
const (
	Handler      = "handler.handle"
	Runtime      = "python3.13"
	Architecture = "arm64"
	// MemoryMiB gives it a share of a CPU that makes a TLS handshake quick.
	MemoryMiB = 256
)

// The variables of its environment.
const (
	// URL is what it asks, with the load balancer's own name.
	URL = "PROBE_URL"
	// Host is the name that the request is for, and the certificate; without it that in the URL.
	Host = "PROBE_HOST"
	// Status is the status of the answer that passes.
	Status = "PROBE_STATUS"
	// Timeout is how many seconds one step of a request may take.
	Timeout = "PROBE_TIMEOUT"
	// RetryFor is after how many seconds the verdict is final.
	RetryFor = "PROBE_RETRY_FOR"
)

// Margin is what a call takes at most beside its request.
const Margin = 10 * time.Second

//go:embed handler.py
var source []byte

// Archive is the handler as AWS Lambda takes it. It is the same in every build: what compresses, and what
// has times in it, changes the hash by which a difference is seen.
var Archive = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "handler.py", Method: zip.Store, CRC32: crc32.ChecksumIEEE(source),
		CompressedSize64: uint64(len(source)), UncompressedSize64: uint64(len(source))}
	h.SetMode(0o644)
	w, err := z.CreateRaw(h)
	if err == nil {
		_, err = w.Write(source)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil { // memory takes all
		panic(err)
	}
	return b.Bytes()
})

// SHA256 is the archive's hash as AWS Lambda tells it.
func SHA256() string {
	sum := sha256.Sum256(Archive())
	return base64.StdEncoding.EncodeToString(sum[:])
}
