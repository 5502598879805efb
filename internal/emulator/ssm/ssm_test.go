package ssm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ssm"
)

const base = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"

func TestRecommendedImage(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot("123456789012"))
	srv := core.NewServer(w)
	s := ssm.New(w, func(region, architecture string, release int) (id, name string) {
		return fmt.Sprintf("ami-%s-%s-%d", region, architecture, release), fmt.Sprintf("al2023-ami-ecs-hvm-2023.0.2026010%d-kernel-6.1-%s", release, architecture)
	})
	srv.Register(s.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	c := awsssm.New(awsssm.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST000000000000", "secret", "")})
	get := func(name string) (*types.Parameter, error) {
		out, err := c.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: &name})
		if err != nil {
			return nil, err
		}
		return out.Parameter, nil
	}
	for arch, path := range map[string]string{"arm64": "arm64/recommended", "x86_64": "recommended"} {
		p, err := get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(*p.Value), &v); err != nil {
			t.Fatal(err)
		}
		if v["image_id"] != "ami-eu-west-1-"+arch+"-1" || v["image_version"] != "2023.0.20260101" || p.Version != 1 || *p.ARN != "arn:aws:ssm:eu-west-1::parameter"+base+path {
			t.Errorf("%+v %s", p, *p.Value)
		}
		id, err := get(base + path + "/image_id")
		if err != nil || *id.Value != v["image_id"] {
			t.Error(id, err)
		}
	}
	w.Lock()
	s.ReleaseAMI()
	w.Unlock()
	p, err := get(base + "recommended/image_id")
	if err != nil || *p.Value != "ami-eu-west-1-x86_64-2" || p.Version != 2 {
		t.Error(p, err)
	}
	for _, name := range []string{"/other", base + "gpu/recommended", base + "recommended/nothing"} {
		var missing *types.ParameterNotFound
		if _, err := get(name); !errors.As(err, &missing) {
			t.Error(name, err)
		}
	}
	var missing *types.ParameterVersionNotFound
	if _, err := get(base + "recommended:1"); !errors.As(err, &missing) {
		t.Error(err)
	}
	many, err := c.GetParameters(t.Context(), &awsssm.GetParametersInput{Names: []string{base + "recommended", "/other"}})
	if err != nil || len(many.Parameters) != 1 || len(many.InvalidParameters) != 1 {
		t.Error(many, err)
	}
	if _, err := c.PutParameter(t.Context(), &awsssm.PutParameterInput{Name: aws.String("/x"), Value: aws.String("y")}); err == nil {
		t.Error("PutParameter is accepted")
	}
}
