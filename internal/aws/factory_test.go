package aws

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// rotating are credentials that change under the operator, as those of Pod Identity do.
type rotating struct {
	key string
	err error
}

func (r *rotating) Retrieve(context.Context) (sdk.Credentials, error) {
	return sdk.Credentials{AccessKeyID: r.key, SecretAccessKey: "s"}, r.err
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// identity answers GetCallerIdentity with the account that the access key stands for.
func identity(accounts map[string]string, calls *int) doer {
	return func(r *http.Request) (*http.Response, error) {
		*calls++
		for key, account := range accounts {
			if strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") {
				return answer(http.StatusOK, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-us-gov:sts::`+account+`:assumed-role/x/y</Arn><Account>`+account+`</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`), nil
			}
		}
		return nil, errors.New("unsigned")
	}
}

func TestIdentityIsAskedForOnceAnHourAndForNewCredentials(t *testing.T) {
	c, creds, calls := newClock(), &rotating{key: "AKIAONE"}, 0
	f := NewFactory(sdk.Config{Credentials: creds, HTTPClient: identity(map[string]string{"AKIAONE": "111111111111", "AKIATWO": "222222222222"}, &calls)}, c.now)
	for _, tt := range []struct {
		after   time.Duration
		key     string
		account string
		calls   int
		why     string
	}{
		{0, "AKIAONE", "111111111111", 1, "the first time"},
		{59 * time.Minute, "AKIAONE", "111111111111", 1, "believed for an hour"},
		{time.Minute, "AKIAONE", "111111111111", 2, "and no longer"},
		{0, "AKIATWO", "222222222222", 3, "other credentials may lead to another account"},
	} {
		c.pass(tt.after)
		creds.key = tt.key
		w, err := f.World(t.Context(), "us-gov-west-1")
		if err != nil || w.Account != tt.account || w.Partition != "aws-us-gov" || calls != tt.calls {
			t.Fatalf("%+v, %v after %d calls; want account %s after %d: %s", w, err, calls, tt.account, tt.calls, tt.why)
		}
	}
}

func TestMissingCredentials(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want bool
		why  string
	}{
		{"nothing at all", map[string]string{"AWS_EC2_METADATA_DISABLED": "true"}, true, "nobody gave any"},
		{"off EC2", map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"}, true, "metadata is the last resort, and isn't there"},
		{"static", map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}, false, "what fails then is the call"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for k, v := range map[string]string{"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"} {
				t.Setenv(k, v)
			}
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			cfg, err := Load(t.Context())
			if err != nil {
				t.Fatalf("missing credentials keep the manager from starting: %v", err)
			}
			cfg.Retryer = func() sdk.Retryer { return sdk.NopRetryer{} }
			_, err = NewFactory(cfg, time.Now).World(t.Context(), "us-east-1")
			if err == nil || NoCredentials(err) != tt.want {
				t.Fatalf("%v: missing %v, want %v: %s", err, NoCredentials(err), tt.want, tt.why)
			}
		})
	}
}

func TestTheRateOfAGlobalServiceIsSharedByRegions(t *testing.T) {
	ok := doer(func(*http.Request) (*http.Response, error) {
		return answer(http.StatusOK, `<GetRoleResponse><GetRoleResult><Role><RoleName>r</RoleName><Arn>arn:aws:iam::123456789012:role/r</Arn></Role></GetRoleResult></GetRoleResponse>`), nil
	})
	f := NewFactory(sdk.Config{Credentials: credentials.NewStaticCredentialsProvider("AKIA", "s", ""), HTTPClient: ok}, newClock().now)
	calls := func(region string) (n int) {
		for ; n < 1000; n++ {
			if _, err := f.region(region).clients.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: sdk.String("r")}); err != nil {
				if Classify(err).Class != graph.Throttled {
					t.Fatal(err)
				}
				return n
			}
		}
		return n
	}
	if a, b := calls("us-east-1"), calls("eu-west-1"); a != 40 || b != 0 {
		t.Fatalf("%d calls in one region and %d in another: IAM has one rate for an account", a, b)
	}
}

// TestHeldBackCallsReachNobodyAndAreNotRetried: the limiter doesn't wait, and neither does the SDK on
// its behalf.
func TestHeldBackCallsReachNobodyAndAreNotRetried(t *testing.T) {
	sent := 0
	f := NewFactory(sdk.Config{
		Credentials: credentials.NewStaticCredentialsProvider("AKIA", "s", ""),
		HTTPClient: doer(func(*http.Request) (*http.Response, error) {
			sent++
			return answer(http.StatusBadRequest, `<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`), nil
		}),
		Retryer: func() sdk.Retryer { return retry.AddWithMaxBackoffDelay(newRetryer(), time.Nanosecond) },
	}, newClock().now)
	get := func() error {
		_, err := f.region("us-east-1").clients.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: sdk.String("r")})
		return err
	}
	var limited *LimitedError
	for range 100 {
		if err := get(); errors.As(err, &limited) {
			break
		}
	}
	if limited == nil || sent != 40 {
		t.Fatalf("%d attempts reached AWS, want the bucket's 40: retries count", sent)
	}
	before := sent
	_ = get()
	if sent != before {
		t.Fatal("a call that was held back reached AWS")
	}
}
