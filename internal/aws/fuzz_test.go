package aws

import (
	"net/url"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
)

// FuzzRedacted: whatever AWS answers, and however it quotes a secret, the secret isn't told.
func FuzzRedacted(f *testing.F) {
	f.Add("0123456789abcdef", "Invalid value ", " for AuthToken")
	f.Add(`pass"word&<12>`, `{"AuthToken":"`, `"}`)
	f.Add(`{"REDIS_PASSWORD":"0123456789abcdef"}`, "", "")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		// Those are what stands for it, and what is so short that it is told by chance.
		if len(secret) < 8 || strings.ContainsAny(secret, "[]") {
			t.Skip()
		}
		hide := replacing(valuesIn(secret))
		for _, form := range []string{secret, url.QueryEscape(secret), quoted(secret)} {
			if got := hide.Replace(before + form + after); strings.Contains(got, secret) {
				t.Errorf("%q is told of %q", got, secret)
			}
		}
	})
}

// FuzzMessage: what is read of an error's words stands in them, and nothing is added to them.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		"", "User: arn:aws:iam::123456789012:user/x is not authorized to perform: ecs:CreateCluster on resource: *", "read tcp 10.0.0.1:4711->1.2.3.4:443: reset",
		"Bad (Request ID: 01234567-89ab; Proxy: null)", "no. Encoded authorization failure message: abc", "not authorized to perform iam:PassRole",
	} {
		f.Add("AccessDenied", s)
	}
	f.Fuzz(func(t *testing.T, code, message string) {
		if action := missingAction(code, message); action != "" && action != "iam:CreateServiceLinkedRole" && !strings.Contains(message, action) {
			t.Errorf("of %q the action %q is missing", message, action)
		}
		if got := stable(message); len(got) > len(message) {
			t.Errorf("%q is told as %q", message, got)
		}
	})
}

// FuzzQueue: whatever is given for a queue's URL, it is refused or has a region.
func FuzzQueue(f *testing.F) {
	for _, s := range []string{"", "https://sqs.us-east-1.amazonaws.com/123456789012/name", "http://127.0.0.1:4566/1/q", "sqs", "https://sqs..x.y/a/b", "://", "https://[::1]/a/b"} {
		f.Add(s)
	}
	factory := NewFactory(sdk.Config{}, time.Now)
	f.Fuzz(func(t *testing.T, queue string) {
		if c, err := factory.Queue(queue); (c == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", queue, c, err)
		}
	})
}

// FuzzOwnedName: whatever Route 53 answers for a name, it is an owner's record of just the name that it was made for.
func FuzzOwnedName(f *testing.F) {
	for _, s := range []string{".", "gw.example.com.", `\052.example.com.`, `\05`, `\999.example.com`, "_portkey-owner.gw.example.com.", "GW.Example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if of, ok := OwnedName(OwnerName(name)); name != "" && (!ok || of != plainName(name)) {
			t.Errorf("the owners of %q are those of %q", name, of)
		}
	})
}
