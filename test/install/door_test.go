package install

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// door is a way to the API server that can be shut: what an API server that is upgraded looks like to its clients.
// Watches begin anew then.
type door struct {
	net.Listener
	to string

	mu    sync.Mutex
	open  map[net.Conn]bool
	shuts int
	wg    sync.WaitGroup
}

// newDoor opens a door to where config leads; the configuration that it answers leads through it.
func newDoor(t *testing.T, config *rest.Config) (*door, *rest.Config) {
	t.Helper()
	u, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: l, to: u.Host, open: map[net.Conn]bool{}}
	d.wg.Go(d.serve)
	t.Cleanup(func() {
		_ = l.Close()
		d.shut(0)
		d.wg.Wait()
	})
	through := rest.CopyConfig(config)
	u.Host = l.Addr().String()
	through.Host = u.String()
	return d, through
}

// shut cuts every connection, and as many of the next ones as are given.
func (d *door) shut(next int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shuts = next
	for c := range d.open {
		_ = c.Close()
	}
}

// shutStill is how many connections will still be cut.
func (d *door) shutStill() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shuts
}

func (d *door) serve() {
	for {
		c, err := d.Accept()
		if err != nil {
			return // the test is over
		}
		if !d.admit(c) {
			continue
		}
		s, err := net.Dial("tcp", d.to)
		if err != nil || !d.admit(s) {
			_ = c.Close()
			continue
		}
		d.wg.Go(func() { d.carry(c, s) })
		d.wg.Go(func() { d.carry(s, c) })
	}
}

// admit notes a connection, or closes it while the door is shut.
func (d *door) admit(c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shuts > 0 {
		d.shuts--
		_ = c.Close()
		return false
	}
	d.open[c] = true
	return true
}

// carry copies one direction; when it ends, both do.
func (d *door) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from) // how a connection ended is no news here
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range []net.Conn{from, to} {
		_ = c.Close()
		delete(d.open, c)
	}
}
