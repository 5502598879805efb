package reach

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// issue makes a certificate that signs itself.
func issue(t *testing.T, until time.Time, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: until.Add(-time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

// serve answers on this machine: with TLS where there is a certificate.
func serve(t *testing.T, certificate *tls.Certificate, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if certificate != nil {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestWhatComesOfAQuestion(t *testing.T) {
	const host = "gateway.example.com"
	good, roots := issue(t, time.Now().Add(time.Hour), "*.example.com")
	old, oldRoots := issue(t, time.Now().Add(-time.Minute), host)
	other, otherRoots := issue(t, time.Now().Add(time.Hour), "a.example.org", "b.example.org", "c.example.org", "d.example.org")
	ok := func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host {
			w.WriteHeader(http.StatusMisdirectedRequest)
		}
		if r.TLS != nil && r.TLS.ServerName != host {
			w.WriteHeader(http.StatusMisdirectedRequest)
		}
	}
	secure, plain := serve(t, &good, ok), serve(t, nil, ok)
	slow := serve(t, nil, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	away := serve(t, nil, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+plain+"/", http.StatusFound)
	})
	cut := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close()
		}
	})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := closed.Addr().String()
	_ = closed.Close()
	for _, tt := range []struct {
		name, url, address string
		roots              *x509.CertPool
		stage              Stage
		status             int
		why                string
	}{
		{"TLS with the right name", "https://" + host + "/v1/health", secure, roots, Answered, 200, ""},
		{"plain HTTP", "http://" + host + "/v1/health", plain, nil, Answered, 200, ""},
		{"another Host", "http://other.example.com/", plain, nil, Answered, 421, ""},
		{"a redirect isn't followed", "http://" + host, away, nil, Answered, 302, ""},
		{"a certificate for others", "https://" + host, serve(t, &other, ok), otherRoots, Untrusted, 0, "the certificate is for a.example.org, b.example.org, c.example.org and more, and not for " + host},
		{"a wildcard stands for one label", "https://a.b.example.com", secure, roots, Untrusted, 0, "the certificate is for *.example.com, and not for a.b.example.com"},
		{"an old certificate", "https://" + host, serve(t, &old, ok), oldRoots, Untrusted, 0, "the certificate has expired, or isn't valid yet"},
		{"an authority of nobody's", "https://" + host, secure, nil, Untrusted, 0, "the certificate is of an authority that isn't trusted here"},
		{"no TLS there", "https://" + host, plain, roots, Untrusted, 0, "what answers there doesn't speak TLS"},
		{"nobody listens", "http://" + host, refused, nil, Unconnected, 0, refused + " refuses connections"},
		{"a silent one", "http://" + host, slow, nil, Unanswered, 0, "a connection, but no answer within 200ms"},
		{"one that hangs up", "http://" + host, cut, nil, Unanswered, 0, "a connection, but it broke before an answer"},
		{"no such name", "http://" + host, "nobody.invalid:80", nil, Unresolved, 0, "nobody.invalid doesn't resolve"},
		{"no URL", "http://a b", "", nil, Unconnected, 0, `"http://a b" is no URL`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			timeout := 10 * time.Second
			if tt.stage == Unanswered {
				timeout = 200 * time.Millisecond
			}
			a := Asker{Timeout: timeout, Roots: tt.roots}.Ask(t.Context(), Question{URL: tt.url, Address: tt.address})
			if a.Stage != tt.stage || a.Status != tt.status || a.Why != tt.why {
				t.Errorf("%+v", a)
			}
			if len(a.Body) > 0 {
				t.Errorf("a body is read that nobody asked for: %q", a.Body)
			}
			if secured := strings.HasPrefix(tt.url, "https") && tt.stage == Answered; (a.Certificate != nil) != secured {
				t.Errorf("certificate %v", a.Certificate)
			}
		})
	}
}

func TestAQuestionIsBounded(t *testing.T) {
	at := serve(t, nil, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("X-Word"), body)
		for range 1000 {
			_, _ = w.Write(make([]byte, 1000))
		}
	})
	a := Asker{Timeout: 10 * time.Second}.Ask(t.Context(), Question{
		URL: "http://gateway.example.com/", Address: at, Method: http.MethodPost, Header: http.Header{"X-Word": {"word"}}, Body: []byte("asked"), Keep: 15,
	})
	if string(a.Body) != "POST word asked" || a.Status != 200 {
		t.Errorf("%+v", a)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if a := (Asker{Timeout: time.Hour}).Ask(ended, Question{URL: "http://gateway.example.com/", Address: at}); a.Stage == Answered {
		t.Errorf("asked though nobody waits: %+v", a)
	}
	headers := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeader))
	})
	if a := (Asker{Timeout: 10 * time.Second}).Ask(t.Context(), Question{URL: "http://gateway.example.com/", Address: headers}); a.Stage != Unanswered {
		t.Errorf("endless headers are read: %+v", a)
	}
}

func TestOwnAddressesAreNotAsked(t *testing.T) {
	asked := false
	at := serve(t, nil, func(http.ResponseWriter, *http.Request) { asked = true })
	a := Asker{Timeout: 10 * time.Second, Permit: Outside}.Ask(t.Context(), Question{URL: "http://gateway.example.com/", Address: at})
	if a.Stage != Barred || asked || a.Why != at+" leads to an address that mayn't be asked" {
		t.Errorf("%+v", a)
	}
	for address, want := range map[string]bool{
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "169.254.169.254": false, "fe80::1": false, "0.0.0.0": false, "::": false, "224.0.0.1": false,
		"10.0.0.1": true, "203.0.113.7": true, "2001:db8::1": true,
	} {
		if Outside(netip.MustParseAddr(address)) != want {
			t.Errorf("%s: want %t", address, want)
		}
	}
}

func TestOnlyACertificateOrAPublicAddressProves(t *testing.T) {
	for _, tt := range []struct {
		remote      string
		certificate *x509.Certificate
		want        bool
	}{
		{"203.0.113.7", nil, true}, {"10.0.0.1", nil, false}, {"fd00::1", nil, false}, {"127.0.0.1", nil, false}, {"10.0.0.1", &x509.Certificate{}, true}, {"", nil, false},
	} {
		a := &Answer{Certificate: tt.certificate}
		if tt.remote != "" {
			a.Remote = netip.MustParseAddr(tt.remote)
		}
		if a.Proved() != tt.want {
			t.Errorf("%s: want %t", tt.remote, tt.want)
		}
	}
}
