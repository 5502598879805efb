// Package reach asks an address over HTTP as a client does, and says in a sentence what came of it: whether there is a
// connection, whether the certificate is for the host, and how it answers. It follows no redirect, uses no proxy, keeps
// no connection, and reads no more of an answer than it is told to. It imports nothing of ours.
package reach

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Question is one request.
type Question struct {
	// URL is what a client asks: its host is the name in TLS (SNI) and in the header Host.
	URL string
	// Address is dialled in place of the URL's host: host:port. Empty: where that leads.
	Address string
	// Method is GET where it is empty.
	Method string
	Header http.Header
	Body   []byte
	// Keep is how many bytes of the answer's body are read; the rest, and by default all of it, is left.
	Keep int64
}

// Stage is how far a question came.
type Stage int

// The stages.
const (
	// Unresolved: the name that was to be dialled doesn't resolve.
	Unresolved Stage = iota
	// Barred: it leads to an address that Permit refuses, so that nothing was sent.
	Barred
	// Unconnected: there was no connection.
	Unconnected
	// Untrusted: there was one, and the certificate isn't good for the host.
	Untrusted
	// Unanswered: there was one, and no answer to the request.
	Unanswered
	// Answered: there was an answer, of whatever status.
	Answered
)

// Answer is what came of a question.
type Answer struct {
	Stage Stage
	// Why says in a sentence, without a capital and a full stop, why there was no answer.
	Why string
	// Status and Body are the answer; Took is how long it took.
	Status int
	Body   []byte
	Took   time.Duration
	// Remote is the address that the connection led to.
	Remote netip.Addr
	// Certificate is the certificate that was verified for the host; nil without TLS.
	Certificate *x509.Certificate
}

// Proved reports whether it is sure that what answered, or didn't, is what was meant: a certificate says so, or the
// address is public. A private address may be somebody else's in another network.
func (a *Answer) Proved() bool {
	return a.Certificate != nil || a.Remote.IsValid() && !a.Remote.IsPrivate() && Outside(a.Remote)
}

// Outside reports whether an address may be that of another machine: it is none of this machine's own, nor of what
// only its neighbours are meant to reach, such as a cloud's metadata.
func Outside(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsValid() && !a.IsLoopback() && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLinkLocalUnicast()
}

// Asker asks.
type Asker struct {
	// Timeout bounds a question from the look-up of the name to the end of what is read of the answer.
	Timeout time.Duration
	// Roots are whom certificates are trusted of; nil are the system's.
	Roots *x509.CertPool
	// Permit refuses addresses before they are dialled; nil permits all.
	Permit func(netip.Addr) bool
}

// maxHeader bounds the headers of an answer, in bytes.
const maxHeader = 16 << 10

// Ask asks one question.
func (k Asker) Ask(ctx context.Context, q Question) *Answer {
	ctx, cancel := context.WithTimeout(ctx, k.Timeout)
	defer cancel()
	out := &Answer{Stage: Unconnected}
	request, err := http.NewRequestWithContext(ctx, q.Method, q.URL, bytes.NewReader(q.Body))
	if err != nil {
		out.Why = fmt.Sprintf("%q is no URL", q.URL)
		return out
	}
	if q.Header != nil {
		request.Header = q.Header.Clone()
	}
	request.Close = true
	var remote atomic.Pointer[netip.Addr] // of a connection that may still be opened when nobody waits any more
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: k.Roots},
			DialContext:     k.dial(q, &remote),
		},
	}
	began := time.Now()
	response, err := client.Do(request)
	if at := remote.Load(); at != nil {
		out.Remote = *at
	}
	if err != nil {
		k.explain(out, q, request.URL, err)
		return out
	}
	defer func() { _ = response.Body.Close() }()
	if response.TLS != nil && len(response.TLS.PeerCertificates) > 0 {
		out.Certificate = response.TLS.PeerCertificates[0]
	}
	if q.Keep > 0 {
		if out.Body, err = io.ReadAll(io.LimitReader(response.Body, q.Keep)); err != nil {
			out.Stage, out.Why = Unanswered, fmt.Sprintf("the answer with status %d broke off", response.StatusCode)
			return out
		}
	}
	out.Stage, out.Status, out.Took = Answered, response.StatusCode, time.Since(began)
	return out
}

// errForbidden says that Permit refused an address.
var errForbidden = errors.New("leads to an address that mayn't be asked")

// dial connects to where a question leads, and notes where that is.
func (k Asker) dial(q Question, remote *atomic.Pointer[netip.Addr]) func(context.Context, string, string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: k.Timeout, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || k.Permit != nil && !k.Permit(at.Addr()) {
			return errForbidden
		}
		return nil
	}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if q.Address != "" {
			address = q.Address
		}
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if at, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
			addr := at.Addr().Unmap()
			remote.Store(&addr)
		}
		return conn, nil
	}
}

// dialled is where a question leads: host:port.
func dialled(q Question, u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	return cmp.Or(q.Address, net.JoinHostPort(u.Hostname(), cmp.Or(port, "80")))
}

// explain says why there was no answer. What the other side sent isn't repeated.
func (k Asker) explain(out *Answer, q Question, u *url.URL, err error) {
	var name *net.DNSError
	var bad *tls.CertificateVerificationError
	address, timeout := dialled(q, u), errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
	switch connected := out.Remote.IsValid(); {
	case !connected && errors.Is(err, errForbidden):
		out.Stage, out.Why = Barred, address+" "+errForbidden.Error()
	case !connected && errors.As(err, &name) && !name.IsTimeout:
		out.Stage, out.Why = Unresolved, name.Name+" doesn't resolve"
	case !connected && timeout:
		out.Why = fmt.Sprintf("no connection with %s within %s", address, k.Timeout)
	case !connected && errors.Is(err, syscall.ECONNREFUSED):
		out.Why = address + " refuses connections"
	case !connected:
		out.Why = "no connection with " + address
	case errors.As(err, &bad):
		out.Stage, out.Why = Untrusted, distrust(u.Hostname(), bad)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, new(tls.RecordHeaderError)):
		out.Stage, out.Why = Untrusted, "what answers there doesn't speak TLS"
	case timeout:
		out.Stage, out.Why = Unanswered, fmt.Sprintf("a connection, but no answer within %s", k.Timeout)
	default:
		out.Stage, out.Why = Unanswered, "a connection, but it broke before an answer"
	}
}

// shownNames bounds the names of a certificate that are told, and each of them.
const shownNames, shownName = 3, 100

// distrust says what is wrong with a certificate.
func distrust(host string, bad *tls.CertificateVerificationError) string {
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(bad, new(x509.HostnameError)) && len(bad.UnverifiedCertificates) > 0:
		names := bad.UnverifiedCertificates[0].DNSNames
		more := ""
		if len(names) > shownNames {
			names, more = names[:shownNames], " and more"
		}
		var shown []string
		for _, n := range names {
			shown = append(shown, n[:min(len(n), shownName)])
		}
		if len(shown) == 0 {
			shown = []string{"no name"}
		}
		return fmt.Sprintf("the certificate is for %s%s, and not for %s", strings.Join(shown, ", "), more, host)
	case errors.As(bad, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or isn't valid yet"
	case errors.As(bad, new(x509.UnknownAuthorityError)):
		return "the certificate is of an authority that isn't trusted here"
	}
	return "the certificate isn't valid"
}
